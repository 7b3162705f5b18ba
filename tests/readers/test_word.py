import io
import zipfile
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.readers import read_with_anchors
from analysis.readers.anchors import Origin
from analysis.readers.limits import Limits
from analysis.readers.word import read_word
from analysis.types import Kind


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


@pytest.mark.parametrize("nest", ["w:tbl><w:tr><w:tc", "w:p><w:r><w:txbxContent"])
def test_every_word_of_nested_tables_and_boxes_is_read(origin, make, nest):
    opening, closing = f"<{nest}>", "".join(f"</{name}>" for name in nest.split("><")[::-1])
    words = [f"<w:p><w:r><w:t>w{n}</w:t></w:r></w:p>" for n in range(600)]
    deep = "".join(opening + word for word in words) + closing * 600
    assert read_word(make.docx([deep]), origin).article.raw.split() == [f"w{n}" for n in range(600)]


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


R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def chunk(number):
    return f'<w:altChunk xmlns:r="{R}" r:id="chunk{number}"/>'


def embedding(make, data, parts, kind="aFChunk"):
    """Put parts into a Word file, which its body refers to as `chunk0`, `chunk1` and so on."""
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        members = {name: pack.read(name) for name in pack.namelist()}
    related = "".join(
        f'<Relationship Id="chunk{n}" Type="{R}/{kind}" Target="{name}"/>'
        for n, name in enumerate(parts)
    )
    rels = "word/_rels/document.xml.rels"
    end = b"</Relationships>"
    members[rels] = members[rels].replace(end, related.encode() + end)
    return make.zipped(members | {f"word/{name}": part for name, part in parts.items()})


def fresh():
    return Origin("a file", "a", left_out=Counter())


def test_embedded_parts_of_each_kind_stand_in_their_places(make, check):
    body = ["It rained.", chunk(0), "He left.", chunk(1), chunk(2), chunk(3), "It ended."]
    parts = {
        "a.htm": "<p>It <b>snowed</b>.</p><p>Comment: It did not.</p>",
        "b.txt": "One line.\nAnother \u2013 line.\n".encode(),
        "c.rtf": b"{\\rtf1 Lost.}",
        "d.xhtml": "<html><body><div>Last.</div></body></html>",
    }
    reading = read_word(embedding(make, make.docx(body), parts), fresh())
    check.reading(reading)
    assert [block.text for block in reading.article.blocks] == [
        "It rained.", "It snowed.", "Comment: It did not.", "He left.", "One line.",
        "Another \u2013 line.", "Last.", "It ended.",
    ]  # fmt: skip
    assert reading.article.left_out == (("embedded parts (altChunk) of other kinds", 1),)


def test_embedded_document_keeps_its_comments_and_notes(make, check):
    note = '<w:footnote w:id="1"><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnote>'
    inner = make.docx(
        [f"<w:p>{make.anchored(0, 'It snowed')}<w:r><w:footnoteReference w:id='1'/></w:r></w:p>"],
        [("Did it?", "B", None), ("It did.", "C", 0)],
        notes={"footnotes": note},
    )
    outer = [f"<w:p>{make.anchored(0, 'It rained')}</w:p>", chunk(0), "It ended."]
    data = embedding(make, make.docx(outer, [("No.", "A", None)]), {"a.docx": inner})
    reading = read_word(data, fresh())
    check.reading(reading)
    assert check.told(reading) == [
        ("No.", ["It rained"], "A", ""),
        ("Did it?", ["It snowed"], "B", ""),
        ("It did.", ["It snowed"], "C", "Did it?"),
    ]
    texts = [block.text for block in reading.article.of_kind(Kind.TITLE, Kind.PARAGRAPH)]
    assert texts == ["It rained", "It snowed", "A note.", "It ended."]


def test_documents_within_each_other_end_somewhere(make):
    data = make.docx(["The innermost."])
    for _ in range(5):
        data = embedding(make, make.docx(["It rained.", chunk(0)]), {"a.docx": data})
    article = read_word(data, fresh()).article
    assert [block.text for block in article.blocks] == ["It rained."] * 3
    assert article.left_out == (("embedded parts (altChunk) of other kinds", 1),)


def test_embedded_part_that_is_missing_or_damaged(make):
    article = read_word(make.docx(["It rained.", chunk(7)]), fresh()).article
    assert [block.text for block in article.blocks] == ["It rained."]
    data = embedding(make, make.docx([chunk(0)]), {"a.docx": b"PK\x03\x04 no archive"})
    with pytest.raises(InputError, match="a damaged file"):
        read_word(data, fresh())


def test_diagrams_and_charts_are_named(make):
    data = embedding(make, make.docx(["It rained."]), {"a.xml": "<a/>", "b.xml": "<a/>"}, "chart")
    assert read_word(data, fresh()).article.left_out == (("charts", 2),)


@pytest.mark.parametrize(
    "state",
    ["_Marked as resolved_", "_Re-opened_", "_Assigned to bo@a.example_", "_Marked as done_"],
)
def test_states_of_google_docs_are_no_comments(make, check, state):
    body = [f"<w:p>{make.anchored(0, 'It rained')}{make.anchored(1, ' a lot')}</w:p>"]
    comments = [(f"Did it?\n{state}", "A", None), (state, "B", 0)]
    reading = read_word(make.docx(body, comments), fresh())
    assert check.told(reading) == [("Did it?", ["It rained"], "A", "")]
    assert reading.article.left_out == ()
    words = [(f"He wrote {state} there.", "A", None)]
    assert check.told(read_word(make.docx(body, words), fresh()))[0][0] == words[0][0]
