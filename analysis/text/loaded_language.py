"""Cues of loaded language in each segment, by kind, and how often each voice uses them.

Words come from `analysis/data/language_cues.yaml` and are matched as lemmas on spaCy's
parse; scare quotes, questions and passives are read off marks and parse. A cue is a
place to look, not a verdict: a war may be brutal and a question may be asked to learn.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.text.cue_lexicon import CueKind, lexicon, words_in
from analysis.text.marks import is_title, marks, words
from analysis.text.nlp import parsed
from analysis.types import Article, Kind, Segment, Voice

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

SCARE_WORDS = 3  # words in marks, said by nobody; more of them quote somebody
REACH = 4  # tokens between a passive's auxiliary and its verb

# The kinds that charge a sentence by themselves; the others shade how sure it sounds.
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
    """Return by segment id the cues in it, in text order.

    Cues of one kind never overlap. One word is counted as one kind of word, but may
    stand in a question or in scare quotes as well. A credit is nobody's speech and has
    none.

    Args:
        article: as `read` gives it.
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
            end = offset + len(doc.text)  # made anew at each call, so asked for once
            inside = [p for p in by_block[block_id] if p.start < end and offset < p.end]
            for part, cue in _placed(article.raw, offset, doc, inside):
                found[part.segment_id].append(cue)
    return {segment_id: tuple(group) for segment_id, group in found.items()}


def _placed(raw: str, offset: int, doc: Doc, parts: list[Segment]) -> Iterator[tuple[Segment, Cue]]:
    """Give the cues of a document with the segment that holds each, in text order."""
    starts = [part.start for part in parts]
    spans = [*words_in(doc), *_passives(doc)]
    spans += [*_questions(doc, offset, parts), *_scare_quotes(doc, offset, parts)]
    last: dict[tuple[str, CueKind], int] = {}
    for start, end, kind in sorted(spans):
        low, high = offset + start, offset + end
        part = parts[max(0, bisect_right(starts, low) - 1)]
        key = (part.segment_id, kind)
        if part.start <= low and high <= part.end and last.get(key, 0) <= low:
            last[key] = high
            yield part, Cue(low, high, kind, raw[low:high])


def as_text(found: Iterable[Cue]) -> str:
    """Return cues as the column `cues` holds them: `kind: text`, parted by `; `."""
    return "; ".join(f"{cue.kind}: {' '.join(cue.text.split()).replace(';', ',')}" for cue in found)


def charged(column: str) -> list[str]:
    """Return from a value of the column `cues` the texts of the kinds in `CHARGED`."""
    pieces = [piece.partition(": ") for piece in column.split("; ") if piece]
    return [text for kind, _, text in pieces if kind in CHARGED]


def rates(
    segments: pd.DataFrame, found: Mapping[str, Iterable[Cue]], confidence_level: float = 0.95
) -> pd.DataFrame:
    """Return how often each voice uses each kind of cue.

    The interval is the exact one of a Poisson count (Garwood 1936), so that a side that
    says little has a wide one, and none found is not the same as none used.

    Args:
        segments: the frame `segments`; credits are left out.
        found: cues by segment id, as `cues` gives them.
        confidence_level: of the interval, in (0, 1).

    Returns:
        A row for each voice that says a word and each kind, in the order of the enums:
        voice, kind, count, words (of the voice), rate (per 100 words), low and high (ends
        of its interval), and texts (the most frequent, in small letters, parted by `; `).
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
    """Give "was seized" where nothing says by whom."""
    skipped = lexicon().passive_except
    for verb in doc:
        auxiliaries = [c for c in verb.children if _is_auxiliary(c)]
        passive = auxiliaries and any(c.dep_ in ("nsubjpass", "csubjpass") for c in verb.children)
        if not passive or verb.lemma_.lower() in skipped:
            continue
        joined = [verb, *(c for c in verb.subtree if c.dep_ == "conj" and c.head.tag_ == verb.tag_)]
        if any(c.dep_ == "agent" for v in joined for c in v.children):
            continue
        first = auxiliaries[-1]
        if verb.i - first.i > REACH or any(t.is_quote for t in doc[first.i : verb.i]):
            first = verb
        yield first.idx, verb.idx + len(verb), CueKind.AGENTLESS_PASSIVE


def _is_auxiliary(token: Token) -> bool:
    """Tell "was" from the "'s" of "it's signed up", which is short for "has" as often."""
    return token.dep_ == "auxpass" and token.i < token.head.i and token.lower_[0] not in "'’"


def _questions(doc: Doc, offset: int, parts: list[Segment]) -> Iterator[tuple[int, int, CueKind]]:
    """Give the questions that a voice puts in running text; whether to learn is not known.

    What somebody is reported to have asked, and the questions of an interview, are left out.
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


def _scare_quotes(
    doc: Doc, offset: int, parts: list[Segment]
) -> Iterator[tuple[int, int, CueKind]]:
    """Give short stretches in marks that quote nobody, name no work and speak of no word."""
    naming, places, text = lexicon().naming_words, [token.idx for token in doc], doc.text
    spoken = {(part.start - offset, part.end - offset) for part in parts}
    for start, end in marks(text):
        inner = text[start:end]
        if not 0 < len(words(inner)) <= SCARE_WORDS or is_title(inner) or inner[-2] in ",.!?":
            continue
        at = bisect_left(places, start)
        if any(t.lemma_.lower() in naming for t in doc[max(0, at - 2) : at]):
            continue
        if (start, end) not in spoken:  # then it is a quotation of its own
            yield start, end, CueKind.SCARE_QUOTES
