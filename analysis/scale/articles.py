"""A row of a corpus to an `Article`, or the reason why not."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError, InputError, one_line
from analysis.readers import ReadOptions, article_of, read
from analysis.readers.anchors import Origin
from analysis.readers.formats import Asked, readings
from analysis.scale.plan import row_id
from analysis.scale.sources import Row, Source
from analysis.types import Article

ABOUT = ("outlet", "date", "author", "url")
MOST = 500  # characters of a title, an outlet or an address that are kept


def article_in(source: Source, row: Row, options: ReadOptions) -> Article:
    """Return the article of a row, the same as a file of its text would give.

    Args:
        source: the table.
        row: one of its rows.
        options: how a text, or a file that the row refers to, is read.

    Raises:
        InputError: the row holds no article; the message has no place in it.
    """
    if row.error:
        raise InputError(row.error)
    name, text = row_id(source, row), row.values.get("text")
    if text is not None and not isinstance(text, str):
        raise InputError(f"text: found {type(text).__name__}; expected a text")
    if text and text.strip():
        article = _from_text(text, name, options)
    else:
        article = _from_file(source, row.values.get("path"), name, options)
    about = {
        role: said for role in ("outlet", "date", "author", "url") if (said := told(row, role))
    }
    return replace(
        article,
        title=told(row, "title") or article.title,
        language=told(row, "language") or article.language,
        about=tuple({**dict(article.about), **about}.items()),
    )


def told(row: Row, role: str) -> str:
    """Return what a row tells of its article on one line, empty where nothing."""
    return clean(row.values.get(role))


def clean(value: Any) -> str:
    """Return a value as one line of text that a Parquet file can hold."""
    if value is None or value != value or isinstance(value, (Mapping, list)):
        return ""
    return one_line(value)[:MOST].encode("utf-8", "replace").decode()


def _from_text(text: str, name: str, options: ReadOptions) -> Article:
    where = f"{name}.txt"
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise InputError("text: found half a surrogate pair; expected Unicode text") from None
    origin = Origin(where, name, hashlib.sha256(data).hexdigest(), options.markers, options.run_on)
    try:
        (reading,) = readings(data, origin, Asked(options))
    except AnalysisError as error:
        raise InputError(one_line(error).removeprefix(f"{where}: ")) from None
    return article_of(reading)


def _from_file(source: Source, path: Any, name: str, options: ReadOptions) -> Article:
    """Read the file that a row refers to, within the folder of the table and nowhere else."""
    if not isinstance(path, str) or not path.strip():
        raise InputError("found no text; expected an article")
    folder = Path(source.path).parent.resolve()
    try:
        file = (folder / path).resolve()
        inside = file.is_relative_to(folder)
    except (OSError, RuntimeError, ValueError):
        raise InputError(f"path: found {path[:80]!r}; expected the name of a file") from None
    if not inside:
        raise InputError(f"path: found {path[:80]!r}; expected a file in the folder of the table")
    try:
        article = read(file, options)
    except AnalysisError as error:
        raise InputError(one_line(error).replace(f"{folder}/", "")) from None
    return replace(article, article_id=name, source=path)


def month_of(text: str) -> str:
    """Return YYYY-MM of a date in ISO 8601, with or without a time; empty of anything else."""
    try:
        return date.fromisoformat(text[:10]).strftime("%Y-%m")
    except ValueError:
        return text if _is_month(text) else ""


def _is_month(text: str) -> bool:
    year, dash, month = text.partition("-")
    return bool(dash) and len(year) == 4 and year.isdecimal() and month in _MONTHS


_MONTHS = frozenset(f"{number:02}" for number in range(1, 13))
