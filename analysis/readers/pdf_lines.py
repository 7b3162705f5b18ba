"""A PDF page's lines with their positions, and their paragraphs."""

import re
from collections import Counter
from collections.abc import Sequence
from ctypes import byref
from dataclasses import dataclass
from itertools import pairwise
from math import pi
from statistics import median

import pypdfium2
import pypdfium2.raw as raw

from analysis.readers.anchors import Origin, Span
from analysis.readers.assembly import BLANK_LINE, Paragraph
from analysis.types import Kind

WIDER = 1.35  # times the usual distance of lines: another paragraph starts
LARGER = 1.2  # times the usual height of letters: a heading
SHORT = 0.85  # of a column's width: a line that ends a paragraph
INDENT = 6.0  # points
RARE = 0.1  # of the distances between lines: less is not the usual one
LOOSE = 1.6  # times the usual height of letters: no two lines of a paragraph are so far apart
MOST_ENDED = 0.6  # of the lines end a statement: each is a paragraph
SAMPLE = 40  # characters of a page by which it is turned
TITLE_WORDS = 30

_CONTROL = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF], " ")
_STATEMENT_END = re.compile(r"[.!?…:][\"'”’»)\]]*$")
_HYPHEN = "\x02"  # what PDFium gives for a hyphen that only the line's end called for


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One printed line: its words, their place in points, and where they start in the page."""

    page: int
    text: str
    start: int  # in the characters of the page's text
    left: float
    right: float
    bottom: float
    top: float
    hyphen: bool = False

    @property
    def middle(self) -> float:
        """The height of the line's middle on the page."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands in the pieces joined by blank lines."""

    start: int
    end: int


Box = tuple[float, float, float, float]  # left, right, bottom, top


class PageText:
    """The text of a page, and places on it as they are when the text is upright.

    Pages are shown turned (`/Rotate`), text is drawn turned, or both; PDFium gives the lines in
    their order only where the page is turned as its text is, and places as if neither were.
    """

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        """Turn a page as most of its text is, and take the text."""
        self.text = page.get_textpage()
        self._turned = _angle(self.text)
        self._media = page.get_mediabox()
        if self._turned != page.get_rotation():
            self.text.close()
            page.set_rotation(self._turned)
            self.text = page.get_textpage()

    def close(self) -> None:
        """Free the page's text."""
        self.text.close()

    def upright(self, box: Box) -> Box:
        """Return a box of the page where it is when the text is upright."""
        left, right, bottom, top = box
        west, south, east, north = self._media
        if self._turned == 90:
            return bottom - south, top - south, east - right, east - left
        if self._turned == 180:
            return east - right, east - left, north - top, north - bottom
        if self._turned == 270:
            return north - top, north - bottom, left - west, right - west
        return box

    def char_box(self, index: int) -> Box:
        """Return the place of a character of the page's text."""
        char = raw.FPDFText_GetCharIndexFromTextIndex(self.text.raw, index)
        box = raw.FS_RECTF()
        if char < 0 or not raw.FPDFText_GetLooseCharBox(self.text.raw, char, byref(box)):
            return 0.0, 0.0, 0.0, 0.0
        return self.upright((box.left, box.right, box.bottom, box.top))

    def lines(self, page: int) -> list[Line]:
        """Return the lines that hold some words; `page` is the page's number."""
        lines, at = [], 0
        for part in re.split(r"(\r\n|[\r\n])", self.text.get_text_range()):
            words = part.translate(_CONTROL).strip()
            if words:
                start = at + len(part) - len(part.translate(_CONTROL).lstrip())
                first = self.char_box(start)
                last = self.char_box(start + len(words) - 1)
                hyphen = part.rstrip().endswith((_HYPHEN, "\u00ad"))
                lines.append(
                    Line(
                        page, words, start, first[0], max(first[1], last[1]),
                        min(first[2], last[2]), max(first[3], last[3]), hyphen,
                    )
                )  # fmt: skip
            at += len(part)
        return lines


def _angle(text: pypdfium2.PdfTextPage) -> int:
    """Return how far most of a page's text is turned to the left: 0, 90, 180 or 270 degrees."""
    count = text.count_chars()
    places = range(0, count, max(1, count // SAMPLE))
    turns = (raw.FPDFText_GetCharAngle(text.raw, place) / (pi / 2) for place in places)
    found = Counter(-round(turn) % 4 for turn in turns if turn >= 0)
    return 90 * found.most_common(1)[0][0] if found else 0


def without_running_heads(pages: Sequence[list[Line]]) -> list[list[Line]]:
    """Leave out page numbers, and first and last lines that more than half of the pages share."""
    if len(pages) < 3:
        return [list(page) for page in pages]
    ends = Counter(key for page in pages for key in {_edge(line) for line in _edges(page)})
    repeated = {key for key, count in ends.items() if count > max(2, len(pages) / 2)}
    kept = []
    for page in pages:
        dropped = {id(line) for line in _edges(page) if _edge(line) in repeated}
        kept.append([line for line in page if id(line) not in dropped])
    return kept


def _edges(page: Sequence[Line]) -> list[Line]:
    return [page[0], page[-1]] if page else []


def _edge(line: Line) -> str:
    return re.sub(r"\d+", "#", line.text)


def paragraphs(
    pages: Sequence[list[Line]], origin: Origin
) -> tuple[list[Paragraph], dict[Line, Place]]:
    """Return the paragraphs that lines make, and where each line stands in them."""
    lines = [line for page in pages for line in page]
    origin = origin.marking(line.text for line in lines)
    heights = median(line.top - line.bottom for line in lines) if lines else 0.0
    step = _usual_step(lines, heights)
    width = max((line.right for line in lines), default=0.0)
    groups: list[list[Line]] = []
    for line in lines:
        if groups and not _starts(groups[-1], line, step, heights, width, origin):
            groups[-1].append(line)
        else:
            groups.append([line])
    pieces, places, length = [], {}, 0
    for number, group in enumerate(groups):
        text, spans = _joined(group)
        for line, (start, end) in zip(group, spans, strict=True):
            places[line] = Place(start + length, end + length)
        pieces.append(Paragraph(text, _kind(number, group, text, heights)))
        length += len(text) + len(BLANK_LINE)
    return pieces, places


def _usual_step(lines: Sequence[Line], height: float) -> float:
    """Return the distance of the lines of a paragraph: the least that is not rare.

    Where nearly every line is a paragraph of its own, it is less than any.
    """
    steps = [a.middle - b.middle for a, b in pairwise(lines)]
    steps = [step for step in steps if step > height / 2]
    rounded = Counter(round(step) for step in steps)
    often = (s for s in sorted(rounded) if sum(rounded[s + n] for n in (0, 1)) >= RARE * len(steps))
    step = float(next(often, 0))
    ended = sum(bool(_STATEMENT_END.search(line.text)) for line in lines)
    return height if step > LOOSE * height and ended > MOST_ENDED * len(lines) else step


def _starts(
    group: Sequence[Line], line: Line, step: float, height: float, width: float, origin: Origin
) -> bool:
    """Return whether a line starts a paragraph after the lines of a group."""
    last = group[-1]
    if origin.markers.match(line.text):
        return True
    ended = bool(_STATEMENT_END.search(last.text))
    if last.page != line.page:
        return ended or not line.text[0].islower()
    size, before = line.top - line.bottom, last.top - last.bottom
    if height and abs(before - size) > (LARGER - 1) * 2 * height:
        return True
    if step and last.middle - line.middle > WIDER * step:
        return True
    short = last.right < last.left + SHORT * (width - group[0].left)
    return ended and (short or line.left > last.left + INDENT)


def _size(group: Sequence[Line]) -> float:
    return max(line.top - line.bottom for line in group)


def _joined(group: Sequence[Line]) -> tuple[str, list[Span]]:
    """Return a paragraph's text and the span of each line; a line-end hyphen goes."""
    parts: list[str] = []
    spans, at = [], 0
    for number, line in enumerate(group):
        spans.append((at, at + len(line.text)))
        glue = "" if number + 1 == len(group) or line.hyphen else " "
        parts += [line.text, glue]
        at += len(line.text) + len(glue)
    return "".join(parts), spans


def _kind(number: int, group: Sequence[Line], text: str, height: float) -> Kind | None:
    if number == 0 and _size(group) > LARGER * height and len(text.split()) <= TITLE_WORDS:
        return Kind.TITLE
    return None
