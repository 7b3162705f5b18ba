"""Baselines fitted to labelled rows: the majority label, TF-IDF with logistic regression.

They have no name on the command line, since they know nothing before they are fitted;
`evaluate.py` sets them beside every model.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from analysis.errors import ScorerError
from analysis.scorers.base import ScorerInfo, Texts
from analysis.types import Task


class MajorityScorer:
    """Always the label shares of the rows it was fitted to: what knowing nothing scores."""

    def __init__(self, task: Task, gold: Sequence[str]) -> None:
        """Count the labels of `gold`, at least one."""
        counts = Counter(gold)
        self.task = task
        self.shares = np.array([counts[label] / len(gold) for label in task.labels])
        self.info = ScorerInfo("majority", f"{len(gold)} rows", "the most frequent label, always")

    def predict(self, task: Task, rows: Sequence[Texts]) -> np.ndarray:
        """Return the label shares for every row, shape (n, labels).

        Raises:
            ScorerError: it was fitted for another task.
        """
        _same(self, task)
        return np.tile(self.shares, (len(rows), 1))


class TfidfScorer:
    """TF-IDF of words and word pairs, each text of a row by itself, and logistic regression."""

    def __init__(
        self, task: Task, rows: Sequence[Texts], gold: Sequence[str], seed: int = 0
    ) -> None:
        """Fit to n labelled rows, each a tuple of `task.fields`, of at least two labels."""
        from sklearn.compose import make_column_transformer
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        texts = [
            (TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2), column)
            for column in range(len(task.fields))
        ]
        self.task = task
        self.model = make_pipeline(
            make_column_transformer(*texts),
            LogisticRegression(max_iter=1000, class_weight="balanced", random_state=seed),
        )
        self.model.fit(np.array(rows, dtype=object), list(gold))
        self.info = ScorerInfo(
            "tf-idf", f"{len(gold)} rows", "TF-IDF of words and word pairs, logistic regression"
        )

    def predict(self, task: Task, rows: Sequence[Texts]) -> np.ndarray:
        """Return label probabilities, shape (n, labels); a label never seen has 0.

        Raises:
            ScorerError: it was fitted for another task.
        """
        _same(self, task)
        probabilities = np.zeros((len(rows), len(task.labels)))
        if len(rows):
            columns = [task.labels.index(label) for label in self.model.classes_]
            found = self.model.predict_proba(np.array(rows, dtype=object))
            probabilities[:, columns] = found
        return probabilities


def _same(scorer: MajorityScorer | TfidfScorer, task: Task) -> None:
    if task is not scorer.task:
        raise ScorerError(
            f"scorer {scorer.info.name}: found task {task.value}; expected {scorer.task.value}, "
            "which it was fitted for"
        )
