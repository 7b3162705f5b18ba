"""What can happen to a paragraph, a sentence or a word between two versions."""

from dataclasses import dataclass
from enum import StrEnum

from analysis.text.marks import Span
from analysis.types import ChangeKind

NOWHERE: Span = (0, 0)  # the span of what a version lacks


class Op(StrEnum):
    """What happened to a run of words."""

    EQUAL = "equal"
    DELETE = "delete"
    INSERT = "insert"


@dataclass(frozen=True, slots=True)
class ParagraphChange:
    """One paragraph of both versions, or of one; several where it was split or merged.

    Every paragraph, caption and credit is in exactly one change, and comments are in none.

    Attributes:
        change_id: unique in the comparison: c0001 and so on, in the order of the republished text,
            with what was left out right after the paragraph that it followed.
        kind: `kept` where all words and their order are the same (only quotation marks, dashes and
            white space may differ), `reworded` where any word differs.
        moved: whether it stands in another order among the other paragraphs.
        original: block ids in the original, in text order; empty for what was added.
        republished: block ids in the republished text; empty for what was left out.
        original_span: from the first block's start to the last one's end; (0, 0) where none.
        republished_span: the same in the republished text.
        similarity: share of the words of both that are common and in the same order, in [0, 1];
            0 for what was left out or added.
    """

    change_id: str
    kind: ChangeKind
    moved: bool
    original: tuple[str, ...]
    republished: tuple[str, ...]
    original_span: Span
    republished_span: Span
    similarity: float


@dataclass(frozen=True, slots=True)
class WordRun:
    """Consecutive words that are in both texts, only in the original, or only republished.

    Spans count characters of each article's raw text, or of the strings that were compared. Where a
    side lacks the words its span is empty and lies where they would stand. `text` is the
    republished wording, of a deleted run the original one; it has no white space at its ends.
    """

    op: Op
    text: str
    original_span: Span
    republished_span: Span


@dataclass(frozen=True, slots=True)
class SentenceChange:
    """One sentence of both versions, or of one; several where it was split or merged.

    Attributes:
        original_change: id of the `ParagraphChange` that holds it in the original; empty where
            the sentence was added.
        republished_change: id of the one that holds it in the republished text; empty where it
            was left out. The two differ where the sentence moved to another paragraph.
        kind: as of a paragraph.
        moved: it stands in another order within its paragraph, or in another paragraph.
        original_span: in characters of the original's raw text; (0, 0) where added.
        republished_span: in characters of the republished raw text; (0, 0) where left out.
        original_text: its wording, without what stands between its parts, such as a comment.
        republished_text: the same in the republished text.
        similarity: as of a paragraph.
        runs: the words of both, in reading order.
    """

    original_change: str
    republished_change: str
    kind: ChangeKind
    moved: bool
    original_span: Span
    republished_span: Span
    original_text: str
    republished_text: str
    similarity: float
    runs: tuple[WordRun, ...]


@dataclass(frozen=True, slots=True)
class HeadlineChange:
    """The headlines of both versions.

    `kind` is `added` or `left_out` where only one version has a headline, and `kept` with empty
    texts where neither has. The spans of `runs` count characters of `original` and `republished`.
    """

    kind: ChangeKind
    original: str
    republished: str
    similarity: float
    runs: tuple[WordRun, ...]
