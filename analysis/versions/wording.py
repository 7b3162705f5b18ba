"""Compares the sentences and words of two versions."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

from analysis.text.marks import Span
from analysis.text.nlp import parsed
from analysis.types import Article, ChangeKind, Kind
from analysis.versions.changes import (
    NOWHERE,
    HeadlineChange,
    Op,
    ParagraphChange,
    SentenceChange,
    WordRun,
)
from analysis.versions.matching import (
    ELSEWHERE,
    SENTENCES,
    Match,
    Texts,
    in_reading_order,
    match,
    pairs,
)

MIN_WORDS = 6  # of a sentence that moved to another paragraph
MAX_TOKENS = 4_000  # of two texts that are compared word by word
TOKEN = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
_PLAIN = str.maketrans("‘’‚‛“”„‟«»‐‑‒–—\u00a0", '\'\'\'\'""""""----- ')


def plain(text: str) -> str:
    """Return a text with simple quotation marks and dashes, and its white space folded."""
    return " ".join(text.translate(_PLAIN).split())


def change_kind(original: str, republished: str) -> ChangeKind:
    """Return what happened to a text, empty in the version that lacks it.

    It was kept where only the form of quotation marks, dashes and white space differs.
    """
    if plain(original) == plain(republished):
        return ChangeKind.KEPT
    if original and republished:
        return ChangeKind.REWORDED
    return ChangeKind.LEFT_OUT if original else ChangeKind.ADDED


def word_runs(
    original: str,
    republished: str,
    *,
    original_parts: Sequence[Span] | None = None,
    republished_parts: Sequence[Span] | None = None,
) -> tuple[WordRun, ...]:
    """Return which words two texts share and which only one has, in reading order.

    Quotation marks and dashes of every form are equal. Two texts of more than `MAX_TOKENS` words
    and signs are one deletion and one insertion. No run reaches from one part into the next.

    Args:
        original: a text.
        republished: its later version.
        original_parts: the spans of the first text to compare, in order; all of it by default.
        republished_parts: those of the second one.
    """
    mine, at = _tokens(original, original_parts)
    theirs, new_at = _tokens(republished, republished_parts)
    forms = [[m[0].translate(_PLAIN) for m in side] for side in (mine, theirs)]
    if len(mine) + len(theirs) > MAX_TOKENS and forms[0] != forms[1]:
        codes = [("replace", 0, len(mine), 0, len(theirs))]
    else:
        codes = SequenceMatcher(None, *forms, autojunk=False).get_opcodes()
    starts = [parts[0][0] if parts else 0 for parts in (original_parts, republished_parts)]
    runs = []
    for code, a, b, c, d in codes:
        if code == "equal":
            for i, j in _stretches([*zip(at[a:b], new_at[c:d], strict=True)]):
                before = _span(mine, a + i, a + j, starts[0])
                after = _span(theirs, c + i, c + j, starts[1])
                runs.append(WordRun(Op.EQUAL, republished[slice(*after)], before, after))
            continue
        before, after = _span(mine, a, b, starts[0]), _span(theirs, c, d, starts[1])
        for i, j in _stretches(at[a:b]):
            gone = _span(mine, a + i, a + j, starts[0])
            runs.append(WordRun(Op.DELETE, original[slice(*gone)], gone, (after[0], after[0])))
        for i, j in _stretches(new_at[c:d]):
            new = _span(theirs, c + i, c + j, starts[1])
            runs.append(WordRun(Op.INSERT, republished[slice(*new)], (before[1], before[1]), new))
    return tuple(runs)


def _tokens(text: str, parts: Sequence[Span] | None) -> tuple[list[re.Match], list[int]]:
    """Return the words and signs of parts of a text, and the number of the part that has each."""
    found = [
        (token, number)
        for number, part in enumerate([(0, len(text))] if parts is None else parts)
        for token in TOKEN.finditer(text, *part)
    ]
    return [token for token, _ in found], [number for _, number in found]


def _stretches(parts: Sequence) -> Iterator[Span]:
    """Yield the first and last place (exclusive) of each stretch of equal values."""
    at = 0
    for _, stretch in groupby(parts):
        start, at = at, at + len([*stretch])
        yield start, at


def _span(tokens: Sequence[re.Match], first: int, last: int, start: int) -> Span:
    """Return the span of tokens; an empty one lies after the token before it, or at `start`."""
    if first < last:
        return tokens[first].start(), tokens[last - 1].end()
    at = tokens[first - 1].end() if first else start
    return at, at


def headline_change(original: Article, republished: Article) -> HeadlineChange:
    """Compare the headlines: the first block of the kind title of each."""
    before, after = (_headline(article) for article in (original, republished))
    kind = change_kind(before, after)
    similarity = Texts([before], [after]).similarity((0,), (0,)) if before and after else 0.0
    return HeadlineChange(kind, before, after, similarity, word_runs(before, after))


def _headline(article: Article) -> str:
    return next((block.text for block in article.of_kind(Kind.TITLE)), "")


def sentence_changes(
    original: Article, republished: Article, changes: Sequence[ParagraphChange]
) -> tuple[SentenceChange, ...]:
    """Return what happened to each sentence of the paragraphs, in the order of `changes`.

    Sentences are compared within their paragraph; those that find no partner there, with those of
    all other paragraphs. Within a paragraph they are in the republished order, and what was left
    out follows what it followed. A sentence that moved to another paragraph stands where it is
    republished; `original_change` says where it came from.
    """
    mine, theirs = _numbered(original, changes, 0), _numbered(republished, changes, 1)
    texts = Texts(mine.texts, theirs.texts)
    drafts = [
        _Draft(change.change_id, change.change_id, found)
        for change in changes
        for found in in_reading_order(
            match(texts, mine.of[change.change_id], theirs.of[change.change_id], SENTENCES)
        )
    ]
    drafts = _moved_between(texts, drafts)
    sides = (original.raw, mine.spans), (republished.raw, theirs.spans)
    return tuple(_finished(draft, *sides) for draft in drafts)


class _Numbered(NamedTuple):
    """The sentences of an article: spans and texts, and by paragraph change their numbers."""

    spans: list[Span]
    texts: list[str]
    of: dict[str, list[int]]


def _numbered(article: Article, changes: Sequence[ParagraphChange], side: int) -> _Numbered:
    own = {b: c.change_id for c in changes for b in (c.original, c.republished)[side]}
    found = _Numbered([], [], {change.change_id: [] for change in changes})
    for block_id, spans in sentences(article).items():
        for start, end in spans if block_id in own else ():
            found.of[own[block_id]].append(len(found.spans))
            found.spans.append((start, end))
            found.texts.append(article.raw[start:end])
    return found


class _Draft(NamedTuple):
    """Sentences that belong together, and the ids of the paragraph changes that hold them."""

    original_change: str
    republished_change: str
    found: Match


def sentences(article: Article) -> dict[str, list[Span]]:
    """Return the spans of the sentences of each block, without white space at their ends."""
    found: dict[str, list[Span]] = {}
    for block_id, docs in parsed(article).items():
        spans = ((at + s.start_char, at + s.end_char) for at, doc in docs for s in doc.sents)
        found[block_id] = [
            (a + len(text) - len(text.lstrip()), a + len(text.rstrip()))
            for a, text in ((a, article.raw[a:b]) for a, b in spans)
            if text.strip()
        ]
    return found


def _moved_between(texts: Texts, drafts: list[_Draft]) -> list[_Draft]:
    """Join sentences that one paragraph lost and another gained."""
    gone = {d.found.original[0]: d for d in drafts if not d.found.republished}
    new = {d.found.republished[0]: d for d in drafts if not d.found.original}
    long = [
        sorted(n for n in own if len(side[n]) >= MIN_WORDS)
        for own, side in ((gone, texts.original), (new, texts.republished))
    ]
    joined: dict[_Draft, _Draft | None] = {}
    for i, j in pairs(texts, *long, ELSEWHERE):
        joined[gone[i]] = None
        found = Match((i,), (j,), texts.similarity((i,), (j,)), moved=True)
        joined[new[j]] = _Draft(gone[i].original_change, new[j].republished_change, found)
    return [each for d in drafts if (each := joined.get(d, d)) is not None]


def _finished(
    draft: _Draft, original: tuple[str, list[Span]], republished: tuple[str, list[Span]]
) -> SentenceChange:
    numbers = draft.found.original, draft.found.republished
    raws = original[0], republished[0]
    mine, theirs = (
        _joined(raw, [spans[n] for n in own])
        for own, (raw, spans) in zip(numbers, (original, republished), strict=True)
    )
    texts = [
        " ".join(raw[a:b] for a, b in parts)
        for raw, parts in zip(raws, (mine, theirs), strict=True)
    ]
    before, after = ((p[0][0], p[-1][1]) if p else NOWHERE for p in (mine, theirs))
    return SentenceChange(
        draft.original_change if numbers[0] else "",
        draft.republished_change if numbers[1] else "",
        change_kind(*texts),
        draft.found.moved,
        before,
        after,
        *texts,
        round(draft.found.similarity, 4),
        word_runs(*raws, original_parts=mine, republished_parts=theirs),
    )


def _joined(raw: str, spans: Sequence[Span]) -> list[Span]:
    """Join spans with nothing but white space between them."""
    out: list[Span] = []
    for start, end in spans:
        if out and not raw[out[-1][1] : start].strip():
            start = out.pop()[0]
        out.append((start, end))
    return out
