"""Saved web pages: the main text, with the commentary in its containers.

The steps, each a function below: page -> chunks of text -> the article's range of
them -> kinds -> pieces. Nothing is ever downloaded, neither images nor style sheets.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.readers.anchors import AnnotatedArticle, Origin
from analysis.readers.assembly import Paragraph, assemble
from analysis.readers.html_tree import Chunk, chunks, class_names, parse_html
from analysis.readers.page_metadata import read_metadata
from analysis.readers.text import decode, repaired
from analysis.types import Kind

LEAST = 25  # characters of a chunk that may say where the article is
LEAST_ARTICLE = 200  # characters of an element that is taken for the whole article, or half of all
HEAD = 12  # chunks between a page's title and the article's first paragraph

_COMMENT = re.compile(
    r"(?:editors?|editorial|ed|our|inline|site)-?(?:s-)?(?:note|comment|remark)s?|"
    r"comment(?:ary)?(?:-(?:body|text|box|block|inline))?|annotation|annotator-note"
)
_BOILERPLATE = re.compile(
    r"(?:.*-)?(?:share|sharing|social|related|recommend(?:ed|ations?)?|promo|newsletter|subscribe|"
    r"cookies?|consent|advert(?:s|isement|ising)?|ads?|sponsor(?:ed)?|breadcrumbs?|sidebar|footer|"
    r"navbar|menu|comments|commentlist|respond|disqus|most-read|toolbar|popup|modal|"
    r"skip-link|tags|pagination)(?:-(?:list|bar|box|links?|buttons?|section|thread|banner|nav|"
    r"widget|container|area|articles?|stories|form|signup))*"
)
_CREDIT = re.compile(r"(?:.*-)?(?:credits?|copyright|byline|author|photographer|dateline)")
_BODY = re.compile(r"(?:article|story|entry|post)-?(?:body|content|text)|articlebody")


@dataclass(slots=True)
class _Part:
    """A chunk with what its elements say about it."""

    chunk: Chunk
    comment: Any = None  # the element that holds the whole commentary
    boilerplate: bool = False
    main: bool = False


def read_html(data: bytes, origin: Origin) -> AnnotatedArticle:
    """Read a saved page.

    Raises:
        InputError: it is no text, has none, or is nested too deeply.
    """
    text, about = repaired(decode(data, where=origin.path, declared=_charset(data)))
    return html_reading(text, origin, about=about)


def html_reading(text: str, origin: Origin, *, about: dict[str, str]) -> AnnotatedArticle:
    """Return the article of a page.

    Raises:
        InputError: as `read_html`.
    """
    root = parse_html(text, origin)
    facts = read_metadata(root)
    firsts: dict[Any, str] = {}
    found = list(chunks(root, _stands_alone))
    origin = origin.marking(chunk.text for chunk in found)
    parts = [_part(chunk, origin, firsts) for chunk in found]
    _fill_containers(parts)
    _mark_main(parts, root, text)
    title = facts.pop("title", "")
    pieces = _pieces(_article(parts), origin)
    if title and not any(piece.kind is Kind.TITLE for piece in pieces):
        pieces.insert(0, Paragraph(title, Kind.TITLE))
    tag = facts.pop("language", "")
    return assemble(pieces, (), origin, tag=tag, about={**facts, **about})


def _charset(data: bytes) -> str:
    """Return the encoding that a page's head names."""
    found = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{2,30})", data[:4096], re.I)
    return found[1].decode("ascii") if found else ""


def _is_comment(element: Any) -> bool:
    return any(_COMMENT.fullmatch(name) for name in class_names(element))


def _stands_alone(element: Any) -> bool:
    """Return whether an inline element is a comment, or the credit of a caption."""
    credited = any(_CREDIT.fullmatch(name) for name in class_names(element))
    return _is_comment(element) or (
        credited and any(a.tag == "figcaption" for a in element.iterancestors())
    )


def _fill_containers(parts: Sequence[_Part]) -> None:
    """Yield what stands in a commentary's container to it, as far as it goes."""
    last: _Part | None = None
    for part in parts:
        if part.comment is not None:
            last = part
        elif last is not None and any(e is last.comment for e in part.chunk.around):
            part.comment, part.boilerplate = last.comment, last.boilerplate


def _part(chunk: Chunk, origin: Origin, firsts: dict[Any, str]) -> _Part:
    """Describe a chunk: boilerplate, or within an editor's comment."""
    part = _Part(chunk)
    apart = False  # beside the article, unless it is commentary
    for element in chunk.around[1:]:
        if element.tag in ("head", "body"):
            continue
        if part.comment is None and _is_comment(element):
            part.comment = element
        role = (element.get("role") or "").lower()
        named = any(_BOILERPLATE.fullmatch(word) for word in class_names(element))
        named = named or element.tag == "footer" or role in ("navigation", "dialog")
        part.boilerplate = part.boilerplate or (named and part.comment is None)
        apart = apart or element.tag == "aside" or role == "complementary"
    if part.comment is None and not _heading(part) and origin.markers.match(chunk.text):
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


def _mark_main(parts: Sequence[_Part], root: Any, text: str) -> None:
    """Mark the chunks that are the article: by its element, else by trafilatura."""
    body = _article_element(root, parts)
    if body is not None:
        for part in parts:
            part.main = not part.boilerplate and any(e is body for e in part.chunk.around)
        return
    found = "".join(_main_text(text).split())
    for part in parts:
        packed = "".join(part.chunk.text.split())
        part.main = not part.boilerplate and len(packed) >= LEAST and packed in found
    if not any(part.main for part in parts):
        for part in parts:
            part.main = not part.boilerplate


def _article_element(root: Any, parts: Sequence[_Part]) -> Any:
    """Return the one element that says that it is the article's body, None where none does."""
    sizes: dict[Any, int] = {}
    for part in parts:
        for element in part.chunk.around:
            sizes[element] = sizes.get(element, 0) + len(part.chunk.text)
    tests = (
        lambda e: "articlebody" in (e.get("itemprop") or "").lower(),
        lambda e: any(_BODY.fullmatch(name) for name in class_names(e)),
        lambda e: e.tag == "article",
        lambda e: e.tag == "main" or (e.get("role") or "").lower() == "main",
    )
    least = min(LEAST_ARTICLE, max(sizes.values(), default=0) / 2)
    for test in tests:
        found = {e for e, size in sizes.items() if size >= least and test(e)}
        outer = [e for e in found if not any(a in found for a in e.iterancestors())]
        if len(outer) == 1:
            return outer[0]
    return None


def _main_text(text: str) -> str:
    # fast: its last resort, jusText, takes minutes for a page of many short paragraphs
    import logging

    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of every odd page
    try:
        return trafilatura.extract(text, fast=True, favor_recall=True, include_comments=False) or ""
    except Exception:  # a third party's heuristics on any page: without them, all text is taken
        return ""


def _article(parts: Sequence[_Part]) -> list[_Part]:
    """Return the chunks from the title to the last of the article, boilerplate left out.

    Commentary right after the article belongs to it.
    """
    main = [number for number, part in enumerate(parts) if part.main]
    if not main:
        return []
    first, last = main[0], main[-1]
    while last + 1 < len(parts) and parts[last + 1].comment is not None:
        last += 1
    head = range(max(0, first - HEAD), first)
    titled = next((n for n in head if _heading(parts[n]) and not parts[n].boilerplate), None)
    start = first if titled is None else titled
    return [part for part in parts[start : last + 1] if not part.boilerplate]


def _heading(part: _Part) -> bool:
    return any(element.tag == "h1" for element in part.chunk.around)


def _pieces(parts: Sequence[_Part], origin: Origin) -> list[Paragraph]:
    """Name the kinds: what the elements say, else the rules of plain text."""
    pieces: list[Paragraph] = []
    open_comment: Any = None
    style, titled = "", False
    for part in parts:
        own = part.chunk.around[-1]
        look = f"{own.get('class') or ''}|{own.get('style') or ''}"
        if part.comment is not None:
            continues = part.comment is open_comment
            cites = continues and any(
                e.tag in ("blockquote", "q") and e is not part.comment
                for e in part.chunk.around[part.chunk.around.index(part.comment) + 1 :]
            )
            kind = Kind.CITATION if cites else Kind.COMMENTARY
            pieces.append(Paragraph(part.chunk.text, kind, continues))
            open_comment, style = part.comment, look
        elif open_comment is not None and look == style and _marks(own):
            pieces.append(Paragraph(part.chunk.text, Kind.COMMENTARY, continues=True))
        else:
            open_comment = None
            kind = _kind(part, titled)
            titled = titled or kind is Kind.TITLE
            pieces.append(Paragraph(part.chunk.text, kind))
    return pieces


def _marks(element: Any) -> bool:
    """Return whether an element's look is its own, so that the next of the same look goes on."""
    return bool((element.get("class") or "").strip() or (element.get("style") or "").strip())


def _kind(part: _Part, titled: bool) -> Kind | None:
    around = part.chunk.around
    tags = {element.tag for element in around}
    if "h1" in tags and not titled:
        return Kind.TITLE
    credited = any(_CREDIT.fullmatch(name) for e in around[-3:] for name in class_names(e))
    if credited and len(part.chunk.text.split()) <= 15:
        return Kind.CREDIT
    if "figcaption" in tags or "figure" in tags:
        return Kind.CAPTION
    return Kind.PARAGRAPH if tags & {"blockquote", "li", "h2", "h3", "h4", "h5", "h6"} else None
