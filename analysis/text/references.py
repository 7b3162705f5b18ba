"""What "it", "the plan" and "she" stand for, in clear cases.

Three rules. "The plan", "this law" or "the mayor's plan" stands for the first target that is no
name, where the text named it before. "It", as the subject that opens a sentence ("It is a terrible
idea", "It would choke supply"), stands for the only such target in the sentence before. "He" and
"she" stand for the one person named shortly before whom the pronoun fits.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING

from analysis.text.marks import Span
from analysis.text.nlp import parsed
from analysis.text.nouns import STAND_INS
from analysis.text.speakers import names_in
from analysis.text.targets import mention_pattern
from analysis.types import Article, Block, Kind, Target

if TYPE_CHECKING:
    from spacy.tokens import Span as Sentence
    from spacy.tokens import Token

References = dict[str, list[Span]]
READ = (Kind.TITLE, Kind.CAPTION, Kind.PARAGRAPH, Kind.COMMENTARY)
NEAR = 400  # characters in which a pronoun's person was named
GENDERS = {"he": "m", "she": "f", "him": "m", "his": "m", "her": "f"}
EMPTY = frozenset(
    "pity shame time fact truth wonder day year question matter case surprise part job duty "
    "way place reason lot sign".split()
)  # "It is a pity that …" speaks of nothing before
_DEFINITE = frozenset({"the", "this", "that", "his", "her", "their", "its"})


def references(article: Article, targets: Sequence[Target]) -> References:
    """Return by target's name the spans, in the raw text, of words that stand for it."""
    return _References(article, targets).found()


class _References:
    def __init__(self, article: Article, targets: Sequence[Target]) -> None:
        self.article, self.names = article, names_in(article)
        people = set(self.names.full.values())
        self.people = {t.name for t in targets if t.name in people}
        self.things = [t for t in targets if t.name not in people]
        self.subjects = [t for t in self.things if t.name[:1].islower()]
        self.spans: References = {t.name: [] for t in targets}

    def found(self) -> References:
        docs = parsed(self.article)
        for block in self.article.of_kind(*READ):
            before = ""
            for offset, doc in docs[block.block_id]:
                for sentence in doc.sents:
                    self._read(block, offset, sentence, before)
                    before = sentence.text
        return self.spans

    def _read(self, block: Block, offset: int, sentence: Sentence, before: str) -> None:
        for token in sentence:
            at = offset + token.idx
            name = self._plan(token, at) or self._person(token, at)
            if token.lower_ == "it" and token.i - sentence.start < 2 and _is_subject(token):
                name = name or self._thing(before)
            if name:
                self.spans[name].append((at, at + len(token)))

    def _plan(self, token: Token, at: int) -> str:
        """Return the target of "the plan" and "the mayor's plan"."""
        subject = self.subjects[0] if self.subjects else None
        if subject is None or token.lemma_.lower() not in STAND_INS or token.tag_ != "NN":
            return ""
        lefts = [t for t in token.lefts if t.dep_ != "case"]
        pointing = [t for t in lefts if t.dep_ == "poss" or t.lower_ in _DEFINITE]
        own = any(t.dep_ == "prep" and t.lower_ in ("of", "for", "to") for t in token.rights)
        if not pointing or len(lefts) > 1 or own or token.lower_ in subject.name.lower().split():
            return ""
        return subject.name if self.subject_named <= at else ""

    @cached_property
    def subject_named(self) -> float:
        """Where the first mention of the first target that is no name ends."""
        named = mention_pattern(self.subjects[0]).search(self.article.raw)
        return named.end() if named else inf

    def _thing(self, before: str) -> str:
        """Return the only target in the sentence before, or the first that is no name."""
        named = [t for t in self.things if mention_pattern(t).search(before)]
        subjects = [t for t in named if t in self.subjects]
        only = subjects if len(subjects) == 1 else named
        return only[0].name if len(only) == 1 else ""

    def _person(self, token: Token, at: int) -> str:
        """Return the one person named shortly before whom a pronoun fits."""
        gender = GENDERS.get(token.lower_)
        if gender is None or not self.people:
            return ""
        mentions = self.names.mentions
        first, last = (bisect_left(mentions, (place,)) for place in (at - NEAR, at))
        near = {who for _, who, _ in mentions[first:last]}
        fitting = [who for who in near if self.names.fits(who, gender) >= 0]
        return fitting[0] if len(fitting) == 1 and fitting[0] in self.people else ""


def _is_subject(token: Token) -> bool:
    """Return whether "it" is a subject with a meaning: not of "it rains", "it is clear that"."""
    verb = token.head
    if token.dep_ != "nsubj":
        return False
    if verb.lemma_ == "be":
        said = next((c for c in verb.children if c.dep_ == "attr"), None)
        return said is not None and said.pos_ == "NOUN" and said.lemma_.lower() not in EMPTY
    helped = any(c.tag_ == "MD" for c in verb.children)
    return helped and not re.match(r"(?:seem|appear|rain|snow|take|turn|happen)$", verb.lemma_)
