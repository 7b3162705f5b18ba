"""Rows of our own making: the form of inline commentary on the text of the corpora.

`relation/made_comments` puts a turn of phrase before, between or after topical sentences,
or restates a passage truly or with one fact changed. `relation/made_pairs` pairs two
real texts whose stances toward one target are the same (agree) or opposed (disagree).
`relation/made_objections` objects to or seconds what news says of a target, and
`relation/made_unmarked` answers it without a turn of phrase. `stance/made_swapped`
renames targets, `stance/made_turned` exchanges two of them, `stance/made_roles` fills
sentence frames of our own with two names. Labels are weak: they follow from how a row is made.
The `unlabelled` sources have none at all (`training/unlabelled.py`).
"""

from collections import defaultdict
from pathlib import Path

import numpy as np

from training import roles, swaps, unlabelled
from training.comments import CommentMaker
from training.data import Row, one_hot, read_source
from training.objections import SOURCE, UNMARKED, objections
from training.rewording import SEED_SUBJECT, some

PAIRED = {"stance/gwsd": 0.35, "stance/vast": 0.5, "stance/covid19": 0.15}


def make(name: str, corpora: Path, *, count: int, seed: int) -> list[Row]:
    """Return `count` made rows of the source `name`."""
    rng = np.random.default_rng(seed)
    if name == "relation/made_pairs":
        return _stance_pairs(corpora, count, rng)
    if name == swaps.SOURCE:
        return swaps.swapped(corpora, count, rng)
    if name == swaps.TURNED:
        return swaps.turned(corpora, count, rng)
    if name == roles.SOURCE:
        return roles.roles(corpora, count, rng)
    if name == unlabelled.NEWS:
        return unlabelled.news(corpora, count, rng)
    if name == unlabelled.REPLIES:
        return unlabelled.replies(corpora, count, rng)
    if name in (SOURCE, UNMARKED):
        return objections(corpora, count, rng, source=name)
    maker = CommentMaker(corpora, rng)
    rows = (maker.row() for _ in range(50 * count))
    kept = (row for row in rows if row and not SEED_SUBJECT.search(row.first + row.second))
    return [row for row, _ in zip(kept, range(count), strict=False)]


def _stance_pairs(corpora: Path, count: int, rng: np.random.Generator) -> list[Row]:
    """Pair texts of one set and target by whether their stances are equal or opposed."""
    rows: list[Row] = []
    for source, share in PAIRED.items():
        by_target: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for row in read_source(corpora, source):
            if row.label != "none":
                by_target[row.first][row.label].append(row.second)
        targets = [t for t, sides in by_target.items() if all(sides[s] for s in sides)]
        weights = np.array([min(40, sum(map(len, by_target[t].values()))) for t in targets], float)
        for _ in range(int(share * count)):
            sides = by_target[targets[rng.choice(len(targets), p=weights / weights.sum())]]
            first = str(rng.choice(sorted(sides)))
            second = str(rng.choice(sorted(sides)))
            texts = (rng.choice(sides[first]), rng.choice(sides[second]))
            pair = [some(str(text), rng, 2) for text in texts]
            if not all(pair) or pair[0] == pair[1]:
                continue
            label = "agree" if first == second else "disagree"
            if not SEED_SUBJECT.search(" ".join(pair)):
                rows.append(
                    Row("relation", *pair, one_hot("relation", label), "relation/made_pairs")
                )
    return rows
