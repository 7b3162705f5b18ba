"""What a run allows language models: another machine, and how many requests.

Both are environment variables, so that notebooks' kernels and workers inherit them. They are
checked before each request.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

ALLOW_REMOTE = "COUNTERPOINT_LLM_ALLOW_REMOTE"
MAX_REQUESTS, BUDGET = "COUNTERPOINT_LLM_MAX_REQUESTS", "COUNTERPOINT_LLM_BUDGET"


@contextlib.contextmanager
def run_settings() -> Iterator[None]:
    """Take back on exit what `allow` sets, and remove the file in which requests are counted."""
    names = (ALLOW_REMOTE, MAX_REQUESTS, BUDGET)
    before = {name: os.environ.get(name) for name in names}
    try:
        yield
    finally:
        made = os.environ.get(BUDGET)
        if made and made != before[BUDGET]:
            Path(made).unlink(missing_ok=True)
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def allow(*, remote: bool, most: int) -> None:
    """Give consent to another machine, and bound a run's requests, for this process and its own.

    Args:
        remote: whether texts may be sent to another machine; consent given before stays.
        most: requests that the run may make in all its processes; 0: as given before.
    """
    if remote:
        os.environ[ALLOW_REMOTE] = "1"
    if most:
        handle, path = tempfile.mkstemp(prefix="counterpoint-requests-")
        os.close(handle)
        os.environ[MAX_REQUESTS], os.environ[BUDGET] = str(most), path
