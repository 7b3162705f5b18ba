from dataclasses import replace

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
    assert reading.about == {"author": "Lene Dahl", "date": "2024-03-04"}
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
    assert [anchor.unplaced for anchor in reading.anchors] == [True]


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


@settings(max_examples=60)
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
        read_word(many, replace(origin, limits=Limits(annotations=2)))
    deep = "<w:tbl><w:tr><w:tc>" * 80 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 80
    with pytest.raises(InputError, match="nested more than 200 deep"):
        read_word(make.docx([deep]), origin)


def test_no_document(origin, make):
    with pytest.raises(InputError, match=r"no 'word/document\.xml'"):
        read_word(make.zipped({"a.xml": "<a/>"}), origin)
    with pytest.raises(InputError, match="no body"):
        read_word(make.zipped({"word/document.xml": "<a/>"}), origin)


def noted(number, text, kind="footnote"):
    return f'<w:{kind} w:id="{number}"><w:p>{text}</w:p></w:{kind}>'


def reference(number, kind="footnote"):
    return f'<w:r><w:{kind}Reference w:id="{number}"/></w:r>'


def test_notes_follow_the_body_in_the_order_of_their_references(origin, make, check):
    body = [
        f"<w:p>{make.run('It rained')}{reference(2)}{make.run(' all day.')}</w:p>",
        f"<w:p>{make.run('Then it snowed.')}{reference(1)}{reference(7, 'endnote')}</w:p>",
        f"<w:p>{make.run('So.')}<w:del>{reference(3)}</w:del>{reference(2)}</w:p>",
    ]
    notes = {
        "footnotes": '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r>'
        f"</w:p></w:footnote>{noted(1, make.run('Says the office.'))}"
        f"{noted(2, make.anchored(0, 'As forecast.'))}{noted(3, make.run('Deleted.'))}",
        "endnotes": noted(7, make.run("See below."), "endnote"),
    }
    data = make.docx(body, [("No.", "A", None)], notes=notes)
    reading = read_word(data, origin)
    check.reading(reading)
    assert check.told(reading) == [("No.", ["As forecast."], "A", "")]
    assert [b.text for b in reading.article.blocks] == [
        "It rained all day.", "Then it snowed.", "So.", "As forecast.", "Comment: No.",
        "Says the office.", "See below.",
    ]  # fmt: skip


def box(text):
    inner = f"<w:txbxContent><w:p>{text}</w:p></w:txbxContent>"
    return (
        f'<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f'<mc:Choice Requires="wps"><w:drawing>{inner}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict>{inner}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def test_text_box_follows_its_paragraph_whole_and_once(origin, make, check):
    hanging = box(make.anchored(0, "In short: rain."))
    body = [
        f"<w:p>{make.run('It rained')}{hanging}{make.run(' all day.')}</w:p>",
        f"<w:p>{box(make.run('Alone.'))}</w:p>",
        "Then it snowed.",
    ]
    reading = read_word(make.docx(body, [("No.", "A", None)]), origin)
    check.reading(reading)
    assert [b.text for b in reading.article.blocks] == [
        "It rained all day.", "In short: rain.", "Comment: No.", "Alone.", "Then it snowed.",
    ]  # fmt: skip
    assert check.told(reading) == [("No.", ["In short: rain."], "A", "")]


def test_links_fields_and_formulas_give_their_words(origin, make, check):
    maths = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    inner = (
        f"{make.run('See ')}<w:hyperlink w:anchor='a'>{make.run('the report')}</w:hyperlink>"
        "<w:r><w:instrText>HYPERLINK hidden</w:instrText></w:r>"
        f"{make.run(' of ')}<w:sdt><w:sdtContent>{make.run('May')}</w:sdtContent></w:sdt>"
        f"<m:oMath {maths}><m:r><m:t> x=1</m:t></m:r></m:oMath>{make.run('.')}"
    )
    reading = read_word(make.docx([f"<w:p>{inner}</w:p>", "It rained."]), origin)
    check.reading(reading)
    assert reading.article.raw == "See the report of May x=1.\n\nIt rained."


def test_tracked_changes_are_taken_as_accepted(origin, make, check):
    gone = "<w:del><w:r><w:delText>dry </w:delText></w:r></w:del>"
    moved = f"<w:moveFrom>{make.run('Moved. ')}</w:moveFrom>"
    new = f"<w:ins>{make.run('very ')}</w:ins>"
    ended = "<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>"  # the end of the paragraph was deleted
    body = [
        f"<w:p>{ended}{moved}{make.run('It was ')}{gone}{new}</w:p>",
        f"<w:p>{make.run('wet.')}</w:p>",
        f"<w:p><w:moveTo>{make.run('Moved.')}</w:moveTo></w:p>",
    ]
    reading = read_word(make.docx(body), origin)
    check.reading(reading)
    assert reading.article.raw == "It was very wet.\n\nMoved."


def test_replies_to_replies_keep_their_thread(origin, make, check):
    body = [f"<w:p>{make.anchored(0, 'It rained.')}</w:p>", "It snowed."]
    comments = [("No.", "A", None), ("Yes.", "B", 0), ("Never.", "A", 1), ("Well.", "C", 0)]
    reading = read_word(make.docx(body, comments), origin)
    check.reading(reading)
    assert check.told(reading) == [
        ("No.", ["It rained."], "A", ""),
        ("Yes.", ["It rained."], "B", "No."),
        ("Never.", ["It rained."], "A", "Yes."),
        ("Well.", ["It rained."], "C", "No."),
    ]
