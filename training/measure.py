"""Calibration and thresholds from halves A, figures from halves B.

Rows are scored by `EmbeddedScorer` from a written folder, as they are when it is used.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from analysis.quality import marginalia as bench
from analysis.quality.evaluate import metrics
from analysis.scorers.cache import ScoreCache
from analysis.scorers.calibration import Calibration, Floats, Ints, fit
from analysis.scorers.embedded import EmbeddedScorer
from analysis.types import Task
from training.data import Row

# The share of labels that should be right above the threshold, and the sets that set it.
WANTED = {"relation": 0.80, "stance": 0.85, "bias": 0.85}
DECISIVE = {
    "relation": ("relation/replies", "relation/marginalia"),
    "stance": ("stance/replies", "stance/marginalia"),
    "bias": ("bias/babe",),
}
LEAST = 0.30  # of the rows keep their label, however unsure the model is
SMALLEST = 1e-12  # probability; the logarithm of less is not taken


class Answering(NamedTuple):
    """How a task's logits become labels, and whether the threshold reaches its goal."""

    calibration: Calibration
    threshold: float
    reached: bool


def scores(folder: Path, rows: Sequence[Row]) -> Floats:
    """Return a folder's log probabilities of rows of one task, (n, labels)."""
    if not rows:
        return np.empty((0, 0))
    task = Task(rows[0].task)
    texts = [_fields(row) for row in rows]
    found = EmbeddedScorer(folder, cache=ScoreCache(None)).predict(task, texts)
    return np.log(np.clip(found, SMALLEST, None))


def _fields(row: Row) -> tuple[str, ...]:
    """Return a row's texts in the order of its task's fields."""
    if row.task == "bias":
        return (row.first,)
    return (row.second, row.first) if row.task == "stance" else (row.first, row.second)


def truth(rows: Sequence[Row]) -> Ints:
    """Return the label numbers of rows."""
    return np.array([int(np.argmax(row.shares)) for row in rows], int)


def threshold_for(
    confidence: Floats, right: np.ndarray, weights: Floats, wanted: float
) -> tuple[float, bool]:
    """Return the lowest confidence from which enough labels are right, by selective risk.

    Args:
        confidence: of n rows.
        right: whether their labels are, bool (n,).
        weights: what each row counts.
        wanted: the share of kept labels that should be right.

    Returns:
        The threshold, and whether it gives what is wanted. Where none that keeps at least
        30% of the rows does, it is the one that keeps the surest 30%.
    """
    order = np.argsort(-confidence, kind="stable")
    kept = np.cumsum(weights[order])
    accuracy = np.cumsum((weights * right)[order]) / kept
    last_of_its_kind = np.append(np.diff(confidence[order]) < 0, True)
    possible = last_of_its_kind & (kept >= LEAST * kept[-1])
    good = np.flatnonzero(possible & (accuracy >= wanted))
    place = good[-1] if len(good) else np.flatnonzero(possible)[0]
    return float(np.floor(confidence[order][place] * 1e4) / 1e4), bool(len(good))


def answering(
    task: str, logits: Mapping[str, Floats], rows: Mapping[str, Sequence[Row]], prior: float
) -> Answering:
    """Calibrate one task and set its threshold; all its sets weigh the same.

    Args:
        task: whose.
        logits: of the task's sets by name.
        rows: the same rows with their labels.
        prior: pulls the class biases to 0.
    """

    def joined(names: Sequence[str]) -> tuple[Floats, Ints, Floats]:
        return (
            np.concatenate([logits[name] for name in names]),
            np.concatenate([truth(rows[name]) for name in names]),
            np.concatenate([np.full(len(rows[name]), 1 / len(rows[name])) for name in names]),
        )

    names = [name for name in logits if name.startswith(f"{task}/")]
    calibration = fit(*joined(names), prior=prior)
    found, labels, weights = joined(DECISIVE[task])
    probabilities = calibration.probabilities(found)
    right = probabilities.argmax(1) == labels
    threshold, reached = threshold_for(probabilities.max(1), right, weights, WANTED[task])
    return Answering(calibration, threshold, reached)


def figures(logits: Floats, rows: Sequence[Row], how: Answering) -> dict:
    """Return a set's metrics (see `analysis.quality.evaluate.metrics`), rounded to four digits."""
    task = Task(rows[0].task)
    gold = [row.label for row in rows]
    probabilities = how.calibration.probabilities(logits)
    return rounded(metrics(task, gold, probabilities, threshold=how.threshold))


def by_part(logits: Floats, rows: Sequence[Row], how: Answering) -> dict[str, dict]:
    """Return rows, macro-F1 and accuracy for each place of origin, the largest first."""
    parts = sorted({row.part for row in rows}, key=lambda part: -sum(r.part == part for r in rows))
    out = {}
    for part in parts:
        mine = [number for number, row in enumerate(rows) if row.part == part]
        found = figures(logits[mine], [rows[number] for number in mine], how)
        out[part] = {name: found[name] for name in ("n", "macro_f1", "accuracy")}
    return out


def divergences(folder: Path, marginalia: Path, blocks: Sequence[int]) -> dict[str, dict]:
    """Measure divergences end to end, by a finished folder and by the baselines.

    Args:
        folder: of the model.
        marginalia: the folder with `dev.jsonl` and `train.jsonl`; the baselines read only the
            latter.
        blocks: numbers of the blocks of `dev.jsonl` to measure on.

    Returns:
        By scorer, see `analysis.quality.marginalia.divergence_metrics`.
    """
    known = bench.read_blocks(marginalia / "dev.jsonl")
    chosen = [known[number] for number in blocks]
    train = bench.read_blocks(marginalia / "train.jsonl")
    requests = bench.article_requests(chosen)
    scorers = bench.scorers_for([f"embedded:{folder}"], chosen, train)
    names = ["this model", *(scorer.info.name for scorer in scorers[1:])]
    return {
        name: rounded(bench.divergence(scorer, chosen, requests))
        for name, scorer in zip(names, scorers, strict=True)
    }


def uncalibrated(labels: int) -> Answering:
    """Return how logits become labels without calibration and threshold."""
    return Answering(Calibration(1.0, (0.0,) * labels), 0.0, True)


def rounded(value):
    """Return numbers in dicts and lists rounded to four digits."""
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return round(value, 4) if isinstance(value, float) else value
