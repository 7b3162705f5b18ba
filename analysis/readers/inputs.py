"""Expand what a user names (files, folders, tables, addresses) into articles."""

import glob
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError, ParameterError
from analysis.params import ReportParams, report_params
from analysis.paths import resolve
from analysis.readers.addresses import is_url
from analysis.readers.files import articles_in, read_all
from analysis.readers.formats import is_table
from analysis.readers.http_download import download, refuse_address
from analysis.readers.options import read_options
from analysis.readers.text import article_id, slug

TableIds = Callable[[str, ReportParams], list[str]]


def local_file(article: str, params: ReportParams, *, downloads: Path | None = None) -> str:
    """Return the file of an article; one that is named by its address is got first.

    Args:
        article: a file or an address.
        params: the limits of a download.
        downloads: the folder that it is kept in; none: nothing is downloaded.

    Raises:
        InputError: it is an address, and may not or cannot be got.
    """
    if not is_url(article):
        return article
    if downloads is None:
        refuse_address(article)
    return str(download(article, downloads, read_options(params).limits))


def table_ids(path: str, params: ReportParams) -> list[str]:
    """Return the ids of a table's articles; none where it cannot be read."""
    try:
        return [r.article.article_id for r in read_all(path, read_options(params))]
    except AnalysisError:
        return []


def expand_inputs(
    given: Sequence[str],
    values: Mapping[str, Any],
    *,
    out: Path | None = None,
    downloads: Path | None = None,
    ids: TableIds = table_ids,
) -> dict[str, dict[str, str]]:
    """Return the articles that files, folders, patterns, tables and addresses come to.

    A folder gives every file in it and below that a reader takes, a table of several
    articles each of them, unless `values` names the one that is meant. Files that share a
    name get ids of their own. A table that cannot be read stays one article, whose report
    then fails with the reader's line.

    Args:
        given: what the user named.
        values: the other parameters of the reports.
        out: the folder of the reports, whose files are no articles.
        downloads: the folder that pages are kept in; none: nothing is downloaded.
        ids: returns the ids of a table's articles, as `table_ids` does.

    Returns:
        By a name for messages, the parameters `article` and, where needed, `article_id`.

    Raises:
        AnalysisError: a parameter is wrong, a folder or pattern gives no article, or an
            address may not or cannot be got.
    """
    found: list[tuple[str, ReportParams]] = []
    for named in given:
        params = report_params(**{**values, "article": named})
        paths = _paths(named, out)
        found += [(local_file(path, params, downloads=downloads), params) for path in paths]
    shared = _shared(list(dict.fromkeys(path for path, _ in found)))
    chosen: dict[str, dict[str, str]] = {}
    for path, params in found:
        own = ids(path, params) if is_table(path) and not params.article_id else []
        if len(own) > 1:
            chosen |= {f"{path}: {i}": {"article": path, "article_id": i} for i in own}
        else:
            name = {"article_id": shared[path]} if path in shared and not own else {}
            chosen[path] = {"article": path} | name
    return chosen


def _paths(named: str, out: Path | None) -> list[str]:
    """Return what is named, a folder or pattern as the files in it but those of the reports."""
    if is_url(named):
        return [named]
    fits = [named]
    if glob.has_magic(named) and not os.path.lexists(resolve(named)):
        fits = sorted(glob.glob(named, recursive=True))
    elif not resolve(named).is_dir():
        return fits
    files: dict[str, None] = {}
    for path in fits:
        inside = articles_in(path) if resolve(path).is_dir() else [path]
        files |= dict.fromkeys(map(str, inside))
    kept = [path for path in files if out is None or not lies_in(path, out)]
    if not kept:
        raise ParameterError(
            f"{named}: found no file that fits; expected at least one article, check the name"
        )
    return kept


def lies_in(path: str, folder: Path) -> bool:
    """Say whether a file lies in a folder or below it, links followed."""
    return Path(path).resolve().is_relative_to(folder.resolve())


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
