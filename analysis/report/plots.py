"""The figures: seaborn drawings as inline SVG, each with its alternative text and its CSV.

Colors are written into the page as CSS variables with a fallback, so that one
drawing serves light, dark and print; text stays text in the reader's own font.
"""

from collections.abc import Iterable

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from analysis.html.display import count, name, number
from analysis.html.figure import Figure, drawn
from analysis.html.svg import PALETTE
from analysis.report.findings import comparison_finding, difference_shown, enough_texts, level
from analysis.scoring.counts import loaded_by_voice, words_by_speaker
from analysis.scoring.pipeline import Result
from analysis.thresholds import MIN_TEXTS
from analysis.types import Task

NOT_ASKED = "The {} scorer is not asked for loaded language, so there is no loaded-language score."
MAX_ROWS = 12  # rows that stay readable; the CSV holds all
NEAR, DODGE = 0.1, 0.13  # scores this near are moved apart by this many rows
SIDES = {"author": "Author", "commentator": "Comments"}
MARKERS = {"Author": "o", "Comments": "D"}
COLORS = {"Author": PALETTE["author"], "Comments": PALETTE["commentator"]}


def targets(result: Result) -> Figure:
    """Draw author against commentary for each target, and the divergence with its interval."""
    comparison = result.comparison
    enough = enough_texts(comparison)
    rows = comparison.assign(
        row=[name(t, 22) for t in comparison.target],
        shown=difference_shown(comparison),
        ci_low=comparison.ci_low.where(enough),
        ci_high=comparison.ci_high.where(enough),
    ).head(MAX_ROWS)
    alt = comparison_finding(result) + "".join(f" {_target_words(r)}" for r in rows.itertuples())
    caption = "Mean stance toward each target"
    if comparison.divergence.notna().any():
        caption += (
            ", and the difference: comments minus author. A hollow dot: no difference can "
            f"be shown. Intervals ({level(result)}) need at least {MIN_TEXTS} texts on each side."
        )
    else:
        caption += ". No target is mentioned by both sides, so there is no difference to show."
    if len(comparison) > MAX_ROWS:
        caption += f" The first {MAX_ROWS} of {len(comparison)} targets; the data file has all."
    return Figure("targets", alt, caption, comparison, drawn(_draw_targets, rows))


def voices(result: Result) -> Figure:
    """Draw the share of words by voice and speaker."""
    data = words_by_speaker(result.segments, MAX_ROWS, result.requests.speakers)
    values = ", ".join(
        f"{name(r.label)}{' (quoted)' if r.voice == 'quoted' else ''} {r.share:.0%}"
        for r in data.itertuples()
    )
    alt = f"Bar chart of who gets to speak, by share of words: {values}."
    caption = "Share of all words, by speaker. Lighter bars: people quoted and works cited."
    alt = alt if len(data) else "There are no words to count."
    return Figure("voices", alt, caption, data, drawn(_draw_voices, data))


def loaded(result: Result) -> Figure:
    """Draw how often each voice's segments are worded in a loaded way, with intervals."""
    data = loaded_by_voice(result.bias, result.confidence_level)
    values = "; ".join(
        f"{r.label} {r.loaded} of {r.segments} ({r.low:.0%} to {r.high:.0%})"
        for r in data.itertuples()
    )
    alt = f"Dot plot of sentences worded in a loaded way, with intervals: {values}."
    caption = (
        f"Share of loaded sentences, with {level(result)} Wilson intervals for voices with at "
        f"least {MIN_TEXTS}. Treat voices as alike where these overlap widely."
    )
    if data.empty:
        asked = Task.BIAS in result.scorer.tasks
        alt = (
            "No sentence has a loaded-language score."
            if asked
            else NOT_ASKED.format(result.scorer.name)
        )
    return Figure("loaded", alt, caption, data, drawn(_draw_loaded, data))


def _target_words(row) -> str:
    text = (
        f"{name(row.target)}: author {number(row.author_score)} from "
        f"{count(row.author_n, 'sentence')}, commentary {number(row.commentator_score)} from "
        f"{count(row.commentator_n, 'comment')}"
    )
    if pd.isna(row.divergence) or pd.isna(row.ci_low):
        return text + "; no interval."
    low, high = number(row.ci_low), number(row.ci_high)
    return text + f"; difference {number(row.divergence)}, interval {low} to {high}."


def _draw_targets(canvas: Canvas, rows: pd.DataFrame) -> None:
    panels = 1 + rows.divergence.notna().any()
    canvas.set_figheight(panels * (0.34 * len(rows) + 1.0))
    drawn_on = canvas.subplots(panels, 1, squeeze=False)[:, 0]
    _stances(drawn_on[0], rows)
    for axes in drawn_on[1:]:
        _divergences(axes, rows)


def _stances(axes: Axes, rows: pd.DataFrame) -> None:
    columns = {f"{side}_score": label for side, label in SIDES.items()}
    long = rows.rename(columns=columns).melt(
        "row", list(SIDES.values()), var_name="side", value_name="score", ignore_index=False
    )
    near = (rows.author_score - rows.commentator_score).abs() < NEAR
    aside = near.astype(float) * DODGE  # down for the commentary, up for the author
    long["at"] = long.index + aside[long.index] * long.side.map({"Author": -1, "Comments": 1})
    spoken = long.groupby("side").score.transform("count") > 0
    long = long[spoken] if spoken.any() else long  # a side without any is not in the legend
    for row, ends in long.groupby(level=0):
        axes.plot(ends.score, ends["at"], color=PALETTE["rule"], lw=2, zorder=2, label=f"_{row}")
    side_dots(axes, long.reset_index(drop=True), "score", size=62)
    row_labels(axes, rows.row)
    stance_axis(axes)


def stance_axis(axes: Axes) -> None:
    """Let the horizontal axis be that of stance scores."""
    axes.set(xlim=(-1.08, 1.08), xlabel="stance")
    axes.set_xticks([-1, -0.5, 0, 0.5, 1], ["−1\nagainst", "−0.5", "0", "0.5", "1\nin favor"])


def side_dots(axes: Axes, rows: pd.DataFrame, x: str, *, size: int, left: float = -0.02) -> None:
    """Draw a dot at column `x` and row `at`, marked by its `side`, with a legend above."""
    sns.scatterplot(
        rows, x=x, y="at", hue="side", style="side", palette=COLORS, markers=MARKERS,
        s=size, linewidth=0, zorder=3, ax=axes,
    )  # fmt: skip
    legend_above(axes, 2, at=left)


def legend_above(
    axes: Axes, columns: int, *, side: str = "left", at: float = -0.02, gap: float = 0.1
) -> None:
    """Draw the legend above a plot, its left or right side at a share of the plot's width.

    `gap` is the space between a sign and its text, in sizes of the font.
    """
    axes.legend(
        loc=f"lower {side}", bbox_to_anchor=(at, 1), ncols=columns, frameon=False,
        handletextpad=gap, columnspacing=1.2, borderaxespad=0,
    )  # fmt: skip


def _divergences(axes: Axes, rows: pd.DataFrame) -> None:
    axes.hlines(rows.index, rows.ci_low, rows.ci_high, color=PALETTE["muted"], lw=1.6)
    for shown, fill in ((True, PALETTE["ink"]), (False, PALETTE["paper"])):
        part = rows[rows.shown == shown].reset_index()
        sns.scatterplot(
            part, x="divergence", y="index", color=fill, edgecolor=PALETTE["ink"],
            linewidth=1.3, s=48, zorder=3, legend=False, ax=axes,
        )  # fmt: skip
    row_labels(axes, rows.row)
    reach = rows[["ci_low", "ci_high", "divergence"]].abs().max().max()
    reach = 1.0 if pd.isna(reach) or reach <= 1 else 2.0
    axes.set(xlim=(-reach * 1.06, reach * 1.06), xlabel="difference")
    axes.set_xticks(
        [-reach, 0, reach], [f"−{reach:.0f}\nless favorable", "0", f"{reach:.0f}\nmore favorable"]
    )
    axes.set_title("Difference", loc="left", fontsize=10, color=PALETTE["ink"])


def _draw_voices(canvas: Canvas, data: pd.DataFrame) -> None:
    axes = row_axes(canvas, len(data), margin=0.25)
    data = data.assign(row=[name(label, 22) for label in data.label])
    sns.barplot(
        data.reset_index(), x="share", y="index", hue="voice", orient="h", palette=PALETTE,
        saturation=1, errorbar=None, width=0.62, dodge=False, legend=False, ax=axes,
    )  # fmt: skip
    for row in data.itertuples():
        text = f"{row.share:.0%} · {row.words} words"
        axes.text(row.share + 0.012 * data.share.max(), row.Index, text, va="center")
    row_labels(axes, data.row)
    axes.set(xlim=(0, data.share.max() * 1.75), xlabel="")
    axes.set_xticks([])
    axes.spines.bottom.set_visible(False)


def _draw_loaded(canvas: Canvas, data: pd.DataFrame) -> None:
    axes = row_axes(canvas, len(data), margin=0.7)
    colors = [PALETTE[voice] for voice in data.voice]
    sure = data.segments >= MIN_TEXTS
    axes.hlines(data.index, data.low.where(sure), data.high.where(sure), color=colors, lw=2)
    sns.scatterplot(
        data.reset_index(), x="rate", y="index", hue="voice", palette=PALETTE,
        s=62, linewidth=0, zorder=3, legend=False, ax=axes,
    )  # fmt: skip
    for row in data.itertuples():
        edge = row.high if row.segments >= MIN_TEXTS else row.rate
        axes.text(edge + 0.04, row.Index, f"{row.loaded} of {row.segments}", va="center")
    row_labels(axes, data.label)
    axes.set(xlim=(-0.02, 1.1), xlabel="share of sentences")
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25%", "50%", "75%", "100%"])


def row_axes(canvas: Canvas, rows: int, *, margin: float, height: float = 0.36) -> Axes:
    """Return the axes of a plot of rows, each of some `height`, with a `margin`, both in inches."""
    canvas.set_figheight(height * rows + margin)
    return canvas.subplots()


def row_labels(axes: Axes, labels: Iterable[str]) -> None:
    """Name the rows of a dot plot or bar chart, the first on top."""
    labels = list(labels)
    axes.set_yticks(range(len(labels)), labels, parse_math=False)
    axes.set(ylim=(len(labels) - 0.5, -0.5), ylabel="")
    axes.tick_params(left=False)
    axes.axvline(0, color=PALETTE["rule"], lw=1, zorder=0)
