"""What a reader returns: the article, with what the file states of its comments on its blocks."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace

from analysis.errors import InputError
from analysis.readers.limits import DEFAULT_LIMITS, Limits
from analysis.readers.markers import BUILTIN_MARKERS, Markers
from analysis.types import Article, Block

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where bytes come from, and how their text is read; see `ReadOptions`.

    `left_out` counts what is not read while it is being read; it becomes `Article.left_out`.
    """

    path: str
    article_id: str
    sha256: str = ""
    markers: Markers = BUILTIN_MARKERS
    run_on: bool = False
    limits: Limits = DEFAULT_LIMITS
    identify_language: bool = True
    left_out: Counter[str] = field(default_factory=Counter, compare=False)

    def leave_out(self, what: str, count: int = 1) -> None:
        """Count something that a person would see in the file and that is not read.

        Args:
            what: its plural, as messages name it: "pages that are images only".
            count: how many there are of it; none: nothing is noted.
        """
        if count > 0:
            self.left_out[what] += count

    def marking(self, paragraphs: Iterable[str]) -> "Origin":
        """Return the origin with what starts a commentary in a file of these paragraphs."""
        return replace(self, markers=self.markers.of_text(paragraphs))

    def error(self, found: str, expected: str) -> InputError:
        """Return the error of a file in which something else was found than was expected."""
        return InputError(f"{self.path}: found {found}; expected {expected}")

    def check_limit(self, name: str, count: int, unit: str, advice: str) -> None:
        """Refuse a file in which there is more of something than a limit allows.

        Raises:
            InputError: `count` is above the limit of that name.
        """
        if count > (most := getattr(self.limits, name)):
            raise self.error(f"{count:,} {unit}", f"at most {most:,}, {advice}")


@dataclass(frozen=True, slots=True)
class Anchor:
    """What one comment answers, as stated by the file, not inferred.

    `block_id` is the comment's first block. `answers` are spans of the article's raw
    text, one for each block that the comment was put on, and none where the file does
    not say. `reply_to` is the first block of the comment that this one replies to; a
    reply answers what its thread answers. Of an `unplaced` comment the file does not say
    where it stands either; it stands at the end.
    """

    block_id: str
    answers: tuple[Span, ...] = ()
    commentator: str = ""
    reply_to: str = ""
    unplaced: bool = False


def anchors_of(blocks: Iterable[Block]) -> Iterator[Anchor]:
    """Yield the anchors that blocks hold, in their order; of a block that states nothing, none."""
    for b in blocks:
        anchor = Anchor(b.block_id, b.answers, b.commentator, b.reply_to, b.unplaced)
        if anchor != Anchor(b.block_id):
            yield anchor


def with_anchors(blocks: Iterable[Block], anchors: Iterable[Anchor]) -> tuple[Block, ...]:
    """Return blocks that hold these anchors, and no others that they held."""
    stated = {anchor.block_id: anchor for anchor in anchors}
    own = ((block, stated.get(block.block_id, Anchor(block.block_id))) for block in blocks)
    return tuple(replace(block, **asdict(anchor)) for block, anchor in own)


@dataclass(frozen=True, slots=True)
class AnnotatedArticle:
    """An article as a reader returns it, with what its file states of its comments and of itself.

    `article.about` may hold `url`, `date` (ISO 8601; `date_text` where it could not be read),
    `outlet`, `author`, `encoding` and `repaired`.
    """

    article: Article

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """The anchors of the comments, in the order of the text."""
        return tuple(anchors_of(self.article.blocks))

    @property
    def about(self) -> dict[str, str]:
        """What the file states about the article, by name."""
        return dict(self.article.about)


# Returns the text that annotations are on, given the names of its sources.
TextBeside = Callable[[Sequence[str]], AnnotatedArticle | None]
