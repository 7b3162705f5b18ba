"""Scores kept on disk between runs, so that a text is scored once.

The store is diskcache's (SQLite in write-ahead mode): many processes may share it.
A cache that cannot be read or written is left out after one warning; no score ever
fails of it. The environment variable `COUNTERPOINT_CACHE` names another folder, `off`,
or `memory`: then scores are kept as long as the process lives.
"""

import hashlib
import logging
import os
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diskcache import Cache

VARIABLE = "COUNTERPOINT_CACHE"
OFF, MEMORY = "off", "memory"
SIZE_LIMIT = 256 * 2**20  # bytes; the oldest scores go first
MOST_IN_MEMORY = 200_000  # scores, about 50 MiB; the oldest go first
WAIT = 10.0  # seconds for another process's lock, then on without

log = logging.getLogger(__name__)


def key_of(*parts: str) -> bytes:
    """Return 32 bytes that are the same only for the same texts in the same order."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.digest()


class ScoreCache:
    """A mapping of keys to small byte strings in a folder; off where the folder is None."""

    def __init__(self, folder: Path | None, *, size_limit: int = SIZE_LIMIT) -> None:
        """Name the folder; it is made and opened on first use."""
        self.folder = folder
        self._size_limit = size_limit
        self._store: Cache | None = None

    @classmethod
    def default(cls) -> "ScoreCache":
        """Return the cache that the environment asks for, else one in the user's cache folder."""
        told = os.environ.get(VARIABLE, "").strip()
        if told.lower() == OFF:
            return cls(None)
        if told.lower() == MEMORY:
            return MemoryCache()
        if told:
            return cls(Path(told).expanduser())
        from platformdirs import user_cache_path

        return cls(user_cache_path("counterpoint", appauthor=False) / "scores")

    def get_many(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return what is known of the keys; nothing where the cache cannot be read."""
        found: dict[bytes, bytes] = {}
        try:
            if (store := self._open()) is not None:
                for key in keys:
                    if isinstance(value := store.get(key), bytes):
                        found[key] = value
        except self._failures() as error:
            self._give_up(error)
        return found

    def set_many(self, values: Mapping[bytes, bytes]) -> None:
        """Keep values in one transaction; none where the cache cannot be written."""
        try:
            if values and (store := self._open()) is not None:
                with store.transact():
                    for key, value in values.items():
                        store.set(key, value)
        except self._failures() as error:
            self._give_up(error)

    def close(self) -> None:
        """Let go of the files; the next use opens them again."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def _open(self) -> "Cache | None":
        if self._store is None and self.folder is not None:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._store = _open_store(self.folder, self._size_limit)
        return self._store

    def _failures(self) -> tuple[type[Exception], ...]:
        if self.folder is None:
            return ()
        from diskcache import Timeout

        return (OSError, sqlite3.Error, Timeout, ValueError)

    def _give_up(self, error: Exception) -> None:
        said = " ".join(str(error).split()) or type(error).__name__
        log.warning("%s: the cache cannot be used (%s); scoring without it", self.folder, said)
        self.folder, self._store = None, None


class MemoryCache(ScoreCache):
    """Scores kept in this process only, for workers that have no disk of their own."""

    def __init__(self, most: int = MOST_IN_MEMORY) -> None:
        """Say how many scores are kept at most."""
        super().__init__(None)
        self._most = most
        self._values: OrderedDict[bytes, bytes] = OrderedDict()

    def get_many(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return what is known of the keys."""
        return {key: value for key in keys if (value := self._values.get(key)) is not None}

    def set_many(self, values: Mapping[bytes, bytes]) -> None:
        """Keep values; the oldest make room for them."""
        self._values.update(values)
        while len(self._values) > self._most:
            self._values.popitem(last=False)

    def close(self) -> None:
        """Forget all of them."""
        self._values.clear()


def _open_store(folder: Path, size_limit: int) -> "Cache":
    from diskcache import Cache, Disk
    from diskcache.core import MODE_BINARY, MODE_RAW

    class BytesDisk(Disk):
        """Reads plain bytes only, so that a planted file is never unpickled."""

        def fetch(self, mode, filename, value, read):
            if mode not in (MODE_RAW, MODE_BINARY):
                raise ValueError("it holds something else than scores")
            return super().fetch(mode, filename, value, read)

    return Cache(str(folder), timeout=WAIT, disk=BytesDisk, size_limit=size_limit)
