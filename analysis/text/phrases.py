"""Noun phrases in spaCy's parse: their words, their head, and where they stand.

Two names match where all content words of one are in the other and their heads are equal; a bare
head ("government") matches no longer name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from analysis.text.nlp import pipeline

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

NOUNS = frozenset({"NOUN", "PROPN"})
MEASURES = frozenset("DATE TIME PERCENT MONEY QUANTITY CARDINAL ORDINAL".split())  # entity labels
MOST_WORDS = 5  # content words of a phrase; longer ones are mostly misread
LINKS = frozenset("of on for against".split())
BARRING = frozenset("ban tax cap boycott sanction blockade".split())  # "to ban cars": ban on cars
_NO_CONTENT = frozenset("DET PRON PUNCT PART ADP CCONJ SYM SPACE".split())
_NEVER_FIRST = _NO_CONTENT | frozenset("NUM ADV INTJ AUX".split())
_LOOSE = frozenset(
    "such other same own many few several last next first second more most less least whole entire "
    "very only another certain mere former latter then latest new old good bad great little much "
    "any some all both half further similar".split()
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase without determiners: its span in the document, content words and head.

    `words` and `head` are lemmas; `token` is the head; `linked` tells whether a preposition joins
    its parts ("ban on cars").
    """

    start: int
    end: int
    text: str
    head: str
    words: frozenset[str]
    token: Token
    linked: bool = False

    @property
    def proper(self) -> bool:
        """Whether it is a name."""
        return self.token.pos_ == "PROPN" and self.text[:1].isupper()


def phrases(doc: Doc) -> list[Phrase]:
    """Return a document's noun phrases, those inside others among them, each span once."""
    found: dict[tuple[int, int], Phrase] = {}
    for tokens, linked in _candidates(doc):
        phrase = _phrase(tokens, linked)
        if phrase is not None:
            found.setdefault((phrase.start, phrase.end), phrase)
    return [*found.values(), *_measures_taken(doc)]


def _measures_taken(doc: Doc) -> Iterator[Phrase]:
    """Yield "ban on cars" for "to ban cars", under the span of those words."""
    for verb in doc:
        if verb.lemma_ not in BARRING or verb.pos_ != "VERB":
            continue
        thing = next((t for t in verb.children if t.dep_ == "dobj" and t.pos_ in NOUNS), None)
        if thing is None or thing.i < verb.i:
            continue
        tokens = _trimmed([t for t in thing.subtree if t.i <= thing.i])
        inner = _phrase(tokens, linked=True) if tokens else None
        if inner is not None:
            words = inner.words | {verb.lemma_}
            text = f"{verb.lemma_} on {inner.text}"
            yield Phrase(verb.idx, inner.end, text, verb.lemma_, words, verb, linked=True)


def _candidates(doc: Doc) -> Iterator[tuple[list[Token], bool]]:
    """Yield chunks, their owners, their cores without adjectives, and what a preposition adds."""
    for chunk in doc.noun_chunks:
        root = chunk.root
        if root.pos_ not in NOUNS or root.ent_type_ in MEASURES:
            continue
        tokens = _trimmed(list(chunk))
        yield tokens, False
        for token in tokens:
            if token.dep_ == "poss" and token.pos_ in NOUNS:
                yield _trimmed([t for t in token.subtree if t.i <= token.i]), False
        core = (n for n, t in enumerate(tokens) if t.pos_ in NOUNS and t.dep_ != "poss")
        yield tokens[next(core, 0) :], False
        for link in root.children:
            if link.dep_ == "prep" and link.lower_ in LINKS and link.i <= root.i + 2:
                yield from _linked(tokens, link)
    for entity in doc.ents:
        if entity.label_ not in MEASURES:
            yield _trimmed(list(entity)), False


def _linked(tokens: list[Token], link: Token) -> Iterator[tuple[list[Token], bool]]:
    """Yield "ban on cars" for "a ban" and "on"."""
    thing = next((t for t in link.children if t.dep_ == "pobj" and t.pos_ in NOUNS), None)
    if thing is None or thing.ent_type_ in MEASURES:
        return
    behind = _trimmed([t for t in thing.subtree if t.i <= thing.i])
    if tokens and 0 < len(behind) < MOST_WORDS:
        yield [*tokens, link, *behind], True


def _trimmed(tokens: list[Token]) -> list[Token]:
    """Cut determiners, numerals and vague adjectives before a phrase, and marks behind it."""
    first, last = 0, len(tokens)
    while first < last and (
        not tokens[first].text[0].isalnum()
        or tokens[first].pos_ in _NEVER_FIRST
        or tokens[first].lower_ in _LOOSE
        or tokens[first].tag_ in ("VB", "VBD", "VBP", "VBZ", "MD")
    ):
        first += 1
    while last > first and tokens[last - 1].pos_ in ("PUNCT", "PART", "SPACE"):
        last -= 1
    return tokens[first:last]


def _phrase(tokens: Sequence[Token], linked: bool) -> Phrase | None:
    head = _head(tokens)
    words = _content(tokens)
    if head is None or not 0 < len(words) <= MOST_WORDS or not any(map(str.isalpha, head.text)):
        return None
    start, end = tokens[0].idx, tokens[-1].idx + len(tokens[-1])
    text = " ".join(head.doc[tokens[0].i : tokens[-1].i + 1].text.split())
    return Phrase(start, end, text, lemma(head), words, head, linked)


def _head(tokens: Sequence[Token]) -> Token | None:
    """Return the last noun before a preposition: the head of an English noun phrase."""
    link = next((n for n, t in enumerate(tokens) if n and t.pos_ == "ADP"), len(tokens))
    nouns = [t for t in tokens[:link] if t.pos_ in NOUNS]
    content = [t for t in tokens[:link] if t.pos_ not in _NO_CONTENT]
    return (nouns or content or [None])[-1]


def _content(tokens: Sequence[Token]) -> frozenset[str]:
    return frozenset(lemma(t) for t in tokens if t.pos_ not in _NO_CONTENT)


def lemma(token: Token) -> str:
    """Return a word's lemma in small letters; a name's plural is cut, as spaCy leaves it."""
    word = token.lemma_.lower()
    if token.pos_ != "PROPN" and word != token.lower_:
        return word
    word = token.lower_ if token.pos_ == "PROPN" else word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    plural = word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3
    return word[:-1] if plural else word


@lru_cache(maxsize=4096)
def name_parts(name: str) -> tuple[str, frozenset[str]]:
    """Return the head and the content words of a name as lemmas; the head is empty for none."""
    tokens = list(pipeline()(name, disable=["parser", "ner"]))
    head = _head(tokens)
    return (lemma(head) if head is not None else "", _content(tokens))


def same_parts(one: tuple[str, frozenset[str]], other: tuple[str, frozenset[str]]) -> bool:
    """Return whether two names match, each as head and content words; see the module."""
    short, long = sorted((one[1], other[1]), key=len)
    bare = len(short) == 1 < len(long)
    return one[0] == other[0] and bool(short) and short <= long and not bare
