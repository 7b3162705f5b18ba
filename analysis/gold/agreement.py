"""How far annotators agree, on what they do not, and the gold that comes of both."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.gold.labels import ADJUDICATED, LABELS, Item, Label, annotators, labels_in

RESAMPLES = 1000
FEWEST = 10  # items for an interval
COLUMNS = ("task", "annotators", "items", "agreed", "alpha", "ci_low", "ci_high", "disputes")


@dataclass(frozen=True, slots=True)
class Reading:
    """One item with what each annotator says of it, and what settled it, if anything did."""

    item: Item
    labels: Mapping[str, Label]
    settled: Label | None = None

    @property
    def disputed(self) -> bool:
        """Whether two annotators differ."""
        return len({found.label for found in self.labels.values()}) > 1

    @property
    def gold(self) -> str:
        """The settled label, else the one that two or more annotators all gave, else nothing."""
        if self.settled is not None:
            return self.settled.label
        agreed = len(self.labels) > 1 and not self.disputed
        return next(iter(self.labels.values())).label if agreed else ""


def readings(folder: str | Path) -> list[Reading]:
    """Return every labelled item of a folder of logs, in the order of task and text.

    Skipped items are as good as not labelled; `adjudicated.jsonl` settles disputes.

    Raises:
        InputError: the folder holds no annotator's log, or a log cannot be read.
    """
    logs = {name: labels_in(path) for name, path in annotators(folder).items()}
    if not logs:
        raise InputError(
            f"{folder}: found no log of an annotator; expected at least one NAME.jsonl, "
            "label some items with notebooks/review-labels.ipynb"
        )
    settled = {
        key: found
        for key, found in labels_in(Path(folder) / f"{ADJUDICATED}.jsonl").items()
        if found.label
    }
    items: dict[str, Item] = {}
    said: dict[str, dict[str, Label]] = {}
    for name, labels in logs.items():
        for key, found in labels.items():
            if found.label:
                items[key] = found.item
                said.setdefault(key, {})[name] = found
    order = {task: place for place, task in enumerate(LABELS)}
    found = [Reading(items[key], said[key], settled.get(key)) for key in items]
    return sorted(
        found, key=lambda r: (order[r.item.task], r.item.article, r.item.spans, r.item.target)
    )


def agreement(found: Iterable[Reading], *, seed: int = 0) -> pd.DataFrame:
    """Return Krippendorff's alpha (nominal) a task, with a bootstrap interval over items.

    Only items with two or more labels count. Alpha is 1 where all agree, 0 where they agree
    as chance would have it, and empty where all labels are one: there, agreement cannot be
    told from a habit (Krippendorff 2004). The interval is the 2.5th to the 97.5th percentile
    of 1000 resamples of items, those in which alpha is not defined left out; it is empty for
    fewer than 10 items.

    Args:
        found: as `readings` gives them.
        seed: of the bootstrap.

    Returns:
        A row a task: task, annotators (their number), items, agreed (share of items on which
        all say the same), alpha, ci_low, ci_high, disputes (items on which two differ).
    """
    rows = []
    by_task: dict[str, list[Reading]] = {}
    for reading in found:
        if len(reading.labels) > 1:
            by_task.setdefault(reading.item.task, []).append(reading)
    for task, shared in by_task.items():
        counts = label_counts(shared, LABELS[task])
        low, high = alpha_interval(counts, seed=seed)
        disputes = sum(reading.disputed for reading in shared)
        rows.append(
            {
                "task": task,
                "annotators": len({name for reading in shared for name in reading.labels}),
                "items": len(shared),
                "agreed": 1 - disputes / len(shared),
                "alpha": alpha(counts),
                "ci_low": low,
                "ci_high": high,
                "disputes": disputes,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def label_counts(shared: Sequence[Reading], labels: Sequence[str]) -> np.ndarray:
    """Return how many annotators gave each label to each item, int (items, labels)."""
    counts = np.zeros((len(shared), len(labels)), dtype=int)
    for row, reading in enumerate(shared):
        for found in reading.labels.values():
            counts[row, labels.index(found.label)] += 1
    return counts


def alpha(counts: np.ndarray) -> float:
    """Return Krippendorff's alpha of label counts, (items, labels); not a number for one label."""
    from krippendorff import alpha as computed

    if (counts.sum(axis=0) > 0).sum() < 2:
        return float("nan")
    return float(computed(value_counts=counts, level_of_measurement="nominal"))


def alpha_interval(counts: np.ndarray, *, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % percentile interval of alpha over resampled items."""
    if len(counts) < FEWEST:
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    picked = rng.integers(0, len(counts), size=(RESAMPLES, len(counts)))
    values = np.array([alpha(counts[rows]) for rows in picked])
    if np.isnan(values).mean() > 0.5:
        return float("nan"), float("nan")
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)


def gold_text(found: Iterable[Reading]) -> str:
    """Return what stands as gold, as JSON lines that `counterpoint evaluate` reads.

    A line is an item with its `label`, how it came about (`agreed` by all, or `adjudicated`),
    and by whom. Disputes that nobody settled are left out, and so is what one person labelled.
    """
    lines = []
    for reading in found:
        if not reading.gold:
            continue
        asked = reading.item
        row = {
            "task": asked.task,
            "article": asked.article,
            "article_sha256": asked.article_sha256,
            "spans": asked.spans,
            "target": asked.target,
            "text_sha256": asked.text_sha256,
            "label": reading.gold,
            "by": "agreed" if reading.settled is None else "adjudicated",
            "annotators": sorted(reading.labels),
        }
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    return "".join(lines)
