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
        ("tables/hypothesis_export.csv", (2, 3)),
        ("tables/hypothesis_export.txt", (2, 2)),
        ("tables/excel_trailing.csv", (3, 2)),
        ("tables/nan.csv", (3, 1)),
        ("tables/wrong_dimension.xlsx", (2, 1)),
        ("tables/cell_notes.xlsx", (3, 1)),
        ("annotations/recogito.json", (4, 2)),
        ("word/altchunk_part.docx", (3, 0)),
        ("word/gdocs_assigned.docx", (3, 1)),
        ("pdf/short_paragraphs.pdf", (8, 0)),
        ("pdf/replace_text.pdf", (4, 1)),
        ("pdf/review_state.pdf", (4, 1)),
        ("pdf/rich_only.pdf", (4, 1)),
        ("pdf/rotated.pdf", (4, 1)),
        ("annotations/w3c_page.json", (4, 8)),
        ("annotations/h_export.json", (4, 11)),
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


LOSSES = "Mayor Dana Holt said the ferry had lost two million crowns a year."


def test_export_of_hypothesis(case, check):
    reading = case("tables/hypothesis_export.csv")
    wrong = "This figure is wrong; the audit says half a million."
    assert check.told(reading) == [
        (wrong, [LOSSES], "rosa", ""),
        ("I agree, the audit is clear.", [LOSSES], "tom", wrong),
        ("The whole article takes the side of the council.", [], "eve", ""),
    ]
    assert check.unplaced(reading) == ["The whole article takes the side of the council."]
    assert "Residents of the eastern shore called the decision reckless." in reading.article.raw
    assert "author" not in reading.about


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("excel_trailing.csv", ["Rosa", "Tom"]),
        ("nan.csv", ["Tom"]),
        ("wrong_dimension.xlsx", ["Rosa"]),
        ("hypothesis_export.txt", ["rosa", "tom"]),
    ],
)
def test_commentators_of_tables(case, name, people):
    assert [anchor.commentator for anchor in case(f"tables/{name}").anchors] == people


def test_note_on_a_cell_is_a_comment_on_its_text(case, check):
    told = check.told(case("tables/cell_notes.xlsx"))
    assert told == [("This figure is wrong.", [LOSSES], "Rosa Lind", "")]


def test_bodies_of_several_people(case, check):
    words = ["two million crowns"]
    assert check.told(case("annotations/recogito.json")) == [
        ("This figure is wrong.", words, "Rosa", ""),
        ("I agree.", words, "Tom", "This figure is wrong."),
    ]


def test_page_of_the_web_annotation_model(case, check):
    reading = case("annotations/w3c_page.json")
    told = {words: (answers, who) for words, answers, who, _ in check.told(reading)}
    assert told["In English."] == (["sell the boat"], "")
    assert told["On two passages at once."] == (["Dana Holt", "eastern shore"], "")
    assert told["Only by one vote."][1] == "Eve, Ann"
    assert told["By a part of a part."] == (["Harwick voted"], "")
    assert told["From here to there."][0] == [
        LOSSES, "Residents of the eastern shore called the decision",
    ]  # fmt: skip
    assert reading.article.left_out == (("comments that are kept elsewhere", 1),)


def test_export_of_hypothesis_as_json(case, check):
    reading = case("annotations/h_export.json")
    told = {words: answers for words, answers, _, _ in check.told(reading)}
    assert told["This figure is wrong; see the audit."] == ["two million crowns"]
    assert check.unplaced(reading) == [
        "An answer to what is gone.", "The whole article takes the side of the council.",
    ]  # fmt: skip
    last = reading.article.raw.rindex("The council of Harwick voted on")
    assert any(a.answers and a.answers[0][0] == last for a in reading.anchors)
    assert "Hidden" not in reading.article.raw
    (cited,) = reading.article.of_kind(Kind.CITATION)
    assert cited.text == "two million crowns"
    assert dict(reading.article.left_out) == {
        "annotations that a moderator hid": 1,
        "comments and highlights without words": 1,
        "pictures in comments": 1,
    }


@pytest.mark.parametrize(
    ("name", "words", "answers"),
    [
        ("replace_text", "Only half a million, says the audit", "two million crowns"),
        ("review_state", "This figure is wrong, the audit says half a million.",
         "two million crowns"),
        ("rich_only", "It is not reckless at all.", "called the decision reckless"),
        ("rotated", "It is not reckless at all.", "called the decision reckless"),
    ],
)  # fmt: skip
def test_annotations_of_a_pdf(case, check, name, words, answers):
    reading = case(f"pdf/{name}.pdf")
    assert check.told(reading) == [(words, [answers], "Rosa Lind", "")]
    assert reading.article.title == "Harwick closes its ferry"
    assert reading.about["date"] == "2026-11-28"
    assert reading.article.left_out == ()


def test_state_that_google_docs_writes_is_no_part_of_the_comment(case, check):
    told = check.told(case("word/gdocs_assigned.docx"))
    assert told == [("@tom.berg@example.org Is this figure wrong?", [LOSSES], "Rosa Lind", "")]


def test_embedded_part_stands_in_its_place(case):
    texts = [block.text for block in case("word/altchunk_part.docx").article.blocks]
    assert texts[2:] == [LOSSES, "Residents of the eastern shore called the decision reckless."]
