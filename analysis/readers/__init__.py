"""Readers: one file format each, all giving an `Article`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from analysis.errors import InputError
from analysis.params import MARKERS
from analysis.readers.anchors import Anchor, Reading
from analysis.readers.files import articles_in, read_all
from analysis.readers.forms import Columns
from analysis.readers.limits import SAFE, Limits
from analysis.readers.text import article_id
from analysis.types import Article

__all__ = [
    "Anchor",
    "Limits",
    "Reading",
    "article_id",
    "articles_in",
    "read",
    "read_all",
    "read_with_anchors",
]


def read(
    path: str | Path,
    *,
    markers: Sequence[str] = MARKERS,
    run_on: bool = False,
    columns: Columns | None = None,
    article: str = "",
    limits: Limits = SAFE,
) -> Article:
    """Read one annotated article; the file's form decides on the reader.

    Args:
        path: a file, as given or from the project's root.
        markers: what a commentary starts with, in any case.
        run_on: whether a commentary may go on over blank lines where it shows that.
        columns: for tables: role -> column name, where a column is named otherwise.
        article: for a table of many articles: the id of the one that is meant.
        limits: how much is read before a file is refused.

    Raises:
        InputError: the file cannot be read as an annotated article.
    """
    reading = read_with_anchors(
        path, markers=markers, run_on=run_on, columns=columns, article=article, limits=limits
    )
    anchors = {anchor.block_id: anchor for anchor in reading.anchors}
    blocks = tuple(
        replace(b, answers=a.answers, who=a.who, reply_to=a.reply_to)
        if (a := anchors.get(b.block_id))
        else b
        for b in reading.article.blocks
    )
    return replace(reading.article, blocks=blocks, about=tuple(reading.about.items()))


def read_with_anchors(
    path: str | Path,
    *,
    markers: Sequence[str] = MARKERS,
    run_on: bool = False,
    columns: Columns | None = None,
    article: str = "",
    limits: Limits = SAFE,
) -> Reading:
    """Read one annotated article as `read` does, with what its form says of each comment.

    Raises:
        InputError: the file cannot be read, holds several articles and none is named,
            or not the one that is.
    """
    found = read_all(path, markers=markers, run_on=run_on, columns=columns, limits=limits)
    wanted = [r for r in found if not article or r.article.article_id == article]
    if len(wanted) == 1:
        return wanted[0]
    ids = ", ".join(reading.article.article_id for reading in found[:10])
    more = ", …" if len(found) > 10 else ""
    expected = f"expected {article!r}" if article else "expected one, name it with article"
    raise InputError(f"{path}: found {len(found):,} articles ({ids}{more}); {expected}")
