"""The basic types: frozen dataclasses and enums, named as in CONTRIBUTING's glossary.

Everywhere, `start` and `end` count characters of the article's raw text, and
`raw[start:end] == text` holds.
"""

from dataclasses import dataclass
from enum import StrEnum
from html import escape

# Here, not in `params`: loading a scorer alone must not wait for pydantic.
DEFAULT_SCORER = "embedded"
SCORERS = {
    "embedded": "the default: counterpoint-base if installed, else counterpoint-small; no network",
    "embedded-small": "the small shipped model",
    "lexicon": "word lists: the baseline that every model must beat",
    "embedded:FOLDER": "another model folder, such as `counterpoint recalibrate` writes",
    "llm:MODEL": "a language model behind an OpenAI-compatible endpoint, see docs/llm.md",
    "hub:NAME[@REVISION]": "any transformers classifier or generative model, by name or folder",
}


class Kind(StrEnum):
    """What a block of an annotated article is."""

    TITLE = "title"
    CREDIT = "credit"
    CAPTION = "caption"
    PARAGRAPH = "paragraph"
    COMMENTARY = "commentary"
    CITATION = "citation"


COMMENTS = (Kind.COMMENTARY, Kind.CITATION)  # the kinds of a comment's blocks


class Voice(StrEnum):
    """Who speaks in a segment."""

    AUTHOR = "author"
    QUOTED = "quoted"
    COMMENTATOR = "commentator"
    CITED = "cited"


class Relation(StrEnum):
    """How a commentary responds to its passage."""

    AGREE = "agree"
    DISAGREE = "disagree"
    NEUTRAL = "neutral"


class Stance(StrEnum):
    """Where one text stands toward one target."""

    FAVOR = "favor"
    AGAINST = "against"
    NONE = "none"


class Bias(StrEnum):
    """How a sentence is worded."""

    BIASED = "biased"
    UNBIASED = "unbiased"


class Alignment(StrEnum):
    """What decided which passage a commentary answers."""

    ANCHOR = "anchor"
    QUOTE = "quote"
    SIMILARITY = "similarity"
    POSITION = "position"
    REPLY = "reply"


class ChangeKind(StrEnum):
    """What happened to a paragraph or a sentence between two versions of an article.

    Whether it also moved is stored beside it.
    """

    KEPT = "kept"
    REWORDED = "reworded"
    LEFT_OUT = "left_out"
    ADDED = "added"


class Task(StrEnum):
    """What a scorer is asked; each task has its own labels."""

    RELATION = "relation"
    STANCE = "stance"
    BIAS = "bias"

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels in the order of a scorer's columns."""
        return _LABELS[self]

    @property
    def fields(self) -> tuple[str, ...]:
        """The texts that make one row, in order."""
        return _FIELDS[self]


_LABELS: dict[Task, tuple[str, ...]] = {
    Task.RELATION: tuple(label.value for label in Relation),
    Task.STANCE: tuple(label.value for label in Stance),
    Task.BIAS: tuple(label.value for label in Bias),
}
_FIELDS: dict[Task, tuple[str, ...]] = {
    Task.RELATION: ("passage", "comment"),
    Task.STANCE: ("text", "target"),
    Task.BIAS: ("text",),
}


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph-like piece of the raw text.

    `lead` and `tail` count the characters at either end that mark a commentary
    (`Comment: `, brackets) and are nobody's words. Where a file says so, a commentary's
    first block has the spans that it `answers`, its `commentator`, the block of the
    commentary that it is a `reply_to`, and whether it is `unplaced`: it stands at the end
    as the file says nothing of its place.
    """

    block_id: str
    kind: Kind
    start: int
    end: int
    text: str
    lead: int = 0
    tail: int = 0
    answers: tuple[tuple[int, int], ...] = ()
    commentator: str = ""
    reply_to: str = ""
    unplaced: bool = False

    @property
    def body(self) -> tuple[int, int]:
        """The span of the words without the marker, in characters of the raw text."""
        return self.start + self.lead, self.end - self.tail


_COUNTED = ("paragraph", "comment")
SHOWN = 60  # characters of a title or a text that a line shows
BLOCKS = 60  # that a notebook shows


@dataclass(frozen=True, slots=True, repr=False)
class Article:
    """One republished text with its inline commentary.

    `raw[block.start:block.end] == block.text` holds for every block, and the
    characters between blocks are white space. `language` is a BCP 47 tag, `und`
    where it could not be identified. `sha256` is the input file's, as a hex digest. `about` is
    what the file states about the article: url, date, outlet, author, encoding, repaired.
    `left_out` names what a person would see in the file and the reader did not read, each with
    its count: `(("pages that are images only", 2),)`. Readers fill it through
    `Origin.leave_out`; `left_out_line` words it.

    >>> import analysis as cp
    >>> article = cp.read("seeds/000_9da5be969268c11d.txt")
    >>> article
    <Article '000_9da5be969268c11d': 'Stoltenberg NATO', 16 paragraphs, 4 comments, en>
    >>> block = article.of_kind(cp.Kind.COMMENTARY)[0]
    >>> article.raw[block.start : block.end] == block.text
    True
    """

    article_id: str
    title: str
    raw: str
    blocks: tuple[Block, ...]
    source: str = ""
    language: str = "und"
    sha256: str = ""
    about: tuple[tuple[str, str], ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()

    @property
    def left_out_line(self) -> str:
        """What was not read, in words: `pages that are images only (2)`; empty where all was."""
        return "; ".join(f"{what} ({count:,})" for what, count in self.left_out)

    def __repr__(self) -> str:
        """Say what it is and how much there is of it, on one line."""
        counts = (len(self.of_kind(Kind.PARAGRAPH)), len(self.of_kind(Kind.COMMENTARY)))
        parts = (f"{n} {w}{'' if n == 1 else 's'}" for n, w in zip(counts, _COUNTED, strict=True))
        title = self.title if len(self.title) <= SHOWN else f"{self.title[:SHOWN]}…"
        return f"<Article {self.article_id!r}: {title!r}, {', '.join(parts)}, {self.language}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{block.kind.value}</td><td style='text-align: left; white-space: normal'>"
            f"<bdi>{escape(block.text)}</bdi></td></tr>"
            for block in self.blocks[:BLOCKS]
        )
        rest = len(self.blocks) - BLOCKS
        more = f"<p>{rest} more blocks are not shown.</p>" if rest > 0 else ""
        return f"<p>{escape(repr(self))}</p><table class='dataframe'>{rows}</table>{more}"

    def of_kind(self, *kinds: Kind) -> tuple[Block, ...]:
        """Return the blocks of the given kinds, in text order."""
        return tuple(block for block in self.blocks if block.kind in kinds)


@dataclass(frozen=True, slots=True, repr=False)
class Segment:
    """A sentence, or a part of one, in one voice; `speaker` and `cue` of a quoted one.

    The `speaker` of a comment's own words is its commentator.

    A part of the author's that says what somebody wants has them too: its stance is theirs.

    >>> text = "It is safe"
    >>> Segment("s0004", "b0002", Kind.PARAGRAPH, Voice.QUOTED, "Brandt", "said", 8, 18, text)
    <Segment s0004, quoted, Brandt: 'It is safe'>
    """

    segment_id: str
    block_id: str
    kind: Kind
    voice: Voice
    speaker: str
    cue: str
    start: int
    end: int
    text: str

    def __repr__(self) -> str:
        """Say who says what, on one line."""
        who = f"{self.voice.value}, {self.speaker}" if self.speaker else self.voice.value
        text = self.text if len(self.text) <= SHOWN else f"{self.text[:SHOWN]}…"
        return f"<Segment {self.segment_id}, {who}: {text!r}>"

    @property
    def wish(self) -> bool:
        """Whether the author says here what somebody wants, hopes or promises."""
        return self.voice is Voice.AUTHOR and self.cue != ""


@dataclass(frozen=True, slots=True)
class Commentary:
    """One inline comment, whole, without its marker and without what it cites.

    The span holds all its blocks, and with them what it cites between two of them.
    `commentator` is who wrote it, and `reply_to` the commentary that it replies to, each empty
    where the file does not say.
    """

    commentary_id: str
    start: int
    end: int
    text: str
    block_ids: tuple[str, ...]
    commentator: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """The span that a commentary answers, and what decided it: of the article, or of a comment.

    `alignment_score` is in [0, 1]: 1 where the file itself anchors the commentary or states that
    it is a reply, similarity of the quotation, cosine similarity of the texts or, where only the
    text decides, how likely the paragraph is the right one among those before it, as measured on
    English articles; 0 where the position decided.
    """

    commentary_id: str
    start: int
    end: int
    text: str
    alignment: Alignment
    alignment_score: float


@dataclass(frozen=True, slots=True)
class Target:
    """What a stance is toward: a name or a short proposition, with its aliases."""

    name: str
    aliases: tuple[str, ...] = ()
