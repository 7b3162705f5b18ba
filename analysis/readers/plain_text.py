"""Plain text: paragraphs separated by blank lines, commentary after a marker.

The steps, each a function below: lines -> chunks between blank lines -> pieces
(lines that a hard wrap broke are one) -> kinds -> blocks.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from analysis.errors import InputError
from analysis.params import MARKERS
from analysis.readers.anchors import AnnotatedArticle, Origin
from analysis.readers.language_id import identify_language
from analysis.readers.markers import marker_pattern
from analysis.readers.text import article_id, decoded, read_bytes, repaired
from analysis.readers.text_header import with_header
from analysis.types import Article, Block, Kind

TITLE_WORDS = 20
CREDIT_WORDS = 15
WRAP_WIDTHS = range(40, 101)

Span = tuple[int, int]

_ENDS = r"\r\n\x0b\x0c\x85\u2028\u2029"  # what ends a line; a form feed or U+2029 also a paragraph
_LINE = re.compile(rf"\S(?:[^{_ENDS}]*\S)?")
_END = r"(?>\r\n|[\r\n\x0b\x85\u2028])"
_BLANK = re.compile(rf"{_END}[^\S{_ENDS}]*{_END}|[\x0c\u2029]")
_CREDIT = re.compile(
    r"(?:©|\(c\)\s|photo(?:graph)?\s*(?:by|:)|credit\s*:|image\s*:)", re.IGNORECASE
)
_ADDRESS = re.compile(r"https?://\S+$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*$")
_STATEMENT_END = re.compile(r"[.…][\"'”’»)\]]*$")
_QUOTES_MORE = re.compile(r":[\"'”’)\]]*$")
_CITES = re.compile(r"[>\"“„«'‘]")


def read_plain_file(
    path: str | Path, *, markers: Sequence[str] = MARKERS, run_on: bool = False
) -> Article:
    """Read one annotated article from a text file.

    Line ends are kept, so that spans count characters of the decoded file
    (without a byte order mark).

    Raises:
        InputError: the file is missing, a folder, too large, empty or not text.
    """
    path = Path(path)
    data, sha256 = read_bytes(path)
    return read_plain_text(
        data, Origin(str(path), article_id(path), sha256, markers, run_on)
    ).article


def read_plain_text(data: bytes, origin: Origin) -> AnnotatedArticle:
    """Read the bytes of a text file; `about` has the encoding and the number of lines repaired.

    Raises:
        InputError: it is empty or not text.
    """
    raw, encoding = decoded(data, where=origin.path)
    if (stated := with_header(raw, origin)) is not None:
        return stated
    raw, about = repaired(raw)
    if encoding not in ("utf-8", "utf-8-sig"):
        about["encoding"] = encoding
    try:
        article = parse_plain_text(
            raw,
            article_id=origin.article_id,
            markers=origin.markers,
            run_on=origin.run_on,
            source=origin.path,
            sha256=origin.sha256,
            language="" if origin.identify_language else "und",
        )
    except InputError as error:
        raise InputError(f"{origin.path}: {error}") from None
    return AnnotatedArticle(article, about=about)


def parse_plain_text(
    raw: str,
    *,
    article_id: str,
    markers: Sequence[str] = MARKERS,
    run_on: bool = False,
    source: str = "",
    sha256: str = "",
    language: str = "",
) -> Article:
    """Split a text into blocks; each non-space character lies in exactly one.

    A commentary starts at a marker (any case, `[` before it allowed) and ends at
    the next blank line. Within it, what follows a line that ends in a colon, or
    starts with a quotation mark or `>`, is what the commentary cites. With
    `run_on`, a commentary goes on over blank lines where the text shows it: its
    bracket is still open, its last line ends in a colon, or the next starts with `>`.
    The language is identified unless it is given.

    Raises:
        InputError: the text holds nothing but white space.
    """
    blocks = plain_blocks(raw, markers=markers, run_on=run_on)
    if not blocks:
        raise InputError("line 1: found no text; expected an article, check the file")
    title = next((block.text for block in blocks if block.kind is Kind.TITLE), "")
    language = language or identify_language(raw)
    return Article(article_id, title or article_id, raw, tuple(blocks), source, language, sha256)


def plain_blocks(
    raw: str, *, markers: Sequence[str] = MARKERS, run_on: bool = False
) -> list[Block]:
    """Return the blocks of a text as `parse_plain_text` tells them, none of white space."""
    marker = marker_pattern(tuple(markers))
    blocks: list[Block] = []
    for chunk in _chunks(raw):
        pieces = _unbracketed(raw, _unwrapped(raw, chunk, marker), marker)
        before = _carries_over(raw, blocks, pieces[0]) if run_on else None
        kinds = _kinds(raw, pieces, marker, first=not blocks, before=before)
        for (start, end), kind in zip(pieces, kinds, strict=True):
            blocks.append(_block(f"b{len(blocks):04d}", kind, raw, start, end, marker))
    return blocks


def _block(
    block_id: str, kind: Kind, raw: str, start: int, end: int, marker: re.Pattern[str]
) -> Block:
    text = raw[start:end]
    if kind is not Kind.COMMENTARY:
        return Block(block_id, kind, start, end, text)
    found = marker.match(text)
    lead = found.end() if found else 0
    opened = not found or found["open"] == "["
    tail = 1 if opened and _closes_bracket(text[lead:]) else 0
    tail += len(text[lead : len(text) - tail]) - len(text[lead : len(text) - tail].rstrip())
    return Block(block_id, kind, start, end, text, lead, tail)


def _closes_bracket(text: str) -> bool:
    return text.endswith("]") and text.count("]") > text.count("[")


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


def _unwrapped(raw: str, lines: list[Span], marker: re.Pattern[str]) -> list[Span]:
    """Join the lines of a chunk that a hard wrap at 40 to 100 columns broke.

    The sign of it: every line but the last is about as long as a column, and one
    of them stops before its sentence does.
    """
    inner = lines[:-1]
    wrapped = (
        len(lines) > 1
        and all(end - start in WRAP_WIDTHS for start, end in inner)
        and any(not _SENTENCE_END.search(raw[start:end]) for start, end in inner)
        and not any(_is_lead(raw[start:end], marker) for start, end in lines[1:])
        and not _is_lead(raw[slice(*lines[0])], None)
        and any(raw[start].islower() for start, _ in lines[1:])
    )
    return [(lines[0][0], lines[-1][1])] if wrapped else lines


def _unbracketed(raw: str, pieces: list[Span], marker: re.Pattern[str]) -> list[Span]:
    """Split off `[Comment: …]` wherever it stands in a line, from bracket to bracket.

    What is left open to the end of its piece is left as it is.
    """
    parts: list[Span] = []
    for start, end in pieces:
        at = start
        while (opened := _next_bracketed(raw, at, end, marker)) is not None:
            parts += [*_span(raw, at, opened[0]), opened]
            at = opened[1]
        parts += _span(raw, at, end)
    return parts


def _next_bracketed(raw: str, start: int, end: int, marker: re.Pattern[str]) -> Span | None:
    for bracket in re.finditer(r"\[", raw[start:end]):
        low = start + bracket.start()
        if not marker.match(raw, low, end):
            continue
        depth = 0
        for match in re.finditer(r"[\[\]]", raw[low:end]):
            depth += 1 if match[0] == "[" else -1
            if depth == 0:
                return low, low + match.end()
        return None
    return None


def _span(raw: str, start: int, end: int) -> list[Span]:
    """Return a span without white space at its ends, nothing where it holds nothing else."""
    match = re.compile(r"\S(?:.*\S)?", re.DOTALL).search(raw, start, end)
    return [match.span()] if match else []


def _is_closed(text: str, marker: re.Pattern[str]) -> bool:
    """Return whether a piece is a bracketed commentary that has ended."""
    found = marker.match(text)
    return bool(found and found["open"] and text.count("[") <= text.count("]"))


def _is_lead(text: str, marker: re.Pattern[str] | None) -> bool:
    """Return whether a line is a credit, an address or a marked commentary."""
    return bool(
        (_CREDIT.match(text) and len(text.split()) <= CREDIT_WORDS)
        or _ADDRESS.match(text)
        or (marker is not None and marker.match(text))
    )


def _carries_over(raw: str, blocks: list[Block], piece: Span) -> Kind | None:
    """Return what kind a commentary goes on as over a blank line, None if it has ended."""
    if not blocks or blocks[-1].kind not in (Kind.COMMENTARY, Kind.CITATION):
        return None
    first = next(i for i in range(len(blocks) - 1, -1, -1) if blocks[i].lead)
    commentary = raw[blocks[first].start : blocks[-1].end]
    if commentary.startswith("["):
        is_open = commentary.count("[") > commentary.count("]")
        return Kind.COMMENTARY if is_open else None
    if raw[piece[0]] == ">" or _QUOTES_MORE.search(blocks[-1].text):
        return Kind.CITATION
    return None


def _kinds(
    raw: str,
    pieces: list[Span],
    marker: re.Pattern[str],
    *,
    first: bool,
    before: Kind | None = None,
) -> list[Kind]:
    """Name the kind of each piece of one chunk; `before` is what the first goes on from."""
    kinds: list[Kind] = []
    for number, (start, end) in enumerate(pieces):
        text = raw[start:end]
        last = kinds[-1] if kinds else None
        if last is Kind.COMMENTARY and _is_closed(raw[slice(*pieces[number - 1])], marker):
            last = None
        if marker.match(text):
            kinds.append(Kind.COMMENTARY)
        elif number == 0 and before is not None:
            kinds.append(before)
        elif last is Kind.CITATION:
            kinds.append(Kind.CITATION)
        elif last is Kind.COMMENTARY:
            cites = _QUOTES_MORE.search(raw[slice(*pieces[number - 1])]) or _CITES.match(text)
            kinds.append(Kind.CITATION if cites else Kind.COMMENTARY)
        elif _is_lead(text, None):
            kinds.append(Kind.CREDIT)
        elif last is Kind.CREDIT and number + 1 < len(pieces):
            kinds.append(Kind.CAPTION)
        elif first and number == 0 and _is_title(raw, pieces):
            kinds.append(Kind.TITLE)
        else:
            kinds.append(Kind.PARAGRAPH)
    return kinds


def _is_title(raw: str, pieces: list[Span]) -> bool:
    """A first line is a title if it is short and no statement, or a credit follows it."""
    text = raw[slice(*pieces[0])]
    if len(text.split()) > TITLE_WORDS:
        return False
    credited = len(pieces) > 1 and _is_lead(raw[slice(*pieces[1])], None)
    return credited or not _STATEMENT_END.search(text)
