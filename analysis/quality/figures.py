"""The figures of a scorer's evaluation: F1 with intervals, reliability, risk against coverage."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure as Canvas

from analysis.html.display import count, name, number
from analysis.html.figure import Figure, drawings, is_wide
from analysis.html.svg import PALETTE
from analysis.quality.evaluation import Evaluation
from analysis.report.plots import legend_above

# Hue and marker both tell the scorers apart; a sixth would be one too many to read.
COLORS = [PALETTE[k] for k in ("author", "commentator", "quoted", "cited", "muted")]
MARKERS = ["o", "D", "s", "^", "v"]


def f1(evaluation: Evaluation) -> Figure:
    """Draw each scorer's macro-F1 on each set, with its interval."""
    data = evaluation.scores
    rows = data.assign(row=data["task"] + ": " + data["set"])
    values = "; ".join(
        f"{name(set_)} ({task}): "
        + ", ".join(f"{name(r.scorer)} {number(r.macro_f1)}" for r in part.itertuples())
        for (task, set_), part in rows.groupby(["task", "set"], sort=False)
    )
    return Figure(
        "f1",
        f"Dot plot of macro-F1 by set and scorer: {values}.",
        "Macro-F1 (0 to 1, higher is better) with 95% bootstrap intervals over rows.",
        data,
        drawings(_draw_f1, rows),
    )


def calibration(evaluation: Evaluation, scorer: str) -> Figure:
    """Draw one scorer's accuracy against its top probability, set by set."""
    data = evaluation.reliability[evaluation.reliability["scorer"] == scorer]
    scores = evaluation.scores[evaluation.scores["scorer"] == scorer]
    values = ", ".join(f"{name(r.set)} ({r.task}) {number(r.ece)}" for r in scores.itertuples())
    return Figure(
        "calibration",
        f"Reliability diagram of {name(scorer)}; expected calibration error: {values}.",
        "How often the label is right, against the probability that the scorer gave it; on the "
        "diagonal the two are equal. Larger dots stand for more rows.",
        data,
        drawings(_draw_calibration, data),
    )


def of_each(
    draw: Callable[[Evaluation, str], Figure], evaluation: Evaluation, scorers: Sequence[str]
) -> list[Figure]:
    """Return a figure of each scorer; further ones have their number in the title."""
    figures = [draw(evaluation, scorer) for scorer in scorers]
    return [
        replace(figure, title=f"{figure.title}-{n}", caption=f"{name(scorer)}: {figure.caption}")
        if n > 1
        else figure
        for n, (figure, scorer) in enumerate(zip(figures, scorers, strict=True), 1)
    ]


def risk(evaluation: Evaluation, scorer: str) -> Figure:
    """Draw one scorer's error rate on its most confident rows, by share of rows kept."""
    data = evaluation.risk[evaluation.risk["scorer"] == scorer]
    values = "; ".join(
        f"{name(set_)} ({task}): {part.risk.iloc[-1]:.0%} wrong of all rows, "
        f"{_risk_at(part, 0.5):.0%} of the surer half"
        for (task, set_), part in data.groupby(["task", "set"], sort=False)
    )
    return Figure(
        "risk",
        f"Error rate of {name(scorer)} against coverage: {values}.",
        "Share of wrong labels among the rows kept, most certain first. A line that falls to the "
        "left shows that abstaining helps.",
        data,
        drawings(_draw_risk, data),
    )


def _risk_at(part: pd.DataFrame, coverage: float) -> float:
    return float(part.loc[(part.coverage - coverage).abs().idxmin(), "risk"])


def confusion_rows(evaluation: Evaluation, scorer: str) -> pd.DataFrame:
    """Return one scorer's confusion counts, a row a gold label, a column a predicted one."""
    data = evaluation.confusion[evaluation.confusion["scorer"] == scorer]
    wide = data.pivot_table(
        index=["task", "set", "gold"],
        columns="predicted",
        values="rows",
        sort=False,
        aggfunc="sum",
    )
    return wide.reset_index().rename_axis(columns=None)


def summary(evaluation: Evaluation, scorer: str) -> str:
    """Return a sentence that compares a scorer with the best of the others."""
    better, sets = 0, 0
    for _, part in evaluation.scores.groupby(["task", "set"]):
        others = part.loc[part["scorer"] != scorer, "macro_f1"]
        own = part.loc[part["scorer"] == scorer]
        if len(own) and len(others):
            sets += 1
            better += bool(own["ci_low"].iloc[0] > others.max())
    return (
        f"On {better} of {count(sets, 'set')} the {name(scorer)} scorer beats every other scorer "
        "and baseline by more than its interval."
    )


def _keys(values: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    names = list(dict.fromkeys(values))
    return (
        {n: COLORS[i % len(COLORS)] for i, n in enumerate(names)},
        {n: MARKERS[i % len(MARKERS)] for i, n in enumerate(names)},
    )


def _draw_f1(canvas: Canvas, rows: pd.DataFrame) -> None:
    wide = is_wide(canvas)
    labels = list(dict.fromkeys(rows["row"]))
    colors, markers = _keys(rows["scorer"])
    step = 0.7 / max(len(colors), 1)
    at = rows["row"].map(labels.index) + step * (
        rows["scorer"].map(list(colors).index) - (len(colors) - 1) / 2
    )
    canvas.set_figheight(0.22 * len(colors) * len(labels) + 1.1)
    axes = canvas.subplots()
    axes.hlines(at, rows["ci_low"], rows["ci_high"], color=rows["scorer"].map(colors), lw=1.6)
    sns.scatterplot(
        rows.assign(at=at), x="macro_f1", y="at", hue="scorer", style="scorer",
        palette=colors, markers=markers, s=48, linewidth=0, zorder=3, ax=axes,
    )  # fmt: skip
    legend_above(axes, len(colors) if wide else 2)
    axes.set_yticks(range(len(labels)), labels, parse_math=False)
    axes.set(xlim=(0, 1), ylim=(len(labels) - 0.5, -0.5), xlabel="macro-F1", ylabel="")
    axes.tick_params(left=False)


def _draw_calibration(canvas: Canvas, data: pd.DataFrame) -> None:
    wide = is_wide(canvas)
    canvas.set_figheight(4.4 if wide else 3.9)
    axes = canvas.subplots()
    axes.plot([0, 1], [0, 1], color=PALETTE["rule"], lw=1, zorder=0)
    rows = data.assign(row=data["task"] + ": " + data["set"])
    colors, markers = _keys(rows["row"])
    share = rows["rows"] / rows.groupby("row")["rows"].transform("sum")
    sns.lineplot(
        rows, x="confidence", y="accuracy", hue="row", palette=colors, lw=1, legend=False, ax=axes
    )
    for label, part in rows.groupby("row", sort=False):
        axes.scatter(
            part["confidence"], part["accuracy"], s=12 + 260 * share[part.index],
            color=colors[label], marker=markers[label], linewidth=0, label=label, zorder=3,
        )  # fmt: skip
    legend = axes.legend(loc="upper left", frameon=False)
    for handle in legend.legend_handles:
        handle.set_sizes([36])
    axes.set(xlim=(0.3, 1.02), ylim=(0, 1.05), xlabel="top probability", ylabel="share right")


def _draw_risk(canvas: Canvas, data: pd.DataFrame) -> None:
    canvas.set_figheight(3.6)
    axes = canvas.subplots()
    rows = data.assign(row=data["task"] + ": " + data["set"])
    colors, _ = _keys(rows["row"])
    sns.lineplot(
        rows, x="coverage", y="risk", hue="row", style="row", palette=colors, lw=1.8, ax=axes
    )
    axes.legend(loc="upper left", frameon=False)
    top = max(0.1, float(rows["risk"].max()) * 1.35)
    axes.set(xlim=(0, 1.01), ylim=(0, min(1.05, top)), xlabel="share of rows kept", ylabel="wrong")
