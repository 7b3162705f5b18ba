import re
from xml.etree import ElementTree

import html5lib
import pandas as pd

import analysis as cp
from analysis.readers.plain_text import parse_plain_text
from analysis.report import cue_figure
from analysis.text.cue_lexicon import CueKind

SVG = "{http://www.w3.org/2000/svg}"


def test_figure_draws_the_kinds_that_a_side_uses(seed_result):
    figure = cue_figure.rates(seed_result)
    tree = html5lib.parse(figure._repr_html_(), namespaceHTMLElements=False)
    drawn = {"".join(t.itertext()) for t in tree.iter(f"{SVG}text")}
    assert {"Loaded words", "Labels", "Author", "Comments", "cues per 100 words"} <= drawn
    assert "Us and them" not in drawn
    assert "Scare quotes" not in drawn, "only what is cited has some"


def test_words_say_the_numbers_and_the_data_hold_every_kind(seed_result):
    figure = cue_figure.rates(seed_result)
    rows = figure.data.set_index(["voice", "kind"])
    assert len(rows) == 4 * len(CueKind)
    label = rows.loc[("commentator", "label")]
    said = re.search(
        r"Labels: author [^;]+;[^)]+\), comments ([\d.]+) \((\d+) in (\d+)", figure.alt
    )
    assert said.groups() == (f"{label.rate:.2f}", str(label["count"]), str(label.words))
    assert "95% Poisson intervals" in figure.caption


def test_saved_picture_and_data_are_whole(seed_result, tmp_path):
    figure = cue_figure.rates(seed_result)
    figure.save(tmp_path)
    svg = ElementTree.parse(tmp_path / "figure-cues.svg").getroot()
    assert svg.tag == f"{SVG}svg"
    assert len(pd.read_csv(tmp_path / "figure-cues.csv")) == len(figure.data)


def test_without_cues_the_words_stand_alone():
    article = parse_plain_text("A title\n\nThe quay is long.\n\nComment: It is.", article_id="x")
    figure = cue_figure.rates(cp.score(article, scorer="embedded-small"))
    assert figure.drawings == ()
    assert figure.alt == "Neither side uses a cue of the lists."


def test_a_side_that_says_nothing_has_no_dot():
    article = parse_plain_text("A brutal title\n\nThe regime is brutal.", article_id="x")
    figure = cue_figure.rates(cp.score(article, scorer="embedded-small"))
    assert "Labels: author 14" in figure.alt  # one in seven words
    assert "comments" not in figure.alt
    assert len(figure.drawings) == 1
