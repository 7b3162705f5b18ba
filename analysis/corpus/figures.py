"""The corpus report's figures: a heat map of targets by group, and divergence over time."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure as Canvas

from analysis.corpus import tables
from analysis.corpus.loading import Corpus
from analysis.html.display import count, listed, name, number
from analysis.html.figure import Figure, drawings, is_wide
from analysis.html.svg import PALETTE
from analysis.scoring.compare import interval_excludes_zero

MAX_GROUPS = 12  # columns that stay readable; the CSV holds all
PALE = 0.25  # opacity of a cell that shows nothing
# A cell keeps its color on a dark page, so the text on it has one of its own as well.
COLORS = LinearSegmentedColormap.from_list("divergence", ["#2d4874", "#f1ede4", "#a23977"])
ON_LIGHT, ON_DARK = "#1c1a18", "#fefefe"
FULL_COLOR = 1.0  # divergence


def heat_map(corpus: Corpus) -> Figure:
    """Draw each target's divergence in each group."""
    data = tables.by_group(corpus)
    sizes = corpus.articles.groupby("group").size().sort_values(ascending=False, kind="stable")
    groups = list(sizes.index[:MAX_GROUPS])
    cells = data[data.group.isin(groups) & data.target.isin(corpus.targets)]
    cells = cells.assign(clear=interval_excludes_zero(cells))
    values = "; ".join(
        f"{name(group)}: "
        + ", ".join(
            f"{name(r.target)} {number(r.divergence, signed=True)}{'' if r.clear else ' (unsure)'}"
            for r in part.itertuples()
        )
        for group, part in cells.dropna(subset="divergence").groupby("group", sort=False)
    )
    caption = (
        "Mean difference (comments minus author) toward each target, by "
        f"{corpus.group_by}. Pale, or in brackets: no difference can be shown, because the "
        "interval includes zero or there are fewer than three articles. Hatched: in no article do "
        "both sides mention the target."
    )
    if len(sizes) > MAX_GROUPS:
        caption += (
            f" The {MAX_GROUPS} of {len(sizes)} with the most articles; the data file has all."
        )
    if not values:
        return Figure("heat-map", "No article has both sides mention a target.", caption, data)
    alt = f"Heat map of differences by {corpus.group_by} and target. {values}."
    cells = cells.assign(
        group_place=cells.group.map(groups.index),
        target_place=cells.target.map(corpus.targets.index),
        size=cells.group.map(sizes),
    )
    return Figure("heat-map", alt, caption, data, drawings(_draw_heat_map, cells))


def over_time(corpus: Corpus) -> Figure:
    """Draw each target's divergence over the periods in which articles appeared."""
    data = tables.over_time(corpus)
    drawn = data[data.target.isin(corpus.targets)].dropna(subset="divergence")
    caption = (
        "Mean difference in the articles of each period. Intervals are over articles and need at "
        "least three."
    )
    spread = drawn.groupby("target").period.nunique()
    few = [target for target in corpus.targets if spread.get(target, 0) < 2]
    drawn = drawn[~drawn.target.isin(few)]
    if few:
        caption += f" Not drawn, because in fewer than two periods: {listed(list(map(name, few)))}."
    if drawn.period.nunique() < 2:
        why = "Fewer than two periods have dated articles in which both sides mention a target."
        return Figure("over-time", why, caption, data)
    form = _date_form(drawn.period)
    ends = "; ".join(
        f"{name(target)} from {_said(part.iloc[0], form)} to {_said(part.iloc[-1], form)}"
        for target, part in drawn.groupby("target", sort=False)
    )
    alt = f"Lines of differences over {count(drawn.period.nunique(), 'period')}: {ends}."
    return Figure("over-time", alt, caption, data, drawings(_draw_over_time, drawn))


def _said(row: pd.Series, form: str) -> str:
    return f"{number(row.divergence, signed=True)} ({row.period:{form}})"


def _date_form(periods: pd.Series) -> str:
    """Return how to write first days of periods: as years, months or days, as is needed."""
    if (periods.dt.day_of_year == 1).all():
        return "%Y"
    return "%b %Y" if (periods.dt.day == 1).all() else "%d %b %Y"


def _draw_heat_map(canvas: Canvas, cells: pd.DataFrame) -> None:
    """Draw groups across and targets down on a wide page, the other way round on a narrow one."""
    wide = is_wide(canvas)
    across, down = ("group", "target") if wide else ("target", "group")
    grid = {"index": f"{down}_place", "columns": f"{across}_place"}
    values = cells.pivot(values="divergence", **grid)
    texts = cells.assign(text=[_cell(cell, wide) for cell in cells.itertuples()])
    texts = texts.pivot(values="text", **grid)
    canvas.set_figheight(0.42 * len(values) + 1.2)
    axes = canvas.subplots()
    sns.heatmap(
        values, cmap=COLORS, vmin=-FULL_COLOR, vmax=FULL_COLOR, cbar=False, linewidths=2,
        linecolor="none", ax=axes,
    )  # fmt: skip
    clear = cells.pivot(values="clear", **grid).fillna(False).astype(bool).to_numpy()
    axes.collections[0].set_alpha(np.where(clear, 1.0, PALE))
    size = 9 if wide else min(8.5, 45 / values.shape[1])
    for (y, x), text in np.ndenumerate(texts):
        if pd.isna(values.iloc[y, x]):
            _hatch(axes, x, y)
            continue
        axes.text(
            x + 0.5, y + 0.5, text, ha="center", va="center", fontsize=size, parse_math=False,
            color=_ink(values.iloc[y, x]) if clear[y, x] else PALETTE["ink"],
        )  # fmt: skip
    axes.set(xlabel="", ylabel="")
    columns, rows = _labels(cells, across, wide), _labels(cells, down, wide)
    longest = max(len(line) for label in columns for line in label.split("\n"))
    crowded = longest * len(columns) > (80 if wide else 30)
    turned = {"rotation": 40, "ha": "left", "rotation_mode": "anchor"} if crowded else {}
    axes.set_xticks(np.arange(len(columns)) + 0.5, columns, parse_math=False, **turned)
    axes.set_yticks(np.arange(len(rows)) + 0.5, rows, parse_math=False, rotation=0, va="center")
    axes.tick_params(
        left=False, bottom=False, top=False, labeltop=True, labelbottom=False,
        labelcolor=PALETTE["ink"],
    )  # fmt: skip


def _hatch(axes: Axes, x: int, y: int) -> None:
    """Draw thin diagonals in a cell that holds nothing; a page has no pattern of matplotlib's."""
    steps = np.arange(1, 8) / 4
    lines = [
        [(x + max(0, k - 1), y + min(1, k)), (x + min(1, k), y + max(0, k - 1))] for k in steps
    ]
    axes.add_collection(LineCollection(lines, colors=PALETTE["rule"], linewidths=0.6))


def _labels(cells: pd.DataFrame, column: str, wide: bool) -> list[str]:
    """Return the labels of the targets, or of the groups with their numbers of articles."""
    first = cells.sort_values(f"{column}_place").drop_duplicates(column)
    if column == "target":
        return [name(target, 18) for target in first.target]
    length = 18 if wide else 13
    return [
        f"{name(group, length)}\n({size})"
        for group, size in zip(first.group, first["size"], strict=True)
    ]


def _cell(cell, wide: bool) -> str:
    """Return a cell's text: on a narrow page a short one, and none where nothing is shown."""
    if pd.isna(cell.divergence) or not (wide or cell.clear):
        return ""
    text = number(cell.divergence, signed=True) if wide else f"{cell.divergence:+.1f}"
    text = text.replace("-", "−")
    return text if cell.clear else f"({text})"


def _ink(value: float) -> str:
    """Return the color of a text on a cell of full color, by the cell's lightness."""
    shade = np.array(to_rgb(COLORS((np.clip(value / FULL_COLOR, -1, 1) + 1) / 2)))
    linear = np.where(shade <= 0.04045, shade / 12.92, ((shade + 0.055) / 1.055) ** 2.4)
    return ON_LIGHT if linear @ [0.2126, 0.7152, 0.0722] > 0.18 else ON_DARK


def _draw_over_time(canvas: Canvas, data: pd.DataFrame) -> None:
    wide = is_wide(canvas)
    targets = list(dict.fromkeys(data.target))
    columns = min(len(targets), 2 if len(targets) <= 4 else 3) if wide else 1
    lines = -(-len(targets) // columns)
    canvas.set_figheight((1.75 if lines < 3 else 1.3) * lines + 0.3)
    canvas.get_layout_engine().set(h_pad=0.12)  # inches: one panel's lowest mark, the next's title
    grid = canvas.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
    reach = max(1.0, float(data[["ci_low", "ci_high", "divergence"]].abs().max().max()))
    for axes, target in zip(grid.flat, targets, strict=False):
        _line(axes, data[data.target == target], name(target, 24), reach)
    lowest = grid.flat[max(0, len(targets) - columns) : len(targets)]
    _name_dates(lowest, data.period, wide)
    for axes in grid.flat[len(targets) :]:
        axes.remove()
    canvas.supylabel("divergence", fontsize=9, color=PALETTE["muted"])


def _line(axes: Axes, part: pd.DataFrame, title: str, reach: float) -> None:
    axes.axhline(0, color=PALETTE["rule"], lw=1, zorder=0)
    axes.vlines(part.period, part.ci_low, part.ci_high, color=PALETTE["muted"], lw=1.6)
    sns.lineplot(
        part, x="period", y="divergence", color=PALETTE["ink"], marker="o", markersize=5, lw=1.2,
        markeredgewidth=0, errorbar=None, ax=axes,
    )  # fmt: skip
    axes.set_title(title, loc="left", fontsize=10, color=PALETTE["ink"], parse_math=False)
    axes.set(xlabel="", ylabel="", ylim=(-reach * 1.08, reach * 1.08))
    axes.set_yticks([-1, 0, 1], ["−1", "0", "1"])


def _name_dates(panels: Iterable[Axes], periods: pd.Series, wide: bool) -> None:
    """Write the first and the last period, and where there is room one between, as dates."""
    every = sorted(periods.unique())
    places = [0, len(every) - 1]
    if not wide and len(every) > 4:
        places.insert(1, len(every) // 2)
    form = _date_form(periods)
    for axes in panels:
        days = [pd.Timestamp(every[place]) for place in places]
        axes.set_xticks(days, [f"{day:{form}}" for day in days], fontsize=8)
        axes.tick_params(labelbottom=True)
        first, *_, last = axes.get_xticklabels()
        first.set_horizontalalignment("left")
        last.set_horizontalalignment("right")
