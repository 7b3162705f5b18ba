"""What a user names - files, folders, tables of many articles, addresses - to articles."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError, ParameterError
from analysis.params import ReportParams, report_params
from analysis.paths import resolve
from analysis.readers.addresses import is_address
from analysis.readers.download import download, refuse_address
from analysis.readers.files import articles_in, read_all
from analysis.readers.forms import is_table
from analysis.readers.options import read_options
from analysis.readers.text import article_id, slug


def file_of(article: str, params: ReportParams, *, downloads: Path | None = None) -> str:
    """Return the file of an article; one that is named by its address is got first.

    Args:
        article: a file or an address.
        params: the limits of a download.
        downloads: the folder that it is kept in; none: nothing is downloaded.

    Raises:
        InputError: it is an address, and may not or cannot be got.
    """
    if not is_address(article):
        return article
    if downloads is None:
        refuse_address(article)
    return str(download(article, downloads, read_options(params).limits))


def chosen_articles(
    given: Sequence[str], values: Mapping[str, Any], *, downloads: Path | None = None
) -> dict[str, dict[str, str]]:
    """Return the articles that files, folders, tables and addresses come to.

    A folder gives every file in it and below that a reader takes, a table of several
    articles each of them, unless `values` names the one that is meant. Files that share a
    name get ids of their own. A table that cannot be read stays one article, whose report
    then fails with the reader's line.

    Args:
        given: what the user named.
        values: the other parameters of the reports.
        downloads: the folder that pages are kept in; none: nothing is downloaded.

    Returns:
        By a name for messages, the parameters `article` and, where needed, `article_id`.

    Raises:
        AnalysisError: a parameter is wrong, a folder holds no article, or an address may
            not or cannot be got.
    """
    found: list[tuple[str, ReportParams]] = []
    for named in given:
        params = report_params(**{**values, "article": named})
        folder = not is_address(named) and resolve(named).is_dir()
        paths = [str(p) for p in articles_in(named)] if folder else [named]
        if not paths:
            raise ParameterError(
                f"{named}: found no article in the folder; expected at least one file, name it"
            )
        found += [(file_of(path, params, downloads=downloads), params) for path in paths]
    shared = _shared(list(dict.fromkeys(path for path, _ in found)))
    chosen: dict[str, dict[str, str]] = {}
    for path, params in found:
        ids = [] if params.article_id else _ids(path, params)
        if len(ids) > 1:
            chosen |= {f"{path}: {i}": {"article": path, "article_id": i} for i in ids}
        else:
            name = {"article_id": shared[path]} if path in shared and not ids else {}
            chosen[path] = {"article": path} | name
    return chosen


def _shared(paths: Sequence[str]) -> dict[str, str]:
    """Return an id of its own for each file whose name another has as well.

    `bridge.docx` and `bridge.pdf` become `bridge-docx` and `bridge-pdf`; where that is not
    enough, the folders within which they lie tell them apart.
    """
    groups: dict[str, list[str]] = {}
    for path in paths:
        groups.setdefault(article_id(path).casefold(), []).append(path)
    places = {path: resolve(path).absolute() for path in paths}
    top = os.path.commonpath([place.parent for place in places.values()]) if paths else ""
    found = {}
    for group in (g for g in groups.values() if len(g) > 1):
        short = {path: slug("-".join(Path(path).name.rsplit(".", 1))) for path in group}
        for path, name in short.items():
            alone = list(map(str.casefold, short.values())).count(name.casefold()) == 1
            longer = os.path.relpath(places[path], top).replace(os.sep, "-").replace(".", "-")
            found[path] = name if alone else slug(longer)
    return found


def _ids(path: str, params: ReportParams) -> list[str]:
    """Return the ids of a table's articles; none where it is no table."""
    if not is_table(path):
        return []
    try:
        return [r.article.article_id for r in read_all(path, read_options(params))]
    except AnalysisError:
        return []
