"""Line openings that look like the markers of commentary, and are none that is known."""

from collections import Counter

from analysis.readers.markers import REPEATED, opening
from analysis.types import Article, Kind

# What opens lines of a page's furniture.
_FURNITURE = frozenset(
    """photo photos image picture video audio source sources credit caption figure table chart
    map graphic tags topics tip hint note correction advertisement contact about date time
    place""".split()
)
_FURNITURE_PHRASES = ("read", "see", "also", "related", "watch", "listen")


def unknown_openings(article: Article) -> list[tuple[str, int]]:
    """Return the repeated openings of paragraphs that look like commentary, the commonest first.

    Such an opening (`Rebuttal:`) follows at least three different paragraphs that have no repeated
    opening of their own, as the lines of an interview or a play have.

    Returns:
        Each opening as it first stands in the text, with how often it does.
    """
    blocks = article.of_kind(Kind.PARAGRAPH)
    openings = [opening(block.text) for block in blocks]
    counted = Counter(filter(None, openings))
    above: dict[str, set[str]] = {}
    shown: dict[str, str] = {}
    for number, own in enumerate(openings):
        if not own or own.split()[0] in _FURNITURE_PHRASES or own in _FURNITURE:
            continue
        shown.setdefault(own, blocks[number].text.partition(":")[0].strip("*_#>[( "))
        if number and counted[openings[number - 1]] < 2:
            above.setdefault(own, set()).add(blocks[number - 1].text)
    found = [(shown[own], counted[own]) for own, texts in above.items() if len(texts) >= REPEATED]
    return sorted(found, key=lambda pair: -pair[1])


def openings_line(article: Article) -> str:
    """Return what to do about such openings, in one line; empty where there are none."""
    found = unknown_openings(article)
    if not found:
        return ""
    named = ", ".join(f"`{text}:` ×{count}" for text, count in found)
    markers = " ".join(f'-p markers "{text}:"' for text, _ in found)
    return f"looks like commentary: {named}; rerun with {markers}"
