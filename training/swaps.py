"""Made rows, third kind: a news sentence whose target bears another name.

How a sentence depicts somebody does not change with the name, so neither may the stance.
`stance/made_swapped` gives the target a new name, half of the time that of a state or body which
the shipped alias table knows; `stance/made_turned` exchanges two names of a sentence, each of which
takes over the other's label.
"""

import re
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np

from analysis.text.targets import read_aliases
from training.data import Row, read_source
from training.rewording import SEED_SUBJECT

SOURCE = "stance/made_swapped"
TURNED = "stance/made_turned"
NAME = re.compile(r"[A-Z][a-z]+( [A-Z][a-z]+)*")


def swapped(corpora: Path, count: int, rng: np.random.Generator) -> list[Row]:
    """Return up to `count` rows of newsmtsc, each target replaced wherever it is named.

    A name is replaced by one of as many words, another target of the set, or by the name of a
    state or body: news blames some of these so often that a model would take the name for it.
    """
    known = sorted(name for name in read_aliases() if not SEED_SUBJECT.search(name))
    rows = [row for row in read_source(corpora, "stance/newsmtsc") if NAME.fullmatch(row.first)]
    rows = [row for row in rows if row.first in row.second]
    names: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        if not SEED_SUBJECT.search(row.first):
            names[row.first.count(" ")].add(row.first)
    pools = {size: sorted(found) for size, found in names.items()}
    out = []
    for number in range(count):
        row = rows[number % len(rows)]
        pool = known if rng.random() < 0.5 else pools.get(row.first.count(" "), [row.first])
        name = pool[int(rng.integers(len(pool)))]
        text = re.sub(rf"\b{re.escape(row.first)}\b", name, row.second)
        if not SEED_SUBJECT.search(text):
            out.append(Row("stance", name, text, row.shares, SOURCE))
    return out


def turned(corpora: Path, count: int, rng: np.random.Generator) -> list[Row]:
    """Return up to `count` rows of newsmtsc sentences in which two named targets changed places.

    Only of sentences that depict the two differently; both targets of such a sentence follow
    each other, first as they stand, then exchanged.
    """
    by_text: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in read_source(corpora, "stance/newsmtsc"):
        if NAME.fullmatch(row.first) and row.first in row.second:
            by_text[row.second][row.first] = row
    sets = []
    for text, rows in by_text.items():
        for a, b in combinations(sorted(rows), 2):
            if rows[a].label == rows[b].label or a in b or b in a or SEED_SUBJECT.search(text):
                continue
            places = {a: b, b: a}
            pattern = re.compile(rf"\b({re.escape(a)}|{re.escape(b)})\b")
            other = pattern.sub(lambda match, places=places: places[match[0]], text)
            sets.append(
                [Row("stance", name, text, rows[name].shares, TURNED) for name in (a, b)]
                + [Row("stance", places[n], other, rows[n].shares, TURNED) for n in (a, b)]
            )
    order = rng.permutation(len(sets))
    return [row for number in order for row in sets[number]][:count]
