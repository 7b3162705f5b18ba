"""A notebook run by papermill and exported as one HTML file: an article's report, an evaluation."""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

from analysis import errors, page
from analysis.errors import AnalysisError, InputError, ReportError, one_line
from analysis.index import PAGE
from analysis.params import ReportParams
from analysis.paths import NOTEBOOKS, TEMPLATES
from analysis.provenance import shown_path
from analysis.readers import read, read_options
from analysis.readers.text import slug
from analysis.summary import SUMMARY
from analysis.wording import name

NOTEBOOK = NOTEBOOKS / "article-report.ipynb"
MAKING = ".making-"
LEFT_BEHIND = 3600  # seconds
EVALUATION = NOTEBOOKS / "model-evaluation.ipynb"

# The caller's folder may hold an `analysis` of its own, which must not stand in for ours.
KERNEL_ARGUMENTS = ["--IPKernelApp.ignore_cwd=True", "--IPKernelApp.log_level=CRITICAL"]


def report(params: ReportParams, out: str | Path) -> Path:
    """Make one article's report.

    Writes `<article_id>.html`, and beside it a folder `<article_id>` with the tables, the
    figures and the executed notebook. Everything is made aside and moved into place at the
    end, so that a report is there whole or not at all.

    Args:
        params: checked parameters; their `tables` are ignored.
        out: the folder, made where missing.

    Returns:
        The HTML file.

    Raises:
        AnalysisError: the input, a parameter or the scorer cannot be used.
        ReportError: the notebook could not be executed or the report not be written.
    """
    article = read(params.article, read_options(params))
    if f"{article.article_id}.html".casefold() == PAGE:
        raise InputError(
            f"{params.article}: its report would stand where the index page does; expected a file "
            "of another name, rename it"
        )
    given = params.model_dump(mode="json")
    title = f"{name(article.title, 200)} – article and commentary"
    final = Path(out) / article.article_id
    return publish(NOTEBOOK, given, final, title=title, code=page.script("report"))


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
    notebook: Path, given: dict[str, Any], final: Path, *, title: str, code: str = ""
) -> Path:
    """Run a notebook, and put its page and the folder of its tables in place.

    Args:
        notebook: one with a parameter `tables`, a folder that it writes to.
        given: its other parameters.
        final: where that folder will lie; the page is beside it, with `.html`.
        title: the page's.
        code: a script of ours that the page carries.

    Raises:
        AnalysisError: what one of our functions raised in the notebook.
        ReportError: the notebook could not be executed or the page not be written.
    """
    html = final.with_name(f"{final.name}.html")
    if html.is_dir():
        raise ReportError(f"{html}: found a folder; expected the place of a page, move it away")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        _sweep(final.parent)
        with tempfile.TemporaryDirectory(prefix=MAKING, dir=final.parent) as aside:
            folder, made = Path(aside) / "tables", Path(aside) / "page.html"
            folder.mkdir()
            done = execute(notebook, given | {"tables": str(folder)})
            _rename(done, notebook, shown_path(str(final)))
            nbformat.write(done, folder / notebook.name)
            written = export(done, title, description=_description(folder), code=code)
            made.write_text(written, encoding="utf-8")
            return _put(folder, made, final, html)
    except OSError as error:
        where = error.filename or final.parent
        raise ReportError(
            f"{where}: the report could not be written ({error.strerror or error}); "
            "expected a folder with room that you may write to"
        ) from None


def execute(notebook: Path, given: dict[str, Any]) -> nbformat.NotebookNode:
    """Run a notebook with the given parameters and return it with its outputs.

    Raises:
        AnalysisError: what one of our functions raised in the notebook.
        ReportError: the kernel is missing, died, or a cell failed in another way.
    """
    from papermill import execute_notebook  # slow to import, and `score` needs none of it
    from papermill.exceptions import PapermillExecutionError

    try:
        return execute_notebook(
            nbformat.read(notebook, as_version=4),
            None,
            parameters=given,
            kernel_name="python3",
            progress_bar=False,
            extra_arguments=KERNEL_ARGUMENTS,
        )
    except PapermillExecutionError as error:
        raise _ours(notebook, error) from None
    except AnalysisError:
        raise
    except Exception as error:  # nbclient, jupyter_client and zmq share no base
        raise ReportError(
            f"{notebook.name}: the notebook could not be executed "
            f"({type(error).__name__}: {one_line(error)}); expected the kernel python3 of this "
            "environment and enough memory, try `jupyter kernelspec list` and a shorter article"
        ) from None


def _ours(notebook: Path, error) -> AnalysisError:
    """Return what failed in a cell as one line: our own error as it was, others with their cell."""
    kind = getattr(errors, error.ename, None)
    if isinstance(kind, type) and issubclass(kind, AnalysisError):
        return kind(one_line(error.evalue))
    return ReportError(
        f"{notebook.name}: cell {error.exec_count} failed with {error.ename}: "
        f"{one_line(error.evalue)}; that is a defect, please report it"
    )


def _rename(done: nbformat.NotebookNode, notebook: Path, final: str) -> None:
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


def export(
    notebook: nbformat.NotebookNode, title: str, *, description: str = "", code: str = ""
) -> str:
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
    about = {"title": title, "description": description}
    about |= {"script": code, "policy": page.policy(code)}
    written, _ = exporter.from_notebook_node(notebook, {"counterpoint": about})
    return written


def _put(folder: Path, made: Path, final: Path, html: Path) -> Path:
    """Move a finished folder and page into place, the page last."""
    before = folder.with_name("before")
    if final.exists():
        os.replace(final, before)
    try:
        os.replace(folder, final)
        os.replace(made, html)
    except OSError:
        if before.exists():  # the old report is better than half of a new one
            shutil.rmtree(final, ignore_errors=True)
            os.replace(before, final)
        raise
    return html


def _sweep(folder: Path) -> None:
    """Remove what a killed run left behind, once it is too old to be another's at work."""
    for left in folder.glob(f"{MAKING}*"):
        if time.time() - left.stat().st_mtime > LEFT_BEHIND:
            shutil.rmtree(left, ignore_errors=True)
