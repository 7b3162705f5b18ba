"""Pairs texts of two lists: equal ones, then similar ones, then split and merged.

Texts are similar by their words in order (normalized indel similarity: twice the length of the
longest common subsequence, divided by the number of words of both) or, in any order, by the letters
of their words (cosine of character TF-IDF).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from typing import NamedTuple

import numpy as np

from analysis.alignment.ranking import log_odds
from analysis.text.marks import words
from analysis.text.nlp import single_threaded_blas
from analysis.text.tfidf import by_letter

MIN_JOINED = 3  # words of a part that a split or merged text may consist of
JOINED_WORDS = 0.6  # share of a part's words that the other version's text must hold
SURE_COSINE = 0.45  # from which the ranking is not asked
RANKED = 0.25  # product of the two probabilities that the ranking must give
LEAST_RANKED = 15  # words of both texts; few words are alike by chance
MAX_RANKED = 100_000  # pairs of texts; beyond, the ranking is not asked, which takes seconds


class Rule(NamedTuple):
    """From which similarity on two texts that are not equal count as one.

    Attributes:
        in_order: of the words in order.
        in_any_order: cosine of the texts.
        ranked: whether the ranking of passages has to agree, in both directions, below
            `SURE_COSINE`.
    """

    in_order: float
    in_any_order: float
    ranked: bool = False


PARAGRAPHS = Rule(0.45, 0.25, ranked=True)
SENTENCES = Rule(0.4, 0.25)  # of one paragraph
ELSEWHERE = Rule(0.6, 0.6)  # of different paragraphs


@dataclass(frozen=True, slots=True)
class Match:
    """Texts of both lists that say the same, by their numbers, each in order; one empty if alone.

    `similarity` is that of the words in order, in [0, 1], 0 where one side is empty.
    """

    original: tuple[int, ...]
    republished: tuple[int, ...]
    similarity: float
    moved: bool = False


class Texts:
    """Two lists of texts, with their words as numbers, and the similarities between them."""

    def __init__(self, original: Sequence[str], republished: Sequence[str]) -> None:
        """Encode each distinct word as a number, and so as a character for `rapidfuzz`."""
        self._raw = original, republished
        codes: dict[str, int] = {}
        self.original, self.republished = (
            [[codes.setdefault(w, len(codes)) for w in folded(text)] for text in side]
            for side in self._raw
        )

    @cached_property
    def _vectors(self) -> tuple:
        """The TF-IDF rows of both lists, sparse, of unit length."""
        rows, _ = by_letter(tuple(text for side in self._raw for text in side))
        return rows[: len(self._raw[0])], rows[len(self._raw[0]) :]

    def in_order(self, rows: Sequence[int], columns: Sequence[int]) -> np.ndarray:
        """Return the similarity of the words in order, shape (rows, columns), in [0, 1]."""
        from rapidfuzz.distance import Indel
        from rapidfuzz.process import cdist

        mine = [_characters(self.original[i]) for i in rows]
        theirs = [_characters(self.republished[j]) for j in columns]
        return cdist(mine, theirs, scorer=Indel.normalized_similarity, dtype=np.float32)

    def in_any_order(self, rows: Sequence[int], columns: Sequence[int]) -> np.ndarray:
        """Return the cosines of texts, shape (rows, columns), in [0, 1]."""
        mine, theirs = self._vectors
        return (mine[list(rows)] @ theirs[list(columns)].T).toarray()

    def ranked(self, rows: Sequence[int], columns: Sequence[int]) -> np.ndarray:
        """Return how sure the ranking of passages is of each pair, (rows, columns), in [0, 1].

        The product of two probabilities: that of all originals this one was rewritten, and the same
        of the republished texts. 1 where there are too many pairs to rank.
        """
        from scipy.special import softmax

        mine, theirs = self._raw
        if max(len(rows) * len(theirs), len(columns) * len(mine)) > MAX_RANKED:
            return np.ones((len(rows), len(columns)))
        with single_threaded_blas():
            onward = softmax(log_odds([mine[i] for i in rows], theirs), axis=1)[:, columns]
            back = softmax(log_odds([theirs[j] for j in columns], mine), axis=1)[:, rows]
        return onward * back.T

    def similarity(self, original: Sequence[int], republished: Sequence[int]) -> float:
        """Return the similarity of the words in order, each side's texts joined."""
        from rapidfuzz.distance import Indel

        return Indel.normalized_similarity(
            [w for i in original for w in self.original[i]],
            [w for j in republished for w in self.republished[j]],
        )


def folded(text: str) -> list[str]:
    """Return a text's words without case, and apostrophes as typed; its signs where it has none."""
    return words(text.replace("’", "'").casefold()) or text.split()


def _characters(coded: Sequence[int]) -> str:
    """Return numbers as characters, without the surrogates."""
    return "".join(chr(code + 0x21 + (0x800 if code + 0x21 >= 0xD800 else 0)) for code in coded)


def match(
    texts: Texts, original: Sequence[int], republished: Sequence[int], rule: Rule
) -> list[Match]:
    """Return what became of some texts of each list, in the original's order, then what was added.

    Args:
        texts: both lists.
        original: numbers of texts, rising.
        republished: the same.
        rule: which texts count as one.
    """
    paired = sorted(pairs(texts, original, republished, rule))
    groups = _joined(texts, [((i,), (j,)) for i, j in paired], (original, republished))
    matches = _with_moves([Match(a, b, texts.similarity(a, b)) for a, b in groups], texts)
    left = _without(original, (i for m in matches for i in m.original))
    right = _without(republished, (j for m in matches for j in m.republished))
    matches += [Match((i,), (), 0.0) for i in left]
    return [*sorted(matches, key=lambda m: m.original), *(Match((), (j,), 0.0) for j in right)]


def pairs(
    texts: Texts, original: Sequence[int], republished: Sequence[int], rule: Rule
) -> list[tuple[int, int]]:
    """Return the numbers of equal and of similar texts, one of each list; see `match`."""
    found = _equal(texts, original, republished)
    for similar in (_in_order, _in_any_order):
        left = _without(original, (i for i, _ in found))
        right = _without(republished, (j for _, j in found))
        if left and right:
            found += _best(similar(texts, left, right, rule), left, right)
    return found


def in_reading_order(matches: Sequence[Match]) -> list[Match]:
    """Sort matches by the republished list; what was left out follows what it followed."""
    place, above = {}, -1
    for each in sorted((m for m in matches if m.original), key=lambda m: m.original):
        above = each.republished[0] if each.republished else above
        place[each.original] = (above, *(() if each.republished else each.original))
    return sorted(matches, key=lambda m: place.get(m.original, m.republished))


def _without(numbers: Sequence[int], taken: Iterable[int]) -> list[int]:
    gone = set(taken)
    return [number for number in numbers if number not in gone]


def _equal(
    texts: Texts, original: Sequence[int], republished: Sequence[int]
) -> list[tuple[int, int]]:
    """Pair texts with the same words: those in the same order first, then the others."""
    mine = [tuple(texts.original[i]) for i in original]
    theirs = [tuple(texts.republished[j]) for j in republished]
    blocks = SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks()
    found = [(b.a + k, b.b + k) for b in blocks for k in range(b.size)]
    free = defaultdict(list)
    for j in _without(range(len(theirs)), (j for _, j in found)):
        free[theirs[j]].append(j)
    for i in _without(range(len(mine)), (i for i, _ in found)):
        if free[mine[i]]:
            found.append((i, free[mine[i]].pop(0)))
    return [(original[i], republished[j]) for i, j in found]


def _in_order(texts: Texts, left: Sequence[int], right: Sequence[int], rule: Rule) -> np.ndarray:
    alike = texts.in_order(left, right)
    return np.where(alike >= rule.in_order, alike, 0)


def _in_any_order(
    texts: Texts, left: Sequence[int], right: Sequence[int], rule: Rule
) -> np.ndarray:
    alike = texts.in_any_order(left, right)
    near = alike >= rule.in_any_order
    if rule.ranked and (near & (alike < SURE_COSINE)).any():
        mine = np.array([len(texts.original[i]) >= LEAST_RANKED for i in left])
        theirs = np.array([len(texts.republished[j]) >= LEAST_RANKED for j in right])
        ranked = (texts.ranked(left, right) >= RANKED) & mine[:, None] & theirs
        near &= (alike >= SURE_COSINE) | ranked
    return np.where(near, alike, 0)


def _best(gain: np.ndarray, left: Sequence[int], right: Sequence[int]) -> list[tuple[int, int]]:
    """Pair texts so that the sum of similarities is highest; 0 is no pair."""
    from scipy.optimize import linear_sum_assignment

    found = zip(*linear_sum_assignment(gain, maximize=True), strict=True)
    return [(left[r], right[c]) for r, c in found if gain[r, c] > 0]


Group = tuple[tuple[int, ...], tuple[int, ...]]


def _joined(
    texts: Texts, groups: list[Group], numbers: tuple[Sequence[int], Sequence[int]]
) -> list[Group]:
    """Add to each match the neighbors left over that it holds too: parts of a split or a merge."""
    for side in (0, 1):
        taken = {number: g for g, group in enumerate(groups) for number in group[side]}
        for number in [*numbers[side], *reversed(numbers[side])]:  # from above and from below
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
