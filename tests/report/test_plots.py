import re
from dataclasses import replace
from xml.etree import ElementTree

import html5lib
import pandas as pd
import pytest
from PIL import Image

import analysis as cp
from analysis.html.svg import DPI, MARGIN
from analysis.report import plots

SVG = "{http://www.w3.org/2000/svg}"
DRAW = {"targets": plots.targets, "voices": plots.voices, "loaded": plots.loaded}


def parsed(figure):
    page = f"<!DOCTYPE html><body>{figure._repr_html_()}"
    return html5lib.parse(page, namespaceHTMLElements=False)


@pytest.fixture(params=DRAW)
def draw(request):
    return DRAW[request.param]


def test_figure_has_a_picture_words_a_caption_and_its_data(draw, seed_result):
    figure = draw(seed_result)
    tree = parsed(figure)
    image = tree.find(".//figure/div[@role='img']")
    assert image.get("aria-label") == figure.alt
    assert len(image.findall(f"span/{SVG}svg")) == 1
    assert all(svg.get("aria-hidden") == "true" for svg in image.findall(f"span/{SVG}svg"))
    link = tree.find(".//figcaption/a")
    assert link.get("download") == f"figure-{figure.title}.csv"


def test_alternative_text_says_the_numbers(seed_result):
    row = seed_result.comparison.iloc[0]
    alt = plots.targets(seed_result).alt
    assert row.target in alt
    assert f"from {row.author_n} sentences" in alt
    assert "can be shown toward any of the 6 targets" in alt
    loaded = plots.loaded(seed_result)
    first = loaded.data.iloc[0]
    assert f"Author {first.loaded} of {first.segments}" in loaded.alt


def test_drawing_is_the_same_each_time(draw, seed_result):
    assert draw(seed_result)._repr_html_() == draw(seed_result)._repr_html_()


def test_no_id_is_used_twice_and_each_reference_is_there(seed_result):
    page = "".join(draw(seed_result)._repr_html_() for draw in DRAW.values())
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(|href=")#([^")]+)', page)) <= set(ids)


def test_colors_follow_the_page_and_nothing_is_fetched(draw, seed_result):
    page = draw(seed_result)._repr_html_()
    assert "var(--cp-author, #" in page
    svg = "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    fixed = re.sub(r"var\(--cp-\w+, [^)]*\)", "", svg)
    assert not re.findall(r"#[0-9a-f]{6}\b", fixed)
    assert "DejaVu" not in svg
    assert set(re.findall(r"https?://[^\"' ]+", svg)) <= {"http://www.w3.org/2000/svg"}


def test_save_writes_a_picture_of_its_own_and_the_data(draw, seed_result, tmp_path):
    figure = draw(seed_result)
    figure.save(tmp_path / "new")
    svg = ElementTree.parse(tmp_path / "new" / f"figure-{figure.title}.svg").getroot()
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    assert "var(" not in ElementTree.tostring(svg, encoding="unicode")
    with Image.open(tmp_path / "new" / f"figure-{figure.title}.png") as picture:
        wide = float(svg.get("width")) * DPI / 96 + 2 * MARGIN
        assert picture.format == "PNG"
        assert picture.width == pytest.approx(wide, abs=2)
        assert len(set(picture.convert("L").tobytes())) > 8, "it is blank"
    saved = pd.read_csv(tmp_path / "new" / f"figure-{figure.title}.csv")
    assert list(saved.columns) == list(figure.data.columns)
    assert len(saved) == len(figure.data)


def test_saving_nowhere_writes_nothing(draw, seed_result, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw(seed_result).save("")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["no_commentary", "only_commentary", "hostile_markup"])
def test_one_sided_articles_are_drawn(draw, own, name):
    tree = parsed(draw(cp.score(own(name), scorer="embedded-small")))
    assert tree.find(".//figure") is not None or tree.find(".//p[@class='cp cp-empty']") is not None


def test_without_targets_the_words_stand_alone(seed_result):
    figure = plots.targets(replace(seed_result, comparison=seed_result.comparison.iloc[:0]))
    tree = parsed(figure)
    assert tree.find(f".//{SVG}svg") is None
    assert "No target" in "".join(tree.itertext())


def test_scores_that_are_not_there_are_drawn_as_nothing(seed_result):
    one = seed_result.comparison.head(1).assign(
        commentator_score=float("nan"),
        divergence=float("nan"),
        ci_low=float("nan"),
        ci_high=float("nan"),
        commentator_n=0,
    )
    figure = plots.targets(replace(seed_result, comparison=one))
    assert "no interval" in figure.alt
    assert parsed(figure).find(f".//{SVG}svg") is not None


def test_targets_that_nobody_names_are_drawn_empty(seed_result):
    none = dict.fromkeys(["author_score", "commentator_score", "divergence", "ci_low", "ci_high"])
    rows = seed_result.comparison.assign(**none).astype(dict.fromkeys(none, float))
    figure = plots.targets(replace(seed_result, comparison=rows))
    assert figure.drawings
    assert "no difference to show" in figure.caption


def test_a_side_that_names_no_target_is_not_in_the_legend(seed_result):
    none = dict.fromkeys(["commentator_score", "divergence", "ci_low", "ci_high"], float("nan"))
    rows = seed_result.comparison.assign(**none, commentator_n=0)
    svg = "".join(parsed(plots.targets(replace(seed_result, comparison=rows))).itertext())
    assert "Author" in svg
    assert "Comments" not in svg
    assert "Difference" not in svg


def test_many_targets_are_cut_and_the_data_hold_all(seed_result):
    rows = seed_result.comparison.head(1)
    many = pd.concat([rows.assign(target=f"Target {i}") for i in range(40)], ignore_index=True)
    figure = plots.targets(replace(seed_result, comparison=many))
    assert len(figure.data) == 40
    assert "first 12 of 40" in figure.caption
    assert ">Target 11<" in figure._repr_html_()
    assert ">Target 12<" not in figure._repr_html_()


def test_hostile_names_stay_text(seed_result):
    names = ["<script>alert(1)</script>", '$x^2$ --> id="a"', "\u202eabc", "נאט״ו", "x" * 10_000]
    rows = seed_result.comparison.head(len(names)).assign(target=names)
    figure = plots.targets(replace(seed_result, comparison=rows))
    tree = parsed(figure)
    assert not list(tree.iter("script"))
    texts = ["".join(t.itertext()) for t in tree.iter(f"{SVG}text")]
    assert "<script>alert(1)</scr…" in texts
    assert '$x^2$ --> id="a"' in texts
    assert max(map(len, texts)) < 40
