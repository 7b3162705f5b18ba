"""The frames are pandas, print safely in a notebook, and the comparison draws itself."""

import dataclasses
import pickle
from dataclasses import replace

import pandas as pd
import pytest

import analysis as cp
from analysis.frames import SCHEMAS
from analysis.report.plots import targets
from analysis.types import Kind, Segment, Voice


@pytest.fixture(scope="module")
def hostile(own):
    return cp.score(own("hostile_markup"), ["<b>NATO</b>", "NATO"], scorer="lexicon")


def test_each_frame_is_pandas_and_what_is_taken_from_it_too(seed_result):
    for name in SCHEMAS:
        frame = getattr(seed_result, name)
        assert isinstance(frame, pd.DataFrame)
        assert type(frame[["article_id"]]) is pd.DataFrame
        assert type(frame.copy()) is pd.DataFrame
        assert type(seed_result.frames[name]) is pd.DataFrame
        assert type(frame.query("article_id == ''")) is pd.DataFrame


def test_comparison_draws_the_reports_figure(seed_result):
    figure = seed_result.comparison.plot()
    assert figure.alt == targets(seed_result).alt
    assert "<svg" in figure._repr_html_()


def test_a_table_says_what_its_columns_mean_and_how_much_there_is(seed_result):
    html = seed_result.relations._repr_html_()
    assert "relations: 4 rows; article id 000_9da5be969268c11d, scorer lexicon" in html
    assert 'title="probability of agree"' in html
    assert html.count("<tr>") == 5
    assert "the first 40 are shown" in seed_result.segments._repr_html_()


def test_nothing_of_an_article_becomes_markup(hostile):
    raw = hostile.article.raw
    assert "<script" in raw
    tables = {name: getattr(hostile, name) for name in SCHEMAS}
    escaped = (hostile, hostile.article, *(tables[n] for n in ("segments", "relations")))
    for thing in (*escaped, *tables.values()):
        html = thing._repr_html_()
        assert "<script" not in html
        assert "<img" not in html
        assert "<b>NATO" not in html
    assert all("&lt;" in thing._repr_html_() for thing in (*escaped, tables["comparison"]))


def test_results_can_be_replaced_and_pickled_as_before(seed_result):
    other = replace(seed_result, seed=1)
    assert type(other.comparison) is type(seed_result.comparison)
    assert other.comparison.plot().alt == seed_result.comparison.plot().alt
    kept = pickle.loads(pickle.dumps(seed_result.relations))
    pd.testing.assert_frame_equal(pd.DataFrame(kept), pd.DataFrame(seed_result.relations))


def test_an_empty_table_prints(own):
    result = cp.score(own("no_commentary"), scorer="lexicon")
    assert "relations: 0 rows" in result.relations._repr_html_()


def test_objects_say_on_a_line_what_they_are(seed, seed_result):
    assert repr(seed).startswith("<Article '000_9da5be969268c11d': 'Stoltenberg NATO', 16 para")
    assert "4 comments" in repr(seed_result)
    long = Segment("s1", "b1", Kind.PARAGRAPH, Voice.AUTHOR, "", "", 0, 500, "a\n" * 250)
    assert "\n" not in repr(long)
    assert len(repr(long)) < 200
    assert "\x1b" not in repr(dataclasses.replace(seed, title="\x1b[31mred"))
