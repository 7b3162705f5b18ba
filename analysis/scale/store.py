"""The folder of a scored corpus, consistent after any interruption.

    OUT/segments/part-000000.parquet     one folder per frame, one file per partition
    OUT/relations/…  OUT/stances/…  OUT/bias/…  OUT/comparison/…
    OUT/articles/…                       metadata of each article
    OUT/rejected/…                       rows without an article, with the reason
    OUT/_done/part-000000.json           written last: the partition is complete
    OUT/_run.json                        the settings that determine the output
    OUT/_manifest.json                   written at the end: the corpus is complete

Every file is written by `analysis.atomic`: whole, or not at all.
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.atomic import UNFINISHED, atomic_writer, write_atomically
from analysis.errors import ParameterError
from analysis.frames import CORPUS
from analysis.paths import read_object

RUN, MANIFEST, DONE, LOCK = "_run.json", "_manifest.json", "_done", "_lock"
_PART = re.compile(r"part-(\d{6,})\.(?:parquet|json)")


class Store:
    """The folder of a scored corpus; it need not exist yet."""

    def __init__(self, out: str | Path) -> None:
        """Keep the path."""
        self.out = Path(out).absolute()

    def part(self, frame: str, number: int) -> Path:
        """Return the file of a frame's partition."""
        return self.out / frame / f"part-{number:06d}.parquet"

    def marker(self, number: int) -> Path:
        """Return the file that marks a partition as complete."""
        return self.out / DONE / f"part-{number:06d}.json"

    def prepare(self, settings: Mapping[str, Any], *, force: bool) -> None:
        """Begin a run, or resume the one in this folder.

        Args:
            settings: the settings that determine the output, besides the input.
            force: whether to score everything again if the folder holds another run.

        Raises:
            ParameterError: the folder holds a run of other settings.
        """
        before = read_object(self.out / RUN)
        if before is not None and before != settings and not force:
            name = next(n for n in {**before, **settings} if before.get(n) != settings.get(n))
            raise ParameterError(
                f"{self.out}: found a run with {name} {before.get(name)!r}; expected "
                f"{settings.get(name)!r}; give another folder with --out, or --force to score "
                "everything again"
            )
        (self.out / MANIFEST).unlink(missing_ok=True)
        if force:
            shutil.rmtree(self.out / DONE, ignore_errors=True)
        for folder in (*CORPUS, DONE):
            (self.out / folder).mkdir(exist_ok=True)
        write_json(self.out / RUN, settings)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Create the folder if missing, and lock out a second run.

        Raises:
            ParameterError: it holds something else, cannot be created, or another run uses it.
        """
        from filelock import FileLock, Timeout

        if self.out.exists() and not (self.out / RUN).exists():
            others = {p.name for p in self.out.iterdir()} - {LOCK} if self.out.is_dir() else {"."}
            if others:
                raise ParameterError(
                    f"{self.out}: found something that is no scored corpus; expected a new or "
                    "empty folder, give another with --out"
                )
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            with FileLock(self.out / LOCK, blocking=False):
                yield
        except Timeout:
            raise ParameterError(
                f"{self.out}: found another run at work in it; expected one at a time, wait for it"
            ) from None

    def done(self, number: int, fingerprint: str) -> dict[str, Any] | None:
        """Return the counts of a complete partition with this fingerprint, else None."""
        found = read_object(self.marker(number))
        if found is None or found.get("fingerprint") != fingerprint:
            return None
        return found if all(self.part(frame, number).exists() for frame in CORPUS) else None

    def write(self, number: int, tables: Mapping[str, pd.DataFrame], state: dict[str, Any]) -> None:
        """Write a partition's frames, then its marker; a concurrent writer writes the same.

        Raises:
            OSError: the disk is full or not writable.
        """
        self.marker(number).unlink(missing_ok=True)
        for frame in CORPUS:
            write_parquet(tables[frame], frame, self.part(frame, number))
        write_json(self.marker(number), state)

    def drop(self, number: int) -> None:
        """Remove a partition that could not be scored."""
        for path in (self.marker(number), *(self.part(frame, number) for frame in CORPUS)):
            path.unlink(missing_ok=True)

    def finish(self, partitions: int, manifest: Mapping[str, Any]) -> None:
        """Remove leftovers of earlier or interrupted runs and write the manifest."""
        for folder in (*CORPUS, DONE):
            for path in (self.out / folder).iterdir():
                match = _PART.fullmatch(path.name)
                if path.name.startswith(UNFINISHED) or (match and int(match[1]) >= partitions):
                    path.unlink(missing_ok=True)
        write_json(self.out / MANIFEST, manifest)

    def manifest(self) -> dict[str, Any]:
        """Return the manifest of a finished run.

        Raises:
            ParameterError: the folder holds no scored corpus, or an unfinished run.
        """
        found = read_object(self.out / MANIFEST)
        if found is not None:
            return found
        if (self.out / RUN).exists():
            raise ParameterError(
                f"{self.out}: found a run that was not finished; expected a whole one, run "
                "counterpoint score-corpus again as before"
            )
        raise ParameterError(
            f"{self.out}: found no scored corpus; expected a folder that counterpoint "
            "score-corpus wrote"
        )


def write_parquet(table: pd.DataFrame, frame: str, path: Path) -> None:
    """Write a frame as Parquet with the types of its schema, even without rows."""
    import pyarrow
    import pyarrow.parquet as parquet

    found = pyarrow.Table.from_pandas(table, schema=arrow_schema(frame), preserve_index=False)
    with atomic_writer(path) as file:
        parquet.write_table(found, file, compression="zstd")


def _kind(column: Any) -> str:
    name = str(column.dtype)  # of text str, string or string[pyarrow], by the version of pandas
    return "string" if name.startswith("str") else name


def arrow_schema(frame: str) -> Any:
    """Return the Arrow schema of a frame of `CORPUS`."""
    import pyarrow

    kinds = {
        "string": pyarrow.string(), "float64": pyarrow.float64(), "int64": pyarrow.int64(),
        "bool": pyarrow.bool_(),
    }  # fmt: skip
    columns = CORPUS[frame].columns.items()
    return pyarrow.schema([(name, kinds[_kind(column)]) for name, column in columns])


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write an object in one step."""
    write_atomically(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")
