"""Print spreads and weights for `alignment/ranking.py`, fitted to articles with anchors.

    python tools/fit_alignment.py ANCHORED.jsonl

A row is one article, as `counterpoint evaluate alignment` reads it. Prints the confidence in the
top-ranked paragraph and its accuracy, with weights fitted to the other articles; then a line a
feature: its spread, its weight without the encoder, and its weight with it.
"""

import argparse
import sys
from itertools import pairwise

import numpy as np
from scipy.special import softmax

from analysis.alignment.ranking import names, raw_features, standardized
from analysis.errors import InputError
from analysis.quality.alignment import (
    MIN_ARTICLES,
    AnchoredArticle,
    fit_weights,
    leave_one_out_scores,
    read_anchored_articles,
)
from training.command import exit_code

BOUNDS = (0, 0.3, 0.5, 0.7, 0.9, 1.01)


def main() -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", help="JSON lines, one article per row")
    path = parser.parse_args().articles
    return exit_code(lambda: fit(read_anchored_articles(path)))


def fit(articles: list[AnchoredArticle]) -> None:
    """Print all of it.

    Raises:
        InputError: there are too few articles, or a feature never differs in them.
    """
    if len(articles) < MIN_ARTICLES:
        raise InputError(
            f"found {len(articles)} articles; expected at least {MIN_ARTICLES} to fit to"
        )
    raw = [raw_features(a.comments, a.paragraphs, encoded=True) for a in articles]
    answers = [np.array(a.answers) for a in articles]
    spreads: dict[str, float] = {}
    for name in names(encoded=True):
        spreads[name] = float(np.mean([found[name].std(axis=1).mean() for found in raw]))
        if not spreads[name]:
            raise InputError(f"{name} is the same everywhere; give articles in which it differs")
    weights = []
    for encoded in (False, True):
        wanted = {name: spreads[name] for name in names(encoded=encoded)}
        found = [standardized(one, wanted) for one in raw]
        weights.append(dict(zip(wanted, fit_weights(found, answers), strict=True)))
        print("with the encoder" if encoded else "without the encoder")
        say_how_sure(found, answers)
    for name, spread in spreads.items():
        alone, beside = (f"{w[name]:6.2f}" if name in w else "     -" for w in weights)
        print(f"{name:15} {spread:8.3g} {alone} {beside}")


def say_how_sure(found: list[np.ndarray], answers: list[np.ndarray]) -> None:
    """Print the mean log-likelihood of the right paragraph, and how sure and right the first is."""
    likely, right, told = [], [], []
    for scores, answer in zip(leave_one_out_scores(found, answers), answers, strict=True):
        shares = softmax(scores, axis=1)
        likely += list(shares.max(axis=1))
        right += list(shares.argmax(axis=1) == answer)
        told += list(np.log(shares[np.arange(len(answer)), answer]))
    print(f"log-likelihood  {np.mean(told):8.3f}")
    sure, hits = np.array(likely), np.array(right)
    for low, high in pairwise(BOUNDS):
        here = (sure >= low) & (sure < high)
        if not here.any():
            continue
        said = f"{sure[here].mean():.2f} likely, {hits[here].mean():.2f} right"
        print(f"{low:.1f} to {min(high, 1):.1f}      {here.sum():4} comments: {said}")


if __name__ == "__main__":
    sys.exit(main())
