"""Made rows, second kind: a comment that objects to, or seconds, what news reports.

A comment about someone whom the passage is about, taken from labelled sentences, stands
after a turn of phrase or bare. Bare pairs get shared labels, since a contrary view of a
person is not always an answer: same view agree 0.6, contrary or newly hostile view disagree 0.65.

Rows of `relation/made_unmarked` are bare pairs only, and those without a view to compare lean
to disagree: who interrupts an article with other facts and no word of assent mostly objects
(a leaning that the model card states).
"""

from collections import defaultdict
from pathlib import Path

import numpy as np

from training import phrases
from training.data import Row, read_source
from training.rewording import SEED_SUBJECT, lowered, quoted, some

SOURCE = "relation/made_objections"
SAME, CONTRARY = (0.6, 0.1, 0.3), (0.1, 0.65, 0.25)
UNMARKED = "relation/made_unmarked"
OPEN = (0.2, 0.5, 0.3)
SETS = ("stance/newsmtsc", "stance/basil", "stance/vast")
BARE = ("stance/newsmtsc", "stance/basil")  # short enough to be about the target throughout


def objections(corpora: Path, count: int, rng: np.random.Generator, *, source: str) -> list[Row]:
    """Return about `count` rows of `source` whose passage and comment share a target."""
    sets = SETS if source == SOURCE else BARE
    by_target: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name in sets:
        for row in read_source(corpora, name):
            by_target[f"{name} {row.first.lower()}"][row.label].append(row.second)
    groups = [item for item in sorted(by_target.items()) if sum(map(len, item[1].values())) > 1]
    sizes = np.sqrt([min(100, sum(map(len, sides.values()))) for _, sides in groups])
    rows = []
    for _ in range(count):
        name, sides = groups[rng.choice(len(groups), p=sizes / sizes.sum())]
        bare = name.startswith(BARE)
        row = _row(sides, bare, rng) if source == SOURCE else _unmarked(sides, rng)
        if row and not SEED_SUBJECT.search(row.first + row.second):
            rows.append(row)
    return rows


def _pair(
    sides: dict[str, list[str]], rng: np.random.Generator
) -> tuple[str, str, str, str] | None:
    """Return two different texts of a target after their labels, or None."""
    first, second = (str(rng.choice(sorted(sides))) for _ in range(2))
    passage = some(str(rng.choice(sides[first])), rng, 2)
    comment = some(str(rng.choice(sides[second])), rng, 2)
    if comment[:40] in passage or passage[:40] in comment or min(map(len, (passage, comment))) < 20:
        return None
    return first, second, passage, comment


def _unmarked(sides: dict[str, list[str]], rng: np.random.Generator) -> Row | None:
    """Return a bare pair; its shares follow the two views of the target, if there are two."""
    if not (pair := _pair(sides, rng)):
        return None
    first, second, passage, comment = pair
    shares = OPEN
    if second != "none" and first != "none":
        shares = SAME if first == second else CONTRARY
    elif second == "against":
        shares = CONTRARY
    return Row("relation", passage, comment, shares, UNMARKED)


def _row(sides: dict[str, list[str]], bare: bool, rng: np.random.Generator) -> Row | None:
    """Return one row of a target's texts, or None where they do not suit."""
    if not (pair := _pair(sides, rng)):
        return None
    first, second, passage, comment = pair
    way = rng.random()
    if bare and way < 0.5:
        if second == "none":
            return None
        shares = SAME if first == second else CONTRARY
        return Row("relation", passage, comment, shares, SOURCE)
    against = rng.random() < 0.6
    leads = phrases.OBJECTIONS if against else phrases.ASSENTS
    lead = leads[int(rng.integers(len(leads)))].replace("{q}", quoted(passage, rng))
    said = lead.replace("{c}", lowered(comment)) if "{c}" in lead else f"{lead} {comment}"
    return Row("relation", passage, said, (0.0, 1.0, 0.0) if against else (1.0, 0.0, 0.0), SOURCE)
