import re
from dataclasses import replace
from xml.etree import ElementTree

import pandas as pd
import pytest

from analysis.corpus import figures
from analysis.corpus.loading import read_corpus


@pytest.fixture
def read(reports):
    return read_corpus(reports)


def texts(svg):
    return [e.text for e in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_heat_map_says_in_words_and_cells_what_can_be_shown(read):
    figure = figures.heat_map(read)
    assert "courier: NATO +0.25;" in figure.alt
    assert "gazette: NATO −0.56 (unsure)" in figure.alt
    cells = (("+0.25", "(−0.56)"), ("+0.2",))
    for drawn, said in zip(figure.drawings, cells, strict=True):
        shown = texts(drawn.svg)
        assert set(said) <= set(shown)
        assert "courier (6)" in " ".join(filter(None, shown))
        assert "<image" not in drawn.svg, "cells are drawn, not a picture within the picture"
    assert len(figure.data) == 2


@pytest.mark.parametrize("value", [-1.0, -0.5, 0.0, 0.5, 1.0])
def test_text_on_a_cell_has_contrast_enough(value):
    def luminance(color):
        rgb = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    cell = figures.COLORS((value + 1) / 2)
    cell = "#" + "".join(f"{round(255 * part):02x}" for part in cell[:3])
    low, high = sorted([luminance(cell), luminance(figures._ink(value))])
    assert (high + 0.05) / (low + 0.05) >= 4.5  # WCAG 2.2, AA


def test_a_cell_that_shows_nothing_is_pale_and_an_empty_one_hatched(reports, made):
    figure = figures.heat_map(read_corpus(reports))
    assert "opacity: 0.25" in figure.drawings[0].svg
    assert "LineCollection" not in figure.drawings[0].svg
    assert "(−0.6)" not in texts(figure.drawings[1].svg), "no room for it on a phone"
    made.write(reports, "r20", stances=made.sides("Russia", 0.1, 0.2), about={"outlet": "third"})
    figure = figures.heat_map(read_corpus(reports))
    assert figure.drawings[0].svg.count("LineCollection") == 3, "of six cells, three hold nothing"
    assert "Hatched: in no article" in figure.caption


def test_hostile_names_of_groups_stay_text(reports, made):
    made.write(
        reports, "r20", stances=made.sides("NATO", 0.1, 0.2), about={"outlet": "$\\frac{<b>}$"}
    )
    figure = figures.heat_map(read_corpus(reports))
    assert any("$\\frac{<b>}$" in (text or "") for text in texts(figure.drawings[0].svg))


def test_many_groups_leave_the_least_to_the_data(reports, made):
    for n in range(20):
        made.write(reports, f"x{n}", stances=made.sides("NATO", 0, 0.1), about={"outlet": f"o{n}"})
    figure = figures.heat_map(read_corpus(reports))
    assert "The 12 of 22 with the most articles" in figure.caption
    assert figure.data.group.nunique() == 22


def test_over_time_tells_first_and_last(read):
    figure = figures.over_time(read)
    assert re.search(r"4 periods: NATO from −0\.\d\d \(Jan 2024\) to [+−]\d\.\d\d", figure.alt)
    assert len(figure.drawings) == 2


def test_every_target_is_drawn_over_time_or_said_to_be_left_out(reports, made):
    for n in range(6):
        stances = [s for t in range(n + 1, 7) for s in made.sides(f"target {t}", 0.1, 0.2)]
        made.write(reports, f"t{n}", stances=stances, about={"date": f"2024-{2 * n + 1:02}-05"})
    corpus = read_corpus(reports)
    assert len(corpus.targets) == 7
    figure = figures.over_time(corpus)
    drawn = {text for text in texts(figure.drawings[0].svg) if text in corpus.targets}
    left = {target for target in corpus.targets if target in figure.caption}
    assert drawn | left == set(corpus.targets)
    assert not drawn & left
    assert left, "one has articles in a single period"


@pytest.mark.parametrize(
    ("days", "form"),
    [
        (["2024-01-01", "2025-01-01"], "%Y"),
        (["2024-01-01", "2024-04-01"], "%b %Y"),
        (["2024-01-01", "2024-01-08"], "%d %b %Y"),
    ],
)
def test_dates_are_written_as_short_as_the_periods_allow(days, form):
    assert figures._date_form(pd.Series(pd.to_datetime(days))) == form


def test_nothing_to_draw_is_said(read, tmp_path, made):
    undated = replace(read, articles=read.articles.assign(date=None))
    undated.articles["date"] = undated.articles.date.astype("datetime64[ns]")
    figure = figures.over_time(undated)
    assert figure.drawings == ()
    assert "Fewer than two periods" in figure.alt
    made.write(tmp_path / "x", "a")
    nothing = figures.heat_map(read_corpus(tmp_path / "x"))
    assert nothing.drawings == ()
