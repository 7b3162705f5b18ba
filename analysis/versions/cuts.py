"""Tests what a cut did against random cuts of the same size.

The null hypothesis: which paragraphs were left out has nothing to do with what they say. A random
cut leaves out as many whole paragraphs as the real one, and as much of as many others.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

DRAWS = 9_999  # random cuts
CELLS = 1_000_000  # of segments and random cuts held at a time
TIE = 1e-9  # sums that differ by less are equal


def cut_test(
    values: np.ndarray, paragraphs: Sequence[int], cut: np.ndarray, *, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return how many random cuts do as much as the real one, either way.

    A permutation test (Ernst 2004): p is the share of random cuts, the real one among them, whose
    sum is at least as far from the mean as the real one's. Ties count against the real one.

    Args:
        values: what each segment adds to each measure, shape (segments, measures); a measure of a
            cut is the sum over what it leaves out.
        paragraphs: the number of the paragraph that holds each segment, from 0 without gaps.
        cut: whether each segment was left out, shape (segments,).
        seed: of the random cuts; equal seeds give equal results.

    Returns:
        p and the mean of the measures over all these cuts, each of shape (measures,); not a number
        where nothing or everything was left out.
    """
    values, cut = np.asarray(values, float), np.asarray(cut, bool)
    if not cut.any() or cut.all():
        nothing = np.full(values.shape[1], np.nan)
        return nothing, nothing
    observed = values[cut].sum(axis=0)
    sums = np.vstack([observed, *_random_sums(values, np.asarray(paragraphs), cut, seed)])
    middle = sums.mean(axis=0)
    return (np.abs(sums - middle) >= np.abs(observed - middle) - TIE).mean(axis=0), middle


def _random_sums(
    values: np.ndarray, of: np.ndarray, cut: np.ndarray, seed: int
) -> Iterator[np.ndarray]:
    """Yield the sums that random cuts leave out, shape (some cuts, measures)."""
    rng = np.random.default_rng(seed)
    sizes = np.bincount(of)
    gone = np.bincount(of, weights=cut).astype(int)
    whole = int((gone == sizes).sum())
    parts = [int(g) for g, s in zip(gone, sizes, strict=True) if 0 < g < s]
    by_paragraph = np.zeros((len(sizes), values.shape[1]))
    np.add.at(by_paragraph, of, values)
    starts = np.cumsum(sizes) - sizes
    order = np.argsort(of, kind="stable")  # segments by paragraph, each paragraph's from `starts`
    at_once = max(1, CELLS // len(of))
    for first in range(0, DRAWS, at_once):
        size = min(at_once, DRAWS - first)
        counts = _counts(sizes, whole, parts, size, rng)
        if not parts:
            yield (counts > 0) @ by_paragraph
            continue
        shuffled = np.argsort(of[order] + rng.random((size, len(of))), axis=1)
        places = np.arange(len(of)) - starts[of[order]]  # of a shuffled segment in its paragraph
        taken = places < counts[:, of[order]]
        yield np.einsum("ds,dsm->dm", taken, values[order][shuffled], optimize=True)


def _counts(
    sizes: np.ndarray, whole: int, parts: Sequence[int], draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Return how many segments each random cut takes of each paragraph, shape (draws, paragraphs).

    Whole paragraphs are drawn with equal chances; those that lose a part in proportion to their
    segments, among those that have more than that.
    """
    shape = draws, len(sizes)
    counts, free = np.zeros(shape, int), np.ones(shape, bool)

    def take(number: int, keys: np.ndarray, taken: np.ndarray | int) -> None:
        chosen = np.argpartition(keys, number - 1, axis=1)[:, :number]
        fits = np.isfinite(np.take_along_axis(keys, chosen, axis=1))
        now = taken[chosen] if isinstance(taken, np.ndarray) else taken
        before = np.take_along_axis(counts, chosen, axis=1)
        np.put_along_axis(counts, chosen, np.where(fits, now, before), axis=1)
        np.put_along_axis(free, chosen, False, axis=1)

    if whole:
        take(whole, rng.random(shape), sizes)
    for part, number in sorted(Counter(parts).items(), reverse=True):
        waits = rng.exponential(size=shape) / sizes  # the first ones are a weighted draw
        take(number, np.where(free & (sizes > part), waits, np.inf), part)
    return counts


def holm(p: Sequence[float]) -> np.ndarray:
    """Return p values adjusted for their number (Holm 1979); those that are none stay none."""
    values = np.asarray(p, float)
    adjusted = values.copy()
    order = [i for i in np.argsort(values) if not np.isnan(values[i])]
    highest = 0.0
    for rank, number in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * values[number]))
        adjusted[number] = highest
    return adjusted
