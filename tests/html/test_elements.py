import base64

import html5lib
import pandas as pd
import pytest
from markupsafe import Markup

from analysis.html.display import TEASER, estimate, interval, intervals, number, teaser
from analysis.html.elements import Html, element, table


def parsed(markup):
    return html5lib.parse(f"<!DOCTYPE html><body>{markup}", namespaceHTMLElements=False)


def test_element_escapes_text_and_attributes():
    made = element("p", "<b>", Markup("<i>x</i>"), class_='"a', title=None, hidden=True)
    assert str(made) == '<p class="&#34;a" hidden>&lt;b&gt;<i>x</i></p>'


def test_html_is_what_a_notebook_shows():
    html = Html(element("p", "x"))
    assert html._repr_html_() == str(html) == "<p>x</p>"
    assert str(element("div", html)) == "<div><p>x</p></div>"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.5, "0.50"),
        (-0.125, "−0.12"),
        (-0.001, "0.00"),
        (3, "3"),
        (float("nan"), "–"),
        (True, "yes"),
    ],
)
def test_number(value, written):
    assert number(value) == written


def test_number_with_a_sign():
    assert [number(x, signed=True) for x in (0.3, -0.3, 0.001)] == ["+0.30", "−0.30", "0.00"]


def test_table_is_accessible_and_carries_its_data():
    frame = pd.DataFrame({"a": ["<x>"], "b": [0.5], "c": ["unseen"]})
    made = table(frame, "What it <says>", name="t.csv", columns={"A": "a", "B": "b"})
    tree = parsed(made)
    assert tree.find(".//caption").text == "What it <says>"
    assert [th.get("scope") for th in tree.iter("th")] == ["col", "col", "row"]
    assert "".join(tree.find(".//tbody//th").itertext()) == "<x>"
    link = tree.find(".//a")
    assert link.get("download") == "t.csv"
    assert "unseen" in decoded(link.get("href"))


def decoded(href):
    kind, _, data = href.partition(",")
    assert kind == "data:text/csv;charset=utf-8;base64"
    return base64.b64decode(data).decode()


def test_each_cell_names_its_column_for_a_phone():
    frame = pd.DataFrame({"who": ["Ann <b>"], "n": [3], "what": ["x"]})
    columns = {"Who": "who", "How <many>": "n", "What": "what"}
    tree = parsed(table(frame, "A caption", name="a.csv", columns=columns))
    assert [td.get("data-label") for td in tree.iter("td")] == ["How <many>", "What"]


def test_a_column_is_a_column_of_the_data_or_its_cells():
    frame = pd.DataFrame({"who": ["Ann", "Bo"], "n": [3, 4], "share": [0.5, 0.25]})
    columns = [("Who", "who"), ("Share", ["50%", "25%"]), ("n", frame.n), ("Share", "share")]
    tree = parsed(table(frame, "A caption", name="a.csv", columns=columns))
    assert ["".join(td.itertext()) for td in tree.iter("td")] == [
        "50%",
        "3",
        "0.50",
        "25%",
        "4",
        "0.25",
    ]
    numbers = [th.get("class") for th in tree.iter("th") if th.get("scope") == "col"]
    assert numbers == [None, None, "cp-number", "cp-number"]


def test_a_table_without_rows_is_nothing():
    assert not table(pd.DataFrame({"who": []}), "A caption", name="a.csv", columns={"Who": "who"})


@pytest.mark.parametrize(("rows", "folded"), [(60, False), (61, True)])
def test_a_long_table_is_folded_away(rows, folded):
    frame = pd.DataFrame({"who": ["Ann"] * rows})
    tree = parsed(table(frame, "A caption", name="a.csv", columns={"Who": "who"}))
    summary = tree.find(".//summary")
    assert (summary is not None) == folded
    assert not folded or summary.text == "61 rows. A caption"


def test_an_estimate_has_its_interval_if_there_is_one():
    assert estimate(0.3, -0.1, 0.7, signed=True) == "+0.30 (−0.10 to 0.70)"
    assert estimate(0.3, float("nan"), float("nan")) == "0.30"


def test_intervals_are_dashes_where_not_shown():
    rows = pd.DataFrame({"ci_low": [-0.5, 0.1], "ci_high": [0.25, 0.2]})
    assert intervals(rows) == ["−0.50 to 0.25", "0.10 to 0.20"]
    assert intervals(rows, [False, True]) == ["–", "0.10 to 0.20"]


def test_an_interval_is_two_numbers_or_a_dash():
    assert interval(-0.5, 0.25) == "−0.50 to 0.25"
    assert interval(float("nan"), float("nan")) == "–"


@pytest.mark.parametrize(("length", "cut"), [(50, False), (400, True)])
def test_teaser_is_cut_at_a_word(length, cut):
    text = "word " * (length // 5)
    made = teaser(text)
    assert made.endswith("word\u00a0…") == cut
    assert len(made) <= TEASER + 2
