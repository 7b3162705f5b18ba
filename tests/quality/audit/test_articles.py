import numpy as np
import pytest

from analysis.errors import ParameterError
from analysis.quality.audit.articles import audit_article, swap_names
from analysis.readers.plain_text import parse_plain_text
from analysis.scorers import ScorerInfo
from analysis.types import Task

TEXT = (
    "Russia liked the plan. NATO feared it.\n\n"
    "[Comment: How brave of NATO! And how vile of Moscow!]\n"
)


class Wording:
    """A scorer that reads the words beside a name: brave is favor, vile is against.

    It may hate one name.
    """

    def __init__(self, hated=""):
        self.hated = hated
        self.info = ScorerInfo("wording", "1", "for tests")

    def predict(self, task, rows):
        if task is not Task.STANCE:
            return np.full((len(rows), len(task.labels)), 1 / len(task.labels))
        return np.array([self._row(text, target) for text, target in rows])

    def _row(self, text, target):
        if target == self.hated and "how" in text.lower():
            return [0.0, 1.0, 0.0]
        near = [part for part in text.split("!") if target in part]
        good, bad = (any(word in part for part in near) for word in ("brave", "vile"))
        return [float(good), float(bad), float(not good and not bad)]


@pytest.fixture
def article():
    return parse_plain_text(TEXT, article_id="x")


def test_names_are_swapped_and_spans_hold(article):
    swapped = swap_names(article, "Russia", "NATO")
    assert swapped.raw == (
        "NATO liked the plan. Russia feared it.\n\n"
        "[Comment: How brave of Russia! And how vile of NATO!]\n"
    )
    for block in swapped.blocks:
        assert swapped.raw[block.start : block.end] == block.text
    assert swapped.raw[slice(*swapped.blocks[1].body)].startswith("How brave of Russia")


def test_swapping_twice_gives_back_the_article_but_for_aliases(article):
    twice = swap_names(swap_names(article, "Russia", "NATO"), "Russia", "NATO")
    assert twice.raw == article.raw.replace("Moscow", "Russia")


def test_an_even_handed_scorer_turns_and_does_not_lean(article):
    found = audit_article(article, "Russia", "NATO", Wording())
    assert found.contrast == pytest.approx(-2)
    assert found.swapped_contrast == pytest.approx(2)
    assert found.turned
    assert found.lean == pytest.approx(0)


def test_a_scorer_that_hates_a_name_leans(article):
    found = audit_article(article, "Russia", "NATO", Wording(hated="NATO"))
    assert found.lean > 0.4


def test_both_sides_must_speak_of_both(article):
    with pytest.raises(ParameterError, match="expected two targets that both sides speak of"):
        audit_article(article, "Russia", "China", Wording())
