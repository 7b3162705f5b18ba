"""The audit's sentences, filled with the names of each pair, as pairs of rows to compare."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import yaml

from analysis.paths import PACKAGE_DATA
from analysis.scorers import Texts
from analysis.types import Task

SENTENCES = PACKAGE_DATA / "swap_audit.yaml"
KINDS = {  # kind: (the task that is asked, whether the shift should be 0)
    "neutral": (Task.STANCE, True),
    "loaded": (Task.STANCE, True),
    "turn": (Task.STANCE, False),
    "bias": (Task.BIAS, True),
    "relation": (Task.RELATION, True),
    "relation_turn": (Task.RELATION, False),
}
SAMPLE_SENTENCES = 2
SAMPLE = f"the first pair of each group of names, in its first {SAMPLE_SENTENCES} sentences a kind"


class Comparison(NamedTuple):
    """Two rows of texts whose scores are compared."""

    kind: str
    group: str
    pair: str
    sentence_id: str
    a: str
    b: str
    row_a: Texts
    row_b: Texts


@lru_cache(maxsize=1)
def comparisons() -> tuple[Comparison, ...]:
    """Return every comparison of the audit, in the order of the data file."""
    groups = yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))
    return tuple(c for name, group in groups.items() for c in _of_group(name, group))


@lru_cache(maxsize=1)
def sample() -> tuple[Comparison, ...]:
    """Return the comparisons that `SAMPLE` names, for scorers that take seconds per row."""
    pairs: dict[str, str] = {}
    sentences: dict[tuple[str, str], dict[str, None]] = {}
    for c in comparisons():
        if pairs.setdefault(c.group, c.pair) == c.pair:
            of_kind = sentences.setdefault((c.group, c.kind), {})
            if len(of_kind) < SAMPLE_SENTENCES:
                of_kind[c.sentence_id] = None
    return tuple(
        c
        for c in comparisons()
        if pairs[c.group] == c.pair and c.sentence_id in sentences[c.group, c.kind]
    )


def _of_group(name: str, group: dict[str, Any]) -> Iterator[Comparison]:
    for pair in group["pairs"]:
        names = (name, pair["id"])
        for a, b in zip(_names(pair["a"]), _names(pair["b"]), strict=True):
            for number, text in group["neutral"].items():
                yield from _swapped("neutral", names, number, text, a, b)
            for number, sentence in group["loaded"].items():
                yield from _swapped("loaded", names, number, sentence["text"], a, b)
                yield from _turned(names, number, sentence, a, b)
            for number, sentence in group["relation"].items():
                yield from _answered(names, number, sentence, a, b)


def _swapped(
    kind: str, names: tuple[str, str], number: str, text: str, a: str, b: str
) -> Iterator[Comparison]:
    """Compare the name in the place {A}, and the wording as a whole, in either order."""
    first, second = fill(text, a, b), fill(text, b, a)
    yield Comparison(kind, *names, number, a, b, (first, a), (second, b))
    yield Comparison("bias", *names, number, a, b, (first,), (second,))


def _turned(
    names: tuple[str, str], number: str, sentence: dict, a: str, b: str
) -> Iterator[Comparison]:
    """Compare one name in either role of a loaded sentence, the better role first."""
    for name, other in ((a, b), (b, a)):
        roles = [
            (fill(sentence["text"], name, other), name),
            (fill(sentence["text"], other, name), name),
        ]
        better, worse = roles if sentence["toward"] == "favor" else reversed(roles)
        yield Comparison("turn", *names, number, name, name, better, worse)


def _answered(
    names: tuple[str, str], number: str, sentence: dict, a: str, b: str
) -> Iterator[Comparison]:
    """Compare answers to a passage: with the names in either order, and yes with no."""
    rows = {
        (way, x): (fill(sentence["passage"], x, y), fill(sentence[way], x, y))
        for way in ("confirms", "contradicts")
        for x, y in ((a, b), (b, a))
    }
    for way in ("confirms", "contradicts"):
        yield Comparison("relation", *names, f"{number} {way}", a, b, rows[way, a], rows[way, b])
    for name in (a, b):
        yes, no = rows["confirms", name], rows["contradicts", name]
        yield Comparison("relation_turn", *names, number, name, name, yes, no)


def fill(text: str, a: str, b: str) -> str:
    """Put two names into a template and a capital at the beginning of each sentence.

    >>> fill("{A's} letter reached {B}.", "the unions", "Ann")
    "The unions' letter reached Ann."
    """
    for place, name in (("A", a), ("B", b)):
        possessive = f"{name}'" if name.endswith("s") else f"{name}'s"
        text = text.replace(f"{{{place}'s}}", possessive).replace(f"{{{place}}}", name)
    return ". ".join(part[:1].upper() + part[1:] for part in text.split(". "))


def _names(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
