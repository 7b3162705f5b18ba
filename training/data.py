"""Labeled rows: the corpora's files and Marginalia's blocks, mapped to this project's labels.

A source is named `task/set` after its folder under the corpora (`relation/perspectrum`);
`task/marginalia` comes from Marginalia's blocks, and `task/set_renamed` holds the set's rows
with names exchanged (`training.renaming`). Of the sets in `HELD_OUT` only `train.jsonl` is read
here; the fifth of BABE that `babe_held_out` chooses is left out as well.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from analysis.errors import InputError
from training.tasks import TASKS

FIELDS = {"relation": ("passage", "comment"), "stance": ("target", "text"), "bias": ("text", "")}
# Labels of other schemes, as shares of ours in `TASKS` order.
FOREIGN = {"relation": {"not_agree": (0.0, 0.5, 0.5), None: (0.0, 0.0, 0.0)}}
# Sets whose dev file no training run reads; of all other sets it is trained on as well.
HELD_OUT = frozenset(
    {
        "relation/replies",
        "relation/marginalia",
        "relation/subreddit_agreement",
        "stance/replies",
        "stance/marginalia",
        "stance/newsmtsc",
        "stance/vast",
    }
)
RENAMED = "_renamed"
SEED = 20261124


class Row(NamedTuple):
    """One text or pair in the model's order; `shares` of the task's labels sum to 1.

    A row without a label has shares of 0. `group` names what must not be split between two
    halves (a thread, a post, a block), `part` the place that a row of `replies` comes from.
    A copy with names exchanged keeps the texts that it was made of as its `original`.
    """

    task: str
    first: str
    second: str
    shares: tuple[float, ...]
    source: str
    group: str = ""
    part: str = ""
    original: tuple[str, str] | None = None

    @property
    def label(self) -> str:
        """The label with the largest share."""
        return TASKS[self.task][int(np.argmax(self.shares))]


def one_hot(task: str, label: str) -> tuple[float, ...]:
    """Return the shares of a row with one certain label."""
    return tuple(float(label == known) for known in TASKS[task])


def read_rows(path: Path, task: str, source: str) -> list[Row]:
    """Read one JSON-lines file of a corpus.

    Raises:
        InputError: the file is missing, or a line has no text or an unknown label.
    """
    first, second = FIELDS[task]
    rows = []
    for number, record in enumerate(read_records(path), start=1):
        label = record.get("label")
        known = {name: one_hot(task, name) for name in TASKS[task]} | FOREIGN.get(task, {})
        if label not in known or any(name and name not in record for name in (first, second)):
            allowed = ", ".join(TASKS[task])
            raise InputError(f"{path}:{number}: label {label!r}, expected {first} and {allowed}")
        texts = _clean(record[first]), _clean(record[second]) if second else ""
        thread, part = thread_of(record["id"]) if "id" in record else ("", "")
        rows.append(Row(task, *texts, known[label], source, thread or texts[0], part))
    return rows


def read_records(path: Path) -> list[dict]:
    """Read a file of one JSON object a line.

    Raises:
        InputError: the file is missing or a line is no JSON object.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; check --corpora, --marginalia and --articles")
    out = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            record = json.loads(line)
        except ValueError as error:
            raise InputError(f"{path}:{number}: not JSON ({error}); expected an object") from None
        if not isinstance(record, dict):
            raise InputError(f"{path}:{number}: found no JSON object; expected one per line")
        out.append(record)
    return out


def thread_of(name: str) -> tuple[str, str]:
    """Return the thread or post and the place of origin that the `id` of a reply names."""
    place = re.split("[:/]", name, maxsplit=1)[0]
    post = name.partition("#")[0]
    return ":".join(post.split(":")[:2]) if place == "4forums" else post, place


def block_rows(block: dict, task: str) -> list[Row]:
    """Return a Marginalia block's rows: comments on both passages, or stances of all texts.

    Raises:
        KeyError: the block lacks a field.
    """
    passages, comments, source = block["passages"], block["comments"], f"{task}/marginalia"
    if task == "relation":
        pairs = [
            (passage["text"], comment["text"], comment["relation"][passage["id"]])
            for passage in passages
            for comment in comments
        ]
    else:
        pairs = [
            (target, text["text"], label)
            for text in (*passages, *comments)
            for target, label in text["stance"].items()
        ]
    return [
        Row(task, _clean(a), _clean(b), one_hot(task, label), source, block["block"])
        for a, b, label in pairs
    ]


def read_blocks(path: Path, task: str) -> list[list[Row]]:
    """Return the rows of one task of each block of a Marginalia file.

    Raises:
        InputError: the file is missing or a block lacks a field.
    """
    out = []
    for number, block in enumerate(read_records(path), start=1):
        try:
            out.append(block_rows(block, task))
        except (KeyError, TypeError) as error:
            raise InputError(
                f"{path}:{number}: block without {error}; expected a block of Marginalia"
            ) from None
    return out


def read_source(name: str, corpora: Path, marginalia: Path) -> list[Row]:
    """Return all rows of a source that may be trained on, in file order.

    Raises:
        InputError: a file is missing or damaged.
    """
    if name.endswith(RENAMED):
        from training.renaming import rename

        originals = read_source(name.removesuffix(RENAMED), corpora, marginalia)
        found = (rename(row, seed=SEED) for row in originals)
        return [row._replace(source=name) for row in found if row]
    task, folder = name.split("/")[0], corpora / name
    if folder.name == "marginalia":
        blocks = read_blocks(marginalia / "train.jsonl", task)
        return [row for block in blocks for row in block]
    files = ["all.jsonl"] if (folder / "all.jsonl").is_file() else ["train.jsonl"]
    if name not in HELD_OUT and (folder / "dev.jsonl").is_file():
        files.append("dev.jsonl")
    rows = [row for file in files for row in read_rows(folder / file, task, name)]
    if name == "bias/babe":
        kept_out = set(babe_held_out(rows))
        rows = [row for number, row in enumerate(rows) if number not in kept_out]
    return rows


def text_key(row: Row) -> str:
    """Return the lower-case words of the text that a row's label is about; a copy's original's."""
    first, second = row.original or (row.first, row.second)
    return " ".join(re.findall(r"\w+", (second or first).lower()))


def without(rows: Iterable[Row], held_out: set[str]) -> list[Row]:
    """Drop the rows whose text is held out; `held_out` are keys of `text_key`."""
    return [row for row in rows if text_key(row) not in held_out]


def groups_of_alike(texts: list[str], *, threshold: float = 0.5) -> np.ndarray:
    """Number each text by its group of near-identical texts, int64 of shape (n,).

    Two texts are alike when their sets of words have a Jaccard index of at least
    `threshold`; groups are the connected components.
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


def babe_held_out(rows: list[Row], *, share: float = 0.2, seed: int = SEED) -> list[int]:
    """Return the row numbers (from 0) of the held-out fifth of BABE, whole groups only."""
    groups = groups_of_alike([row.first for row in rows])
    order = np.random.default_rng(seed).permutation(groups.max() + 1)
    sizes = np.bincount(groups)[order]
    chosen = set(order[np.cumsum(sizes) <= share * len(rows)].tolist())
    return [number for number, group in enumerate(groups.tolist()) if group in chosen]


def _clean(text: str) -> str:
    return " ".join(text.split())
