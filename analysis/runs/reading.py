"""Read articles in the runner, within the limits of time and memory of a report."""

import contextlib
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from analysis.errors import AnalysisError, ReportError, one_line
from analysis.params import PairParams, ReportParams
from analysis.paths import resolve
from analysis.readers import read_all, read_options, read_sides
from analysis.readers.kept_tables import VARIABLE, keep, kept_ids
from analysis.readers.limits import in_time
from analysis.runs.execution import Running
from analysis.runs.fork_server import ask_alone, private_folder
from analysis.types import Article

Value = TypeVar("Value")


def read_within(params: ReportParams, running: Running) -> tuple[Article, ...]:
    """Read the article of a report, or the two that are compared; see `read_sides`.

    It is read in a process of its own where kernels are forked, else in a thread, which has no
    limit of memory and is left behind where it takes too long.

    Raises:
        InputError: a file cannot be read.
        ReportError: reading took too long or too much memory, or failed in another way.
    """
    server = running.server
    if server is not None and server.usable:
        return _within(params, running.seconds, server.ask, f"{__name__}:readings")
    return _within(params, running.seconds, _in_thread, readings)


def table_ids(path: str, params: ReportParams, *, seconds: float, memory: int) -> list[str]:
    """Read a table once for all reports of its articles, and return the articles' ids.

    It is read in a process of its own on Linux, else in a thread, which has no limit of memory.
    Where it cannot be read, there are no ids, and its report fails with the reason.

    Args:
        path: the table.
        params: how it is read.
        seconds: that it may take; 0: no limit.
        memory: bytes that the process may take beyond what it starts with; 0: no limit.
    """
    table, options = resolve(path), read_options(params)
    with contextlib.suppress(OSError):  # where nothing can be kept, each report reads the table
        folder = Path(private_folder()) / "tables"
        folder.mkdir(exist_ok=True)
        os.environ[VARIABLE] = str(folder)
    try:
        known = kept_ids(table, options)
        if known is not None:
            return known
        given = params.model_copy(update={"article": path, "article_id": ""})
        if sys.platform == "linux":
            asked = partial(ask_alone, memory=memory), f"{__name__}:_kept_whole"
        else:
            asked = _in_thread, _kept_whole
        return _within(given, seconds, *asked)
    except AnalysisError as error:
        with contextlib.suppress(OSError, ValueError):
            keep(table, options, error)
        return []


def _kept_whole(params: ReportParams) -> list[str]:
    """Read all articles of a table, keep them, and return their ids."""
    options = read_options(params)
    found = read_all(params.article, options)
    with contextlib.suppress(OSError):
        keep(resolve(params.article), options, found)
    return [annotated.article.article_id for annotated in found]


def _within(
    params: ReportParams, seconds: float, ask: Callable[..., Value], function: str | Callable
) -> Value:
    """Return what `ask` returns of a function and the parameters; any failure is one line."""
    try:
        return ask(function, params, seconds=seconds)
    except AnalysisError:
        raise
    except TimeoutError:
        fault = f"reading did not end; expected an end within {seconds:g} seconds, allow more with "
        fault += "--timeout"
    except (EOFError, MemoryError):
        fault = "reading was killed or ran out of memory, try a shorter article or more --memory"
    except Exception as error:  # whatever a library raises
        fault = f"reading failed with {type(error).__name__}: {one_line(error)[:200]}; that is a "
        fault += "defect, please report it"
    raise ReportError(f"{params.article}: {fault}")


def readings(params: ReportParams) -> tuple[Article, ...]:
    """Read without the language, which the kernel identifies: that takes half a second to load.

    Raises:
        InputError: a file cannot be read, or two texts are no two versions of one article.
    """
    articles = read_sides(params, identify_language=False)
    if isinstance(params, PairParams) and not params.same_event:
        from analysis.versions.compare import paired_paragraphs

        paired_paragraphs(*articles)
    return articles


def _in_thread(
    function: Callable[[ReportParams], Value], params: ReportParams, *, seconds: float
) -> Value:
    return in_time(partial(function, params), seconds)
