"""The figure of the stance through the article, passage by passage, and at each comment."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D

from analysis.html.display import count, listed, name, number
from analysis.html.figure import Figure, drawn
from analysis.html.svg import PALETTE
from analysis.report.edition import ABSTAINED, Note, beside, notes_of
from analysis.report.plots import COLORS, MARKERS
from analysis.scoring.compare import mean, measured, weighed
from analysis.scoring.counts import LABELS
from analysis.scoring.pipeline import Result
from analysis.thresholds import MIN_TEXTS
from analysis.types import Relation, Voice

MAX_PANELS = 4  # targets drawn; the data hold all
MAX_NUMBERED, CLEAR_SCORE = 12, 0.2  # comments that a panel names by number: so many, so far from 0
MAX_LISTED = 6  # comments whose scores the alternative text gives one by one
BEHIND = 0.5  # a comment stands between its passage and the next

_KEYS = ["target", "passage", "block_id", "comment", "relation", "voice"]
_SIGNS = {
    Relation.AGREE: ("agrees", "P", PALETTE["agree"]),
    Relation.DISAGREE: ("disagrees", "X", PALETTE["disagree"]),
    Relation.NEUTRAL: ("neutral", "o", PALETTE["neutral"]),
    ABSTAINED: ("unclear", "s", PALETTE["abstained"]),
}


def flow(result: Result) -> Figure:
    """Draw each voice's stance through the article, with the comments where they stand."""
    passages, notes = _places(result)
    stances = _placed(result, passages, notes)
    data = _tabled(result, stances)
    sides = data[data.voice.isin([Voice.AUTHOR, Voice.COMMENTATOR])]
    places = sides.target.value_counts(sort=False)
    most = places[places > 1].sort_values(ascending=False, kind="stable").index[:MAX_PANELS]
    panels = [target.name for target in result.targets if target.name in set(most)]
    if not passages:
        alt = "This text has no article whose stance could be followed."
        return Figure("flow", alt, "", data)
    if not panels:
        alt = "No target has two passages with a stance, so there is none to follow."
        return Figure("flow", alt, "", data)
    values = " ".join(_words(stances, target, len(passages)) for target in panels)
    where = f", and at {count(len(notes), 'comment')} where they stand" if notes else ""
    alt = f"Stance through the article’s {count(len(passages), 'passage')}{where}. {values}"
    caption = (
        "Mean stance of each passage, first to last, and of each comment after its passage; the "
        "top row shows how comments respond. Small dots: people quoted. Hollow: unclear. "
        "Changes along the way were not tested."
    )
    if rest := len(result.targets) - len(panels):
        caption += f" {count(rest, 'target')} not drawn; the data file has all."
    strip = pd.DataFrame(
        [(place, note.number, note.relation) for place, note in notes],
        columns=["passage", "comment", "relation"],
    )

    def draw(canvas: Canvas, rows: pd.DataFrame) -> None:
        _draw(canvas, rows, strip, panels, len(passages))

    return Figure("flow", alt, caption, data, drawn(draw, data))


def _tabled(result: Result, stances: pd.DataFrame) -> pd.DataFrame:
    """Return the mean stance of each passage, comment and voice toward each target.

    Returns:
        Columns target, passage (its number in the article, from 1; of a comment, that of the
        passage behind which it stands), block_id, comment (its number; 0 for the article's
        own words), relation (of a comment), voice, score (mean weighted by confidence, in
        [−1, 1]), segments, and abstained (of these, those without a label).
    """
    rows = []
    for key, group in stances.groupby(_KEYS, sort=False):
        rows.append((*key, mean(weighed(group)), len(group), int(group.abstained.sum())))
    order = {target.name: n for n, target in enumerate(result.targets)}
    table = pd.DataFrame(rows, columns=[*_KEYS, "score", "segments", "abstained"])
    return table.sort_values(
        ["target", "passage", "comment"],
        key=lambda c: c.map(order) if c.name == "target" else c,
        kind="stable",
        ignore_index=True,
    )


def _placed(result: Result, passages: list[str], notes: list[tuple[int, Note]]) -> pd.DataFrame:
    """Return the stances, each with the columns of `_tabled` that say where it stands."""
    at = {block_id: (n, block_id, 0, "") for n, block_id in enumerate(passages, 1)}
    for place, note in notes:
        first = note.blocks[0].block_id
        at |= {b.block_id: (place, first, note.number, note.relation) for b in note.blocks}
    block_of = result.segments.set_index("segment_id").block_id
    stances = measured(result.stances)
    stances = stances.assign(block=stances.segment_id.map(block_of).fillna(stances.commentary_id))
    stances = stances[stances.block.isin(list(at))]
    where = pd.DataFrame(
        [at[block] for block in stances.block],
        columns=["passage", "block_id", "comment", "relation"],
        index=stances.index,
    )
    return pd.concat([stances, where], axis=1)


def _places(result: Result) -> tuple[list[str], list[tuple[int, Note]]]:
    """Return the article's passages in order, and each comment with the number of its own."""
    stream, notes_at = beside(result.article, notes_of(result))
    spoken = set(result.segments.block_id)
    passages = [block.block_id for block in stream if block.block_id in spoken]
    numbers, last = {}, 1
    for block in stream:
        last = passages.index(block.block_id) + 1 if block.block_id in spoken else last
        numbers[block.block_id] = last
    placed = [(numbers.get(b, 1), note) for b, notes in notes_at.items() for note in notes]
    return passages, sorted(placed, key=lambda p: p[1].number)


def _words(stances: pd.DataFrame, target: str, passages: int) -> str:
    """Say what a panel shows: the author in each half of the article, and each comment."""
    rows = stances[stances.target == target]
    author = rows[rows.voice == Voice.AUTHOR]
    halves = [
        f"{number(mean(weighed(half)))} in the {which} half ({count(len(half), 'sentence')})"
        for which, half in (
            ("first", author[author.passage <= passages / 2]),
            ("second", author[author.passage > passages / 2]),
        )
        if len(half)
    ]
    few = ", too few for a trend" if len(author) < 2 * MIN_TEXTS else ""
    values = f"author {listed(halves)}{few}" if halves else "the author never mentions it"
    comments = rows[rows.voice == Voice.COMMENTATOR]
    if comments.empty:
        return f"{name(target)}: {values}; no comment mentions it."
    means = {n: mean(weighed(part)) for n, part in comments.groupby("comment")}
    each = [f"{number(score)} in comment {n}" for n, score in means.items()]
    if len(each) > MAX_LISTED:
        low, high = number(min(means.values())), number(max(means.values()))
        each = [f"{low} to {high} in {count(len(each), 'comment')}"]
    return f"{name(target)}: {values}; commentary {listed(each)}."


def _draw(
    canvas: Canvas, data: pd.DataFrame, strip: pd.DataFrame, panels: list[str], last: int
) -> None:
    canvas.set_figheight(1.2 * len(panels) + 1.1)
    grid = canvas.subplots(len(panels), 1, squeeze=False, sharex=True, sharey=True)
    for n, (panel, target) in enumerate(zip(grid.flat, panels, strict=True)):
        _panel(panel, data[data.target == target], strip, last)
        first, below = n == 0, n + 1 == len(panels)
        if first:
            _signs(panel, strip)
        panel.set_title(
            name(target, 26), loc="left", fontsize=10, pad=16 if first else 4, color=PALETTE["ink"]
        )
        panel.tick_params(labelbottom=below)
        if below:
            panel.set_xticks([1, last] if last > 1 else [1], ["first", "last"][:last])
            panel.set_xlabel("passage", labelpad=-9)
    _legend(canvas, set(strip.relation), Voice.QUOTED in set(data.voice))


def _panel(axes: Axes, rows: pd.DataFrame, strip: pd.DataFrame, last: int) -> None:
    axes.set(xlim=(0.2, last + 1.1), ylim=(-1.3, 1.12))
    axes.set_yticks([-1, 0, 1], ["−1 against", "0", "1 in favor"])
    axes.tick_params(left=False, bottom=False)
    axes.spines.bottom.set_visible(False)
    axes.axhline(0, color=PALETTE["rule"], lw=1, zorder=0)
    axes.vlines(strip.passage + BEHIND, -1, 1, color=PALETTE["rule"], lw=0.6, zorder=0)
    size = 30 if last <= 60 else 18
    quoted = rows[(rows.comment == 0) & (rows.voice == Voice.QUOTED)]
    _marks(axes, quoted, 0.0, color=PALETTE["quoted"], s=size / 2, zorder=2)
    for voice, behind in ((Voice.AUTHOR, 0.0), (Voice.COMMENTATOR, BEHIND)):
        own, label = rows[rows.voice == voice], _SIDES[voice]
        axes.vlines(own.passage + behind, 0, own.score, color=COLORS[label], lw=1.3, zorder=1)
        _marks(axes, own, behind, color=COLORS[label], s=size, marker=MARKERS[label], zorder=3)
    for row in _numbered(rows[rows.voice == Voice.COMMENTATOR]):
        up = row.score > 0
        axes.annotate(
            str(row.comment), (row.passage + BEHIND, row.score), (0, 5 if up else -5),
            textcoords="offset points", ha="center", va="bottom" if up else "top", fontsize=8,
            color=PALETTE["commentator"],
        )  # fmt: skip


def _marks(axes: Axes, rows: pd.DataFrame, behind: float, *, color: str, **how) -> None:
    """Draw the means, hollow where none of the sentences has a label."""
    unsure = rows.abstained == rows.segments
    for part, fill in ((rows[~unsure], color), (rows[unsure], PALETTE["paper"])):
        axes.scatter(
            part.passage + behind, part.score, color=fill, edgecolor=color,
            lw=0 if fill == color else 1.1, **how,
        )  # fmt: skip


def _signs(axes: Axes, strip: pd.DataFrame) -> None:
    """Draw above a panel the relation of each comment, at its place."""
    for relation, (_, marker, color) in _SIGNS.items():
        own = strip[strip.relation == relation]
        axes.scatter(
            own.passage + BEHIND, [1.22] * len(own), marker=marker, color=color, lw=0,
            s=26 if len(strip) <= MAX_NUMBERED else 14, clip_on=False, zorder=4,
        )  # fmt: skip


_SIDES = {Voice.AUTHOR: "Author", Voice.COMMENTATOR: LABELS[Voice.COMMENTATOR]}


def _numbered(rows: pd.DataFrame) -> Iterator:
    clear = rows[rows.score.abs() >= CLEAR_SCORE]
    return clear.itertuples() if len(clear) <= MAX_NUMBERED else iter(())


def _legend(canvas: Canvas, relations: set[str], quoted: bool) -> None:
    """Name the voices' and the relations' signs above the panels."""
    signs = [(label, MARKERS[label], COLORS[label], 6) for label in _SIDES.values()]
    signs += [(LABELS[Voice.QUOTED], "o", PALETTE["quoted"], 4)] if quoted else []
    signs += [(*sign, 6) for relation, sign in _SIGNS.items() if relation in relations]
    handles = [
        Line2D([], [], marker=marker, color=color, ls="", lw=0, mew=0, ms=size, label=label)
        for label, marker, color, size in signs
    ]
    canvas.legend(
        handles=handles, loc="outside upper left", ncols=3, frameon=False,
        handletextpad=0.1, columnspacing=1.1, borderaxespad=0,
    )  # fmt: skip
