"""Reporting verbs in spaCy's parse: speaker, cue, and the reported clause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.text.marks import REACH, inside, overlap
from analysis.text.nouns import POLICIES
from analysis.text.speakers import speaker_name

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

SPEECH_VERBS = frozenset(
    "accept acknowledge add admit allege announce answer argue ask assert caution claim "
    "comment complain concede conclude confirm contend continue counter declare deny "
    "disclose emphasise emphasize estimate exclaim explain insist joke maintain mention "
    "note observe post pledge predict promise quip recall reiterate remark repeat reply "
    "report respond reveal say shout state stress suggest swear tell testify tweet vow "
    "warn whisper write".split()
)
PHRASAL_VERBS = {"point": "out", "go": "on"}
REQUEST_VERBS = frozenset("ask urge tell warn order advise call implore beg".split())
GERUND_VERBS = frozenset("deny admit recall".split())
COMMISSIVE_VERBS = frozenset("promise vow pledge threaten".split())
LABELING_VERBS = frozenset(
    "call describe accuse dismiss denounce condemn reject label brand hail praise".split()
)
DESIRE_VERBS = frozenset("want demand hope wish".split())
WISH_VERBS = DESIRE_VERBS | {"promise"}
AUTHORS_OWN = frozenset("i we you one there which that what".split())
SILENT_VERBS = frozenset(  # that report nothing where they are negated
    "answer comment confirm disclose explain mention reply respond reveal say state tell".split()
)
NOBODY = frozenset("neither no nobody none".split())
CUES = SPEECH_VERBS | REQUEST_VERBS | LABELING_VERBS | DESIRE_VERBS
NOT_PEOPLE = frozenset(
    "sign sheet poster banner plaque study research rumour rumor evidence which that".split()
)
_CLOSING = frozenset({'"', "”", "’", "'", ",", "»"})
_INVERTED = frozenset({"dobj", "attr", "oprd", "npadvmod", "appos"})
_OPENING = frozenset({"that", "if", "whether"})
_WISHED = frozenset({"dobj", "xcomp", "ccomp"})


@dataclass(slots=True)
class ReportedSpeech:
    """A reporting verb or phrase: its speaker, its cue, and its content where the parse has it.

    A `wish` is what somebody wants, hopes or promises: their position, though nobody is quoted.
    """

    speaker: str
    cue: str
    at: int  # characters into the document
    sentence: tuple[int, int]
    contents: tuple[tuple[int, int], ...] = ()
    wish: bool = False


def reported_speech(doc: Doc, marked: list[tuple[int, int]]) -> list[ReportedSpeech]:
    """Return the reported speech in a document, fixed phrases first.

    Args:
        doc: one parsed paragraph.
        marked: its spans in quotation marks, in characters.
    """
    found = list(_fixed_phrases(doc))
    for cue in _cues(doc):
        said = _said(cue, marked)
        if said is not None and all(said.at != other.at for other in found):
            found.append(said)
    return found


def _cues(doc: Doc) -> list[Token]:
    return [
        t
        for t in doc
        if t.pos_ in ("VERB", "AUX")
        and (t.lemma_.lower() in CUES or (t.lemma_ in PHRASAL_VERBS and _particle(t) is not None))
    ]


def _particle(cue: Token) -> Token | None:
    """Return the particle of "points out" and "went on"."""
    behind = cue.doc[cue.i + 1] if cue.i + 1 < len(cue.doc) else None
    return behind if behind is not None and behind.lower_ == PHRASAL_VERBS.get(cue.lemma_) else None


def _said(cue: Token, marked: list[tuple[int, int]]) -> ReportedSpeech | None:
    """Return speaker and content of a reporting verb, from the parse."""
    subject = _subject(cue)
    if subject is not None and inside(subject.idx, marked) and not inside(cue.idx, marked):
        subject = _beside(cue)  # the parser took a word of the quotation
    if subject is None or subject.lemma_.lower() in NOT_PEOPLE:
        return None
    if cue.dep_ == "acl" and cue.tag_ == "VBN":
        return None  # "the method called X" names something, and nobody speaks
    contents = _contents(cue, subject, marked)
    if _negated(cue, subject):  # "did not say whether …": only what stands in marks was said
        contents = [span for span in contents if any(overlap(span, mark) for mark in marked)]
        if not contents:
            return None
    if not contents and cue.lemma_.lower() not in SPEECH_VERBS and _particle(cue) is None:
        return None
    span = (cue.sent.start_char, cue.sent.end_char)
    name = _with_others(subject)
    return ReportedSpeech(name, _cue_text(cue), cue.idx, span, tuple(contents), _is_wish(cue))


def _negated(cue: Token, subject: Token) -> bool:
    """Return whether nobody says it: "would not say", "never said", "nobody said"."""
    if cue.lemma_.lower() not in SILENT_VERBS:
        return False
    if subject.lower_ in NOBODY or any(c.lower_ in NOBODY for c in subject.children):
        return True
    denying = [c for c in cue.children if c.dep_ == "neg" or c.lower_ == "never"]
    return any(c.i < cue.i and c.nbor().lower_ not in ("only", "just") for c in denying)


def _with_others(subject: Token) -> str:
    """Return the speaker's name with those who speak along: "Halabi and her colleagues"."""
    name = speaker_name(subject)
    both = next((c for c in subject.children if c.dep_ == "cc" and c.lower_ == "and"), None)
    other = next((c for c in subject.children if c.dep_ == "conj"), None)
    if both is None or other is None or not both.i < other.i < both.i + 4:
        return name
    return f"{name} and {other.doc[both.i + 1 : other.i + 1].text}"


def _is_wish(cue: Token) -> bool:
    """Return whether a verb tells a wish or a promise: "promised to go", not "promised that"."""
    parts = {c.dep_ for c in cue.children if c.i > cue.i}
    promise = cue.lemma_.lower() in WISH_VERBS and "ccomp" not in parts and parts & _WISHED
    return cue.lemma_.lower() in DESIRE_VERBS or bool(promise)


def _beside(cue: Token) -> Token | None:
    """Return the name or pronoun right before or after a verb."""
    near = [cue.doc[i] for i in (cue.i - 1, cue.i + 1) if 0 <= i < len(cue.doc)]
    return next((t for t in near if t.pos_ in ("PRON", "PROPN", "NOUN")), None)


def _cue_text(cue: Token) -> str:
    particle = _particle(cue)
    return cue.doc[cue.i : particle.i + 1].text if particle is not None else cue.text


def _subject(cue: Token) -> Token | None:
    """Return the speaker: the verb's subject, or that of the verb it depends on."""
    own = next((c for c in cue.children if c.dep_ in ("nsubj", "nsubjpass")), None)
    if own is not None and own.lower_ in ("who", "which", "that") and cue.dep_ == "relcl":
        return cue.head
    if own is not None:
        return own if own.dep_ == "nsubj" else None
    if cue.dep_ == "conj" and cue.head.pos_ in ("VERB", "AUX"):
        outer = next((t for t in cue.head.ancestors if t.lemma_.lower() in CUES), None)
        nested = cue.head.dep_ == "ccomp" and outer is not None and outer.tag_ == cue.tag_
        return _subject(outer if nested else cue.head)
    if cue.dep_ in ("advcl", "xcomp") and cue.tag_ == "VBG":
        return _subject(cue.head)
    if cue.dep_ == "acl" and cue.tag_ == "VBG":
        return cue.head
    behind = cue.doc[cue.i + 1] if cue.i + 1 < len(cue.doc) else None
    inverted = behind is not None and (behind.pos_ in ("PROPN", "PRON") or behind.dep_ == "det")
    if inverted and cue.i and cue.nbor(-1).text in _CLOSING:
        return next((c for c in cue.children if c.i > cue.i and c.dep_ in _INVERTED), None)
    return None


def _contents(cue: Token, subject: Token, marked: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the content's spans: one, two where the verb interrupts it, or none."""
    lemma = cue.lemma_.lower()
    clauses = [c for c in cue.children if c.dep_ == "ccomp"]
    if clauses and (lemma in SPEECH_VERBS or _particle(cue) is not None):
        parts = _around(_below(clauses), cue, subject)
        return [_bounds(tokens) for part in parts if (tokens := _cut(_without_mark(part), cue))]
    tokens = _named_as(cue) if lemma in LABELING_VERBS else _complement(cue, subject)
    if tokens:
        return [_bounds(tokens)]
    return _up_to_marks(cue, marked) if lemma in LABELING_VERBS else _inserted(cue, subject)


def _inserted(cue: Token, subject: Token) -> list[tuple[int, int]]:
    """Return the text around ", Brandt said," where the parse gives the verb no complement."""
    low = min(subject.left_edge.i, cue.i)
    high = max(subject.i, cue.i)
    doc, sentence = cue.doc, cue.sent
    before = [t for t in doc[sentence.start : low] if not t.is_space]
    after = [t for t in doc[high + 1 : sentence.end] if not t.is_space]
    if not before or before[-1].text != "," or not after or not after[0].is_punct:
        return []
    if before[0].tag_ == "VBN" or before[0].lower_ == "when":  # "Asked whether …, he replied: …"
        before = []
    return [_bounds(part) for part in (before, after) if any(t.is_alpha for t in part)]


def _complement(cue: Token, subject: Token) -> list[Token] | None:
    """Return the content of "urged them to go", "denied hiding it", "warned of losses"."""
    lemma = cue.lemma_.lower()
    infinitive = [c for c in cue.children if c.dep_ == "xcomp" and c.i > cue.i]
    objects = [c for c in cue.children if c.dep_ == "dobj" and c.i > cue.i]
    pointed = [c for c in cue.children if c.dep_ == "prep" and c.lower_ in ("of", "against")]
    if infinitive and lemma in REQUEST_VERBS and objects:
        return _below([*objects, *infinitive])
    if infinitive and (lemma in COMMISSIVE_VERBS or lemma in GERUND_VERBS):
        return _below(infinitive)
    if lemma in WISH_VERBS and _can_wish(subject):
        wished = [c for c in cue.children if c.dep_ in _WISHED and c.i > cue.i]
        pointed = [c for c in cue.children if c.dep_ == "prep" and c.lower_ == "for"]
        return _below(wished or [p for c in pointed for p in c.children])
    if lemma == "warn" and pointed and (objects or pointed[0].lower_ == "of"):
        tokens = [t for t in cue.subtree if t.i > cue.i]
        stop = next((i for i, t in enumerate(tokens) if t.is_punct or t.dep_ == "cc"), len(tokens))
        tokens = tokens[:stop]
        return tokens[1:] if tokens and tokens[0] == pointed[0] else tokens or None
    return _lost_clause(cue, subject)


def _can_wish(subject: Token) -> bool:
    """Return whether a subject has a wish that is not the author's: nor "I", nor "the plan"."""
    return subject.lower_ not in AUTHORS_OWN and subject.lemma_.lower() not in POLICIES


def _below(parts: list[Token]) -> list[Token]:
    return sorted((t for part in parts for t in part.subtree), key=lambda t: t.i)


def _around(tokens: list[Token], cue: Token, subject: Token) -> list[list[Token]]:
    """Split a clause that speaker and verb interrupt: "The plan, Brandt said, might …"."""
    own = {t.i for t in (cue, subject, *subject.subtree)}
    tokens = [t for t in tokens if t.i not in own]
    low, high = min(own), max(own)
    before = [t for t in tokens if t.i < low]
    after = [t for t in tokens if t.i > high]
    parts = [part for part in (before, after) if any(t.is_alpha for t in part)]
    return parts or ([tokens] if tokens else [])


def _cut(tokens: list[Token] | None, cue: Token) -> list[Token] | None:
    """End a clause before a second reporting verb that the parser attached to it."""
    for i, token in enumerate(tokens or []):
        second = token.dep_ == "conj" and token.lemma_.lower() in CUES and token.tag_ == cue.tag_
        if second and i and not any(c.dep_ == "nsubj" for c in token.children):
            kept = [t for t in tokens if t.i < token.i]
            while kept and (kept[-1].dep_ in ("cc", "advmod", "neg") or kept[-1].is_punct):
                kept.pop()
            return kept or None
    return tokens


def _without_mark(tokens: list[Token]) -> list[Token] | None:
    """Drop the opening conjunction and any dates before it."""
    opening = (i for i, t in enumerate(tokens[:6]) if t.dep_ == "mark" and t.lower_ in _OPENING)
    mark = next(opening, None)
    return (tokens if mark is None else tokens[mark + 1 :]) or None


def _up_to_marks(cue: Token, marked: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return "the project “a monument”" after "called" where the parse has no object."""
    start = cue.idx + len(cue) + 1
    end = next((high for low, high in marked if low > cue.idx), None)
    near = end is not None and end < cue.sent.end_char + 2 and end - start < 4 * REACH
    between = cue.doc.char_span(start, end, alignment_mode="contract") if near else None
    if between is None or any(
        t.is_punct and not t.is_quote for t in between[:-2] if not inside(t.idx, marked)
    ):
        return []
    return [(start, end)]


def _named_as(cue: Token) -> list[Token] | None:
    """Return object and label of "called the vote shabby", "described it as a gift"."""
    right = [c for c in cue.children if c.i > cue.i]
    whole = [c for c in right if c.dep_ in ("ccomp", "oprd", "xcomp")]
    objects = [c for c in right if c.dep_ == "dobj"]
    linked = [c for c in right if c.dep_ == "prep" and c.lower_ in ("as", "of")]
    nested = [p for o in objects for p in o.children if p.dep_ == "prep" and p.lower_ == "as"]
    if cue.lemma_ == "call" and any(c.dep_ == "prep" and c.lower_ == "on" for c in right):
        whole = [c for c in whole if c.dep_ == "xcomp"]
        objects = [o for c in right if c.lower_ == "on" for o in c.children if o.dep_ == "pobj"]
    if not (whole or (objects and linked) or nested):
        return None
    return _below([*objects, *whole, *linked])


def _lost_clause(cue: Token, subject: Token) -> list[Token] | None:
    """Return the text after "said" where the parser lost a clause with a long subject."""
    if cue.lemma_ not in ("say", "insist", "argue", "claim", "warn", "maintain", "admit", "report"):
        return None
    after = [t for t in cue.sent if t.i > max(cue.i, subject.i if subject.i > cue.i else cue.i)]
    while after and (after[0].dep_ == "npadvmod" or after[0].ent_type_ == "DATE"):
        del after[0]
    if after and after[0].lower_ in _OPENING:
        del after[0]
    finite = any("Fin" in t.morph.get("VerbForm") for t in after)
    own = subject.i < cue.i and cue.dep_ in ("ROOT", "conj")
    followed = bool(after) and not cue.doc[cue.i + 1].is_punct
    return after if own and followed and finite and len(after) > 2 else None


def _bounds(tokens: list[Token]) -> tuple[int, int]:
    """Return a clause's character span without punctuation at its ends."""
    tokens = [t for t in tokens if not t.is_space]
    while len(tokens) > 1 and tokens[-1].is_punct and not tokens[-1].is_quote:
        tokens.pop()
    while len(tokens) > 1 and tokens[0].is_punct and not tokens[0].is_quote:
        tokens.pop(0)
    return tokens[0].idx, tokens[-1].idx + len(tokens[-1])


def _fixed_phrases(doc: Doc) -> Iterator[ReportedSpeech]:
    """Yield "According to X, …", "in the words of X, …" and "X was quoted as saying …"."""
    for token in doc[:-2]:
        phrase = doc[token.i : token.i + 4].text.lower()
        if phrase.startswith("according to"):
            yield from _sourced(token, doc[token.i : token.i + 2].text)
        elif phrase == "in the words of":
            yield from _sourced(token, doc[token.i : token.i + 4].text)
        elif phrase.startswith("quoted as saying"):
            yield from _quoted_as(token)


def _sourced(token: Token, cue: str) -> Iterator[ReportedSpeech]:
    """Yield the rest of the sentence as the content."""
    phrase = _below([token])
    objects = [t for t in phrase if t.dep_ == "pobj"]
    to, of = ([t for t in objects if t.head.lower_ == link] for link in ("to", "of"))
    found = (to[:1] or of[-1:]) if cue.lower() == "according to" else (of[:1] or to[:1])
    if not found:
        return
    rest = [t for t in token.sent if t.i < phrase[0].i] or [
        t for t in token.sent if t.i > phrase[-1].i
    ]
    contents = (_bounds(rest),) if len(rest) > 2 else ()
    span = (token.sent.start_char, token.sent.end_char)
    yield ReportedSpeech(speaker_name(found[0]), cue, token.idx, span, contents)


def _quoted_as(token: Token) -> Iterator[ReportedSpeech]:
    subject = next((c for c in token.children if c.dep_ in ("nsubjpass", "nsubj")), None)
    rest = [t for t in token.sent if t.i > token.i + 2]
    if rest and rest[0].lower_ in _OPENING:
        del rest[0]
    if subject is not None and rest:
        span = (token.sent.start_char, token.sent.end_char)
        cue = token.doc[token.i : token.i + 3].text
        # `at` is the place of "saying", so that the verb itself is not read again
        at = token.doc[token.i + 2].idx
        yield ReportedSpeech(speaker_name(subject), cue, at, span, (_bounds(rest),))
