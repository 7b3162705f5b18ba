"""Turns a row of a corpus into an `Article`, or gives the reason why it cannot."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError, InputError, one_line
from analysis.readers import ReadOptions, read
from analysis.readers.dates import iso_date
from analysis.readers.formats import read_data
from analysis.readers.table_rows import TableRow
from analysis.scale.plan import row_id
from analysis.scale.sources import Source
from analysis.types import Article

ABOUT = ("outlet", "date", "author", "url")
MAX_CHARACTERS = 500  # kept of a title, an outlet or an address


def article_in(source: Source, row: TableRow, options: ReadOptions) -> Article:
    """Return the article of a row, as a file with its text would give it.

    Args:
        source: the table.
        row: one of its rows.
        options: how texts, and files that rows refer to, are read.

    Raises:
        InputError: the row holds no article; the message omits its place.
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
    about = {role: value for role in ABOUT if (value := cell(row, role))}
    language = cell(row, "language") or article.language
    if stated := about.get("date"):
        about["date"] = iso_date(stated, language) or stated
    return replace(
        article,
        title=cell(row, "title") or article.title,
        language=language,
        about=tuple({**dict(article.about), **about}.items()),
    )


def cell(row: TableRow, role: str) -> str:
    """Return a row's value for a role on one line; empty where it has none."""
    return clean(row.values.get(role))


def clean(value: Any) -> str:
    """Return a value as one line of valid Unicode text."""
    if value is None or value != value or isinstance(value, (Mapping, list)):
        return ""
    return one_line(value)[:MAX_CHARACTERS].encode("utf-8", "replace").decode()


def _from_text(text: str, name: str, options: ReadOptions) -> Article:
    where = f"{name}.txt"
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise InputError("text: found half a surrogate pair; expected Unicode text") from None
    origin = options.origin(where, name, hashlib.sha256(data).hexdigest())
    try:
        (reading,) = read_data(data, origin)
    except AnalysisError as error:
        raise InputError(one_line(error).removeprefix(f"{where}: ")) from None
    return reading.article


def _from_file(source: Source, path: Any, name: str, options: ReadOptions) -> Article:
    """Read the file that a row refers to, which must lie in the folder of the table."""
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


def month_of(text: str, language: str = "") -> str:
    """Return YYYY-MM of a date, as `iso_date` reads it, or of such a month; empty for others."""
    return iso_date(f"{text}-01" if len(text) == 7 else text, language)[:7]
