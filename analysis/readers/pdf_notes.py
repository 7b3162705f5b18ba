"""A PDF page's annotations, and the words under each."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import POINTER, byref, c_ushort, cast
from dataclasses import dataclass, field
from typing import Any

import pypdfium2
import pypdfium2.raw as raw

from analysis.readers.anchors import Origin
from analysis.readers.html_tree import text_of
from analysis.readers.pdf_lines import Box, Line, PageText

_MARKUP = frozenset({9, 10, 11, 12})  # highlight, underline, squiggly, strike-out
_NOTES = frozenset({1, 3, 4, 5, 6, 7, 8, 13, 14, 15})  # notes, boxes, lines, stamps, ink


@dataclass(slots=True)
class Note:
    """One annotation: its text, author, page, rectangles and the one that it replies to."""

    page: int
    text: str
    commentator: str
    boxes: list[Box]
    middle: float
    parent: int | None = None
    words: list[tuple[Line, int, int]] = field(default_factory=list)


def page_notes(
    page: pypdfium2.PdfPage, text: PageText, number: int, before: int, most: int, origin: Origin
) -> list[Note]:
    """Return a page's annotations, at most so many.

    A state that a reviewer set (accepted, marked) is none; those that are grouped, as the caret
    and the strike-out of a replacement, are one.

    Args:
        page: the page.
        text: its text.
        number: its number.
        before: how many annotations there are on the pages before; `parent` counts from the first.
        most: how many are read.
        origin: where the file comes from.
    """
    count = min(raw.FPDFPage_GetAnnotCount(page.raw), most)
    found: dict[int, Note] = {}
    above: dict[int, int] = {}  # by index on the page, what an annotation replies to or is part of
    parts: list[int] = []
    for index in range(max(0, count)):
        with _closing(raw.FPDFPage_GetAnnot(page.raw, index)) as annotation:
            kind = raw.FPDFAnnot_GetSubtype(annotation) if annotation else 0
            if kind not in _MARKUP and kind not in _NOTES:
                continue
            above[index] = _linked(page, annotation, b"IRT")
            if raw.FPDFAnnot_HasKey(annotation, b"StateModel"):
                continue
            if above[index] >= 0 and _string(annotation, b"RT") == "Group":
                parts.append(index)
            found[index] = _note(page, annotation, kind, number, text, origin)
    for index in parts:
        whole = found.get(above[index])
        if whole is not None and whole is not found[index]:
            part = found.pop(index)
            whole.boxes += part.boxes
            whole.text = "\n".join(filter(None, dict.fromkeys((whole.text, part.text))))
    numbers = {index: before + place for place, index in enumerate(found)}
    for index, note in found.items():
        parent = numbers.get(_first_shown(above, above[index], numbers))
        note.parent = None if parent == numbers[index] else parent
    return list(found.values())


@contextmanager
def _closing(annotation: Any) -> Iterator[Any]:
    """Close an annotation, or none, in the end."""
    try:
        yield annotation
    finally:
        if annotation:
            raw.FPDFPage_CloseAnnot(annotation)


def _first_shown(above: dict[int, int], index: int, shown: dict[int, int]) -> int:
    """Return the note that an annotation replies to, past states and parts of a group."""
    seen = set()
    while index in above and index not in shown and index not in seen:
        seen.add(index)
        index = above[index]
    return index


def _note(
    page: pypdfium2.PdfPage, annotation: Any, kind: int, number: int, text: PageText, origin: Origin
) -> Note:
    rectangle = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(annotation, byref(rectangle))
    own = (rectangle.left, rectangle.right, rectangle.bottom, rectangle.top)
    boxes = (_quads(annotation) or [own]) if kind in _MARKUP else []
    _, _, bottom, top = text.upright(own)
    words = _words(page, annotation, origin)
    author = _string(annotation, b"T")
    return Note(number, words, author, list(map(text.upright, boxes)), (top + bottom) / 2)


def _words(page: pypdfium2.PdfPage, annotation: Any, origin: Origin) -> str:
    """Return what an annotation says: its text, else its rich text or that of its pop-up."""
    if words := _string(annotation, b"Contents"):
        return words
    if rich := _string(annotation, b"RC"):
        return text_of(rich, origin)
    with _closing(raw.FPDFAnnot_GetLinkedAnnot(annotation, b"Popup")) as popup:
        if not popup:
            return ""
        return _string(popup, b"Contents") or text_of(_string(popup, b"RC"), origin)


def _string(annotation: Any, key: bytes) -> str:
    """Return a text of an annotation, without what is no character."""
    size = raw.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    if not 2 < size <= 4_000_000:
        return ""
    buffer = (c_ushort * (size // 2 + 1))()
    raw.FPDFAnnot_GetStringValue(annotation, key, cast(buffer, POINTER(c_ushort)), size)
    text = bytes(buffer)[: size - 2].decode("utf-16-le", errors="ignore")
    return "".join(c if c.isprintable() or c in "\n\t\u00a0\u00ad" else "\n" for c in text).strip()


def _linked(page: pypdfium2.PdfPage, annotation: Any, key: bytes) -> int:
    """Return the place on the page of an annotation that another refers to, else -1."""
    with _closing(raw.FPDFAnnot_GetLinkedAnnot(annotation, key)) as linked:
        return raw.FPDFPage_GetAnnotIndex(page.raw, linked) if linked else -1


def _quads(annotation: Any) -> list[Box]:
    boxes = []
    for number in range(min(raw.FPDFAnnot_CountAttachmentPoints(annotation), 1_000)):
        quad = raw.FS_QUADPOINTSF()
        if raw.FPDFAnnot_GetAttachmentPoints(annotation, number, byref(quad)):
            across = (quad.x1, quad.x2, quad.x3, quad.x4)
            up = (quad.y1, quad.y2, quad.y3, quad.y4)
            boxes.append((min(across), max(across), min(up), max(up)))
    return boxes


def words_under(text: PageText, lines: Sequence[Line], note: Note) -> list[tuple[Line, int, int]]:
    """Return the parts of lines that a note's rectangles cover, as offsets in the line."""
    found = []
    for left, right, bottom, top in note.boxes:
        for line in lines:
            if not bottom <= line.middle <= top or line.right <= left or right <= line.left:
                continue
            if left <= line.left + 1 and line.right - 1 <= right:
                found.append((line, 0, len(line.text)))
                continue
            under = [
                offset
                for offset in range(len(line.text))
                if line.text[offset] != " "
                and left <= sum(text.char_box(line.start + offset)[:2]) / 2 <= right
            ]
            if under:
                found.append((line, under[0], under[-1] + 1))
    return found
