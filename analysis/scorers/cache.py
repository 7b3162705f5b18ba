"""A cache of scores on disk, so that a text is scored once.

The store is diskcache's (SQLite in write-ahead mode): many processes may share it. Each value
carries a checksum of its key and itself; one that does not match is scored again. Cache
errors never stop scoring: a cache that cannot be read or written is disabled with one
warning. The environment variable `COUNTERPOINT_CACHE` is another folder, `off`, or
`memory`, which keeps scores as long as the process lives.
"""

import contextlib
import hashlib
import logging
import os
import sqlite3
import stat
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import one_line

if TYPE_CHECKING:
    from diskcache import Cache

VARIABLE = "COUNTERPOINT_CACHE"
OFF, MEMORY = "off", "memory"
SIZE_LIMIT = 256 * 2**20  # bytes; the oldest scores go first
MAX_IN_MEMORY = 200_000  # scores, about 50 MiB; the oldest go first
CHECKSUM = 8  # bytes before a value
LOCK_TIMEOUT = 10.0  # seconds to wait for another process's lock, before the cache is disabled

log = logging.getLogger(__name__)


def key_of(*parts: str) -> bytes:
    """Return the SHA-256 of texts in their order, 32 bytes."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.digest()


def _checksum(key: bytes, value: bytes) -> bytes:
    return hashlib.blake2b(key + value, digest_size=CHECKSUM).digest()


def _unsealed(key: bytes, stored: object) -> bytes | None:
    """Return a stored value without its checksum; None where there is none or it is damaged."""
    if not isinstance(stored, bytes):
        return None
    value = stored[CHECKSUM:]
    return value if stored[:CHECKSUM] == _checksum(key, value) else None


class ScoreCache:
    """A mapping of keys to small byte strings in a folder; off where the folder is None."""

    def __init__(self, folder: Path | None, *, size_limit: int = SIZE_LIMIT) -> None:
        """Set the folder; it is made and opened on first use."""
        self.folder = folder
        self._size_limit = size_limit
        self._store: Cache | None = None

    @classmethod
    def default(cls) -> "ScoreCache":
        """Return the cache that the environment names, by default in the user's cache folder."""
        value = os.environ.get(VARIABLE, "").strip()
        if value.lower() == OFF:
            return cls(None)
        if value.lower() == MEMORY:
            return MemoryCache()
        if value:
            return cls(Path(value).expanduser())
        from platformdirs import user_cache_path

        return cls(user_cache_path("counterpoint", appauthor=False) / "scores")

    def get_many(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the stored values by key; nothing where the cache cannot be read."""
        with self._disabled_on_error():
            if (store := self._open()) is not None:
                found = ((key, _unsealed(key, store.get(key))) for key in keys)
                return {key: value for key, value in found if value is not None}
        return {}

    def set_many(self, values: Mapping[bytes, bytes]) -> None:
        """Store values in one transaction; none where the cache cannot be written."""
        with self._disabled_on_error():
            if values and (store := self._open()) is not None:
                with store.transact():
                    for key, value in values.items():
                        store.set(key, _checksum(key, value) + value)

    def close(self) -> None:
        """Close the files; the next use opens them again."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def _open(self) -> "Cache | None":
        if self._store is None and self.folder is not None:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.folder.stat().st_mode & stat.S_IWOTH:
                raise ValueError("others may write to this folder")
            self._store = _open_store(self.folder, self._size_limit)
        return self._store

    @contextlib.contextmanager
    def _disabled_on_error(self) -> Iterator[None]:
        if self.folder is None:
            yield
            return
        from diskcache import Timeout

        try:
            yield
        except (OSError, sqlite3.Error, Timeout, ValueError) as error:
            reason = one_line(error) or type(error).__name__
            message = "%s: the cache cannot be used (%s); scoring without it"
            log.warning(message, self.folder, reason)
            self.folder, self._store = None, None


class MemoryCache(ScoreCache):
    """Scores kept in this process only, for workers without a disk of their own."""

    def __init__(self, most: int = MAX_IN_MEMORY) -> None:
        """Set the largest number of scores that are kept."""
        super().__init__(None)
        self._most = most
        self._values: OrderedDict[bytes, bytes] = OrderedDict()

    def get_many(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the stored values by key."""
        return {key: value for key in keys if (value := self._values.get(key)) is not None}

    def set_many(self, values: Mapping[bytes, bytes]) -> None:
        """Store values; the oldest are dropped to make room."""
        self._values.update(values)
        while len(self._values) > self._most:
            self._values.popitem(last=False)

    def close(self) -> None:
        """Drop all values."""
        self._values.clear()


def _open_store(folder: Path, size_limit: int) -> "Cache":
    from diskcache import Cache, Disk
    from diskcache.core import MODE_BINARY, MODE_RAW

    class BytesDisk(Disk):
        """Reads plain bytes only, so that a planted file is never unpickled."""

        def fetch(self, mode, filename, value, read):
            if mode not in (MODE_RAW, MODE_BINARY):
                raise ValueError("it holds something other than scores")
            return super().fetch(mode, filename, value, read)

    return Cache(str(folder), timeout=LOCK_TIMEOUT, disk=BytesDisk, size_limit=size_limit)
