"""Author against commentator, target by target, with bootstrap intervals.

Knows only frames, so that it serves one article's and many articles' alike.
"""

import zlib
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.frames import COMPARISON, conform
from analysis.types import Voice

RESAMPLES = 2000
FEWEST = 2  # segments on each side for an interval; of one alone nothing can be resampled


def compare(
    stances: pd.DataFrame,
    targets: Sequence[str],
    *,
    article_id: str,
    scorer: str,
    confidence_level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the `comparison` frame of one article, a row a target in the given order.

    A side's score is the mean of its segments' stance scores, weighted by confidence
    where there is one; abstained segments are not counted, and neither are quoted or
    cited voices. The interval of the divergence is a percentile bootstrap over
    segments (Efron and Tibshirani 1993), each side resampled by itself; it is empty
    where a side has fewer than `FEWEST` segments. Every target has a random stream of
    its own, so that adding one leaves the others' intervals as they were.

    Args:
        stances: a `stances` frame.
        targets: the targets' names.
        article_id: what the rows are marked with.
        scorer: what the rows are marked with.
        confidence_level: share of resamples inside the interval, in (0.5, 1).
        seed: of the bootstrap; equal seeds give equal intervals.
    """
    counted = stances[~stances["abstained"]]
    rows = []
    for target in targets:
        about = counted[counted["target"] == target]
        author, commentator = (_side(about, v) for v in (Voice.AUTHOR, Voice.COMMENTATOR))
        rng = np.random.default_rng([seed, zlib.crc32(target.encode())])
        low, high = divergence_interval(author, commentator, confidence_level, rng)
        rows.append(
            {
                "article_id": article_id,
                "target": target,
                "author_score": mean(author),
                "author_n": len(author),
                "commentator_score": mean(commentator),
                "commentator_n": len(commentator),
                "divergence": mean(commentator) - mean(author),
                "ci_low": low,
                "ci_high": high,
                "scorer": scorer,
            }
        )
    return conform(rows, COMPARISON)


def _side(stances: pd.DataFrame, voice: Voice) -> np.ndarray:
    """Return a side's scores and weights, shape (n, 2)."""
    side = stances[stances["voice"] == voice.value]
    return np.column_stack([side["score"], side["confidence"].fillna(1.0)]).astype(float)


def mean(scored: np.ndarray) -> float:
    """Return the weighted mean of (score, weight) rows; not a number where there are none."""
    if not len(scored) or not scored[:, 1].sum():
        return float("nan")
    return float(np.clip(np.average(scored[:, 0], weights=scored[:, 1]), -1, 1))


def divergence_interval(
    author: np.ndarray, commentator: np.ndarray, level: float, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the percentile interval of the difference of two weighted means.

    Args:
        author: (score, weight) rows, shape (n, 2).
        commentator: the same, shape (m, 2).
        level: share of resamples inside, in (0.5, 1).
        rng: where the resamples come from.
    """
    if min(len(author), len(commentator)) < FEWEST:
        return float("nan"), float("nan")
    differences = _resampled_means(commentator, rng) - _resampled_means(author, rng)
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(differences, [tail, 100 - tail])
    return float(low), float(high)


def _resampled_means(scored: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    picked = scored[rng.integers(0, len(scored), size=(RESAMPLES, len(scored)))]
    weights = picked[..., 1]
    return (picked[..., 0] * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-12)
