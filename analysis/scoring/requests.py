"""What one article asks of a scorer: it is parsed and aligned once, and nothing is scored yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from analysis.alignment.align import align, commentaries, trailing_comments
from analysis.scorers import Texts
from analysis.text.loaded_language import Cue, cues
from analysis.text.marks import words
from analysis.text.segment import attributions, segments
from analysis.text.targets import Aliases, mentions, names_any
from analysis.text.targets import targets as targets_of
from analysis.types import Article, Commentary, Kind, Passage, Segment, Target, Task, Voice

UNSCORED = (Kind.CREDIT,)  # a photographer's name or an address takes no stance


class Mention(NamedTuple):
    """A target that a segment speaks of.

    `form` is the target's name where the segment has it, else the alias that it uses.
    `inherited` marks a commentary that names no target and takes those of its passage.
    """

    target: Target
    form: str
    inherited: bool


@dataclass(frozen=True, eq=False)
class ScoringRequests:
    """An article's parts, and through `rows` the texts to be scored.

    Attributes:
        article: the article.
        targets: what the stances are toward.
        segments: in text order.
        commentaries: each with the passage that it answers.
        stances: pairs of a segment and a target that it speaks of.
        cues: by segment id the cues of loaded language.
    """

    article: Article
    targets: tuple[Target, ...]
    segments: tuple[Segment, ...]
    commentaries: tuple[tuple[Commentary, Passage], ...]
    stances: tuple[tuple[Segment, Mention], ...]
    cues: dict[str, tuple[Cue, ...]]

    @cached_property
    def worded(self) -> tuple[Segment, ...]:
        """The segments whose wording is scored: those that hold a word, credits left out."""
        return tuple(s for s in self.segments if s.kind not in UNSCORED and words(s.text))

    @cached_property
    def trailing(self) -> frozenset[str]:
        """The ids of the comments that stand together behind the article; see `align`."""
        return trailing_comments(self.article)

    def rows(self, task: Task) -> list[Texts]:
        """Return the rows of a task as `Scorer.predict` takes them, in the order of its frame."""
        if task is Task.RELATION:
            return [(passage.text, comment.text) for comment, passage in self.commentaries]
        if task is Task.STANCE:
            return [(segment.text, mention.form) for segment, mention in self.stances]
        return [(segment.text,) for segment in self.worded]


def requests_for(
    article: Article, targets: Sequence[str] = (), *, aliases: Aliases | None = None
) -> ScoringRequests:
    """Parse an article and return what is to be scored; for the arguments see `score`."""
    named = targets_of(article, targets, aliases=aliases)
    parts = segments(article)
    answered = tuple(zip(commentaries(article), align(article, parts), strict=True))
    mentioned = _mentioned(parts, answered, named)
    attributing = attributions(parts)  # "Moscow denies that" is nobody's stance
    stances = tuple(
        (part, mention)
        for part in parts
        if part.kind not in UNSCORED and part.segment_id not in attributing
        for mention in mentioned[part.segment_id]
    )
    return ScoringRequests(article, named, parts, answered, stances, cues(article, parts))


def _mentioned(
    parts: Sequence[Segment],
    answered: Sequence[tuple[Commentary, Passage]],
    targets: Sequence[Target],
) -> dict[str, list[Mention]]:
    """Return by segment id the targets that it speaks of, or inherits from its passage."""
    mentioned: dict[str, list[Mention]] = {}
    for part in parts:
        forms = [(target, mentions(target, part.text)) for target in targets]
        mentioned[part.segment_id] = [
            Mention(target, target.name if target.name in used else used[0], False)
            for target, used in forms
            if used
        ]
    for comment, passage in answered:
        own = [p for p in parts if p.block_id in comment.block_ids and p.voice is Voice.COMMENTATOR]
        if any(mentioned[part.segment_id] for part in own) or names_any(comment.text):
            continue  # it has a topic of its own, though it may be none of the targets
        topics = [target for target in targets if mentions(target, passage.text)]
        for part in own:
            mentioned[part.segment_id] = [Mention(target, target.name, True) for target in topics]
    return mentioned
