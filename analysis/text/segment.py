"""Splits sentences at quotations into segments of one voice each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from analysis.text.marks import WORD, words
from analysis.text.nlp import parsed
from analysis.text.quotations import Quotation, quotations
from analysis.types import COMMENTS, Article, Kind, Segment, Voice

if TYPE_CHECKING:
    from spacy.tokens import Doc


def segments(article: Article) -> tuple[Segment, ...]:
    """Split an article's blocks into sentences, and sentences by voice.

    Spans are in text order, never overlap, and cover every character of the blocks except white
    space and commentary markers.
    """
    quoted: dict[str, list[Quotation]] = {}
    for quotation in quotations(article):
        quoted.setdefault(quotation.block_id, []).append(quotation)
    found: list[Segment] = []
    docs = parsed(article)
    commentator = ""
    for block in article.blocks:
        if block.lead or block.kind not in COMMENTS:
            commentator = block.commentator
        inside = quoted.get(block.block_id, [])
        parts = (_parts(article.raw, *document, inside) for document in docs[block.block_id])
        for start, end, quotation in chain.from_iterable(parts):
            voice = _voice(block.kind, quotation)
            own = commentator if voice is Voice.COMMENTATOR else ""
            speaker, cue = (quotation.speaker, quotation.cue) if quotation else (own, "")
            text, number = article.raw[start:end], f"s{len(found):04d}"
            found.append(
                Segment(number, block.block_id, block.kind, voice, speaker, cue, start, end, text)
            )
    return tuple(found)


def _voice(kind: Kind, quotation: Quotation | None) -> Voice:
    if kind is Kind.CITATION:
        return Voice.CITED
    if kind is Kind.COMMENTARY:
        return Voice.CITED if quotation else Voice.COMMENTATOR
    return Voice.QUOTED if quotation and not quotation.wish else Voice.AUTHOR


def _parts(
    raw: str, offset: int, doc: Doc, quotations: list[Quotation]
) -> Iterator[tuple[int, int, Quotation | None]]:
    """Split sentences where a quotation begins or ends; bare punctuation joins its neighbor."""
    for sentence in doc.sents:
        start, end = offset + sentence.start_char, offset + sentence.end_char
        inside = [q for q in quotations if q.start < end and start < q.end]
        cuts = sorted(
            {start, end, *(min(max(c, start), end) for q in inside for c in (q.start, q.end))}
        )
        parts: list[list] = []
        for low, high in pairwise(cuts):
            quotation = next((q for q in inside if q.start <= low and high <= q.end), None)
            wordless = not WORD.search(raw, low, high)
            if parts and (wordless or not WORD.search(raw, parts[-1][0], parts[-1][1])):
                parts[-1][1] = high
                parts[-1][2] = parts[-1][2] if wordless else quotation
            else:
                parts.append([low, high, quotation])
        for low, high, quotation in parts:
            text = raw[low:high]
            trimmed = low + len(text) - len(text.lstrip()), low + len(text.rstrip())
            if trimmed[0] < trimmed[1]:
                yield *trimmed, quotation


ATTRIBUTION_WORDS = 8


def attributions(parts: Sequence[Segment]) -> frozenset[str]:
    """Return the ids of the author's segments that only attribute: "Russia denies that".

    Such a fragment beside a quotation or wish holds little but its speaker and cue, and carries no
    stance of the author's.
    """
    found = set()
    for before, part, after in zip((None, *parts), parts, (*parts[1:], None), strict=False):
        if part.voice is not Voice.AUTHOR or part.wish or len(words(part.text)) > ATTRIBUTION_WORDS:
            continue
        for near in (before, after):
            if near is None or near.block_id != part.block_id:
                continue
            if near.cue and near.cue.lower() in part.text.lower():
                found.add(part.segment_id)
    return frozenset(found)
