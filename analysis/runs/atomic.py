"""Folders that change places in one step, so that a kill finds one whole or the other."""

import ctypes
import errno
import os
from functools import lru_cache
from pathlib import Path

EXCHANGE = 2  # RENAME_EXCHANGE, linux/fs.h
HERE = -100  # AT_FDCWD
CANNOT = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EXDEV)


def put(new: Path, final: Path, aside: Path) -> None:
    """Put a folder in the place of another, which goes to `aside`; all on one file system.

    Where the system can exchange two names (Linux) nothing is between the two. Elsewhere
    a kill may leave the place empty, and a failure puts the old folder back.

    Raises:
        OSError: it cannot; what was there is there still.
    """
    if not os.path.lexists(final):
        os.replace(new, final)
    elif _exchange(new, final):
        os.replace(new, aside)
    else:
        os.replace(final, aside)
        try:
            os.replace(new, final)
        except OSError:
            os.replace(aside, final)
            raise


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names; false where the system has no such thing."""
    rename = _renameat2()
    if rename is None:
        return False
    if rename(HERE, os.fsencode(one), HERE, os.fsencode(other), EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in CANNOT:
        return False
    raise OSError(code, os.strerror(code), str(other))


@lru_cache(maxsize=1)
def _renameat2():
    try:
        return ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return None
