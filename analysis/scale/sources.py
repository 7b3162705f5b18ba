"""The tables that a corpus comes in, read row by row from any place on.

A position is a byte of a JSON lines or CSV file, or a row of a Parquet file; a reader
starts at one and stops at another, so that a file of any size is read in parts and never
held. A row that cannot be read is given with the reason, and the next one is read.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import IO, Any

from analysis.errors import InputError, one_line
from analysis.readers import options
from analysis.readers.limits import DEFAULT_LIMITS

FORMS = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet",
}  # fmt: skip
ROLES: dict[str, tuple[str, ...]] = {
    "id": ("article_id", "id", "doc_id"),
    "path": ("path", "file"),
    **{
        role: options.ROLES[role]
        for role in ("text", "title", "outlet", "date", "author", "url", "language")
    },
}
ROW_BYTES = 4 * DEFAULT_LIMITS.text_bytes  # a longer line holds no article that is taken
BATCH = 64  # rows of a Parquet file that are held at once


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands, where the next begins, its bytes, and its values by role.

    `number` is a line of a text file or a row of a Parquet file, both from 1 on. Where the
    row cannot be read, `error` says why and `values` is empty.
    """

    number: int
    end: int
    raw: bytes = field(repr=False)
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    error: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One input file; `name` is what rows are called by, `columns` role -> column."""

    path: str
    name: str
    form: str
    size: int
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """What its rows are counted in."""
        return "row" if self.form == "parquet" else "line"

    def rows(self, start: int = 0, stop: int | None = None, number: int = 1) -> Iterator[Row]:
        """Give the rows that begin in [start, stop), a position; `number` is the first's.

        Raises:
            InputError: the file is gone or, a Parquet file, damaged.
        """
        if self.form == "parquet":
            yield from _parquet_rows(self, start, stop)
            return
        with _opened(self) as file:
            rows = _json_rows if self.form == "jsonl" else _csv_rows
            yield from rows(self, file, start, stop, number)


def sources(inputs: Sequence[str | Path], columns: Mapping[str, str] | None = None) -> list[Source]:
    """Return the input files in order; a folder stands for the tables in it, by name.

    Args:
        inputs: files or folders.
        columns: role -> column name, where a column has another name than `ROLES` lists.

    Raises:
        InputError: one is missing, empty, no table that is known, or has no text.
    """
    columns = dict(columns or {})
    if unknown := sorted(set(columns) - set(ROLES)):
        raise InputError(
            f"columns: found {unknown[0]!r}; expected one of {', '.join(ROLES)}, as ROLE=NAME"
        )
    paths = list(dict.fromkeys(path for given in inputs for path in _files(Path(given))))
    if not paths:
        raise InputError("found no input; expected at least one file, name it")
    names = [path.name for path in paths]
    found = []
    for path in paths:
        form = FORMS.get(path.suffix.lower())
        if form is None:
            raise InputError(
                f"{path}: found a file called {path.suffix or 'without a suffix'}; expected one of "
                f"{', '.join(FORMS)}, convert or rename it"
            )
        name = path.name if names.count(path.name) == 1 else str(path)
        found.append(_checked(Source(str(path.absolute()), name, form, _size(path), columns)))
    return found


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    inside = [p for p in sorted(path.iterdir()) if p.suffix.lower() in FORMS and p.is_file()]
    found = [p for p in inside if not p.name.startswith((".", "_"))]
    if not found:
        raise InputError(f"{path}: found no table in it; expected one of {', '.join(FORMS)}")
    return found


def _size(path: Path) -> int:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); expected a file, check its name"
        ) from None
    if not size:
        raise InputError(f"{path}: found an empty file; expected one article a row")
    return size


def _opened(source: Source) -> IO[bytes]:
    try:
        return open(source.path, "rb")
    except OSError as error:
        raise InputError(
            f"{source.path}: cannot be read ({error.strerror}); expected a readable file, check "
            "its name and rights"
        ) from None


def _checked(source: Source) -> Source:
    """Look at a table's columns before any row is scored."""
    if source.form == "jsonl":  # each line has columns of its own
        return source
    if source.form == "csv":
        with _opened(source) as file:
            names, _ = _csv_head(source, file)
    else:
        names = _parquet(source).schema_arrow.names
    if missing := [name for name in source.columns.values() if name not in names]:
        found = f"no column {missing[0]!r}"
    elif not set(_roles(names, source.columns)) & {"text", "path"}:
        found = "no column for the text"
    else:
        return source
    raise InputError(
        f"{source.path}: found {found}, but {', '.join(map(repr, names[:20]))}; expected "
        "text, or path for articles in files of their own"
    )


def _roles(names: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Return role -> column of those that are there; a column has one role."""
    folded = {name.lower().replace(" ", "_"): name for name in reversed(names)}
    taken = set(given.values())
    roles = dict(given)
    for role, usual in ROLES.items():
        free = [folded[n] for n in usual if n in folded and folded[n] not in taken]
        if role not in roles and free:
            roles[role] = free[0]
            taken.add(free[0])
    return roles


def _valued(source: Source, cells: Mapping[str, Any]) -> dict[str, Any]:
    roles = _roles(list(cells), source.columns)
    return {role: cells[name] for role, name in roles.items() if name in cells}


def _json_rows(
    source: Source, file: IO[bytes], start: int, stop: int | None, number: int
) -> Iterator[Row]:
    file.seek(start)
    at = start
    while stop is None or at < stop:
        line, read = _line(file)
        if not read:
            return
        begin, at = at, at + read
        if line.strip():
            yield _json_row(source, number, at, line, cut=read > len(line), first=begin == 0)
        number += 1


def _line(file: IO[bytes]) -> tuple[bytes, int]:
    """Return the next line, at most `ROW_BYTES` of it, and how many bytes were read."""
    line = file.readline(ROW_BYTES)
    read, last = len(line), line
    while last and not last.endswith(b"\n"):
        last = file.readline(ROW_BYTES)
        read += len(last)
    return line, read


def _json_row(source: Source, number: int, end: int, line: bytes, *, cut: bool, first: bool) -> Row:
    def refused(why: str) -> Row:
        return Row(number, end, line, error=why)

    if cut:
        return refused(f"found a line of more than {ROW_BYTES:,} bytes; expected an article")
    try:
        cells = json.loads(line.decode("utf-8-sig" if first else "utf-8"))
    except UnicodeDecodeError:
        return refused("found bytes that are not UTF-8")
    except (ValueError, RecursionError):
        cells = None
    if not isinstance(cells, dict):
        return refused("found no JSON object; expected one a line")
    return Row(number, end, line, _valued(source, cells))


def _csv_head(source: Source, file: IO[bytes]) -> tuple[list[str], str]:
    """Read the first line: the columns' names, and the mark that parts the cells."""
    line, _ = _line(file)
    if line.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in line:
        raise InputError(f"{source.path}: line 1: found no UTF-8 text; save the table as UTF-8")
    try:
        head = line.decode("utf-8-sig")
        mark = max(",;\t", key=head.count)
        names = [name.strip() for name in next(csv.reader([head], delimiter=mark, strict=True))]
    except (UnicodeDecodeError, csv.Error, StopIteration):
        names = []
    twice = [name for name in names if names.count(name) > 1]
    if not any(names) or twice:
        found = f"the column {twice[0]!r} twice" if any(twice) else "no names of columns"
        raise InputError(f"{source.path}: line 1: found {found}; expected each column's name once")
    return names, mark


def _csv_rows(
    source: Source, file: IO[bytes], start: int, stop: int | None, number: int
) -> Iterator[Row]:
    names, mark = _csv_head(source, file)
    if start < file.tell():
        number = 2
    else:
        file.seek(start)
    csv.field_size_limit(ROW_BYTES)
    lines = _Lines(file)
    # Latin-1 keeps a byte a character, so that positions count bytes; cells are decoded after.
    reader = csv.reader(lines, delimiter=mark, strict=True)
    while stop is None or lines.at < stop:
        lines.begins()
        error, cells = "", []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as broken:
            error = f"found a broken row ({broken}); expected quotation marks in pairs"
            lines.back()
        raw, first = b"".join(lines.taken), number
        number += len(lines.taken)
        if error or cells:
            row = Row(first, lines.at, raw, error=error)
            yield row if error else _csv_row(source, row, names, cells)


class _Lines:
    """The lines of a file as the csv module wants them, kept until a row is whole."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.at, self.taken = file, file.tell(), []
        self.begin = self.at

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.at - self.begin > ROW_BYTES:
            raise StopIteration
        line, read = _line(self.file)
        if not read:
            raise StopIteration
        self.at += read
        self.taken.append(line)
        return line.decode("latin-1")

    def begins(self) -> None:
        """Note that a row begins here."""
        self.begin = self.at
        self.taken.clear()

    def back(self) -> None:
        """Go on behind the row's first line: a mark that is never closed takes no other row."""
        self.at = self.begin + len(self.taken[0])
        del self.taken[1:]
        self.file.seek(self.at)


def _csv_row(source: Source, row: Row, names: Sequence[str], cells: Sequence[str]) -> Row:
    if len(cells) != len(names):
        why = f"found {len(cells):,} cells; expected {len(names):,} as in the first line"
        return Row(row.number, row.end, row.raw, error=why)
    try:
        texts = [cell.encode("latin-1").decode("utf-8") for cell in cells]
    except UnicodeDecodeError:
        return Row(row.number, row.end, row.raw, error="found bytes that are not UTF-8")
    return Row(row.number, row.end, row.raw, _valued(source, dict(zip(names, texts, strict=True))))


def _parquet(source: Source) -> Any:
    import pyarrow
    import pyarrow.parquet as parquet

    try:
        return parquet.ParquetFile(source.path)
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(
            f"{source.path}: found Parquet that cannot be read ({one_line(error)[:80]}); expected "
            "a whole file, write it again"
        ) from None


def _parquet_rows(source: Source, start: int, stop: int | None) -> Iterator[Row]:
    """Read from the row group on that holds the start, only the columns that have a role."""
    import pyarrow

    file = _parquet(source)
    meta = file.metadata
    sizes = [meta.row_group(n).num_rows for n in range(meta.num_row_groups)]
    begins = [0, *accumulate(sizes)][:-1]
    last = meta.num_rows if stop is None else min(stop, meta.num_rows)
    groups = [n for n, b in enumerate(begins) if b < last and start < b + sizes[n]]
    if not groups:
        return
    roles = _roles(file.schema_arrow.names, source.columns)
    at = begins[groups[0]]
    try:
        for batch in file.iter_batches(BATCH, row_groups=groups, columns=list(roles.values())):
            low, high = max(start - at, 0), min(last - at, len(batch))
            rows = batch.slice(low, high - low).to_pylist() if low < high else []
            for number, cells in enumerate(rows, start=at + low + 1):
                values = {role: cells[name] for role, name in roles.items()}
                raw = json.dumps(values, default=str, sort_keys=True).encode()
                yield Row(number, number, raw, values)
            at += len(batch)
            if at >= last:
                return
    except (pyarrow.ArrowException, ValueError) as error:
        raise InputError(
            f"{source.path}: row {at + 1:,}: found Parquet that cannot be read "
            f"({one_line(error)[:80]}); expected a whole file, write it again"
        ) from None
