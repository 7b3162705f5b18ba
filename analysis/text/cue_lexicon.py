"""The lexicon of loaded language, and its matches in a parsed document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from analysis.paths import PACKAGE_DATA
from analysis.text.nlp import pipeline
from analysis.yaml_files import package_yaml

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

CUES = PACKAGE_DATA / "language_cues.yaml"
REACH = 4  # tokens between a reporting verb and the marks around its content


class CueKind(StrEnum):
    """What a cue of loaded language is; `language_cues.yaml` says what each kind holds."""

    LOADED = "loaded"
    LABEL = "label"
    INTENSIFIER = "intensifier"
    US_THEM = "us_them"
    SCARE_QUOTES = "scare_quotes"
    RHETORICAL_QUESTION = "rhetorical_question"
    AGENTLESS_PASSIVE = "agentless_passive"
    HEDGE = "hedge"
    FACTIVE = "factive"
    ASSERTIVE = "assertive"
    ATTRIBUTION_NEUTRAL = "attribution_neutral"
    ATTRIBUTION_DOUBTING = "attribution_doubting"
    ATTRIBUTION_CONCEDING = "attribution_conceding"
    ATTRIBUTION_COMMITTING = "attribution_committing"


# Dependents that make a verb or noun one of saying, knowing or doubting; for a hedge also those
# of "seems odd". "Forgot to go" presupposes nothing, so a factive needs a full clause.
_CLAUSES = {
    CueKind.FACTIVE: frozenset({"ccomp"}),
    CueKind.HEDGE: frozenset({"ccomp", "xcomp", "acomp", "oprd"}),
}
_CLAUSE = frozenset({"ccomp", "xcomp", "acl"})


@dataclass(frozen=True, slots=True)
class _Entry:
    """A word or phrase of one kind; with kind None, a phrase that must not count."""

    words: tuple[str, ...]
    kind: CueKind | None
    pos: frozenset[str] = frozenset()
    clause: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Entries by first word, and the exceptions for passives and scare quotes."""

    by_first: Mapping[str, tuple[_Entry, ...]]
    passive_except: frozenset[str]
    naming_words: frozenset[str]


def words_in(doc: Doc) -> Iterator[tuple[int, int, CueKind]]:
    """Yield the matches as (start, end, kind), longest first; no token matches twice."""
    known, i = lexicon(), 0
    while i < len(doc):
        entry = next((e for e in _starting(known, doc[i]) if _matches(doc, i, e)), None)
        if entry is not None and entry.kind is not None:
            span = doc[i : i + len(entry.words)]
            yield span.start_char, span.end_char, entry.kind
        i += len(entry.words) if entry else 1


def _starting(known: Lexicon, token: Token) -> list[_Entry]:
    forms = {_lower(token), token.lemma_.lower()} & known.by_first.keys()
    entries = [e for form in sorted(forms) for e in known.by_first[form]]
    return sorted(entries, key=lambda e: -len(e.words))


def _matches(doc: Doc, i: int, entry: _Entry) -> bool:
    """Return whether an entry that has the first word matches there."""
    size = len(entry.words)
    if i + size > len(doc):
        return False
    following = zip(entry.words[1:], range(i + 1, i + size), strict=True)
    if any(word not in (_lower(doc[n]), doc[n].lemma_.lower()) for word, n in following):
        return False
    if entry.kind is None:
        return True
    head = doc[i : i + size].root if size > 1 else doc[i]
    if entry.pos and size == 1 and head.pos_ not in entry.pos:
        return False
    return not entry.clause or _opens_clause(head, _CLAUSES.get(entry.kind, _CLAUSE))


def _lower(token: Token) -> str:
    return token.lower_.replace("’", "'")


def _opens_clause(token: Token, clauses: frozenset[str]) -> bool:
    """Return whether a word governs a clause, or stands by text in quotation marks."""
    if any(child.dep_ in clauses for child in token.children):
        return True
    if "xcomp" not in clauses or token.dep_ == "amod":  # factives govern no marked text
        return False
    near = token.doc[max(0, token.i - REACH) : token.i + REACH]
    return token.dep_ == "parataxis" or any(t.is_quote and t.sent == token.sent for t in near)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Return the lexicon of `language_cues.yaml`, read once."""
    table = package_yaml(CUES.name)
    by_first: dict[str, list[_Entry]] = {}
    for group in table["groups"]:
        kind, clause = CueKind(group["kind"]), group.get("clause", False)
        pos = frozenset(group.get("pos", ()))
        listed = [*group.get("words", "").split(), *group.get("phrases", ())]
        entries = [_Entry(_pieces(text), kind, pos, clause) for text in listed]
        entries += [_Entry(_pieces(text), None) for text in group.get("but_not", ())]
        for entry in entries:
            by_first.setdefault(entry.words[0], []).append(entry)
    return Lexicon(
        {first: tuple(entries) for first, entries in by_first.items()},
        frozenset(table["passive_except"].split()),
        frozenset(table["naming_words"].split()),
    )


def _pieces(text: str) -> tuple[str, ...]:
    """Tokenize an entry as spaCy does, so that "so-called" is three tokens in both."""
    return tuple(token.lower_ for token in pipeline().tokenizer(text))
