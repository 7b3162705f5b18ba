"""A PDF page's annotations, and the words under each."""

from collections.abc import Sequence
from ctypes import POINTER, byref, c_ushort, cast
from dataclasses import dataclass, field
from typing import Any

from analysis.readers.pdf_lines import Line, char_box

_MARKUP = frozenset({9, 10, 11, 12})  # highlight, underline, squiggly, strike-out
_NOTES = frozenset({1, 3, 4, 5, 6, 7, 8, 13, 14, 15})  # notes, boxes, lines, stamps, ink

Box = tuple[float, float, float, float]  # left, right, bottom, top


@dataclass(slots=True)
class Note:
    """One annotation: its text, author, page, rectangles and the one that it replies to."""

    page: int
    text: str
    commentator: str
    boxes: list[Box]
    middle: float
    parent: int | None
    words: list[tuple[Line, int, int]] = field(default_factory=list)


def page_notes(page: Any, number: int, before: int, most: int) -> list[Note]:
    """Return a page's annotations, at most so many.

    `before` is how many there are on the pages before; `parent` counts from the first.
    """
    import pypdfium2.raw as raw

    count = min(raw.FPDFPage_GetAnnotCount(page.raw), most)
    notes: list[Note] = []
    numbers: dict[int, int] = {}
    replies: dict[int, int] = {}
    for index in range(max(0, count)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, index)
        if not annotation:
            continue
        try:
            kind = raw.FPDFAnnot_GetSubtype(annotation)
            if kind in _MARKUP or kind in _NOTES:
                numbers[index] = before + len(notes)
                replies[index] = _reply_to(page, annotation)
                notes.append(_note(annotation, kind, number))
        finally:
            raw.FPDFPage_CloseAnnot(annotation)
    for index, place in numbers.items():
        notes[place - before].parent = numbers.get(replies[index])
    return notes


def _note(annotation: Any, kind: int, number: int) -> Note:
    import pypdfium2.raw as raw

    rectangle = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(annotation, byref(rectangle))
    boxes = _quads(annotation) if kind in _MARKUP else []
    text, author = _string(annotation, b"Contents"), _string(annotation, b"T")
    return Note(number, text, author, boxes, (rectangle.top + rectangle.bottom) / 2, None)


def _string(annotation: Any, key: bytes) -> str:
    """Return a text of an annotation, without what is no character."""
    import pypdfium2.raw as raw

    size = raw.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    if not 2 < size <= 4_000_000:
        return ""
    buffer = (c_ushort * (size // 2 + 1))()
    raw.FPDFAnnot_GetStringValue(annotation, key, cast(buffer, POINTER(c_ushort)), size)
    text = bytes(buffer)[: size - 2].decode("utf-16-le", errors="ignore")
    return "".join(c if c.isprintable() or c in "\n\t\u00a0\u00ad" else "\n" for c in text).strip()


def _reply_to(page: Any, annotation: Any) -> int:
    import pypdfium2.raw as raw

    linked = raw.FPDFAnnot_GetLinkedAnnot(annotation, b"IRT")
    if not linked:
        return -1
    try:
        return raw.FPDFPage_GetAnnotIndex(page.raw, linked)
    finally:
        raw.FPDFPage_CloseAnnot(linked)


def _quads(annotation: Any) -> list[Box]:
    import pypdfium2.raw as raw

    boxes = []
    for number in range(min(raw.FPDFAnnot_CountAttachmentPoints(annotation), 1_000)):
        quad = raw.FS_QUADPOINTSF()
        if raw.FPDFAnnot_GetAttachmentPoints(annotation, number, byref(quad)):
            across = (quad.x1, quad.x2, quad.x3, quad.x4)
            up = (quad.y1, quad.y2, quad.y3, quad.y4)
            boxes.append((min(across), max(across), min(up), max(up)))
    return boxes


def words_under(text: Any, lines: Sequence[Line], note: Note) -> list[tuple[Line, int, int]]:
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
                and left <= sum(char_box(text, line.start + offset)[:2]) / 2 <= right
            ]
            if under:
                found.append((line, under[0], under[-1] + 1))
    return found
