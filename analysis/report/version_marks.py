"""What lies over a republished text: what was put in, moved, reworded and left out, and where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from analysis.html.display import capitalized, count, word
from analysis.text.marks import Span, words
from analysis.types import Article, ChangeKind, Kind
from analysis.versions.changes import NOWHERE, Op, ParagraphChange, SentenceChange
from analysis.versions.compare import VersionsResult

REWORDED = ChangeKind.REWORDED
WORDS = {
    ChangeKind.KEPT: "kept",
    ChangeKind.REWORDED: "reworded",
    ChangeKind.ADDED: "added",
    ChangeKind.LEFT_OUT: "left out",
}


@dataclass(frozen=True, slots=True)
class Tag:
    """What stands above a changed paragraph: its kind, that in a word, and what else is known."""

    kind: str
    word: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A block of the original that the republished text lacks: its kind, text and words."""

    kind: str
    text: str
    words: int


@dataclass(frozen=True, slots=True)
class Marks:
    """What a page shows over a republished text.

    Attributes:
        inserted: spans of words that were put in, in characters of the republished raw text.
        removed: words that were taken out, by the place in that text where they would stand.
        tags: by block id of the republished text, what stands above a changed paragraph.
        left_out: what was left out, by the block id that it would follow; empty: at the start.
        notes: by commentary id, a line to stand beside the comment.
    """

    inserted: tuple[Span, ...] = ()
    removed: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    tags: Mapping[str, Tag] = field(default_factory=dict)
    left_out: Mapping[str, tuple[LeftOut, ...]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


NO_MARKS = Marks()


def marks(result: VersionsResult, notes: Mapping[str, str]) -> Marks:
    """Return what the page of a republished text shows over it.

    Args:
        result: what was changed since the original.
        notes: as in `Marks`.
    """
    original, paragraphs = result.original.article, result.paragraphs
    inserted, removed = _words(result.republished.article, paragraphs, result.sentences)
    return Marks(
        inserted=inserted,
        removed={at: tuple(texts) for at, texts in removed.items()},
        tags=_tags(original, paragraphs),
        left_out=_left_out(original, paragraphs),
        notes=notes,
    )


def _words(
    article: Article, paragraphs: Iterable[ParagraphChange], sentences: Iterable[SentenceChange]
) -> tuple[tuple[Span, ...], dict[int, list[str]]]:
    """Return the words put into reworded paragraphs, and those taken out by their place."""
    places = {c.change_id: c.republished_span[0] for c in paragraphs if c.kind is REWORDED}
    inserted: list[Span] = []
    removed: dict[int, list[str]] = {}
    for sentence in sentences:
        change_id = sentence.republished_change or sentence.original_change
        if change_id not in places:
            continue
        lost = sentence.republished_span == NOWHERE  # it followed the sentence before it
        for run in sentence.runs:
            if run.op is Op.INSERT:
                inserted.append(run.republished_span)
            elif run.op is Op.DELETE:
                at = places[change_id] if lost else run.republished_span[0]
                at, text = _parted(article, at, run.text)
                removed.setdefault(at, []).append(text)
        places[change_id] = max(places[change_id], sentence.republished_span[1])
    return tuple(inserted), removed


def _parted(article: Article, at: int, text: str) -> tuple[int, str]:
    """Return the place of words before the next one, and the words with the spaces they need."""
    end = next((block.end for block in article.blocks if block.start <= at <= block.end), at)
    while at < end and article.raw[at].isspace():
        at += 1
    before = " " if at and not article.raw[at - 1].isspace() else ""
    after = " " if at < end and article.raw[at].isalnum() else ""
    return at, f"{before}{text}{after}"


def _tags(original: Article, paragraphs: Iterable[ParagraphChange]) -> dict[str, Tag]:
    numbers = {b.block_id: n for n, b in enumerate(original.of_kind(Kind.PARAGRAPH), 1)}
    found = {}
    for change in paragraphs:
        tag = _tag(change, numbers)
        if change.republished and tag is not None:
            found[change.republished[0]] = tag
    return found


def _tag(change: ParagraphChange, numbers: Mapping[str, int]) -> Tag | None:
    """Return what stands above a paragraph; none where it was kept as and where it was."""
    before, now = len(change.original), len(change.republished)
    more = []
    if change.moved:
        number = numbers.get(change.original[0])
        was = f"paragraph {number} of {len(numbers)}" if number else "elsewhere"
        more.append(f"was {was}")
    if before and now and before != now:
        more.append(f"{count(before, 'paragraph')} turned into {word(now)}")
    kinds = [WORDS[change.kind]] * (change.kind is not ChangeKind.KEPT) + ["moved"] * change.moved
    if not (kinds or more):
        return None
    kind = "moved" if change.moved and change.kind is ChangeKind.KEPT else change.kind.value
    shown = capitalized(" and ".join(kinds)) or "Unchanged"
    return Tag(kind, shown, ", ".join(more))


def _left_out(
    original: Article, paragraphs: Iterable[ParagraphChange]
) -> dict[str, tuple[LeftOut, ...]]:
    blocks = {block.block_id: block for block in original.blocks}
    found: dict[str, tuple[LeftOut, ...]] = {}
    place = ""
    for change in paragraphs:
        if change.republished:
            place = change.republished[-1]
            continue
        gone = (blocks[block_id] for block_id in change.original)
        made = (LeftOut(b.kind.value, b.text, len(words(b.text))) for b in gone)
        found[place] = (*found.get(place, ()), *made)
    return found
