"""Many reports: only what is out of date, some at a time, and none stops the others."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from analysis.errors import AnalysisError, ParameterError, ReportError, one_line
from analysis.index import write_index
from analysis.params import ReportParams
from analysis.paths import PACKAGE, ROOT, resolve
from analysis.provenance import versions
from analysis.readers import article_id, read_options
from analysis.readers.files import files_beside
from analysis.readers.text import read_bytes
from analysis.report import NOTEBOOK, report
from analysis.scorers import load
from analysis.targets import read_aliases

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
    _refuse_shared_names(every)
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
    if any(out.glob("*.html")):
        write_index(out)


def _report_one(params: ReportParams, out: Path, force: bool) -> Outcome:
    try:
        state = fingerprint(params)
        path = out / f"{_name(params)}.html"
        folder = path.with_suffix("")
        before = _read(folder / MANIFEST)
        _refuse_another(before, params.article, path, force)
        if not force and path.exists() and _is_up_to_date(before, state, folder):
            return Outcome(params.article, path, fresh=True)
        path = report(params, out)
        made = sorted(file.name for file in folder.iterdir())
        _write(folder / MANIFEST, state | {"source": _source(params.article), "files": made})
        return Outcome(params.article, path)
    except ReportError as error:
        return Outcome(params.article, error=one_line(error))
    except AnalysisError as error:
        return Outcome(params.article, error=one_line(error), unusable=True)
    except Exception as error:  # one article's fault, whatever it is, must not end the night
        return Outcome(params.article, error=f"{type(error).__name__}: {one_line(error)}")


def fingerprint(params: ReportParams) -> dict[str, str]:
    """Return the hashes that decide whether a report is up to date.

    Raises:
        AnalysisError: the article, the aliases or the scorer cannot be used.
    """
    read_aliases(params.aliases)
    return {
        "article": _input(params),
        "params": _sha256(params.model_dump_json().encode()),
        "aliases": _sha256(resolve(params.aliases).read_bytes()) if params.aliases else "",
        "notebook": _sha256(NOTEBOOK.read_bytes()),
        "code": _code(),
        "versions": _sha256(json.dumps(versions()).encode()),
        "scorer": f"{params.scorer} {load(params.scorer).info.version}",
    }


def _name(params: ReportParams) -> str:
    """Return a report's name: the article's id, which is the file's but in a table of several."""
    return params.article_id or article_id(params.article)


def _input(params: ReportParams) -> str:
    """Return the hash of all that the article is read from."""
    options = read_options(params)
    paths = [resolve(params.article), *files_beside(resolve(params.article))]
    hashes = [read_bytes(path, max_bytes=options.limits.file_bytes)[1] for path in paths]
    return hashes[0] if len(hashes) == 1 else _sha256(" ".join(hashes).encode())


def _is_up_to_date(before: dict | None, state: dict[str, str], folder: Path) -> bool:
    if before is None or any(before.get(name) != value for name, value in state.items()):
        return False
    return all((folder / name).exists() for name in before.get("files", [""]))


def _refuse_another(before: dict | None, article: str, path: Path, force: bool) -> None:
    """Refuse to write over the report of another article of the same name."""
    other = (before or {}).get("source", "")
    if other and other != _source(article) and resolve(other).exists() and not force:
        raise ParameterError(
            f"{article}: {path} is the report of {other}; expected a name of its own, rename the "
            "article, use another --out, or write over it with --force"
        )


def _source(article: str) -> str:
    path = resolve(article).resolve()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


@lru_cache(maxsize=1)
def _code() -> str:
    files = sorted(p for p in PACKAGE.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return _sha256(b"".join(path.read_bytes() for path in files))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read(manifest: Path) -> dict | None:
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _write(manifest: Path, state: dict) -> None:
    aside = manifest.with_suffix(".tmp")
    aside.write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
    os.replace(aside, manifest)


def _refuse_shared_names(every: Mapping[str, ReportParams]) -> None:
    names: dict[str, str] = {}
    for article, params in every.items():
        other = names.setdefault(_name(params).casefold(), article)
        if other != article:
            raise ParameterError(
                f"{article}: its report would have the name of that of {other}; "
                "expected different file names, rename one or use another --out"
            )
