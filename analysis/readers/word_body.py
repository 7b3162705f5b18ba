"""The body of a Word document: its paragraphs, and where comments start and end in them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from analysis.readers.assembly import BLANK_LINE, Paragraph
from analysis.readers.placement import Comment
from analysis.types import Kind

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

_PARAGRAPH, _STYLE, _BOX = f"{W}p", f"{W}pPr", f"{W}txbxContent"
_WORDS = ("t", "{http://schemas.openxmlformats.org/officeDocument/2006/math}t")
_CHARACTERS = {
    "tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad",
}  # fmt: skip
_GONE = frozenset(
    W + name for name in "del moveFrom instrText delText delInstrText rPr pPr sectPr tblPr".split()
) | {f"{MC}Fallback"}
_KINDS = {"title": Kind.TITLE, "caption": Kind.CAPTION}


@dataclass(slots=True)
class Body:
    """The paragraphs, and where each comment's anchor starts and ends in them."""

    pieces: list[Paragraph] = field(default_factory=list)
    length: int = 0  # of the pieces joined by blank lines, the next one's separator included
    parts: list[str] = field(default_factory=list)  # of the open paragraph
    size: int = 0  # of the open paragraph
    starts: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    marks: list[tuple[str, str, int]] = field(default_factory=list)  # of the open paragraph
    style: str = ""  # of the open paragraph
    styles: list[str] = field(default_factory=list)  # of the pieces
    joins: bool = False  # the open paragraph's end was deleted: the next one goes on
    boxes: list[Any] = field(default_factory=list)  # text boxes anchored to the open paragraph
    notes: list[tuple[str, str]] = field(default_factory=list)  # kind and id, as referred to
    scope: str = ""  # of the ids of comments: the embedded document that is being read
    chunks: dict[str, Callable[[], None]] = field(default_factory=dict)  # embedded parts, by id
    comments: list[Comment] = field(default_factory=list)

    def mark(self, which: str, edge: str) -> None:
        """Note an edge of a comment's anchor, its start or its end, at this place."""
        self.marks.append((self.scope + which, edge, self.size))

    def add(self, text: str) -> None:
        """Add text to the open paragraph."""
        self.parts.append(text)
        self.size += len(text)

    def close(self) -> None:
        """End the open paragraph: an empty one is none, and its marks go to the next."""
        self.joins = False
        text = "".join(self.parts)
        before = len(text) - len(text.lstrip())
        kept = text.strip()
        for which, edge, at in self.marks:
            place = self.length + min(max(0, at - before), len(kept))
            (self.starts if edge == "start" else self.ends).setdefault(which, place)
        if kept:
            self.pieces.append(Paragraph(kept, _KINDS.get(self.style)))
            self.styles.append(self.style)
            self.length += len(kept) + len(BLANK_LINE)
        self.parts, self.marks, self.style, self.size = [], [], "", 0

    def take_boxes(self) -> list[Any]:
        """Remove and return the text boxes anchored to the paragraph that has ended."""
        boxes, self.boxes = self.boxes, []
        return boxes


def walk(root: Any, body: Body) -> None:
    """Collect the text of an element, each text box after the paragraph it is anchored to.

    It is no recursion: elements may be nested deeper than Python's calls.
    """
    todo: list[tuple[Any, bool]] = [(child, True) for child in reversed(root)]
    while todo:
        element, opens = todo.pop()
        tag = element.tag
        if tag == _STYLE:
            _take_style(element, body)
        if not opens:
            if not body.joins:
                body.close()
                todo += [(box, True) for box in reversed(body.take_boxes())]
        elif tag == _BOX and body.size:
            body.boxes.append(element)
        elif tag not in _GONE and isinstance(tag, str):
            if tag == _PARAGRAPH:
                if body.parts and not body.joins:
                    body.close()
                body.joins = False
                todo.append((element, False))
            _take(element, tag.removeprefix(W), body)
            todo += [(child, True) for child in reversed(element)]
    body.close()
    for box in body.take_boxes():  # of a last paragraph whose end was deleted
        walk(box, body)


def _take_style(element: Any, body: Body) -> None:
    style = element.find(f"{W}pStyle")
    body.style = "" if style is None else (style.get(f"{W}val") or "").lower()
    body.joins = element.find(f"{W}rPr/{W}del") is not None


def _take(element: Any, name: str, body: Body) -> None:
    if name in _WORDS:
        body.add(element.text or "")
    elif name in _CHARACTERS:
        body.add(_CHARACTERS[name])
    elif name == "commentRangeStart":
        body.mark(element.get(f"{W}id") or "", "start")
    elif name in ("commentRangeEnd", "commentReference"):
        body.mark(element.get(f"{W}id") or "", "end")
    elif name in ("footnoteReference", "endnoteReference"):
        body.notes.append((name.removesuffix("Reference"), element.get(f"{W}id") or ""))
    elif name == "altChunk":
        body.close()
        if embed := body.chunks.get(element.get(f"{R}id") or ""):
            embed()
