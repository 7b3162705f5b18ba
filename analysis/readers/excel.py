"""Excel files (.xlsx): the rows of the first sheet, with merged cells filled."""

import io
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from analysis.errors import InputError, one_line
from analysis.readers.anchors import Origin
from analysis.readers.archive import Archive
from analysis.readers.columns import column_names
from analysis.readers.table import MergedCell, cell_text

MOST_COLUMNS = 1_000


def excel_rows(data: bytes, origin: Origin) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of the first sheet of an Excel file by column; formulas as last saved.

    What is merged over several rows is in each of them, as `MergedCell` from the second on;
    the names of columns are not repeated.

    Raises:
        InputError: it is damaged, has a password or is past one of the origin.limits.
    """
    import openpyxl

    archive = Archive(data, origin)
    merged: dict[str, list[str]] = {}
    for name in archive.names:  # openpyxl parses with expat; no document type, no entity bomb
        if name.endswith((".xml", ".rels")):
            cells = archive.xml(name).iter("{*}mergeCell")
            merged[name] = [cell.get("ref", "") for cell in cells]
    names: list[str] | None = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            # openpyxl tells what is merged only where it holds the whole sheet in memory
            spans = _merged(merged.get(sheet._worksheet_path.lstrip("/"), ()))
            for cells in _filled(
                sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True), spans
            ):
                if names is None:
                    names = column_names(cells, origin.path)
                    if len(names) > MOST_COLUMNS:
                        raise origin.error(
                            f"more than {MOST_COLUMNS:,} columns", "fewer, split the table"
                        )
                elif any(cell is not None for cell in cells[len(names) :]):
                    raise origin.error(
                        "a cell in a column without a name", "names in the first row, add it"
                    )
                else:
                    yield dict(zip(names, cells, strict=False))
    except InputError:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part makes it
        reason = one_line(error)[:80] or type(error).__name__
        raise origin.error(
            f"an Excel file that cannot be read ({reason})", "a whole one, save it again"
        ) from None


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
) -> Iterator[list[Any]]:
    """Yield rows with what stands in the first cell of a merged range in those below it."""
    shown: dict[int, tuple[MergedCell, int]] = {}
    for number, row in enumerate(rows, start=1):
        cells = list(row)
        for column, (text, last) in list(shown.items()):
            if number > last or column >= len(cells):
                del shown[column]
            elif cells[column] in (None, ""):
                cells[column] = text
        for column, last in merged.get(number, ()):
            if column < len(cells) and cells[column] is not None:
                shown[column] = (MergedCell(cell_text(cells[column])), last)
        yield cells
