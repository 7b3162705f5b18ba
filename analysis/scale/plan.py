"""Splits a corpus into partitions, each identified by a fingerprint of its content.

The input is streamed once while partitions are submitted: to find the rows' positions, repeated
ids, and the fingerprint that tells a scored partition from a changed one.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from analysis.readers import article_id
from analysis.readers.table_rows import TableRow
from analysis.readers.text import slug
from analysis.scale.sources import Source

PARTITION_BYTES = 16_000_000  # of input; bounds a worker's memory with long articles


@dataclass(frozen=True, slots=True)
class Partition:
    """A range of rows of one input file.

    Attributes:
        number: running number over all inputs, from 0; names its files.
        source: the input file.
        start: position of the first row.
        stop: position after the last row.
        first: number of the first line or row, from 1.
        repeated: numbers of the rows whose id an earlier row has.
        fingerprint: SHA-256 of settings, rows and the state of the files they refer to.
        size: bytes of input, for the progress bar.
    """

    number: int
    source: Source
    start: int
    stop: int
    first: int
    repeated: frozenset[int]
    fingerprint: str
    size: int

    def rows(self) -> Iterator[TableRow]:
        """Yield the rows."""
        return self.source.rows(self.start, self.stop, self.first)


def partitions(sources: Iterable[Source], *, articles: int, settings: str) -> Iterator[Partition]:
    """Split input files into partitions of at most `articles` rows.

    Args:
        sources: the input files, in order.
        articles: rows per partition, at least 1; fewer where rows are long.
        settings: the hash of everything else that determines the output.

    Raises:
        InputError: a file can no longer be read.
    """
    seen, number = Seen(), 0
    for source in sources:
        for rows, start in _groups(source, articles):
            repeated = _repeated(source, rows, seen)
            yield Partition(
                number,
                source,
                start,
                rows[-1].end,
                rows[0].number,
                repeated,
                fingerprint(source, rows, repeated, settings),
                _bytes(source, start, rows[-1].end),
            )
            number += 1


def _groups(source: Source, articles: int) -> Iterator[tuple[list[TableRow], int]]:
    group: list[TableRow] = []
    start, size = 0, 0
    for row in source.rows():
        group.append(row)
        size += len(row.raw)
        if len(group) == articles or size > PARTITION_BYTES:
            yield group, start
            group, start, size = [], row.end, 0
    if group:
        yield group, start


def _bytes(source: Source, start: int, stop: int) -> int:
    """Return the bytes between two positions; for Parquet, the rows' share of the file."""
    if source.form != "parquet":
        return stop - start
    return (stop - start) * source.size // max(1, _row_count(source.path))


@lru_cache(maxsize=1)
def _row_count(path: str) -> int:
    import pyarrow.parquet as parquet

    return parquet.read_metadata(path).num_rows


def row_id(source: Source, row: TableRow) -> str:
    """Return a row's article id: its id as a slug, its file's name, or file and row number."""
    given = row.values.get("id")
    if isinstance(given, float) and given.is_integer():  # pandas writes 7.0 where a column has gaps
        given = int(given)
    if isinstance(given, (str, int)) and str(given).strip():
        return slug(str(given))
    path = row.values.get("path")
    if not row.values.get("text") and isinstance(path, str) and path.strip():
        return article_id(path)
    return slug(f"{Path(source.name).stem}-{row.number}")


def _repeated(source: Source, rows: list[TableRow], seen: "Seen") -> frozenset[int]:
    """Return the numbers of the rows whose id is repeated, here or from earlier partitions."""
    good = [row for row in rows if not row.error]
    hashes = np.array([_short_hash(row_id(source, row)) for row in good], np.uint64)
    before = seen.add(hashes)
    return frozenset(row.number for row, was in zip(good, before, strict=True) if was)


def _short_hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def fingerprint(
    source: Source, rows: Iterable[TableRow], repeated: frozenset[int], settings: str
) -> str:
    """Return a hash that changes with anything that a partition's output depends on.

    For a file that a row refers to, its size and modification time stand for its content.
    """
    digest = hashlib.sha256(f"{settings}\n{source.name}\n{sorted(source.columns.items())}".encode())
    for row in rows:
        digest.update(f"\n{row.number} {row.number in repeated} {len(row.raw)}\n".encode())
        digest.update(row.raw)
        path = row.values.get("path")
        if isinstance(path, str) and not row.values.get("text"):
            digest.update(_state(Path(source.path).parent / path).encode())
    return digest.hexdigest()


def _state(path: Path) -> str:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return "none"
    return f"{found.st_size} {found.st_mtime_ns}"


class Seen:
    """A set of 8-byte hashes: ten million ids in 80 MB.

    Hashes are kept in sorted arrays, each more than twice as long as the next (a log-structured
    merge tree; O'Neil et al. 1996), so adding n hashes takes O(n log n). Any two of ten million ids
    collide with probability 3e-6.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._runs: list[np.ndarray] = []

    def add(self, hashes: np.ndarray) -> np.ndarray:
        """Add uint64 hashes, shape (n,); return for each whether it was seen, bool (n,)."""
        before = np.zeros(len(hashes), bool)
        for run in self._runs:
            place = np.minimum(np.searchsorted(run, hashes), len(run) - 1)
            before |= run[place] == hashes
        _, first = np.unique(hashes, return_index=True)
        repeated = np.ones(len(hashes), bool)
        repeated[first] = False
        if len(new := np.unique(hashes[~before])):
            self._runs.append(new)
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            merged = np.concatenate([self._runs.pop(), self._runs.pop()])
            merged.sort()
            self._runs.append(merged)
        return before | repeated
