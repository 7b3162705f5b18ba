import pytest

from analysis.errors import ScorerError
from analysis.scorers import load


@pytest.mark.parametrize("name", ["", "lexikon", "lexicon:x", "hub:", "hub"])
def test_unknown_scorer_lists_the_known(name):
    with pytest.raises(ScorerError, match="expected one of embedded, lexicon, hub:NAME"):
        load(name)


def test_a_scorer_is_loaded_once():
    assert load("lexicon") is load("lexicon")
