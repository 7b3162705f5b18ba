"""Sentences, and the quotations in them with their speakers -> segments.

Direct quotations are found by their marks, indirect ones as the clausal
complement of a verb of saying in spaCy's parse (the cue, source and content of
a quotation in the terms of PARC 3.0, Pareti 2016).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from analysis.nlp import parsed
from analysis.types import Article, Block, Kind, Segment, Voice

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

QUOTED_WORDS = 4  # fewer in marks are a term at a distance, unless a verb of saying is near
CUES = frozenset(
    "acknowledge add admit allege announce argue assert claim confirm contend declare deny "
    "emphasize explain insist maintain note reply report say state stress suggest tell "
    "warn write".split()
)

_QUOTES = re.compile(
    r"\"[^\"]+\"|“[^”]+”|„[^“”]+[“”]|«[^»]+»"
    r"|(?<!\w)‘(?=\S).+?(?<=\S)’(?!\w)|(?<!\w)'(?=\S).+?(?<=\S)'(?!\w)"
    r"|(?<!\w)[\"“][^\"”]+$",  # left open: goes on in the next paragraph
    re.DOTALL,
)
_WORD = re.compile(r"\w+(?:['’]\w+)?")


@dataclass(frozen=True, slots=True)
class Quotation:
    """What somebody says in a block, in characters of the raw text."""

    start: int
    end: int
    speaker: str = ""
    cue: str = ""


def segments(article: Article) -> tuple[Segment, ...]:
    """Part an article's blocks into sentences and these by voice.

    The segments' spans lie in text order, never overlap, and hold every character
    of the blocks but white space and the commentaries' markers.
    """
    found: list[Segment] = []
    last_speaker = ""
    for block in article.blocks:
        docs = parsed(article)[block.block_id]
        quotations = _quotations(block, docs, last_speaker)
        last_speaker = next((q.speaker for q in reversed(quotations) if q.speaker), last_speaker)
        for offset, doc in docs:
            for start, end, quotation in _parts(article.raw, offset, doc, quotations):
                found.append(
                    Segment(
                        f"s{len(found):04d}",
                        block.block_id,
                        block.kind,
                        _voice(block.kind, quotation),
                        quotation.speaker if quotation else "",
                        quotation.cue if quotation else "",
                        start,
                        end,
                        article.raw[start:end],
                    )
                )
    return tuple(found)


def quotes(text: str) -> list[tuple[int, int]]:
    """Return the spans of the passages in quotation marks, marks included."""
    return [match.span() for match in _QUOTES.finditer(text)]


def words(text: str) -> list[str]:
    """Return the words of a text; what every rate and share is counted in."""
    return _WORD.findall(text)


def _voice(kind: Kind, quotation: Quotation | None) -> Voice:
    if kind is Kind.CITATION:
        return Voice.CITED
    if kind is Kind.COMMENTARY:
        return Voice.CITED if quotation else Voice.COMMENTATOR
    return Voice.QUOTED if quotation else Voice.AUTHOR


def _quotations(block: Block, docs: list[tuple[int, Doc]], last_speaker: str) -> list[Quotation]:
    """Find a block's quotations, in text order, none inside another."""
    if block.kind not in (Kind.PARAGRAPH, Kind.COMMENTARY):
        return []
    found: list[Quotation] = []
    for offset, doc in docs:
        cues = [token for token in doc if token.lemma_ in CUES and token.pos_ == "VERB"]
        direct = [
            Quotation(offset + start, offset + end, *_attribution(doc, cues, start, end))
            for start, end in quotes(doc.text)
        ]
        direct = [
            q
            for q in direct
            if (q.cue and block.kind is Kind.PARAGRAPH)
            or len(words(doc.text[q.start - offset : q.end - offset])) >= QUOTED_WORDS
        ]
        indirect = _indirect(doc, cues, offset) if block.kind is Kind.PARAGRAPH else []
        found += _mixed(direct, indirect)
    found.sort(key=lambda q: q.start)
    return [_named(q, last_speaker, found[:i]) for i, q in enumerate(found)]


def _mixed(direct: list[Quotation], indirect: list[Quotation]) -> list[Quotation]:
    """Join an indirect quotation with the direct ones that it overlaps (a mixed one)."""
    joined: list[Quotation] = []
    rest = list(direct)
    for outer in indirect:
        inner = [q for q in rest if _overlap(q, outer)]
        if any(q.cue and (q.speaker, q.cue) != (outer.speaker, outer.cue) for q in inner):
            continue  # two speakers, one within the other: the marks are the safer sign
        start = min(q.start for q in (outer, *inner))
        end = max(q.end for q in (outer, *inner))
        joined.append(Quotation(start, end, outer.speaker, outer.cue))
        rest = [q for q in rest if q not in inner]
    return joined + rest


def _overlap(one: Quotation, other: Quotation) -> bool:
    return one.start < other.end and other.start < one.end


def _indirect(doc: Doc, cues: list[Token], offset: int) -> list[Quotation]:
    """Take the clausal complement of each verb of saying that has a subject."""
    found: list[Quotation] = []
    for cue in cues:
        subject = _subject(cue)
        if subject is None:
            continue
        for first, last in _contents(cue):
            if first.i <= cue.i <= last.i or first.i <= subject.i <= last.i:
                continue
            start, end = offset + first.idx, offset + last.idx + len(last)
            quotation = Quotation(start, end, _name(subject), cue.text)
            if not any(_overlap(quotation, other) for other in found):
                found.append(quotation)
    return found


def _contents(cue: Token) -> list[tuple[Token, Token]]:
    """Return first and last token of each clause that a verb of saying governs."""
    clauses = [child for child in cue.children if child.dep_ == "ccomp"]
    if clauses:
        return [(clause.left_edge, clause.right_edge) for clause in clauses]
    after = [t for t in cue.sent if t.i > cue.i and not t.is_punct]
    while after and (after[0].dep_ == "npadvmod" or after[0].ent_type_ == "DATE"):
        del after[0]
    # the parser often loses a clause that begins with a long subject: "said" as the
    # sentence's own verb has nothing else to govern
    says = cue.lemma_ == "say" and cue.dep_ == "ROOT"
    clause = says and any("Fin" in t.morph.get("VerbForm") for t in after)
    return [(after[0], after[-1])] if clause else []


def _attribution(doc: Doc, cues: list[Token], start: int, end: int) -> tuple[str, str]:
    """Return speaker and cue of a direct quotation, both empty where none is near.

    Near is the same sentence, else for a quotation that is a sentence of its own
    the one right behind it.
    """
    inside = doc.char_span(start, end, alignment_mode="expand")
    if inside is None:
        return "", ""
    sentence_start = inside[0].sent.start
    sentence_end = inside[-1].sent.end
    near = [
        cue
        for cue in cues
        if sentence_start <= cue.i < sentence_end
        and not inside.start <= cue.i < inside.end
        and _subject(cue) is not None
    ]
    if not near:
        return "", ""
    cue = min(near, key=lambda c: min(abs(c.i - inside.start), abs(c.i - inside.end)))
    subject = _subject(cue)
    return (_name(subject) if subject is not None else ""), cue.text


def _subject(cue: Token) -> Token | None:
    return next((child for child in cue.children if child.dep_ == "nsubj"), None)


def _name(subject: Token) -> str:
    """Return the subject's noun phrase, without what hangs on behind it."""
    left = min((t.i for t in subject.children if t.dep_ in _NAME_PARTS), default=subject.i)
    phrase = subject.doc[min(left, subject.i) : subject.i + 1]
    return phrase.text


_NAME_PARTS = frozenset({"compound", "amod", "det", "poss", "nmod", "nummod"})
_PRONOUNS = frozenset({"he", "she", "they", "it", "who", "i", "we"})


def _named(quotation: Quotation, last_speaker: str, before: list[Quotation]) -> Quotation:
    """Let a pronoun, or a quotation with no cue behind one, carry on the speaker before."""
    if quotation.speaker and quotation.speaker.lower() not in _PRONOUNS:
        return quotation
    if not quotation.speaker and not before:
        return quotation
    earlier = (q.speaker for q in reversed(before) if q.speaker.lower() not in _PRONOUNS)
    name = next((speaker for speaker in earlier if speaker), last_speaker)
    return Quotation(quotation.start, quotation.end, name, quotation.cue)


def _parts(
    raw: str, offset: int, doc: Doc, quotations: list[Quotation]
) -> Iterator[tuple[int, int, Quotation | None]]:
    """Cut each sentence where a quotation begins or ends; bare punctuation joins its neighbour."""
    for sentence in doc.sents:
        start, end = offset + sentence.start_char, offset + sentence.end_char
        inside = [q for q in quotations if q.start < end and start < q.end]
        cuts = sorted(
            {start, end, *(min(max(c, start), end) for q in inside for c in (q.start, q.end))}
        )
        parts: list[list] = []
        for low, high in pairwise(cuts):
            quotation = next((q for q in inside if q.start <= low and high <= q.end), None)
            wordless = not _WORD.search(raw, low, high)
            if parts and (wordless or not _WORD.search(raw, parts[-1][0], parts[-1][1])):
                parts[-1][1] = high
                parts[-1][2] = parts[-1][2] if wordless else quotation
            else:
                parts.append([low, high, quotation])
        for low, high, quotation in parts:
            text = raw[low:high]
            trimmed = low + len(text) - len(text.lstrip()), low + len(text.rstrip())
            if trimmed[0] < trimmed[1]:
                yield *trimmed, quotation
