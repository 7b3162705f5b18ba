"""The share card: a report's title, one sentence of its opening and one figure, 1200 by 630.

Links to a page are shown with such a picture, of the size that Open Graph's readers take.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle

from analysis.html.display import name
from analysis.html.fonts import families
from analysis.html.svg import PALETTE, Drawing, for_file, styled, svg_of
from analysis.report import opening
from analysis.report.edition import ABSTAINED, RELATION_VERBS
from analysis.report.provenance import CARD
from analysis.scoring.counts import LABELS, words_by_speaker
from analysis.scoring.pipeline import Result
from analysis.types import Voice

WIDTH, HEIGHT = 1200, 630  # pixels
DPI = 96  # pixels an inch, as an SVG counts them
LEFT, RIGHT = 72, 1128  # the text's edges, pixels from the left
TITLE, SENTENCE, SMALL = (66, 56, 48, 42), (37, 32, 28), (24,)  # sizes, the largest that fits
TITLE_LINES, SENTENCE_LINES = 3, 2
TITLE_LENGTH = 240  # characters that are considered at all
BAR = (432, 76)  # its top and its height
GAP = 4  # between the parts of the bar
FOOT = "Read by Counterpoint, a program. The report says how reliable this is."
END = re.compile(r"(?<=[a-z0-9)%]{2})\. (?=[A-Z])")  # of a sentence, not of an abbreviation
_ISOLATES = str.maketrans("", "", "\u2068\u2069")
Part = tuple[str, float, str]  # what is counted, how much of it, and its color
Fits = Callable[[str], bool]


def save(result: Result, folder: Path, sentence: str = "") -> None:
    """Write a result's card into a folder as `card.png` and `card.svg`.

    Args:
        result: what counts as found.
        folder: a report's.
        sentence: what it says; by default what the comments do.
    """
    card = draw(result, sentence)
    (folder / CARD).write_bytes(card.png(DPI, margin=0))
    (folder / CARD).with_suffix(".svg").write_text(for_file(card.svg), encoding="utf-8")


def draw(result: Result, sentence: str = "") -> Drawing:
    """Draw a result's card; texts are cut where they do not fit, and never markup."""
    article = result.article
    title = _plain(article.title) or article.article_id
    sentence, *_ = END.split(_plain(sentence or opening.comments(result)))
    with styled():
        canvas = Canvas(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI)
        canvas.add_artist(_box(0, 0, WIDTH, 14, PALETTE["commentator"]))
        page = _Page(canvas)
        bold = {"weight": "bold"} if len(families(title)) == 1 else {}  # ours alone surely has it
        y = page.write(title, 58, TITLE, TITLE_LINES, **bold)
        page.write(f"{sentence.rstrip('.')}.", y + 26, SENTENCE, SENTENCE_LINES)
        _bar(canvas, page, _parts(result))
        page.write(FOOT, HEIGHT - 66, SMALL, 1, color=PALETTE["muted"])
        return Drawing(svg_of(canvas), canvas)


def _plain(text: str) -> str:
    return name(text, TITLE_LENGTH).translate(_ISOLATES)


def _parts(result: Result) -> list[Part]:
    """Count comments by their relation; where there are none, words by voice."""
    relations = result.relations
    if len(relations):
        named = relations.label.where(~relations.abstained, ABSTAINED)
        counts = {kind: int((named == kind).sum()) for kind in RELATION_VERBS}
        return [(f"{n} {RELATION_VERBS[kind][n != 1]}", n, kind) for kind, n in counts.items() if n]
    spoken = words_by_speaker(result.segments, 1).groupby("voice", sort=False).share.sum()
    return [
        (f"{LABELS[Voice(voice)]}: {share:.0%} of the words", share, voice)
        for voice, share in spoken.items()
        if share
    ]


def _bar(canvas: Canvas, page: "_Page", parts: list[Part]) -> None:
    """Draw one bar of all parts, and below it what each stands for."""
    top, height = BAR
    at, legend = float(LEFT), LEFT
    room = RIGHT - LEFT - GAP * (len(parts) - 1)
    whole = sum(value for _, value, _ in parts)
    for label, value, color in parts:
        width = room * value / whole
        canvas.add_artist(_box(at, top, width, height, PALETTE[color]))
        at += width + GAP
        canvas.add_artist(_box(legend, top + height + 20, 22, 22, PALETTE[color]))
        legend = page.label(label, legend + 32, top + height + 16) + 34


def _box(x: float, y: float, width: float, height: float, color: str) -> Rectangle:
    corner = (x / WIDTH, 1 - (y + height) / HEIGHT)
    return Rectangle(corner, width / WIDTH, height / HEIGHT, color=color, lw=0)


class _Page:
    """The card's text, placed by pixels from the top left."""

    def __init__(self, canvas: Canvas):
        self.canvas, self.renderer = canvas, FigureCanvasAgg(canvas).get_renderer()

    def write(self, text: str, top: int, sizes: tuple[int, ...], most: int, **style: Any) -> int:
        """Write a text in the largest size in which it fits; return where it ends."""
        for size in sizes:
            lines = wrapped(text, most, lambda part, size=size: self._fits(part, size, style))
            if lines[-1] == text[-len(lines[-1]) :]:
                break
        leftward = any(unicodedata.bidirectional(c) in ("R", "AL") for c in lines[0])
        x, side = (RIGHT, "right") if leftward else (LEFT, "left")
        for number, line in enumerate(lines):
            self._text(line, x, top + int(number * size * 1.22), size, ha=side, **style)
        return top + int(len(lines) * size * 1.22)

    def label(self, text: str, x: int, top: int) -> int:
        """Write a label on one line; return where it ends."""
        box = self._text(text, x, top, SMALL[0]).get_window_extent(self.renderer)
        return int(box.x1)

    def _text(self, text: str, x: int, top: int, size: int, **style: Any) -> Any:
        place = (x / WIDTH, 1 - (top + size) / HEIGHT)
        return self.canvas.text(
            *place, text, size=size * 72 / DPI, family=families(text), va="baseline", **style
        )

    def _fits(self, text: str, size: int, style: dict[str, Any]) -> bool:
        trial = self._text(text, LEFT, 0, size, **style)
        width = trial.get_window_extent(self.renderer).width
        trial.remove()
        return width <= RIGHT - LEFT


def wrapped(text: str, most: int, fits: Fits) -> list[str]:
    """Return a text in at most so many lines, each of which fits; the last is cut with a mark.

    Lines end at a space, or within a word where that is longer than a line.
    """
    lines: list[str] = []
    while len(lines) < most:
        mark = "…" if len(lines) == most - 1 else ""
        if fits(text):
            return [*lines, text]
        n = max(bisect_left(range(1, len(text)), True, key=lambda n: not fits(text[:n] + mark)), 1)
        space = text.rfind(" ", 1, n + 1)
        n = space if space > 0 else n
        while n > 1 and unicodedata.combining(text[n]):
            n -= 1
        lines.append(text[:n].rstrip() + mark)
        text = text[n:].lstrip()
    return lines
