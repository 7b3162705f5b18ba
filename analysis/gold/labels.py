"""People's labels: one append-only log for each annotator, and the rows read from it.

A log is JSON lines, one action per line (`label`, `skip`, `note`, `undo`). It holds no text
of an article, only where the text lies (file, SHA-256, spans) and the text's own SHA-256, so
that no one's text is copied and a changed article is noticed. Nothing is ever rewritten;
an undo is one more line.
"""

import hashlib
import json
import logging
import os
import re
import uuid
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from analysis.errors import InputError, ParameterError
from analysis.paths import GOLD, ROOT, resolve
from analysis.readers import read
from analysis.types import Article, Task, Voice

VOICE = "voice"  # who speaks: labeled by people and by rules, never by a scorer
LABELS: dict[str, tuple[str, ...]] = {
    **{task.value: task.labels for task in Task},
    VOICE: tuple(voice.value for voice in Voice),
}
TEXTS = {Task.RELATION.value: 2}  # spans of an item; of other tasks one
ADJUDICATED = "adjudicated"  # the log that settles disputes; not an annotator
GOLD_NAME = "gold"  # name of the file made from the logs
ACTIONS = ("label", "skip", "note", "undo")
RECORD = ("task", "article", "article_sha256", "spans", "target", "text_sha256")
NAME = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
LONGEST = 40  # characters of an annotator's name
DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")  # no file names on Windows
LOCK_TIMEOUT = 10.0  # seconds to wait for another writer of the same log

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Item:
    """One question to an annotator: a task, and where its texts lie in an article.

    Attributes:
        task: `relation`, `stance`, `bias` or `voice`.
        article: the article's file, from the project's root where it lies inside.
        article_sha256: of that file.
        spans: (start, end) in characters of the raw text; passage and comment of a
            relation, else the one text.
        text_sha256: of the texts, joined by NUL.
        target: what a stance is toward; else empty.
    """

    task: str
    article: str
    article_sha256: str
    spans: tuple[tuple[int, int], ...]
    text_sha256: str
    target: str = ""

    @cached_property
    def item_id(self) -> str:
        """The same sixteen hexadecimal digits for the same question."""
        question = [self.task, self.article_sha256, self.spans, self.target]
        return hashlib.sha256(json.dumps(question).encode()).hexdigest()[:16]

    def record(self) -> dict[str, Any]:
        """Return the attributes in the form that logs and gold files store."""
        return {name: getattr(self, name) for name in RECORD}

    def texts(self, raw: str) -> tuple[str, ...]:
        """Return the texts in the order of the spans.

        Raises:
            InputError: they are not the ones that were labeled.
        """
        found = tuple(raw[start:end] for start, end in self.spans)
        if text_hash(found) != self.text_sha256:
            raise InputError(
                f"{self.article}: found another text at {self.spans} than was labeled; "
                "expected the article as it was labeled; label it again"
            )
        return found


@dataclass(frozen=True, slots=True)
class Label:
    """One annotator's label of an item; `label` is empty where the item was skipped."""

    item: Item
    label: str
    note: str = ""
    record: Mapping[str, Any] = field(default_factory=dict, repr=False)


def text_hash(texts: Iterable[str]) -> str:
    """Return the SHA-256 of texts in order, as a hex digest."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()


def item(
    article: Article, task: str, spans: Sequence[tuple[int, int]], *, target: str = ""
) -> Item:
    """Return the item of one task that asks about spans of an article."""
    texts = [article.raw[start:end] for start, end in spans]
    return Item(
        str(task),
        kept_path(article.source),
        article.sha256,
        tuple((int(start), int(end)) for start, end in spans),
        text_hash(texts),
        target,
    )


def kept_path(path: str) -> str:
    """Return a path as logs store it: relative to the project's root, absolute outside it."""
    if not path or "://" in path:
        return path
    whole = resolve(path).resolve()
    inside = whole.is_relative_to(ROOT)
    return whole.relative_to(ROOT).as_posix() if inside else str(whole)


def annotator_name(name: str) -> str:
    """Return an annotator's name if it can be a file name on every system.

    Raises:
        ParameterError: it has other signs than small letters and digits, parted by
            one of `-_.`, is too long, the name of a device, or that of the gold file.
    """
    if (
        len(name) > LONGEST
        or not NAME.fullmatch(name)
        or DEVICES.fullmatch(name)
        or name == GOLD_NAME
    ):
        raise ParameterError(
            f"annotator: found {name!r}; expected a name of up to {LONGEST} lower-case letters "
            f"and digits, separated by - _ or ., such as anna or anna-k, and not {GOLD_NAME}"
        )
    return name


class LabelLog:
    """The log of one annotator: `<folder>/<annotator>.jsonl`.

    Every action is on disk when its call returns (written at the end of the file under a
    lock, and flushed to the device), so that a killed process loses nothing; what it was
    just writing is a damaged last line, which is passed over.
    """

    def __init__(self, folder: str | Path, annotator: str) -> None:
        """Name the folder and the annotator; the file is made by the first action.

        Raises:
            ParameterError: the name cannot be the name of a file.
        """
        self.annotator = annotator_name(annotator)
        self.path = Path(folder) / f"{self.annotator}.jsonl"
        self._lock = FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=LOCK_TIMEOUT)

    def label(self, item: Item, label: str, **about: Any) -> None:
        """Log a label; `about` are further fields, such as the versions of scorer and weights.

        Raises:
            ParameterError: the task has no such label.
            InputError: the log cannot be written.
        """
        if label not in LABELS[item.task]:
            raise ParameterError(
                f"{item.task}: found label {label!r}; expected one of "
                f"{', '.join(LABELS[item.task])}"
            )
        self._append("label", item, {"label": label, **about})

    def skip(self, item: Item, **about: Any) -> None:
        """Log that the annotator skipped an item."""
        self._append("skip", item, about)

    def note(self, item: Item, text: str, **about: Any) -> None:
        """Log a note on an item; the last one counts."""
        self._append("note", item, {"note": text, **about})

    def undo(self, *, among: Container[str] | None = None, **about: Any) -> Item | None:
        """Undo the last label or skip and return its item, or None where there is none.

        Args:
            among: ids of the items that may be undone; any by default.
            about: further fields of the record.
        """
        with self._locked():
            standing = [
                record
                for record in standing_records(self.path)
                if record["action"] != "note" and (among is None or record["item"] in among)
            ]
            if not standing:
                return None
            last = standing[-1]
            self._write({"action": "undo", "undoes": last["id"], **about})
            return item_of(last)

    def labels(self) -> dict[str, Label]:
        """Return the last label or skip of each item, with its note, by item id."""
        return labels_in(self.path)

    def labeled(self) -> set[str]:
        """Return the ids of the items that ever got a label, undone ones included.

        Raises:
            InputError: a record cannot be read.
        """
        found = records(self.path) if self.path.exists() else ()
        return {
            item_of(record).item_id for record in found if record.get("action", "label") == "label"
        }

    def _append(self, action: str, item: Item, about: Mapping[str, Any]) -> None:
        record = {"action": action, "task": item.task, "item": item.item_id, **item.record()}
        with self._locked():
            self._write(record | about)

    def _locked(self) -> FileLock:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return self._lock.acquire()
        except (OSError, Timeout) as error:
            raise self._unwritable(error) from None

    def _write(self, record: Mapping[str, Any]) -> None:
        head = {"id": uuid.uuid4().hex[:12], "time": _now(), "annotator": self.annotator}
        line = json.dumps(head | dict(record), ensure_ascii=False) + "\n"
        try:
            with open(self.path, "ab+") as file:
                if file.tell() and not _ends_a_line(file):
                    line = f"\n{line}"  # the writer before was killed: its rest is its own line
                file.write(line.encode("utf-8", "replace"))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: Exception) -> InputError:
        reason = getattr(error, "strerror", None) or "another process holds it"
        return InputError(
            f"{self.path}: the label was not saved ({reason}); expected a writable folder with "
            "free space, and no other program that holds it"
        )


def _ends_a_line(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a log or a gold file in order; none where there is no file.

    A line that is no JSON is what a killed writer left: it is passed over and logged.

    Raises:
        InputError: the file cannot be read, or a line is JSON but no record.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); expected a file of labels, check it"
        ) from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            log.warning("%s: line %d is damaged, as a killed writer leaves it", path, number)
            continue
        _check(record, f"{path}: line {number}")
        yield record


def _check(record: Any, where: str) -> None:
    expected = 'a label such as {"task": …, "article": …, "spans": …, "label": …}, see data/gold'
    if not isinstance(record, dict) or record.get("action", "label") not in ACTIONS:
        raise InputError(f"{where}: found no known action; expected {expected}")
    for name in ("id", "undoes"):
        if not isinstance(record.get(name, ""), str):
            raise InputError(f"{where}: found {name} {record[name]!r:.60}; expected a text")
    if record.get("action") == "undo":
        if "undoes" not in record:
            raise InputError(f'{where}: found an undo of nothing; expected "undoes": an id')
        return
    if not isinstance(record.get("task"), str) or record["task"] not in LABELS:
        raise InputError(
            f"{where}: found task {record.get('task')!r}; expected one of {', '.join(LABELS)}"
        )
    try:
        item_of(record)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{where}: found no item ({error!r}); expected {expected}") from None
    if record.get("action", "label") == "label" and record.get("label") not in (
        allowed := LABELS[record["task"]]
    ):
        raise InputError(
            f"{where}: found label {record.get('label')!r}; expected one of {', '.join(allowed)}"
        )


def item_of(record: Mapping[str, Any]) -> Item:
    """Return the item that a record speaks of."""
    spans = tuple((int(start), int(end)) for start, end in record["spans"])
    task = record["task"]
    if len(spans) != TEXTS.get(task, 1) or any(not 0 <= s <= e for s, e in spans):
        raise ValueError(f"spans {record['spans']}")
    texts = ("article", "article_sha256", "text_sha256")
    if not all(isinstance(record[name], str) for name in texts):
        raise ValueError("article, article_sha256 and text_sha256 are texts")
    article, article_sha256, text_sha256 = (record[name] for name in texts)
    return Item(task, article, article_sha256, spans, text_sha256, str(record.get("target", "")))


def standing_records(path: Path) -> list[dict[str, Any]]:
    """Return the records that were not undone, without the undos themselves."""
    every = list(records(path))
    undone = {record["undoes"] for record in every if record.get("action") == "undo"}
    return [
        r for r in every if r.get("action") != "undo" and (not r.get("id") or r["id"] not in undone)
    ]


def labels_in(path: Path, *, seen: bool = True) -> dict[str, Label]:
    """Return the last label or skip of each item in a log, with its last note, by item id.

    Items with only a note are left out, and without `seen` labels that were given after the
    program's answer was seen.
    """
    last: dict[str, Label] = {}
    notes: dict[str, str] = {}
    for record in standing_records(path):
        item = item_of(record)
        if "note" in record:
            notes[item.item_id] = str(record["note"])
        if record.get("action") != "note" and (seen or not record.get("seen_program")):
            last[item.item_id] = Label(item, record.get("label", ""), record=record)
    return {key: replace(label, note=notes.get(key, "")) for key, label in last.items()}


def seen_labels(*paths: Path) -> int:
    """Return how many items were labeled only after the program's answer was seen."""
    return sum(
        sum(bool(label.label) for label in labels_in(path).values())
        - sum(bool(label.label) for label in labels_in(path, seen=False).values())
        for path in paths
        if path.is_file() and _is_log(path)
    )


def annotators(folder: str | Path) -> dict[str, Path]:
    """Return the logs in a folder by annotator's name, without the adjudicated one."""
    found = {path.stem: path for path in sorted(Path(folder).glob("*.jsonl"))}
    return {n: p for n, p in found.items() if n not in (ADJUDICATED, GOLD_NAME) and _is_log(p)}


def gold_files(folder: Path = GOLD) -> list[Path]:
    """Return the gold files of a folder and of the folders in it."""
    name = f"{GOLD_NAME}.jsonl"
    return [path for path in (folder / name, *sorted(folder.glob(f"*/{name}"))) if path.is_file()]


def _is_log(path: Path) -> bool:
    """Say whether a file's first complete record is an annotator's; folders hold other gold too."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        for line in file:
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                continue
            return isinstance(record, dict) and "annotator" in record and "action" in record
    return False


def gold_rows(
    path: str | Path, task: Task, *, seen: bool = False
) -> tuple[list[tuple[str, ...]], list[str]]:
    """Read the labels of one task from a log or a gold file, with the texts they are of.

    Args:
        path: the file.
        task: whose labels.
        seen: whether labels count that were given after the program's answer was seen.

    Returns:
        Rows as `Scorer.predict` takes them, and their labels; skipped items are left out.

    Raises:
        InputError: the file holds no label of the task, or an article or its text is not
            the one that was labeled.
    """
    path = resolve(path)
    labels = labels_in(path, seen=seen).values()
    wanted = [found for found in labels if found.item.task == task and found.label]
    if not wanted:
        raise InputError(
            f"{path}: found no {task} label that counts; expected at least one, label some with "
            "notebooks/review-labels.ipynb, or count those given after the program's with --seen"
        )
    rows = []
    for found in wanted:
        texts = found.item.texts(article_of(found.item).raw)
        rows.append((*texts, found.item.target) if task is Task.STANCE else texts)
    return rows, [found.label for found in wanted]


def article_of(asked: Item) -> Article:
    """Read the article that an item asks about.

    Raises:
        InputError: it cannot be read, or is another file than was labeled.
    """
    article = _read(asked.article)
    if article.sha256 != asked.article_sha256:
        raise InputError(
            f"{asked.article}: found SHA-256 {article.sha256[:12]}…, expected "
            f"{asked.article_sha256[:12]}…; it has changed since it was labeled, restore "
            "the labeled version or label it again"
        )
    return article


@lru_cache(maxsize=64)
def _read(path: str) -> Article:
    return read(resolve(path))
