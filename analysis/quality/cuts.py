"""Measures the false positive rate and the power of the test of what a cut left out.

An article is scored once, and then cut many times, at random or on one side.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.scoring.compare import measured
from analysis.scoring.pipeline import Result
from analysis.types import ChangeKind, Stance
from analysis.versions.cuts import holm
from analysis.versions.pairing import paragraphs
from analysis.versions.slant import Side
from analysis.versions.wording import sentences

LEVEL = 0.05
MIN_PARAGRAPHS = 12  # of an article that is cut on one side
DROPPED = 0.8  # share of one side's sentences
MIN_SENTENCES = 4  # of a side that is dropped
RANDOM_CUTS, ONE_SIDED_CUTS = 1_000, 100


class _Uncut:
    """A scored article with its sentences."""

    def __init__(self, result: Result) -> None:
        own = {block.block_id for block in paragraphs(result.article)}
        parts = [s for s in result.requests.segments if s.block_id in own]
        self.side = Side(result, {s.segment_id: ChangeKind.KEPT for s in parts})
        starts = sorted(a for spans in sentences(result.article).values() for a, _ in spans)
        self.sentence = np.array([bisect_right(starts, s.start) for s in parts])
        self.paragraph = np.array(self.side.paragraphs)

    def sides(self) -> list[np.ndarray]:
        """Return for each side of each tested target the numbers of the sentences that take it."""
        at = {name: n for n, name in enumerate(self.side.ids)}
        rows = measured(self.side.result.stances)
        rows = rows[rows["segment_id"].isin(at) & rows["target"].isin(self.side.measures[0])]
        found = [
            np.unique(self.sentence[[at[name] for name in own["segment_id"]]])
            for (_, label), own in rows.groupby(["target", "label"], sort=False)
            if label != Stance.NONE.value
        ]
        return [numbers for numbers in found if len(numbers) >= MIN_SENTENCES]

    def called(self, cut: np.ndarray, seed: int) -> bool:
        """Return whether a cut is called slanted at `LEVEL`."""
        return bool((holm(self.side.test(cut, seed=seed)["p"]) <= LEVEL).any())


def evaluate_cuts(
    results: Sequence[Result],
    *,
    random_cuts: int = RANDOM_CUTS,
    one_sided_cuts: int = ONE_SIDED_CUTS,
    seed: int = 0,
) -> dict[str, Any]:
    """Cut scored articles and count how often a cut is called slanted at 5%.

    Random cuts leave out any number of paragraphs, any of them. One-sided cuts drop four fifths of
    the sentences whose label is in favor of one target, or against it, from articles of at least
    `MIN_PARAGRAPHS` paragraphs with at least `MIN_SENTENCES` such sentences.

    Returns:
        `random_cuts` and `one_sided_cuts`, their numbers; `level` and `power`, the shares of them
        that are called slanted; `power_of_paragraphs`, the same where the whole paragraphs of the
        dropped sentences are cut; `articles` and `sides`, which they were drawn from.
    """
    rng, uncut = np.random.default_rng(seed), [_Uncut(result) for result in results]
    uncut = [each for each in uncut if len(set(each.paragraph)) > 1]
    level = []
    for number in range(random_cuts if uncut else 0):
        each = uncut[number % len(uncut)]
        size = each.paragraph.max() + 1
        gone = rng.choice(size, rng.integers(1, size), replace=False)
        level.append(each.called(np.isin(each.paragraph, gone), number))
    long = [each for each in uncut if each.paragraph.max() + 1 >= MIN_PARAGRAPHS]
    sides = [(each, numbers) for each in long for numbers in each.sides()]
    power, whole = [], []
    for number in range(one_sided_cuts if sides else 0):
        each, numbers = sides[number % len(sides)]
        gone = rng.choice(numbers, round(DROPPED * len(numbers)), replace=False)
        cut = np.isin(each.sentence, gone)
        power.append(each.called(cut, number))
        whole.append(each.called(np.isin(each.paragraph, each.paragraph[cut]), number))
    return {
        "random_cuts": len(level),
        "level": float(np.mean(level)) if level else None,
        "one_sided_cuts": len(power),
        "power": float(np.mean(power)) if power else None,
        "power_of_paragraphs": float(np.mean(whole)) if whole else None,
        "articles": len(uncut),
        "sides": len(sides),
    }
