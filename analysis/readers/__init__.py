"""Reads articles with their comments: one module a file format, all giving an `Article`.

A file or an address comes in, blocks, anchors and comments go out; imports `text` and the
vocabulary above it.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from analysis.readers.anchors import Anchor, Reading
from analysis.readers.download import download
from analysis.readers.files import articles_in, read_all, the_one
from analysis.readers.limits import Limits
from analysis.readers.options import USUAL, ReadOptions, read_options
from analysis.readers.text import article_id
from analysis.types import Article

__all__ = [
    "Anchor",
    "Limits",
    "ReadOptions",
    "Reading",
    "article_id",
    "article_of",
    "articles_in",
    "download",
    "read",
    "read_all",
    "read_options",
    "read_with_anchors",
]


def read(path: str | Path, options: ReadOptions = USUAL, **named: Any) -> Article:
    """Read one annotated article; the file's form decides on the reader.

    Args:
        path: a file, as given or from the project's root.
        options: how it is read.
        named: fields of `ReadOptions` that differ from `options`, such as `run_on=True`.

    Raises:
        InputError: the file cannot be read as an annotated article.
    """
    return article_of(read_with_anchors(path, options, **named))


def article_of(reading: Reading) -> Article:
    """Return a reading's article, with what its anchors say put on its blocks."""
    anchors = {anchor.block_id: anchor for anchor in reading.anchors}
    blocks = tuple(
        replace(b, answers=a.answers, who=a.who, reply_to=a.reply_to, unplaced=a.unplaced)
        if (a := anchors.get(b.block_id))
        else b
        for b in reading.article.blocks
    )
    return replace(reading.article, blocks=blocks, about=tuple(reading.about.items()))


def read_with_anchors(path: str | Path, options: ReadOptions = USUAL, **named: Any) -> Reading:
    """Read one annotated article as `read` does, with what its form says of each comment.

    Raises:
        InputError: the file cannot be read, holds several articles and none is named,
            or not the one that is.
    """
    return the_one(path, read_all(path, options, **named))
