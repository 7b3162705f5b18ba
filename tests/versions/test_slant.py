import numpy as np
import pandas as pd
import pytest

from analysis.quality.alignment import annotated
from analysis.scoring.pipeline import score
from analysis.types import ChangeKind, Kind
from analysis.versions.slant import Side

LIKE = "The tram is a wonderful, safe and good idea."
DISLIKE = "The tram is a terrible and dangerous mistake."
PLAIN = "It rained on Tuesday."


@pytest.fixture(scope="module")
def result():
    paragraphs = [LIKE, DISLIKE] * 4 + [PLAIN] * 6
    article = annotated("a", [(Kind.PARAGRAPH, text) for text in paragraphs])
    return score(article, ["tram"], scorer="lexicon")


def side(result, cut):
    """Return a side on which the paragraphs of these numbers were left out."""
    kinds = [ChangeKind.LEFT_OUT if n in cut else ChangeKind.KEPT for n in range(14)]
    return Side(result, dict(zip(result.segments.segment_id, kinds, strict=True)))


def p_of(result, cut):
    own = side(result, cut)
    return own.test(own.which(ChangeKind.LEFT_OUT)).p


def test_a_cut_of_one_side_is_significant_and_one_of_both_is_not(result):
    assert p_of(result, {0, 2, 4, 6})["tram"] < 0.01
    assert p_of(result, {1, 3, 5, 7})["tram"] < 0.01
    assert p_of(result, {0, 1, 2, 3})["tram"] == 1


def test_stances_are_named_and_weighted(result):
    named = side(result, set()).named_stances("tram")
    assert named.tolist() == [1.0, -1.0] * 4 + [0.0] * 6


def test_a_target_that_few_segments_speak_of_is_not_tested(result, monkeypatch):
    monkeypatch.setattr("analysis.versions.slant.MIN_SEGMENTS", 9)
    assert "tram" not in p_of(result, {0})


def test_loaded_language_is_tested_where_some_is_loaded(result):
    own = side(result, {0, 2})
    assert ("" in own.measures[0]) == (own.loaded().sum() >= 3)
    assert own.loaded_excess().sum() == pytest.approx(0)


def test_a_scorer_without_loaded_language_is_not_asked_of_it(result):
    from dataclasses import replace

    without = side(replace(result, bias=result.bias.iloc[:0]), {0})
    assert without.measures[0] == ["tram"]
    assert np.isnan(pd.Series(without.loaded()).mean())
