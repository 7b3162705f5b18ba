"""How SIGINT and SIGTERM end a command: in order, and with one line."""

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

EXIT_CODE = 130
ONCE = 5.0  # seconds in which further signals are passed over, as the first is being acted on

_last = float("-inf")


class Interrupted(KeyboardInterrupt):
    """Raised in place of KeyboardInterrupt; the message says what was done and what was not."""


@contextlib.contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """Let SIGINT and SIGTERM raise KeyboardInterrupt: kernels are ended, the record is written.

    After one that ended the block they are ignored, as the process is ending.
    """
    outermost = signal.getsignal(signal.SIGTERM) is not _interrupt
    if threading.current_thread() is not threading.main_thread() or not outermost:
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    handlers = [signal.signal(number, _interrupt) for number in numbers]
    begun = time.monotonic()
    try:
        yield
    finally:
        exec(
            ""
        )  # CPython dies by SIGINT at its end if one met an `exec` of text, as dataclasses do
        for number, handler in zip(numbers, handlers, strict=True):
            signal.signal(number, signal.SIG_IGN if _last > begun else handler)


def _interrupt(*_: Any) -> None:
    global _last
    before, _last = _last, time.monotonic()
    if _last - before > ONCE:
        raise KeyboardInterrupt
