"""A notebook run and published as one HTML page: an article's report, an evaluation."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from filelock import FileLock, Timeout

from analysis.atomic import UNFINISHED, replace_folder
from analysis.errors import InputError, ReportError, unwritten
from analysis.html import page
from analysis.html.display import anchor_of, name
from analysis.params import PairParams, ReportParams
from analysis.paths import NOTEBOOKS, TEMPLATES
from analysis.readers import warn_of_reading
from analysis.readers.text import slug
from analysis.report.provenance import CARD, MANIFEST, SUMMARY, shown_path
from analysis.runs.execution import DEFAULT, Running, execute_for, failed_notebook
from analysis.runs.index import PAGE, links, write_index
from analysis.runs.reading import read_within
from analysis.runs.redaction import refuse_in_outputs, refuse_in_parameters, secrets

if TYPE_CHECKING:  # its schemas take long to import, which a run that makes nothing can spare
    from nbconvert.exporters.templateexporter import TemplateExporter
    from nbformat import NotebookNode

NOTEBOOK = NOTEBOOKS / "article-report.ipynb"
PAIR = NOTEBOOKS / "versions-report.ipynb"
EVALUATION = NOTEBOOKS / "model-evaluation.ipynb"
STALE_AFTER = 3600  # seconds
AT_WORK = "lock"  # held in a working folder as long as its report is being made


def report(
    params: ReportParams,
    out: str | Path,
    *,
    notebook: Path = NOTEBOOK,
    stem: str = "",
    base_url: str = "",
    running: Running = DEFAULT,
    manifest: Mapping[str, Any] | None = None,
) -> Path:
    """Make the report of one article, or of two that are compared.

    Writes `<article_id>.html`, and beside it a folder `<article_id>` with the tables, the
    figures and the executed notebook. Everything is made in a temporary folder and moved into
    place at the end, so that a report is complete or absent.

    Args:
        params: checked parameters; their `tables` are ignored.
        out: the folder, made where missing.
        notebook: one with the parameters of ours.
        stem: another name for the page and folder than the id of the (last) article.
        base_url: where `out` will lie on the web, with a slash at its end; a link to the page
            then shows its share card. None: it is not known.
        running: how the notebook is run.
        manifest: see `publish`.

    Returns:
        The HTML file.

    Raises:
        AnalysisError: the input, a parameter or the scorer cannot be used.
        ReportError: the notebook could not be executed or the report not be written.
    """
    articles = read_within(params, running)
    for article in articles:
        warn_of_reading(article)
    *_, article = articles
    stem = stem or article.article_id
    if f"{stem}.html".casefold() == PAGE:
        raise InputError(
            f"{params.article}: its report would replace the index page; expected another file "
            "name, rename it"
        )
    title = f"{name(article.title, 200)} – {_shown(params)}"
    if manifest is not None:  # for the corpus report
        manifest = dict(manifest) | {"title": article.title, "said": dict(article.about)}
    return publish(
        notebook, params.for_notebook(), Path(out) / stem, title=title, code=page.script("report"),
        base_url=base_url, running=running, manifest=manifest,
    )  # fmt: skip


def _shown(params: ReportParams) -> str:
    """Return what a report shows of its article, for the page's title."""
    if not isinstance(params, PairParams):
        return "article and commentary"
    return "two stories compared" if params.same_event else "what the republisher changed"


def evaluation(
    scorers: Sequence[str], data: Sequence[str], out: str | Path, *, seed: int = 0
) -> Path:
    """Make the page that says how far to trust scorers, and return the HTML file.

    The index and method pages that it links to are written again beside it.

    Args:
        scorers: their names, side by side; the first is the page's subject.
        data: labeled rows, each `TASK:FILE`; none given: our own short examples.
        out: the folder, made where missing.
        seed: of the swap audit's intervals.

    Raises:
        AnalysisError: the rows or the scorer cannot be used.
        ReportError: the notebook could not be executed or the page not be written.
    """
    from analysis.runs.method import write_method  # slow to import

    scorers = [scorers] if isinstance(scorers, str) else list(dict.fromkeys(scorers))
    given = {"scorer": scorers, "data": list(data), "seed": seed}
    refuse_in_parameters(given, secrets())
    final = Path(out) / f"evaluation-{slug('-'.join(scorers))}"
    title = f"How far to trust the {name(scorers[0])} scorer"
    running = Running(secrets=secrets(), links=links(Path(out), corpus=False))
    path = publish(EVALUATION, given, final, title=title, running=running)
    write_index(path.parent)  # the page links to both
    write_method(path.parent)
    return path


def publish(
    notebook: Path,
    given: dict[str, Any],
    final: Path,
    *,
    title: str,
    code: str = "",
    base_url: str = "",
    running: Running = DEFAULT,
    manifest: Mapping[str, Any] | None = None,
) -> Path:
    """Run a notebook, and put its page and the folder of its tables in place.

    Args:
        notebook: one with a parameter `tables`, a folder that it writes to.
        given: its other parameters.
        final: where that folder will lie; the page is beside it, with `.html`.
        title: the page's.
        code: a script of ours that the page carries.
        base_url: where the page's folder will lie on the web; none: it is not known.
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
        with (
            tempfile.TemporaryDirectory(
                prefix=running.making, dir=final.parent, ignore_cleanup_errors=True
            ) as unfinished,
            FileLock(Path(unfinished) / AT_WORK),
        ):
            folder, made = Path(unfinished) / "tables", Path(unfinished) / "page.html"
            folder.mkdir()
            done = execute_for(final, notebook, given | {"tables": str(folder)}, running)
            _show_final_paths(done, notebook, shown_path(str(final)))
            nbformat.write(done, folder / notebook.name)
            links = {file: label for file, label in running.links.items() if file != html.name}
            card = folder / CARD
            image = f"{base_url}{quote(final.name)}/{CARD}" if base_url and card.exists() else ""
            about = {"description": _description(folder), "code": code}
            written = export(done, title, **about, links=links, image=image)
            made.write_text(written, encoding="utf-8")
            refuse_in_outputs(folder, [made], running.secrets)
            if manifest is not None:
                write_manifest(folder, made, manifest)
            _move_into_place(folder, made, final, html)
            failed_notebook(final).unlink(missing_ok=True)
            return html
    except OSError as error:
        where = error.filename or final.parent
        raise ReportError(unwritten(where, error, "the report could not be written")) from None


def _move_into_place(folder: Path, made: Path, final: Path, html: Path) -> None:
    """Move a finished folder and page into place, the page last."""
    before = folder.with_name("before")
    replace_folder(folder, final, before)
    try:
        os.replace(made, html)
    except OSError:
        if before.exists():  # the old report is better than half of a new one
            replace_folder(before, final, folder)
        raise


def write_manifest(folder: Path, page: Path, state: Mapping[str, Any]) -> None:
    """Write the manifest of a finished folder and its page: the state, the files, the hash."""
    files = sorted(file.name for file in folder.iterdir())
    whole = dict(state) | {"files": files, "page": sha256(page.read_bytes()).hexdigest()}
    (folder / MANIFEST).write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


def _show_final_paths(done: NotebookNode, notebook: Path, final: str) -> None:
    """Have an executed notebook name its source and the final folder of its tables."""
    for cell in done.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.source = "\n".join(
                f"tables = {final!r}" if line.startswith("tables = ") else line
                for line in cell.source.splitlines()
            )
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
    notebook: NotebookNode,
    title: str,
    *,
    description: str = "",
    code: str = "",
    links: Mapping[str, str] | None = None,
    image: str = "",
) -> str:
    """Return an executed notebook as one HTML page that asks nothing of the network.

    Args:
        notebook: with its outputs.
        title: the page's, which a link to it shows as well.
        description: a sentence or two that a link to it shows.
        code: a script of ours; the page's policy lets it alone run.
        links: pages in its folder: what each is, by its file name.
        image: the address of a picture that a link to it shows; none: no picture.
    """
    about = page.about(title, description, code, links, image)
    written, _ = _exporter().from_notebook_node(notebook, {"counterpoint": about})
    return written


@lru_cache(maxsize=1)
def _exporter() -> TemplateExporter:
    """Return the exporter, which compiles its templates once a process."""
    from markupsafe import Markup, escape
    from nbconvert.exporters.templateexporter import TemplateExporter
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    exporter = TemplateExporter(
        template_name="counterpoint",
        template_file="index.html.j2",
        extra_template_basedirs=[str(TEMPLATES)],
        file_extension=".html",
        default_preprocessors=[],
    )

    class Renderer(IPythonRenderer):
        """Gives each heading its anchor."""

        def heading(self, text: str, level: int, **attrs: Any) -> str:
            anchor = escape(anchor_of(Markup(text).striptags()))
            return super().heading(text, level, **attrs, id=anchor)

    renderer = Renderer(escape=True, exclude_anchor_links=True)
    exporter.register_filter("markdown2html", MarkdownWithMath(renderer=renderer).render)
    return exporter


def _sweep(folder: Path) -> None:
    """Remove what a killed run left behind: it is old, and no other run is at work in it."""
    for left in folder.glob(f"{UNFINISHED}*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > STALE_AFTER and not _at_work(left):
                remove(left)


def _at_work(folder: Path) -> bool:
    """Return whether a run holds the lock of a working folder."""
    if not (folder / AT_WORK).is_file():
        return False
    try:
        with FileLock(folder / AT_WORK, blocking=False):
            return False
    except Timeout:
        return True


def remove(left: Path) -> None:
    """Remove a file or a folder that was left behind, as far as that is possible."""
    if left.is_dir() and not left.is_symlink():
        shutil.rmtree(left, ignore_errors=True)
    else:
        left.unlink(missing_ok=True)
