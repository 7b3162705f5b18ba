"""The card that links show: its size, its words, and that no text breaks or escapes it."""

from dataclasses import replace
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from PIL import Image

import analysis as cp
from analysis.html import fonts
from analysis.html.fonts import families
from analysis.readers.plain_text import parse_plain_text
from analysis.report import share_card
from analysis.report.share_card import END, save, wrapped

TEXT = "{http://www.w3.org/2000/svg}text"
TITLES = {
    "plain": "A Quay",
    "long": "The harbor board and the quarrel over the sea wall " * 40,
    "one word": "w" * 10_000,
    "markup": '<script>alert(1)</script> & "q" $\\frac{1}{2}$ {{ 7 * 7 }} %s \u202eevil\x00\ud800',
    "hebrew": "שלום עולם וקצת NATO",
    "chinese": "北约东扩与欧洲安全" * 12,
    "marks": "e\u0301" * 500,
    "empty": "",
}


@pytest.fixture(scope="module")
def cards(seed_result, tmp_path_factory):
    """The folder of a card for each title."""
    folders = {}
    for name, title in TITLES.items():
        folders[name] = tmp_path_factory.mktemp("card")
        article = replace(seed_result.article, title=title)
        save(replace(seed_result, article=article), folders[name])
    return folders


def lines(folder):
    root = ElementTree.parse(folder / "card.svg").getroot()
    assert (root.get("width"), root.get("height")) == ("1200", "630")
    return [element.text for element in root.iter(TEXT)]


@pytest.mark.parametrize("name", TITLES)
def test_a_card_is_1200_by_630_and_nothing_leaves_its_edges(cards, name):
    with Image.open(cards[name] / "card.png") as card:
        assert (card.format, card.size) == ("PNG", (1200, 630))
        grey = card.convert("L")
    paper = grey.getpixel((5, 300))
    for box in ((0, 20, 60, 630), (1140, 20, 1200, 630), (0, 600, 1200, 630)):
        assert all(abs(value - paper) < 12 for value in grey.crop(box).tobytes()), box
    assert len(set(grey.crop((60, 40, 1140, 140)).tobytes())) > 8, "it has no title"


@pytest.mark.parametrize("name", TITLES)
def test_no_title_reaches_the_sentence_and_no_sentence_the_figure(cards, name):
    root = ElementTree.parse(cards[name] / "card.svg").getroot()
    heights = [float(element.get("y")) for element in root.iter(TEXT)]
    assert heights == sorted(heights)
    start = next(n for n, text in enumerate(lines(cards[name])) if text.startswith("Of four"))
    assert max(heights[start : start + 2]) * 96 / 72 < share_card.BAR[0]


def test_a_title_stays_text_and_is_cut_with_a_mark(cards):
    text = " ".join(lines(cards["markup"]))
    assert "<script>alert(1)</script>" in text
    assert "$\\frac{1}{2}$" in text
    assert "\u202e" not in text
    raw = (cards["markup"] / "card.svg").read_text(encoding="utf-8")
    assert "<script" not in raw
    assert "http" not in raw.replace("http://www.w3.org/", "")
    for name in ("long", "one word", "chinese"):
        assert lines(cards[name])[2].endswith("…")
    assert lines(cards["empty"])[0] == "000_9da5be969268c11d"


def test_it_says_what_the_comments_do_and_counts_them(cards):
    words = lines(cards["plain"])
    said = " ".join(words)
    assert words[0] == "A Quay"
    assert "Of four comments, three disagree with the article" in said
    assert "3 disagree" in words
    assert words[-1].startswith("Read by Counterpoint, a program")


def test_the_same_result_has_the_same_card(seed_result, tmp_path):
    found = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        save(seed_result, tmp_path / name)
        found.append([p.read_bytes() for p in sorted((tmp_path / name).iterdir())])
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Quay\n\nThe quay is long.", ["Author: 100% of the words"]),
        ("Comment: It is not.", ["1 is unclear", "1 is neutral", "1 disagrees", "1 agrees"]),
    ],
)
def test_without_comments_or_an_article_there_is_a_figure_too(text, said, tmp_path):
    article = parse_plain_text(text, article_id="x")
    save(cp.score(article, scorer="lexicon"), tmp_path)
    assert set(said) & set(lines(tmp_path))


@pytest.mark.parametrize(
    ("told", "first"),
    [
        ("St. Louis Post has 300 words. The other has 20.", "St. Louis Post has 300 words"),
        ("The U.S. News story is longer (20%). It is new.", "The U.S. News story is longer (20%)"),
    ],
)
def test_a_sentence_does_not_end_at_an_abbreviation(told, first):
    assert END.split(told)[0] == first


def test_lines_end_at_spaces_and_long_words_within():
    fits = lambda text: len(text) <= 10  # noqa: E731
    assert wrapped("the quay is long", 3, fits) == ["the quay", "is long"]
    assert wrapped("w" * 25, 3, fits) == ["w" * 10, "w" * 10, "w" * 5]
    assert wrapped("w" * 99, 2, fits) == ["w" * 10, "w" * 9 + "…"]
    assert wrapped("", 2, fits) == [""]
    assert wrapped("ab", 2, lambda text: False)[0] == "a"


def test_letters_that_ours_lacks_are_looked_for_in_other_fonts(monkeypatch):
    assert families("Ein Kai, קיר, стена") == ["DejaVu Sans"]
    other = SimpleNamespace(name="Other", fname="other.ttf", style="normal", weight=400)
    emoji = SimpleNamespace(name="A Color Emoji", fname="other.ttf", style="normal", weight=400)
    monkeypatch.setattr(fonts.font_manager, "fontManager", SimpleNamespace(ttflist=[other, emoji]))
    monkeypatch.setattr(
        fonts, "_letters", lambda path: frozenset({0x4E2D} if path == "other.ttf" else range(128))
    )
    fonts._holding.cache_clear()
    assert families("a 中") == ["DejaVu Sans", "Other"]
    assert families("a 中\x00") == ["DejaVu Sans", "Other"]
    fonts._holding.cache_clear()
