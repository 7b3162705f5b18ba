"""Agreement of annotators, their disputes, and the gold made from their labels."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.gold.labels import ADJUDICATED, LABELS, Item, Label, annotators, labels_in

RESAMPLES = 1000
MIN_ITEMS = 10  # for an interval
COLUMNS = ("task", "annotators", "items", "agreed", "alpha", "ci_low", "ci_high", "disputes")


@dataclass(frozen=True, slots=True)
class LabeledItem:
    """One item with each annotator's label, and the adjudicated label if there is one."""

    item: Item
    labels: Mapping[str, Label]
    settled: Label | None = None

    @property
    def disputed(self) -> bool:
        """Whether two annotators differ."""
        return len({found.label for found in self.labels.values()}) > 1

    @property
    def gold(self) -> str:
        """The settled label, or the one that two or more annotators agree on, or nothing."""
        if self.settled is not None:
            return self.settled.label
        agreed = len(self.labels) > 1 and not self.disputed
        return next(iter(self.labels.values())).label if agreed else ""


def labeled_items(folder: str | Path, *, seen: bool = False) -> list[LabeledItem]:
    """Return every labeled item of a folder of logs, in the order of task and text.

    Skipped items count as not labeled, and without `seen` labels given after the program's
    answer was seen; `adjudicated.jsonl` settles disputes.

    Raises:
        InputError: the folder holds no annotator's log, or a log cannot be read.
    """
    logs = {name: labels_in(path, seen=seen) for name, path in annotators(folder).items()}
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
    found = [LabeledItem(items[key], said[key], settled.get(key)) for key in items]
    return sorted(
        found, key=lambda r: (order[r.item.task], r.item.article, r.item.spans, r.item.target)
    )


def agreement(labeled: Iterable[LabeledItem], *, seed: int = 0) -> pd.DataFrame:
    """Return Krippendorff's alpha (nominal) for each task, with a bootstrap interval over items.

    Only items with two or more labels count. Alpha is 1 for full agreement, 0 for agreement
    by chance, and empty where every label is the same, since agreement cannot then be
    distinguished from a habit (Krippendorff 2004). The interval is the 2.5th to the 97.5th
    percentile over 1000 resamples of items, without those in which alpha is undefined; it is
    empty for fewer than 10 items.

    Args:
        labeled: as `labeled_items` returns them.
        seed: of the bootstrap.

    Returns:
        One row per task: task, annotators (their number), items, agreed (share of items on which
        all say the same), alpha, ci_low, ci_high, disputes (items on which two differ).
    """
    rows = []
    by_task: dict[str, list[LabeledItem]] = {}
    for item in labeled:
        if len(item.labels) > 1:
            by_task.setdefault(item.item.task, []).append(item)
    for task, shared in by_task.items():
        given = [[found.label for found in item.labels.values()] for item in shared]
        counts = label_counts(given, LABELS[task])
        low, high = alpha_interval(counts, seed=seed)
        disputes = sum(item.disputed for item in shared)
        rows.append(
            {
                "task": task,
                "annotators": len({name for item in shared for name in item.labels}),
                "items": len(shared),
                "agreed": 1 - disputes / len(shared),
                "alpha": alpha(counts),
                "ci_low": low,
                "ci_high": high,
                "disputes": disputes,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def label_counts(given: Iterable[Sequence[str]], labels: Sequence[str]) -> np.ndarray:
    """Return how often each label was given to each item, int (items, labels).

    Args:
        given: the labels of each item, one per annotator.
        labels: every label, in the order of the columns.
    """
    counts = [[each.count(label) for label in labels] for each in given]
    return np.array(counts, dtype=int).reshape(-1, len(labels))


def alpha(counts: np.ndarray) -> float:
    """Return Krippendorff's alpha of label counts, (items, labels); not a number for one label."""
    from krippendorff import alpha as computed

    if (counts.sum(axis=0) > 0).sum() < 2:
        return float("nan")
    return float(computed(value_counts=counts, level_of_measurement="nominal"))


def alpha_interval(counts: np.ndarray, *, seed: int = 0) -> tuple[float, float]:
    """Return the 95% percentile interval of alpha over resampled items."""
    if len(counts) < MIN_ITEMS:
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    picked = rng.integers(0, len(counts), size=(RESAMPLES, len(counts)))
    values = np.array([alpha(counts[rows]) for rows in picked])
    if np.isnan(values).mean() > 0.5:
        return float("nan"), float("nan")
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)


def gold_text(labeled: Iterable[LabeledItem]) -> str:
    """Return the gold labels as JSON lines that `counterpoint evaluate` reads.

    A line is an item with its `label`, its origin (`agreed` by all, or `adjudicated`) and the
    annotators. Unsettled disputes and items with one label are left out.
    """
    lines = []
    for item in labeled:
        if not item.gold:
            continue
        row = item.item.record() | {
            "label": item.gold,
            "by": "agreed" if item.settled is None else "adjudicated",
            "annotators": sorted(item.labels),
        }
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    return "".join(lines)
