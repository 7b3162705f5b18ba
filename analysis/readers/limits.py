"""The limits above which a file is refused, each a field with a safe default, and one of time."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of what is read, so that no file can fill the memory or run for hours.

    Sizes are bytes, the rest are counts. `links` lets a symbolic link lead out of its
    folder; `ratio` is how many bytes a packed one may become, once past a megabyte.
    """

    text_bytes: int = 1_000_000  # of plain text and Markdown
    page_bytes: int = 10_000_000  # of a web page
    file_bytes: int = 50_000_000  # of any other format
    unpacked_bytes: int = 100_000_000
    ratio: int = 200
    members: int = 2_000  # files in a .docx or .xlsx
    elements: int = 100_000  # of a web page
    annotations: int = 20_000  # comments, replies and highlights of one article
    rows: int = 200_000  # of a table
    cells: int = 4_000_000
    pages: int = 2_000
    characters: int = 2_000_000  # of an article with its commentary
    fuzzy_work: int = 20_000_000_000  # characters of quotations times characters searched
    download_bytes: int = 10_000_000  # of a page that is got from an address
    download_seconds: int = 60  # for all of it, redirects included
    links: bool = False


DEFAULT_LIMITS = Limits()


def in_time(function: Callable[[], Value], seconds: float) -> Value:
    """Return what a function returns, or raise what it raises, whatever its time is spent on.

    It runs in a thread, which is left behind where it takes too long.

    Args:
        function: takes no arguments.
        seconds: that it may take; 0: no limit.

    Raises:
        TimeoutError: it took longer.
    """
    result: Future[Value] = Future()

    def run() -> None:
        try:
            result.set_result(function())
        except BaseException as error:  # for the caller, whatever it is
            result.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return result.result(seconds or None)
