"""The tables of a corpus report.

Each article counts once, however long it is, and intervals come from resampling whole
articles (`compare.across_articles`).
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.typing import DataFrameGroupBy

from analysis.corpus.loading import Corpus
from analysis.frames import write_csv
from analysis.scoring.commentators import on_article
from analysis.scoring.compare import across_articles, mean, weighed
from analysis.scoring.counts import wilson
from analysis.thresholds import MIN_VALUES
from analysis.types import Relation, Stance, Voice

OUTLIER_Z = 3.5  # modified z-score from which an article is an outlier (Iglewicz, Hoaglin 1993)
MIN_FOR_OUTLIERS = 5  # articles
MIN_SPREAD = 1e-9  # median absolute deviation below which all articles count as equal
PERIODS = ("D", "W", "M", "Q", "Y")
ACROSS = [
    "target", "articles", "author_score", "commentator_score", "divergence", "ci_low", "ci_high",
]  # fmt: skip


@lru_cache(maxsize=2)
def overall(corpus: Corpus) -> pd.DataFrame:
    """Return author against commentary over all articles; see `compare.across_articles`."""
    return _across(corpus, corpus.stances)


@lru_cache(maxsize=2)
def by_group(corpus: Corpus) -> pd.DataFrame:
    """Return the columns of `overall` for each group, with `group` first."""
    return _across_each(corpus, corpus.articles.groupby("group"), "group")


@lru_cache(maxsize=2)
def over_time(corpus: Corpus) -> pd.DataFrame:
    """Return the columns of `overall` for each period in which an article appeared.

    Returns:
        `period` (its first day), then the columns of `overall`; empty where no article has a
        date. Periods are the shortest of days, weeks, months, quarters and years that hold
        at least `MIN_VALUES` articles on average.
    """
    dated = corpus.articles.dropna(subset="date")
    if dated.empty:
        return overall(corpus).head(0).assign(period=pd.Series(dtype="datetime64[ns]"))
    cuts = [dated.date.dt.to_period(unit).dt.start_time for unit in PERIODS]
    enough = (cut for cut in cuts if len(dated) >= MIN_VALUES * cut.nunique())
    return _across_each(corpus, dated.groupby(next(enough, cuts[-1])), "period")


def _across(corpus: Corpus, stances: pd.DataFrame) -> pd.DataFrame:
    rows = across_articles(
        stances, corpus.targets, confidence_level=corpus.confidence_level, seed=corpus.seed
    )
    return rows.reindex(columns=ACROSS)  # without targets there are no columns


def _across_each(corpus: Corpus, groups: DataFrameGroupBy, column: str) -> pd.DataFrame:
    """Compare author and commentary in each group of articles, whose key goes into `column`."""
    stances = corpus.stances
    frames = [
        _across(corpus, stances[stances.article_id.isin(part["name"])]).assign(**{column: key})
        for key, part in groups
    ]
    return pd.concat(frames, ignore_index=True)[[column, *ACROSS]]


def disputed(corpus: Corpus) -> pd.DataFrame:
    """Return the passages that comments disagree with, the most disputed first.

    Returns:
        passage, name (of a report that has it), comments (on it, in all reports),
        disagree (how many of them do), p_disagree (the highest), commentary (the comment
        with the highest).
    """
    relations = on_article(corpus.relations)
    counted = relations[~relations.abstained & (relations.passage != "")]
    counted = counted.assign(disagree=counted.label == Relation.DISAGREE.value)
    counts = counted.groupby("passage", sort=False).disagree.agg(comments="size", disagree="sum")
    surest = counted[counted.disagree].sort_values("p_disagree", ascending=False, kind="stable")
    surest = surest.drop_duplicates("passage").rename(columns={"article_id": "name"})
    surest = surest.set_index("passage")[["name", "p_disagree", "commentary"]]
    table = counts.join(surest, how="inner").reset_index()
    columns = ["passage", "name", "comments", "disagree", "p_disagree", "commentary"]
    return table[columns].sort_values(
        ["disagree", "p_disagree"], ascending=False, kind="stable", ignore_index=True
    )


def quoting(corpus: Corpus) -> pd.DataFrame:
    """Return how one-sidedly each article quotes people on each target, the most so first.

    Quoted segments that take a stance are counted. Rows are ordered by the lower end of the
    Wilson interval of the larger side's share, so that three of three do not outrank
    twelve of thirteen.

    Returns:
        name, target, favor, against (segments), share (of the larger side, in [0.5, 1]),
        low (the lower end), side (the larger one, or even); pairs of an article and a
        target with fewer than `MIN_VALUES` segments are left out.
    """
    stances = corpus.stances
    quoted = stances[
        (stances.voice == Voice.QUOTED.value)
        & ~stances.abstained
        & stances.label.isin([Stance.FAVOR.value, Stance.AGAINST.value])
        & stances.target.isin(corpus.targets)
    ]
    table = (
        quoted.assign(**{side: quoted.label == side for side in ("favor", "against")})
        .groupby(["article_id", "target"], sort=False)[["favor", "against"]]
        .sum()
        .rename_axis(["name", "target"])
        .reset_index()
    )
    table = table[table.favor + table.against >= MIN_VALUES]
    total, larger = table.favor + table.against, table[["favor", "against"]].max(axis=1)
    level = corpus.confidence_level
    lows = [wilson(k, n, level)[0] for k, n in zip(larger, total, strict=True)]
    sides = np.sign(table.favor - table.against).map({1: "favor", 0: "even", -1: "against"})
    table = table.assign(share=larger / total, low=lows, side=sides)
    return table.sort_values("low", ascending=False, kind="stable", ignore_index=True)


def divergences(corpus: Corpus) -> pd.DataFrame:
    """Return name, target and divergence of each article in which both sides speak of it."""
    voices = [Voice.AUTHOR.value, Voice.COMMENTATOR.value]
    stances = corpus.stances
    sides = stances[stances.voice.isin(voices) & stances.target.isin(corpus.targets)]
    means = (
        sides.groupby(["article_id", "target", "voice"])[["score", "confidence"]]
        .apply(lambda part: mean(weighed(part)))
        .unstack("voice")
        .reindex(columns=voices)
    )
    table = means.diff(axis=1).iloc[:, 1].dropna()
    return table.rename("divergence").rename_axis(["name", "target"]).reset_index()


def outliers(corpus: Corpus) -> pd.DataFrame:
    """Return the articles whose divergence is far from the others', the farthest first.

    An outlier has a modified z-score of at least `OUTLIER_Z`; the median and the median
    absolute deviation make it robust (Iglewicz and Hoaglin 1993). There are none among
    fewer than `MIN_FOR_OUTLIERS` articles, or where most divergences are equal.

    Returns:
        name, target, divergence, median, z.
    """
    table = divergences(corpus)
    by_target = table.groupby("target").divergence
    median = by_target.transform("median")
    deviation = table.divergence - median
    spread = deviation.abs().groupby(table.target).transform("median")
    enough = (by_target.transform("size") >= MIN_FOR_OUTLIERS) & (spread >= MIN_SPREAD)
    far = table.assign(median=median, z=0.6745 * deviation / spread)[enough]
    far = far[far.z.abs() >= OUTLIER_Z]
    return far.sort_values("z", key=np.abs, ascending=False, kind="stable", ignore_index=True)


def save(corpus: Corpus, folder: str | Path) -> None:
    """Write every table as CSV into a folder; an empty name writes nothing."""
    if folder == "":
        return
    write_csv(corpus.articles, Path(folder) / "articles.csv")
    for table in (overall, by_group, over_time, disputed, quoting, divergences, outliers):
        write_csv(table(corpus), Path(folder) / f"{table.__name__.replace('_', '-')}.csv")
