"""Measures stance and loaded language in what was left out, kept, added and reworded."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.scoring.compare import mean, measured, weighed
from analysis.scoring.counts import LOADED
from analysis.scoring.pipeline import Result
from analysis.types import ChangeKind
from analysis.versions.changes import SentenceChange
from analysis.versions.cuts import cut_test, holm
from analysis.versions.tables import kinds_of

MIN_SEGMENTS = 4  # of a target in the original; fewer are shown and not tested
NAN = float("nan")


class _Side:
    """One version's segments: what happened to each, and the sentence and paragraph it is in."""

    def __init__(self, result: Result, changes: Sequence[SentenceChange], side: int) -> None:
        self.result = result
        parts = {s.segment_id: s for s in result.requests.segments}
        self.kinds = kinds_of(list(parts.values()), changes, side)
        self.ids = sorted(self.kinds, key=lambda name: parts[name].start)
        blocks: dict[str, int] = {}
        self.paragraphs = [blocks.setdefault(parts[i].block_id, len(blocks)) for i in self.ids]

    def which(self, kind: ChangeKind) -> np.ndarray:
        """Return whether each segment is of a kind."""
        return np.array([self.kinds[i] is kind for i in self.ids], bool)

    def stances(self, target: str) -> pd.DataFrame:
        """Return the scored stances of these segments toward a target."""
        rows = measured(self.result.stances)
        about = (rows["target"] == target) & rows["segment_id"].isin(self.kinds)
        return rows[about & (rows["commentary_id"] == "")]

    def loaded(self) -> pd.Series:
        """Return whether each segment with a bias score is loaded, by its id."""
        bias = self.result.bias
        own = bias[bias["segment_id"].isin(self.kinds)]
        return pd.Series(own["p_biased"].to_numpy() >= LOADED, index=own["segment_id"], dtype=float)

    def column(self, values: Mapping[str, float]) -> np.ndarray:
        """Return values by segment as an array over all segments, 0 where there is none."""
        return np.array([values.get(i, 0.0) for i in self.ids], float)


def slant_rows(
    original: Result, republished: Result, changes: Sequence[SentenceChange], *, seed: int = 0
) -> tuple[list[dict], list[dict]]:
    """Return the rows of the frames `stance_changed` and `language_changed`.

    Of each target of the original, the sum of the stance scores left out is tested, weighted by
    confidence; of loaded language, the number of loaded segments above what their share in the
    text lets expect. All are tested against the same random cuts and adjusted together (Holm).
    Targets that fewer than `MIN_SEGMENTS` segments of the original speak of are not tested; author
    and people quoted count alike, as both are what a reader no longer reads.
    """
    before, after = _Side(original, changes, 0), _Side(republished, changes, 1)
    targets = [target.name for target in original.targets]
    stances = [_stance(before, after, target) for target in targets]
    sums = [_sums(before, target) for target in targets]
    language = [
        _language(before, before, ChangeKind.LEFT_OUT),
        _language(after, after, ChangeKind.ADDED),
        _language(after, before, ChangeKind.REWORDED),
    ]
    cut, new = before.which(ChangeKind.LEFT_OUT), after.which(ChangeKind.ADDED)
    p, expected = cut_test(
        np.column_stack([*sums, _excess(before)]), before.paragraphs, cut, seed=seed
    )
    added_p, _ = cut_test(_excess(after)[:, None], after.paragraphs, new, seed=seed)
    for row, own, random in zip(stances, p, expected, strict=False):
        few = row["left_out_n"] + row["kept_n"] < MIN_SEGMENTS
        row |= {"p": NAN if few else own, "expected": random}
    language[0]["p"], language[1]["p"], language[2]["p"] = p[-1], added_p[0], NAN
    for row in language[:2]:
        row["p"] = row["p"] if row["n"] and row["compared_n"] else NAN
    rows = [*stances, *language]
    for row, adjusted in zip(rows, holm([row["p"] for row in rows]), strict=True):
        row["p_adjusted"] = adjusted
    return stances, language


def _stance(before: _Side, after: _Side, target: str) -> dict:
    rows, new = before.stances(target), after.stances(target)
    gone = rows["segment_id"].map(before.kinds).eq(ChangeKind.LEFT_OUT)
    left_out, kept = weighed(rows[gone]), weighed(rows[~gone])
    added = weighed(new[new["segment_id"].map(after.kinds).eq(ChangeKind.ADDED)])
    return {
        "target": target,
        "left_out_score": mean(left_out),
        "left_out_n": len(left_out),
        "kept_score": mean(kept),
        "kept_n": len(kept),
        "difference": mean(left_out) - mean(kept),
        "removed": float(left_out.prod(axis=1).sum()),
        "added_score": mean(added),
        "added_n": len(added),
        "scorer": before.result.scorer.name,
    }


def _sums(side: _Side, target: str) -> np.ndarray:
    """Return each segment's stance score times its weight, 0 where it does not speak of it."""
    rows = side.stances(target)
    return side.column(dict(zip(rows["segment_id"], weighed(rows).prod(axis=1), strict=True)))


def _excess(side: _Side) -> np.ndarray:
    """Return of each segment whether it is loaded, less the share of loaded ones."""
    loaded = side.loaded()
    return side.column((loaded - loaded.mean()).to_dict())


def _language(side: _Side, other: _Side, kind: ChangeKind) -> dict:
    """Return the loaded share of a kind of segments, and of what it is compared with."""
    of = ChangeKind.REWORDED
    mine, theirs = side.loaded(), other.loaded()
    own = mine[mine.index.map(side.kinds) == kind]
    kinds = theirs.index.map(other.kinds)
    compared = theirs[kinds == of if kind is of else kinds != kind]
    return {
        "kind": kind.value,
        "share": own.mean(),
        "n": len(own),
        "compared_share": compared.mean(),
        "compared_n": len(compared),
        "difference": own.mean() - compared.mean(),
        "scorer": side.result.scorer.name,
    }
