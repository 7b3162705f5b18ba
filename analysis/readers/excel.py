"""Excel files (.xlsx): the rows of the first sheet, merged cells filled, and notes on cells."""

import io
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from analysis.errors import InputError, one_line
from analysis.readers.anchors import Origin
from analysis.readers.archive import Archive
from analysis.readers.columns import column_names
from analysis.readers.excel_notes import Notes, excel_notes
from analysis.readers.table import CellNote, MergedCell, NotedCell, cell_text

MOST_COLUMNS = 1_000
MOST_ROWS = 1_048_576  # of a sheet; no more are looked for, whatever a row says of its number


def excel_rows(data: bytes, origin: Origin) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of the first sheet of an Excel file by column; formulas as last saved.

    What is merged over several rows is in each of them, as `MergedCell` from the second on;
    the names of columns are not repeated. A cell with notes is a `NotedCell`. Other sheets, and
    the notes on them, are left out and counted.

    Raises:
        InputError: it is damaged, has a password or is past one of the origin.limits.
    """
    import openpyxl

    archive = Archive(data, origin)
    merged: dict[str, list[str]] = {}
    filled: set[str] = set()
    for name in archive.names:  # openpyxl parses with expat; no document type, no entity bomb
        if name.endswith((".xml", ".rels")):
            root = archive.xml(name)
            merged[name] = [cell.get("ref", "") for cell in root.iter("{*}mergeCell")]
            if next(root.iter("{*}v", "{*}is"), None) is not None:
                filled.add(name)
    names: list[str] | None = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheet, *others = book.worksheets
            sheet.reset_dimensions()  # files of other programs state wrong ones
            notes = excel_notes(archive, _part(sheet))
            for other in map(_part, others):
                origin.leave_out("other sheets", int(other in filled))
                origin.leave_out("notes of other sheets", _count(excel_notes(archive, other)))
            # openpyxl tells what is merged only where it holds the whole sheet in memory
            spans = _merged(merged.get(_part(sheet), ()))
            rows = islice(sheet.iter_rows(values_only=True), MOST_ROWS)
            for number, row in _filled(rows, spans):
                noted = notes.pop(number, {})
                if names is None:
                    names = _names(row, origin)
                    origin.leave_out("notes on the names of columns", _count({number: noted}))
                elif any(cell not in (None, "") for cell in row[len(names) :]):
                    raise origin.error(
                        "a cell in a column without a name", "names in the first row, add it"
                    )
                elif row or noted:
                    yield _named(row, names, noted, origin)
            origin.leave_out("notes on empty cells", _count(notes))
    except InputError:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part makes it
        reason = one_line(error)[:80] or type(error).__name__
        raise origin.error(
            f"an Excel file that cannot be read ({reason})", "a whole one, save it again"
        ) from None


def _names(row: Sequence[Any], origin: Origin) -> list[str]:
    names = column_names(row, origin.path)
    if len(names) > MOST_COLUMNS:
        raise origin.error(f"more than {MOST_COLUMNS:,} columns", "fewer, split the table")
    return names


def _named(
    row: Sequence[Any],
    names: Sequence[str],
    noted: Mapping[int, Sequence[CellNote]],
    origin: Origin,
) -> dict[str, Any]:
    """Return a row by the names of its columns, with the notes on its cells."""
    cells = dict(zip(names, row, strict=False))
    for column, notes in noted.items():
        if column < len(names):
            text = cell_text(row[column]) if column < len(row) else ""
            cells[names[column]] = NotedCell(text, notes)
        else:
            origin.leave_out("notes on cells of columns without a name", len(notes))
    return cells


def _part(sheet: Any) -> str:
    return sheet._worksheet_path.lstrip("/")


def _count(notes: Notes) -> int:
    return sum(len(on_cell) for row in notes.values() for on_cell in row.values())


def _merged(ranges: Iterable[str]) -> dict[int, list[tuple[int, int]]]:
    """Return by the number of a row the columns that are merged with rows below, to which one."""
    from openpyxl.utils import range_boundaries

    found: dict[int, list[tuple[int, int]]] = {}
    for named in ranges:
        column, first, _, last = range_boundaries(named)
        if 1 < first < last:
            found.setdefault(first, []).append((column - 1, last))
    return found


def _filled(
    rows: Iterable[Sequence[Any]], merged: Mapping[int, Sequence[tuple[int, int]]]
) -> Iterator[tuple[int, list[Any]]]:
    """Yield rows by number, with what stands first in a merged range in those below it."""
    shown: dict[int, tuple[MergedCell, int]] = {}
    for number, row in enumerate(rows, start=1):
        cells = list(row)
        for column, (text, last) in list(shown.items()):
            if number > last:
                del shown[column]
                continue
            cells += [None] * (column + 1 - len(cells))  # a row ends with its last cell
            if cells[column] in (None, ""):
                cells[column] = text
        for column, last in merged.get(number, ()):
            if column < len(cells) and cells[column] is not None:
                shown[column] = (MergedCell(cell_text(cells[column])), last)
        yield number, cells
