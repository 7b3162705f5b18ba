"""An article of any form as the project's plain text or as Web Annotation JSON.

What is written is read again before it is kept, and must give the same article: its
title, the kinds and texts of its blocks, and the anchors of its comments.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.errors import InputError
from analysis.params import MARKERS
from analysis.readers.anchors import Origin, Reading
from analysis.readers.annotation_page import annotation_page
from analysis.readers.annotations import read_annotations
from analysis.readers.files import read_all
from analysis.readers.header import header_line
from analysis.readers.options import USUAL, ReadOptions
from analysis.readers.placing import COMMENTS
from analysis.readers.plain import plain_reading
from analysis.types import Article, Kind

SUFFIXES = (".txt", ".json")


def convert(
    source: str | Path,
    out: str | Path,
    options: ReadOptions = USUAL,
    *,
    force: bool = False,
    **named: Any,
) -> tuple[Path, ...]:
    """Write the article of a file as plain text (`.txt`) or Web Annotation JSON (`.json`).

    Args:
        source: a file of any form that is read.
        out: the file to write; for a table of several articles each gets its id behind
            the name.
        options: how the source is read.
        force: whether a file that exists is written over.
        named: fields of `ReadOptions` that differ from `options`.

    Returns:
        The files written.

    Raises:
        InputError: the source cannot be read, or a file is there already.
    """
    out, markers = Path(out), named.get("markers", options.markers)
    if out.suffix.lower() not in SUFFIXES:
        raise InputError(f"{out}: found {out.suffix!r}; expected a name in .txt or .json")
    wanted = read_all(source, options, **named)
    paths = [
        out if len(wanted) == 1 else out.with_stem(f"{out.stem}-{reading.article.article_id}")
        for reading in wanted
    ]
    texts = []
    for path, reading in zip(paths, wanted, strict=True):
        if path.exists() and not force:
            raise InputError(f"{path}: found a file; expected none, give --force to write over it")
        as_text = path.suffix.lower() == ".txt"
        texts.append(to_plain(reading, markers) if as_text else to_json(reading, markers))
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8", newline="")
    return tuple(paths)


def to_plain(reading: Reading, markers: Sequence[str] = MARKERS) -> str:
    """Return an article as plain text that reads as the same article.

    Where the text alone would be read otherwise, or the comments have anchors, a first
    line says so; see `readers.header`.

    Raises:
        InputError: the article cannot be held, which no known one is.
    """
    article = reading.article
    for text in (article.raw, _spaced(article)):
        again = _again(plain_reading, text, article, markers)
        if again is not None and same(again, reading):
            return text
    text = header_line(reading) + article.raw
    again = _again(plain_reading, text, article, markers)
    if again is None or not same(again, reading):
        raise _lost(article, "plain text")
    return text


def _lost(article: Article, form: str) -> InputError:
    return InputError(
        f"{article.source or article.article_id}: found an article that does not come back the "
        f"same from {form}; expected it to, please report it"
    )


def _spaced(article: Article) -> str:
    """Return the blocks parted by blank lines, those of one commentary by line ends."""
    parts: list[str] = []
    for before, block in zip((None, *article.blocks), article.blocks, strict=False):
        if before is not None:
            goes_on = block.kind in COMMENTS and not block.lead and before.kind in COMMENTS
            credits = before.kind is Kind.CREDIT and block.kind is Kind.CAPTION
            titled = before.kind is Kind.TITLE and block.kind is Kind.CREDIT
            parts.append("\n" if goes_on or credits or titled else "\n\n")
        parts.append(block.text)
    return "".join(parts)


def _again(reader: Any, text: str, article: Article, markers: Sequence[str]) -> Reading | None:
    try:
        return reader(text.encode(), Origin("", article.article_id, "", tuple(markers)))
    except InputError:
        return None


def _same_blocks(one: Article, other: Article) -> bool:
    return one.title == other.title and _shape(one) == _shape(other)


def _shape(article: Article) -> list[tuple[Kind, str, int, int]]:
    return [(block.kind, block.text, block.lead, block.tail) for block in article.blocks]


def to_json(reading: Reading, markers: Sequence[str] = MARKERS) -> str:
    """Return an article as an AnnotationPage of the W3C Web Annotation model.

    Raises:
        InputError: the article cannot be held, which no known one is.
    """
    article = reading.article
    written = json.dumps(annotation_page(reading), ensure_ascii=False, indent=1) + "\n"
    again = _again(read_annotations, written, article, markers)
    if again is None or not same(again, reading):
        raise _lost(article, "JSON")
    return written


def same(one: Reading, other: Reading) -> bool:
    """Tell whether two readings are of the same article, whatever parts its blocks."""
    return _same_blocks(one.article, other.article) and _said(one) == _said(other)


def _said(reading: Reading) -> list[tuple[Any, ...]]:
    """Return the anchors by the numbers of blocks and the words that they answer."""
    numbers = {block.block_id: n for n, block in enumerate(reading.article.blocks)}
    raw = reading.article.raw
    return [
        (
            numbers[anchor.block_id], tuple(raw[a:b] for a, b in anchor.answers), anchor.who,
            numbers.get(anchor.reply_to), anchor.unplaced,
        )
        for anchor in reading.anchors
    ]  # fmt: skip
