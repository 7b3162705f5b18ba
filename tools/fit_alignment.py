"""Print the spreads and weights of `analysis/likeness.py`, fitted to articles with anchors.

    python tools/fit_alignment.py ANCHORED.jsonl

A row is one article, as `counterpoint evaluate alignment` reads it.
"""

import sys

import numpy as np

from analysis.alignment_quality import fitted, read_anchored
from analysis.likeness import names, raw_signs, scaled


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
        found = fitted([scaled(one, wanted) for one in raw], answers)
        weights.append(dict(zip(wanted, found, strict=True)))
    for name, spread in spreads.items():
        alone, beside = (found.get(name, 0.0) for found in weights)
        print(f"{name:15} {spread:8.3g} {alone:6.2f} {beside:6.2f}")


if __name__ == "__main__":
    main()
