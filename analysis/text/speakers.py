"""Speaker names: without title, in their fullest form, and resolved from pronouns."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from analysis.text.aliases import Aliases, index_of
from analysis.text.marks import inside, name_key, quoted_spans
from analysis.text.nlp import parsed_blocks
from analysis.types import Article, Kind
from analysis.yaml_files import package_yaml

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

PRONOUNS = frozenset("he she they it i we who him her them".split())

LOOKBACK = 12  # mentions before a pronoun
NEAR = 4  # of these, mentions in which a sure match beats a nearer possible one
NAME_VOTES = 3  # weight of a first name, in pronouns

_TITLES = frozenset(
    "mr mrs ms miss dr prof professor president minister secretary general sir lord lady dame "
    "judge justice captain colonel chancellor senator governor mayor councillor council leader "
    "prime foreign defence defense vice deputy chief chair chairman chairwoman director head "
    "spokesman spokeswoman spokesperson king queen prince princess pope bishop archbishop".split()
)
_PARTS = frozenset({"compound", "amod", "det", "poss", "nmod", "nummod", "quantmod"})
_NOUNS = frozenset({"NOUN", "PROPN"})
_BODIES = frozenset(
    "agency association authority bank board bureau club college commission committee company "
    "council court department dewan federation foundation fund group house inc institute "
    "ltd ministry office organisation organization parliament party police point press school "
    "senate services society times trust union university".split()
)
_GENDER = {"he": "m", "him": "m", "his": "m", "she": "f", "her": "f", "hers": "f"}
_LETTERS = frozenset({"KC", "QC", "MP", "MPs", "MEP", "MSP", "PhD", "MD", "OBE", "CBE"})


def speaker_name(subject: Token) -> str:
    """Return a subject's name without title, or its noun phrase without modifiers."""
    doc = subject.doc
    named = next((c for c in subject.children if c.dep_ == "appos" and c.pos_ == "PROPN"), None)
    if subject.pos_ != "PROPN" and named is not None:
        subject = named  # "the captain, Leonard Passmore, …"
    if subject.pos_ == "PROPN":
        left = right = subject.i
        while left and doc[left - 1].lower_ not in _TITLES:
            if left > 1 and doc[left - 1].text in ("'", "’") and doc[left - 2].pos_ in _NOUNS:
                left -= 2  # "the Merchants' Guild"
                continue
            hyphen = left > 1 and doc[left - 1].text == "-" and doc[left - 2].pos_ == "PROPN"
            if not hyphen and doc[left - 1].pos_ != "PROPN":
                break
            left -= 2 if hyphen else 1
        while (
            right + 1 < len(doc) and doc[right + 1].pos_ == "PROPN" and not _apart(doc[right + 1])
        ):
            right += 1
        return doc[left : right + 1].text
    left = min((t.i for t in subject.children if t.dep_ in _PARTS), default=subject.i)
    named = [
        p.right_edge.i
        for p in subject.children
        if p.dep_ == "prep" and p.lower_ in ("of", "for") and p.i == subject.i + 1
    ]
    right = named[0] if named and named[0] - subject.i < 6 else subject.i
    while right + 2 < len(doc) and doc[right + 1].text == "-" and not doc[right + 1].whitespace_:
        right += 2  # "the study's co-author"
    if left > 1 and doc[left - 1].text == "-" and not doc[left - 1].whitespace_:
        left -= 2
    return doc[min(left, subject.i) : right + 1].text


def _apart(token: Token) -> bool:
    return token.dep_ not in ("compound", "flat", "nsubj", "pobj", "appos", "dobj")


class Names:
    """The fullest form of each name in an article, with a simple resolution of pronouns.

    A pronoun with exactly one person named in its sentence, or in the nearest one before, votes for
    that person's gender. A speaking pronoun resolves to the last person named whose votes fit.
    """

    def __init__(self, article: Article) -> None:
        """Read the names in an article."""
        docs = list(parsed_blocks(article, Kind.PARAGRAPH, Kind.CAPTION, Kind.TITLE))
        self.full: dict[str, str] = {}
        self.mentions: list[tuple[int, str, bool]] = []  # where, full name, whether a subject
        self.votes: dict[str, dict[str, float]] = {}
        people: list[str] = []
        for _, _, doc in docs:
            for name in map(bare_name, _people(doc)):
                if len(name.split()) > 1:
                    self.full.setdefault(name.split()[-1], name)
                    people.append(name)
        # two people may have one last name ("Bill" and "Hillary"); alone it means the first
        others = {n for n in people if n[0] != self.full[n.split()[-1]][0]}
        self.people = frozenset(self.full.values()) | others
        for _, offset, doc in docs:
            last: list[list[str]] = [[], []]
            marked = quoted_spans(doc.text)
            for sentence in doc.sents:
                last.append(self._read(offset, sentence, marked, last[-1] or last[-2]))
        self.mentions.sort()

    def _read(self, offset: int, sentence: Span, marked: list, before: list[str]) -> list[str]:
        """Record the people named in a sentence outside marks and count its pronouns' votes."""
        here: list[str] = []
        for token in sentence:
            name = self.fullest(bare_name(speaker_name(token))) if _heads_name(token) else ""
            if name in self.people and not inside(token.idx, marked):
                subject = token.dep_ in ("nsubj", "nsubjpass", "appos")
                self.mentions.append((offset + token.idx, name, subject))
                here.append(name)
        people = list(dict.fromkeys(here or before))
        for token in sentence:
            gender = _GENDER.get(token.lower_)
            if gender and len(people) == 1 and not inside(token.idx, marked):
                votes = self.votes.setdefault(people[0], {"m": 0, "f": 0})
                votes[gender] += 1
        return here

    def fullest(self, name: str) -> str:
        """Return the fullest form of a name that the article gives."""
        last = name.split()[-1] if name else ""
        full = self.full.get(last, name)
        return full if name and full.endswith(name) else name

    def fits(self, name: str, gender: str) -> int:
        """Return 1 where votes and first name favor a gender, 0 without evidence, -1 against."""
        votes = dict(self.votes.get(name, {"m": 0, "f": 0}))
        first = _first_names().get(name.split()[0])
        if first and len(name.split()) > 1:
            votes[first] += NAME_VOTES
        other = "f" if gender == "m" else "m"
        return (votes[gender] > votes[other]) - (votes[gender] < votes[other])

    def of(self, speaker: str, end: int, before: list[tuple[int, str]]) -> str:
        """Return a speaker's fullest name; a pronoun resolves to the last person it fits.

        Args:
            speaker: the name as the attribution gives it.
            end: end of the quotation; later mentions are ignored.
            before: start and speaker of each earlier quotation.
        """
        name = bare_name(speaker)
        if name.lower() not in PRONOUNS:
            return self.fullest(name)
        gender = _GENDER.get(name.lower())
        spoke = next(
            (who for _, who in reversed(before) if who and who.lower() not in PRONOUNS), ""
        )
        if gender is None:
            several = name.lower() in ("it", "they")  # or a body: no person
            return name if several and spoke in self.people else spoke or name
        said = ((at, who, True) for at, who in reversed(before) if who in self.people)
        named = self.mentions[: bisect_left(self.mentions, (end,))][-LOOKBACK:]
        recent = sorted([*named, *islice(said, LOOKBACK)])[-LOOKBACK:]
        fitting = [(self.fits(who, gender), who) for _, who, _ in recent[::-1]]
        surely = next((who for fits, who in fitting[:NEAR] if fits > 0), None)
        maybe = next((who for fits, who in fitting if fits == 0), None)
        long_ago = next((who for fits, who in fitting if fits > 0), None)
        unlikely = spoke in self.people and self.fits(spoke, gender) < 0
        return surely or maybe or long_ago or ("" if unlikely else spoke) or name


@lru_cache(maxsize=4)
def names_in(article: Article) -> Names:
    """Return the names in an article, read once for all stages that ask for them."""
    return Names(article)


def _heads_name(token: Token) -> bool:
    following = token.doc[token.i + 1] if token.i + 1 < len(token.doc) else None
    return token.pos_ == "PROPN" and (following is None or following.pos_ != "PROPN")


def _people(doc: Doc) -> list[str]:
    """Return the full names of people in a document.

    The small pipeline tags many people as organizations, so a name of two or three words that is a
    subject or an apposition counts as well.
    """
    people = [e.text for e in doc.ents if e.label_ == "PERSON"]
    for token in doc:
        doing = token.dep_ in ("nsubj", "appos") or (token.dep_ == "ROOT" and token.i < 4)
        name = speaker_name(token) if _heads_name(token) and doing else ""
        first = name.split()[0] in _first_names() if name else False
        body = set(map(str.lower, name.split())) & _BODIES
        place = token.ent_type_ in ("GPE", "LOC") and not first
        if 2 <= len(name.split()) <= 3 and not body and not place:
            people.append(name)
    return people


@lru_cache(maxsize=1)
def _first_names() -> dict[str, str]:
    table = package_yaml("first_names.yaml")
    return {n: g for key, g in (("women", "f"), ("men", "m")) for n in table[key].split()}


def bare_name(name: str) -> str:
    """Return a name without leading titles and trailing post-nominal letters."""
    words = " ".join(name.split()).removesuffix("'s").removesuffix("’s").split()
    while len(words) > 1 and words[0].lower().rstrip(".") in _TITLES:
        del words[0]
    while len(words) > 1 and words[-1] in _LETTERS:
        del words[-1]
    return " ".join(words)


def merged_names(names: Iterable[str], table: Aliases) -> dict[str, str]:
    """Map each of an article's speakers to one name for all forms of it.

    Forms of one name are those of one entry of the alias table ("Moscow", "Russia"), those that
    differ by article, title, case or possessive, and a name or "the guild" that ends exactly one
    longer name ("Guild", "Merchants' Guild"). A name without another form stays as it is.
    """
    index = index_of(table)
    keys: dict[str, list[str]] = {}  # without article and title -> the names
    for name in names:
        if name and name.lower() not in PRONOUNS:
            keys.setdefault(plain_key(name), []).append(name)
    groups: dict[str, list[str]] = {}
    for key, forms in keys.items():
        definite = any(form != form.lower() or form.startswith("the ") for form in forms)
        longer = [other for other in keys if definite and other.endswith(f" {key}")]
        whole = longer[0] if len(longer) == 1 else key
        groups.setdefault(index.get(whole, whole), []).extend(forms)
    merged = {}
    for entry, forms in groups.items():
        one = entry if entry in table else max(forms, key=len)
        merged |= dict.fromkeys(forms, forms[0] if len(set(forms)) == 1 else one)
    return merged


def plain_key(name: str) -> str:
    """Return a name's normal form without article and title."""
    return re.sub(r"^(?:the|a|an) ", "", name_key(bare_name(name)))
