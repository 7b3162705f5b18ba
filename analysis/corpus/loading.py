"""The reports of one folder, read as a corpus; nothing is scored here."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import InputError, ParameterError
from analysis.paths import resolve
from analysis.report.provenance import MANIFEST, stated, stated_date
from analysis.scale.report import NOT_STATED, is_scored, report_frames
from analysis.scoring.commentators import by_article, on_article
from analysis.scoring.compare import measured
from analysis.types import Kind, Voice

TABLES = ("segments", "relations", "stances")
MAX_TARGETS = 8  # targets compared where none are named


@dataclass(frozen=True, eq=False)
class Corpus:
    """The finished reports of one folder.

    Attributes:
        articles: one row per report: name (its page is `name.html`), title, group, date (a
            timestamp; NaT where unknown), source, hash (of the input), and the numbers of
            comments and of those that agree, disagree or are neutral.
        relations: the reports' relations; `article_id` is the report's name.
        stances: the reports' stances; `article_id` is the report's name.
        left_out: names of reports that are not counted, because another report covers the
            same article with other parameters, or because tables are missing.
        targets: names of the targets, in the order of display.
        scorers: the scorers of the reports; scores of different ones cannot be compared.
        group_by: the attribute that `group` holds, such as outlet.
        confidence_level: of the intervals.
        seed: of the bootstrap.
        pages: whether each article has a page of its own; in a scored corpus none has.
    """

    articles: pd.DataFrame = field(repr=False)
    relations: pd.DataFrame = field(repr=False)
    stances: pd.DataFrame = field(repr=False)
    left_out: tuple[str, ...]
    targets: tuple[str, ...]
    scorers: tuple[str, ...]
    group_by: str
    confidence_level: float
    seed: int
    pages: bool = True


def read_corpus(
    reports: str | Path,
    *,
    targets: Sequence[str] = (),
    group_by: str = "outlet",
    since: str = "",
    until: str = "",
    confidence_level: float = 0.95,
    seed: int = 0,
) -> Corpus:
    """Read the tables of all reports in a folder, or the needed part of a scored corpus.

    Args:
        reports: a folder written by `counterpoint report` or `counterpoint score-corpus`; of
            a scored corpus, only the targets, months and columns on display are read.
        targets: the targets to compare; by default those that most articles speak of.
        group_by: the attribute that groups articles: a field in braces of the site file's
            patterns, or one that the files state (outlet, author).
        since: the first month, as 2025-01; for a scored corpus only.
        until: the last month; for a scored corpus only.
        confidence_level: of the intervals, in (0.5, 1).
        seed: of the bootstrap.

    Raises:
        InputError: the folder holds no report, or a table cannot be read.
        ParameterError: the confidence level or a month is not valid, or the scored corpus is
            not finished.
    """
    if not 0.5 < confidence_level < 1:
        raise ParameterError(
            f"parameter 'confidence_level': found {confidence_level!r}; expected a number "
            "between 0.5 and 1, such as 0.95"
        )
    options = {"group_by": group_by, "confidence_level": confidence_level, "seed": seed}
    if is_scored(folder := resolve(reports)):
        frames = report_frames(
            folder, targets=targets, most=MAX_TARGETS, group_by=group_by, since=since, until=until
        )
        return Corpus(left_out=(), pages=False, **options, **frames)
    if since or until:
        raise ParameterError(
            f"{folder}: found a first or last month; expected none, as only a scored corpus is "
            "read by months"
        )
    manifests, left_out = _manifests(folder)
    segments, relations, stances = (_read_tables(manifests, name) for name in TABLES)
    stances = measured(stances)
    return Corpus(
        articles=_articles(manifests, relations, segments, group_by),
        relations=relations,
        stances=stances,
        left_out=left_out,
        targets=tuple(targets) or _most_compared(stances),
        scorers=tuple(sorted({str(m.get("scorer", "")) for m in manifests.values()})),
        **options,
    )


def _manifests(folder: Path) -> tuple[dict[Path, dict[str, Any]], tuple[str, ...]]:
    """Return the manifests of a folder's reports, one per article, and the reports left out."""
    reports: dict[tuple[str, str], tuple[Path, dict]] = {}
    left_out = []
    for path in sorted(folder.glob(f"*/{MANIFEST}")):
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if not isinstance(manifest, dict) or not isinstance(manifest.get("article"), str):
            continue
        given = manifest.get("parameters")
        part = str(given.get("article_id", "")) if isinstance(given, dict) else ""
        article = (str(manifest.get("source") or path.parent.name), part)
        complete = all((path.parent / f"{name}.parquet").exists() for name in TABLES)
        if article in reports or not complete:
            left_out.append(path.parent.name)
        else:
            reports[article] = (path.parent, manifest)
    if not reports:
        raise InputError(
            f"{folder}: found no report with tables; expected a folder that `counterpoint report` "
            "wrote"
        )
    return dict(reports.values()), tuple(left_out)


def _read_tables(folders: Iterable[Path], name: str) -> pd.DataFrame:
    """Return one table of all reports, with the report's name as `article_id`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = []
    for folder in folders:
        path = folder / f"{name}.parquet"
        try:
            table = pq.read_table(path)
        except (OSError, pa.ArrowException) as error:
            raise InputError(
                f"{path}: cannot be read ({str(error).splitlines()[0]}); expected a report's "
                "table, make the report again with --force"
            ) from None
        names = pa.array([folder.name] * table.num_rows, pa.string())
        column = table.schema.get_field_index("article_id")
        tables.append(table.set_column(column, "article_id", names))
    return pa.concat_tables(tables, promote_options="permissive").to_pandas()


def _articles(
    manifests: Mapping[Path, Mapping],
    relations: pd.DataFrame,
    segments: pd.DataFrame,
    group_by: str,
) -> pd.DataFrame:
    names = [folder.name for folder in manifests]
    titles = segments[segments.kind == Kind.TITLE.value].groupby("article_id").text.first()
    about = [stated(manifest) for manifest in manifests.values()]
    dates = pd.to_datetime(list(map(stated_date, about)), format="ISO8601", errors="coerce")
    found = pd.DataFrame(
        {
            "name": names,
            "title": [titles.get(name, name) for name in names],
            "group": [a.get(group_by) or NOT_STATED for a in about],
            "date": dates,
            "source": [str(m.get("shown", "")) for m in manifests.values()],
            "hash": [m["article"] for m in manifests.values()],
        }
    )
    return found.join(by_article(on_article(relations), names))


def _most_compared(stances: pd.DataFrame) -> tuple[str, ...]:
    """Return the targets that both sides speak of in most articles."""
    sides = stances[stances.voice.isin([Voice.AUTHOR.value, Voice.COMMENTATOR.value])]
    both = sides.groupby(["target", "article_id"]).voice.nunique() == 2
    counts = both.groupby(level="target").sum().sort_values(ascending=False, kind="stable")
    return tuple(counts[counts > 0].head(MAX_TARGETS).index)
