"""A sentence's card: its scores, its cues, and the words that carry its clearest stance.

A button behind each sentence opens its card by HTML alone (the `popover` attribute), so the
keyboard, a tap and a click need no script; on paper, and where a browser has no popovers,
the cards stand below the article as notes.
"""

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from analysis.html.display import name
from analysis.scoring.counts import CUES, LABELS, text_ids
from analysis.scoring.explanation import Explanation, Explanations
from analysis.scoring.pipeline import Result
from analysis.text.cue_lexicon import CueKind
from analysis.text.loaded_language import Cue, charged_words
from analysis.thresholds import LOADED
from analysis.types import Stance, Voice

COMMENT_ELSEWHERE = "Its stance is scored with the whole comment; see the first sentence."
COMMENT_SILENT = "Its comment names none of the targets."
NO_TARGET = "Not scored: it names none of the targets, or only says who speaks."
WHOSE = {Voice.QUOTED.value: "Quoted", Voice.AUTHOR.value: "Reported wish"}  # with a speaker


@dataclass(frozen=True)
class Card:
    """What is known of one scored sentence, for the template.

    `number` counts the article's segments from 1; `stances` are rows of that frame, of the
    whole comment where `whole`; `biased` is the bias score, None where there is none.
    """

    number: int
    text: str
    voice: str
    speaker: str
    stances: tuple[Any, ...]
    whole: bool
    silent: str
    biased: float | None
    found: tuple[Cue, ...]
    target: str
    explanation: Explanation | None

    @cached_property
    def gist(self) -> str:
        """The clearest stance in words."""
        if not (named := self._named()):
            return "no clear stance"
        row = max(named, key=lambda row: abs(row.score))
        return f"{row.label} {name(row.target)}"

    @property
    def clear(self) -> bool:
        """Whether it takes a stance that is counted and not none."""
        return bool(self._named())

    def _named(self) -> list[Any]:
        return [r for r in self.stances if not r.abstained and r.label != Stance.NONE.value]

    @property
    def sure(self) -> bool:
        """Whether any of its stances has a confidence."""
        return any(row.confidence == row.confidence for row in self.stances)

    @property
    def loaded(self) -> bool:
        """Whether its bias score says that it is loaded."""
        return self.biased is not None and self.biased >= LOADED

    @property
    def plain(self) -> bool:
        """Whether it neither takes a stance nor is worded in a loaded way."""
        worded = self.biased is not None and (self.loaded or charged_words(self.found))
        return not (self.clear or worded)

    @property
    def cues(self) -> dict[str, list[str]]:
        """The cues by the name of their kind."""
        by_kind: dict[str, list[str]] = {}
        for cue in self.found:
            by_kind.setdefault(_kind(cue.kind), []).append(name(cue.text, 40))
        return by_kind


def _kind(kind: CueKind) -> str:
    label = CUES[kind]
    return label.lower() if label[0].isalpha() else label


class Cards:
    """The cards of one article's sentences, by segment id."""

    def __init__(self, result: Result, why: Explanations):
        """Gather what is known of each scored sentence."""
        self.result = result
        self.numbers = {s: n for n, s in enumerate(result.segments.segment_id, 1)}
        own = result.requests.own_segments  # the first has the whole comment's stances
        self.first = {comment: parts[0].segment_id for comment, parts in own.items() if parts}
        self.comment_of = {part.segment_id: c for c, parts in own.items() for part in parts}
        shown_at = text_ids(result.stances).replace(self.first)
        self.stances = dict(iter(result.stances.groupby(shown_at, sort=False)))
        self.bias = dict(zip(result.bias.segment_id, result.bias.p_biased, strict=True))
        self.why = {
            self.first.get(text_id, text_id): (target, e)
            for (text_id, target), e in why.stances.items()
        }
        self.spans = [
            (row.start, row.end, row.segment_id)
            for row in result.segments.sort_values("start").itertuples()
            if row.segment_id in self.bias or row.segment_id in self.stances
        ]

    def within(self, start: int, end: int) -> list[tuple[int, int, str]]:
        """Return the scored sentences that lie wholly in a span, in order, none over another."""
        spans, at = [], start
        for span in self.spans[bisect_left(self.spans, (start,)) :]:
            if span[0] >= end:
                break
            if at <= span[0] and span[1] <= end:
                spans.append(span)
                at = span[1]
        return spans

    def all(self) -> list[Card]:
        """Return every card, in the order of the text."""
        return [self.card(segment_id) for *_, segment_id in self.spans]

    def card(self, segment_id: str) -> Card:
        """Return the card of a sentence."""
        n = self.numbers[segment_id]
        row = self.result.segments.iloc[n - 1]
        whose = WHOSE.get(row.voice) if row.speaker else None
        rows = self.stances.get(segment_id, pd.DataFrame())
        target, explanation = self.why.get(segment_id, ("", None))
        return Card(
            number=n,
            text=row.text,
            voice=whose or LABELS[Voice(row.voice)],
            speaker=row.speaker if whose else "",
            stances=tuple(rows.itertuples()),
            whole=segment_id in self.first.values(),
            silent=self._silent(segment_id, row.voice),
            biased=self.bias.get(segment_id),
            found=tuple(self.result.requests.cues[segment_id]),
            target=target,
            explanation=explanation,
        )

    def _silent(self, segment_id: str, voice: str) -> str:
        """Return why a segment has no stance of its own."""
        if voice != Voice.COMMENTATOR.value:
            return NO_TARGET
        first = self.first.get(self.comment_of.get(segment_id, ""), "")
        scored = first != segment_id and first in self.stances
        return COMMENT_ELSEWHERE if scored else COMMENT_SILENT
