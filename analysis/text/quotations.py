"""Quotation attribution: direct, indirect and mixed quotations with speaker and cue.

Quotation marks give direct quotations, the complement of a reporting verb in spaCy's parse gives
indirect ones; a clause that is partly in marks is mixed (PARC 3.0 calls the three parts cue,
source and content; Pareti 2016). Spans and speakers follow `data/gold/voices/README.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from analysis.text.marks import (
    LEFT_OPEN,
    REACH,
    STANDS_ALONE,
    WORD,
    Span,
    inside,
    is_title,
    overlap,
    quoted_spans,
    words,
)
from analysis.text.nlp import parsed_blocks
from analysis.text.reporting_verbs import ReportedSpeech, reported_speech
from analysis.text.speakers import names_in
from analysis.types import Article, Block, Kind

if TYPE_CHECKING:
    from spacy.tokens import Doc

QUOTING = (Kind.TITLE, Kind.CAPTION, Kind.PARAGRAPH, Kind.COMMENTARY)
QUOTED_WORDS = 4  # fewer words in marks without a speaker are scare quotes


@dataclass(frozen=True, slots=True)
class Quotation:
    """One quotation: its block and its span in characters of the raw text.

    `speaker` is the fullest form of the name in the article; `speaker` and `cue` are empty where
    none was found. `wish` tells what somebody wants, hopes or promises in the author's words.
    """

    block_id: str
    start: int
    end: int
    speaker: str = ""
    cue: str = ""
    wish: bool = False


def quotations(article: Article) -> tuple[Quotation, ...]:
    """Return an article's quotations, and the wishes that it reports, in text order; none overlap.

    In a commentary only text in quotation marks counts: it is cited material, and its speaker is
    not resolved.
    """
    found: list[Quotation] = []
    before: list[tuple[int, str]] = []
    speaker = ""  # who may go on in the next paragraph: who spoke in this one, or introduces it
    names = names_in(article)
    for block, offset, doc in parsed_blocks(article, *QUOTING):
        if block.kind is Kind.COMMENTARY:
            found += _cited(block, offset, doc)
            continue
        paragraph = _Paragraph(block, offset, doc, speaker)
        speaker = ""
        for quotation in paragraph.quotations():
            speaker = names.of(quotation.speaker, quotation.end, before)
            found.append(replace(quotation, speaker=speaker))
            before.append((quotation.start, speaker))
        if introduces := paragraph.introduces():
            speaker = names.of(introduces, block.end, before)
    return _one_speaker_over_paragraphs(article, found)


def _one_speaker_over_paragraphs(article: Article, found: list[Quotation]) -> tuple[Quotation, ...]:
    """Give a quotation left open without a speaker the one named where the next paragraph goes on.

    The opening mark repeats on each paragraph of a long quotation, and only the last closes it.
    """
    paragraphs = [block.block_id for block in article.of_kind(Kind.PARAGRAPH)]
    place = {block_id: number for number, block_id in enumerate(paragraphs)}
    starts = {block.block_id: block.start for block in article.blocks}
    spoken = [q for q in found if q.block_id in place]
    behind: dict[Quotation, Quotation] = {}
    for q, after in reversed(list(pairwise(spoken))):
        after = behind.get(after, after)
        goes_on = place[after.block_id] == place[q.block_id] + 1
        opens = after.start == starts[after.block_id]
        left_open = LEFT_OPEN.match(article.raw[q.start : q.end])
        if not q.speaker and after.speaker and goes_on and opens and left_open:
            behind[q] = replace(q, speaker=after.speaker)
    return tuple(behind.get(q, q) for q in found)


def _cited(block: Block, offset: int, doc: Doc) -> list[Quotation]:
    return [
        Quotation(block.block_id, offset + start, offset + end)
        for start, end in quoted_spans(doc.text)
        if len(words(doc.text[start:end])) >= QUOTED_WORDS
    ]


class _Paragraph:
    """Finds the quotations of one paragraph; positions are characters of its document.

    `before` is who may go on from the paragraph right above, where that is known.
    """

    def __init__(self, block: Block, offset: int, doc: Doc, before: str) -> None:
        self.block, self.offset, self.doc = block, offset, doc
        self.text = doc.text
        self.marks = quoted_spans(self.text)
        said = reported_speech(doc, self.marks)
        self.outside = [each for each in said if not inside(each.at, self.marks)]
        self.before = before

    def quotations(self) -> Iterator[Quotation]:
        """Yield the quotations in order, each speaker as the attribution names them."""
        taken: list[tuple[Span, str, str, bool]] = []
        rest = list(self.marks)
        clauses = [(content, said) for said in self.outside for content in said.contents]
        for content, said in clauses:
            span, inner = self._joined(content, rest)
            if span and not any(overlap(span, other) for other, *_ in taken):
                taken.append((span, said.speaker, said.cue, said.wish and not inner))
                rest = [mark for mark in rest if mark not in inner]
        for mark in rest:
            if any(overlap(mark, other) for other, *_ in taken):
                continue
            attribution = self._attribution(mark) or self._interrupted(mark, taken)
            if attribution is not None:
                taken.append((mark, *attribution, False))
        taken.sort()
        yield from self._carried_on(taken)

    def _joined(self, content: Span, rest: list[Span]) -> tuple[Span | None, list[Span]]:
        """Merge a clause with the marked spans in it; a full-sentence quotation needs no clause."""
        inner = [mark for mark in rest if overlap(mark, content)]
        start = min([content[0], *(mark[0] for mark in inner)])
        end = max([content[1], *(mark[1] for mark in inner)])
        if not inner:
            return (start, end), []
        outside = self._outside(start, end, inner)
        if not WORD.search(outside) or any(
            STANDS_ALONE.match(self.text[slice(*mark)]) for mark in inner[:1]
        ):
            return None, []  # direct: `_attribution` finds the same verb by nearness
        return (start, end), inner

    def _outside(self, start: int, end: int, inner: list[Span]) -> str:
        pieces, at = [], start
        for low, high in inner:
            pieces.append(self.text[at:low])
            at = high
        return " ".join([*pieces, self.text[at:end]])

    def _attribution(self, mark: Span) -> tuple[str, str] | None:
        """Return speaker and cue of a marked span, None where it is no quotation."""
        text = self.text[slice(*mark)]
        alone = bool(STANDS_ALONE.match(text)) or bool(LEFT_OPEN.match(text))
        near = self._near(mark, alone)
        if near is not None:
            return near.speaker, near.cue
        if not alone and (len(words(text)) < QUOTED_WORDS or is_title(text)):
            return None
        return "", ""

    def _interrupted(self, mark: Span, taken: list) -> tuple[str, str] | None:
        """Attribute the second half of `"One half," she said, "the other."`."""
        for (start, end), speaker, cue, _ in taken:
            between = self.text[end : mark[0]]
            halves = self.text[start:end].rstrip("\"”’'").endswith(",")
            if halves and 0 <= mark[0] - end < REACH and between.rstrip().endswith(","):
                return speaker, cue
        return None

    def _near(self, mark: Span, alone: bool) -> ReportedSpeech | None:
        """Find the nearest reporting verb: around the span, right after it, or before a colon."""
        start, end = mark
        touching = [s for s in self.outside if s.sentence[0] < end and start < s.sentence[1]]
        if not alone:
            touching = [s for s in touching if any(overlap(c, mark) for c in s.contents)]
        if touching:
            return min(touching, key=lambda s: max(start - s.at, s.at - end))
        if not alone:
            return None
        following = [
            s
            for s in self.outside
            if end <= s.at and not self.text[end : s.sentence[0]].strip() and s.at - end < REACH
        ]
        leading = [
            s
            for s in self.outside
            if s.at < start
            and re.search(r"[:,]\s*$", self.text[s.at : start])
            and not re.search(r"[.?!]\s", self.text[s.at : start])
        ]
        return (following or leading[::-1] or [None])[0]

    def _carried_on(self, taken: list) -> Iterator[Quotation]:
        """Give marked spans without a reporting verb the speaker of the quotation before."""
        speaker = self.before if self._goes_on() else ""
        for (start, end), who, cue, wish in taken:
            speaker = who or speaker
            span = self.offset + start, self.offset + end
            yield Quotation(self.block.block_id, *span, speaker, cue, wish)

    def introduces(self) -> str:
        """Return who speaks in the next paragraph where this one ends in "she answered:"."""
        colon = self.text.rstrip().endswith(":")
        return self.outside[-1].speaker if colon and self.outside else ""

    def _goes_on(self) -> bool:
        """Return whether the paragraph opens in marks, so that the last speaker may go on."""
        return bool(self.marks) and not self.text[: self.marks[0][0]].strip()
