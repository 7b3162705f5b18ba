"""Saved web pages: the main text, with the commentary in its containers.

The steps, each a function below: page -> chunks of text -> the article's range of
them -> kinds -> pieces. Nothing is ever downloaded, neither images nor style sheets.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from analysis.readers.anchors import AnnotatedArticle, Origin
from analysis.readers.assembly import Paragraph, assemble, with_title
from analysis.readers.google_docs import take_comments
from analysis.readers.html_bounds import bounded
from analysis.readers.html_roles import Roles, fold, is_editors, is_prose
from analysis.readers.html_tree import (
    Chunk,
    chunks,
    class_names,
    parse_html,
    show_main_text,
    text_of,
)
from analysis.readers.page_metadata import PageFacts, read_metadata
from analysis.readers.stand_ins import with_notes
from analysis.readers.text import decode, repaired
from analysis.types import Kind

LEAST = 25  # characters of a chunk that may say where the article is
NEAR = 20_000  # characters in which a chunk is looked for in the main text
MOST_CELLS = 500  # in a row: for each cell, trafilatura counts those before it
HEAD = 12  # chunks between a page's title and the article's first paragraph

_CREDIT = re.compile(r"(?:.*-)?(?:credits?|copyright|byline|author|photographer|dateline)")
_HEADINGS = frozenset(("h1", "h2", "h3"))
_HOME = re.compile(r"(?:https?://[^/]+)?/?(?:index\.\w{3,5})?")


@dataclass(slots=True)
class _Part:
    """A chunk with what its elements say about it."""

    chunk: Chunk
    comment: Any = None  # the element that holds the whole commentary
    boilerplate: bool = False
    main: bool = False
    title: bool = False


def read_html(data: bytes, origin: Origin) -> AnnotatedArticle:
    """Read a saved page.

    Raises:
        InputError: it is no text, has none, or too many elements.
    """
    text, about = repaired(decode(data, where=origin.path, declared=_charset(data), page=True))
    text = bounded(text)
    root = parse_html(text, origin)
    show_main_text(root)
    facts = read_metadata(root)
    notes = take_comments(root)
    pieces = _pieces(_article(_parts(root, facts, text, origin, whole=bool(notes)), facts))
    if not any(piece.kind is not Kind.TITLE for piece in pieces):
        pieces += _stated_body(facts, origin)
    if not pieces or all(piece.kind is Kind.TITLE for piece in pieces):
        raise origin.error(
            "no text" + " but a title" * bool(pieces or facts.titles),
            "an article's page with its text, save it as the browser shows it",
        )
    pieces = with_title(pieces, next(iter(facts.titles), ""))
    pieces, comments = with_notes(pieces, notes) if notes else (pieces, [])
    return assemble(pieces, comments, origin, tag=facts.language, about={**facts.about, **about})


def _charset(data: bytes) -> str:
    """Return the encoding that a page's head names, as browsers understand the name."""
    import webencodings

    found = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{2,30})", data[:4096], re.I)
    encoding = webencodings.lookup(found[1].decode("ascii")) if found else None
    name = encoding.codec_info.name if encoding else ""
    return "" if name.startswith("utf-16") else name  # which nobody could read the name in


def _stated_body(facts: PageFacts, origin: Origin) -> list[Paragraph]:
    """Return the article's text from JSON-LD, for a page that scripts draw."""
    text = facts.body
    if re.search(r"</?(?:p|br|div)\b", text, re.IGNORECASE):
        text = text_of(text, origin)
    return [Paragraph(line.strip()) for line in text.splitlines() if line.strip()]


def _parts(root: Any, facts: PageFacts, text: str, origin: Origin, *, whole: bool) -> list[_Part]:
    """Return a page's chunks, described; of a `whole` one every chunk is the article's."""
    found = list(chunks(root, _stands_alone))
    roles = Roles(found, facts.titles)
    shown = (c.text for c in found if not any(map(roles.is_boilerplate, c.around[1:])))
    origin = origin.marking(shown)
    firsts: dict[Any, str] = {}
    parts = [_part(chunk, roles, origin, firsts) for chunk in found]
    _fill_containers(parts)
    if whole:
        for part in parts:
            part.main, part.boilerplate = True, False
    else:
        _mark_main(parts, roles, text)
        origin.leave_out("paragraphs of readers' comments", _of_readers(parts, roles))
    return parts


def _of_readers(parts: Sequence[_Part], roles: Roles) -> int:
    """Return how many paragraphs of readers' comments are left out, without labels and forms."""
    return sum(
        is_prose(part.chunk.text)
        for part in parts
        if part.boilerplate and any(map(roles.is_readers, part.chunk.around[1:]))
    )


def _stands_alone(element: Any) -> bool:
    """Return whether an inline element is a comment, or the credit of a caption."""
    names = class_names(element)
    return bool(names) and (
        is_editors(element)
        or (
            any(map(_CREDIT.fullmatch, names))
            and any(a.tag == "figcaption" for a in element.iterancestors())
        )
    )


def _fill_containers(parts: Sequence[_Part]) -> None:
    """Yield what stands in a commentary's container to it, as far as it goes."""
    last: _Part | None = None
    for part in parts:
        if part.comment is not None:
            last = part
        elif last is not None and any(e is last.comment for e in part.chunk.around):
            part.comment, part.boilerplate = last.comment, last.boilerplate


def _part(chunk: Chunk, roles: Roles, origin: Origin, firsts: dict[Any, str]) -> _Part:
    """Describe a chunk: boilerplate, or within an editor's comment."""
    part = _Part(chunk)
    apart = False  # beside the article, unless it is commentary
    for element in chunk.around[1:]:
        if part.comment is None and roles.is_editors(element):
            part.comment = element
        if part.comment is None:
            part.boilerplate = part.boilerplate or roles.is_boilerplate(element)
            apart = apart or roles.is_apart(element)
    heading = any(element.tag == "h1" for element in chunk.around)
    if part.comment is None and not heading and origin.markers.match(chunk.text):
        part.comment = _container(chunk, firsts)
    part.boilerplate = part.boilerplate or (apart and part.comment is None)
    return part


def _container(chunk: Chunk, firsts: dict[Any, str]) -> Any:
    """Return the quote or aside that a marked chunk opens, else its own element."""
    for element in chunk.around:
        if element.tag in ("blockquote", "aside", "details"):
            if element not in firsts:
                firsts[element] = next((first.text for first in chunks(element)), "")
            if firsts[element] == chunk.text:
                return element
    return chunk.around[-1]


def _mark_main(parts: Sequence[_Part], roles: Roles, text: str) -> None:
    """Mark the chunks that are the article: by its element, else by trafilatura."""
    kept = [part for part in parts if not part.boilerplate]
    if bodies := set(roles.bodies([part.chunk for part in kept])):
        for part in kept:
            part.main = not bodies.isdisjoint(part.chunk.around)
        return
    lines = ["".join(line.split()) for line in _main_text(text).split("\n")]
    places = dict(zip(lines, accumulate(map(len, lines), initial=0), strict=False))
    found, at = "".join(lines), 0  # chunks stand in its order: only near the last one is looked
    for part in kept:
        packed = "".join(part.chunk.text.split())
        if len(packed) < LEAST:
            continue
        near = found.find(packed, max(0, at - NEAR), at + len(packed) + NEAR)
        place = places.get(packed, near)
        part.main = place >= 0
        at = place + len(packed) if part.main else at
    if not any(part.main for part in kept):
        for part in kept:
            part.main = True


def _main_text(text: str) -> str:
    # fast: its last resort, jusText, takes minutes for a page of many short paragraphs
    import logging

    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of every odd page
    try:
        page = trafilatura.load_html(text)
        _part_wide_rows(page)
        return trafilatura.extract(page, fast=True, favor_recall=True, include_comments=False) or ""
    except Exception:  # a third party's heuristics on any page: without them, all text is taken
        return ""


def _part_wide_rows(page: Any) -> None:
    """Make several rows of one with more cells than `MOST_CELLS`."""
    for row in list(page.iter("tr")):
        cells = list(row)
        for first in range(MOST_CELLS, len(cells), MOST_CELLS):
            row.addnext(page.makeelement("tr"))
            row = row.getnext()
            row.extend(cells[first : first + MOST_CELLS])


def _article(parts: Sequence[_Part], facts: PageFacts) -> list[_Part]:
    """Return the chunks from the title to the last of the article, boilerplate left out.

    Commentary right after the article belongs to it.
    """
    main = [number for number, part in enumerate(parts) if part.main]
    if not main:
        return []
    first, last = main[0], main[-1]
    while last + 1 < len(parts) and parts[last + 1].comment is not None:
        last += 1
    titled = _title(parts, range(max(0, first - HEAD), last + 1), facts)
    if titled is not None:
        parts[titled].title = True
        first = min(first, titled)
    return [part for part in parts[first : last + 1] if not part.boilerplate]


def _title(parts: Sequence[_Part], places: range, facts: PageFacts) -> int | None:
    """Return the chunk that is the title: a heading that the page names, else its first `h1`.

    An `h1` with the site's name is none.
    """
    headings = [
        (number, element)
        for number in places
        if not parts[number].boilerplate
        for element in parts[number].chunk.around
        if element.tag in _HEADINGS or (element.tag == "p" and "title" in class_names(element))
    ]
    names = [fold(title) for title in facts.titles]
    for name in names:
        for number, _ in headings:
            if name and fold(parts[number].chunk.text) == name:
                return number
    sites = {fold(facts.about.get("outlet", ""))}
    firsts = (
        number
        for number, heading in headings
        if heading.tag in ("h1", "p")
        and fold(parts[number].chunk.text) not in sites
        and not _leads_home(heading)
    )
    return next(firsts, None)


def _leads_home(heading: Any) -> bool:
    """Return whether a heading is a link to the site's first page, whose name it shows."""
    return any(_HOME.fullmatch((a.get("href") or "#").strip()) for a in heading.iter("a"))


def _pieces(parts: Sequence[_Part]) -> list[Paragraph]:
    """Name the kinds: what the elements say, else the rules of plain text."""
    pieces: list[Paragraph] = []
    open_comment: Any = None
    style = ""
    looks = [_look(part) for part in parts]
    first = next((n for n, part in enumerate(parts) if part.comment is not None), 0)
    of_article = set(looks[:first])  # such a look marks no comment
    for part, look in zip(parts, looks, strict=True):
        own = part.chunk.around[-1]
        if part.comment is not None:
            continues = part.comment is open_comment
            cites = continues and any(
                e.tag in ("blockquote", "q") and e is not part.comment
                for e in part.chunk.around[part.chunk.around.index(part.comment) + 1 :]
            )
            kind = Kind.CITATION if cites else Kind.COMMENTARY
            pieces.append(Paragraph(part.chunk.text, kind, continues))
            open_comment, style = part.comment, look
        elif open_comment is not None and look == style and look not in of_article and _marks(own):
            pieces.append(Paragraph(part.chunk.text, Kind.COMMENTARY, continues=True))
        else:
            open_comment = None
            pieces.append(Paragraph(part.chunk.text, _kind(part)))
    return pieces


def _look(part: _Part) -> str:
    own = part.chunk.around[-1]
    return f"{own.get('class') or ''}|{own.get('style') or ''}"


def _marks(element: Any) -> bool:
    """Return whether an element's look is its own, so that the next of the same look goes on."""
    return bool((element.get("class") or "").strip() or (element.get("style") or "").strip())


def _kind(part: _Part) -> Kind | None:
    around = part.chunk.around
    tags = {element.tag for element in around}
    if part.title:
        return Kind.TITLE
    credited = any(_CREDIT.fullmatch(name) for e in around[-3:] for name in class_names(e))
    if credited and len(part.chunk.text.split()) <= 15:
        return Kind.CREDIT
    if "figcaption" in tags or "figure" in tags:
        return Kind.CAPTION
    return (
        Kind.PARAGRAPH if tags & {"blockquote", "li", "h1", "h2", "h3", "h4", "h5", "h6"} else None
    )
