"""The figure of cues of loaded language: how often each side uses each kind."""

import pandas as pd
from matplotlib.figure import Figure as Canvas

from analysis.html.display import number
from analysis.html.figure import Figure, drawn
from analysis.report.findings import level
from analysis.report.plots import COLORS, SIDES, row_axes, row_labels, side_dots
from analysis.scoring.pipeline import Result

APART = 0.17  # rows between the two sides' dots


def rates(result: Result) -> Figure:
    """Draw how often author and commentary use each kind of cue, with intervals."""
    data = result.cue_rates
    rows = data[data.voice.isin(list(SIDES))].copy()
    rows = rows[rows.groupby("kind")["count"].transform("sum") > 0]
    if rows.empty:
        return Figure("cues", "Neither side uses a cue of the lists.", "", data)
    values = "; ".join(
        f"{label}: " + ", ".join(_words(row) for row in part.itertuples())
        for label, part in rows.groupby("label", sort=False)
    )
    caption = (
        f"Cues per 100 words on each side, with exact {level(result)} Poisson intervals. Treat "
        "the sides as alike where these overlap widely."
    )
    alt = f"Dot plot of cues of loaded language per 100 words, with intervals: {values}."
    return Figure("cues", alt, caption, data, drawn(_draw, rows))


def _words(row) -> str:
    counted = f"{row.count} in {row.words} words"
    return (
        f"{SIDES[row.voice].lower()} {number(row.rate)} ({counted}; "
        f"{number(row.low)} to {number(row.high)})"
    )


def _draw(canvas: Canvas, rows: pd.DataFrame) -> None:
    labels = list(dict.fromkeys(rows.label))
    side = rows.voice.map(SIDES)
    aside = side.map({"Author": -APART, "Comments": APART})
    rows = rows.assign(side=side, at=rows.label.map(labels.index) + aside)
    axes = row_axes(canvas, len(labels), margin=1.0, height=0.42)
    axes.hlines(rows["at"], rows.low, rows.high, color=side.map(COLORS), lw=1.6)
    side_dots(axes, rows, "rate", size=52, left=-0.4)
    row_labels(axes, labels)
    axes.set_xlim(-0.02 * rows.high.max(), 1.03 * rows.high.max())
    axes.set_xlabel("cues per 100 words")
