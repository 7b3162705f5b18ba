"""Write an article of any format as the project's plain text or as Web Annotation JSON.

What is written is read again before it is kept, and must give the same article: its
title, the kinds and texts of its blocks, and the anchors of its comments.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from analysis.atomic import write_atomically
from analysis.errors import InputError
from analysis.readers.anchors import AnnotatedArticle, Origin
from analysis.readers.annotation_writer import to_annotation_page
from analysis.readers.annotations import read_annotations
from analysis.readers.files import read_all, warn_of_reading
from analysis.readers.markers import BUILTIN_MARKERS, Markers
from analysis.readers.options import DEFAULT_OPTIONS, ReadOptions
from analysis.readers.plain_text import read_plain_text
from analysis.readers.text_header import header_line
from analysis.types import COMMENTS, Article, Kind

SUFFIXES = (".txt", ".json")


def convert(
    source: str | Path,
    out: str | Path,
    options: ReadOptions = DEFAULT_OPTIONS,
    *,
    force: bool = False,
    **named: Any,
) -> tuple[Path, ...]:
    """Write the article of a file as plain text (`.txt`) or Web Annotation JSON (`.json`).

    Args:
        source: a file of any format that is read.
        out: the file to write; for a table of several articles each gets its id after
            the name.
        options: how the source is read.
        force: whether a file that exists is written over.
        named: fields of `ReadOptions` that differ from `options`.

    Returns:
        The files written.

    Raises:
        InputError: the source cannot be read, or a file already exists.
    """
    out, markers = Path(out), replace(options, **named).origin("", "").markers
    if out.suffix.lower() not in SUFFIXES:
        raise InputError(f"{out}: found {out.suffix!r}; expected a name in .txt or .json")
    wanted = read_all(source, options, **named)
    for annotated in wanted:
        warn_of_reading(annotated.article)
    paths = [
        out if len(wanted) == 1 else out.with_stem(f"{out.stem}-{annotated.article.article_id}")
        for annotated in wanted
    ]
    texts = []
    for path, annotated in zip(paths, wanted, strict=True):
        if path.exists() and not force:
            raise InputError(f"{path}: found a file; expected none, give --force to write over it")
        as_text = path.suffix.lower() == ".txt"
        texts.append(to_plain(annotated, markers) if as_text else to_json(annotated, markers))
    for path, text in zip(paths, texts, strict=True):
        write_atomically(path, text)
    return tuple(paths)


def to_plain(annotated: AnnotatedArticle, markers: Markers = BUILTIN_MARKERS) -> str:
    """Return an article as plain text that reads as the same article.

    Where the text alone would be read otherwise, or the comments have anchors, a first
    line says so; see `readers.text_header`.

    Raises:
        InputError: the article cannot be held, which no known one is.
    """
    raw = annotated.article.raw
    texts = (raw, _spaced(annotated.article), header_line(annotated) + raw)
    return _first_restored(texts, read_plain_text, annotated, markers)


def _spaced(article: Article) -> str:
    """Return the blocks separated by blank lines, those of one commentary by line ends."""
    parts: list[str] = []
    for before, block in zip((None, *article.blocks), article.blocks, strict=False):
        if before is not None:
            continues = block.kind in COMMENTS and not block.lead and before.kind in COMMENTS
            credits = before.kind is Kind.CREDIT and block.kind is Kind.CAPTION
            titled = before.kind is Kind.TITLE and block.kind is Kind.CREDIT
            parts.append("\n" if continues or credits or titled else "\n\n")
        parts.append(block.text)
    return "".join(parts)


def _first_restored(
    texts: Iterable[str],
    reader: Callable[[bytes, Origin], AnnotatedArticle],
    annotated: AnnotatedArticle,
    markers: Markers,
) -> str:
    """Return the first text from which a reader gives the same article."""
    article = annotated.article
    for text in texts:
        try:
            again = reader(text.encode(), Origin("", article.article_id, "", markers))
        except InputError:
            continue
        if same(again, annotated):
            return text
    written = "JSON" if reader is read_annotations else "plain text"
    raise InputError(
        f"{article.source or article.article_id}: found an article that does not come back the "
        f"same from {written}; expected it to, please report it"
    )


def to_json(annotated: AnnotatedArticle, markers: Markers = BUILTIN_MARKERS) -> str:
    """Return an article as an AnnotationPage of the W3C Web Annotation model.

    Raises:
        InputError: the article cannot be held, which no known one is.
    """
    written = json.dumps(to_annotation_page(annotated), ensure_ascii=False, indent=1) + "\n"
    return _first_restored([written], read_annotations, annotated, markers)


def same(one: AnnotatedArticle, other: AnnotatedArticle) -> bool:
    """Return whether two readings are of the same article, whatever parts its blocks."""
    return _content(one) == _content(other)


def _content(annotated: AnnotatedArticle) -> tuple[Any, ...]:
    """Return the title, and the blocks with the words that they answer; ids as numbers."""
    article = annotated.article
    numbers = {block.block_id: n for n, block in enumerate(article.blocks)}
    blocks = [
        (
            block.kind, block.text, block.lead, block.tail,
            [article.raw[start:end] for start, end in block.answers],
            block.commentator, numbers.get(block.reply_to), block.unplaced,
        )
        for block in article.blocks
    ]  # fmt: skip
    return article.title, blocks
