"""Compares two versions of one article: what changed, and whom the change favors."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from analysis import frames
from analysis.errors import InputError
from analysis.params import ReportParams
from analysis.scorers import Scorer, load
from analysis.scoring.pipeline import Result, result_of
from analysis.scoring.requests import requests_for
from analysis.text.aliases import read_aliases
from analysis.text.marks import words
from analysis.types import Article, ChangeKind
from analysis.versions.changes import HeadlineChange, ParagraphChange, SentenceChange
from analysis.versions.pairing import align_paragraphs, paragraphs
from analysis.versions.slant import slant_rows
from analysis.versions.tables import (
    comment_rows,
    pair_ids,
    paragraph_rows,
    sentence_rows,
    voice_rows,
)
from analysis.versions.wording import headline_change, sentence_changes

MIN_SHARED = 0.05  # share of the shorter text's words in paragraphs that both versions have


@dataclass(frozen=True, eq=False, repr=False)
class VersionsResult(frames.Frames):
    """What changed between two versions of one article; the frames are those of `frames.VERSIONS`.

    `original` and `republished` are scored results; the republished one's targets are its own and
    then those of the original. `paragraphs` and `sentences` have what the first two frames hold,
    with the runs of words.
    """

    schemas = frames.VERSIONS
    original: Result
    republished: Result
    headline: HeadlineChange
    paragraphs: tuple[ParagraphChange, ...]
    sentences: tuple[SentenceChange, ...]
    paragraph_changes: pd.DataFrame = field(repr=False)
    sentence_changes: pd.DataFrame = field(repr=False)
    voices_changed: pd.DataFrame = field(repr=False)
    stance_changed: pd.DataFrame = field(repr=False)
    language_changed: pd.DataFrame = field(repr=False)
    comments_on_changes: pd.DataFrame = field(repr=False)

    def __repr__(self) -> str:
        """Return what was compared and how much changed, on one line."""
        kinds = [change.kind for change in self.paragraphs]
        named = ", ".join(f"{kinds.count(k)} {k.value.replace('_', ' ')}" for k in ChangeKind)
        ids = [r.article.article_id for r in (self.original, self.republished)]
        return f"<VersionsResult of {ids[0]!r} and {ids[1]!r}: {named}>"

    @property
    def alpha(self) -> float:
        """The adjusted p up to which a test of the pair counts."""
        return 1 - self.original.confidence_level + 1e-12

    @property
    def slanted(self) -> bool:
        """Whether any test of the pair stands after the adjustment, at the confidence level."""
        adjusted = pd.concat([self.stance_changed.p_adjusted, self.language_changed.p_adjusted])
        return bool((adjusted <= self.alpha).any())


def compare_versions(
    original: Article, republished: Article, params: ReportParams, *, scorer: Scorer | None = None
) -> VersionsResult:
    """Compare two versions of one article; the republished one may hold comments.

    Args:
        original: as first published.
        republished: its later version.
        params: targets, scorer, aliases, confidence level and seed are used; with no targets given,
            those found in the original are compared.
        scorer: a loaded scorer instead of the named one.

    Raises:
        InputError: the texts share no paragraph, or are too long to be compared.
        ScorerError: the scorer cannot be loaded.
    """
    changes = paired_paragraphs(original, republished)
    sentences = sentence_changes(original, republished, changes)
    headline = headline_change(original, republished)
    before, after = score_pair(original, republished, params, scorer)
    stance, language = slant_rows(before, after, sentences, seed=params.seed)
    rows = {
        "paragraph_changes": paragraph_rows(changes, original, republished),
        "sentence_changes": sentence_rows(sentences),
        "voices_changed": voice_rows(sentences, before, after),
        "stance_changed": stance,
        "language_changed": language,
        "comments_on_changes": comment_rows(headline, changes, sentences, before, after),
    }
    return VersionsResult(
        before, after, headline, changes, sentences, **pair_frames(rows, before, after)
    )


def paired_paragraphs(original: Article, republished: Article) -> tuple[ParagraphChange, ...]:
    """Return what happened to each paragraph of two versions; see `align_paragraphs`.

    Raises:
        InputError: the texts share no paragraph, or are too long to be compared.
    """
    changes = align_paragraphs(original, republished)
    _refuse_strangers(original, republished, changes)
    return changes


def _refuse_strangers(
    original: Article, republished: Article, changes: tuple[ParagraphChange, ...]
) -> None:
    """Raise an error where the texts are not versions of one."""
    sizes = [
        {b.block_id: len(words(b.text)) for b in paragraphs(article)}
        for article in (original, republished)
    ]
    common = [c for c in changes if c.original and c.republished]
    shared = [
        sum(size[b] for c in common for b in blocks(c))
        for size, blocks in zip(sizes, (lambda c: c.original, lambda c: c.republished), strict=True)
    ]
    total = [sum(size.values()) for size in sizes]
    if not common or min(shared) < MIN_SHARED * min(total):
        names = " and ".join(a.source or a.article_id for a in (original, republished))
        raise InputError(
            f"{names}: found no paragraph that both texts have; expected two versions of one "
            "article; for two stories of one event give --same-event"
        )


def score_pair(
    original: Article,
    republished: Article,
    params: ReportParams,
    scorer: Scorer | None = None,
    *,
    both: bool = False,
) -> tuple[Result, Result]:
    """Score two articles on one scale: by one scorer, the second on the first one's targets too.

    With `both`, the first is scored on the second one's targets as well.

    Raises:
        ScorerError: the scorer cannot be loaded.
    """
    scorer = scorer or load(params.scorer)
    aliases = read_aliases(params.aliases)
    first = requests_for(original, params.targets, aliases=aliases)
    second = requests_for(republished, params.targets, aliases=aliases, also=first.targets)
    if both:
        first = requests_for(original, params.targets, aliases=aliases, also=second.targets)
    return tuple(
        result_of(each, scorer, confidence_level=params.confidence_level, seed=params.seed)
        for each in (first, second)
    )


def pair_frames(
    rows: dict[str, Iterable[dict]], original: Result, republished: Result
) -> dict[str, pd.DataFrame]:
    """Return frames from rows without the columns that say of which pair they are."""
    ids, schemas = pair_ids(original, republished), frames.VERSIONS | frames.STORIES
    return {
        name: frames.conform([ids | row for row in own], schemas[name])
        for name, own in rows.items()
    }
