"""Changes of wording for made rows: cutting, leading in, quoting, and turning facts around."""

import re

import numpy as np

from training import phrases

# The seed's subject stays out of the made rows, so that it remains a fair test.
SEED_SUBJECT = re.compile(r"\b(crimea|nato|ukrain|donbas|stoltenberg|putin|kremlin)", re.I)
NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d+\b")
VERB = re.compile(r"\b(is|are|was|were|has|have|will|would|can|could|should|does|did)\b(?! not)")


def sentences(text: str) -> list[str]:
    """Split a text at sentence ends, roughly; only pieces of 25 to 300 characters."""
    pieces = re.split(r"(?<=[.!?])[\"”']?\s+(?=[A-Z\"“'])", text)
    return [piece for piece in pieces if 25 <= len(piece) <= 300]


def some(text: str, rng: np.random.Generator, most: int) -> str:
    """Return up to `most` neighbouring sentences of a text."""
    pieces = sentences(text) or [text[:300]]
    start = int(rng.integers(max(1, len(pieces) - most + 1)))
    return " ".join(pieces[start : start + int(rng.integers(1, most + 1))])


def lowered(text: str) -> str:
    """Return a clause fit to follow a lead: its first letter small unless it is a name."""
    first = text.split(" ", 1)[0]
    plain = first.lower() in _SMALL
    return text[0].lower() + text[1:] if plain else text


_SMALL = frozenset(
    [
        "the",
        "a",
        "an",
        "this",
        "that",
        "these",
        "those",
        "it",
        "he",
        "she",
        "they",
        "we",
        "in",
        "on",
        "at",
        "for",
        "as",
        "if",
        "when",
        "while",
        "there",
        "many",
        "some",
        "most",
        "all",
        "no",
        "not",
        "but",
        "and",
        "since",
        "after",
        "before",
        "by",
        "with",
        "from",
        "what",
        "who",
        "our",
        "their",
        "his",
        "her",
        "its",
        "my",
        "your",
        "one",
        "more",
        "even",
        "such",
        "people",
        "because",
        "although",
        "however",
        "to",
        "under",
        "over",
    ]
)


def contrary(text: str, rng: np.random.Generator) -> str | None:
    """Return a statement with one fact changed: a number, word, name or negation."""
    ways = [_other_number, _other_word, _negated]
    for i in rng.permutation(len(ways)):
        changed = ways[i](text, rng)
        if changed and changed != text:
            return changed
    return None


def _other_number(text: str, rng: np.random.Generator) -> str | None:
    found = list(NUMBER.finditer(text))
    if not found:
        return None
    match = found[rng.integers(len(found))]
    value = float(re.sub(r"[^\d.]", "", match[0]).strip(".") or 0)
    if 1000 <= value <= 2100 and "," not in match[0]:
        new = str(int(value) + int(rng.choice([-30, -12, -5, -3, 2, 4, 11, 25])))
    else:
        scaled = value * float(rng.choice([0.1, 0.3, 0.5, 1.5, 2.0, 3.0, 10.0]))
        new = f"{scaled:,.1f}" if "." in match[0] else f"{max(1, round(scaled)):,}"
    return text[: match.start()] + new + text[match.end() :]


def _other_word(text: str, rng: np.random.Generator) -> str | None:
    words = text.split(" ")
    places = [i for i, word in enumerate(words) if word.strip(".,;:!?") in _CONTRARY]
    if not places:
        return None
    place = places[rng.integers(len(places))]
    bare = words[place].strip(".,;:!?")
    words[place] = words[place].replace(bare, _CONTRARY[bare])
    return " ".join(words)


_PAIRS = [pair.split() for pair in phrases.CONTRARY]
_CONTRARY = dict(_PAIRS) | {b: a for a, b in _PAIRS}


def _negated(text: str, rng: np.random.Generator) -> str | None:
    if re.search(r"\b(not|never)\b ", text):
        return re.sub(r"\b(not|never)\b ", "", text, count=1)
    return VERB.sub(r"\1 not", text, count=1) if VERB.search(text) else None


def quoted(passage: str, rng: np.random.Generator) -> str:
    """Return a few neighbouring words of a passage."""
    words = passage.split()
    size = int(rng.integers(1, 8))
    start = int(rng.integers(max(1, len(words) - size)))
    return " ".join(words[start : start + size]).strip(".,;:\"'“”")
