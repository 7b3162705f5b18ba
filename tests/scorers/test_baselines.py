import numpy as np
import pytest

from analysis.errors import ScorerError
from analysis.scorers.baselines import MajorityScorer, TfidfScorer
from analysis.types import Task

ROWS = [("It rains", "that is wrong"), ("It rains", "that is right")] * 6
GOLD = ["disagree", "agree"] * 6


def test_majority_knows_only_the_shares():
    scorer = MajorityScorer(Task.RELATION, ["agree", "disagree", "disagree", "disagree"])
    np.testing.assert_allclose(scorer.predict(Task.RELATION, ROWS), [[0.25, 0.75, 0]] * 12)


def test_tfidf_learns_what_a_word_says():
    scorer = TfidfScorer(Task.RELATION, ROWS, GOLD)
    p = scorer.predict(Task.RELATION, [("Snow falls", "so wrong"), ("Snow falls", "so right")])
    assert [Task.RELATION.labels[i] for i in p.argmax(axis=1)] == ["disagree", "agree"]
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert (p[:, Task.RELATION.labels.index("neutral")] == 0).all()
    assert scorer.predict(Task.RELATION, []).shape == (0, 3)


@pytest.mark.parametrize(
    "scorer", [MajorityScorer(Task.RELATION, GOLD), TfidfScorer(Task.RELATION, ROWS, GOLD)]
)
def test_another_task_is_refused(scorer):
    with pytest.raises(ScorerError, match="found task bias; expected relation"):
        scorer.predict(Task.BIAS, [("x",)])
