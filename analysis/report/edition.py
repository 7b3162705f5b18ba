"""The annotated article as safe HTML: each commentary beside the passage that it answers.

The article's text appears exactly once and whole; what the report adds to it
(numbers, labels, scores) carries the attribute `data-added`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from analysis.html.display import listed, name
from analysis.html.elements import Html, download, fragment
from analysis.report.cards import Card, Cards
from analysis.report.findings import measure
from analysis.report.provenance import shown_path
from analysis.report.version_marks import NO_MARKS, Marks
from analysis.scoring.explanation import Explanations
from analysis.scoring.pipeline import Result
from analysis.text.targets import mention_pattern
from analysis.thresholds import CLEAR
from analysis.types import Alignment, Article, Block, Kind, Relation, Stance, Task, Voice

ABSTAINED = "abstained"
PALE = 0.55  # confidence below which a badge is pale
LONG, ROOM = 3, 600  # notes longer than so many times their text, and characters, stand below it

_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
Layer = Sequence[tuple[int, int, Any]]  # start, end, and what lies there

RELATION_WORDS = {
    Relation.AGREE: "agrees",
    Relation.DISAGREE: "disagrees",
    Relation.NEUTRAL: "neutral",
    ABSTAINED: "unclear",
}
RELATION_VERBS = {  # of one comment and of several
    Relation.DISAGREE: ("disagrees", "disagree"),
    Relation.AGREE: ("agrees", "agree"),
    Relation.NEUTRAL: ("is neutral", "are neutral"),
    ABSTAINED: ("is unclear", "are unclear"),
}
ALIGNMENT_WORDS = {
    Alignment.ANCHOR: "by the file’s own anchor",
    Alignment.QUOTE: "by its quotation",
    Alignment.SIMILARITY: "by similar wording",
    Alignment.POSITION: "by its position",
    Alignment.REPLY: "as a reply",
}
STANCE_WORDS = {Stance.AGAINST: "against", Stance.FAVOR: "for", Stance.NONE: "no side toward"}
SIDED = (Stance.AGAINST, Stance.FAVOR)
MAX_STANCES = 4  # beside a comment; its cards hold all


@dataclass(frozen=True, slots=True)
class Note:
    """One commentary as the reader sees it: its number, blocks, passage, relation and stances.

    `stances` are its rows of that frame that name a side, the clearest first.
    """

    number: int
    blocks: tuple[Block, ...]
    row: pd.Series
    stances: tuple[Any, ...] = ()
    answered: int = 0  # of a reply, the number of the comment that it answers

    @property
    def relation(self) -> str:
        """A relation, or `abstained`."""
        return ABSTAINED if self.row.abstained else str(self.row.label)

    @property
    def word(self) -> str:
        """How it responds to its passage, in a word."""
        return RELATION_WORDS.get(self.relation, self.relation)

    @property
    def passage(self) -> tuple[int, int]:
        """The span that it answers; empty where there is none."""
        return int(self.row.passage_start), int(self.row.passage_end)

    @property
    def answers(self) -> bool:
        """Whether it answers a passage of the article."""
        return self.passage[1] > self.passage[0]

    @property
    def found(self) -> str:
        """How its passage was found."""
        if self.answered:
            return f"It replies to comment {self.answered}."
        if not self.answers:
            return "It answers no passage of the article."
        by = ALIGNMENT_WORDS.get(self.row.alignment)
        return f"Its passage was found {by}." if by else ""

    @property
    def badge(self) -> str:
        """How strongly its relation is shown: `strong`, `plain` or `pale`, by confidence."""
        sure = self.row.get("confidence")
        if self.relation == ABSTAINED or sure is None or pd.isna(sure):
            return "plain"
        return "strong" if sure >= CLEAR else "plain" if sure >= PALE else "pale"

    @property
    def sides(self) -> list[tuple[str, str, bool]]:
        """Its sides in words, each `against` or `for`, the target, and whether it is derived."""
        rows = self.stances[:MAX_STANCES]
        return [(STANCE_WORDS[row.label], row.target, row.derived) for row in rows]

    @property
    def commentary_id(self) -> str:
        """Its id in the tables; empty where it was not scored."""
        return str(self.row.get("commentary_id", ""))

    @property
    def commentator(self) -> str:
        """Who wrote it; empty where the file does not say."""
        return str(self.row.get("commentator", ""))

    @property
    def probability(self) -> float | None:
        """The probability of its relation; None where none is named."""
        value = self.row.get(f"p_{self.row.label}")
        return None if value is None or pd.isna(value) or self.row.abstained else float(value)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text that lies wholly in or out of every passage, mention and quotation.

    `signs` are the notes whose passage ends with it; `overrides` tells whether it holds
    characters that would turn the direction of all that follows. Where two versions are compared,
    `inserted` tells whether the republisher put it in, and `removed` what stood before it.
    """

    text: str
    notes: tuple[Note, ...]
    speaker: str | None
    target: str | None
    signs: tuple[Note, ...] = ()
    overrides: bool = False
    inserted: bool = False
    removed: tuple[str, ...] = ()

    @property
    def relations(self) -> list[str]:
        """The different relations of the notes that answer the passage it lies in."""
        return list(dict.fromkeys(note.relation for note in self.notes))

    @property
    def mixed(self) -> str:
        """How it is answered, where notes answer it in more ways than one."""
        counts = Counter(note.word for note in self.notes)
        return listed([f"{n} {what}" for what, n in counts.items()]) if len(counts) > 1 else ""


@dataclass(frozen=True, slots=True)
class Run:
    """A scored sentence with its card, or the text between two; `inside` is the class of a
    passage that goes on behind it.
    """

    pieces: tuple[Piece, ...]
    card: Card | None = None
    inside: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Blocks of the article, the first with its notes beside it; `below` where they are long."""

    blocks: tuple[Block, ...]
    notes: tuple[Note, ...]

    @property
    def below(self) -> bool:
        """Whether the notes are so much longer than their text that they stand below it."""
        of_notes = sum(len(block.text) for note in self.notes for block in note.blocks)
        return of_notes > LONG * sum(len(block.text) for block in self.blocks) + ROOM


def edition(
    result: Result,
    why: Explanations | None = None,
    given: Mapping[str, Mapping[tuple[str, str], int]] | None = None,
    marks: Marks = NO_MARKS,
    reading: str = "",
) -> Html:
    """Return the article with its commentary in the margin, and a card of each sentence.

    Args:
        result: of `score` or `run`.
        why: the words that carry the labels.
        given: by commentary, how many people gave it which label; see `against_gold.given`.
        marks: what was changed since another version.
        reading: the options with which the article is read, for the commands shown.
    """
    article, notes, why = result.article, notes_of(result), why or Explanations()
    layers = _Layers(result, notes, Cards(result, why), marks)
    answers = {note.relation for note in notes}
    sided = {row.target for note in notes for row in note.stances}
    return fragment(
        "edition.html.j2",
        rows=list(_rows(article, notes)),
        text=layers.runs,
        raw=article.raw,
        cards=layers.cards.all(),
        why=why,
        given={
            comment: listed([f"{_labeled(*label)} ({n})" for label, n in counts.items()])
            for comment, counts in (given or {}).items()
        },
        marks=marks,
        article=shown_path(article.source),
        reading=f" {reading}" if reading else "",
        measure=measure(result.scorer, Task.RELATION),
        notes=notes,
        commentators=list(dict.fromkeys(n.commentator for n in notes if n.commentator)),
        targets=[t.name for t in result.targets if t.name in sided],
        relation_words={r: w for r, w in RELATION_WORDS.items() if r in answers},
        numbered=lambda names: [(n, name(each, 30)) for n, each in enumerate(names)],
        downloads=download(result.relations, "relations.csv", "The comments as a table (CSV)"),
        language=article.language if article.language != "und" else None,
    )


def _labeled(target: str, label: str) -> str:
    """Return a person's label in words."""
    return f"{STANCE_WORDS[Stance(label)]} {name(target, 30)}" if target else RELATION_WORDS[label]


def notes_of(result: Result) -> list[Note]:
    """Return an article's commentaries in text order, with what each cites."""
    rows = {row.commentary_id: row for _, row in result.relations.iterrows()}
    stances = result.stances
    named = stances[~stances.abstained & stances.label.isin(list(SIDED))]
    named = named.loc[named.score.abs().sort_values(ascending=False, kind="stable").index]
    sides = {key: tuple(own.itertuples()) for key, own in named.groupby("commentary_id")}
    owner, blocks = "", {}
    first = {b: c.commentary_id for c, _ in result.requests.commentaries for b in c.block_ids}
    for block in result.article.of_kind(Kind.COMMENTARY, Kind.CITATION):
        owner = first.get(block.block_id, owner or block.block_id)
        blocks.setdefault(owner, []).append(block)
    numbers = {owner: n for n, owner in enumerate(blocks, 1)}
    found = []
    for owner, parts in blocks.items():
        row = rows.get(owner, _UNSCORED)
        answered = numbers.get(row.get("reply_to", ""), 0)
        found.append(Note(numbers[owner], tuple(parts), row, sides.get(owner, ()), answered))
    return found


_UNSCORED = pd.Series(
    {"label": "", "abstained": True, "passage_start": 0, "passage_end": 0, "alignment": ""}
)


def beside(article: Article, notes: Sequence[Note]) -> tuple[list[Block], dict[str, list[Note]]]:
    """Return the article's own blocks, and by block the notes that stand beside it.

    A note stands beside the last block that its passage reaches, or the one before it, and a
    reply beside that of its comment; where the article has no block of its own, all stand beside
    none, the key "".
    """
    place_of: dict[int, str] = {}
    placed: dict[str, list[Note]] = {}
    stream = [b for b in article.blocks if b.kind not in (Kind.COMMENTARY, Kind.CITATION)]
    for note in notes:
        start, end = note.passage
        anchor = end if end > start else note.blocks[0].start
        before = [b for b in stream if b.start < anchor] or stream[:1]
        own = before[-1].block_id if before else ""
        place_of[note.number] = place_of.get(note.answered, own)
        placed.setdefault(place_of[note.number], []).append(note)
    return stream, placed


def _rows(article: Article, notes: Sequence[Note]) -> Iterable[Row]:
    """Part the article so that each row starts with a passage and holds its notes."""
    stream, placed = beside(article, notes)
    if not stream:
        yield Row((), tuple(placed.get("", ())))
    row: list[Block] = []
    for block in stream:
        if block.block_id in placed and row:
            yield _row(row, placed)
            row = []
        row.append(block)
    if row:
        yield _row(row, placed)


def _row(blocks: Sequence[Block], placed: dict[str, list[Note]]) -> Row:
    return Row(tuple(blocks), tuple(placed.get(blocks[0].block_id, ())))


class _Layers:
    """What lies over an article's text: passages, targets, quotations, sentences, changes."""

    def __init__(self, result: Result, notes: Sequence[Note], cards: Cards, marks: Marks):
        segments, self.raw, self.cards = result.segments, result.article.raw, cards
        self.passages = [(*note.passage, note) for note in notes if note.answers]
        self.targets = [
            (*m.span(), target.name)
            for target in result.targets
            for m in mention_pattern(target).finditer(self.raw)
        ]
        self.quoted = [
            (s.start, s.end, s.speaker or "speaker not found")
            for s in segments[segments.voice == Voice.QUOTED.value].itertuples()
        ]
        self.inserted = [(*span, True) for span in marks.inserted]
        self.removed = marks.removed

    def runs(self, start: int, end: int) -> list[Run]:
        """Return a span of the article, parted at its scored sentences."""
        parts, at = [], start
        for first, last, segment_id in self.cards.within(start, end):
            goes_on = [note for a, b, note in self.passages if a < last < b]
            inside = f"cp-answered cp-{goes_on[0].relation}" if goes_on else ""
            parts.append(Run(self.pieces(at, first)))
            parts.append(Run(self.pieces(first, last), self.cards.card(segment_id), inside))
            at = last
        last = (Piece("", (), None, None, removed=self.removed.get(end, ())),)
        return [*parts, Run(self.pieces(at, end)), Run(last)]

    def pieces(self, start: int, end: int) -> tuple[Piece, ...]:
        """Return a span, cut where a voice, passage or mention starts or ends."""
        if start >= end:
            return ()
        near = [
            [span for span in layer if span[0] < end and start < span[1]]
            for layer in (self.passages, self.quoted, self.targets, self.inserted)
        ]
        edges = {edge for layer in near for span in layer for edge in span[:2]}
        cuts = {cut for cut in edges.union(self.removed) if start < cut < end}
        return tuple(
            Piece(
                text=self.raw[a:b],
                notes=tuple(note for s, e, note in near[0] if s <= a < e),
                **{
                    name: next((value for s, e, value in layer if s <= a < e), None)
                    for name, layer in zip(("speaker", "target"), near[1:3], strict=True)
                },
                signs=tuple(note for _, last, note in near[0] if last == b),
                overrides=bool(_OVERRIDES.search(self.raw, a, b)),
                inserted=any(s <= a < e for s, e, _ in near[3]),
                removed=self.removed.get(a, ()),
            )
            for a, b in pairwise(sorted({start, end} | cuts))
        )
