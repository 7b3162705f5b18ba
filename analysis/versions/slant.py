"""Measures stance and loaded language in what was left out, kept, added and reworded."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.scoring.compare import mean, measured, weighed
from analysis.scoring.pipeline import Result
from analysis.thresholds import LOADED
from analysis.types import ChangeKind, Stance
from analysis.versions.changes import SentenceChange
from analysis.versions.cuts import cut_test, holm
from analysis.versions.tables import kinds_of

MIN_SEGMENTS = 5  # of the original that speak of a target; of fewer, nothing is tested
SIDES = {Stance.FAVOR.value: 1.0, Stance.AGAINST.value: -1.0, Stance.NONE.value: 0.0}
MIN_LOADED = 3  # loaded segments of a version; of fewer, loaded language is not tested
NAN = float("nan")


class Side:
    """One version's segments in the article's own paragraphs, with what each adds to a measure."""

    def __init__(self, result: Result, kinds: Mapping[str, ChangeKind]) -> None:
        """Take a scored article and what happened to each segment, by its id; see `kinds_of`."""
        self.result, self.kinds = result, kinds
        own = [s for s in result.requests.segments if s.segment_id in kinds]
        self.ids = [s.segment_id for s in own]
        blocks: dict[str, int] = {}
        self.paragraphs = [blocks.setdefault(s.block_id, len(blocks)) for s in own]

    def which(self, kind: ChangeKind) -> np.ndarray:
        """Return whether each segment is of a kind."""
        return np.array([self.kinds[i] is kind for i in self.ids], bool)

    def stances(self, target: str) -> pd.DataFrame:
        """Return the scored stances of these segments toward a target."""
        rows = measured(self.result.stances)
        about = (rows["target"] == target) & rows["segment_id"].isin(self.kinds)
        return rows[about & (rows["commentary_id"] == "")]

    def loaded(self) -> pd.Series:
        """Return 1 for a loaded segment and 0 for another, by the id of those with a bias score."""
        bias = self.result.bias
        own = bias[bias["segment_id"].isin(self.kinds)]
        return pd.Series(own["p_biased"].to_numpy() >= LOADED, index=own["segment_id"], dtype=float)

    def named_stances(self, target: str) -> np.ndarray:
        """Return 1 for a segment in favor, -1 for one against, times its weight; 0 for others."""
        rows = self.stances(target)
        sides = rows["label"].map(SIDES).to_numpy() * weighed(rows)[:, 1]
        return self._column(dict(zip(rows["segment_id"], sides, strict=True)))

    def loaded_excess(self) -> np.ndarray:
        """Return whether each segment is loaded, less the share of loaded ones."""
        loaded = self.loaded()
        return self._column((loaded - loaded.mean()).to_dict())

    def _column(self, values: Mapping[str, float]) -> np.ndarray:
        return np.array([values.get(i, 0.0) for i in self.ids], float)

    @cached_property
    def measures(self) -> tuple[list[str], np.ndarray]:
        """What is tested, and what each segment adds to it, shape (segments, measures).

        Named are the targets of which at least `MIN_SEGMENTS` segments speak, and, where at least
        `MIN_LOADED` segments are loaded, loaded language by "".
        """
        targets = (target.name for target in self.result.targets)
        tested = [name for name in targets if len(self.stances(name)) >= MIN_SEGMENTS]
        columns = [self.named_stances(name) for name in tested]
        if self.loaded().sum() >= MIN_LOADED:
            tested, columns = [*tested, ""], [*columns, self.loaded_excess()]
        return tested, np.array(columns, float).reshape(len(tested), len(self.ids)).T

    def test(self, cut: np.ndarray, *, seed: int = 0) -> pd.DataFrame:
        """Test a cut: p and the sum that a random cut would leave out, by the measures' names."""
        names, values = self.measures
        p, expected = cut_test(values, self.paragraphs, cut, seed=seed)
        return pd.DataFrame({"p": p, "expected": expected}, index=names, dtype=float)


def slant_rows(
    original: Result, republished: Result, changes: Sequence[SentenceChange], *, seed: int = 0
) -> tuple[list[dict], list[dict]]:
    """Return the rows of the frames `stance_changed` and `language_changed`.

    Of each target of the original, what is tested is the number of segments left out that are in
    favor, less those against, each weighted by its confidence; of loaded language, the number of
    loaded segments above what their share in the text lets expect. All are tested against random
    cuts of the same size and adjusted together (Holm). Author and people quoted count alike, as
    both are what a reader no longer reads. A count of named stances finds one-sided cuts more often
    than a sum of stance scores, to which the many segments that take no side add noise.
    """
    before, after = (
        Side(result, kinds_of(result.requests.segments, changes, side))
        for side, result in enumerate((original, republished))
    )
    cut = before.test(before.which(ChangeKind.LEFT_OUT), seed=seed)
    added = after.test(after.which(ChangeKind.ADDED), seed=seed).reindex([""])
    tested = cut.reindex([*(target.name for target in original.targets), ""])
    stances = [
        _stance(before, after, target.name) | tested.loc[target.name].to_dict()
        for target in original.targets
    ]
    language = [
        _language(before, before, ChangeKind.LEFT_OUT) | {"p": tested.loc["", "p"]},
        _language(after, after, ChangeKind.ADDED) | {"p": added.loc["", "p"]},
        _language(after, before, ChangeKind.REWORDED) | {"p": NAN},
    ]
    rows = [*stances, *language]
    for row, adjusted in zip(rows, holm([row["p"] for row in rows]), strict=True):
        row["p_adjusted"] = adjusted
    return stances, language


def _stance(before: Side, after: Side, target: str) -> dict:
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
        "removed": float(before.named_stances(target)[before.which(ChangeKind.LEFT_OUT)].sum()),
        "added_score": mean(added),
        "added_n": len(added),
        "scorer": before.result.scorer.name,
    }


def _language(side: Side, other: Side, kind: ChangeKind) -> dict:
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
