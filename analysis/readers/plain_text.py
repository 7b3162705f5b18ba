"""Plain text: paragraphs separated by blank lines, commentary after a marker.

The steps, each a function below: lines -> chunks between blank lines -> pieces
(lines that a hard wrap broke are one) -> kinds -> blocks.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from analysis.errors import InputError
from analysis.readers.anchors import AnnotatedArticle, Origin, Span
from analysis.readers.bylines import is_byline, with_bylines
from analysis.readers.language_id import identify_language
from analysis.readers.markers import (
    BRACKETS,
    BUILTIN_MARKERS,
    TITLE_WORDS,
    Markers,
    is_title_like,
    within,
)
from analysis.readers.text import decoded, repaired
from analysis.readers.text_header import with_header
from analysis.readers.threads import with_replies
from analysis.types import COMMENTS, Article, Block, Kind

CREDIT_WORDS = 15
WRAP_WIDTHS = range(40, 101)

_ENDS = r"\r\n\x0b\x0c\x85\u2028\u2029"  # what ends a line; a form feed or U+2029 also a paragraph
_LINE = re.compile(rf"\S(?:[^{_ENDS}]*\S)?")
_END = r"(?>\r\n|[\r\n\x0b\x85\u2028])"
_BLANK = re.compile(rf"{_END}[^\S{_ENDS}]*{_END}|[\x0c\u2029]")
_CREDIT = re.compile(
    r"(?:©|\(c\)\s|photo(?:graph)?\s*(?:by|:)|credit\s*:|image\s*:)", re.IGNORECASE
)
_ADDRESS = re.compile(r"https?://\S+$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*$")
_QUOTES_MORE = re.compile(r":[\"'”’)\]]*$")
_CITES = re.compile(r"[>\"“„«'‘]")


def read_plain_text(data: bytes, origin: Origin) -> AnnotatedArticle:
    """Read the bytes of a text file; `about` has the encoding and the number of lines repaired.

    Line ends are kept, so that spans count characters of the decoded file (without a byte order
    mark).

    Raises:
        InputError: it is empty or not text.
    """
    raw, encoding = decoded(data, where=origin.path)
    if (stated := with_header(raw, origin)) is not None:
        return stated
    raw, about = repaired(raw)
    if encoding not in ("utf-8", "utf-8-sig"):
        about["encoding"] = encoding
    return AnnotatedArticle(_article(raw, origin, about))


def parse_plain_text(
    raw: str, *, article_id: str, markers: Sequence[str] = (), run_on: bool = False
) -> Article:
    """Split a text into blocks; each non-space character lies in exactly one.

    A commentary starts at a marker (`readers.markers`; the texts given add to the built-in ones)
    and ends at the next blank line; a marker that stands alone opens the paragraph below it.
    Within it, what follows a line that ends in a colon, or starts with a quotation mark or `>`, is
    what the commentary cites; right below a marker that stands alone only `>` does. With `run_on`,
    a commentary goes on over blank lines where the text shows it: its bracket is still open, its
    last line ends in a colon, or the next starts with `>`. The language is identified.

    Raises:
        InputError: the text holds nothing but white space.
    """
    origin = Origin("", article_id, markers=Markers(tuple(markers)), run_on=run_on)
    return _article(raw, origin, {})


def _article(raw: str, origin: Origin, about: Mapping[str, str]) -> Article:
    markers = origin.markers.of_text([raw])
    blocks = with_replies(plain_blocks(raw, markers=markers, run_on=origin.run_on), markers)
    if not blocks:
        where = origin.path or origin.article_id
        raise InputError(f"{where}: line 1: found no text; expected an article, check the file")
    title = next((block.text for block in blocks if block.kind is Kind.TITLE), "").strip(_SIGNS)
    return Article(
        origin.article_id, title or origin.article_id, raw, tuple(blocks), origin.path,
        identify_language(raw) if origin.identify_language else "und", origin.sha256,
        tuple(about.items()),
    )  # fmt: skip


def plain_blocks(
    raw: str, *, markers: Markers = BUILTIN_MARKERS, run_on: bool = False
) -> list[Block]:
    """Return the blocks of a text as `parse_plain_text` tells them, none of white space."""
    markers = markers.of_text([raw])
    blocks: list[Block] = []
    first = True  # nothing but commentary so far: a title may come
    for chunk in _chunks(raw):
        pieces = _unbracketed(raw, _unwrapped(raw, chunk, markers), markers)
        before = _carries_over(raw, blocks, pieces[0], markers, run_on=run_on)
        kinds = _kinds(raw, pieces, markers, first=first, before=before)
        for (start, end), kind in zip(pieces, kinds, strict=True):
            blocks.append(_block(f"b{len(blocks):04d}", kind, raw, start, end, markers))
            first = first and kind in COMMENTS
    return with_bylines(blocks)


_SIGNS = "#*_= "  # of headings, in Markdown and its kin


def _block(block_id: str, kind: Kind, raw: str, start: int, end: int, markers: Markers) -> Block:
    text = raw[start:end]
    if kind is not Kind.COMMENTARY:
        return Block(block_id, kind, start, end, text)
    found = markers.match(text)
    lead = min(found.length, len(text)) if found else 0
    opened = found.opened if found else "["
    tail = _closing(text[lead:], opened)
    tail += len(text[lead : len(text) - tail]) - len(text[lead : len(text) - tail].rstrip())
    commentator = found.commentator if found else ""
    return Block(block_id, kind, start, end, text, lead, tail, commentator=commentator)


def _closing(text: str, opened: str) -> int:
    """Return how many brackets at the end of a commentary close those that its marker opened."""
    if not opened:
        return 0
    bracket, closing = opened[0], BRACKETS[opened[0]]
    unopened = text.count(closing) - text.count(bracket)
    at_end = len(text) - len(text.rstrip(closing))
    return max(0, min(unopened, at_end, len(opened)))


def _chunks(raw: str) -> Iterator[list[Span]]:
    """Yield the spans of the non-blank lines, grouped between blank lines."""
    group: list[Span] = []
    for match in _LINE.finditer(raw):
        if group and _BLANK.search(raw, group[-1][1], match.start()):
            yield group
            group = []
        group.append(match.span())
    if group:
        yield group


def _unwrapped(raw: str, lines: list[Span], markers: Markers) -> list[Span]:
    """Join the lines of a chunk that a hard wrap at 40 to 100 columns broke.

    The sign of it: every line but the last is about as long as a column, and one
    of them stops before its sentence does.
    """
    inner = lines[:-1]
    wrapped = (
        len(lines) > 1
        and all(end - start in WRAP_WIDTHS for start, end in inner)
        and any(not _SENTENCE_END.search(raw[start:end]) for start, end in inner)
        and not any(_is_lead(raw[start:end], markers) for start, end in lines[1:])
        and not _is_lead(raw[slice(*lines[0])], None)
        and any(raw[start].islower() for start, _ in lines[1:])
    )
    return [(lines[0][0], lines[-1][1])] if wrapped else lines


def _unbracketed(raw: str, pieces: list[Span], markers: Markers) -> list[Span]:
    """Split off `[Comment: …]` wherever it stands in a line, from bracket to bracket.

    What is left open to the end of its piece is left as it is.
    """
    parts: list[Span] = []
    for start, end in pieces:
        at = start
        while (opened := _next_bracketed(raw, at, end, markers)) is not None:
            parts += [*_span(raw, at, opened[0]), opened]
            at = opened[1]
        parts += _span(raw, at, end)
    return parts


def _next_bracketed(raw: str, start: int, end: int, markers: Markers) -> Span | None:
    for bracket in _OPENS.finditer(raw, start, end):
        low = bracket.start()
        found = markers.match(raw, low, end)
        if not found or not (within(found) or (low == start and found.opened)):
            continue
        opens, closes = found.opened[0], BRACKETS[found.opened[0]]
        depth = 0
        for at in range(low, end):
            depth += (raw[at] == opens) - (raw[at] == closes)
            if depth == 0:
                return low, at + 1
        return None
    return None


_OPENS = re.compile(r"(?<!\S)(?:[\[({<]|(?<=\S)【)")


def _span(raw: str, start: int, end: int) -> list[Span]:
    """Return a span without white space at its ends, nothing where it holds nothing else."""
    match = re.compile(r"\S(?:.*\S)?", re.DOTALL).search(raw, start, end)
    return [match.span()] if match else []


def _is_closed(text: str, markers: Markers) -> bool:
    """Return whether a piece is a bracketed commentary that has ended."""
    found = markers.match(text)
    if not found or not found.opened:
        return False
    return text.count(found.opened[0]) <= text.count(BRACKETS[found.opened[0]])


def _is_lead(text: str, markers: Markers | None) -> bool:
    """Return whether a line is a credit, an address or a marked commentary."""
    return bool(
        (_CREDIT.match(text) and len(text.split()) <= CREDIT_WORDS)
        or _ADDRESS.match(text)
        or (markers is not None and markers.match(text))
    )


def _carries_over(
    raw: str, blocks: list[Block], piece: Span, markers: Markers, *, run_on: bool
) -> Kind | None:
    """Return what kind a commentary goes on as over a blank line, None if it has ended."""
    if not blocks or blocks[-1].kind not in COMMENTS:
        return None
    first = next(i for i in range(len(blocks) - 1, -1, -1) if blocks[i].lead)
    commentary = raw[blocks[first].start : blocks[-1].end]
    marker = markers.match(commentary)
    if first == len(blocks) - 1 and blocks[-1].lead == len(blocks[-1].text):
        return Kind.COMMENTARY if marker and not marker.opened else None
    if not run_on:
        return None
    if marker and marker.opened:
        return None if _is_closed(commentary, markers) else Kind.COMMENTARY
    if raw[piece[0]] == ">" or _QUOTES_MORE.search(blocks[-1].text):
        return Kind.CITATION
    return None


def _kinds(
    raw: str,
    pieces: list[Span],
    markers: Markers,
    *,
    first: bool,
    before: Kind | None = None,
) -> list[Kind]:
    """Name the kind of each piece of one chunk; `before` is what the first goes on from."""
    kinds: list[Kind] = []
    for number, (start, end) in enumerate(pieces):
        text = raw[start:end]
        last = kinds[-1] if kinds else None
        first = first and last in (None, Kind.COMMENTARY)
        if last is Kind.COMMENTARY and _is_closed(raw[slice(*pieces[number - 1])], markers):
            last = None
        if markers.match(text):
            kinds.append(Kind.COMMENTARY)
        elif number == 0 and before is not None:
            kinds.append(before)
        elif last is Kind.CITATION:
            kinds.append(Kind.CITATION)
        elif last is Kind.COMMENTARY:
            above = raw[slice(*pieces[number - 1])]
            if (marker := markers.match(above)) and marker.length >= len(above):
                cites = text.startswith(">")
            else:
                cites = _QUOTES_MORE.search(above) or _CITES.match(text)
            kinds.append(Kind.CITATION if cites else Kind.COMMENTARY)
        elif _is_lead(text, None):
            kinds.append(Kind.CREDIT)
        elif last is Kind.CREDIT and number + 1 < len(pieces):
            kinds.append(Kind.CAPTION)
        elif first and _is_title(raw, pieces[number : number + 2]):
            kinds.append(Kind.TITLE)
        else:
            kinds.append(Kind.PARAGRAPH)
    return kinds


def _is_title(raw: str, pieces: list[Span]) -> bool:
    """A first line is a title if it is short and no statement, or a credit or byline follows it."""
    text = raw[slice(*pieces[0])]
    if len(text.split()) > TITLE_WORDS:
        return False
    below = raw[slice(*pieces[1])] if len(pieces) > 1 else ""
    return _is_lead(below, None) or is_byline(below) or is_title_like(text)
