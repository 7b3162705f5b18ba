"""Pairs texts of two lists by their words: equal ones, then similar ones, then split and merged.

Similarity is the normalized indel similarity of two texts' words: twice the length of their longest
common subsequence, divided by the number of words of both.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property

import numpy as np

from analysis.text.marks import words

MIN_JOINED = 3  # words of a part that a split or merged text may consist of
JOINED_WORDS = 0.6  # share of a part's words that the other version's text must hold
Encoded = list[int]


@dataclass(frozen=True, slots=True)
class Match:
    """Texts of both lists that say the same, by their numbers, each in order; one empty if alone.

    `similarity` is in [0, 1], 0 where one side is empty.
    """

    original: tuple[int, ...]
    republished: tuple[int, ...]
    similarity: float
    moved: bool = False


class Texts:
    """The words of two lists of texts, as numbers, and their similarities."""

    def __init__(self, original: Sequence[str], republished: Sequence[str]) -> None:
        """Encode each distinct word as a number, and so as a character for `rapidfuzz`."""
        codes: dict[str, int] = {}
        self.original, self.republished = (
            [[codes.setdefault(w, len(codes)) for w in folded(text)] for text in side]
            for side in (original, republished)
        )

    @cached_property
    def frequency(self) -> Counter[int]:
        """In how many texts of both lists a word stands."""
        return Counter(w for text in (*self.original, *self.republished) for w in set(text))

    def similarities(self, rows: Sequence[int], columns: Sequence[int]) -> np.ndarray:
        """Return the similarity of texts by their numbers, shape (rows, columns), in [0, 1]."""
        from rapidfuzz.distance import Indel
        from rapidfuzz.process import cdist

        mine = [_characters(self.original[i]) for i in rows]
        theirs = [_characters(self.republished[j]) for j in columns]
        return cdist(mine, theirs, scorer=Indel.normalized_similarity, dtype=np.float32)

    def similarity(self, original: Sequence[int], republished: Sequence[int]) -> float:
        """Return the similarity of the texts, each side's joined."""
        from rapidfuzz.distance import Indel

        return Indel.normalized_similarity(
            [w for i in original for w in self.original[i]],
            [w for j in republished for w in self.republished[j]],
        )


def folded(text: str) -> list[str]:
    """Return a text's words without case, and apostrophes as typed; its signs where it has none."""
    return words(text.replace("’", "'").casefold()) or text.split()


def _characters(coded: Encoded) -> str:
    """Return numbers as characters, without the surrogates."""
    return "".join(chr(code + 0x21 + (0x800 if code + 0x21 >= 0xD800 else 0)) for code in coded)


def match(texts: Texts, threshold: float) -> list[Match]:
    """Return the matches of two lists of texts, in the original's order, then what was added.

    Args:
        texts: both lists.
        threshold: similarity from which two texts that are not equal count as one.
    """
    found = _joined(texts, [((i,), (j,)) for i, j in sorted(pairs(texts, threshold))])
    matches = [Match(a, b, texts.similarity(a, b)) for a, b in found]
    matches = _with_moves(matches, texts)
    left = _without(len(texts.original), (i for m in matches for i in m.original))
    right = _without(len(texts.republished), (j for m in matches for j in m.republished))
    matches += [Match((i,), (), 0.0) for i in left]
    return [
        *sorted(matches, key=lambda m: m.original),
        *(Match((), (j,), 0.0) for j in right),
    ]


def pairs(texts: Texts, threshold: float) -> list[tuple[int, int]]:
    """Return the numbers of equal and of similar texts, one of each list; see `match`."""
    found = _equal(texts)
    left = _without(len(texts.original), (i for i, _ in found))
    right = _without(len(texts.republished), (j for _, j in found))
    return found + _similar(texts, left, right, threshold)


def in_reading_order(matches: Sequence[Match]) -> list[Match]:
    """Sort matches by the republished list; what was left out follows what it followed."""
    place, above = {}, -1
    for each in sorted((m for m in matches if m.original), key=lambda m: m.original):
        above = each.republished[0] if each.republished else above
        place[each.original] = (above, *(() if each.republished else each.original))
    return sorted(matches, key=lambda m: place.get(m.original, m.republished))


def _without(size: int, taken) -> list[int]:
    gone = set(taken)
    return [number for number in range(size) if number not in gone]


def _equal(texts: Texts) -> list[tuple[int, int]]:
    """Pair texts with the same words: those in the same order first, then the others."""
    mine, theirs = ([tuple(text) for text in side] for side in (texts.original, texts.republished))
    blocks = SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks()
    pairs = [(b.a + k, b.b + k) for b in blocks for k in range(b.size)]
    free = defaultdict(list)
    for j in _without(len(theirs), (j for _, j in pairs)):
        free[theirs[j]].append(j)
    for i in _without(len(mine), (i for i, _ in pairs)):
        if free[mine[i]]:
            pairs.append((i, free[mine[i]].pop(0)))
    return pairs


def _similar(
    texts: Texts, left: Sequence[int], right: Sequence[int], threshold: float
) -> list[tuple[int, int]]:
    """Pair the texts left so that the sum of similarities above the threshold is highest."""
    from scipy.optimize import linear_sum_assignment

    if not left or not right:
        return []
    alike = texts.similarities(left, right)
    gain = np.where(alike >= threshold, alike, 0)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    return [(left[r], right[c]) for r, c in zip(rows, columns, strict=True) if gain[r, c] > 0]


Group = tuple[tuple[int, ...], tuple[int, ...]]


def _joined(texts: Texts, groups: list[Group]) -> list[Group]:
    """Add to each match the neighbours left over that it holds too: parts of a split or a merge."""
    for side in (0, 1):
        taken = {number: g for g, group in enumerate(groups) for number in group[side]}
        size = len(texts.original if side == 0 else texts.republished)
        for number in [*range(size), *reversed(range(size))]:  # from above and from below
            if number in taken:
                continue
            best = max(
                (
                    (_gain(texts, groups[taken[near]], side, number), taken[near])
                    for near in (number - 1, number + 1)
                    if near in taken
                ),
                default=(0.0, 0),
            )
            if best[0] > 0:
                taken[number] = best[1]
                groups[best[1]] = _with(groups[best[1]], side, number)
    return groups


def _with(group: Group, side: int, number: int) -> Group:
    longer = tuple(sorted((*group[side], number)))
    return (longer, group[1]) if side == 0 else (group[0], longer)


def _gain(texts: Texts, group: Group, side: int, number: int) -> float:
    """Return by how much a text more makes a match more similar; 0 if it hardly is a part."""
    own = (texts.original if side == 0 else texts.republished)[number]
    others = texts.republished if side == 0 else texts.original
    other = Counter(w for n in group[1 - side] for w in others[n])
    shared = sum((Counter(own) & other).values())
    if len(own) < MIN_JOINED or shared < JOINED_WORDS * len(own):
        return 0.0
    longer = _with(group, side, number)
    return texts.similarity(*longer) - texts.similarity(*group)


def _with_moves(matches: list[Match], texts: Texts) -> list[Match]:
    """Mark the matches that stand in another order: the fewest words that make it so."""
    matches = sorted(matches, key=lambda m: m.original)
    sizes = [sum(len(texts.original[i]) for i in m.original) + 1 for m in matches]
    stays = heaviest_increasing([m.republished[0] for m in matches], sizes)
    return [replace(m, moved=k not in stays) for k, m in enumerate(matches)]


def heaviest_increasing(places: Sequence[int], weights: Sequence[int]) -> set[int]:
    """Return the numbers of the increasing subsequence of places with the greatest weight."""
    if not places:
        return set()
    where, weight = np.asarray(places), np.asarray(weights, float)
    total, before = weight.copy(), np.full(len(where), -1)
    for k in range(1, len(where)):
        reached = np.where(where[:k] < where[k], total[:k], 0)
        best = int(reached.argmax())
        if reached[best] > 0:
            total[k], before[k] = reached[best] + weight[k], best
    chain, at = set(), int(total.argmax())
    while at >= 0:
        chain.add(at)
        at = int(before[at])
    return chain
