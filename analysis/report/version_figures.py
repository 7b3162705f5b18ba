"""The figures of a report on two texts: whose words, and where each side stands."""

from collections.abc import Sequence

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure as Canvas

from analysis.html.display import count, name, number
from analysis.html.figure import Figure, drawn
from analysis.html.svg import PALETTE
from analysis.report.findings import difference_shown, level
from analysis.report.plots import MAX_ROWS, legend_above, row_axes, row_labels, stance_axis
from analysis.report.version_counts import shown_targets
from analysis.scoring.counts import LABELS
from analysis.thresholds import MIN_TEXTS
from analysis.types import Voice
from analysis.versions.compare import VersionsResult
from analysis.versions.stories import SIDES, StoriesResult

FIRST, SECOND = PALETTE["author"], PALETTE["commentator"]
NO_WORDS = "There are no words to count."
NO_STANCES = "No sentence mentions a target."
ABOVE = {"side": "right", "at": 1.02, "gap": 0.4}  # where the legend stands
MARKS = ("o", "D")  # of the first and the second side
FILLS = {"kept": PALETTE["quoted"], "lost": PALETTE["paper"], "gained": PALETTE["author"]}


def who(voice: str, speaker: str, length: int = 60) -> str:
    """Return a voice as a reader sees it: the author, or the name of someone quoted."""
    if voice != Voice.QUOTED.value:
        return LABELS[Voice(voice)]
    return name(speaker, length) or "Speaker not named"


def words_changed(result: VersionsResult) -> Figure:
    """Draw how many words of each voice were kept, lost and gained."""
    data = result.voices_changed.drop(columns=["original_id", "republished_id"])
    values = "; ".join(
        f"{who(r.voice, r.speaker)} {r.kept} kept, {r.lost} lost, {r.gained} gained"
        for r in data.head(MAX_ROWS).itertuples()
    )
    caption = (
        "Words of the author and of each person quoted: kept, lost (hollow), and new ones (dark)."
        + _first_rows(data, "voice")
    )
    alt = f"Bar chart of words by speaker: {values}." if len(data) else NO_WORDS
    return Figure("words-changed", alt, caption, data, drawn(_draw_words, data.head(MAX_ROWS)))


def stances_changed(result: VersionsResult) -> Figure:
    """Draw the mean stance in what was left out and in what was kept, target by target."""
    data = result.stance_changed.drop(columns=["original_id", "republished_id"])
    rows = data[(data.left_out_n > 0) | (data.kept_n > 0)]
    rows = rows.assign(shown=rows.target.isin(shown_targets(result).target)).head(MAX_ROWS)
    values = "; ".join(
        f"{name(r.target, 30)} {number(r.left_out_score)} from {count(r.left_out_n, 'sentence')} "
        f"left out, {number(r.kept_score)} from {r.kept_n} kept"
        for r in rows.itertuples()
    )
    caption = (
        "Mean stance of sentences left out and kept, by target. Hollow: a random cut of the same "
        "size could do this too, or too few sentences mention the target."
        + _first_rows(data, "target")
    )
    sides = [("left_out_score", "Left out", FIRST), ("kept_score", "Kept", SECOND)]
    alt = f"Dot plot of mean stances, from −1 against to 1 in favor: {values}."
    alt = alt if len(rows) else NO_STANCES
    drawing = drawn(lambda canvas, found: _draw_stances(canvas, found, sides), rows)
    return Figure("stances-changed", alt, caption, data, drawing)


def shares_compared(result: StoriesResult, sides: Sequence[str]) -> Figure:
    """Draw which share of the words of two stories each voice has."""
    data = result.voices_compared.drop(columns=["original_id", "republished_id"])
    values = "; ".join(
        f"{who(r.voice, r.speaker)} {r.original_share:.0%} and {r.republished_share:.0%}"
        for r in data.head(MAX_ROWS).itertuples()
    )
    caption = "Share of each story’s words, by speaker." + _first_rows(data, "voice")
    alt = f"Dot plot of shares of words in {sides[0]} and {sides[1]}: {values}."
    alt = alt if len(data) else NO_WORDS
    drawing = drawn(lambda canvas, rows: _draw_shares(canvas, rows, sides), data.head(MAX_ROWS))
    return Figure("shares-compared", alt, caption, data, drawing)


def stances_compared(result: StoriesResult, sides: Sequence[str]) -> Figure:
    """Draw the mean stance of both stories on one scale, by target and voice."""
    data = result.stances_compared.drop(columns=["original_id", "republished_id"])
    data = data.assign(shown=difference_shown(data, SIDES))
    rows = data.assign(target=[_about(r) for r in data.itertuples()]).head(MAX_ROWS)
    values = "; ".join(
        f"{r.target} {number(r.original_score)} from {count(r.original_n, 'sentence')} and "
        f"{number(r.republished_score)} from {r.republished_n}"
        for r in rows.itertuples()
    )
    caption = (
        "Mean stance of both stories by target and voice, on one scale. Hollow: no difference can "
        f"be shown; intervals ({level(result.original)}) need {MIN_TEXTS} sentences on each side."
        + _first_rows(data, "row")
    )
    columns = [("original_score", sides[0], FIRST), ("republished_score", sides[1], SECOND)]
    alt = f"Dot plot of mean stances in {sides[0]} and {sides[1]}: {values}."
    alt = alt if len(rows) else NO_STANCES
    drawing = drawn(lambda canvas, found: _draw_stances(canvas, found, columns), rows)
    return Figure("stances-compared", alt, caption, data, drawing)


def _about(row) -> str:
    quoted = ", quoted" if row.voice == Voice.QUOTED.value else ""
    return f"{name(row.target, 22 - len(quoted))}{quoted}"


def _first_rows(data: pd.DataFrame, what: str) -> str:
    if len(data) <= MAX_ROWS:
        return ""
    return f" The first {MAX_ROWS} of {count(len(data), what)}; the data file has all."


def _draw_words(canvas: Canvas, rows: pd.DataFrame) -> None:
    axes = row_axes(canvas, len(rows), margin=0.6)
    left = pd.Series(0, rows.index)
    for part, fill in FILLS.items():
        axes.barh(
            rows.index, rows[part], left=left, height=0.62, color=fill,
            edgecolor=PALETTE["author"], linewidth=1, label=part,
        )  # fmt: skip
        left = left + rows[part]
    row_labels(axes, [who(r.voice, r.speaker, 22) for r in rows.itertuples()])
    axes.set(xlabel="words")
    legend_above(axes, 3, **ABOVE)


def _draw_stances(
    canvas: Canvas, rows: pd.DataFrame, sides: Sequence[tuple[str, str, str]]
) -> None:
    axes = row_axes(canvas, len(rows), margin=1.1)
    columns = [column for column, *_ in sides]
    axes.hlines(
        rows.index, rows[columns].min(axis=1), rows[columns].max(axis=1), color=PALETTE["rule"],
        lw=2, zorder=2,
    )  # fmt: skip
    for (column, label, color), mark in zip(sides, MARKS, strict=True):
        axes.scatter([], [], color=color, marker=mark, label=label)
        for shown in (True, False):
            part = rows[rows.shown == shown].reset_index()
            sns.scatterplot(
                part, x=column, y="index", color=color if shown else PALETTE["paper"],
                edgecolor=color, linewidth=1.4, s=52, marker=mark, zorder=3, legend=False, ax=axes,
            )  # fmt: skip
    row_labels(axes, [name(target, 22) for target in rows.target])
    stance_axis(axes)
    legend_above(axes, 2, **ABOVE)


def _draw_shares(canvas: Canvas, rows: pd.DataFrame, sides: Sequence[str]) -> None:
    axes = row_axes(canvas, len(rows), margin=0.9)
    shares = rows[["original_share", "republished_share"]]
    axes.hlines(rows.index, shares.min(axis=1), shares.max(axis=1), color=PALETTE["rule"], lw=2)
    for column, label, color, mark in zip(shares, sides, (FIRST, SECOND), MARKS, strict=True):
        axes.scatter(shares[column], rows.index, color=color, marker=mark, label=label, zorder=3)
    row_labels(axes, [who(r.voice, r.speaker, 22) for r in rows.itertuples()])
    axes.set(xlim=(-0.02, shares.to_numpy().max() * 1.1), xlabel="share of words")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    legend_above(axes, 2, **ABOVE)
