"""Files and folders replaced in one step: a killed process leaves the old or the new one."""

import contextlib
import ctypes
import errno
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

UNFINISHED = ".making-"  # how the names of unfinished files and folders begin
_RENAME_EXCHANGE = 2  # linux/fs.h
_AT_FDCWD = -100
_UNSUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EXDEV)


@contextlib.contextmanager
def atomic_writer(path: Path) -> Iterator[BinaryIO]:
    """Open a new file beside `path`, which it replaces once it is complete and on the disk.

    Raises:
        OSError: it cannot be written; the file that was there is still there.
    """
    unfinished = path.with_name(f"{UNFINISHED}{uuid4().hex}")
    try:
        with open(unfinished, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file, a text as UTF-8, in one step; see `atomic_writer`.

    Raises:
        OSError: it cannot be written; the file that was there is still there.
    """
    with atomic_writer(path) as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)


def replace_folder(new: Path, final: Path, old: Path) -> None:
    """Move `new` to `final`, and what was there to `old`; all three on one file system.

    Where the system can exchange two names (Linux), `final` always exists. Elsewhere a kill
    may leave it missing.

    Raises:
        OSError: it cannot be moved; what was there is still there.
    """
    if not os.path.lexists(final):
        os.replace(new, final)
    elif _exchange(new, final):
        os.replace(new, old)
    else:
        os.replace(final, old)
        try:
            os.replace(new, final)
        except OSError:
            os.replace(old, final)
            raise


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names; return false where the system cannot."""
    renameat2 = _renameat2()
    if renameat2 is None:
        return False
    names = (os.fsencode(one), os.fsencode(other))
    if renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), str(other))


@lru_cache(maxsize=1)
def _renameat2():
    try:
        return ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return None
