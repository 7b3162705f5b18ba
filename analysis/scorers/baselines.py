"""Baselines fitted to labelled rows: the majority label, TF-IDF with logistic regression.

They have no name on the command line, since they must be fitted first;
`quality/measures.py` compares every model with them.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from analysis.errors import ScorerError
from analysis.scorers.base import ScorerInfo, Texts
from analysis.types import Task


class MajorityScorer:
    """Predicts the label shares of the rows that it was fitted to, whatever the texts."""

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
        _check_task(self, task)
        return np.tile(self.shares, (len(rows), 1))


class TfidfScorer:
    """Logistic regression on TF-IDF of words and word pairs, for each text of a row apart."""

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
        """Return label probabilities, shape (n, labels); an unseen label has 0.

        Raises:
            ScorerError: it was fitted for another task.
        """
        _check_task(self, task)
        probabilities = np.zeros((len(rows), len(task.labels)))
        if len(rows):
            columns = [task.labels.index(label) for label in self.model.classes_]
            probabilities[:, columns] = self.model.predict_proba(np.array(rows, dtype=object))
        return probabilities


def _check_task(scorer: MajorityScorer | TfidfScorer, task: Task) -> None:
    if task is not scorer.task:
        raise ScorerError(
            f"scorer {scorer.info.name}: found task {task.value}; expected {scorer.task.value}, "
            "which it was fitted for"
        )
