import pytest

from analysis.errors import ParameterError
from analysis.params import given, pair_params, report_params


def test_defaults():
    params = report_params(article="a.txt")
    assert params.markers == ()
    assert params.builtin_markers
    assert params.targets == ()


def test_texts_from_a_command_line_are_read():
    params = report_params(
        article="a", confidence_level="0.9", seed="3", run_on="true", targets="NATO"
    )
    assert (params.confidence_level, params.seed, params.run_on) == (0.9, 3, True)
    assert params.targets == ("NATO",)


def test_same_target_twice_is_one():
    assert report_params(article="a", targets=["NATO", " NATO "]).targets == ("NATO",)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (
            {"target": "NATO"},
            r"unknown parameter 'target'; expected one of article, targets, scorer",
        ),
        (
            {"confidence_level": 2},
            r"'confidence_level': found 2 .*expected a number between 0.5 and 1",
        ),
        ({"seed": "x"}, r"'seed': found 'x' .*expected a whole number"),
        (
            {"scorer": "oracle"},
            r"found 'oracle' .*expected one of embedded, embedded-small, lexicon",
        ),
        ({"targets": [""]}, r"'targets': found \[''\]"),
        ({"builtin_markers": "perhaps"}, r"'builtin_markers'"),
        ({"article": ""}, r"'article': found ''"),
    ],
)
def test_bad_values_get_one_line_that_says_what_is_allowed(values, says):
    with pytest.raises(ParameterError, match=says) as caught:
        report_params(**({"article": "a"} | values))
    assert "\n" not in str(caught.value)


def test_given_takes_every_simple_value_of_the_namespace():
    namespace = {
        "article": "a",
        "_": 1,
        "__name__": "x",
        "In": [],
        "Out": {},
        "cp": pytest,
        "nosuch": 3,
    }
    assert given(namespace) == {"article": "a", "nosuch": 3}
    with pytest.raises(ParameterError, match="unknown parameter 'nosuch'"):
        report_params(**given(namespace))


def test_a_pair_has_two_articles_that_are_read_in_the_same_way():
    params = pair_params(
        original="a.txt", republished="b.txt", original_id="x", article_id="y", run_on=True
    )
    first, second = params.sides
    assert (first.article, first.article_id, first.run_on) == ("a.txt", "x", True)
    assert (second.article, second.article_id, second.run_on) == ("b.txt", "y", True)
    assert params.article == "b.txt"
    assert params.for_notebook()["republished"] == "b.txt"
    assert pair_params(**params.for_notebook()) == params
    assert report_params(article="a.txt").sides == (report_params(article="a.txt"),)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"original": "a.txt"}, "parameter 'republished' is missing; expected the republished"),
        ({"republished": "b.txt"}, "parameter 'original' is missing; expected the article as"),
        ({"article": "c.txt"}, "unknown parameter 'article'; expected one of republished"),
        ({"second": "lexicon"}, "parameter 'second': found 'lexicon'"),
        ({"original_id": "ü"}, "parameter 'original_id': found 'ü'"),
        ({"same_event": "perhaps"}, "parameter 'same_event': found 'perhaps'"),
    ],
)
def test_wrong_parameters_of_a_pair_are_one_line(values, told):
    if values.keys() & {"article", "second", "original_id", "same_event"}:
        values = {"original": "a.txt", "republished": "b.txt"} | values
    with pytest.raises(ParameterError) as raised:
        pair_params(**values)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)
