"""Baselines fitted to labeled rows: the majority label, TF-IDF with logistic regression.

They have no name on the command line, since they must be fitted first;
`quality/evaluation.py` compares every model with them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.errors import ScorerError
from analysis.scorers.base import ScorerInfo, Texts
from analysis.types import Task


class FittedScorer:
    """A scikit-learn classifier behind the `Scorer` protocol, fitted for one task.

    Attributes:
        task: the task.
        model: the fitted classifier of rows, each a tuple of `task.fields`.
        info: what the scorer is; its version is the number of rows that it was fitted to.
    """

    def __init__(
        self, name: str, description: str, task: Task, model: Any, rows: Any, gold: Sequence[str]
    ) -> None:
        """Fit `model` to n rows and their labels."""
        self.task = task
        self.model = model.fit(np.array(rows, dtype=object), list(gold))
        self.info = ScorerInfo(name, f"{len(gold)} rows", description)

    def predict(self, task: Task, rows: Sequence[Texts]) -> np.ndarray:
        """Return label probabilities, shape (n, labels); an unseen label has 0.

        Raises:
            ScorerError: it was fitted for another task.
        """
        if task is not self.task:
            raise ScorerError(
                f"scorer {self.info.name}: found task {task.value}; expected {self.task.value}, "
                "which it was fitted for"
            )
        probabilities = np.zeros((len(rows), len(task.labels)))
        if len(rows):
            columns = [task.labels.index(label) for label in self.model.classes_]
            probabilities[:, columns] = self.model.predict_proba(np.array(rows, dtype=object))
        return probabilities


class MajorityScorer(FittedScorer):
    """Predicts the label shares of the rows that it was fitted to, whatever the texts."""

    def __init__(self, task: Task, gold: Sequence[str]) -> None:
        """Count the labels of `gold`, at least one."""
        from sklearn.dummy import DummyClassifier

        model, rows = DummyClassifier(strategy="prior"), np.empty((len(gold), len(task.fields)))
        super().__init__("majority", "the most frequent label, always", task, model, rows, gold)


def tfidf(task: Task, rows: Sequence[Texts], gold: Sequence[str]) -> "TfidfScorer | None":
    """Return TF-IDF fitted to labeled rows; None where they have one label or share no word."""
    if len(set(gold)) < 2:
        return None
    try:
        return TfidfScorer(task, rows, gold)
    except ValueError:  # no word is in two rows
        return None


class TfidfScorer(FittedScorer):
    """Logistic regression on TF-IDF of words and word pairs, for each text of a row apart."""

    def __init__(
        self, task: Task, rows: Sequence[Texts], gold: Sequence[str], seed: int = 0
    ) -> None:
        """Fit to n labeled rows, each a tuple of `task.fields`, of at least two labels."""
        from sklearn.compose import make_column_transformer
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        texts = [
            (TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2), column)
            for column in range(len(task.fields))
        ]
        regression = LogisticRegression(max_iter=1000, class_weight="balanced", random_state=seed)
        model = make_pipeline(make_column_transformer(*texts), regression)
        description = "TF-IDF of words and word pairs, logistic regression"
        super().__init__("tf-idf", description, task, model, rows, gold)
