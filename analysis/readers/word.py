"""Word documents (.docx): the body is the article, the comments are the commentary.

Deletions that were tracked are left out and insertions taken, as if all changes were
accepted. Comments keep their authors, anchors and replies. A text box follows the
paragraph that it hangs on; foot- and endnotes follow the body, in the order in which
it refers to them.
"""

from dataclasses import dataclass, field
from typing import Any

from analysis.errors import one_line
from analysis.readers.anchors import AnnotatedArticle, Origin, Span
from analysis.readers.archive import Archive
from analysis.readers.assembly import BLANK_LINE, Paragraph, assemble, joined
from analysis.readers.placement import Comment
from analysis.types import Kind

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
W15 = "{http://schemas.microsoft.com/office/word/2012/wordml}"
DC = "{http://purl.org/dc/elements/1.1/}"
DCTERMS = "{http://purl.org/dc/terms/}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

_PARAGRAPH, _STYLE, _BOX = f"{W}p", f"{W}pPr", f"{W}txbxContent"
_MATHS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_GONE = frozenset(
    W + name for name in "del moveFrom instrText delText delInstrText rPr pPr sectPr tblPr".split()
) | {f"{MC}Fallback"}
_KINDS = {"title": Kind.TITLE, "caption": Kind.CAPTION}


@dataclass(slots=True)
class _Body:
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
    boxes: list[Any] = field(default_factory=list)  # text boxes that hang on the open paragraph
    notes: list[tuple[str, str]] = field(default_factory=list)  # kind and id, as referred to

    def mark(self, which: str, edge: str) -> None:
        self.marks.append((which, edge, self.size))

    def add(self, text: str) -> None:
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


def read_word(data: bytes, origin: Origin) -> AnnotatedArticle:
    """Read a Word document with its comments.

    Raises:
        InputError: it is no .docx, damaged, has a password, holds no text, or is past
            one of the origin.limits.
    """
    archive = Archive(data, origin)
    main, parts = _parts(archive)
    root = archive.xml(main)
    body = root.find(f"{W}body")
    if body is None and root.find(f"{W_STRICT}body") is not None:
        raise origin.error(
            "a document of the strict form", "the usual one, save it as Word Document (.docx)"
        )
    if body is None:
        raise origin.error("no body", "a Word document, save it again")
    text = _Body()
    _walk(body, text, origin)
    _add_notes(archive, parts, text)
    comments = _comments(archive, parts, text)
    return assemble(_with_title(text), comments, origin, about=_about(archive))


def _with_title(body: _Body) -> list[Paragraph]:
    """Return the pieces; a heading that opens the body is the title where none is styled so."""
    pieces = list(body.pieces)
    titled = any(piece.kind is Kind.TITLE for piece in pieces)
    for number, style in enumerate(body.styles):
        if style.startswith("heading"):
            first = number == 0 and not titled
            pieces[number] = Paragraph(pieces[number].text, Kind.TITLE if first else Kind.PARAGRAPH)
    return pieces


def _parts(archive: Archive) -> tuple[str, dict[str, str]]:
    """Return the main part's name, and those of its comment parts by the end of their type."""
    mains = (r.part for r in archive.relations("") if r.kind == "officeDocument")
    main = next(mains, "word/document.xml")
    if main not in archive.names:
        raise archive.origin.error(f"no {main[:60]!r}", "a Word document, save it as .docx")
    return main, {r.kind: r.part for r in reversed(archive.relations(main))}


def _walk(root: Any, body: _Body, origin: Origin) -> None:
    """Gather the text of an element in one pass, however deep its tables and boxes nest."""
    todo: list[tuple[Any, bool]] = [(root, True)]
    open_elements = 0
    while todo:
        element, opens = todo.pop()
        tag = element.tag
        if not opens:
            open_elements -= 1
            if tag == _PARAGRAPH:
                todo += _ended(body)
            continue
        if tag == _STYLE:
            _take_style(element, body)
        if tag in _GONE or not isinstance(tag, str):
            continue
        if tag == _BOX and element is not root and body.size:
            body.boxes.append(element)
            continue
        if tag == _PARAGRAPH and body.parts and not body.joins:
            body.close()
        body.joins = body.joins and tag != _PARAGRAPH
        _take(element, tag.removeprefix(W), body)
        if not len(element):
            if tag == _PARAGRAPH:
                todo += _ended(body)
            continue
        open_elements += 1
        if open_elements > origin.limits.depth:
            raise origin.error(
                f"elements nested more than {origin.limits.depth:,} deep",
                "an article, save its text",
            )
        todo.append((element, False))
        todo += [(child, True) for child in reversed(element)]
    body.close()
    boxes, body.boxes = body.boxes, []  # of a last paragraph whose end was deleted
    for box in boxes:
        _walk(box, body, origin)


def _ended(body: _Body) -> list[tuple[Any, bool]]:
    """End a paragraph; return the text boxes that hung on it, to be read next."""
    if body.joins:
        return []
    body.close()
    boxes, body.boxes = body.boxes, []
    return [(box, True) for box in reversed(boxes)]


def _take_style(element: Any, body: _Body) -> None:
    style = element.find(f"{W}pStyle")
    body.style = "" if style is None else (style.get(f"{W}val") or "").lower()
    body.joins = element.find(f"{W}rPr/{W}del") is not None


def _add_notes(archive: Archive, parts: dict[str, str], body: _Body) -> None:
    """Add the foot- and endnotes that the body refers to, each once, behind it."""
    found: dict[tuple[str, str], Any] = {}
    for kind in ("footnote", "endnote") if body.notes else ():
        name = parts.get(f"{kind}s", "")
        if name in archive.names:
            for note in archive.xml(name).findall(f"{W}{kind}"):
                found.setdefault((kind, note.get(f"{W}id") or ""), note)
    for which in dict.fromkeys(body.notes):
        if which in found:
            _walk(found[which], body, archive.origin)


def _take(element: Any, name: str, body: _Body) -> None:
    if name == "t":
        body.add(element.text or "")
    elif name in ("p", "r"):
        pass
    elif name == "tab":
        body.add("\t")
    elif name in ("br", "cr"):
        body.add("\n")
    elif name == "noBreakHyphen":
        body.add("\u2011")
    elif name == "softHyphen":
        body.add("\u00ad")
    elif name == "commentRangeStart":
        body.mark(element.get(f"{W}id") or "", "start")
    elif name in ("commentRangeEnd", "commentReference"):
        body.mark(element.get(f"{W}id") or "", "end")
    elif name in ("footnoteReference", "endnoteReference"):
        body.notes.append((name.removesuffix("Reference"), element.get(f"{W}id") or ""))
    elif name == _MATHS:
        body.add(element.text or "")


def _comments(archive: Archive, parts: dict[str, str], body: _Body) -> list[Comment]:
    """Return the comments with their anchors, authors and threads."""
    name = parts.get("comments", "")
    if name not in archive.names:
        return []
    elements = archive.xml(name).findall(f"{W}comment")
    archive.origin.check_limit("annotations", len(elements), "comments", "split the document")
    parents = _parents(archive, parts.get("commentsExtended", ""))
    by_paragraph = {
        paragraph.get(f"{W14}paraId"): number
        for number, element in enumerate(elements)
        for paragraph in element.iter(f"{W}p")
        if paragraph.get(f"{W14}paraId")
    }
    comments = []
    for element in elements:
        own = [p.get(f"{W14}paraId") for p in element.iter(f"{W}p")]
        parent = next((parents[p] for p in reversed(own) if p in parents), None)
        words = _Body()
        _walk(element, words, archive.origin)
        text = joined(words.pieces)
        at, after = _anchor(element.get(f"{W}id") or "", body)
        author = element.get(f"{W}author") or ""
        comments.append(Comment(text, author, at, after, by_paragraph.get(parent)))
    return comments


def _parents(archive: Archive, name: str) -> dict[str, str]:
    """Return by a comment's last paragraph the last paragraph of what it replies to."""
    if name not in archive.names:
        return {}
    return {
        entry.get(f"{W15}paraId"): entry.get(f"{W15}paraIdParent")
        for entry in archive.xml(name).iter(f"{W15}commentEx")
        if entry.get(f"{W15}paraId") and entry.get(f"{W15}paraIdParent")
    }


def _anchor(which: str, body: _Body) -> tuple[Span | None, int | None]:
    start, end = body.starts.get(which), body.ends.get(which)
    if start is not None and end is not None and start < end:
        return (start, end), None
    return None, end if end is not None else start


def _about(archive: Archive) -> dict[str, str]:
    """Return the author and date of the document's properties."""
    if "docProps/core.xml" not in archive.names:
        return {}
    root = archive.xml("docProps/core.xml")
    found = {"author": root.findtext(f"{DC}creator"), "date": root.findtext(f"{DCTERMS}created")}
    return {key: one_line(value)[:500] for key, value in found.items() if value}
