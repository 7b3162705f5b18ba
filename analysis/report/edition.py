"""The annotated article as safe HTML: each commentary beside the passage that it answers.

The article's text appears exactly once and whole; what the report adds to it
(numbers, labels, scores) carries the attribute `data-added`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd
from markupsafe import Markup

from analysis.html.display import number
from analysis.html.elements import EMPTY, Html, element, join
from analysis.report.cards import Cards
from analysis.report.findings import measure
from analysis.scoring.explanation import Explanations
from analysis.scoring.pipeline import Result
from analysis.text.targets import mention_pattern
from analysis.types import Alignment, Article, Block, Kind, Relation, Task, Voice

ABSTAINED = "abstained"
LONG, ROOM = 3, 600  # notes longer than so many times their text, and characters, stand below it

_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
Layer = Sequence[tuple[int, int, Any]]  # start, end, and what lies there

_SAYS = {
    Relation.AGREE: "agrees",
    Relation.DISAGREE: "disagrees",
    Relation.NEUTRAL: "neutral",
    ABSTAINED: "abstained",
}
_ALIGNED = {
    Alignment.ANCHOR: "anchored by the file",
    Alignment.QUOTE: "matched by quotation",
    Alignment.SIMILARITY: "matched by likeness",
    Alignment.POSITION: "matched by position",
}


@dataclass(frozen=True, slots=True)
class Note:
    """One commentary as the reader sees it: its number, blocks, passage and relation."""

    number: int
    blocks: tuple[Block, ...]
    row: pd.Series

    @property
    def relation(self) -> str:
        """A relation, or `abstained`."""
        return ABSTAINED if self.row.abstained else str(self.row.label)

    @property
    def passage(self) -> tuple[int, int]:
        """The span that it answers; empty where there is none."""
        return int(self.row.passage_start), int(self.row.passage_end)


def edition(result: Result, why: Explanations | None = None) -> Html:
    """Return the article with its commentary in the margin, and a card of each sentence."""
    article, notes = result.article, notes_of(result)
    writer = _Writer(result, notes, why or Explanations())
    rows = [_row(writer, blocks, own) for blocks, own in _rows(article, notes)]
    language = article.language if article.language != "und" else None
    body = element("div", *rows, class_="cp-edition", lang=language)
    return Html(element("div", *_legend(bool(notes)), body, writer.cards.all(), class_="cp"))


def notes_of(result: Result) -> list[Note]:
    """Return an article's commentaries in text order, with what each cites."""
    rows = {row.commentary_id: row for _, row in result.relations.iterrows()}
    owner, blocks = "", {}
    first = {b: c.commentary_id for c, _ in result.requests.commentaries for b in c.block_ids}
    for block in result.article.of_kind(Kind.COMMENTARY, Kind.CITATION):
        owner = first.get(block.block_id, owner or block.block_id)
        blocks.setdefault(owner, []).append(block)
    return [
        Note(n, tuple(parts), rows.get(owner, _UNSCORED))
        for n, (owner, parts) in enumerate(blocks.items(), 1)
    ]


_UNSCORED = pd.Series(
    {"label": "", "abstained": True, "passage_start": 0, "passage_end": 0, "alignment": ""}
)


def beside(article: Article, notes: Sequence[Note]) -> tuple[list[Block], dict[str, list[Note]]]:
    """Return the article's own blocks, and by block the notes that stand beside it.

    A note stands beside the last block that its passage reaches, or the one before it; where
    the article has no block of its own, all stand beside none, the key "".
    """
    placed: dict[str, list[Note]] = {}
    stream = [b for b in article.blocks if b.kind not in (Kind.COMMENTARY, Kind.CITATION)]
    for note in notes:
        start, end = note.passage
        anchor = end if end > start else note.blocks[0].start
        before = [b for b in stream if b.start < anchor] or stream[:1]
        placed.setdefault(before[-1].block_id if before else "", []).append(note)
    return stream, placed


def _rows(article: Article, notes: Sequence[Note]) -> Iterable[tuple[list[Block], list[Note]]]:
    """Part the article so that each row starts with a passage and holds its notes."""
    stream, placed = beside(article, notes)
    if not stream:
        yield [], placed.get("", [])
    row: list[Block] = []
    for block in stream:
        if block.block_id in placed and row:
            yield row, _at(placed, row)
            row = []
        row.append(block)
    if row:
        yield row, _at(placed, row)


def _at(placed: dict[str, list[Note]], row: list[Block]) -> list[Note]:
    return placed.get(row[0].block_id, [])


def _row(writer: "_Writer", blocks: list[Block], notes: list[Note]) -> Markup:
    first, rest = blocks[:1], blocks[1:]
    parts = [element("div", *map(writer.block, first), class_="cp-passage-block")] if first else []
    if notes:
        parts.append(element("div", *map(writer.note, notes), class_="cp-margin"))
    if rest:
        parts.append(element("div", *map(writer.block, rest), class_="cp-rest"))
    text_length, comment_length = (
        sum(len(b.text) for b in part) for part in (blocks, _words_of(notes))
    )
    long = comment_length > LONG * text_length + ROOM
    return element("div", *parts, class_="cp-row cp-below" if long else "cp-row")


def _words_of(notes: Sequence[Note]) -> list[Block]:
    return [block for note in notes for block in note.blocks]


def _legend(notes: bool) -> tuple[Markup, ...]:
    keys = [
        element("span", "quoted voices", class_="cp-quoted"),
        element("span", "named targets", class_="cp-target"),
        element("span", "opens a sentence’s scores", class_="cp-key"),
        element("span", "it takes a stance", class_="cp-key cp-clear"),
    ]
    if notes:
        keys += [
            element("span", _SAYS[r], class_=f"cp-chip cp-{r}") for r in (*Relation, ABSTAINED)
        ]
    return (element("p", *[join([k, " "]) for k in keys], class_="cp-legend", data_added=True),)


class _Writer:
    """Writes blocks and notes of one article."""

    def __init__(self, result: Result, notes: Sequence[Note], why: Explanations):
        article, segments = result.article, result.segments
        self.article, self.scorer, self.why = article, result.scorer, why
        self.cards = Cards(result, why)
        self.passages = [(*n.passage, n) for n in notes if n.passage[1] > n.passage[0]]
        self.targets = [
            (*m.span(), target.name)
            for target in result.targets
            for m in mention_pattern(target).finditer(article.raw)
        ]
        self.quoted = [
            (s.start, s.end, s.speaker or "speaker not found")
            for s in segments[segments.voice == Voice.QUOTED.value].itertuples()
        ]

    def block(self, block: Block) -> Markup:
        """Return a block of the article; the notes' numbers follow their passages."""
        text = self.text(block.start, block.end)
        return element("p", text, class_=f"cp-{block.kind.value}", dir="auto")

    def note(self, note: Note) -> Markup:
        """Return a commentary with its relation in a word, and what it cites."""
        words = [self.note_block(block) for block in note.blocks]
        label = f"Comment {note.number}: {_SAYS.get(note.relation, note.relation)}"
        return element(
            "aside",
            self.note_head(note),
            *words,
            self.note_why(note),
            id=f"comment-{note.number}",
            class_=f"cp-note cp-{note.relation}",
            role="note",  # one of many, so no landmark
            aria_label=label,
        )

    def note_head(self, note: Note) -> Markup:
        """Return a note's number, relation, score, and what tied it to its passage."""
        word = element("b", _SAYS.get(note.relation, note.relation), class_="cp-relation")
        tied = _ALIGNED.get(note.row.alignment, "")
        if note.passage[1] > note.passage[0]:
            sign = element("a", note.number, href=f"#passage-{note.number}", title="to the passage")
        else:
            sign, tied = element("span", note.number), "answers no passage of the article"
        about = f"{self.score(note)} · {tied}" if self.score(note) else tied
        about = element("span", about, class_="cp-about")
        return element("p", sign, " ", word, " ", about, class_="cp-head", data_added=True)

    def note_why(self, note: Note) -> Markup:
        """Return the words that carry a note's relation, folded away; nothing where unexplained."""
        explanation = self.why.relations.get(str(note.row.get("commentary_id", "")))
        return explanation.details("Which words carry this") if explanation else EMPTY

    def score(self, note: Note) -> str:
        """Return the figure behind a note's relation, called what it is."""
        value = note.row.get(f"p_{note.row.label}")
        if value is None or pd.isna(value) or note.row.abstained:
            return ""
        return f"{measure(self.scorer, Task.RELATION)} {number(value)}"

    def note_block(self, block: Block) -> Markup:
        """Return a block of a commentary; its marker is nobody's words and stands back."""
        if block.kind is Kind.CITATION:
            words = element("p", self.text(block.start, block.end), dir="auto")
            return element("blockquote", words, class_="cp-cited")
        start, end = block.body
        marks = (self.article.raw[block.start : start], self.article.raw[end : block.end])
        lead, tail = (element("span", m, class_="cp-marker") if m else EMPTY for m in marks)
        return element("p", lead, self.text(start, end), tail, dir="auto")

    def text(self, start: int, end: int) -> Markup:
        """Return a span of the article, each scored sentence with the button of its card."""
        parts, at = [], start
        for first, last, segment_id in self.cards.within(start, end):
            goes_on = [note for a, b, note in self.passages if a < last < b]
            inside = f"cp-answered cp-{goes_on[0].relation}" if goes_on else ""
            sentence = (self.pieces(first, last), self.cards.button(segment_id, inside))
            parts += [self.pieces(at, first), element("span", *sentence, class_="cp-sentence")]
            at = last
        return join([*parts, self.pieces(at, end)])

    def pieces(self, start: int, end: int) -> Markup:
        """Return a span, cut where a voice, passage or mention starts or ends."""
        if start >= end:
            return EMPTY
        near = [
            [span for span in layer if span[0] < end and start < span[1]]
            for layer in (self.passages, self.targets, self.quoted)
        ]
        cuts = {c for layer in near for span in layer for c in span[:2] if start < c < end}
        edges = sorted({start, end} | cuts)
        return join(self.piece(a, b, *near) for a, b in pairwise(edges))

    def piece(self, start: int, end: int, passages: Layer, targets: Layer, quoted: Layer) -> Markup:
        """Return a piece that lies wholly in or out of every span of the layers."""
        written: Markup | str = self.article.raw[start:end]
        if _OVERRIDES.search(written):  # may be left open, and would turn all that follows
            written = element("bdi", written)
        for target in _over(targets, start)[:1]:
            written = element("mark", written, class_="cp-target", title=target)
        for speaker in _over(quoted, start)[:1]:
            written = element("q", written, class_="cp-quoted", title=f"quoted: {speaker}")
        for note in _over(passages, start)[:1]:
            written = element("span", written, class_=f"cp-answered cp-{note.relation}")
        return join([written, *(_sign(note) for _, last, note in passages if last == end)])


def _over(layer: Layer, at: int) -> list:
    return [value for start, end, value in layer if start <= at < end]


def _sign(note: Note) -> Markup:
    link = element(
        "a",
        note.number,
        href=f"#comment-{note.number}",
        aria_label=f"Comment {note.number}, {_SAYS.get(note.relation, note.relation)}",
    )
    return element(
        "sup",
        link,
        id=f"passage-{note.number}",
        class_=f"cp-sign cp-{note.relation}",
        data_added=True,
    )
