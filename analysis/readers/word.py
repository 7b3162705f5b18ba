"""Word documents (.docx): the body is the article, the comments are the commentary.

Tracked deletions are left out and insertions read, as if all changes were accepted. Comments keep
their authors, anchors and replies. A text box follows the paragraph that it is anchored to;
footnotes and endnotes follow the body, in the order in which it refers to them. Parts that the body
embeds (altChunk) stand where it embeds them.
"""

from functools import partial
from typing import Any

from analysis.errors import one_line
from analysis.readers.anchors import AnnotatedArticle, Origin, Span
from analysis.readers.archive import Archive
from analysis.readers.assembly import Paragraph, assemble, joined
from analysis.readers.google_docs import without_states
from analysis.readers.html_tree import text_of
from analysis.readers.placement import Comment
from analysis.readers.text import decode
from analysis.readers.word_body import Body, W, walk
from analysis.types import Kind

W_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
W15 = "{http://schemas.microsoft.com/office/word/2012/wordml}"
DC = "{http://purl.org/dc/elements/1.1/}"
DCTERMS = "{http://purl.org/dc/terms/}"
_UNREAD = {
    "diagramData": "diagrams (SmartArt)", "chart": "charts", "oleObject": "embedded objects",
    "package": "embedded objects",
}  # fmt: skip
MOST_EMBEDDED = 2  # documents within each other


def read_word(data: bytes, origin: Origin) -> AnnotatedArticle:
    """Read a Word document with its comments.

    Raises:
        InputError: it is no .docx, damaged, has a password, holds no text, or is past
            one of the origin.limits.
    """
    archive = Archive(data, origin)
    text = Body()
    _read_into(text, archive)
    return assemble(_with_title(text), text.comments, origin, about=_about(archive))


def _read_into(text: Body, archive: Archive) -> None:
    """Add a document's paragraphs, notes and comments; also those of one that is embedded."""
    origin = archive.origin
    main, parts = _parts(archive)
    root = archive.xml(main)
    body = root.find(f"{W}body")
    if body is None and root.find(f"{W_STRICT}body") is not None:
        raise origin.error(
            "a document of the strict form", "the usual one, save it as Word Document (.docx)"
        )
    if body is None:
        raise origin.error("no body", "a Word document, save it again")
    outer = text.chunks, text.notes
    text.chunks, text.notes = {}, []
    for relation in archive.relations(main):
        if relation.kind == "aFChunk":
            text.chunks[relation.id] = partial(_embed, text, archive, relation.part)
        elif relation.kind in _UNREAD:
            origin.leave_out(_UNREAD[relation.kind])
    walk(body, text)
    _add_notes(archive, parts, text)
    text.comments += _comments(archive, parts, text)
    text.chunks, text.notes = outer


def _embed(text: Body, archive: Archive, part: str) -> None:
    """Add the text of a part that the body embeds (an altChunk): Word, HTML or plain text."""
    origin = archive.origin
    suffix = part.rpartition(".")[2].lower()
    data = archive.read(part) if part in archive.names else b""
    if data.startswith(b"PK") and text.scope.count("/") < MOST_EMBEDDED:
        outer, text.scope = text.scope, f"{text.scope}{part.replace('/', '-')}/"
        _read_into(text, Archive(data, origin, within=archive))
        text.scope = outer
        return
    words = ""
    if suffix in ("htm", "html", "xhtml"):
        words = text_of(decode(data, where=f"{origin.path}: {part}", page=True), origin)
    elif suffix in ("txt", "text"):
        words = decode(data, where=f"{origin.path}: {part}")
    if not words.strip():
        origin.leave_out("embedded parts (altChunk) of other kinds")
    for line in words.splitlines():
        text.add(line)
        text.close()


def _with_title(body: Body) -> list[Paragraph]:
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


def _add_notes(archive: Archive, parts: dict[str, str], body: Body) -> None:
    """Add the foot- and endnotes that the body refers to, each once, after it."""
    found: dict[tuple[str, str], Any] = {}
    for kind in ("footnote", "endnote") if body.notes else ():
        name = parts.get(f"{kind}s", "")
        if name in archive.names:
            for note in archive.xml(name).findall(f"{W}{kind}"):
                found.setdefault((kind, note.get(f"{W}id") or ""), note)
    for which in dict.fromkeys(body.notes):
        if which in found:
            walk(found[which], body)


def _comments(archive: Archive, parts: dict[str, str], body: Body) -> list[Comment]:
    """Return the comments with their anchors, authors and threads."""
    name = parts.get("comments", "")
    if name not in archive.names:
        return []
    found = archive.xml(name).findall(f"{W}comment")
    before = len(body.comments)
    archive.origin.check_limit("annotations", before + len(found), "comments", "split the document")
    said = ((element, _words(element)) for element in found)
    kept = [(e, text) for e, text in said if without_states(text) or not text]  # a state is none
    paragraphs = [[p.get(f"{W14}paraId") for p in e.iter(f"{W}p")] for e, _ in kept]
    numbers = {p: n for n, own in enumerate(paragraphs, start=before) for p in own if p}
    parents = _parents(archive, parts.get("commentsExtended", ""))
    comments = []
    for (element, text), own in zip(kept, paragraphs, strict=True):
        parent = next((parents[p] for p in reversed(own) if p in parents), None)
        at, after = _anchor(body.scope + (element.get(f"{W}id") or ""), body)
        author = element.get(f"{W}author") or ""
        comments.append(Comment(without_states(text), author, at, after, numbers.get(parent)))
    return comments


def _words(comment: Any) -> str:
    """Return a comment's text."""
    words = Body()
    walk(comment, words)
    return joined(words.pieces)


def _parents(archive: Archive, name: str) -> dict[str, str]:
    """Return by a comment's last paragraph the last paragraph of what it replies to."""
    if name not in archive.names:
        return {}
    return {
        entry.get(f"{W15}paraId"): entry.get(f"{W15}paraIdParent")
        for entry in archive.xml(name).iter(f"{W15}commentEx")
        if entry.get(f"{W15}paraId") and entry.get(f"{W15}paraIdParent")
    }


def _anchor(which: str, body: Body) -> tuple[Span | None, int | None]:
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
