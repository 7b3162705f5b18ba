"""Many articles compared: the tables of finished reports, put together.

Nothing is scored here. Each article counts once, however long it is, and intervals come
from resampling whole articles (`compare.across_articles`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import InputError, ParameterError
from analysis.frames import write_csv
from analysis.paths import resolve
from analysis.report.provenance import MANIFEST
from analysis.scale.report import NOWHERE, is_scored, report_frames
from analysis.scoring.compare import MIN_VALUES, across_articles, mean, weighed
from analysis.scoring.counts import wilson
from analysis.types import Kind, Relation, Stance, Voice

TABLES = ("segments", "relations", "stances")
MOST = 8  # targets compared where none are named
OUTLYING = 3.5  # modified z-score from which an article is an outlier (Iglewicz, Hoaglin 1993)
FEW = 5  # articles below which nothing is called an outlier
PERIODS = ("D", "W", "M", "Q", "Y")
CLEAR = 1e-9
ACROSS = [
    "target", "articles", "author_score", "commentator_score", "divergence", "ci_low", "ci_high",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Corpus:
    """Finished reports of one folder.

    Attributes:
        articles: a row a report: name (its page is `name.html`), title, group, date (a
            timestamp, or none), source, hash (of the input), comments, agree, disagree, neutral.
        relations, stances: the reports' frames, `article_id` being the name.
        targets: the targets' names, in the order in which they are shown.
        left_out: reports that are not counted: another one of the same article (a report
            with other parameters), or one without tables.
        scorers: who gave the figures; more than one cannot be compared.
        group_by: what `group` is, such as outlet.
        confidence_level: of the intervals.
        seed: of the bootstrap.
        pages: whether each article has a page of its own; none of a scored corpus has.
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
    """Put the tables of a folder's reports together, or read what of a scored corpus is shown.

    Args:
        reports: a folder that `counterpoint report` wrote, or `counterpoint score-corpus`;
            of the latter only the targets, months and columns that are shown are read.
        targets: what is compared; none given: what most articles speak of.
        group_by: what articles are grouped by: a name that the site file's patterns have
            in braces, or what files say of themselves (outlet, author).
        since: the first month, as 2025-01; of a scored corpus only.
        until: the last month; of a scored corpus only.
        confidence_level: of the intervals, in (0.5, 1).
        seed: of the bootstrap.

    Raises:
        InputError: the folder holds no report, or a table cannot be read.
        ParameterError: the confidence level or a month is none, or a scored corpus is not
            finished.
    """
    if not 0.5 < confidence_level < 1:
        raise ParameterError(
            f"parameter 'confidence_level': found {confidence_level!r}; expected a number "
            "between 0.5 and 1, such as 0.95"
        )
    if is_scored(folder := resolve(reports)):
        shown = report_frames(
            folder, targets=targets, most=MOST, group_by=group_by, since=since, until=until
        )
        return Corpus(
            left_out=(),
            group_by=group_by,
            confidence_level=confidence_level,
            seed=seed,
            pages=False,
            **shown,
        )
    if since or until:
        raise ParameterError(
            f"{folder}: found a month to begin or end with; expected none, as only a scored corpus "
            "is read by months"
        )
    found, left_out = _manifests(folder)
    frames = {name: _together(found, name) for name in TABLES}
    relations, stances = frames["relations"], frames["stances"]
    named = tuple(targets) or _most_spoken_of(stances)
    return Corpus(
        articles=_articles(found, relations, frames["segments"], group_by),
        relations=relations,
        stances=stances,
        left_out=left_out,
        targets=named,
        scorers=tuple(sorted({str(state.get("scorer", "")) for state in found.values()})),
        group_by=group_by,
        confidence_level=confidence_level,
        seed=seed,
    )


def _manifests(folder: Path) -> tuple[dict[Path, dict[str, Any]], tuple[str, ...]]:
    """Return a folder's reports, one an article, and the names of those left out."""
    found: dict[tuple, tuple[Path, dict]] = {}
    left_out = []
    for path in sorted(folder.glob(f"*/{MANIFEST}")):
        try:
            state = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if not isinstance(state, dict) or not isinstance(state.get("article"), str):
            continue
        asked = state.get("parameters")
        within = asked.get("article_id", "") if isinstance(asked, dict) else ""
        article = (str(state.get("source") or path.parent.name), str(within))
        whole = all((path.parent / f"{name}.parquet").exists() for name in TABLES)
        if article in found or not whole:
            left_out.append(path.parent.name)
        else:
            found[article] = (path.parent, state)
    if not found:
        raise InputError(
            f"{folder}: found no report with tables; expected a folder that `counterpoint report` "
            "wrote"
        )
    return dict(found.values()), tuple(left_out)


def _together(found: Mapping[Path, Mapping], name: str) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = []
    for folder in found:
        path = folder / f"{name}.parquet"
        try:
            table = pq.read_table(path)
        except (OSError, pa.ArrowException) as error:
            raise InputError(
                f"{path}: cannot be read ({str(error).splitlines()[0]}); expected a report's "
                "table, make the report again with --force"
            ) from None
        own = pa.array([folder.name] * table.num_rows, pa.string())
        tables.append(
            table.set_column(table.schema.get_field_index("article_id"), "article_id", own)
        )
    return pa.concat_tables(tables, promote_options="permissive").to_pandas()


def _articles(
    found: Mapping[Path, Mapping], relations: pd.DataFrame, segments: pd.DataFrame, group_by: str
) -> pd.DataFrame:
    counted = relations[~relations.abstained]
    labels = counted.groupby(["article_id", "label"]).size().unstack(fill_value=0)
    comments = relations.groupby("article_id").size()
    titles = segments[segments.kind == Kind.TITLE.value].groupby("article_id").text.first()
    rows = []
    for folder, state in found.items():
        name = folder.name
        about = {**_texts(state.get("said")), **_texts(state.get("about"))}
        rows.append(
            {
                "name": name,
                "title": titles.get(name, name),
                "group": about.get(group_by) or NOWHERE,
                "date": pd.to_datetime(about.get("date", "")[:10], errors="coerce"),
                "source": str(state.get("shown", "")),
                "hash": state["article"],
                "comments": int(comments.get(name, 0)),
                **{
                    label.value: int(labels.get(label.value, pd.Series(dtype=int)).get(name, 0))
                    for label in Relation
                },
            }
        )
    return pd.DataFrame(rows)


def _texts(values: Any) -> dict[str, str]:
    return {str(k): str(v) for k, v in values.items()} if isinstance(values, dict) else {}


def _most_spoken_of(stances: pd.DataFrame) -> tuple[str, ...]:
    """Return the targets that both sides speak of in most articles."""
    sides = stances[stances.voice.isin([Voice.AUTHOR.value, Voice.COMMENTATOR.value])]
    both = sides.groupby(["target", "article_id"]).voice.nunique() == 2
    counts = both.groupby(level="target").sum().sort_values(ascending=False, kind="stable")
    return tuple(counts[counts > 0].head(MOST).index)


def _across(corpus: Corpus, stances: pd.DataFrame) -> pd.DataFrame:
    rows = across_articles(
        stances, corpus.targets, confidence_level=corpus.confidence_level, seed=corpus.seed
    )
    return rows.reindex(columns=ACROSS)  # without targets there is not a column


def _of(corpus: Corpus, articles: pd.DataFrame) -> pd.DataFrame:
    """Return the stances of some of the articles."""
    return corpus.stances[corpus.stances.article_id.isin(articles["name"])]


@lru_cache(maxsize=2)
def overall(corpus: Corpus) -> pd.DataFrame:
    """Return author against commentary over all articles; see `compare.across_articles`."""
    return _across(corpus, corpus.stances)


def interval_excludes_zero(rows: pd.DataFrame) -> pd.Series:
    """Say of each row whether a difference is shown: an interval without zero, as printed."""
    low, high = rows.ci_low.astype(float).round(2), rows.ci_high.astype(float).round(2)
    return (low > 0) | (high < 0)


@lru_cache(maxsize=2)
def by_group(corpus: Corpus) -> pd.DataFrame:
    """Return the same for each group: group, then the columns of `across_articles`."""
    frames = [
        _across(corpus, _of(corpus, part)).assign(group=group)
        for group, part in corpus.articles.groupby("group")
    ]
    together = pd.concat(frames, ignore_index=True)
    return together[["group", *together.columns.drop("group")]]


@lru_cache(maxsize=2)
def over_time(corpus: Corpus) -> pd.DataFrame:
    """Return the same for each period in which an article appeared.

    Returns:
        period (its first day), then the columns of `across_articles`; empty where no date
        is known. Periods are the shortest of days, weeks, months, quarters and years that
        have `MIN_VALUES` articles each in the mean.
    """
    dated = corpus.articles.dropna(subset="date")
    if dated.empty:
        return overall(corpus).head(0).assign(period=pd.Series(dtype="datetime64[ns]"))
    cuts = [dated.date.dt.to_period(unit).dt.start_time for unit in PERIODS]
    enough = (cut for cut in cuts if len(dated) >= MIN_VALUES * cut.nunique())
    periods = next(enough, cuts[-1])
    frames = [
        _across(corpus, _of(corpus, part)).assign(period=period)
        for period, part in dated.groupby(periods)
    ]
    together = pd.concat(frames, ignore_index=True)
    return together[["period", *together.columns.drop("period")]]


def disputed(corpus: Corpus) -> pd.DataFrame:
    """Return the passages that comments disagree with, the most disputed first.

    Returns:
        passage, name (of a report that has it), comments (on it, in all reports),
        disagree (of them), p_disagree (the highest), commentary (the one with the highest).
    """
    counted = corpus.relations[~corpus.relations.abstained & (corpus.relations.passage != "")]
    rows = []
    for passage, part in counted.groupby("passage", sort=False):
        against = part[part.label == Relation.DISAGREE.value]
        if against.empty:
            continue
        first = against.loc[against.p_disagree.idxmax()]
        rows.append(
            {
                "passage": passage,
                "name": first.article_id,
                "comments": len(part),
                "disagree": len(against),
                "p_disagree": float(first.p_disagree),
                "commentary": first.commentary,
            }
        )
    columns = ["passage", "name", "comments", "disagree", "p_disagree", "commentary"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(
        ["disagree", "p_disagree"], ascending=False, kind="stable", ignore_index=True
    )


def quoting(corpus: Corpus) -> pd.DataFrame:
    """Return how one-sidedly each article quotes people on each target, the most so first.

    Counted are quoted segments that take a stance. The order is by the lower end of the
    Wilson interval of the larger side's share, so that three of three do not outrank
    twelve of thirteen.

    Returns:
        name, target, favor, against (segments), share (of the larger side, in [0.5, 1]),
        low (the lower end), side (the larger one); pairs of fewer than `MIN_VALUES` are left out.
    """
    spoken = corpus.stances[
        (corpus.stances.voice == Voice.QUOTED.value)
        & ~corpus.stances.abstained
        & corpus.stances.label.isin([Stance.FAVOR.value, Stance.AGAINST.value])
        & corpus.stances.target.isin(corpus.targets)
    ]
    rows = []
    for (name, target), part in spoken.groupby(["article_id", "target"], sort=False):
        favor = int((part.label == Stance.FAVOR.value).sum())
        against, n = len(part) - favor, len(part)
        if n < MIN_VALUES:
            continue
        most = max(favor, against)
        rows.append(
            {
                "name": name,
                "target": target,
                "favor": favor,
                "against": against,
                "share": most / n,
                "low": wilson(most, n, corpus.confidence_level)[0],
                "side": "even" if favor == against else "favor" if favor > against else "against",
            }
        )
    table = pd.DataFrame(
        rows, columns=["name", "target", "favor", "against", "share", "low", "side"]
    )
    return table.sort_values("low", ascending=False, kind="stable", ignore_index=True)


def divergences(corpus: Corpus) -> pd.DataFrame:
    """Return each article's divergence: name, target, divergence; where both sides speak."""
    sides = corpus.stances[
        corpus.stances.voice.isin([Voice.AUTHOR.value, Voice.COMMENTATOR.value])
        & corpus.stances.target.isin(corpus.targets)
    ]
    means = (
        sides.groupby(["article_id", "target", "voice"])[["score", "confidence"]]
        .apply(lambda part: mean(weighed(part)))
        .unstack("voice")
        .reindex(columns=[Voice.AUTHOR.value, Voice.COMMENTATOR.value])
    )
    table = (means[Voice.COMMENTATOR.value] - means[Voice.AUTHOR.value]).dropna()
    return table.rename("divergence").rename_axis(["name", "target"]).reset_index()


def outliers(corpus: Corpus) -> pd.DataFrame:
    """Return the articles whose divergence is far from that of the others, the farthest first.

    Far is a modified z-score of at least `OUTLYING`, which the median and the median
    absolute deviation make robust (Iglewicz and Hoaglin 1993); of fewer than `FEW`
    articles, or where most are alike to the digit, none is called one.

    Returns:
        name, target, divergence, median, z.
    """
    table = divergences(corpus)
    kept = []
    for _, part in table.groupby("target", sort=False):
        median = part.divergence.median()
        spread = (part.divergence - median).abs().median()
        if len(part) < FEW or spread < CLEAR:
            continue
        z = 0.6745 * (part.divergence - median) / spread
        kept.append(part.assign(median=median, z=z)[z.abs() >= OUTLYING])
    if not kept:
        return pd.DataFrame(columns=["name", "target", "divergence", "median", "z"])
    far = pd.concat(kept, ignore_index=True)
    return far.sort_values("z", key=np.abs, ascending=False, kind="stable", ignore_index=True)


@dataclass(frozen=True, eq=False)
class Changes:
    """What is another than in the corpus report that was there before.

    Attributes:
        known: whether there was one.
        new, gone, changed: names of articles.
        divergence: a row a target of both: target, before, now, moved (their difference).
    """

    known: bool
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    divergence: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)


def changes(corpus: Corpus, before: str | Path) -> Changes:
    """Compare with the tables of the corpus report that was there before.

    Args:
        corpus: as it is now.
        before: that report's folder; none, or one without tables: nothing is known.
    """
    try:
        articles = pd.read_csv(Path(before) / "articles.csv", dtype=str, keep_default_na=False)
        was = pd.read_csv(Path(before) / "overall.csv")
        old = dict(zip(articles["name"], articles["hash"], strict=True))
        was = was.set_index("target")["divergence"]
    except (OSError, ValueError, KeyError):
        return Changes(False)
    new = dict(zip(corpus.articles["name"], corpus.articles.hash, strict=True))
    now = overall(corpus).set_index("target").divergence
    both = pd.DataFrame({"before": was, "now": now}).dropna()
    both = both.reindex([target for target in corpus.targets if target in both.index])
    return Changes(
        known=True,
        new=tuple(name for name in new if name not in old),
        gone=tuple(name for name in old if name not in new),
        changed=tuple(name for name in new if name in old and new[name] != old[name]),
        divergence=both.assign(moved=both.now - both.before).rename_axis("target").reset_index(),
    )


def save(corpus: Corpus, folder: str | Path) -> None:
    """Write the tables as CSV into a folder; an empty name writes nothing."""
    if folder == "":
        return
    tables = {
        "articles": corpus.articles,
        "overall": overall(corpus),
        "by-group": by_group(corpus),
        "over-time": over_time(corpus),
        "disputed": disputed(corpus),
        "quoting": quoting(corpus),
        "divergences": divergences(corpus),
        "outliers": outliers(corpus),
    }
    for name, table in tables.items():
        write_csv(table, Path(folder) / f"{name}.csv")
