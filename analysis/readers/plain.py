"""Plain text: paragraphs parted by blank lines, commentary behind a marker.

The steps, each a function below: lines -> chunks between blank lines -> pieces
(lines that a hard wrap broke are one) -> kinds -> blocks.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from analysis.errors import InputError
from analysis.params import MARKERS
from analysis.readers.text import decode, read_bytes
from analysis.types import Article, Block, Kind

TITLE_WORDS = 20
WRAP_WIDTHS = range(40, 101)

Span = tuple[int, int]

_LINE = re.compile(r"\S(?:[^\r\n]*\S)?")
_BLANK = re.compile(r"(?>\r\n|\r|\n)[^\S\r\n]*(?>\r\n|\r|\n)")
_CREDIT = re.compile(
    r"(?:©|\(c\)\s|photo(?:graph)?\s*(?:by|:)|credit\s*:|image\s*:)", re.IGNORECASE
)
_ADDRESS = re.compile(r"https?://\S+$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*$")
_STATEMENT_END = re.compile(r"[.…][\"'”’»)\]]*$")
_QUOTES_MORE = re.compile(r":[\"'”’)\]]*$")
_CITES = re.compile(r"[>\"“„«'‘]")


def read_plain(
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
    raw = decode(data, where=str(path))
    try:
        return parse_plain(
            raw,
            article_id=slug(path.stem),
            markers=markers,
            run_on=run_on,
            source=str(path),
            sha256=sha256,
        )
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def slug(name: str) -> str:
    """Return a name as an article id: safe in file names, addresses and HTML ids."""
    return re.sub(r"[^\w-]+", "-", name, flags=re.ASCII).strip("-")[:100] or "article"


def parse_plain(
    raw: str,
    *,
    article_id: str,
    markers: Sequence[str] = MARKERS,
    run_on: bool = False,
    source: str = "",
    sha256: str = "",
) -> Article:
    """Part a text into blocks; each non-space character lies in exactly one.

    A commentary starts at a marker (any case, `[` before it allowed) and ends at
    the next blank line. Within it, what follows a line that ends in a colon, or
    starts with a quotation mark or `>`, is what the commentary cites. With
    `run_on`, a commentary goes on over blank lines where the text shows it: its
    bracket is still open, its last line ends in a colon, or the next starts with `>`.

    Raises:
        InputError: the text holds nothing but white space.
    """
    marker = _marker_pattern(markers)
    blocks: list[Block] = []
    for chunk in _chunks(raw):
        pieces = _unwrapped(raw, chunk, marker)
        before = _carries_over(raw, blocks, pieces[0]) if run_on else None
        kinds = _kinds(raw, pieces, marker, first=not blocks, before=before)
        for (start, end), kind in zip(pieces, kinds, strict=True):
            blocks.append(_block(f"b{len(blocks):04d}", kind, raw, start, end, marker))
    if not blocks:
        raise InputError("line 1: found no text; expected an article, check the file")
    title = next((block.text for block in blocks if block.kind is Kind.TITLE), "")
    return Article(
        article_id, title or article_id, raw, tuple(blocks), source, language(raw), sha256
    )


def language(text: str) -> str:
    """Return a text's language as a BCP 47 tag, `und` for fewer than five words.

    Source: py3langid, after Lui and Baldwin (2012), langid.py.
    """
    if len(text.split()) < 5:
        return "und"
    import py3langid  # loads its model, so only when asked

    return py3langid.classify(text[:20_000])[0]


def _block(
    block_id: str, kind: Kind, raw: str, start: int, end: int, marker: re.Pattern[str]
) -> Block:
    text = raw[start:end]
    if kind is not Kind.COMMENTARY:
        return Block(block_id, kind, start, end, text)
    found = marker.match(text)
    lead = found.end() if found else 0
    opened = not found or found[0].startswith("[")
    tail = 1 if opened and _closes_bracket(text[lead:]) else 0
    tail += len(text[lead : len(text) - tail]) - len(text[lead : len(text) - tail].rstrip())
    return Block(block_id, kind, start, end, text, lead, tail)


def _closes_bracket(text: str) -> bool:
    return text.endswith("]") and text.count("]") > text.count("[")


def _marker_pattern(markers: Sequence[str]) -> re.Pattern[str]:
    """Match any marker at the start of a line, straight or curly apostrophes."""
    names = {marker.strip().removeprefix("[").lstrip() for marker in markers} - {""}
    longest_first = sorted(names, key=len, reverse=True)
    either = "|".join(re.escape(name).replace("'", "['’]") for name in longest_first)
    return re.compile(rf"\[?\s*(?:{either})\s*" if either else r"(?!)", re.IGNORECASE)


def _chunks(raw: str) -> Iterator[list[Span]]:
    """Give the spans of the non-blank lines, grouped between blank lines."""
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


def _is_lead(text: str, marker: re.Pattern[str] | None) -> bool:
    """Tell whether a line says by its own form what it is."""
    return bool(
        _CREDIT.match(text) or _ADDRESS.match(text) or (marker is not None and marker.match(text))
    )


def _carries_over(raw: str, blocks: list[Block], piece: Span) -> Kind | None:
    """Return what kind a commentary goes on as over a blank line, None if it has ended."""
    if not blocks or blocks[-1].kind not in (Kind.COMMENTARY, Kind.CITATION):
        return None
    first = next(i for i in range(len(blocks) - 1, -1, -1) if blocks[i].lead)
    said = raw[blocks[first].start : blocks[-1].end]
    if said.startswith("["):
        return Kind.COMMENTARY if said.count("[") > said.count("]") else None
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
