"""Turns files and folders into articles; finds the text beside annotations."""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from analysis.errors import InputError, one_line
from analysis.paths import resolve
from analysis.readers.anchors import AnnotatedArticle
from analysis.readers.formats import SUFFIXES, TABLES, detect_format, is_table, read_data
from analysis.readers.http_download import download_source, refuse_address
from analysis.readers.kept_tables import kept_article
from analysis.readers.openings import openings_line
from analysis.readers.options import DEFAULT_OPTIONS, ReadOptions
from analysis.readers.text import article_id, read_bytes
from analysis.types import Article

_LOG = logging.getLogger(__name__)
TEXT_SUFFIXES = (".txt", ".md", ".html", ".htm")


def read_all(
    path: str | Path, options: ReadOptions = DEFAULT_OPTIONS, **named: Any
) -> tuple[AnnotatedArticle, ...]:
    """Read every article of a file: one, but for a table, which may hold many.

    Args:
        path: a file, as given or from the project's root.
        options: how it is read.
        named: fields of `ReadOptions` that differ from `options`.

    Raises:
        InputError: the file cannot be read, or holds no article of `options.article_id`;
            one line says why.
    """
    options = replace(options, **named)
    refuse_address(path)
    path = resolve(path)
    if not options.limits.links:
        _refuse_link(path)
    if is_table(path.name) and (kept := kept_article(path, options)):
        return (kept,)
    data, sha256 = read_bytes(path, max_bytes=options.limits.file_bytes)
    table = detect_format(data, str(path)) in TABLES
    own = article_id(path) if table or not options.article_id else options.article_id
    origin = options.origin(str(path), own, sha256)

    def beside(sources: Sequence[str]) -> AnnotatedArticle | None:
        found = _text_beside(path, sources)
        if found is None:
            return None
        (annotated,) = read_all(found, replace(options, article_id=""))
        return annotated

    found = read_data(data, origin, columns=options.columns, text_beside=beside)
    if source := download_source(path, sha256):
        found = tuple(_with_source(reading, source) for reading in found)
    if not (table and options.article_id):
        return found
    wanted = tuple(r for r in found if r.article.article_id == options.article_id)
    if not wanted:
        raise InputError(
            f"{path}: found {_listed(found)}; expected {options.article_id!r}, name one of these"
        )
    return wanted


def _with_source(annotated: AnnotatedArticle, source: Mapping[str, str]) -> AnnotatedArticle:
    about = tuple({**annotated.about, **source}.items())
    return AnnotatedArticle(replace(annotated.article, about=about))


def warn_of_reading(article: Article) -> None:
    """Log what was not read of an article, and what may be commentary unread, a line each.

    `counterpoint` shows both on standard error. For the callers that read an article for a person,
    so that it is said once.
    """
    where = one_line(article.source)
    if article.left_out:
        _LOG.warning("%s: not read: %s", where, article.left_out_line)
    if line := openings_line(article):
        _LOG.warning("%s: %s", where, one_line(line))


def single_article(
    path: str | Path, found: Sequence[AnnotatedArticle], parameter: str = "article_id"
) -> AnnotatedArticle:
    """Return the only one of a file's articles; `parameter` names one of several.

    Raises:
        InputError: there are several; the message lists their ids.
    """
    if len(found) == 1:
        return found[0]
    raise InputError(f"{path}: found {_listed(found)}; expected one, name it with {parameter}")


def _listed(found: Sequence[AnnotatedArticle]) -> str:
    ids = ", ".join(annotated.article.article_id for annotated in found[:10])
    articles = "1 article" if len(found) == 1 else f"{len(found):,} articles"
    return f"{articles} ({ids}{', …' if len(found) > 10 else ''})"


def _refuse_link(path: Path) -> None:
    """Refuse a symbolic link that leads out of the folder that it lies in.

    Raises:
        InputError: it does.
    """
    try:
        out = _leads_out(path, path.parent)
    except (OSError, RuntimeError, ValueError):
        return  # a circle of links, or no name of a file: reading it says so
    if out:
        raise InputError(
            f"{path}: found a symbolic link out of its folder; expected a file, name the one that "
            "it leads to"
        )


def _leads_out(path: Path, folder: Path) -> bool:
    """Return whether a path is a symbolic link to a place outside of a folder."""
    return path.is_symlink() and not path.resolve().is_relative_to(folder.resolve())


def _text_beside(path: Path, sources: Sequence[str]) -> Path | None:
    """Return the text of an annotation file: of its own name, else one that it names.

    Only files of the same folder count, whatever path or address the file states.
    """
    stem = path.name.removesuffix(path.suffix)
    stems = [stem, stem.rpartition(".")[0]]
    names = [name + suffix for name in stems if name for suffix in TEXT_SUFFIXES]
    for source in sources[:100]:
        name = _last_part(source)
        if name and Path(name).suffix.lower() in TEXT_SUFFIXES:
            names.append(name)
    for name in names:
        found = path.parent / name
        try:
            if found.is_file():
                return found
        except (OSError, ValueError):
            continue
    return None


def files_beside(path: Path) -> tuple[Path, ...]:
    """Return the other files that reading one looks at, the text beside its annotations."""
    if SUFFIXES.get(path.suffix.lower()) != "annotations":
        return ()
    found = _text_beside(path, ())
    return () if found is None else (found,)


def _last_part(source: str) -> str:
    try:
        name = PurePosixPath(unquote(urlsplit(source).path)).name
    except ValueError:
        return ""
    return "" if "\\" in name or "\0" in name or "/" in name or name in (".", "..") else name


def articles_in(folder: str | Path) -> tuple[Path, ...]:
    """Return the files in a folder and below that a reader takes, in the order of their names.

    A text beside an annotation file of the same name is that one's and not an article
    of its own. Links that lead out of the folder are refused, hidden files and
    those named README passed over.

    Raises:
        InputError: it is no folder, or a link leads out of it.
    """
    folder = resolve(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: found no folder; expected one, check the name")
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(place) / name
            suffix = path.suffix.lower()
            readme = name.partition(".")[0].lower() == "readme"
            if name.startswith(".") or not suffix or suffix not in SUFFIXES or readme:
                continue
            if _leads_out(path, folder):
                raise InputError(
                    f"{path}: found a symbolic link out of the folder; expected files within it, "
                    "remove the link"
                )
            found.append(path)
    annotated = {text for path in found for text in files_beside(path)}
    return tuple(path for path in found if path not in annotated)
