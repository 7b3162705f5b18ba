"""Metrics of a scorer against gold labels."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from analysis.errors import InputError, one_line
from analysis.gold.labels import gold_rows
from analysis.paths import resolve
from analysis.scorers import Scorer, Texts, best_labels, unanswered
from analysis.types import Task

BINS = 15
RESAMPLES = 1000
PER_CLASS = ("precision", "recall", "f1", "support")
T = TypeVar("T")


def read_gold(path: str | Path, task: Task, *, seen: bool = False) -> tuple[list[Texts], list[str]]:
    """Read labeled rows of one task from JSON lines.

    A row is an object with the task's fields and `label`; other keys and blank lines are
    ignored. An annotator's log and the gold made from several are read as well, with the
    texts of the labeled articles; `seen` counts labels given after the program's answer was seen.

    Raises:
        InputError: the file cannot be read, holds no row, or a line is not such an object.
    """
    path = resolve(path)
    numbered = numbered_lines(path, _form(task))
    if '"text_sha256"' in numbered[0][1]:
        return gold_rows(path, task, seen=seen)
    pairs = [_gold_row(line, task, where=f"{path}: line {n}") for n, line in numbered]
    return [row for row, _ in pairs], [label for _, label in pairs]


def numbered_lines(path: Path, form: str) -> list[tuple[int, str]]:
    """Return the lines of a file that are not blank, each with its number, from 1.

    Args:
        path: the file.
        form: what a line looks like, for the error.

    Raises:
        InputError: the file cannot be read or has no such line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); expected a file of JSON lines, "
            "check the name"
        ) from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: found bytes that are not UTF-8; save it as UTF-8") from None
    numbered = [(n, line) for n, line in enumerate(lines, start=1) if line.strip()]
    if not numbered:
        raise InputError(f"{path}: line 1: found no row; expected {form}")
    return numbered


def pick_rows(
    rows: list[Texts], gold: list[str], path: str | Path
) -> tuple[list[Texts], list[str]]:
    """Keep the rows, and their labels, that a file of row numbers names; see `pick`."""
    picked = pick(list(zip(rows, gold, strict=True)), path)
    return [row for row, _ in picked], [label for _, label in picked]


def pick(items: Sequence[T], path: str | Path) -> list[T]:
    """Keep the items that a file of row numbers names, such as a model's held-out ones.

    Args:
        items: all items of a set, in the order of its file.
        path: JSON, `{"rows_from_0": [numbers]}`.

    Raises:
        InputError: the file cannot be read, or a number is past the last item.
    """
    path = resolve(path)
    expected = 'expected {"rows_from_0": [numbers]}'
    try:
        numbers = json.loads(path.read_text(encoding="utf-8"))["rows_from_0"]
        picked = [items[number] for number in numbers if number >= 0]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path}: cannot be read ({one_line(error)}); {expected}") from None
    except IndexError:
        raise InputError(f"{path}: found a row past the last of {len(items)}; {expected}") from None
    if not picked:
        raise InputError(f"{path}: found no row; {expected}")
    return picked


def _gold_row(line: str, task: Task, *, where: str) -> tuple[Texts, str]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        why = getattr(error, "msg", "nested too deep or too long a number")
        raise InputError(f"{where}: found no JSON ({why}); expected {_form(task)}") from None
    if not isinstance(row, dict):
        raise InputError(f"{where}: found a {type(row).__name__}; expected {_form(task)}")
    for name in (*task.fields, "label"):
        if not isinstance(row.get(name), str):
            found = f"{name!r}: {row[name]!r}" if name in row else f"no {name!r}"
            raise InputError(f"{where}: found {found}; expected {_form(task)}")
    if row["label"] not in task.labels:
        raise InputError(
            f"{where}: found label {row['label']!r}; expected one of {', '.join(task.labels)}"
        )
    return tuple(row[name] for name in task.fields), row["label"]


def _form(task: Task) -> str:
    fields = ", ".join(f'"{name}": "…"' for name in task.fields)
    return f'{{{fields}, "label": "{"|".join(task.labels)}"}}'


def evaluate(scorer: Scorer, task: Task, rows: Sequence[Texts], gold: Sequence[str]) -> dict:
    """Return a scorer's metrics on labeled rows and its cost; see `metrics` and `timed`."""
    threshold = scorer.info.threshold(task)
    p, cost = timed(scorer, task, rows)
    return metrics(task, gold, p, threshold=threshold) | cost


def timed(scorer: Scorer, task: Task, rows: Sequence[Texts]) -> tuple[np.ndarray, dict]:
    """Return what a scorer predicts and its cost for 100 rows.

    Returns:
        The probabilities, and `seconds_per_100_rows` and `requests_per_100_rows`, those sent to
        a language model; rows that were found in a cache cost next to nothing.
    """
    requests, begun = getattr(scorer, "requests", 0), time.perf_counter()
    p = scorer.predict(task, rows)
    seconds, share = time.perf_counter() - begun, 100 / max(len(rows), 1)
    return p, {
        "seconds_per_100_rows": round(share * seconds, 2),
        "requests_per_100_rows": round(share * (getattr(scorer, "requests", 0) - requests), 1),
    }


def metrics(
    task: Task, gold: Sequence[str], probabilities: np.ndarray, *, threshold: float = 0.0
) -> dict:
    """Return metrics of label probabilities against gold labels.

    F1, accuracy and confusion are over all rows, abstained or not; `coverage` and
    `selective_accuracy` describe the rows at or above the threshold.

    Args:
        task: which labels, in the order of the columns.
        gold: n labels.
        probabilities: shape (n, labels), rows summing to 1; a row without an answer is not a
            number, is not covered, and counts as the last label, which takes no side.
        threshold: the top probability below which the scorer abstains.

    Returns:
        `n`; `macro_f1`, the unweighted mean over the labels that occur in gold, and
        its 95% percentile bootstrap interval over rows `macro_f1_ci`; `accuracy`;
        `per_class` (precision, recall, f1, support by label); `confusion` (gold ->
        predicted -> rows); `coverage`, the share of rows not abstained;
        `selective_accuracy`, the accuracy on those rows, null where there are none; `ece`, the
        expected calibration error of the top label in 15 equal bins (Guo et al. 2017);
        `unanswered`, the rows without an answer.
    """
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    labels = list(task.labels)
    numbers = list(range(len(labels)))
    truth = np.array([labels.index(label) for label in gold])
    empty, predicted = unanswered(probabilities), best_labels(probabilities)
    confidence = np.where(empty, 1 / len(labels), probabilities.max(axis=1))
    correct, covered = truth == predicted, (confidence >= threshold) & ~empty
    counts = confusion_matrix(truth, predicted, labels=numbers)
    per_class = precision_recall_fscore_support(truth, predicted, labels=numbers, zero_division=0)
    _, _, f1, support = per_class
    return {
        "n": len(truth),
        "macro_f1": float(f1[support > 0].mean()),
        "macro_f1_ci": _macro_f1_interval(counts),
        "accuracy": float(correct.mean()),
        "per_class": {
            label: dict(zip(PER_CLASS, values, strict=True))
            for label, *values in zip(labels, *(v.tolist() for v in per_class), strict=True)
        },
        "confusion": {
            label: dict(zip(labels, row, strict=True))
            for label, row in zip(labels, counts.tolist(), strict=True)
        },
        "coverage": float(covered.mean()),
        "selective_accuracy": float(correct[covered].mean()) if covered.any() else None,
        "ece": expected_calibration_error(confidence, correct),
        "unanswered": int(empty.sum()),
    }


def _macro_f1_interval(counts: np.ndarray, seed: int = 0) -> list[float]:
    """Return the 95% percentile bootstrap interval of macro-F1 from confusion counts.

    Resampled rows are multinomial draws of the cells, so F1 comes from 1,000 tables at once.
    """
    rng, n = np.random.default_rng(seed), counts.sum()
    cells = rng.multinomial(n, counts.ravel() / n, size=RESAMPLES)
    tables = cells.reshape(RESAMPLES, *counts.shape)
    hits = np.diagonal(tables, axis1=1, axis2=2)
    gold, predicted = tables.sum(axis=2), tables.sum(axis=1)
    f1 = 2 * hits / np.maximum(gold + predicted, 1)
    means = f1.sum(axis=1) / (gold > 0).sum(axis=1)
    return np.percentile(means, [2.5, 97.5]).tolist()


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray) -> float:
    """Return the mean gap of confidence and accuracy over 15 equal bins, weighted by rows."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    gaps = np.bincount(bins, weights=confidence - correct, minlength=BINS)
    return float(np.abs(gaps).sum() / max(counts.sum(), 1))
