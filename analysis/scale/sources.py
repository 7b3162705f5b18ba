"""The input tables of a corpus: which files, which columns, and their rows by role."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import IO

from analysis.errors import InputError
from analysis.readers import columns as table_columns
from analysis.readers.columns import usual_columns
from analysis.readers.table_rows import (
    MAX_ROW_BYTES,
    Part,
    TableRow,
    csv_header,
    csv_rows,
    json_rows,
    open_parquet,
    parquet_rows,
)

FORMS = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet",
}  # fmt: skip
ROLES: dict[str, tuple[str, ...]] = {
    "id": ("article_id", "id", "doc_id"),
    "path": ("path", "file"),
    **{
        role: table_columns.ROLES[role]
        for role in ("text", "title", "outlet", "date", "author", "url", "language")
    },
}


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

    def rows(self, start: int = 0, stop: int | None = None, number: int = 1) -> Iterator[TableRow]:
        """Give the rows that begin in [start, stop), a position; `number` is the first's.

        Raises:
            InputError: the file is gone or, a Parquet file, damaged.
        """
        part = Part(start, stop, number, MAX_ROW_BYTES)
        if self.form == "parquet":
            file = open_parquet(self.path, self.path)
            columns = list(self.roles(file.schema_arrow.names).values())
            for row in map(self._by_role, parquet_rows(file, self.path, part, columns=columns)):
                raw = json.dumps(row.values, default=str, sort_keys=True).encode()
                yield replace(row, raw=raw)
            return
        with _opened(self) as file:
            jsonl = self.form == "jsonl"
            rows = json_rows(file, part) if jsonl else csv_rows(file, self.path, part)
            yield from map(self._by_role, rows)

    def _by_role(self, row: TableRow) -> TableRow:
        """Return a row with its values by role, not by column."""
        roles = self.roles(row.values)
        return replace(row, values={role: row.values[name] for role, name in roles.items()})

    def roles(self, names: Iterable[str]) -> dict[str, str]:
        """Return the column of each role among columns; a column has one role."""
        return _roles(tuple(names), tuple(self.columns.items()))


@lru_cache(maxsize=64)
def _roles(names: tuple[str, ...], given: tuple[tuple[str, str], ...]) -> dict[str, str]:
    roles = {role: name for role, name in given if name in names}
    taken = {name for _, name in given}
    for role, usual in ROLES.items():
        free = usual_columns(names, usual, taken)
        if role not in dict(given) and free:
            roles[role] = free[0]
            taken.add(free[0])
    return roles


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
        raise InputError(f"{path}: found an empty file; expected one article per row")
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
    """Check a table's columns before any row is scored; lines of JSON have their own."""
    if source.form == "jsonl":
        return source
    if source.form == "csv":
        with _opened(source) as file:
            names = csv_header(file, source.path)
    else:
        names = open_parquet(source.path, source.path).schema_arrow.names
    if missing := [name for name in source.columns.values() if name not in names]:
        found = f"no column {missing[0]!r}"
    elif not set(source.roles(names)) & {"text", "path"}:
        found = "no column for the text"
    else:
        return source
    raise InputError(
        f"{source.path}: found {found}, but {', '.join(map(repr, names[:20]))}; expected "
        "text, or path for articles in files of their own"
    )
