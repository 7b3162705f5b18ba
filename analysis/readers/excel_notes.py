"""The notes on the cells of an Excel sheet, and the threaded comments of newer versions."""

from typing import Any

from analysis.readers.archive import Archive
from analysis.readers.table import CellNote

Notes = dict[int, dict[int, list[CellNote]]]  # by the number of the row, and the column from 0


def excel_notes(archive: Archive, sheet: str) -> Notes:
    """Return the notes on a sheet's cells.

    Args:
        archive: the file.
        sheet: the name of the sheet's part.

    Raises:
        InputError: a part of them is damaged.
    """
    parts = [(r.kind, r.part) for r in archive.relations(sheet) if r.part in archive.names]
    threads = [part for kind, part in parts if kind == "threadedComment"]
    notes: Notes = {}
    for part in threads:
        people = _people(archive)
        for comment in archive.xml(part).iter("{*}threadedComment"):
            text = comment.findtext("{*}text") or ""
            author = people.get(comment.get("personId") or "", "")
            ids = comment.get("id") or "", comment.get("parentId") or ""
            _add(notes, comment.get("ref"), CellNote(text, author, *ids))
    for part in (part for kind, part in parts if kind == "comments"):
        root = archive.xml(part)
        authors = [author.text or "" for author in root.iter("{*}author")]
        for comment in root.iter("{*}comment"):
            which = int(n) if (n := comment.get("authorId") or "").isdecimal() else len(authors)
            author = authors[which] if which < len(authors) else ""
            if not (threads and author.startswith("tc=")):  # what older versions show of a thread
                _add(notes, comment.get("ref"), CellNote(_words(comment, author), author))
    return notes


def _people(archive: Archive) -> dict[str, str]:
    """Return the names of those who comment, by id."""
    return {
        person.get("id") or "": person.get("displayName") or ""
        for name in sorted(archive.names)
        if name.startswith("xl/persons/") and name.endswith(".xml")
        for person in archive.xml(name).iter("{*}person")
    }


def _words(comment: Any, author: str) -> str:
    """Return a note's words, without the author's name that Excel puts above them."""
    text = "".join(t.text or "" for t in comment.iter("{*}t")).strip()
    head, _, rest = text.partition("\n")
    return rest.strip() if author and rest.strip() and head.strip() == f"{author}:" else text


def _add(notes: Notes, place: str | None, note: CellNote) -> None:
    from openpyxl.utils.cell import column_index_from_string, coordinate_from_string
    from openpyxl.utils.exceptions import CellCoordinatesException

    try:
        column, row = coordinate_from_string(place or "")
        at = column_index_from_string(column) - 1
    except (CellCoordinatesException, ValueError):
        return
    if note.text.strip():
        notes.setdefault(row, {}).setdefault(at, []).append(note)
