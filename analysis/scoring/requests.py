"""The rows of one article to be scored; the article is parsed and aligned, not yet scored."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from analysis.alignment.align import align, commentaries, trailing_comments
from analysis.scorers import Texts
from analysis.text.aliases import Aliases, read_aliases
from analysis.text.found_targets import targets as targets_of
from analysis.text.loaded_language import Cue, cues
from analysis.text.marks import Span, merged, name_key, words
from analysis.text.references import References, references
from analysis.text.segment import attributions, segments
from analysis.text.speakers import merged_names
from analysis.text.targets import mentions, names_any
from analysis.types import Article, Commentary, Kind, Passage, Segment, Target, Task, Voice

UNSCORED = (Kind.CREDIT,)  # a photographer's name or an address takes no stance


class StanceRequest(NamedTuple):
    """A text whose stance toward a target is scored.

    Attributes:
        segment_id: the sentence or quotation; empty for a whole comment.
        commentary_id: the comment that holds the text; empty for the article's own.
        voice: whose stance it is; `quoted` of what the author says that somebody wants.
        speaker: who is quoted or wants it, where the article says so.
        text: what is scored: the segment, the whole comment or the whole passage.
        target: what the stance is toward.
        form: how the text names the target: by its name, else by the alias it uses.
    """

    segment_id: str
    commentary_id: str
    voice: Voice
    speaker: str
    text: str
    target: Target
    form: str


class Derivation(NamedTuple):
    """A comment that names no target and takes one of its passage's: `sources` speak of it.

    They are ids of segments, of a reply that of the comment answered.
    """

    comment: Commentary
    target: Target
    sources: frozenset[str]


@dataclass(frozen=True, eq=False)
class ScoringRequests:
    """An article's parts, and through `rows` the texts to be scored.

    Attributes:
        article: the article.
        targets: what the stances are toward.
        segments: in text order.
        commentaries: each with the passage that it answers.
        stances: the texts whose stance is scored, each toward one target.
        derived: the stances that follow from a passage's and the comment's relation to it.
        cues: by segment id the cues of loaded language.
        speakers: by a quoted speaker's name the one for all its forms; see `merged_names`.
    """

    article: Article
    targets: tuple[Target, ...]
    segments: tuple[Segment, ...]
    commentaries: tuple[tuple[Commentary, Passage], ...]
    stances: tuple[StanceRequest, ...]
    derived: tuple[Derivation, ...]
    cues: dict[str, tuple[Cue, ...]]
    speakers: dict[str, str]

    @cached_property
    def worded(self) -> tuple[Segment, ...]:
        """The segments whose wording is scored: those with a word, except credits."""
        return tuple(s for s in self.segments if s.kind not in UNSCORED and words(s.text))

    @cached_property
    def trailing(self) -> frozenset[str]:
        """The ids of the comments that stand together after the article; see `align`."""
        return trailing_comments(self.article)

    @cached_property
    def own_segments(self) -> dict[str, tuple[Segment, ...]]:
        """The segments in the commentator's own voice, by commentary id."""
        own: dict[str, list[Segment]] = {c.commentary_id: [] for c, _ in self.commentaries}
        comment_of = {b: c.commentary_id for c, _ in self.commentaries for b in c.block_ids}
        for segment in self.segments:
            if segment.voice is Voice.COMMENTATOR and segment.block_id in comment_of:
                own[comment_of[segment.block_id]].append(segment)
        return {commentary_id: tuple(segments) for commentary_id, segments in own.items()}

    def rows(self, task: Task) -> list[Texts]:
        """Return the rows of a task as `Scorer.predict` takes them, in the order of its frame."""
        if task is Task.RELATION:
            return [(passage.text, comment.text) for comment, passage in self.commentaries]
        if task is Task.STANCE:
            return [(request.text, request.form) for request in self.stances]
        return [(segment.text,) for segment in self.worded]


def requests_for(
    article: Article,
    targets: Sequence[str] = (),
    *,
    aliases: Aliases | None = None,
    also: Sequence[Target] = (),
) -> ScoringRequests:
    """Parse an article and return what is to be scored; for the arguments see `score`.

    The author's and quoted people's stance is scored by sentence or quotation that names the
    target, a commentator's once of the whole comment. Targets given by the user are scored of
    every comment, whether it names them or not, and, where no sentence of the article names one,
    of the whole passage; targets found in the text, and those that are `also` scored, of comments
    that name them.
    """
    found = _joined(targets_of(article, targets, aliases=aliases), () if targets else also)
    parts = segments(article)
    answered = tuple(zip(commentaries(article), align(article, parts), strict=True))
    meant = references(article, found)
    of_segments = _of_segments(parts, answered, found, meant)
    of_comments = _of_comments(article, answered, found, meant, every=bool(targets))
    of_passages = _of_passages(article, parts, answered, found, of_segments) if targets else []
    derived = () if targets else _derived(parts, answered, of_segments, of_comments)
    stances = (*of_segments, *of_passages, *of_comments)
    cues_by_segment = cues(article, parts)
    table = read_aliases() if aliases is None else aliases
    quoted = merged_names((p.speaker for p in parts if p.cue or p.voice is Voice.QUOTED), table)
    return ScoringRequests(
        article, found, parts, answered, stances, derived, cues_by_segment, quoted
    )


def _joined(found: Sequence[Target], also: Sequence[Target]) -> tuple[Target, ...]:
    """Merge two sets of targets; a found target that is an alias of a given one takes its name."""
    joined: dict[str, Target] = {}
    for target in (*found, *also):
        same = next((a for a in also if _same(a, target)), target)
        known = joined.get(same.name, same)
        forms = dict.fromkeys((*known.aliases, target.name, *target.aliases))
        joined[same.name] = Target(same.name, tuple(f for f in forms if f != same.name))
    return tuple(joined.values())


def _same(one: Target, other: Target) -> bool:
    """Return whether one's name is a name or alias of the other."""
    mine, others = ({name_key(n) for n in (t.name, *t.aliases)} for t in (one, other))
    return name_key(one.name) in others or name_key(other.name) in mine


def _form(target: Target, text: str, meant: References, spans: Sequence[Span]) -> str:
    """Return how a text names a target: by its name, else by its first alias there, else empty.

    A text that only refers to it ("It is a terrible idea") has its name.
    """
    used = mentions(target, text)
    refers = any(s <= start < e for start, _ in meant[target.name] for s, e in spans)
    return target.name if target.name in used or refers else next(iter(used), "")


def _of_segments(
    parts: Sequence[Segment],
    answered: Sequence[tuple[Commentary, Passage]],
    targets: Sequence[Target],
    meant: References,
) -> list[StanceRequest]:
    """Return the requests of sentences and quotations, those cited in comments among them."""
    comment_of = {block: c.commentary_id for c, _ in answered for block in c.block_ids}
    attributing = attributions(parts)  # "Moscow denies that" is nobody's stance
    return [
        StanceRequest(
            part.segment_id,
            comment_of.get(part.block_id, ""),
            Voice.QUOTED if part.wish else part.voice,
            part.speaker,
            part.text,
            target,
            form,
        )
        for part in parts
        if part.kind not in UNSCORED
        and part.voice is not Voice.COMMENTATOR
        and part.segment_id not in attributing
        for target in targets
        if (form := _form(target, part.text, meant, [(part.start, part.end)]))
    ]


def _of_comments(
    article: Article,
    answered: Sequence[tuple[Commentary, Passage]],
    targets: Sequence[Target],
    meant: References,
    *,
    every: bool,
) -> list[StanceRequest]:
    """Return the requests of whole comments that name a target, or of `every` comment."""
    blocks = {block.block_id: block.body for block in article.blocks}
    requests = []
    for comment, _ in answered:
        who, text = comment.commentator, comment.text
        for target in targets if words(text) else ():
            form = _form(target, text, meant, [blocks[b] for b in comment.block_ids])
            if form := form or (target.name if every else ""):
                own = ("", comment.commentary_id, Voice.COMMENTATOR, who, text, target, form)
                requests.append(StanceRequest(*own))
    return requests


def _of_passages(
    article: Article,
    parts: Sequence[Segment],
    answered: Sequence[tuple[Commentary, Passage]],
    targets: Sequence[Target],
    of_segments: Sequence[StanceRequest],
) -> list[StanceRequest]:
    """Return a request of each whole passage for the targets that no sentence of it names.

    It stands for the author's sentences of the passage, under the first one's id. Passages that
    overlap are one, so that no text is asked twice.
    """
    named = {r.target.name for r in of_segments if r.voice in (Voice.AUTHOR, Voice.QUOTED)}
    requests = []
    for start, end in merged((passage.start, passage.end) for _, passage in answered):
        text = article.raw[start:end]
        inside = (
            p for p in parts if p.voice is Voice.AUTHOR and not p.wish and start <= p.start < end
        )
        first = next(inside, None)
        if first is not None and words(text):
            requests += [
                StanceRequest(first.segment_id, "", Voice.AUTHOR, "", text, target, target.name)
                for target in targets
                if target.name not in named
            ]
    return requests


def _derived(
    parts: Sequence[Segment],
    answered: Sequence[tuple[Commentary, Passage]],
    of_segments: Sequence[StanceRequest],
    of_comments: Sequence[StanceRequest],
) -> tuple[Derivation, ...]:
    """Return the targets that comments inherit from their passages, and replies from comments."""
    own: dict[str, dict[Target, None]] = {}  # the targets that a comment names or has taken over
    for request in of_comments:
        own.setdefault(request.commentary_id, {})[request.target] = None
    naming = frozenset(own)
    spans = {part.segment_id: (part.start, part.end) for part in parts}
    ordered = sorted(of_segments, key=lambda request: spans[request.segment_id])
    starts = [spans[request.segment_id][0] for request in ordered]
    of_passage: dict[Span, dict[Target, frozenset[str]]] = {}
    derived = []
    for comment, passage in answered:
        if comment.commentary_id in naming or names_any(comment.text):
            continue  # it has a topic of its own, though that may be none of the targets
        span = passage.start, passage.end
        if comment.reply_to:
            kept = frozenset([comment.reply_to])
            sources = dict.fromkeys(own.get(comment.reply_to, ()), kept)
        else:
            if span not in of_passage:
                near = ordered[bisect_left(starts, span[0]) : bisect_left(starts, span[1])]
                of_passage[span] = _by_target(r for r in near if spans[r.segment_id][1] <= span[1])
            sources = of_passage[span]
        own[comment.commentary_id] = dict.fromkeys(sources)
        derived += [Derivation(comment, target, ids) for target, ids in sources.items()]
    return tuple(derived)


def _by_target(requests: Iterable[StanceRequest]) -> dict[Target, frozenset[str]]:
    """Return the ids of the segments whose stance toward each target is scored."""
    ids: dict[Target, set[str]] = {}
    for request in requests:
        ids.setdefault(request.target, set()).add(request.segment_id)
    return {target: frozenset(own) for target, own in ids.items()}
