"""Quotation marks, words, and the normal form of names."""

import re
from collections.abc import Iterable

Span = tuple[int, int]

LONGEST = 3000  # characters in marks; bounds the search for a closing mark
MARKS = re.compile(
    r"(?<!\w)\"(?=\S)[^\"]+(?<=\S)\"|“[^”]+”|„[^“”]+[“”]|«[^»]+»"
    rf"|(?<!\w)‘(?=\S).{{1,{LONGEST}}}?(?<=\S)’(?!\w)"
    # an apostrophe for what is left out, as in '90s and rock 'n' roll, opens nothing
    rf"|(?<!\w)'(?!\d\ds\b|(?:n|em|tis|twas|til)\b)(?=\S).{{1,{LONGEST}}}?(?<=\S)'(?!\w)"
    # left open: continues in the next paragraph
    r"|(?<!\w)[\"“](?=\S)[^\"”]+$|^‘[^’]*(?:’\w[^’]*)*$",
    re.DOTALL,
)
WORD = re.compile(r"\w+(?:['’]\w+)?")
REACH = 80  # characters from a quotation's end to the verb of the sentence after it
STANDS_ALONE = re.compile(r"^[\"“„«‘'(\[]*[^\W\da-z_].*[.,?!…—][\"”“»’')\]]*$", re.DOTALL)
LEFT_OPEN = re.compile(r"^(?:[\"“][^\"”]*|‘(?:[^’]|’\w)*)$", re.DOTALL)


def quoted_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans in quotation marks, marks included."""
    return [match.span() for match in MARKS.finditer(text)]


def words(text: str) -> list[str]:
    """Return the words of a text, the unit of every rate and share."""
    return WORD.findall(text)


def overlap(one: Span, other: Span) -> bool:
    """Return whether two spans share a character."""
    return one[0] < other[1] and other[0] < one[1]


def merged(spans: Iterable[Span]) -> list[Span]:
    """Join the spans that overlap; returns them in text order."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start < out[-1][1]:
            start, last = out.pop()
            end = max(end, last)
        out.append((start, end))
    return out


def inside(at: int, spans: Iterable[Span]) -> bool:
    """Return whether a character lies within one of the spans, after its first."""
    return any(start < at < end for start, end in spans)


def is_title(text: str) -> bool:
    """Return whether the capitals suggest a title: “The Owl Who Could Not Count”."""
    found = [w for w in WORD.findall(text) if len(w) > 3]
    return bool(found) and sum(w[0].isupper() for w in found) >= 0.7 * len(found)


def name_key(name: str) -> str:
    """Return a name's normal form: case, white space and apostrophes folded."""
    return " ".join(name.replace("’", "'").casefold().split())
