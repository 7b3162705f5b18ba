"""Readers: one file format each, all giving an `Article`."""

from collections.abc import Sequence
from pathlib import Path

from analysis.params import MARKERS
from analysis.paths import resolve
from analysis.readers.plain import read_plain
from analysis.readers.text import article_id
from analysis.types import Article

__all__ = ["article_id", "read"]


def read(path: str | Path, *, markers: Sequence[str] = MARKERS, run_on: bool = False) -> Article:
    """Read one annotated article; the file's form decides on the reader.

    Args:
        path: a file, as given or from the project's root.
        markers: what a commentary starts with, in any case.
        run_on: whether a commentary may go on over blank lines where it shows that.

    Raises:
        InputError: the file cannot be read as an annotated article.
    """
    return read_plain(resolve(path), markers=markers, run_on=run_on)
