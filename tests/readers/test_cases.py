"""Small files that went wrong once, one fault each: `tests/seeds/cases/`."""

from pathlib import Path

import pytest

from analysis.readers import read_with_anchors
from analysis.types import Kind

CASES = Path(__file__).parents[1] / "seeds" / "cases"


def counted(reading):
    """Return how many paragraphs and comments an article has."""
    article = reading.article
    leads = [b for b in article.of_kind(Kind.COMMENTARY) if b.lead]
    return len(article.of_kind(Kind.PARAGRAPH)), len(leads)


@pytest.fixture
def case(check):
    """Read a case, and check its spans and anchors."""

    def read(name):
        reading = read_with_anchors(CASES / name)
        check.reading(reading)
        return reading

    return read


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("html/layout_has_sidebar.html", (3, 1)),
        ("html/layout_wp_tag.html", (3, 1)),
        ("html/teaser_articles.html", (3, 1)),
        ("html/wp_commentlist.html", (3, 1)),
        ("html/aside_article.html", (4, 1)),
        ("html/one_nul.html", (4, 1)),
        ("html/h1_site.html", (2, 0)),
        ("html/jsonld.html", (2, 0)),
        ("html/jsonld_body.html", (3, 0)),
        ("html/gdocs_export.html", (3, 2)),
        ("html/latin1_is_1252.html", (3, 1)),
        ("html/date_words.html", (1, 1)),
    ],
)
def test_paragraphs_and_comments(case, name, counts):
    reading = case(name)
    assert counted(reading) == counts
    if name.startswith("html/") and "date" not in name:
        assert reading.article.title == "Harwick closes its ferry"


def test_stray_nul_is_a_blank(case):
    assert "ferry for good" in case("html/one_nul.html").article.raw


def test_facts_of_json_ld(case):
    about = case("html/jsonld.html").about
    assert about == {"date": "2026-01-02", "author": "Ann Lee, Bo Kim", "outlet": "Harwick Post"}


def test_dates_in_words_and_in_numbers(case):
    assert case("html/date_words.html").about["date"] == "2019-11-20"
    assert case("html/date_iso.html").about["date"] == "2019-11-21"


def test_comments_of_a_google_docs_page(case, check):
    reading = case("html/gdocs_export.html")
    assert "[a]" not in reading.article.raw
    (one, two) = check.told(reading)
    assert one[:2] == (
        "This figure is wrong; the audit says half a million.", ["two million crowns"],
    )  # fmt: skip
    assert two[0] == "It is not reckless at all."
    assert two[1][0].startswith("Residents of the eastern shore")


def test_latin_1_is_windows_1252(case):
    raw = case("html/latin1_is_1252.html").article.raw
    assert "“We can’t pay for it,” Mayor Dana Holt said – and left. Cafés" in raw
    assert "couldn’t" in raw
