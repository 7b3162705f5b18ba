"""Print the spreads and weights of `analysis/likeness.py`, fitted to articles with anchors.

    python tools/fit_alignment.py ANCHORED.jsonl

A row is one article, as `counterpoint evaluate alignment` reads it. Then tells how sure the signs
are of the paragraph that they put first, and how often it is right, with others' weights.
"""

import sys
from itertools import pairwise

import numpy as np

from analysis.alignment_quality import fitted, read_anchored
from analysis.likeness import names, raw_signs, scaled

BOUNDS = (0, 0.3, 0.5, 0.7, 0.9, 1.01)


def main() -> None:
    """Fit, and print a line a sign: its spread, its weight alone and beside the encoder's."""
    articles = read_anchored(sys.argv[1])
    raw = [raw_signs(a.comments, a.paragraphs, encoded=True) for a in articles]
    answers = [np.array(a.answers) for a in articles]
    spreads, weights = {}, []
    for name in names(encoded=True):
        spreads[name] = float(np.mean([found[name].std(axis=1).mean() for found in raw]))
    for encoded in (False, True):
        wanted = {name: spreads[name] for name in names(encoded=encoded)}
        found = [scaled(one, wanted) for one in raw]
        weights.append(dict(zip(wanted, fitted(found, answers), strict=True)))
    for name, spread in spreads.items():
        alone, beside = (weight.get(name, 0.0) for weight in weights)
        print(f"{name:15} {spread:8.3g} {alone:6.2f} {beside:6.2f}")
    say_how_sure(found, answers)


def say_how_sure(found: list[np.ndarray], answers: list[np.ndarray]) -> None:
    """Print the mean log-likelihood of the right paragraph, and how sure and right the first is."""
    likely, right, told = [], [], []
    for n, (signs, answer) in enumerate(zip(found, answers, strict=True)):
        scores = signs @ fitted(found[:n] + found[n + 1 :], answers[:n] + answers[n + 1 :])
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        likely += list(shares.max(axis=1))
        right += list(shares.argmax(axis=1) == answer)
        told += list(np.log(shares[np.arange(len(answer)), answer]))
    print(f"log-likelihood  {np.mean(told):8.3f}")
    sure, hits = np.array(likely), np.array(right)
    for low, high in pairwise(BOUNDS):
        here = (sure >= low) & (sure < high)
        said = f"{sure[here].mean():.2f} likely, {hits[here].mean():.2f} right"
        print(f"{low:.1f} to {min(high, 1):.1f}      {here.sum():4} comments: {said}")


if __name__ == "__main__":
    main()
