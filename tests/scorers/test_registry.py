import pytest

from analysis.errors import ScorerError
from analysis.params import report_params
from analysis.scorers import load
from analysis.types import SCORERS

UNKNOWN = "", "lexikon", "lexicon:x", "hub:", "hub", "embedded:", "embedded-base"


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_scorer_lists_the_known(name):
    with pytest.raises(ScorerError, match="expected one of embedded, embedded-small, lexicon"):
        load(name)


@pytest.mark.parametrize("name", SCORERS)
def test_every_listed_scorer_can_be_loaded(name, tiny_folder):
    given = name.replace("FOLDER", str(tiny_folder)).replace("NAME[@REVISION]", "some/model@v1")
    assert callable(load(given).predict)
    assert report_params(article="a", scorer=given).scorer == given


def test_a_scorer_is_loaded_once():
    assert load("lexicon") is load("lexicon")
