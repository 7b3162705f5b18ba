import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.readers import read_with_anchors
from analysis.readers.limits import Limits
from analysis.readers.word import read_word


def test_document_with_comments(formats, check):
    reading = read_with_anchors(formats / "bridge.docx")
    check.reading(reading)
    first = "The vote was nine to eight, which the article leaves out."
    assert check.told(reading) == [
        (first, ["voted on Monday"], "Ana", ""),
        ("So it was, and two members were absent.", ["voted on Monday"], "Bo", first),
        (
            "No study of jobs was ever published.",
            ["Mayor Ida Holm said the bridge would bring work to the whole coast."],
            "Ana",
            "",
        ),
    ]
    assert reading.about == {"author": "Lene Dahl", "date": "2024-03-04T09:00:00Z"}
    assert reading.article.title == "Council approves the harbour bridge"
    assert "a new bridge" in reading.article.raw, "insertions are taken"
    assert "grand" not in reading.article.raw, "deletions are left out"


def test_anchor_over_two_paragraphs_is_two_spans(origin, make, check):
    one = f'<w:p>{make.run("It ")}<w:commentRangeStart w:id="0"/>{make.run("rained.")}</w:p>'
    two = f'<w:p>{make.run("All")}<w:commentRangeEnd w:id="0"/>{make.run(" day.")}</w:p>'
    reading = read_word(make.docx([one, two, "Then it snowed."], [("No.", "A", None)]), origin)
    check.reading(reading)
    assert check.told(reading) == [("No.", ["rained.", "All"], "A", "")]
    assert [b.text for b in reading.article.blocks][2] == "Comment: No."


def test_inline_commentary_and_comments_on_it(origin, make, check):
    inline = f"<w:p>{make.anchored(0, 'Comment: it did not.')}</w:p>"
    reading = read_word(
        make.docx(["It rained.", inline, "On it went."], [("It did.", "B", None)]), origin
    )
    check.reading(reading)
    assert check.told(reading) == [("It did.", [], "B", "it did not.")]
    kinds = [block.kind.value for block in reading.article.blocks]
    assert kinds == ["paragraph", "commentary", "commentary", "paragraph"]


def test_comment_without_an_anchor_is_kept_at_the_end(origin, make):
    reading = read_word(make.docx(["It rained.", "It snowed."], [("No.\nNo!", "A", None)]), origin)
    assert [b.text for b in reading.article.blocks][2:] == ["Comment: No.", "No!"]


def test_headings_tables_breaks_and_text_boxes(origin, make, check):
    body = [
        '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr>' + make.run("It rained.") + "</w:p>",
        "<w:tbl><w:tr><w:tc><w:p>" + make.run("cell") + "</w:p></w:tc></w:tr></w:tbl>",
        f"<w:p>{make.run('one')}<w:r><w:tab/><w:t>two</w:t><w:br/><w:t>three</w:t></w:r></w:p>",
    ]
    reading = read_word(make.docx(body), origin)
    check.reading(reading)
    assert reading.article.title == "It rained."
    assert reading.article.raw == "It rained.\n\ncell\n\none\ttwo\nthree"


words = st.text(alphabet="abc dE.,é“", min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(words, words, words), min_size=1, max_size=5), st.data())
def test_nothing_is_lost_or_doubled(origin, make, check, paragraphs, data):
    body, comments = [], []
    for before, on, after in paragraphs:
        if data.draw(st.booleans()):
            inner = make.anchored(len(comments), on)
            comments.append((data.draw(words), "A", None))
        else:
            inner = make.run(on)
        body.append(f"<w:p>{make.run(before)}{inner}{make.run(after)}</w:p>")
    reading = check.unless_empty(read_word, make.docx(body, comments), origin)
    if reading is None:
        return
    check.reading(reading)
    said = [text for text, _, _ in comments if text.strip()]
    told = [words for words, _, _, _ in check.told(reading)]
    assert sorted(" ".join(t.split()) for t in told) == sorted(" ".join(t.split()) for t in said)
    article = "".join(b.text for b in reading.article.blocks if b.kind != "commentary")
    assert "".join(article.split()) == "".join("".join(map("".join, paragraphs)).split())


def test_replies_in_a_circle(origin, make):
    data = make.docx(["It rained."], [("a", "A", 1), ("b", "B", 0)])
    with pytest.raises(InputError, match="replies that run in a circle"):
        read_word(data, origin)


def test_limits(origin, make):
    many = make.docx(["It rained."], [("a", "A", None)] * 3)
    with pytest.raises(InputError, match="found 3 comments; expected at most 2"):
        read_word(many, origin, limits=Limits(annotations=2))
    deep = "<w:tbl><w:tr><w:tc>" * 80 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 80
    with pytest.raises(InputError, match="nested more than 200 deep"):
        read_word(make.docx([deep]), origin)


def test_no_document(origin, make):
    with pytest.raises(InputError, match=r"no 'word/document\.xml'"):
        read_word(make.zipped({"a.xml": "<a/>"}), origin)
    with pytest.raises(InputError, match="no body"):
        read_word(make.zipped({"word/document.xml": "<a/>"}), origin)
