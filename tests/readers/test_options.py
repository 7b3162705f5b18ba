import pytest

from analysis.errors import InputError, ParameterError
from analysis.params import report_params
from analysis.readers import Limits, ReadOptions, read, read_options


def options(**values):
    return read_options(report_params(article="a.csv", **values))


def test_parameters_say_how_to_read():
    told = options(
        markers="Reply:", run_on="true", article_id="a-1",
        columns=["comment=Kommentar 1", "comment=Kommentar 2", "passage = Absatz = Teil"],
        limits="pages=3",
    )  # fmt: skip
    assert told == ReadOptions(
        markers=("Reply:",),
        run_on=True,
        article_id="a-1",
        columns={"comment": ["Kommentar 1", "Kommentar 2"], "passage": "Absatz = Teil"},
        limits=Limits(pages=3),
    )
    assert options() == ReadOptions()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"columns": "comments=a"}, "'columns': found 'comments=a'; expected NAME=VALUE with a"),
        ({"columns": "comment"}, "'columns': found 'comment'; expected NAME=VALUE"),
        ({"columns": "comment="}, "'columns': found 'comment='; expected NAME=VALUE"),
        ({"columns": ["text=a", "text=b"]}, "'columns': found 'text' twice"),
        ({"limits": "pages=-1"}, "'limits': found pages=-1; expected a whole number above 0"),
        ({"limits": "pages=0"}, "'limits': found pages=0"),
        ({"limits": "pages=1e3"}, "'limits': found pages=1e3"),
        ({"limits": "links=1"}, "'limits': found 'links=1'; expected NAME=VALUE with a name of"),
    ],
)
def test_unusable_options_are_refused(values, said):
    with pytest.raises(ParameterError, match=said) as caught:
        options(**values)
    assert "\n" not in str(caught.value)


def test_object_and_keywords_read_the_same(formats):
    path = formats / "long.csv"
    one = read(path, ReadOptions(article_id="long-ferry"))
    assert one == read(path, article_id="long-ferry")
    assert one == read(path, ReadOptions(article_id="x"), article_id="long-ferry")
    assert one.article_id == "long-ferry"
    with pytest.raises(TypeError, match="unexpected keyword"):
        read(path, articel_id="long-ferry")


def test_one_of_several_articles_must_be_named(formats):
    path = formats / "long.csv"
    with pytest.raises(InputError, match=r"found 2 articles \(long-bridge, long-ferry\); expected"):
        read(path)
    with pytest.raises(InputError, match="expected 'x', name one of these"):
        read(path, article_id="x")


@pytest.mark.parametrize("name", ["../out", "a/b", "a.b", "a b", "a" * 121])
def test_an_id_is_no_path(name):
    with pytest.raises(ParameterError, match="'article_id'"):
        report_params(article="a.docx", article_id=name)


def test_a_limit_is_a_parameter(formats):
    with pytest.raises(InputError, match="expected at most 1"):
        read(formats / "bridge.docx", options(limits="annotations=1"))
