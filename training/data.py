"""Rows to learn from: the corpora's files read, mapped to our labels, capped and cleaned.

A source is named `task/set` (`relation/perspectrum`) after its folder under the corpora.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from analysis.errors import InputError
from training.tasks import TASKS

FIELDS = {"relation": ("passage", "comment"), "stance": ("target", "text"), "bias": ("text", "")}
# Foreign labels that are none of ours, as shares of our labels in `TASKS` order.
FOREIGN = {"relation": {"not_agree": (0.0, 0.5, 0.5)}, "stance": {}, "bias": {}}
# Sets whose dev file is kept for evaluation; of all others it is trained on as well.
HELD_OUT_DEV = frozenset({"relation/subreddit_agreement", "stance/newsmtsc", "stance/vast"})


class Row(NamedTuple):
    """One labelled text or pair; `shares` adds up to 1 over the task's labels.

    Where no label is known all shares are 0. `taught` is a teacher's logits, or empty.
    """

    task: str
    first: str
    second: str
    shares: tuple[float, ...]
    source: str
    taught: tuple[float, ...] = ()

    @property
    def label(self) -> str:
        """The label with the largest share."""
        return TASKS[self.task][int(np.argmax(self.shares))]


def one_hot(task: str, label: str) -> tuple[float, ...]:
    """Return the shares of a row that has one certain label."""
    return tuple(float(label == known) for known in TASKS[task])


def read_rows(path: Path, task: str, source: str) -> list[Row]:
    """Read one JSON-lines file.

    Raises:
        InputError: when the file is missing, or a line has no text or an unknown label.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; check --corpora and --articles")
    first, second = FIELDS[task]
    rows = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        record = json.loads(line)
        label = record.get("label")
        known = {name: one_hot(task, name) for name in TASKS[task]} | FOREIGN[task]
        if label not in known or first not in record:
            allowed = ", ".join(known)
            raise InputError(f"{path}:{number}: label {label!r}, expected {first} and {allowed}")
        texts = _clean(record[first]), _clean(record[second]) if second else ""
        rows.append(Row(task, *texts, known[label], source))
    return rows


def read_source(corpora: Path, source: str) -> list[Row]:
    """Read all of a set's files that may be trained on, in file order."""
    task, _ = source.split("/")
    folder = corpora / source
    names = ["all.jsonl"] if (folder / "all.jsonl").is_file() else ["train.jsonl"]
    if source not in HELD_OUT_DEV and (folder / "dev.jsonl").is_file():
        names.append("dev.jsonl")
    return [row for name in names for row in read_rows(folder / name, task, source)]


def _clean(text: str) -> str:
    """Return a text with runs of white space as one space."""
    return " ".join(text.split())


def key(text: str) -> str:
    """Return a text reduced to its lower-case words, to find the same text again."""
    return " ".join(re.findall(r"\w+", text.lower()))


def row_key(row: Row) -> str:
    """Return the key of the text that must not be seen in both training and evaluation."""
    return key(row.second or row.first)


def without(rows: Iterable[Row], held_out: Iterable[Row]) -> list[Row]:
    """Drop the rows whose text (comment, text or sentence) is among the held-out rows."""
    seen = {(row.task, row_key(row)) for row in held_out}
    return [row for row in rows if (row.task, row_key(row)) not in seen]


def groups_of_alike(texts: list[str], *, threshold: float = 0.5) -> np.ndarray:
    """Number each text by its group of near-identical texts.

    Two texts are alike when their sets of words have a Jaccard index of at least
    `threshold`; groups are the connected components. Returns int64 of shape (n,).
    """
    from scipy.sparse.csgraph import connected_components
    from sklearn.feature_extraction.text import CountVectorizer

    words = CountVectorizer(binary=True, token_pattern=r"\w+").fit_transform(texts).astype(float)
    sizes = np.asarray(words.sum(1)).ravel()
    shared = (words @ words.T).tocoo()
    jaccard = shared.data / (sizes[shared.row] + sizes[shared.col] - shared.data)
    shared.data = (jaccard >= threshold).astype(float)
    shared.eliminate_zeros()
    return connected_components(shared, directed=False)[1]


def babe_held_out(rows: list[Row], *, share: float = 0.2, seed: int = 20261124) -> list[int]:
    """Return the row numbers (from 0) of the held-out fifth of BABE, whole groups only."""
    groups = groups_of_alike([row.first for row in rows])
    order = np.random.default_rng(seed).permutation(groups.max() + 1)
    sizes = np.bincount(groups)[order]
    chosen = set(order[np.cumsum(sizes) <= share * len(rows)].tolist())
    return [number for number, group in enumerate(groups.tolist()) if group in chosen]


def take(rows: list[Row], start: int, count: int, seed: int) -> Iterator[Row]:
    """Yield `count` rows from place `start` of an endless run of shuffled passes."""
    at = start
    while at < start + count:
        turn, place = divmod(at, len(rows))
        order = np.random.default_rng((seed, turn)).permutation(len(rows))
        stop = min(len(rows), place + start + count - at)
        for number in order[place:stop]:
            yield rows[number]
        at += stop - place


def source_seed(name: str, seed: int) -> int:
    """Return a seed that differs between sources and is the same on every machine."""
    return seed + int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")


def phase_rows(
    sources: Mapping[str, list[Row]], counts: Mapping[str, int], done: Mapping[str, int], seed: int
) -> list[Row]:
    """Draw each source's rows of one phase, going on where earlier phases stopped."""
    rows: list[Row] = []
    for name, count in sorted(counts.items()):
        rows += take(sources[name], done.get(name, 0), count, source_seed(name, seed))
    return rows
