"""Which paragraphs, sentences and words changed, whose they are, and which comments answer them."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from analysis.scoring.pipeline import Result
from analysis.text.marks import WORD, Span, overlap, words
from analysis.text.speakers import merged_names
from analysis.types import Article, ChangeKind, Segment, Voice
from analysis.versions.changes import NOWHERE, HeadlineChange, Op, ParagraphChange, SentenceChange

SPOKEN = (Voice.AUTHOR, Voice.QUOTED)


def pair_ids(original: Result, republished: Result) -> dict[str, str]:
    """Return the columns that say of which pair a row is."""
    return {
        "original_id": original.article.article_id,
        "republished_id": republished.article.article_id,
    }


def _spans(change: ParagraphChange | SentenceChange) -> dict:
    spans = change.original_span, change.republished_span
    return {
        "original_start": spans[0][0],
        "original_end": spans[0][1],
        "republished_start": spans[1][0],
        "republished_end": spans[1][1],
        "similarity": change.similarity,
    }


def paragraph_rows(
    changes: Sequence[ParagraphChange], original: Article, republished: Article
) -> Iterator[dict]:
    """Yield the rows of the frame `paragraph_changes`."""
    mine, theirs = ({b.block_id: b.text for b in a.blocks} for a in (original, republished))
    for change in changes:
        yield _spans(change) | {
            "change_id": change.change_id,
            "kind": change.kind.value,
            "moved": change.moved,
            "original_blocks": " ".join(change.original),
            "republished_blocks": " ".join(change.republished),
            # without the comments that stand between the parts of a split paragraph
            "original": "\n\n".join(mine[b] for b in change.original),
            "republished": "\n\n".join(theirs[b] for b in change.republished),
        }


def sentence_rows(changes: Sequence[SentenceChange]) -> Iterator[dict]:
    """Yield the rows of the frame `sentence_changes`."""
    for change in changes:
        counts = Counter()
        for run in change.runs:
            counts[run.op] += len(words(run.text))
        yield _spans(change) | {
            "original": change.original_text,
            "republished": change.republished_text,
            "original_change": change.original_change,
            "republished_change": change.republished_change,
            "kind": change.kind.value,
            "moved": change.moved,
            "deleted_words": counts[Op.DELETE],
            "inserted_words": counts[Op.INSERT],
        }


def voice_rows(
    changes: Sequence[SentenceChange], original: Result, republished: Result
) -> Iterator[dict]:
    """Yield the rows of the frame `voices_changed`: the author, then who lost and gained most.

    Words are counted in the article's paragraphs. What was kept counts for whoever says it in the
    original, what was gained for whoever says it in the republished text; a speaker counts under
    one name in both.
    """
    names = common_names(original, republished)
    lost = _counted(original, _runs(changes, Op.DELETE, 0), names)
    kept = _counted(original, _runs(changes, Op.EQUAL, 0), names)
    gained = _counted(republished, _runs(changes, Op.INSERT, 1), names)
    order = {voice: place for place, voice in enumerate(Voice)}
    every = sorted(
        {*lost, *kept, *gained},
        key=lambda key: (order[key[0]], -lost[key] - gained[key], -kept[key], key[1]),
    )
    for key in every:
        yield {
            "voice": key[0].value,
            "speaker": key[1],
            "original_words": kept[key] + lost[key],
            "kept": kept[key],
            "lost": lost[key],
            "gained": gained[key],
            "republished_words": kept[key] + gained[key],
        }


def common_names(one: Result, other: Result) -> dict[str, str]:
    """Return by each quoted speaker's name the one to count under in both texts."""
    parts = [*one.requests.segments, *other.requests.segments]
    quoted = [part.speaker for part in parts if part.cue or part.voice is Voice.QUOTED]
    own = {**one.requests.speakers, **other.requests.speakers}
    merged = merged_names([own.get(name, name) for name in quoted], {})
    return {name: merged.get(own.get(name, name), own.get(name, name)) for name in quoted}


def _runs(changes: Sequence[SentenceChange], op: Op, side: int) -> list[Span]:
    """Return the spans of all runs of one kind, in the original (0) or republished text (1)."""
    return [
        (run.original_span, run.republished_span)[side]
        for change in changes
        for run in change.runs
        if run.op is op
    ]


def _counted(result: Result, spans: Sequence[Span], names: Mapping[str, str]) -> Counter:
    """Count the words in spans by voice and speaker."""
    spoken = [s for s in result.requests.segments if s.voice in SPOKEN]
    starts = [s.start for s in spoken]
    counts: Counter = Counter()
    for start, end in spans:
        for word in WORD.finditer(result.article.raw, start, end):
            at = bisect_right(starts, word.start()) - 1
            if at >= 0 and word.start() < spoken[at].end:
                counts[_who(spoken[at], names)] += 1
    return counts


def _who(part: Segment, names: Mapping[str, str]) -> tuple[Voice, str]:
    quoted = part.voice is Voice.QUOTED
    return part.voice, names.get(part.speaker, part.speaker) if quoted else ""


def comment_rows(
    headline: HeadlineChange,
    paragraphs: Sequence[ParagraphChange],
    changes: Sequence[SentenceChange],
    original: Result,
    republished: Result,
) -> Iterator[dict]:
    """Yield the rows of the frame `comments_on_changes`.

    A comment has a row for each sentence of its passage that was reworded, moved or added, and for
    each one that was left out of a paragraph that it answers. Replies have none.
    """
    moved = {p.change_id for p in paragraphs if p.moved}
    spans = {p.change_id: p.republished_span for p in paragraphs}
    titles = republished.article.blocks[:1] if headline.republished else ()
    labels = {r.commentary_id: r for r in republished.relations.itertuples()}
    for comment, passage in republished.requests.commentaries:
        if comment.reply_to or passage.start == passage.end:
            continue
        answered = passage.start, passage.end
        about = labels[comment.commentary_id]
        named = {
            "commentary_id": comment.commentary_id,
            "commentator": comment.commentator,
            "label": about.label,
            "abstained": about.abstained,
        }
        on_title = any(overlap(answered, (b.start, b.end)) for b in titles)
        if on_title and headline.kind is not ChangeKind.KEPT:
            yield named | {
                "change_id": "",
                "kind": headline.kind.value,
                "moved": False,
                "original": headline.original,
                "republished": headline.republished,
            }
        for change in changes:
            if change.kind is ChangeKind.LEFT_OUT:
                touched = overlap(answered, spans[change.original_change])
            else:
                touched = overlap(answered, change.republished_span)
            shifted = change.moved or change.republished_change in moved
            if touched and (shifted or change.kind is not ChangeKind.KEPT):
                yield named | {
                    "change_id": change.republished_change or change.original_change,
                    "kind": change.kind.value,
                    "moved": shifted,
                    "original": change.original_text,
                    "republished": change.republished_text,
                }


def kinds_of(
    segments: Sequence[Segment], changes: Sequence[SentenceChange], side: int
) -> dict[str, ChangeKind]:
    """Return what happened to each segment, by its id: what happened to the sentence it begins in.

    Args:
        segments: of one version.
        changes: as `sentence_changes` gives them.
        side: 0 for the original, 1 for the republished text.
    """
    own = sorted(
        (span, change.kind)
        for change in changes
        if (span := (change.original_span, change.republished_span)[side]) != NOWHERE
    )
    starts = [span[0] for span, _ in own]
    kinds = {}
    for part in segments:
        at = bisect_right(starts, part.start) - 1
        if at >= 0 and part.start < own[at][0][1] and part.voice in SPOKEN:
            kinds[part.segment_id] = own[at][1]
    return kinds
