"""A notebook run by papermill with its parameters; its failures as one line."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis import errors
from analysis.atomic import UNFINISHED, write_atomically
from analysis.errors import AnalysisError, ReportError, one_line
from analysis.runs.fork_server import KERNEL_ENVIRONMENT, ForkServer
from analysis.runs.redaction import Secrets, shows

if TYPE_CHECKING:  # its schemas take long to import, which a run that makes nothing can spare
    from nbformat import NotebookNode

START_TIMEOUT = 300  # seconds that a kernel may take to start on a busy machine

# The caller's folder may hold an `analysis` of its own, which must not stand in for ours;
# kernels that run at the same time do not write one history.
KERNEL_ARGUMENTS = [
    "--IPKernelApp.ignore_cwd=True",
    "--IPKernelApp.log_level=CRITICAL",
    "--HistoryManager.enabled=False",
]


@dataclass(frozen=True)
class Running:
    """How notebooks are run and published.

    Attributes:
        server: what kernels are forked from; none: each is started cold.
        seconds: that a notebook may take in all; 0: no limit.
        secrets: values that no output may show, by the variable's name.
        keep_failed: whether a notebook that failed is kept beside the page's place.
        making: how the names of unfinished folders begin.
        links: pages in the page's folder that it links to: what each is, by its file name.
    """

    server: ForkServer | None = None
    seconds: float = 0
    secrets: Secrets = field(default_factory=dict, repr=False)
    keep_failed: bool = False
    making: str = UNFINISHED
    links: Mapping[str, str] = field(default_factory=dict)


DEFAULT = Running()


def execute(
    notebook: Path,
    given: dict[str, Any],
    running: Running = DEFAULT,
    ran: list[NotebookNode] | None = None,
) -> NotebookNode:
    """Run a notebook with the given parameters and return it with its outputs.

    Args:
        notebook: a file.
        given: its parameters.
        running: how it is run.
        ran: gets the notebook before it runs, and so holds what was run if it fails.

    Raises:
        AnalysisError: what one of our functions raised in the notebook.
        ReportError: the kernel is missing, died, took too long, or a cell failed in another
            way.
    """
    import nbformat
    from papermill import execute_notebook  # slow to import, and `score` needs none of it
    from papermill.exceptions import PapermillExecutionError

    from analysis.runs.kernels import ENGINE

    ran = [] if ran is None else ran
    try:
        return execute_notebook(
            nbformat.read(notebook, as_version=4),
            None,
            parameters=given,
            engine_name=ENGINE,
            kernel_name="python3",  # always: the notebook may name one that is not here
            progress_bar=False,
            start_timeout=START_TIMEOUT,
            extra_arguments=KERNEL_ARGUMENTS,
            environment=KERNEL_ENVIRONMENT,
            server=running.server,
            seconds=running.seconds,
            kept=ran,
        )
    except PapermillExecutionError as error:
        raise _error_of_cell(notebook, error) from None
    except AnalysisError:
        raise
    except Exception as error:  # nbclient, jupyter_client and zmq share no base
        raise ReportError(_fault(notebook, error, ran, running)) from None


_EXPECTED = {
    "CellTimeoutError": "expected an end within {seconds:g} seconds, allow more with --timeout",
    "DeadKernelError": "it was killed or ran out of memory, try a shorter article or more --memory",
}


def _fault(notebook: Path, error: Exception, ran: list, running: Running) -> str:
    """Return what ended a run, other than an exception of a cell, and in which cell."""
    kind = type(error).__name__
    expected = _EXPECTED.get(
        kind,
        "expected the kernel python3 of this environment and enough memory, try "
        "`jupyter kernelspec list` and a shorter article",
    )
    started = [
        cell
        for cell in (ran[0].cells if ran else [])
        if cell.cell_type == "code" and cell.metadata.get("papermill", {}).get("start_time")
    ]
    at = f"cell {len(started)}: " if started else ""
    return (
        f"{notebook.name}: {at}the notebook could not be executed ({kind}: "
        f"{one_line(error)[:200]}); {expected.format(seconds=running.seconds)}"
    )


def _error_of_cell(notebook: Path, error) -> AnalysisError:
    """Return an exception of a cell in one line: our own as it was, others with their cell."""
    kind = getattr(errors, error.ename, None)
    if isinstance(kind, type) and issubclass(kind, AnalysisError):
        return kind(one_line(error.evalue))
    hint = "that is a defect, please report it"
    if error.ename == "MemoryError":
        hint = "expected it to fit, try a shorter article or more --memory"
    elif error.ename == "OSError" and "[Errno 28]" in error.evalue:
        hint = "the disk is full, make room and run it again"
    return ReportError(
        f"{notebook.name}: cell {error.exec_count} failed with {error.ename}: "
        f"{one_line(error.evalue)}; {hint}"
    )


def execute_for(
    final: Path, notebook: Path, given: dict[str, Any], running: Running
) -> NotebookNode:
    """Run a notebook as `execute` does; a failed one is kept beside `final` if so wanted."""
    ran: list[NotebookNode] = []
    try:
        return execute(notebook, given, running, ran)
    except AnalysisError as error:
        interrupted = running.server is not None and running.server.closed
        if running.keep_failed and ran and not interrupted:
            _keep(ran[0], final, error, running.secrets)
        raise


def failed_notebook(final: Path) -> Path:
    """Return where the notebook of a failed report is kept, beside the page's place."""
    return final.with_name(f"{final.name}.failed.ipynb")


def _keep(ran: NotebookNode, final: Path, error: AnalysisError, secrets: Secrets) -> None:
    """Write a failed notebook with its cause on top, unless it shows a secret or has no room."""
    import nbformat

    cause = nbformat.v4.new_raw_cell(f"This run failed: {one_line(error)}")
    ran.cells.insert(0, cause)
    ran.metadata["counterpoint"] = {"failed": one_line(error)}
    text = nbformat.writes(ran)
    if not shows(text, secrets):
        with contextlib.suppress(OSError):  # the failure itself is reported in any case
            write_atomically(failed_notebook(final), text)
