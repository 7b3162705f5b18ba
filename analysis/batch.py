"""Many reports: only what is out of date, some at a time, and none stops the others."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import AnalysisError, ParameterError, one_line
from analysis.params import ReportParams
from analysis.paths import NOTEBOOKS, PACKAGE, resolve
from analysis.readers.plain import slug
from analysis.report import report
from analysis.scorers import load

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one article: the report's path, or the error in one line."""

    article: str
    path: Path | None = None
    error: str = ""
    unusable: bool = False
    fresh: bool = False


def report_all(
    articles: Sequence[str],
    out: Path,
    make_params: Callable[[str], ReportParams],
    *,
    jobs: int = 1,
    force: bool = False,
) -> Iterator[Outcome]:
    """Write a report for each article, yielding each outcome as it is known.

    A report is up to date, and left as it is, if the input, the parameters, the
    notebook, our code and the scorer's version have the hashes of its manifest.

    Args:
        articles: files.
        out: the folder of the reports; made where missing.
        make_params: the parameters of one article.
        jobs: how many notebooks run at a time, each in a process of its own.
        force: whether to write reports that are up to date again.

    Raises:
        ParameterError: a parameter is wrong for all, or two articles would share a name.
    """
    every = {article: make_params(article) for article in articles}
    _refuse_shared_names(list(every))
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ParameterError(
            f"{out}: cannot be made a folder ({error.strerror}); give another one with --out"
        ) from None
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        running = [pool.submit(_report_one, params, out, force) for params in every.values()]
        for done in as_completed(running):
            yield done.result()


def _report_one(params: ReportParams, out: Path, force: bool) -> Outcome:
    try:
        state = fingerprint(params)
        path = out / f"{slug(Path(params.article).stem)}.html"
        manifest = path.with_suffix("") / MANIFEST
        if not force and path.exists() and _read(manifest) == state:
            return Outcome(params.article, path, fresh=True)
        path = report(params, out)
        _write(manifest, state)
        return Outcome(params.article, path)
    except AnalysisError as error:
        return Outcome(params.article, error=one_line(error), unusable=True)
    except Exception as error:  # one article's fault, whatever it is, must not end the night
        return Outcome(params.article, error=f"{type(error).__name__}: {one_line(error)}")


def fingerprint(params: ReportParams) -> dict[str, str]:
    """Return the hashes that decide whether a report is up to date."""
    source = resolve(params.article)
    return {
        "article": _sha256(source.read_bytes()) if source.is_file() else "",
        "params": _sha256(params.model_dump_json().encode()),
        "aliases": _sha256(resolve(params.aliases).read_bytes()) if params.aliases else "",
        "notebook": _sha256((NOTEBOOKS / "article-report.ipynb").read_bytes()),
        "code": _code(),
        "scorer": f"{params.scorer} {load(params.scorer).info.version}",
    }


def _code() -> str:
    files = sorted(p for p in PACKAGE.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return _sha256(b"".join(path.read_bytes() for path in files))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read(manifest: Path) -> dict | None:
    try:
        return json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write(manifest: Path, state: dict) -> None:
    aside = manifest.with_suffix(".tmp")
    aside.write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
    os.replace(aside, manifest)


def _refuse_shared_names(articles: Sequence[str]) -> None:
    names: dict[str, str] = {}
    for article in articles:
        other = names.setdefault(slug(Path(article).stem), article)
        if other != article:
            raise ParameterError(
                f"{article}: its report would have the name of that of {other}; "
                "expected different file names, rename one or use another --out"
            )
