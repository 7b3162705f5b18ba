"""Markdown: paragraphs, quotes and comments, and CriticMarkup's comments with anchors.

A quote that opens with a marker is a commentary as a whole; one that follows a
commentary's colon is what it cites; any other is the article's. `{==words==}{>>said<<}`
is a comment on words. Spans count in the text as it reads, without the marks.
"""

import contextlib
import gc
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.readers.anchors import AnnotatedArticle, Origin
from analysis.readers.assembly import Paragraph, assemble, comment_blocks, with_marker, with_title
from analysis.readers.html_tree import text_of
from analysis.readers.stand_ins import CLOSE, OPEN, has_stand_ins, note_mark, with_notes
from analysis.readers.text import decode, repaired
from analysis.types import Block, Kind

_DEEPEST = 80  # levels of quotes and lists; a list and its item are one each
_NESTING = 100  # levels at which the library drops what it finds
# What opens quotes and lists, or indents what lies in them, at the start of a line.
_OPENS = r"(?:>|[ \t]|(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$))"
_OPENING = re.compile(_OPENS, re.MULTILINE)
_LONG_START = re.compile(rf"(?:^|(?<=\r)){_OPENS}{{{_DEEPEST // 4},}}+", re.MULTILINE)

_FRONT = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
_FACT = re.compile(
    r"^(title|author|date|url|outlet|language|lang)[ \t]*:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE
)
_MARKED = re.compile(r"[*_`<>\[\]#&\\]|^\s*(?:[-+]|\d+[.)])\s|\n", re.MULTILINE)
_PICTURE = re.compile(r"!\[[^\]\n]*\]\(|<img\b", re.IGNORECASE)
_ENDS_IN_COLON = re.compile(r":[\"'”’)\]]*$")


@dataclass(slots=True)
class _Page:
    """The pieces so far, and whether the last of them is a commentary's."""

    pieces: list[Paragraph] = field(default_factory=list)
    quote: int = 0  # the quote that the last commentary stands in, by number; 0: none
    in_comment: bool = False


def read_markdown(data: bytes, origin: Origin) -> AnnotatedArticle:
    """Read a Markdown file.

    Raises:
        InputError: it is no text, or has none.
    """
    text, about = repaired(decode(data, where=origin.path))
    text, facts = _front_matter(text.replace("\r\n", "\n"))
    text, notes = _without_notes(text)
    origin = origin.marking([text])
    page = _Page()
    for piece, quote, level in _paragraphs(text, origin):
        _add(page, piece, quote, level, origin)
    pieces = with_title(page.pieces, facts.pop("title", ""))
    pieces, comments = with_notes(pieces, notes)
    tag = facts.pop("language", facts.pop("lang", ""))
    return assemble(pieces, comments, origin, tag=tag, about={**facts, **about})


def rendered_comment(text: str, origin: Origin) -> tuple[str, tuple[Block, ...]]:
    """Return a comment in Markdown as it is shown, and its blocks where it quotes.

    Quoted words are what the comment cites; a link is its words, as in articles. Pictures are left
    out and counted.

    Raises:
        InputError: quotes or lists nest too deeply.
    """
    if not _MARKED.search(text):
        return text, ()
    origin.leave_out("pictures in comments", len(_PICTURE.findall(text)))
    parts = [(p.text.strip(), level > 0) for p, _, level in _paragraphs(text, origin)]
    parts = [(words, quoted) for words, quoted in parts if words]
    plain = "\n".join(words for words, _ in parts)
    return plain, comment_blocks(parts, origin) if any(quoted for _, quoted in parts) else ()


def _front_matter(text: str) -> tuple[str, dict[str, str]]:
    """Split off the `key: value` lines between two lines of dashes at the very start."""
    found = _FRONT.match(text)
    if not found or not re.match(r"[\w-]+[ \t]*:", found[1]):
        return text, {}
    facts = {m[1]: m[2].strip("\"'")[:500].strip() for m in _FACT.finditer(found[1])}
    return text[found.end() :], {key: value for key, value in facts.items() if value}


def _without_notes(text: str) -> tuple[str, list[str]]:
    """Put stand-ins for CriticMarkup, unless the text has such characters of its own."""
    if has_stand_ins(text):
        return text, []
    notes: list[str] = []
    parts, at = [], 0
    while (start := text.find("{>>", at)) >= 0 and (end := text.find("<<}", start)) >= 0:
        parts += [text[at:start], note_mark(len(notes))]
        notes.append(text[start + 3 : end])
        at = end + 3
    text = "".join([*parts, text[at:]])
    return (text.replace("{==", OPEN).replace("==}", CLOSE) if notes else text), notes


def _paragraphs(text: str, origin: Origin) -> Iterator[tuple[Paragraph, int, int]]:
    """Yield each paragraph, the number of the outermost quote that it is in, and how deep."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": _NESTING}).enable(["table", "strikethrough"])
    with _collector_paused():
        tokens = parser.parse(_LONG_START.sub(_shallow, text))
    heading, cells, quotes, level = "", None, 0, 0
    for token in tokens:
        if token.type == "blockquote_open":
            quotes += level == 0
            level += 1
        elif token.type == "blockquote_close":
            level -= 1
        elif token.type == "heading_open":
            heading = token.tag
        elif token.type == "heading_close":
            heading = ""
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            yield Paragraph("\t".join(cells or ()), Kind.PARAGRAPH), quotes if level else 0, level
            cells = None
        elif token.type == "inline" and cells is not None:
            cells.append(" ".join(_inline(token.children or (), origin).split()))
        elif token.type in ("inline", "fence", "code_block", "html_block"):
            for piece in _of_token(token, heading, origin):
                yield piece, quotes if level else 0, level


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the garbage collector from going through all tokens again and again as they are made."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _shallow(start: re.Match[str]) -> str:
    """Return the start of a line without what would open quotes and lists too deep.

    A list's content is indented by two columns at least, so each column may stand for a level.
    """
    levels = 0
    for opening in _OPENING.finditer(start[0]):
        levels += 4 if "\t" in opening[0] else min(len(opening[0]), 2)
        if levels > _DEEPEST:
            return start[0][: opening.start()]
    return start[0]


def _of_token(token: Any, heading: str, origin: Origin) -> Iterator[Paragraph]:
    if token.type == "html_block":
        for line in text_of(token.content, origin).split("\n"):
            yield Paragraph(line)
    elif token.type in ("fence", "code_block"):
        yield Paragraph(token.content, Kind.PARAGRAPH)
    else:
        children = token.children or []
        visible = [c for c in children if c.type != "softbreak" and c.content.strip()]
        kind = Kind.TITLE if heading == "h1" else Kind.PARAGRAPH if heading else None
        if visible and all(child.type == "image" for child in visible):
            kind = Kind.CAPTION
        yield Paragraph(_inline(children, origin), kind)


def _inline(children: Sequence[Any], origin: Origin) -> str:
    """Return a paragraph's words; a line of its own stays one where it opens a commentary."""
    parts: list[str] = []
    for number, child in enumerate(children):
        if child.type in ("text", "code_inline", "image", "text_special"):
            parts.append(child.content)
        elif child.type == "hardbreak" or _is_break(child):
            parts.append("\n")
        elif child.type == "softbreak":
            rest = "".join(c.content for c in children[number + 1 : number + 6])
            parts.append("\n" if origin.markers.match(rest.lstrip()) else " ")
    return "".join(parts)


def _is_break(token: Any) -> bool:
    return token.type == "html_inline" and token.content.lower().startswith("<br")


def _add(page: _Page, piece: Paragraph, quote: int, level: int, origin: Origin) -> None:
    """Add a paragraph as what the quotes around it make of it."""
    if not piece.text.strip():
        return
    kind, text, continues = piece.kind, piece.text, False
    if quote and page.in_comment and quote == page.quote:
        kind = Kind.CITATION if level > 1 else Kind.COMMENTARY
        continues = level > 1 or not origin.markers.match(text.lstrip())
    elif quote and origin.markers.match(text.lstrip()):
        kind, page.quote, page.in_comment = Kind.COMMENTARY, quote, True
    elif quote and page.in_comment and not page.quote and _cites(page):
        kind, continues = Kind.CITATION, True
        page.quote = 0
    else:
        page.in_comment = kind in (None, Kind.COMMENTARY) and bool(
            origin.markers.match(text.rstrip().rpartition("\n")[2])
        )
        page.quote = 0
        kind = kind or (Kind.PARAGRAPH if quote else None)
    if kind is Kind.COMMENTARY and not continues:
        text = with_marker(text, origin)
    page.pieces.append(Paragraph(text.strip(), kind, continues))


def _cites(page: _Page) -> bool:
    last = page.pieces[-1]
    return last.kind is Kind.CITATION or bool(_ENDS_IN_COLON.search(last.text))
