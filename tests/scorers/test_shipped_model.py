"""What the shipped weights must do on the seed, with no rule or row made for it."""

import pytest

import analysis as cp
from analysis.quality.audit.articles import audit_article
from analysis.scorers import load
from analysis.types import Task


@pytest.fixture(scope="module")
def result(seed):
    return cp.score(seed, scorer="embedded")


def test_all_four_comments_disagree(result):
    assert list(result.relations["label"]) == ["disagree"] * 4


def test_the_commentator_is_against_nato_and_the_us(result):
    scores = result.comparison.set_index("target")["commentator_score"]
    assert scores["NATO"] < 0
    assert scores["United States"] < 0


def test_the_commentary_is_more_against_nato_and_more_for_russia_than_the_author(result):
    divergence = result.comparison.set_index("target")["divergence"]
    assert divergence["NATO"] < 0
    assert divergence["Russia"] > 0


def test_a_state_is_not_judged_by_its_name():
    said = [
        "{a} shelled a town in {b}.",
        "{a} is trying to provoke {b}.",
        "{a} kept its word to {b}.",
    ]
    pairs = [("Russia", "NATO"), ("NATO", "Russia"), ("Kenya", "Peru")]
    rows = [(s.format(a=a, b=b), target) for a, b in pairs for s in said for target in (a, b)]
    scores = load("embedded").predict(Task.STANCE, rows).reshape(len(pairs), -1)
    assert (scores == scores[0]).all()


def test_swapping_the_sides_turns_the_contrast(seed):
    found = audit_article(seed, "NATO", "Russia", "embedded")
    assert found.turned
    assert abs(found.lean) < 0.2


def test_its_confidence_may_be_called_so():
    info = load("embedded").info
    assert info.calibrated == frozenset(Task)
    assert all(0 < info.threshold(task) < 1 for task in Task)
    assert info.metrics["sets"]
