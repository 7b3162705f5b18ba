"""What the sentences on a comparison of two versions count: paragraphs, labels, loaded words."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from analysis.scoring.compare import measured
from analysis.scoring.pipeline import Result
from analysis.text.cue_lexicon import CueKind
from analysis.text.loaded_language import CHARGED
from analysis.text.marks import Span, overlap
from analysis.types import ChangeKind, Kind, Stance
from analysis.versions.changes import Op
from analysis.versions.compare import VersionsResult
from analysis.versions.tables import SPOKEN, kinds_of

SIDES = (Stance.FAVOR, Stance.AGAINST, Stance.NONE)
UNCLEAR = "unclear"
PARTS = ("left_out", "kept", "added")  # of both texts


def counted_paragraphs(result: VersionsResult) -> tuple[Counter, int, int]:
    """Count paragraphs by what happened to them; those that moved, and all of the original."""
    original, republished = (
        {b.block_id for b in side.article.of_kind(Kind.PARAGRAPH)}
        for side in (result.original, result.republished)
    )
    counts: Counter = Counter()
    moved = 0
    for change in result.paragraphs:
        before = len(original.intersection(change.original))
        new = change.kind is ChangeKind.ADDED
        counts[change.kind] += len(republished.intersection(change.republished)) if new else before
        moved += before if change.moved else 0
    return counts, moved, len(original)


def shown_targets(result: VersionsResult) -> pd.DataFrame:
    """Return the rows of `stance_changed` in which the cut takes out more than chance.

    The adjusted p is at most 1 minus the confidence level, and some sentence has a label.
    """
    rows, counts = result.stance_changed, stance_counts(result)
    sided = counts[["favor", "against"]].sum(axis=1).groupby(counts.target).sum()
    named = rows.target.map(sided).fillna(0) > 0
    return rows[(rows.p_adjusted <= result.alpha) & named]


def stance_counts(result: VersionsResult) -> pd.DataFrame:
    """Count the sentences of author and people quoted by target, part and label.

    Returns:
        target, part (`left_out` and `kept` of the original, `added`), n, and the numbers of labels:
        favor, against, none, unclear. A part without sentences on the target has no row.
    """
    parts = []
    for side, of, new in ((0, result.original, False), (1, result.republished, True)):
        kinds = kinds_of(list(of.requests.segments), result.sentences, side)
        rows = measured(of.stances)
        rows = rows[(rows.commentary_id == "") & rows.segment_id.isin(kinds)]
        part = rows.segment_id.map(lambda s, kinds=kinds, new=new: _part(kinds[s], new=new))
        label = rows.label.mask(rows.abstained, UNCLEAR)
        parts.append(pd.DataFrame({"target": rows.target, "part": part, "label": label}))
    every = pd.concat(parts).dropna()
    counts = pd.crosstab([every.target, every.part], every.label)
    labels = [*(side.value for side in SIDES), UNCLEAR]
    counts = counts.reindex(columns=labels, fill_value=0).reset_index()
    counts.insert(2, "n", counts[labels].sum(axis=1))
    order = [*dict.fromkeys([*result.stance_changed.target, *counts.target]), *PARTS]
    return counts.rename_axis(columns=None).sort_values(
        ["target", "part"], key=lambda column: column.map(order.index), ignore_index=True
    )


def _part(kind: ChangeKind, *, new: bool) -> str | None:
    """Return which part of the original a sentence belongs to, or that it was added."""
    if new:
        return "added" if kind is ChangeKind.ADDED else None
    return "left_out" if kind is ChangeKind.LEFT_OUT else "kept"


def loaded_words(result: VersionsResult) -> tuple[list[str], list[str]]:
    """Return the loaded words that were taken out, and those that were put in, each once."""
    deleted = [r.original_span for s in result.sentences for r in s.runs if r.op is Op.DELETE]
    inserted = [r.republished_span for s in result.sentences for r in s.runs if r.op is Op.INSERT]
    return _charged(result.original, deleted), _charged(result.republished, inserted)


def _charged(result: Result, spans: Sequence[Span]) -> list[str]:
    own = {s.segment_id for s in result.requests.segments if s.voice in SPOKEN}
    found = (
        " ".join(cue.text.split())
        for segment_id, cues in result.requests.cues.items()
        for cue in cues
        if segment_id in own
        and cue.kind in CHARGED - {CueKind.RHETORICAL_QUESTION}
        and any(overlap((cue.start, cue.end), span) for span in spans)
    )
    return list(dict.fromkeys(found))


def cut_tail(result: VersionsResult) -> int:
    """Return how many paragraphs were left out if they are the last ones, at least two."""
    gone = {b for c in result.paragraphs if c.kind is ChangeKind.LEFT_OUT for b in c.original}
    order = [b.block_id for b in result.original.article.of_kind(Kind.PARAGRAPH)]
    lost = [b in gone for b in order]
    n = sum(lost)
    return n if n > 1 and all(lost[-n:]) and n < len(order) else 0
