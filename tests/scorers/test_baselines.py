import numpy as np
import pytest

from analysis.errors import ScorerError
from analysis.scorers.baselines import MajorityScorer, TfidfScorer, tfidf
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


def test_rows_that_share_no_word_or_have_one_label_give_no_tfidf():
    assert tfidf(Task.RELATION, ROWS, ["agree"] * len(ROWS)) is None
    assert tfidf(Task.RELATION, [("a1", "b1"), ("a2", "b2")], ["agree", "disagree"]) is None
    assert tfidf(Task.RELATION, ROWS, GOLD).info.name == "tf-idf"


@pytest.mark.parametrize(
    "scorer", [MajorityScorer(Task.RELATION, GOLD), TfidfScorer(Task.RELATION, ROWS, GOLD)]
)
def test_another_task_is_refused(scorer):
    with pytest.raises(ScorerError, match="found task bias; expected relation"):
        scorer.predict(Task.BIAS, [("x",)])
