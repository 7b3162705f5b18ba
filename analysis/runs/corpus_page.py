"""The report on all reports of a folder."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from analysis.paths import NOTEBOOKS
from analysis.report.provenance import MANIFEST
from analysis.runs.execution import Running
from analysis.runs.plan import code, file_hash, read_manifest
from analysis.runs.publish import publish

CORPUS = NOTEBOOKS / "corpus-report.ipynb"
CORPUS_NAME = "corpus-report"


def update_corpus_page(
    out: Path,
    parameters: Mapping[str, Any],
    running: Running,
    *,
    force: bool,
    starting: Callable[[], None],
) -> Path | None:
    """Make the corpus report if any report has changed, and return its page, if it has one.

    Args:
        out: the folder of the reports.
        parameters: the corpus report's own.
        running: how the notebook is run.
        force: whether it is made again if it is up to date.
        starting: called before it is made.

    Raises:
        AnalysisError: it could not be made.
    """
    folder = out / CORPUS_NAME
    page = folder.with_suffix(".html")
    state = _state(out, parameters)
    before = read_manifest(folder) or {}
    fresh = page.exists() and all(before.get(name) == value for name, value in state.items())
    if not state["reports"] or (fresh and not force):
        return page if fresh else None
    starting()
    given = {"reports": str(out), "before": str(folder)} | dict(parameters)
    title = "All articles compared"
    return publish(CORPUS, given, folder, title=title, running=running, manifest=state)


def _state(out: Path, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return what decides whether the corpus report is up to date."""
    reports = {
        manifest.parent.name: found["page"]
        for manifest in sorted(out.glob(f"*/{MANIFEST}"))
        if (found := read_manifest(manifest.parent)) and "article" in found and "page" in found
    }
    return {"reports": reports, "given": parameters, "code": code(), "notebook": file_hash(CORPUS)}
