"""Reads articles with their comments: one module per file format, all giving an `Article`.

In: a file or a web address. Out: blocks, anchors and comments. Imports `text` and the basic modules
before it (`types`, `errors`, `params` …).
"""

from pathlib import Path
from typing import Any

from analysis.params import ReportParams
from analysis.readers.anchors import Anchor, AnnotatedArticle
from analysis.readers.files import articles_in, read_all, single_article, warn_of_reading
from analysis.readers.http_download import download
from analysis.readers.limits import Limits
from analysis.readers.options import DEFAULT_OPTIONS, ReadOptions, read_options
from analysis.readers.text import article_id
from analysis.types import Article

__all__ = [
    "Anchor",
    "AnnotatedArticle",
    "Limits",
    "ReadOptions",
    "article_id",
    "articles_in",
    "download",
    "read",
    "read_all",
    "read_options",
    "read_sides",
    "read_with_anchors",
    "warn_of_reading",
]


def read(path: str | Path, options: ReadOptions = DEFAULT_OPTIONS, **named: Any) -> Article:
    """Read one annotated article; the file's format selects the reader.

    Args:
        path: a file, relative to the working directory or the project's root.
        options: how it is read.
        named: fields of `ReadOptions` that differ from `options`, such as `run_on=True`.

    Raises:
        InputError: the file cannot be read as an annotated article.
    """
    return read_with_anchors(path, options, **named).article


def read_sides(params: ReportParams, **named: Any) -> tuple[Article, ...]:
    """Read the article of a report, or the two that are compared, the original first.

    Args:
        params: name the files and how they are read.
        named: fields of `ReadOptions` that differ.

    Raises:
        InputError: a file cannot be read, or holds several articles and none is named.
    """
    ids = ("original_id", "article_id")[-len(params.sides) :]
    return tuple(
        single_article(p.article, read_all(p.article, read_options(p), **named), name).article
        for p, name in zip(params.sides, ids, strict=True)
    )


def read_with_anchors(
    path: str | Path, options: ReadOptions = DEFAULT_OPTIONS, **named: Any
) -> AnnotatedArticle:
    """Read one annotated article as `read` does, with the anchors of its comments.

    Raises:
        InputError: the file cannot be read, holds several articles and none is named,
            or not the one that is.
    """
    return single_article(path, read_all(path, options, **named))
