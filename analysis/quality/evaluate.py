"""A scorer's quality against gold: labelled rows in, metrics out."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from analysis.errors import InputError, one_line
from analysis.gold.labels import gold_rows
from analysis.paths import resolve
from analysis.scorers import Scorer, Texts
from analysis.types import Task

BINS = 15
RESAMPLES = 1000
T = TypeVar("T")


def read_gold(path: str | Path, task: Task) -> tuple[list[Texts], list[str]]:
    """Read labelled rows of one task from JSON lines.

    A row is an object with the task's fields and `label`; other keys are passed
    over, blank lines too. An annotator's log, or the gold made of several, is read as
    well: its texts are taken from the articles that were labelled.

    Raises:
        InputError: the file cannot be read, holds no row, or a line is not such an object.
    """
    path = resolve(path)
    numbered = numbered_lines(path, _form(task))
    if '"text_sha256"' in numbered[0][1]:
        return gold_rows(path, task)
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
        InputError: the file cannot be read, or names a row that there is not.
    """
    path = resolve(path)
    expected = 'expected {"rows_from_0": [numbers]}'
    try:
        numbers = json.loads(path.read_text(encoding="utf-8"))["rows_from_0"]
        picked = [items[number] for number in numbers if number >= 0]
    except (OSError, ValueError, KeyError, TypeError) as error:
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
    """Return a scorer's metrics on labelled rows; see `metrics`."""
    threshold = scorer.info.threshold(task)
    return metrics(task, gold, scorer.predict(task, rows), threshold=threshold)


def metrics(
    task: Task, gold: Sequence[str], probabilities: np.ndarray, *, threshold: float = 0.0
) -> dict:
    """Return metrics of label probabilities against gold labels.

    Every row counts for F1, accuracy and confusion, abstained or not; `coverage`
    and `selective_accuracy` say what abstaining keeps and gains.

    Args:
        task: which labels, in the order of the columns.
        gold: n labels.
        probabilities: shape (n, labels), rows summing to 1.
        threshold: the top probability under which a row is abstained.

    Returns:
        `n`; `macro_f1`, the unweighted mean over the labels that occur in gold, and
        its 95 % percentile bootstrap interval over rows `macro_f1_ci`; `accuracy`;
        `per_class` (precision, recall, f1, support by label); `confusion` (gold ->
        predicted -> rows); `coverage`, the share not abstained; `selective_accuracy`,
        the accuracy on that share, null where it is empty; `ece`, the expected
        calibration error of the top label in 15 equal bins (Guo et al. 2017).
    """
    labels = list(task.labels)
    truth = np.array([labels.index(label) for label in gold])
    predicted = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    table = np.zeros((len(labels), len(labels)), dtype=int)
    np.add.at(table, (truth, predicted), 1)
    covered = confidence >= threshold
    correct = truth == predicted
    return {
        "n": len(truth),
        "macro_f1": macro_f1(table),
        "macro_f1_ci": _macro_f1_interval(truth, predicted, len(labels)),
        "accuracy": float(correct.mean()),
        "per_class": _per_class(table, labels),
        "confusion": {
            label: dict(zip(labels, map(int, row), strict=True))
            for label, row in zip(labels, table, strict=True)
        },
        "coverage": float(covered.mean()),
        "selective_accuracy": float(correct[covered].mean()) if covered.any() else None,
        "ece": expected_calibration_error(confidence, correct),
    }


def f1_scores(table: np.ndarray) -> np.ndarray:
    """Return each label's F1 from confusion counts, shape (…, labels, labels), gold in rows."""
    hits = np.diagonal(table, axis1=-2, axis2=-1)
    return 2 * hits / np.maximum(table.sum(axis=-1) + table.sum(axis=-2), 1)


def macro_f1(table: np.ndarray) -> float:
    """Return the mean F1 over the labels that occur in gold."""
    return float(f1_scores(table)[table.sum(axis=1) > 0].mean())


def _macro_f1_interval(
    truth: np.ndarray, predicted: np.ndarray, labels: int, seed: int = 0
) -> list[float]:
    rng = np.random.default_rng(seed)
    cells = np.bincount(truth * labels + predicted, minlength=labels * labels)
    resampled = rng.multinomial(len(truth), cells / len(truth), size=RESAMPLES)
    tables = resampled.reshape(RESAMPLES, labels, labels)
    occurs = tables.sum(axis=2) > 0
    means = (f1_scores(tables) * occurs).sum(axis=1) / occurs.sum(axis=1)
    return [float(end) for end in np.percentile(means, [2.5, 97.5])]


def _per_class(table: np.ndarray, labels: Sequence[str]) -> dict[str, dict[str, float]]:
    hits, gold, said = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    return {
        label: {
            "precision": float(hits[i] / max(said[i], 1)),
            "recall": float(hits[i] / max(gold[i], 1)),
            "f1": float(f1_scores(table)[i]),
            "support": int(gold[i]),
        }
        for i, label in enumerate(labels)
    }


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray) -> float:
    """Return the mean gap of confidence and accuracy over 15 equal bins, weighted by rows."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    gaps = np.bincount(bins, weights=confidence - correct, minlength=BINS)
    return float(np.abs(gaps).sum() / max(counts.sum(), 1))
