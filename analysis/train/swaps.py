"""Made rows, third kind: a news sentence whose target bears another name.

How a sentence depicts somebody does not change with the name, so neither may the stance.
"""

import re
from collections import defaultdict
from pathlib import Path

import numpy as np

from analysis.train.data import Row, read_source
from analysis.train.rewording import SEED_SUBJECT

SOURCE = "stance/made_swapped"
NAME = re.compile(r"[A-Z][a-z]+( [A-Z][a-z]+)*")


def swapped(corpora: Path, count: int, rng: np.random.Generator) -> list[Row]:
    """Return up to `count` rows of newsmtsc, each target replaced wherever it is named.

    A name is replaced by one of as many words, another target of the set.
    """
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
        pool = pools.get(row.first.count(" "), [row.first])
        name = pool[int(rng.integers(len(pool)))]
        text = re.sub(rf"\b{re.escape(row.first)}\b", name, row.second)
        if not SEED_SUBJECT.search(text):
            out.append(Row("stance", name, text, row.shares, SOURCE))
    return out
