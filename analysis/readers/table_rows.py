"""The files that tables come in: CSV, TSV, JSON lines, Parquet and Excel, to rows."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from analysis.errors import InputError
from analysis.readers.anchors import Origin
from analysis.readers.archive import Archive
from analysis.readers.limits import DEFAULT_LIMITS, Limits
from analysis.readers.table import MergedCell, cell_text
from analysis.readers.text import decode, repaired

Rows = Iterator[Mapping[str, Any]]


def csv_rows(
    data: bytes, origin: Origin, *, limits: Limits = DEFAULT_LIMITS, tabs: bool = False
) -> Rows:
    """Give the rows of a CSV or TSV file; the first line names the columns.

    Commas, semicolons or tabs part the cells, whichever the first line has most of.

    Raises:
        InputError: it is no text, a row is longer than the first line, or a quotation
            mark is never closed.
    """
    text, _ = repaired(decode(data, where=origin.path))
    head = text.partition("\n")[0]
    mark = "\t" if tabs else max(",;\t", key=head.count)
    csv.field_size_limit(max(limits.characters, 131_072))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    names: list[str] | None = None
    try:
        for cells in reader:
            if names is None:
                names = _names(cells, origin.path)
            elif cells:
                if len(cells) > len(names):
                    raise InputError(
                        f"{origin.path}: line {reader.line_num}: found {len(cells)} cells; "
                        f"expected {len(names)} as in the first line, quote cells with {mark!r}"
                    )
                yield dict(zip(names, cells, strict=False))
    except csv.Error as error:
        raise InputError(
            f"{origin.path}: line {reader.line_num}: found a broken row ({error}); expected "
            "quotation marks in pairs, mend the row"
        ) from None


def _names(cells: list[Any], where: str) -> list[str]:
    names = [str(cell if cell is not None else "").strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None or len(names) > 1_000:
        found = f"the column {twice[:40]!r} twice" if twice else f"{len(names):,} columns"
        raise InputError(f"{where}: line 1: found {found}; expected each column once, rename one")
    return [name or f"column {number}" for number, name in enumerate(names, start=1)]


def json_rows(data: bytes, origin: Origin, *, limits: Limits = DEFAULT_LIMITS) -> Rows:
    """Give the rows of a JSON lines file.

    Raises:
        InputError: a line is no JSON object.
    """
    text, _ = repaired(decode(data, where=origin.path))
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise InputError(
                f"{origin.path}: line {number}: found no JSON object; expected one a line, "
                "check the file"
            )
        yield row


def parquet_rows(data: bytes, origin: Origin, *, limits: Limits = DEFAULT_LIMITS) -> Rows:
    """Give the rows of a Parquet file.

    Raises:
        InputError: it is damaged, encrypted or too large unpacked.
    """
    import pyarrow
    import pyarrow.parquet as parquet

    broken = (pyarrow.ArrowException, OSError, ValueError, OverflowError, NotImplementedError)
    try:
        file = parquet.ParquetFile(pyarrow.BufferReader(data))
        meta = file.metadata
        size = sum(meta.row_group(n).total_byte_size for n in range(meta.num_row_groups))
        if size > limits.unpacked_bytes or meta.num_rows > limits.rows:
            raise InputError(
                f"{origin.path}: found {meta.num_rows:,} rows and {size:,} bytes; expected at most "
                f"{limits.rows:,} rows and {limits.unpacked_bytes:,} bytes, split the table"
            )
        for batch in file.iter_batches(batch_size=64):  # few, as one value may repeat for long
            yield from batch.to_pylist()
    except broken as error:
        said = " ".join(str(error).split())[:80]
        raise InputError(
            f"{origin.path}: found Parquet that cannot be read ({said}); expected a whole file, "
            "write it again"
        ) from None


def excel_rows(data: bytes, origin: Origin, *, limits: Limits = DEFAULT_LIMITS) -> Rows:
    """Give the rows of the first sheet of an Excel file; formulas give the values last saved.

    What is merged over several rows is given in each, as `MergedCell` from the second on; not so
    the names of columns.

    Raises:
        InputError: it is damaged, has a password or is past one of the limits.
    """
    import warnings

    import openpyxl

    pack = Archive(data, origin.path, limits)
    merged: dict[str, list[str]] = {}
    for name in pack.names:  # openpyxl parses with expat; no document type, no entity bomb
        if name.endswith((".xml", ".rels")):
            merged[name] = [cell.get("ref", "") for cell in pack.xml(name).iter("{*}mergeCell")]
    names: list[str] | None = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            # openpyxl tells what is merged only where it holds the whole sheet in memory
            spans = _merged(merged.get(sheet._worksheet_path.lstrip("/"), ()))
            for cells in _filled(sheet.iter_rows(max_col=1_001, values_only=True), spans):
                if names is None:
                    names = _names(list(cells), origin.path)
                elif any(cell is not None for cell in cells[len(names) :]):
                    raise InputError(
                        f"{origin.path}: found a cell in a column without a name; expected names "
                        "in the first row, add it"
                    )
                else:
                    yield dict(zip(names, cells, strict=False))
    except InputError:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part makes it
        said = " ".join(str(error).split())[:80] or type(error).__name__
        raise InputError(
            f"{origin.path}: found an Excel file that cannot be read ({said}); expected a whole "
            "one, save it again"
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
    """Give rows with what stands in the first cell of a merged range in those below it."""
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
