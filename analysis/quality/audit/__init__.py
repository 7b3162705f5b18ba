"""The swap audit: how far scores depend on who is named rather than on the wording.

Each sentence of `data/swap_audit.yaml` is scored twice, with the names of a pair of
rivals in either order. Every row compares two scores, and `shift = score_a - score_b`:

neutral, loaded
    Stance scores (P(favor) - P(against), in [-1, 1]) toward the name in the same place
    of the same sentence, once with the pair's first name (a), once with its second (b).
    Should be 0; above 0 the scorer is kinder to the first.
turn
    Stance scores toward one name, in the better role (praised, or attacked by others)
    and in the worse one of the same loaded sentence. Should be well above 0.
bias
    Bias scores (P(biased), in [0, 1]) of the same sentence with the names in either
    order. Should be 0.
relation
    P(agree) - P(disagree) of the same passage and comment with the names in either
    order. Should be 0.
relation_turn
    The same of a comment that confirms the passage and of one that contradicts it.
    Should be well above 0.

Perturbing names to audit a classifier follows Prabhakaran et al. (2019), Perturbation
Sensitivity Analysis to Detect Unintended Model Biases; roles are swapped here as well.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from analysis.errors import ScorerError
from analysis.quality.audit.comparisons import KINDS, SAMPLE, Comparison, comparisons, sample
from analysis.quality.audit.summary import ALL, finding, sampled_finding, summarize
from analysis.scorers import Scorer, load
from analysis.types import Task

__all__ = ["ALL", "KINDS", "Audit", "audit", "comparisons", "finding", "summarize"]

COLUMNS = [
    "kind", "task", "group", "pair", "sentence_id", "a", "b", "score_a", "score_b", "shift"
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Audit:
    """The result of the audit of one scorer.

    Attributes:
        scorer: its name.
        version: its version.
        rows: one row a comparison: kind, task, group (of names: states, parties, people,
            firms, …), pair, sentence_id, a and b (the names compared), score_a, score_b,
            shift.
        summary: one row a kind of comparison, group and pair, where pair `all` is the
            whole group and group `all` every group: n, mean_abs_shift, mean_shift with its
            95% bootstrap interval over sentences (ci_low, ci_high), share_right (of shifts
            above 0, for turns) and leaning (the name that the scorer is kinder to, where
            interval and size are clear of 0). One interval in twenty misses by chance.
        finding: the same in a few plain sentences.
        skipped: the tasks that the scorer does not answer.
        sample: which comparisons were made of a scorer that takes long; empty: all of them.
    """

    scorer: str
    version: str
    rows: pd.DataFrame = field(repr=False)
    summary: pd.DataFrame = field(repr=False)
    finding: str
    skipped: tuple[Task, ...] = ()
    sample: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return version, finding and summary, rounded to four digits, as JSON takes them."""
        summary = json.loads(self.summary.round(4).to_json(orient="records"))
        return {"version": self.version, "finding": self.finding, "summary": summary}

    def by_group(self) -> pd.DataFrame:
        """Return each group's mean_abs_shift of neutral and loaded sentences, with pairs."""
        groups = self.summary.query("pair == @ALL").pivot(
            index="group", columns="kind", values="mean_abs_shift"
        )
        pairs = self.rows.groupby("group")["pair"].nunique()
        pairs[ALL] = pairs.sum()
        groups = groups.reindex(columns=["neutral", "loaded"]).assign(pairs=pairs)
        return groups.loc[[*self.rows["group"].unique(), ALL]].reset_index()


def audit(scorer: Scorer | str, *, seed: int = 0) -> Audit:
    """Audit a scorer, or the one of that name; `seed` is the bootstrap's.

    A costly scorer is audited on `comparisons.sample`, too few sentences to name a leaning.
    Comparisons that it does not answer are left out.

    Raises:
        ScorerError: it answers none of the three tasks, or cannot be loaded.
    """
    scorer = load(scorer) if isinstance(scorer, str) else scorer
    info, frames, skipped = scorer.info, [], []
    chosen = sample() if info.costly else comparisons()
    for task in Task:
        wanted = [c for c in chosen if KINDS[c.kind][0] is task]
        try:
            if task not in info.tasks:
                raise ScorerError(f"{info.name}: is not asked for {task}")
            frames.append(_scored(scorer, task, wanted))
        except ScorerError as error:
            skipped.append(task)
            if len(skipped) == len(Task):
                raise error
    rows = pd.concat(frames, ignore_index=True)
    order = {kind: place for place, kind in enumerate(KINDS)}
    rows = rows.sort_values("kind", key=lambda kinds: kinds.map(order), kind="stable")
    rows = rows.reset_index(drop=True)
    if rows.empty:
        raise ScorerError(f"{info.name}: gave no valid answer in the swap audit")
    summary = summarize(rows, seed=seed)
    told = finding(info.name, summary)
    if info.costly:
        summary, told = summary.assign(leaning=""), sampled_finding(info.name, summary)
    which = SAMPLE if info.costly else ""
    return Audit(info.name, info.version, rows, summary, told, tuple(skipped), which)


def _scored(scorer: Scorer, task: Task, wanted: list[Comparison]) -> pd.DataFrame:
    """Score both rows of each comparison in one call."""
    p = scorer.predict(task, [row for c in wanted for row in (c.row_a, c.row_b)])
    score = p[:, 0] if task is Task.BIAS else p[:, 0] - p[:, 1]
    frame = pd.DataFrame([c[:6] for c in wanted], columns=["kind", *COLUMNS[2:7]])
    frame["task"], frame["score_a"], frame["score_b"] = task.value, score[::2], score[1::2]
    frame["shift"] = frame["score_a"] - frame["score_b"]
    return frame.dropna(subset="shift")[COLUMNS]
