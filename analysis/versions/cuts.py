"""Tests what a cut did against random cuts of the same size.

The null hypothesis: which paragraphs were left out has nothing to do with what they say. A random
cut leaves out as many whole paragraphs as the real one, and from as many others as many sentences.
"""

from collections.abc import Sequence

import numpy as np

DRAWS = 9_999  # random cuts
CELLS = 2_000_000  # of sentences and random cuts held at a time
TIE = 1e-9  # sums that differ by less are equal


def cut_test(
    values: np.ndarray, paragraphs: Sequence[int], cut: np.ndarray, *, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return how many random cuts leave out as much as the real one, both ways.

    A permutation test (Ernst 2004): p is twice the smaller of the shares of random cuts, the real
    one among them, that leave out as much or more, and as much or less. Ties count against it.

    Args:
        values: what each sentence adds to each measure, shape (sentences, measures); a measure of a
            cut is the sum over its sentences.
        paragraphs: the number of the paragraph that holds each sentence, from 0, not falling.
        cut: whether each sentence was left out, shape (sentences,).
        seed: of the random cuts; equal seeds give equal results.

    Returns:
        p and the mean of the measures over random cuts, each of shape (measures,); not a number
        where nothing or everything was left out.
    """
    values, cut = np.asarray(values, float), np.asarray(cut, bool)
    if not cut.any() or cut.all():
        nothing = np.full(values.shape[1], np.nan)
        return nothing, nothing
    observed = values[cut].sum(axis=0)
    drawn = np.concatenate([np.asarray(d, float) @ values for d in _draws(paragraphs, cut, seed)])
    more = 1 + (drawn >= observed - TIE).sum(axis=0)
    less = 1 + (drawn <= observed + TIE).sum(axis=0)
    p = np.minimum(1.0, 2 * np.minimum(more, less) / (1 + len(drawn)))
    return p, drawn.mean(axis=0)


def _draws(paragraphs: Sequence[int], cut: np.ndarray, seed: int):
    """Yield random cuts, shape (some draws, sentences)."""
    of, rng = np.asarray(paragraphs), np.random.default_rng(seed)
    sizes = np.bincount(of)
    gone = np.bincount(of, weights=cut, minlength=len(sizes)).astype(int)
    present = sizes > 0
    whole = int(((gone == sizes) & present).sum())
    parts = sorted((g for g, s in zip(gone, sizes, strict=True) if 0 < g < s), reverse=True)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    at_once = max(1, CELLS // len(of))
    for first in range(0, DRAWS, at_once):
        size = min(at_once, DRAWS - first)
        counts = _counts(sizes, whole, parts, size, rng)
        order = np.argsort(of + rng.random((size, len(of))), axis=1)
        ranks = np.empty_like(order)
        np.put_along_axis(ranks, order, np.arange(len(of))[None, :], axis=1)
        yield ranks - starts[of] < counts[:, of]


def _counts(
    sizes: np.ndarray, whole: int, parts: Sequence[int], draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Return how many sentences each random cut takes of each paragraph, shape (draws, paragraphs).

    Whole paragraphs are drawn with equal chances; those that lose a part in proportion to their
    sentences, among those that have more than that.
    """
    rows = np.arange(draws)
    keys = np.where(sizes > 0, rng.random((draws, len(sizes))), np.inf)
    counts = np.zeros(keys.shape, int)
    free = np.broadcast_to(sizes > 0, keys.shape).copy()
    if whole:
        taken = np.argpartition(keys, whole - 1, axis=1)[:, :whole]
        np.put_along_axis(counts, taken, sizes[taken], axis=1)
        np.put_along_axis(free, taken, False, axis=1)
    for part in parts:
        waits = np.where(
            free & (sizes > part), rng.exponential(size=keys.shape) / np.maximum(sizes, 1), np.inf
        )
        best = waits.argmin(axis=1)
        fits = np.isfinite(waits[rows, best])
        counts[rows[fits], best[fits]] = part
        free[rows[fits], best[fits]] = False
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
