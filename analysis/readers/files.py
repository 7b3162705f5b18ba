"""Files and folders to readings: what lies beside a file, and links that lead astray."""

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from analysis.errors import InputError
from analysis.params import MARKERS
from analysis.paths import resolve
from analysis.readers.anchors import Origin, Reading
from analysis.readers.forms import SUFFIXES, Asked, Columns, readings
from analysis.readers.limits import SAFE, Limits
from analysis.readers.text import article_id, read_bytes

TEXT_SUFFIXES = (".txt", ".md", ".html", ".htm")


def read_all(
    path: str | Path,
    *,
    markers: Sequence[str] = MARKERS,
    run_on: bool = False,
    columns: Columns | None = None,
    limits: Limits = SAFE,
) -> tuple[Reading, ...]:
    """Read every article of a file: one, but for a table, which may hold many.

    Args:
        path: a file, as given or from the project's root.
        markers: what a commentary starts with, in any case.
        run_on: whether a commentary may go on over blank lines where it shows that.
        columns: for tables: role -> column name, see `table.ROLES`.
        limits: the bounds.

    Raises:
        InputError: the file cannot be read; one line says why.
    """
    path = resolve(path)
    if not limits.links:
        _refuse_link(path)
    data, sha256 = read_bytes(path, max_bytes=limits.file_bytes)
    origin = Origin(str(path), article_id(path), sha256, tuple(markers), run_on)

    def beside(sources: Sequence[str]) -> Reading | None:
        found = _text_beside(path, sources)
        if found is None:
            return None
        (reading,) = read_all(found, markers=markers, run_on=run_on, limits=limits)
        return reading

    return readings(data, origin, Asked(columns, limits, beside))


def _refuse_link(path: Path) -> None:
    """Refuse a symbolic link that leads out of the folder that it lies in.

    Raises:
        InputError: it does.
    """
    try:
        if path.is_symlink():
            real, folder = path.resolve(), path.parent.resolve()
            if not real.is_relative_to(folder):
                raise InputError(
                    f"{path}: found a symbolic link out of its folder; expected a file, name the "
                    "one that it leads to"
                )
    except (OSError, RuntimeError, ValueError):
        return  # a circle of links, or no name of a file: reading it says so


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


def _last_part(source: str) -> str:
    try:
        name = PurePosixPath(unquote(urlsplit(source).path)).name
    except ValueError:
        return ""
    return "" if "\\" in name or "\0" in name or "/" in name or name in (".", "..") else name


def articles_in(folder: str | Path, *, limits: Limits = SAFE) -> tuple[Path, ...]:
    """Return the files in a folder and below that a reader takes, in the order of their names.

    A text beside an annotation file of the same name is that one's and not an article
    of its own. Links that lead out of the folder are refused, hidden files passed over.

    Raises:
        InputError: it is no folder, or a link leads out of it.
    """
    folder = resolve(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: found no folder; expected one, check the name")
    root = folder.resolve()
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(place) / name
            suffix = path.suffix.lower()
            if name.startswith(".") or not suffix or suffix not in SUFFIXES:
                continue
            if path.is_symlink() and not limits.links and not path.resolve().is_relative_to(root):
                raise InputError(
                    f"{path}: found a symbolic link out of the folder; expected files within it, "
                    "remove the link"
                )
            found.append(path)
    annotated = {
        path.with_suffix("") for path in found if SUFFIXES[path.suffix.lower()] == "annotations"
    }
    return tuple(
        path
        for path in found
        if path.suffix.lower() not in TEXT_SUFFIXES or path.with_suffix("") not in annotated
    )
