"""The `Scorer` protocol: every model and baseline answers the same three questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np

from analysis.types import Bias, Relation, Stance, Task

Texts = tuple[str, ...]  # one row to score: a text for each of `task.fields`

# The label of a row with an empty text, and which of its texts must not be empty.
EMPTY = {
    Task.RELATION: (Relation.NEUTRAL, ("comment",)),
    Task.STANCE: (Stance.NONE, ("text", "target")),
    Task.BIAS: (Bias.UNBIASED, ("text",)),
}


def certain(task: Task, row: Texts) -> np.ndarray | None:
    """Return the certain probabilities of a row without text; None where it has some."""
    label, required = EMPTY[task]
    if all(row[task.fields.index(field)].strip() for field in required):
        return None
    return np.array([float(name == label) for name in task.labels])


def in_order(task: Task, rows: Sequence[Texts], known: Mapping[Texts, np.ndarray]) -> np.ndarray:
    """Return the known probabilities of rows, float64 (n, labels); a row may be there twice."""
    found = [known[tuple(row)] for row in rows]
    return np.array(found, np.float64).reshape(len(rows), len(task.labels))


def unanswered(probabilities: np.ndarray) -> np.ndarray:
    """Return which rows of `Scorer.predict` got no answer, bool (n,): those not numbers."""
    return np.isnan(probabilities).any(axis=1)


def best_labels(probabilities: np.ndarray) -> np.ndarray:
    """Return each row's label by its number, int (n,); the last, which takes no side, if none."""
    filled = np.where(np.isnan(probabilities), 0.0, probabilities)
    last = probabilities.shape[1] - 1
    return np.where(unanswered(probabilities), last, filled.argmax(axis=1))


EXPLAINED_TEXTS = 600  # what a report may have scored for its explanations, both tasks together


@dataclass(frozen=True, slots=True)
class ScorerInfo:
    """What a scorer is, what it can do, and how far its scores can be trusted.

    Attributes:
        name: the value of `--scorer`.
        version: changes whenever the scores may change: a hash of the weights or word lists.
        description: one sentence for the report.
        calibrated: the tasks whose probabilities were calibrated on labeled data; only
            these may be called a confidence.
        thresholds: by task, the confidence below which the scorer abstains.
        languages: BCP 47 tags of the languages that it is validated for.
        metrics: measured quality as stored beside the weights, for the report.
        model: the weights' name, such as `counterpoint-small`; empty where there are none.
        fallback: why a smaller model scores than the name asks for; empty where none does.
        cached: whether scores are kept in a `ScoreCache`.
        fast: whether it can be audited for each report, in seconds.
        limits: what it cannot do, a sentence each, for the report.
        tasks: the tasks that it is asked; the tables of others stay empty.
        costly: whether a row takes so long that audits run on a sample.
        explained_by: how a label is explained: `occlusion`, `quotations` or `nothing`.
        sent_to: the other machine that texts are sent to; empty where they stay on this one.
        notes: what a reader must know of the scored rows, a sentence each.
        explained_texts: how many texts a report may have scored for its explanations.
    """

    name: str
    version: str
    description: str
    calibrated: frozenset[Task] = frozenset()
    thresholds: dict[Task, float] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en",)
    metrics: dict = field(default_factory=dict)
    model: str = ""
    fallback: str = ""
    cached: bool = False
    fast: bool = False
    limits: tuple[str, ...] = ()
    tasks: frozenset[Task] = frozenset(Task)
    costly: bool = False
    explained_by: str = "occlusion"
    sent_to: str = ""
    notes: tuple[str, ...] = ()
    explained_texts: int = EXPLAINED_TEXTS

    def threshold(self, task: Task) -> float:
        """Return the confidence below which it abstains; 0 where it has no confidence."""
        return self.thresholds.get(task, 0.0) if task in self.calibrated else 0.0

    def validated_for(self, language: str) -> bool:
        """Tell whether it is validated for a language, a BCP 47 tag."""
        return language.partition("-")[0] in {tag.partition("-")[0] for tag in self.languages}


@runtime_checkable
class Scorer(Protocol):
    """Anything that gives label probabilities for rows of texts."""

    @property
    def info(self) -> ScorerInfo:
        """What the scorer is and what it can do."""

    def predict(self, task: Task, rows: Sequence[Texts]) -> np.ndarray:
        """Return label probabilities.

        Args:
            task: the question; it decides the texts of a row (`task.fields`) and the
                columns of the result (`task.labels`).
            rows: n tuples of texts; any text may be empty or long.

        Returns:
            float64 array of shape (n, len(task.labels)); each row sums to 1, or is not a number
            where the scorer has no answer.

        Raises:
            ScorerError: the scorer cannot answer this task.
        """
