"""The progress of a run: a bar on a terminal, a line for each article in a log."""

import contextlib
import logging
import sys
import time
from typing import TextIO

from analysis.errors import one_line


class Progress:
    """Shows a run's progress on standard error; a context manager, as a bar must be closed.

    Args:
        total: reports to be made.
        shown: whether anything but messages is written.
        stream: where to.
    """

    def __init__(self, total: int, *, shown: bool = True, stream: TextIO | None = None) -> None:
        """Begin to count."""
        self._stream = stream or sys.stderr
        self._total, self._done, self._worked, self._shown = total, 0, 0, shown
        self._begun = time.monotonic()
        self._bar = None
        self._open = contextlib.ExitStack()
        if shown and self._stream.isatty():
            from tqdm import tqdm
            from tqdm.contrib.logging import logging_redirect_tqdm

            self._open.enter_context(logging_redirect_tqdm([logging.getLogger("analysis")]))
            self._bar = tqdm(
                total=total, unit="report", file=self._stream, dynamic_ncols=True, disable=False
            )

    def __enter__(self) -> "Progress":
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the last state of the bar on the terminal."""
        self._open.close()
        if self._bar is not None:
            self._bar.close()

    def reading(self) -> None:
        """Show on a terminal that articles are read and compared; a log has no line of it."""
        if self._bar is not None:
            self._bar.set_description_str("reading")

    def phase(self, name: str, done: int = 0, total: int = 0) -> None:
        """Show what is being done before reports are made, and how far it is."""
        if self._bar is not None:
            self._bar.set_description_str(f"{name} {done}/{total}" if total else name)
        elif self._shown:
            self._line(f"{name}: {done} of {total}" if total else name)

    def finished(self, article: str, state: str, seconds: float, failed: int) -> None:
        """Show that an article is done, its state, and how long the rest will take."""
        self._done += 1
        self._worked += state != "up to date"  # those take no time
        if self._bar is not None:
            self._bar.set_description_str("making")
            self._bar.set_postfix_str(f"{failed} failed" if failed else "", refresh=False)
            self._bar.update()
        elif self._shown:
            width = len(str(self._total))
            line = f"[{self._done:{width}}/{self._total}] {state} {one_line(article)}"
            if self._worked:
                spent = time.monotonic() - self._begun
                left = spent / self._worked * (self._total - self._done)
                line += f" ({seconds:.1f} s; {duration(left)} left)"
            self._line(line)

    def say(self, message: object) -> None:
        """Write a message of its own line, above the bar where there is one."""
        if self._bar is not None:
            self._bar.write(f"counterpoint: {one_line(message)}", file=self._stream)
        else:
            self._line(f"counterpoint: {one_line(message)}")

    def out(self, result: object) -> None:
        """Write a result to standard output, past the bar where there is one."""
        if self._bar is not None:
            self._bar.write(str(result), file=sys.stdout)
        else:
            print(result, flush=True)

    def _line(self, text: str) -> None:
        print(text, file=self._stream, flush=True)


def duration(seconds: float) -> str:
    """Return seconds in words: `40 s`, `12 min`, `3 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"
