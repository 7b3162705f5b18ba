"""What a run makes and why: each report's hashes are compared with those of its manifest."""

import contextlib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError, ParameterError, ReportError
from analysis.gold.labels import annotators, gold_files
from analysis.params import PairParams, ReportParams
from analysis.paths import GOLD, PACKAGE, ROOT, read_object, resolve
from analysis.readers import article_id, read_options
from analysis.readers.files import files_beside
from analysis.readers.text import read_bytes
from analysis.report.provenance import MANIFEST, shown_path, versions
from analysis.runs.publish import NOTEBOOK
from analysis.runs.reading import readings
from analysis.scorers import ScorerInfo, load
from analysis.text.aliases import read_aliases

RESERVED = {"index": "the index page", "summary": "the run's summary", "run": "the run's record",
            "corpus-report": "the corpus report", "method": "the page on the method"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """One report to make.

    Attributes:
        params: its parameters.
        stem: the name of its page and folder; the article's id where none is given.
        notebook: the notebook.
        about: metadata of the article, such as outlet and date.
        base_url: where the reports will lie on the web; empty: it is not known.
    """

    params: ReportParams
    stem: str = ""
    notebook: Path = NOTEBOOK
    about: Mapping[str, str] = field(default_factory=dict)
    base_url: str = ""

    @property
    def name(self) -> str:
        """The name of its page and folder."""
        return self.stem or self.params.article_id or article_id(self.params.article)

    @property
    def sides(self) -> dict[tuple[str, int], ReportParams]:
        """The parameters of each article that is read, by a key."""
        return {(self.name, n): side for n, side in enumerate(self.params.sides)}

    @property
    def label(self) -> str:
        """The article or both for a message: the file, and in a table of several its id."""
        return " and ".join(
            f"{side.article}: {side.article_id}" if side.article_id else side.article
            for side in self.params.sides
        )


class Reason(StrEnum):
    """Why a report is made: the words for it, with `{}` for what is concerned."""

    NEW = "new"
    FORCED = "forced"
    INPUT = "input changed"
    ORIGINAL = "original changed"
    ALIASES = "aliases changed"
    NOTEBOOK = "notebook changed"
    GOLD = "gold labels changed"
    PACKAGE = "package changed"
    WEIGHTS = "weights changed"
    GROUPING = "grouping changed"
    MOVED = "input moved"
    ADDRESS = "base URL changed"
    PARAMETERS = "parameter changed: {}"
    VERSIONS = "version changed: {}"
    MISSING = "missing: {}"
    PAGE = "{} is not the page that was made"
    NO_MANIFEST = "its manifest is gone"


_HASHED = {
    "article": Reason.INPUT,
    "republished": Reason.INPUT,
    "original": Reason.ORIGINAL,
    "aliases": Reason.ALIASES,
    "notebook": Reason.NOTEBOOK,
    "gold": Reason.GOLD,
    "code": Reason.PACKAGE,
    "scorer": Reason.WEIGHTS,
    "about": Reason.GROUPING,
    "shown": Reason.MOVED,
    "base_url": Reason.ADDRESS,
}
_NAMED = {"parameters": Reason.PARAMETERS, "versions": Reason.VERSIONS}


@dataclass(frozen=True, slots=True)
class Change:
    """A reason for making a report, and the name or names that it concerns."""

    reason: Reason
    names: str = ""

    def __str__(self) -> str:
        """Return it in words."""
        return self.reason.format(self.names)


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done for one report.

    Attributes:
        request: the report.
        why: why it is made; empty: it is up to date.
        state: the hashes it is made from.
        error: why it cannot be made.
    """

    request: ReportRequest
    why: tuple[Change, ...] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    error: AnalysisError | None = None


def plan_all(requests: Sequence[ReportRequest], out: Path, *, force: bool = False) -> list[Step]:
    """Return for each report whether it would be made and why; nothing is written.

    Of two reports with one name the second cannot be made.
    """
    steps, names = [], {}
    for request in requests:
        other = names.setdefault(request.name.casefold(), request)
        shared = ParameterError(
            f"{request.label}: its report would share its name with {other.label}; expected "
            "different file names, rename one, use another --out, or `names` in a site file"
        )
        steps.append(
            plan(request, out, force=force, alone=len(requests) == 1)
            if other is request
            else Step(request, error=shared)
        )
    return steps


def plan(request: ReportRequest, out: Path, *, force: bool = False, alone: bool = False) -> Step:
    """Return what is to be done for a report.

    A pair that stands `alone` is read, so that two unrelated texts are refused before anything is
    made; of many, each is read when its turn comes, within its limits.
    """
    try:
        if request.name.casefold() in RESERVED:
            raise ParameterError(
                f"{request.params.article}: its page would be {request.name}.html, the place of "
                f"{RESERVED[request.name.casefold()]}; expected another file name, rename it"
            )
        state = fingerprint(request)
        folder = out / request.name
        before = read_manifest(folder)
        _refuse_another(before, request, folder.with_suffix(".html"), force)
        why = (Change(Reason.FORCED),) if force else tuple(changes(before, state, folder))
        if why and alone and isinstance(request.params, PairParams):
            readings(request.params)
        return Step(request, why, state)
    except AnalysisError as error:
        return Step(request, error=error)
    except OSError as error:
        where = error.filename or out
        message = f"{where}: cannot be read ({error.strerror}); expected a folder of reports"
        return Step(request, error=ReportError(message))


def fingerprint(request: ReportRequest) -> dict[str, Any]:
    """Return what decides whether a report is up to date, hashes where it is long.

    Raises:
        AnalysisError: the article, the aliases or the scorer cannot be used.
    """
    params, people = request.params, annotators(GOLD).values()
    read_aliases(params.aliases)
    inputs = ("original", "republished") if isinstance(params, PairParams) else ("article",)
    scorers = {name: _scorer_info(name) for name in (params.scorer, params.second) if name}
    return {
        **dict(zip(inputs, map(_input, params.sides), strict=True)),
        "parameters": params.model_dump(mode="json", exclude={"article", "original", "tables"}),
        "aliases": file_hash(resolve(params.aliases)) if params.aliases else "",
        "notebook": file_hash(request.notebook),
        "gold": _sha256(" ".join(map(file_hash, [*gold_files(), *people])).encode()),
        "code": code(),
        "versions": _versions(),
        "scorer": " ".join(f"{name} {info.version}" for name, info in scorers.items()),
        "model": ", ".join(info.model for info in scorers.values() if info.model),
        "about": dict(request.about),
        "base_url": request.base_url,
        "shown": ", ".join(shown_path(side.article) for side in params.sides),
        "source": _source(params.article),
    }


def _input(params: ReportParams) -> str:
    """Return the hash of the files that the article is read from."""
    limit = read_options(params).limits.file_bytes
    path = resolve(params.article)
    hashes = [_input_hash(p, limit, _state(p)) for p in (path, *files_beside(path))]
    return hashes[0] if len(hashes) == 1 else _sha256(" ".join(hashes).encode())


def _state(path: Path) -> tuple[int, ...] | None:
    """Return what changes with a file, none where there is no such file."""
    with contextlib.suppress(OSError, ValueError):
        found = path.stat()
        return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
    return None


@lru_cache(maxsize=8)  # a table is hashed once for all of its reports
def _input_hash(path: Path, limit: int, state: tuple[int, ...] | None) -> str:
    return read_bytes(path, max_bytes=limit)[1]


def changes(
    before: Mapping[str, Any] | None, state: Mapping[str, Any], folder: Path
) -> list[Change]:
    """Return why a report is out of date, nothing where it is not.

    Args:
        before: its manifest, none where there is none.
        state: as `fingerprint` gives it.
        folder: the folder of its tables, beside the page.
    """
    page = folder.with_name(f"{folder.name}.html")
    if before is None:
        return [Change(Reason.NO_MANIFEST if page.exists() else Reason.NEW)]
    why = [Change(reason) for key, reason in _HASHED.items() if before.get(key) != state.get(key)]
    for key, reason in _NAMED.items():
        old, new = before.get(key), state[key]
        if not isinstance(old, dict):
            why.append(Change(reason, "all"))
        elif names := [name for name in {**old, **new} if old.get(name) != new.get(name)]:
            why.append(Change(reason, ", ".join(names)))
    files = [name for name in before.get("files", []) if not (folder / name).exists()]
    if not page.is_file():
        files.append(page.name)
    why += [Change(Reason.MISSING, name) for name in files]
    if page.is_file() and before.get("page") != _sha256(page.read_bytes()):
        why.append(Change(Reason.PAGE, page.name))
    return why


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of a report's folder, none where it has none that can be read."""
    return read_object(folder / MANIFEST)


def _refuse_another(
    before: Mapping | None, request: ReportRequest, page: Path, force: bool
) -> None:
    """Raise if the page is the report of another article of the same name."""
    other, article = (before or {}).get("source", ""), request.params.article
    if other and other != _source(article) and resolve(other).exists() and not force:
        raise ParameterError(
            f"{article}: {page} is the report of {other}; expected a name of its own, rename the "
            "article, use another --out, or write over it with --force"
        )


def _source(article: str) -> str:
    path = resolve(article).resolve()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


@lru_cache(maxsize=1)
def code() -> str:
    """Return the hash of the package's files."""
    files = sorted(p for p in PACKAGE.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return _sha256(b"".join(path.read_bytes() for path in files))


@lru_cache(maxsize=1)
def _versions() -> dict[str, str]:
    return versions()


@lru_cache(maxsize=8)
def _scorer_info(scorer: str) -> ScorerInfo:
    return load(scorer).info


def file_hash(path: Path) -> str:
    """Return a file's SHA-256; the file is read once as long as it does not change."""
    return _hashed(path, _state(path))


@lru_cache(maxsize=64)
def _hashed(path: Path, state: tuple[int, ...] | None) -> str:
    return _sha256(path.read_bytes())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
