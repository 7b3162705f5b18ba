"""Tables as rows that know their place: CSV, TSV, JSON lines and Parquet, read lazily.

A position is a byte of a CSV or JSON lines file, or a row of a Parquet file. Reading starts
at one position and stops at another, so that a file of any size is read in parts and never
held in memory. A row that cannot be read carries the reason, and the next one is read.
"""

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import IO, Any

from analysis.errors import InputError, one_line
from analysis.readers.anchors import Origin
from analysis.readers.columns import column_names
from analysis.readers.excel import excel_rows
from analysis.readers.hypothesis_text import hypothesis_rows
from analysis.readers.limits import DEFAULT_LIMITS
from analysis.readers.text import decode, repaired

MAX_ROW_BYTES = 4 * DEFAULT_LIMITS.text_bytes  # a longer line holds no article that is taken
MARKS = ",;\t"  # what may separate the cells of a CSV file
_SEPARATOR = re.compile(rb'"?sep=([,;\t|])"?\s*', re.IGNORECASE)  # Excel's own first line
BATCH = 64  # rows of a Parquet file that are held at once; few, as values may be long


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table.

    Attributes:
        number: a line of a text file or a row of a Parquet file, from 1.
        end: the position at which the next row begins.
        raw: its bytes in a text file; empty for Parquet.
        values: its cells by the name of the column; empty where it cannot be read.
        error: why it cannot be read; empty otherwise.
    """

    number: int
    end: int
    raw: bytes = field(default=b"", repr=False)
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    error: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a file that is read: the rows that begin in [start, stop), two positions.

    `number` is the line at `start`. Of a line of more than `max_row_bytes`, no more is held.
    """

    start: int = 0
    stop: int | None = None
    number: int = 1
    max_row_bytes: int = MAX_ROW_BYTES

    def reaches(self, position: int) -> bool:
        """Return whether a row that begins at a position is in the part, or before it."""
        return self.stop is None or position < self.stop


WHOLE = Part()


def table_cells(data: bytes, format: str, origin: Origin) -> Iterator[Mapping[str, Any]]:
    """Yield the cells of each row of a table by the name of the column.

    Args:
        data: the file, text in any encoding.
        format: `csv`, `tsv`, `jsonl`, `parquet`, `excel` or `hypothesis`, its text export.
        origin: where it comes from.

    Raises:
        InputError: a row cannot be read, or the table is past one of the limits.
    """
    limits = origin.limits
    if format == "excel":
        yield from excel_rows(data, origin)
        return
    if format == "hypothesis":
        yield from hypothesis_rows(data, origin)
        return
    if format == "parquet":
        rows = parquet_rows(_bounded_parquet(data, origin), origin.path)
    else:
        text, _ = repaired(decode(data, where=origin.path))
        file = io.BytesIO(text.encode())
        part = Part(max_row_bytes=max(limits.file_bytes, limits.characters))
        marks = "\t" if format == "tsv" else MARKS
        rows = (
            json_rows(file, part)
            if format == "jsonl"
            else csv_rows(file, origin.path, part, marks=marks, short_rows=True)
        )
    for row in rows:
        if row.error:
            raise InputError(f"{origin.path}: line {row.number}: {row.error}")
        yield row.values


def json_rows(file: IO[bytes], part: Part = WHOLE) -> Iterator[TableRow]:
    """Yield the rows of a JSON lines file in UTF-8; positions are bytes."""
    file.seek(part.start)
    at, number = part.start, part.number
    while part.reaches(at):
        line, length = _read_line(file, part.max_row_bytes)
        if not length:
            return
        cells, error = _json_cells(line, "utf-8" if at else "utf-8-sig")
        if length > len(line):
            most = f"{part.max_row_bytes:,} bytes"
            cells, error = {}, f"found a line of more than {most}; expected an article"
        at += length
        if line.strip():
            yield TableRow(number, at, line, cells, error)
        number += 1


def _json_cells(line: bytes, encoding: str) -> tuple[dict[str, Any], str]:
    """Return the cells of a line, and why there are none."""
    try:
        cells = json.loads(line.decode(encoding))
    except UnicodeDecodeError:
        return {}, "found bytes that are not UTF-8"
    except (ValueError, RecursionError):
        cells = None
    if isinstance(cells, dict):
        return cells, ""
    return {}, "found no JSON object; expected one per line"


def _read_line(file: IO[bytes], most: int) -> tuple[bytes, int]:
    """Return the next line, at most so many bytes of it, and how long it is in bytes."""
    line = last = file.readline(most)
    length = len(line)
    while last and not last.endswith(b"\n"):
        last = file.readline(most)
        length += len(last)
    return line, length


def csv_header(file: IO[bytes], where: str) -> list[str]:
    """Return the names of the columns of a CSV file in UTF-8.

    Raises:
        InputError: the first line is not UTF-8, or names no columns or one twice.
    """
    return _csv_header(file, where, MARKS, MAX_ROW_BYTES)[0]


def _csv_header(
    file: IO[bytes], where: str, marks: str, max_row_bytes: int
) -> tuple[list[str], str, "_Lines"]:
    """Return the names of the columns, what separates cells, and the lines after the first row."""
    file.seek(0)
    head, _ = _read_line(file, max_row_bytes)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in head:
        raise InputError(f"{where}: line 1: found no UTF-8 text; save the table as UTF-8")
    file.seek(len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0)
    said = _SEPARATOR.fullmatch(head.removeprefix(codecs.BOM_UTF8))
    first = head.splitlines()[0].decode("latin-1") if head else ""
    mark = said[1].decode() if said else max(marks, key=first.count)
    file.seek(len(head) if said else file.tell())
    lines = _Lines(file, max_row_bytes)
    lines.taken += [head] if said else []
    try:
        cells = next(csv.reader(lines, delimiter=mark, strict=True))
        names = column_names([_utf_8(cell) for cell in cells], where)
    except csv.Error as error:
        raise InputError(f"{where}: line 1: {_broken(error)}") from None
    except (UnicodeDecodeError, StopIteration):
        names = []
    if not names:
        raise InputError(
            f"{where}: line 1: found no names of columns; expected each column's name once"
        )
    return names, mark, lines


def csv_rows(
    file: IO[bytes], where: str, part: Part = WHOLE, *, marks: str = MARKS, short_rows: bool = False
) -> Iterator[TableRow]:
    """Yield the rows of a CSV file in UTF-8; positions are bytes.

    Args:
        file: the table; its first row names the columns.
        where: the file's name for messages.
        part: which rows to read.
        marks: what may separate cells; whichever the first line has most of does.
        short_rows: whether a row may have fewer cells than the first.

    Raises:
        InputError: the first row names no columns, or one twice.
    """
    csv.field_size_limit(part.max_row_bytes)
    names, mark, lines = _csv_header(file, where, marks, part.max_row_bytes)
    number = part.number
    if part.start < lines.at:
        number = 1 + len(lines.taken)
    else:
        lines.go_to(part.start)
    reader = csv.reader(lines, delimiter=mark, strict=True)
    while part.reaches(lines.at):
        lines.begin_row()
        values: dict[str, str] = {}
        try:
            cells = next(reader)
            values, error = _csv_cells(cells, names, mark, short_rows)
        except StopIteration:
            return
        except csv.Error as broken:
            error = _broken(broken)
            lines.end_row_after_first_line()
        if values or error:
            yield TableRow(number, lines.at, b"".join(lines.taken), values, error)
        number += len(lines.taken)


def _broken(error: csv.Error) -> str:
    return f"found a broken row ({error}); expected quotation marks in pairs, mend the row"


def _csv_cells(
    cells: list[str], names: Sequence[str], mark: str, short_rows: bool
) -> tuple[dict[str, str], str]:
    """Return the cells of a row by column, and why there are none; an empty line has neither."""
    too_short = 0 < len(cells) < len(names) and not short_rows
    if too_short or any(map(str.strip, cells[len(names) :])):
        error = f"found {len(cells):,} cells; expected {len(names):,} as in the first line"
        return {}, f"{error}, quote cells with {mark!r}"
    try:
        return dict(zip(names, map(_utf_8, cells), strict=False)), ""
    except UnicodeDecodeError:
        return {}, "found bytes that are not UTF-8"


def _utf_8(cell: str) -> str:
    """Decode a cell that `_Lines` gave as Latin-1."""
    return cell.encode("latin-1").decode("utf-8")


class _Lines:
    """The lines of a file for the csv module, as Latin-1, so that a character is a byte.

    `at` is the position after the lines given, `taken` the lines of the row so far.
    """

    def __init__(self, file: IO[bytes], max_row_bytes: int) -> None:
        self.file, self.max_row_bytes = file, max_row_bytes
        self.go_to(file.tell())

    def go_to(self, position: int) -> None:
        """Continue from a position, where a row begins."""
        self.file.seek(position)
        self.at, self.waiting = position, []
        self.begin_row()

    def begin_row(self) -> None:
        """Note that a row begins here."""
        self.begin, self.taken = self.at, []

    def end_row_after_first_line(self) -> None:
        """Continue after the row's first line: an open quotation mark takes no other row."""
        first = self.taken[:1]
        self.go_to(self.first_end)
        self.taken = first

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self.waiting:
            if self.at - self.begin > self.max_row_bytes:
                raise StopIteration
            line, length = _read_line(self.file, self.max_row_bytes)
            self.waiting = line.splitlines(keepends=True)[::-1]  # also at a lone carriage return
            self.skipped = length - len(line)
        if not self.waiting:
            raise StopIteration
        line = self.waiting.pop()
        cut = 0 if self.waiting else self.skipped
        self.at += len(line) + cut
        self.taken.append(line)
        if len(self.taken) == 1:
            self.first_end = self.at
        if cut:
            raise csv.Error(f"a line of more than {self.max_row_bytes:,} bytes")
        return line.decode("latin-1")


def open_parquet(source: str | bytes, where: str) -> Any:
    """Return a Parquet file, of a path or of bytes, as pyarrow's `ParquetFile`.

    Raises:
        InputError: it is damaged or encrypted.
    """
    import pyarrow
    import pyarrow.parquet as parquet

    try:
        return parquet.ParquetFile(
            pyarrow.BufferReader(source) if isinstance(source, bytes) else source
        )
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        raise _damaged_parquet(where, error) from None


def _damaged_parquet(where: str, error: Exception) -> InputError:
    return InputError(
        f"{where}: found Parquet that cannot be read ({one_line(error)[:80]}); expected a whole "
        "file, write it again"
    )


def _bounded_parquet(data: bytes, origin: Origin) -> Any:
    """Open a Parquet file that is not past the limits."""
    limits = origin.limits
    file = open_parquet(data, origin.path)
    rows, groups = file.metadata.num_rows, file.metadata.num_row_groups
    size = sum(file.metadata.row_group(n).total_byte_size for n in range(groups))
    if size > limits.unpacked_bytes or rows > limits.rows:
        raise origin.error(
            f"{rows:,} rows and {size:,} bytes",
            f"at most {limits.rows:,} rows and {limits.unpacked_bytes:,} bytes, split the table",
        )
    return file


def parquet_rows(
    file: Any, where: str, part: Part = WHOLE, *, columns: list[str] | None = None
) -> Iterator[TableRow]:
    """Yield the rows of a Parquet file, from the row group on that holds the first; see `Part`.

    Args:
        file: what `open_parquet` returns.
        where: the file's name for messages.
        part: which rows to read; positions are rows from 0.
        columns: the columns to read; none: all.

    Raises:
        InputError: it is damaged.
    """
    import pyarrow

    meta = file.metadata
    sizes = [meta.row_group(n).num_rows for n in range(meta.num_row_groups)]
    begins = [0, *accumulate(sizes)][:-1]
    start = part.start
    last = meta.num_rows if part.stop is None else min(part.stop, meta.num_rows)
    groups = [n for n, b in enumerate(begins) if b < last and start < b + sizes[n]]
    at = begins[groups[0]] if groups else last
    try:
        for batch in file.iter_batches(BATCH, row_groups=groups, columns=columns):
            low, high = max(start - at, 0), min(last - at, len(batch))
            rows = batch.slice(low, high - low).to_pylist() if low < high else []
            for number, cells in enumerate(rows, start=at + low + 1):
                yield TableRow(number, number, values=cells)
            at += len(batch)
            if at >= last:
                return
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        raise _damaged_parquet(f"{where}: row {at + 1:,}", error) from None
