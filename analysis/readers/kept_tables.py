"""Articles of tables that were read once for all reports of a run, in a private folder.

A table is read as a whole. If it were read again for each of its reports, the time of a run would
grow with the square of its articles. So `read_all` looks here first, also in a report's kernel: an
environment variable names the folder. An entry is valid only while the table's file is unchanged.
"""

import hashlib
import os
import pickle
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from analysis.atomic import UNFINISHED
from analysis.errors import AnalysisError
from analysis.readers.anchors import AnnotatedArticle
from analysis.readers.options import ReadOptions

VARIABLE = "COUNTERPOINT_KEPT_TABLES"


def keep(
    path: Path, options: ReadOptions, found: Sequence[AnnotatedArticle] | AnalysisError
) -> list[str]:
    """Keep the articles of a table, or why it cannot be read; return the articles' ids.

    Args:
        path: the table.
        options: how it was read, but that languages are always identified.
        found: all of its articles, or the error.

    Raises:
        OSError: the folder is missing or cannot be written to.
    """
    whole = replace(options, article_id="")
    if isinstance(found, AnalysisError):
        _write(path, whole, found)
        return []
    ids = [annotated.article.article_id for annotated in found]
    for own, annotated in zip(ids, found, strict=True):
        _write(path, replace(options, article_id=own), annotated)
    _write(path, whole, ids)
    return ids


def kept_ids(path: Path, options: ReadOptions) -> list[str] | None:
    """Return the ids of a table's articles, none where nothing is kept of it.

    Raises:
        AnalysisError: the one that was kept.
    """
    return _read(path, replace(options, article_id=""))


def kept_article(path: Path, options: ReadOptions) -> AnnotatedArticle | None:
    """Return the article of a table that the options name, or its only one, as far as kept.

    Raises:
        AnalysisError: the one that was kept.
    """
    if options.article_id:
        return _read(path, options)
    ids = kept_ids(path, options) or []
    return _read(path, replace(options, article_id=ids[0])) if len(ids) == 1 else None


def _read(path: Path, options: ReadOptions) -> Any:
    if not os.environ.get(VARIABLE):
        return None
    try:
        kept = pickle.loads(_place(path, options).read_bytes())
    except (OSError, ValueError):  # a NUL in the name
        return None
    if isinstance(kept, AnalysisError):
        raise kept
    return kept


def _write(path: Path, options: ReadOptions, value: object) -> None:
    place = _place(path, options)
    unfinished = place.with_name(f"{UNFINISHED}{place.name}")
    unfinished.write_bytes(pickle.dumps(value))
    unfinished.replace(place)


def _place(path: Path, options: ReadOptions) -> Path:
    """Return where an article is kept: by its file as it is now, and by how it is read."""
    found = os.stat(path)
    state = found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
    key = str(path.absolute()), state, replace(options, identify_language=True)
    return Path(os.environ[VARIABLE]) / hashlib.sha256(repr(key).encode()).hexdigest()
