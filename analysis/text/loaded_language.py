"""Cues of loaded language by segment and kind, and their rate for each voice.

The words of `analysis/data/language_cues.yaml` are matched as lemmas on spaCy's parse; scare
quotes, questions and passives come from quotation marks and the parse. A cue is a place to look,
not a verdict: a war can be brutal, and a question can be sincere.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.text.cue_lexicon import CueKind, lexicon, words_in
from analysis.text.marks import Span, is_title, quoted_spans, words
from analysis.text.nlp import parsed
from analysis.types import Article, Kind, Segment, Voice

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

SCARE_WORDS = 3  # at most so many words in marks without a speaker; longer spans are quotations
NO_AGENTS = ("DATE", "TIME", "PERCENT", "MONEY", "QUANTITY", "CARDINAL", "ORDINAL")  # spaCy's
REACH = 4  # tokens between a passive's auxiliary and its verb

# Kinds that make a sentence loaded; the others only shade how certain it sounds.
CHARGED = frozenset(
    {
        CueKind.LOADED,
        CueKind.LABEL,
        CueKind.INTENSIFIER,
        CueKind.US_THEM,
        CueKind.SCARE_QUOTES,
        CueKind.RHETORICAL_QUESTION,
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Cue:
    """One cue, in characters of the raw text: `raw[start:end] == text`."""

    start: int
    end: int
    kind: CueKind
    text: str


def cues(article: Article, parts: Iterable[Segment]) -> dict[str, tuple[Cue, ...]]:
    """Return the cues of each segment by segment id, in text order.

    Cues of one kind never overlap. A word counts once among the word kinds, but may also lie in a
    question or in scare quotes. Credits have no cues.

    Args:
        article: the article.
        parts: its segments, or the rows of its frame `segments`.
    """
    by_block: dict[str, list[Segment]] = {}
    found: dict[str, list[Cue]] = {}
    for part in parts:
        found[part.segment_id] = []
        if part.kind != Kind.CREDIT:
            by_block.setdefault(part.block_id, []).append(part)
    for block_id, documents in parsed(article).items():
        for offset, doc in documents if block_id in by_block else ():
            end = offset + len(doc.text)  # `text` is built at each access
            inside = [p for p in by_block[block_id] if p.start < end and offset < p.end]
            for part, cue in _placed(article.raw, offset, doc, inside):
                found[part.segment_id].append(cue)
    return {segment_id: tuple(group) for segment_id, group in found.items()}


def _placed(raw: str, offset: int, doc: Doc, parts: list[Segment]) -> Iterator[tuple[Segment, Cue]]:
    """Yield the cues of a document with the segment that holds each, in text order."""
    starts = [part.start for part in parts]
    spoken = {(part.start - offset, part.end - offset) for part in parts}
    marked = [span for span in quoted_spans(doc.text) if span not in spoken]  # else a quotation
    spans = [*_own_words(doc, marked), *_passives(doc)]
    spans += [*_questions(doc, offset, parts), *_scare_quotes(doc, marked)]
    last: dict[tuple[str, CueKind], int] = {}
    for start, end, kind in sorted(spans):
        low, high = offset + start, offset + end
        part = parts[max(0, bisect_right(starts, low) - 1)]
        key = (part.segment_id, kind)
        if part.start <= low and high <= part.end and last.get(key, 0) <= low:
            last[key] = high
            yield part, Cue(low, high, kind, raw[low:high])


def _own_words(doc: Doc, marked: list[Span]) -> Iterator[tuple[int, int, CueKind]]:
    """Yield word cues, but for those in marks within a segment: another's words, or irony."""
    for start, end, kind in words_in(doc):
        if not any(low <= start and end <= high for low, high in marked):
            yield start, end, kind


def format_cues(found: Iterable[Cue]) -> str:
    """Return cues as in the column `cues`: `kind: text`, separated by `; `."""
    return "; ".join(f"{cue.kind}: {' '.join(cue.text.split()).replace(';', ',')}" for cue in found)


def charged_words(found: Iterable[Cue]) -> list[str]:
    """Return the texts of the cues of the `CHARGED` kinds, each on one line."""
    return [" ".join(cue.text.split()) for cue in found if cue.kind in CHARGED]


def rates(
    segments: pd.DataFrame, found: Mapping[str, Iterable[Cue]], confidence_level: float = 0.95
) -> pd.DataFrame:
    """Return the rate of each kind of cue for each voice.

    Intervals are exact for a Poisson count (Garwood 1936): a side with few words gets a wide one,
    and a count of 0 does not mean a rate of 0.

    Args:
        segments: the frame `segments`; credits are left out.
        found: cues by segment id, as `cues` gives them.
        confidence_level: of the interval, in (0, 1).

    Returns:
        One row for each voice with words and each kind, in the order of the enums: voice, kind,
        count, words (of the voice), rate (per 100 words), low and high (its interval), and texts
        (in lower case, the most frequent first, separated by `; `).
    """
    from scipy.special import gammaincinv

    tail = (1 - confidence_level) / 2
    spoken = segments[segments.kind != Kind.CREDIT.value]
    rows = []
    for voice in Voice:
        own = spoken[spoken.voice == voice.value]
        n = sum(len(words(text)) for text in own.text)
        of_voice = [cue for segment_id in own.segment_id for cue in found.get(segment_id, ())]
        for kind in CueKind if n else ():
            texts = [" ".join(c.text.lower().split()) for c in of_voice if c.kind is kind]
            k, per = len(texts), 100 / n
            low = float(gammaincinv(k, tail)) * per if k else 0.0
            high = float(gammaincinv(k + 1, 1 - tail)) * per
            most = "; ".join(pd.Series(texts, dtype=str).value_counts().index)
            rows.append((voice.value, kind.value, k, n, k * per, low, high, most))
    columns = ["voice", "kind", "count", "words", "rate", "low", "high", "texts"]
    return pd.DataFrame(rows, columns=columns)


def _passives(doc: Doc) -> Iterator[tuple[int, int, CueKind]]:
    """Yield passives without an agent, such as "was seized"."""
    skipped = lexicon().passive_except
    for verb in doc:
        auxiliaries = [c for c in verb.children if _is_auxiliary(c)]
        passive = auxiliaries and any(c.dep_ in ("nsubjpass", "csubjpass") for c in verb.children)
        if not passive or verb.lemma_.lower() in skipped:
            continue
        joined = [verb, *(c for c in verb.subtree if c.dep_ == "conj" and c.head.tag_ == verb.tag_)]
        if any(c.dep_ == "agent" for v in joined for c in v.children) or _names_agent(verb):
            continue
        first = auxiliaries[-1]
        if verb.i - first.i > REACH or any(t.is_quote for t in doc[first.i : verb.i]):
            first = verb
        yield first.idx, verb.idx + len(verb), CueKind.AGENTLESS_PASSIVE


def _names_agent(verb: Token) -> bool:
    """Return whether somebody follows a `by` that the parser ties to a later word of the clause."""
    return any(
        agent.dep_ == "pobj" and agent.ent_type_ not in NO_AGENTS
        for by in verb.subtree
        if by.lower_ == "by" and by.i > verb.i and by.head.pos_ not in ("VERB", "AUX")
        for agent in by.children
    )


def _is_auxiliary(token: Token) -> bool:
    """Return whether a token is a passive auxiliary; "'s" is not, as it may stand for "has"."""
    return token.dep_ == "auxpass" and token.i < token.head.i and token.lower_[0] not in "'’"


def _questions(doc: Doc, offset: int, parts: list[Segment]) -> Iterator[tuple[int, int, CueKind]]:
    """Yield questions in running text; reported questions and those of interviews are left out.

    Whether a question is rhetorical or sincere is not known.
    """
    for sentence in doc.sents:
        text = sentence.text.rstrip(" \n\t\"'”’»)")
        if not text.endswith("?") or text.lstrip().lower().startswith(("q:", "question:")):
            continue
        start, end = sentence.start_char, sentence.start_char + len(text)
        for part in parts:
            low, high = max(start, part.start - offset), min(end, part.end - offset)
            if low < high == end and not part.cue.lower().startswith("ask"):
                yield low, high, CueKind.RHETORICAL_QUESTION


def _scare_quotes(doc: Doc, marked: list[Span]) -> Iterator[tuple[int, int, CueKind]]:
    """Yield short spans in marks that are no quotation, no title and no mention of a word."""
    naming, places, text = lexicon().naming_words, [token.idx for token in doc], doc.text
    for start, end in marked:
        inner = text[start:end]
        if not 0 < len(words(inner)) <= SCARE_WORDS or is_title(inner) or inner[-2] in ",.!?":
            continue
        at = bisect_left(places, start)
        if any(t.lemma_.lower() in naming for t in doc[max(0, at - 2) : at]):
            continue
        yield start, end, CueKind.SCARE_QUOTES
