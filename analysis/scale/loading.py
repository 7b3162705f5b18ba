"""Reads a scored corpus back; only the requested columns and partitions are read.

Parquet stores columns apart, so only the named ones are read. A filter on articles is applied to
the frame `articles` first, by row-group statistics; partitions without a match stay unopened.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import ParameterError
from analysis.frames import ARTICLES, CORPUS
from analysis.scale.store import Store
from analysis.scoring.commentators import on_article
from analysis.thresholds import MIN_VALUES

if TYPE_CHECKING:
    from pyarrow.compute import Expression

JOINED = tuple(name for name in ARTICLES.columns if name not in ("article_id", "scorer"))
SCORES = ("author_score", "commentator_score", "divergence")


def read_corpus(
    path: str | Path,
    frame: str,
    *,
    columns: Sequence[str] = (),
    where: "Expression | None" = None,
    articles: "Expression | None" = None,
) -> pd.DataFrame:
    """Return rows of a frame of a scored corpus, all partitions below one another.

    Args:
        path: the folder that `counterpoint score-corpus` wrote.
        frame: segments, relations, stances, bias, comparison, articles or rejected.
        columns: of the frame, or of `articles` (outlet, month, …), which are joined; by default
            all columns of the frame.
        where: filter of rows, such as `pyarrow.compute.field("target") == "NATO"`.
        articles: filter of articles, such as `pyarrow.compute.field("month") >= "2025-01"`.

    Raises:
        ParameterError: there is no such corpus, frame or column.
    """
    parts = list(read_partitions(path, frame, columns=columns, where=where, articles=articles))
    if parts:
        return pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns=list(columns) or list(CORPUS[frame].columns))


def read_partitions(
    path: str | Path,
    frame: str,
    *,
    columns: Sequence[str] = (),
    where: "Expression | None" = None,
    articles: "Expression | None" = None,
) -> Iterator[pd.DataFrame]:
    """Yield what `read_corpus` returns, one partition at a time; empty ones are left out."""
    store = Store(path)
    count = store.manifest()["partitions"]
    own, beside = _columns(frame, columns)
    for number in range(count):
        if not store.part(frame, number).exists():  # it failed; see the manifest
            continue
        wanted = None
        if beside or (articles is not None and frame != "articles"):
            wanted = _table(store, "articles", number, ["article_id", *beside], articles)
            if not len(wanted):
                continue
        elif articles is not None:
            where = articles if where is None else where & articles
            articles = None
        needed = list(dict.fromkeys([*own, *(["article_id"] if wanted is not None else [])]))
        found = _table(store, frame, number, needed, where)
        if wanted is not None:
            found = found.merge(wanted, on="article_id", how="inner")
        if len(found):
            yield found[list(columns) or own]


def _columns(frame: str, columns: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split columns into those of the frame and those joined from `articles`."""
    if frame not in CORPUS:
        raise ParameterError(f"frame: found {frame!r}; expected one of {', '.join(CORPUS)}")
    known = list(CORPUS[frame].columns)
    others = [n for n in JOINED if n not in known] if "article_id" in known else []
    if unknown := [name for name in columns if name not in known and name not in others]:
        raise ParameterError(
            f"{frame}: found no column {unknown[0]!r}; expected one of "
            f"{', '.join([*known, *others])}"
        )
    own = [name for name in columns or known if name in known]
    return own, [name for name in columns if name not in known]


def _table(
    store: Store, frame: str, number: int, columns: list[str], where: "Expression | None"
) -> pd.DataFrame:
    import pyarrow.parquet as parquet

    found = parquet.read_table(
        store.part(frame, number), columns=columns, filters=where, use_threads=False
    )
    return found.to_pandas()


def by_target(
    path: str | Path,
    by: Sequence[str] = ("target", "outlet", "month"),
    *,
    where: "Expression | None" = None,
    articles: "Expression | None" = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Compare author and commentator over a corpus, each article counting once.

    Sums are accumulated by partition, so memory grows with the number of groups, not with the
    corpus. The interval of a group's mean divergence is Student's t, with articles taken as
    independent; the bootstrap of `compare.across_articles` needs all articles at once and agrees
    with it for many articles.

    Args:
        path: the folder of the corpus.
        by: columns of `comparison` and `articles` to group by.
        where: filter of rows of `comparison`.
        articles: filter of articles.
        confidence_level: of the interval, in (0, 1).

    Returns:
        One row per group, sorted: the columns of `by`, articles (with a score on both sides),
        author_score, commentator_score, divergence (means over articles), ci_low and ci_high
        (empty for fewer than `MIN_VALUES` articles).
    """
    sums = None
    for part in read_partitions(
        path, "comparison", columns=[*by, *SCORES], where=where, articles=articles
    ):
        both = part.dropna(subset=["divergence"])
        both = both.assign(articles=1.0, squares=both["divergence"] ** 2)
        sums = _added(sums, both.groupby(list(by))[["articles", "squares", *SCORES]].sum())
    if sums is None:
        return pd.DataFrame(columns=[*by, "articles", *SCORES, "ci_low", "ci_high"])
    n = sums["articles"]
    found = sums[list(SCORES)].div(n, axis=0)
    low, high = _interval(n, found["divergence"], sums["squares"], confidence_level)
    found = found.assign(ci_low=low, ci_high=high)
    found.insert(0, "articles", n.astype(int))
    return found.sort_index().reset_index()


def by_label(
    path: str | Path,
    by: Sequence[str] = ("outlet", "month"),
    *,
    where: "Expression | None" = None,
    articles: "Expression | None" = None,
) -> pd.DataFrame:
    """Count the relations of comments on the articles, replies left out, by group.

    Returns:
        One row per group, sorted: the columns of `by`, agree, disagree, neutral, abstained.
    """
    names = ["agree", "disagree", "neutral", "abstained"]
    sums = None
    columns = [*by, "label", "abstained", "reply_to"]
    for part in map(
        on_article,
        read_partitions(path, "relations", columns=columns, where=where, articles=articles),
    ):
        label = part["label"].where(~part["abstained"], "abstained")
        counts = part.assign(label=label, n=1).pivot_table(
            index=list(by), columns="label", values="n", aggfunc="sum", fill_value=0
        )
        sums = _added(sums, counts.reindex(columns=names, fill_value=0))
    if sums is None:
        return pd.DataFrame(columns=[*by, *names])
    found = sums.astype(int).sort_index()
    found.columns = names
    return found.reset_index()


def _added(sums: pd.DataFrame | None, more: pd.DataFrame) -> pd.DataFrame:
    return more if sums is None else sums.add(more, fill_value=0.0)


def _interval(n: pd.Series, mean: pd.Series, squares: pd.Series, level: float) -> tuple[Any, Any]:
    """Return Student's t interval of means, from counts and sums of squares."""
    from scipy.stats import t

    several = n.where(n >= MIN_VALUES)
    spread = np.sqrt((squares / several - mean**2).clip(lower=0) / (several - 1))
    half = spread * t.ppf((1 + level) / 2, several - 1)
    return (mean - half).clip(-2, 2), (mean + half).clip(-2, 2)
