"""Pairs the paragraphs of two versions of one article."""

import numpy as np

from analysis.errors import InputError
from analysis.text.marks import Span
from analysis.types import Article, Block, Kind
from analysis.versions.changes import NOWHERE, ParagraphChange
from analysis.versions.matching import PARAGRAPHS, Match, Texts, in_reading_order, match
from analysis.versions.wording import change_kind

COMPARED = (Kind.PARAGRAPH, Kind.CAPTION, Kind.CREDIT)
MAX_PAIRS = 4_000_000  # of paragraphs


def paragraphs(article: Article) -> tuple[Block, ...]:
    """Return the blocks that are compared, in text order: all but the headline and the comments."""
    titles = article.of_kind(Kind.TITLE)[1:]
    return tuple(b for b in article.blocks if b.kind in COMPARED or b in titles)


def align_paragraphs(original: Article, republished: Article) -> tuple[ParagraphChange, ...]:
    """Return what happened to each paragraph, in the order of the republished text.

    What was left out stands after the paragraph that it followed in the original. Swapping the
    articles exchanges what was left out and what was added.

    Raises:
        InputError: there are more pairs of paragraphs than `MAX_PAIRS`.
    """
    mine, theirs = paragraphs(original), paragraphs(republished)
    if len(mine) * len(theirs) > MAX_PAIRS:
        raise InputError(
            f"{original.article_id} and {republished.article_id}: found {len(mine):,} and "
            f"{len(theirs):,} paragraphs; expected at most {MAX_PAIRS:,} pairs of them; compare "
            "parts of the texts"
        )
    texts = Texts([b.text for b in mine], [b.text for b in theirs])
    matches = in_reading_order(match(texts, range(len(mine)), range(len(theirs)), PARAGRAPHS))
    return tuple(_change(n, m, mine, theirs) for n, m in enumerate(matches, start=1))


def _change(
    number: int, found: Match, mine: tuple[Block, ...], theirs: tuple[Block, ...]
) -> ParagraphChange:
    before = [mine[i] for i in found.original]
    after = [theirs[j] for j in found.republished]
    return ParagraphChange(
        f"c{number:04d}",
        change_kind(*(" ".join(b.text for b in blocks) for blocks in (before, after))),
        found.moved,
        tuple(b.block_id for b in before),
        tuple(b.block_id for b in after),
        _span(before),
        _span(after),
        round(float(np.clip(found.similarity, 0, 1)), 4),
    )


def _span(blocks: list[Block]) -> Span:
    return (blocks[0].start, blocks[-1].end) if blocks else NOWHERE
