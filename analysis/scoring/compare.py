"""Author against commentator, target by target, with bootstrap intervals.

It reads only frames, so that it serves one article and many articles alike.

Every scored stance counts in a mean, weighted by its confidence, even if its label is abstained. To
leave out unsure stances would be classify and count, which is biased toward what is easy to read;
averages of calibrated probabilities are not (probabilistic classify and count; Bella et al. 2010,
"Quantification via probability estimators"). On the labeled rows at hand, this gets the sign of a
difference right more often (`benchmarks/averages.py`).
"""

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.thresholds import MIN_VALUES, RESAMPLES
from analysis.types import Voice

AVERAGES = "whole comments, by confidence"  # a corpus scored under another rule cannot be resumed
CELLS = 2_000_000  # resampled values held at a time


def comparison_rows(
    stances: pd.DataFrame,
    targets: Sequence[str],
    *,
    article_id: str,
    scorer: str,
    confidence_level: float = 0.95,
    seed: int = 0,
) -> list[dict]:
    """Return the rows of the `comparison` frame of one article, a target each, in the given order.

    A side's score is the mean stance score of the author's sentences or of the whole comments,
    labeled or abstained, weighted by confidence where there is one; quoted and cited voices and
    derived stances are not counted. The interval of the divergence is a percentile bootstrap over
    sentences and comments (Efron and Tibshirani 1993), each side resampled by itself; it is empty
    where a side has fewer than `MIN_VALUES`. Every target has a random stream of
    its own, so that adding one leaves the others' intervals as they were.

    Args:
        stances: a `stances` frame.
        targets: the targets' names.
        article_id: what the rows are marked with.
        scorer: what the rows are marked with.
        confidence_level: share of resamples inside the interval, in (0.5, 1).
        seed: of the bootstrap; equal seeds give equal intervals.
    """
    stances = measured(stances)
    # Arrays, since a corpus asks this of every article and target.
    scored, about = weighed(stances), stances["target"].to_numpy(object)
    voices = stances["voice"].to_numpy(object)
    rows = []
    for target in targets:
        author, commentator = (
            scored[(about == target) & (voices == voice.value)]
            for voice in (Voice.AUTHOR, Voice.COMMENTATOR)
        )
        rng = random_stream(seed, target)
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
    return rows


def random_stream(seed: int, *names: str) -> np.random.Generator:
    """Return the random stream of a target, or of a target and who speaks of it."""
    return np.random.default_rng([seed, zlib.crc32("\0".join(names).encode())])


def interval_excludes_zero(rows: pd.DataFrame) -> pd.Series:
    """Return for each row whether its interval, rounded as printed, lies on one side of zero."""
    low, high = rows["ci_low"].astype(float).round(2), rows["ci_high"].astype(float).round(2)
    return (low > 0) | (high < 0)


def _side(stances: pd.DataFrame, voice: Voice) -> np.ndarray:
    """Return a side's scores and weights, shape (n, 2)."""
    return weighed(stances[stances["voice"] == voice.value])


def measured(stances: pd.DataFrame) -> pd.DataFrame:
    """Return the stances that were scored; derived ones are shown but enter no mean.

    Tables of earlier versions have no column `derived`, and no such rows.
    """
    derived = stances.get("derived")
    return stances if derived is None else stances[~derived.to_numpy(bool)]


def weighed(stances: pd.DataFrame) -> np.ndarray:
    """Return the scores of stances and their weights, shape (n, 2).

    A weight is the row's confidence, and 1 where the scorer is not calibrated.
    """
    return np.column_stack([stances["score"], stances["confidence"].fillna(1.0)]).astype(float)


def mean(scored: np.ndarray) -> float:
    """Return the weighted mean of (score, weight) rows; not a number where there are none."""
    if not len(scored) or not scored[:, 1].sum():
        return float("nan")
    return float(np.clip(np.average(scored[:, 0], weights=scored[:, 1]), -1, 1))


def divergence_interval(
    author: np.ndarray, commentator: np.ndarray, level: float, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the percentile interval of the difference of two weighted means.

    There is none for a side of fewer than `MIN_VALUES` values, nor where neither side's vary.

    Args:
        author: (score, weight) rows, shape (n, 2).
        commentator: the same, shape (m, 2).
        level: share of resamples inside, in (0.5, 1).
        rng: where the resamples come from.
    """
    if min(len(author), len(commentator)) < MIN_VALUES:
        return float("nan"), float("nan")
    if not np.ptp(author[:, 0]) and not np.ptp(commentator[:, 0]):  # resamples show no spread
        return float("nan"), float("nan")
    differences = _resampled_means(commentator, rng) - _resampled_means(author, rng)
    return _expanded_percentiles(differences, min(len(author), len(commentator)), level)


def _expanded_percentiles(resampled: np.ndarray, n: int, level: float) -> tuple[float, float]:
    """Return the ends of the expanded percentile interval (Hesterberg 2015).

    The plain percentile interval of few values is too narrow; its tails are made as much
    smaller as Student's interval with n - 1 degrees of freedom is wider than the normal.
    """
    from scipy.stats import norm, t

    tail = norm.cdf(t.ppf((1 - level) / 2, n - 1) * np.sqrt(n / (n - 1)))
    low, high = np.quantile(resampled, [tail, 1 - tail])
    return float(low), float(high)


def _resampled_means(scored: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the weighted means of `RESAMPLES` resamples, some at a time to bound the memory."""
    at_once = max(1, CELLS // len(scored))
    means = []
    for start in range(0, RESAMPLES, at_once):
        size = (min(at_once, RESAMPLES - start), len(scored))
        picked = scored[rng.integers(0, len(scored), size=size)]
        weights = picked[..., 1]
        means.append(
            (picked[..., 0] * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-12)
        )
    return np.concatenate(means)


def by_speaker(
    stances: pd.DataFrame,
    targets: Sequence[str],
    *,
    names: Mapping[str, str] | None = None,
    confidence_level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """Return who stands where toward each target: every voice, each quoted speaker by themselves.

    `names` gives for a speaker's name the one to count under; see `speakers.merged_names`.

    Returns:
        One row per target, voice and speaker that spoke of it, targets in the given order,
        voices as in `Voice`: target, voice, speaker, score (mean stance score weighted by
        confidence, in [-1, 1]), ci_low, ci_high (its percentile bootstrap interval over
        segments, empty for fewer than `MIN_VALUES`), n (segments), abstained (of these, those
        without a label).
    """
    rows, stances = [], measured(stances)
    commenting = stances["voice"] == Voice.COMMENTATOR.value
    merged = stances["speaker"].where(commenting, stances["speaker"].replace(names or {}))
    stances = stances.assign(speaker=merged)
    order = {voice.value: place for place, voice in enumerate(Voice)}
    for target in targets:
        about = stances[stances["target"] == target]
        groups = about.groupby(["voice", "speaker"], sort=False)
        for (voice, speaker), group in sorted(groups, key=lambda g: (order[g[0][0]], -len(g[1]))):
            scored = weighed(group)
            rng = random_stream(seed, target, voice, speaker)
            low, high = mean_interval(scored, confidence_level, rng)
            rows.append(
                {
                    "target": target,
                    "voice": voice,
                    "speaker": speaker,
                    "score": mean(scored),
                    "ci_low": low,
                    "ci_high": high,
                    "n": len(scored),
                    "abstained": int(group["abstained"].sum()),
                }
            )
    columns = ["target", "voice", "speaker", "score", "ci_low", "ci_high", "n", "abstained"]
    return pd.DataFrame(rows, columns=columns)


def mean_interval(
    scored: np.ndarray, level: float, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the percentile interval of one weighted mean; see `divergence_interval`."""
    if len(scored) < MIN_VALUES:
        return float("nan"), float("nan")
    return _expanded_percentiles(_resampled_means(scored, rng), len(scored), level)


def across_articles(
    stances: pd.DataFrame, targets: Sequence[str], *, confidence_level: float = 0.95, seed: int = 0
) -> pd.DataFrame:
    """Compare author and commentator over many articles, each article counting once.

    An article's divergence is the difference of its two sides' weighted means; the mean
    of the articles' divergences has a percentile interval from a cluster bootstrap, which
    resamples whole articles (Cameron, Gelbach and Miller 2008), so that a long article
    weighs no more than a short one and its segments are not taken for independent.

    Args:
        stances: `stances` frames of several articles, one below the other.
        targets: the targets' names.
        confidence_level: share of resamples inside the interval, in (0.5, 1).
        seed: of the bootstrap.

    Returns:
        One row per target: target, articles (in which both sides speak of it), author_score
        and commentator_score (means of the articles' means), divergence, ci_low, ci_high
        (empty for fewer than `MIN_VALUES` articles).
    """
    rows, stances = [], measured(stances)
    for target in targets:
        pairs = [
            (mean(_side(article, Voice.AUTHOR)), mean(_side(article, Voice.COMMENTATOR)))
            for _, article in stances[stances["target"] == target].groupby("article_id")
        ]
        both = np.array([pair for pair in pairs if not np.isnan(pair).any()]).reshape(-1, 2)
        differences = np.column_stack([both[:, 1] - both[:, 0], np.ones(len(both))])
        rng = random_stream(seed, target)
        low, high = mean_interval(differences, confidence_level, rng)
        author, commentator = both.mean(axis=0) if len(both) else (float("nan"), float("nan"))
        rows.append(
            {
                "target": target,
                "articles": len(both),
                "author_score": float(author),
                "commentator_score": float(commentator),
                "divergence": float(commentator - author),
                "ci_low": low,
                "ci_high": high,
            }
        )
    return pd.DataFrame(rows)
