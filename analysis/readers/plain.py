"""Plain text: paragraphs parted by blank lines, commentary behind a marker."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from analysis.errors import InputError
from analysis.types import Article, Block, Kind

MARKERS = ("Comment:", "Our comment:", "Editor's note:", "Note:")
MAX_BYTES = 20_000_000
TITLE_WORDS = 20

_PIECE = re.compile(r"\S(?:[^\r\n]*\S)?")
_BLANK = re.compile(r"(?>\r\n|\r|\n)[^\S\r\n]*(?>\r\n|\r|\n)")
_CREDIT = re.compile(r"(?:©|\(c\)\s|photo(?:graph)?\s*(?:by|:)|credit\s*:|image\s*:)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*$")


def read_plain(path: str | Path, *, markers: Sequence[str] = MARKERS) -> Article:
    """Read one annotated article from a text file.

    UTF-8 (with or without a byte order mark) is tried first, then Latin-1.
    Line ends are kept, so that spans count characters of the decoded file.

    Raises:
        InputError: the file is missing, a folder, too large, empty or not text.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path}: no such file; expected a text file, check the name")
    if not path.is_file():
        raise InputError(f"{path}: found a folder; expected a text file, name one inside it")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise InputError(
            f"{path}: found {size:,} bytes; expected at most {MAX_BYTES:,}, split the file"
        )
    data = path.read_bytes()
    if b"\0" in data:
        raise InputError(f"{path}: found NUL bytes; expected text, save it as UTF-8")
    try:
        raw = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raw = data.decode("latin-1")
    article_id = re.sub(r"[^\w-]+", "-", path.stem, flags=re.ASCII).strip("-") or "article"
    try:
        return parse_plain(raw, article_id=article_id, markers=markers)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def parse_plain(raw: str, *, article_id: str, markers: Sequence[str] = MARKERS) -> Article:
    """Part a text into blocks; each non-space character lies in exactly one.

    A commentary starts at a marker (any case, `[` before it allowed) and ends
    at its line's end; further lines up to the next blank line are what it
    cites.

    Raises:
        InputError: the text holds nothing but white space.
    """
    marker = _marker_pattern(markers)
    blocks: list[Block] = []
    for chunk_number, pieces in enumerate(_chunks(raw)):
        for (start, end), kind in zip(
            pieces, _kinds(raw, pieces, marker, first=chunk_number == 0), strict=True
        ):
            blocks.append(Block(f"b{len(blocks):04d}", kind, start, end, raw[start:end]))
    if not blocks:
        raise InputError("line 1: found no text; expected an article, check the file")
    title = next((block.text for block in blocks if block.kind is Kind.TITLE), "")
    return Article(article_id, title or article_id, raw, tuple(blocks))


def _marker_pattern(markers: Sequence[str]) -> re.Pattern[str]:
    """Match any marker at the start of a line, straight or curly apostrophes."""
    names = "|".join(re.escape(m).replace("'", "['’]") for m in sorted(markers, key=len)[::-1])
    return re.compile(rf"\[?\s*(?:{names})" if names else r"(?!)", re.IGNORECASE)


def _chunks(raw: str) -> Iterator[list[tuple[int, int]]]:
    """Give the spans of the non-blank lines, grouped between blank lines."""
    group: list[tuple[int, int]] = []
    for match in _PIECE.finditer(raw):
        if group and _BLANK.search(raw[group[-1][1] : match.start()]):
            yield group
            group = []
        group.append(match.span())
    if group:
        yield group


def _kinds(
    raw: str, pieces: list[tuple[int, int]], marker: re.Pattern[str], *, first: bool
) -> list[Kind]:
    """Name the kind of each line of one group."""
    kinds: list[Kind] = []
    for number, (start, end) in enumerate(pieces):
        text = raw[start:end]
        before = kinds[-1] if kinds else None
        if marker.match(text):
            kinds.append(Kind.COMMENTARY)
        elif before in (Kind.COMMENTARY, Kind.CITATION):
            kinds.append(Kind.CITATION)
        elif _CREDIT.match(text):
            kinds.append(Kind.CREDIT)
        elif before is Kind.CREDIT and number + 1 < len(pieces):
            kinds.append(Kind.CAPTION)
        elif first and number == 0 and _is_title(text):
            kinds.append(Kind.TITLE)
        else:
            kinds.append(Kind.PARAGRAPH)
    return kinds


def _is_title(text: str) -> bool:
    return len(text.split()) <= TITLE_WORDS and not _SENTENCE_END.search(text)
