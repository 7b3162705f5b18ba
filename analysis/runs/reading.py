"""Read a report's article in the runner, within the report's limits of time and memory."""

import threading
from concurrent.futures import Future

from analysis.errors import AnalysisError, ReportError, one_line
from analysis.params import PairParams, ReportParams
from analysis.readers import read_sides
from analysis.runs.execution import Running
from analysis.types import Article


def read_within(params: ReportParams, running: Running) -> tuple[Article, ...]:
    """Read the article of a report, or the two that are compared; see `read_sides`.

    It is read in a process of its own where kernels are forked, else in a thread, which has no
    limit of memory and is left behind where it takes too long.

    Raises:
        InputError: a file cannot be read.
        ReportError: reading took too long or too much memory, or failed in another way.
    """
    server = running.server
    forked = server is not None and server.usable
    try:
        if forked:
            return server.ask(f"{__name__}:readings", params, seconds=running.seconds)
        return _in_thread(params, running.seconds)
    except AnalysisError:
        raise
    except TimeoutError:
        fault = f"reading did not end; expected an end within {running.seconds:g} seconds, allow "
        fault += "more with --timeout"
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


def _in_thread(params: ReportParams, seconds: float) -> tuple[Article, ...]:
    read: Future[tuple[Article, ...]] = Future()

    def run() -> None:
        try:
            read.set_result(readings(params))
        except BaseException as error:  # for the caller, whatever it is
            read.set_exception(error)

    threading.Thread(target=run, name="reading", daemon=True).start()
    return read.result(seconds or None)
