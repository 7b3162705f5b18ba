"""Reads from a scored corpus only what the corpus report shows."""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.errors import InputError, ParameterError
from analysis.scale.articles import month_of
from analysis.scale.loading import by_target, read_corpus
from analysis.scale.store import RUN, Store
from analysis.scoring.commentators import by_article, on_article

if TYPE_CHECKING:
    from pyarrow.compute import Expression

NOT_STATED = "not stated"
ABOUT = ("article_id", "title", "date", "place", "sha256")
ANSWERS = "article_id passage commentary label p_disagree abstained reply_to".split()
GROUPS = ("outlet", "author", "language", "month")


def is_scored(folder: Path) -> bool:
    """Return whether `counterpoint score-corpus` has written to a folder."""
    return (folder / RUN).is_file()


def report_frames(
    path: Path,
    *,
    targets: Sequence[str] = (),
    most: int,
    group_by: str = "outlet",
    since: str = "",
    until: str = "",
) -> dict[str, Any]:
    """Return the articles, relations, stances, targets and scorers of a corpus report.

    Only the chosen months, the stances toward the targets, and the columns that are shown are read;
    `comparison` is read for its targets where none are given, segments and bias never.

    Args:
        path: the folder of the corpus.
        targets: targets to compare; by default those compared in most articles.
        most: how many of these.
        group_by: outlet, author, language or month.
        since: the first month, such as 2025-01; by default the earliest.
        until: the last month; by default the latest.

    Raises:
        ParameterError: the corpus is unfinished, or a month or the grouping is invalid.
        InputError: no article is from these months.
    """
    if group_by not in GROUPS:
        raise ParameterError(
            f"parameter 'group_by': found {group_by!r}; expected one of {', '.join(GROUPS)}, "
            "which a scored corpus knows of its articles"
        )
    chosen = _months(since, until)
    months = f"{since or 'the beginning'} to {until or 'the end'}"
    articles = _read_articles(path, group_by, chosen, months)
    relations = on_article(read_corpus(path, "relations", columns=ANSWERS, articles=chosen))
    named = tuple(targets) or _most_compared(path, chosen, most)
    return {
        "articles": _articles(articles, relations, group_by),
        "relations": relations,
        "stances": _stances(path, named, chosen),
        "targets": named,
        "scorers": (_scorer(Store(path).manifest()["settings"]),),
    }


def _read_articles(
    path: Path, group_by: str, chosen: "Expression | None", months: str
) -> pd.DataFrame:
    columns = list(dict.fromkeys([*ABOUT, group_by]))
    articles = read_corpus(path, "articles", columns=columns, articles=chosen)
    if articles.empty:
        raise InputError(
            f"{path}: found no article from {months}; expected at least one, name other months"
        )
    return articles


def _scorer(settings: Mapping[str, Any]) -> str:
    """Return the scorer of a corpus, with the machine that the texts were sent to."""
    place = settings.get("texts sent to")
    return settings["scorer"] + (f", texts sent to {place}" if place else "")


def _months(since: str, until: str) -> "Expression | None":
    from pyarrow import compute

    for month in filter(None, (since, until)):
        if len(month) != 7 or month_of(month) != month:
            raise ParameterError(f"month: found {month!r}; expected one such as 2025-01")
    month = compute.field("month")
    bounds = [month >= since] if since else []
    bounds += [month <= until, month != ""] if until else []
    return reduce(and_, bounds) if bounds else None


def _most_compared(path: Path, chosen: "Expression | None", most: int) -> tuple[str, ...]:
    counts = by_target(path, ["target"], articles=chosen)
    counts = counts.sort_values("articles", ascending=False, kind="stable")
    return tuple(counts["target"].head(most))


def _stances(path: Path, targets: Sequence[str], chosen: "Expression | None") -> pd.DataFrame:
    from pyarrow import array, compute, string

    return read_corpus(
        path,
        "stances",
        columns=["article_id", "voice", "target", "label", "score", "confidence", "abstained"],
        where=compute.field("target").isin(array(targets, string())) & ~compute.field("derived"),
        articles=chosen,
    )


def _articles(articles: pd.DataFrame, relations: pd.DataFrame, group_by: str) -> pd.DataFrame:
    """Return the articles as `corpus.Corpus` has them."""
    found = pd.DataFrame(
        {
            "name": articles["article_id"],
            "title": articles["title"].where(articles["title"] != "", articles["article_id"]),
            "group": articles[group_by].replace("", NOT_STATED),
            "date": pd.to_datetime(articles["date"].str[:10], errors="coerce", format="ISO8601"),
            "source": articles["place"],
            "hash": articles["sha256"],
        }
    )
    return found.join(by_article(relations, articles["article_id"]))
