"""The words that the report uses in a sense of its own, each explained where it stands."""

import re

from markupsafe import Markup, escape

from analysis.html.page import macro

GLOSSES = {
    "agrees": "the comment takes the side of the passage it answers",
    "disagrees": "the comment contradicts the passage it answers, or what it stands for",
    "neutral": "the comment adds context, asks, or does both in balance",
    "unclear": "no label: the program was not sure, no passage is answered, or two scorers differ",
    "stance": "where one text stands toward one name or idea: for it, against it, or neither",
    "target": "a name or short proposition that a text can take sides toward",
    "derived": "the target is not named; the comment’s response and its passage imply the stance",
    "confidence": "the share of labels with this value that were right in tests, from 0 to 1",
    "stance score": "the probability of for minus that of against, from −1 to 1",
    "difference": "the comments’ mean stance score minus the author’s, from −2 to 2",
    "interval": "the range in which the true value probably lies; if 0 is in it, no side is shown",
    "loaded": "worded to judge rather than to report",
    "segment": "a sentence, or a part of one, in one voice",
    "scorer": "the program that reads the texts and assigns the labels",
}
_TERMS = re.compile(
    rf"\b({'|'.join(sorted(map(re.escape, GLOSSES), key=len, reverse=True))})(s?)\b", re.IGNORECASE
)


def glossed(text: str) -> Markup:
    """Return a text with the first mention of each word of the glossary explained on demand."""
    met: set[str] = set()
    pieces, at = [], 0
    for match in _TERMS.finditer(text):
        key = match[1].lower()
        if key not in met:
            met.add(key)
            term = macro("glossary.html.j2", "term")(match[0], key.replace(" ", "-"), GLOSSES[key])
            pieces += [escape(text[at : match.start()]), term]
            at = match.end()
    return Markup("").join([*pieces, escape(text[at:])])
