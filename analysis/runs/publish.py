"""A notebook run by papermill and exported as one HTML file: an article's report, an evaluation."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis import errors
from analysis.atomic import UNFINISHED, replace_folder, write_atomically
from analysis.errors import AnalysisError, InputError, ReportError, one_line
from analysis.html import page
from analysis.html.display import name
from analysis.params import ReportParams
from analysis.paths import NOTEBOOKS, TEMPLATES
from analysis.readers import read, read_options
from analysis.readers.text import slug
from analysis.report.provenance import MANIFEST, SUMMARY, shown_path
from analysis.runs.fork_server import KERNEL_ENVIRONMENT, ForkServer
from analysis.runs.index import PAGE
from analysis.runs.redaction import Secrets, refuse_in_outputs, shows

if TYPE_CHECKING:  # its schemas take long to import, which a run that makes nothing can spare
    from nbformat import NotebookNode

NOTEBOOK = NOTEBOOKS / "article-report.ipynb"
LEFT_BEHIND = 3600  # seconds
EVALUATION = NOTEBOOKS / "model-evaluation.ipynb"
FAILED = ".failed.ipynb"
START = 300  # seconds that a kernel may take to start, on a machine that is busy all night

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
        server: what kernels are forked from; none: each is started.
        seconds: that a notebook may take in all; 0: no bound.
        secrets: values that no output may show, by the variable's name.
        keep_failed: whether a notebook that failed is kept beside the page's place.
        making: how the names of unfinished folders begin.
    """

    server: ForkServer | None = None
    seconds: float = 0
    secrets: Secrets = field(default_factory=dict, repr=False)
    keep_failed: bool = False
    making: str = UNFINISHED


ALONE = Running()


def report(
    params: ReportParams,
    out: str | Path,
    *,
    notebook: Path = NOTEBOOK,
    stem: str = "",
    running: Running = ALONE,
    manifest: Mapping[str, Any] | None = None,
) -> Path:
    """Make one article's report.

    Writes `<article_id>.html`, and beside it a folder `<article_id>` with the tables, the
    figures and the executed notebook. Everything is made aside and moved into place at the
    end, so that a report is there whole or not at all.

    Args:
        params: checked parameters; their `tables` are ignored.
        out: the folder, made where missing.
        notebook: another one than ours, with the same parameters.
        stem: another name for the page and folder than the article's id.
        running: how the notebook is run.
        manifest: see `publish`.

    Returns:
        The HTML file.

    Raises:
        AnalysisError: the input, a parameter or the scorer cannot be used.
        ReportError: the notebook could not be executed or the report not be written.
    """
    # the kernel identifies the language, which takes half a second to get ready for
    article = read(params.article, read_options(params), identify_language=False)
    stem = stem or article.article_id
    if f"{stem}.html".casefold() == PAGE:
        raise InputError(
            f"{params.article}: its report would stand where the index page does; expected a file "
            "of another name, rename it"
        )
    given = params.model_dump(mode="json")
    title = f"{name(article.title, 200)} – article and commentary"
    if manifest is not None:  # what the file says of itself, for a report on many
        manifest = dict(manifest) | {"title": article.title, "said": dict(article.about)}
    return publish(
        notebook, given, Path(out) / stem, title=title, code=page.script("report"),
        running=running, manifest=manifest,
    )  # fmt: skip


def evaluation(scorer: str, data: Sequence[str], out: str | Path, *, seed: int = 0) -> Path:
    """Make the page that says how far to trust a scorer; returns the HTML file.

    Args:
        scorer: its name.
        data: labelled rows, each `TASK:FILE`; none given: our own short examples.
        out: the folder, made where missing.
        seed: of the swap audit's intervals.

    Raises:
        AnalysisError: the rows or the scorer cannot be used.
        ReportError: the notebook could not be executed or the page not be written.
    """
    given = {"scorer": scorer, "data": list(data), "seed": seed}
    final = Path(out) / f"evaluation-{slug(scorer)}"
    return publish(EVALUATION, given, final, title=f"How far to trust the {name(scorer)} scorer")


def publish(
    notebook: Path,
    given: dict[str, Any],
    final: Path,
    *,
    title: str,
    code: str = "",
    running: Running = ALONE,
    manifest: Mapping[str, Any] | None = None,
) -> Path:
    """Run a notebook, and put its page and the folder of its tables in place.

    Args:
        notebook: one with a parameter `tables`, a folder that it writes to.
        given: its other parameters.
        final: where that folder will lie; the page is beside it, with `.html`.
        title: the page's.
        code: a script of ours that the page carries.
        running: how the notebook is run.
        manifest: what is kept in the folder as `manifest.json`, with the names of its
            files and the page's hash; none: no such file.

    Raises:
        AnalysisError: what one of our functions raised in the notebook.
        ReportError: the notebook could not be executed or the page not be written, or
            what it made shows a secret.
    """
    import nbformat

    html = final.with_name(f"{final.name}.html")
    if html.is_dir():
        raise ReportError(f"{html}: found a folder; expected the place of a page, move it away")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        _sweep(final.parent)
        with tempfile.TemporaryDirectory(
            prefix=running.making, dir=final.parent, ignore_cleanup_errors=True
        ) as aside:
            folder, made = Path(aside) / "tables", Path(aside) / "page.html"
            folder.mkdir()
            done = _executed(notebook, given | {"tables": str(folder)}, final, running)
            _rename(done, notebook, shown_path(str(final)))
            nbformat.write(done, folder / notebook.name)
            written = export(done, title, description=_description(folder), code=code)
            made.write_text(written, encoding="utf-8")
            refuse_in_outputs(folder, [made], running.secrets)
            if manifest is not None:
                write_manifest(folder, made, manifest)
            _put(folder, made, final, html)
            failed_notebook(final).unlink(missing_ok=True)
            return html
    except OSError as error:
        raise ReportError(_unwritten(error, final.parent)) from None


def _put(folder: Path, made: Path, final: Path, html: Path) -> None:
    """Move a finished folder and page into place, the page last."""
    before = folder.with_name("before")
    replace_folder(folder, final, before)
    try:
        os.replace(made, html)
    except OSError:
        if before.exists():  # the old report is better than half of a new one
            replace_folder(before, final, folder)
        raise


def _unwritten(error: OSError, folder: Path) -> str:
    where = error.filename or folder
    return (
        f"{where}: the report could not be written ({error.strerror or error}); "
        "expected a folder with room that you may write to"
    )


def write_manifest(folder: Path, page: Path, state: Mapping[str, Any]) -> None:
    """Write the manifest of a finished folder and its page: the state, the files, the hash."""
    files = sorted(file.name for file in folder.iterdir())
    whole = dict(state) | {"files": files, "page": sha256(page.read_bytes()).hexdigest()}
    (folder / MANIFEST).write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


def failed_notebook(final: Path) -> Path:
    """Return where the notebook of a failed report is kept, beside the page's place."""
    return final.with_name(final.name + FAILED)


def _executed(notebook: Path, given: dict[str, Any], final: Path, running: Running) -> NotebookNode:
    """Run a notebook; one that fails is kept as far as it came, where that is asked for."""
    ran: list[NotebookNode] = []
    try:
        return execute(notebook, given, running, ran)
    except AnalysisError as error:
        if running.keep_failed and ran:
            _keep(ran[0], final, error, running.secrets)
        raise


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


def execute(
    notebook: Path,
    given: dict[str, Any],
    running: Running = ALONE,
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
            start_timeout=START,
            extra_arguments=KERNEL_ARGUMENTS,
            environment=KERNEL_ENVIRONMENT,
            server=running.server,
            seconds=running.seconds,
            kept=ran,
        )
    except PapermillExecutionError as error:
        raise _ours(notebook, error) from None
    except AnalysisError:
        raise
    except Exception as error:  # nbclient, jupyter_client and zmq share no base
        raise ReportError(_fault(notebook, error, ran, running)) from None


_EXPECTED = {
    "CellTimeoutError": "expected an end within {seconds:g} seconds, allow more with --timeout",
    "DeadKernelError": "it was killed or ran out of memory, try a shorter article or more --memory",
}


def _fault(notebook: Path, error: Exception, ran: list, running: Running) -> str:
    """Say what ended a run that is no exception of a cell, and in which cell."""
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


def _ours(notebook: Path, error) -> AnalysisError:
    """Return what failed in a cell as one line: our own error as it was, others with their cell."""
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


def _rename(done: NotebookNode, notebook: Path, final: str) -> None:
    """Let an executed notebook name where it comes from and where its tables will lie."""
    for cell in done.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            lines = cell.source.splitlines()
            told = [
                f"tables = {final!r}" if line.startswith("tables = ") else line for line in lines
            ]
            cell.source = "\n".join(told)
    about = done.metadata.papermill
    about.parameters.tables = final
    about.input_path = shown_path(str(notebook))  # papermill wrote the whole notebook here
    about.output_path = f"{final}/{notebook.name}"


def _description(folder: Path) -> str:
    """Return the finding for the page's head, where the notebook left one."""
    try:
        return " ".join(json.loads((folder / SUMMARY).read_text(encoding="utf-8"))["finding"])
    except FileNotFoundError:  # an evaluation has none
        return ""


def export(notebook: NotebookNode, title: str, *, description: str = "", code: str = "") -> str:
    """Return an executed notebook as one HTML page that asks nothing of the network.

    Args:
        notebook: with its outputs.
        title: the page's, which a link to it shows as well.
        description: a sentence or two that a link to it shows.
        code: a script of ours; the page's policy lets it alone run.
    """
    from nbconvert.exporters.templateexporter import TemplateExporter
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    exporter = TemplateExporter(
        template_name="counterpoint",
        template_file="index.html.j2",
        extra_template_basedirs=[str(TEMPLATES)],
        file_extension=".html",
        default_preprocessors=[],
    )
    renderer = IPythonRenderer(escape=True, exclude_anchor_links=True)
    exporter.register_filter("markdown2html", MarkdownWithMath(renderer=renderer).render)
    about = page.about(title, description, code)
    written, _ = exporter.from_notebook_node(notebook, {"counterpoint": about})
    return written


def _sweep(folder: Path) -> None:
    """Remove what a killed run left behind, once it is too old to be another's at work."""
    for left in folder.glob(f"{UNFINISHED}*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > LEFT_BEHIND:
                remove(left)


def remove(left: Path) -> None:
    """Remove a file or a folder that was left behind, as far as that is possible."""
    if left.is_dir() and not left.is_symlink():
        shutil.rmtree(left, ignore_errors=True)
    else:
        left.unlink(missing_ok=True)
