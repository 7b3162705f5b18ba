from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.readers import read_with_anchors
from analysis.readers.anchors import Origin
from analysis.readers.limits import Limits
from analysis.readers.pdf import read_pdf
from analysis.types import Kind


def test_highlights_notes_and_replies(formats, check):
    reading = read_with_anchors(formats / "bridge.pdf")
    check.reading(reading)
    vote = "The vote was nine to eight, which the article leaves out."
    assert check.told(reading) == [
        (vote, ["voted on Monday"], "Ana", ""),
        ("So it was, and two members were absent.", ["voted on Monday"], "Bo", vote),
        (
            "No study of jobs was ever published.",
            ["Mayor Ida Holm said the bridge would bring work to the whole coast."],
            "Ana",
            "",
        ),
        ("The channel was closed in 1998.", [], "Bo", ""),
    ]
    assert [block.kind.value for block in reading.article.blocks] == [
        "title", "paragraph", "commentary", "commentary", "paragraph", "commentary", "paragraph",
        "commentary",
    ]  # fmt: skip


def test_lines_and_pages_are_joined_to_paragraphs(origin, make):
    pages = [
        (["The council voted on Monday to build a new bridge over the", "harbour in the"], []),
        (["north of town.", None, None, "Comment: It did not vote.", "It rained all day."], []),
    ]
    article = read_pdf(make.pdf(pages), origin).article
    assert [block.text for block in article.blocks] == [
        "The council voted on Monday to build a new bridge over the harbour in the north of town.",
        "Comment: It did not vote.",
        "It rained all day.",
    ]


def test_running_heads_and_page_numbers_are_left_out(origin, make):
    pages = [
        (["The Harbour Gazette", None, None, f"{word} stood alone.", None, None, f"Page {n}"], [])
        for n, word in enumerate(["One", "Two", "Three", "Four"], start=1)
    ]
    raw = read_pdf(make.pdf(pages), origin).article.raw
    assert raw.split("\n\n") == [f"{w} stood alone." for w in ("One", "Two", "Three", "Four")]


def test_highlight_over_two_lines(origin, make, check):
    data = make.pdf([(
        ["The council voted on Monday to build a new bridge over the", "harbour in the north."],
        [{"line": 0, "from": 50, "contents": "No.", "who": "A"}, {"line": 1, "to": 7}],
    )])  # fmt: skip
    reading = read_pdf(data, origin)
    assert check.told(reading) == [("No.", ["over the"], "A", "")]


words = st.lists(st.text(alphabet="abcdefgXYZé", min_size=1, max_size=9), min_size=1, max_size=6)


@settings(max_examples=60)
@given(st.lists(st.lists(words, min_size=1, max_size=6), min_size=1, max_size=2), st.data())
def test_nothing_is_lost_or_doubled(origin, make, check, pages, data):
    built, said, anchored = [], [], []
    for page in pages:
        lines = [" ".join(line) + "." for line in page]
        notes = []
        for number in range(len(lines)):
            if data.draw(st.booleans()):
                said.append(f"Note {len(said)} here.")
                anchored.append(lines[number])
                notes.append({"line": number, "contents": said[-1]})
        built.append((lines, notes))
    reading = read_pdf(make.pdf(built), origin)
    check.reading(reading)
    written = "".join("".join(" ".join(line) + "." for page in pages for line in page).split())
    article = "".join(b.text for b in reading.article.blocks if b.kind != "commentary")
    assert "".join(article.split()) == written
    told = check.told(reading)
    assert sorted(text for text, _, _, _ in told) == sorted(said)
    assert {answers[0] for _, answers, _, _ in told} <= set(anchored)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"%PDF-1.7\nnothing of it", "PDF that cannot be read"),
        (b"", "PDF that cannot be read"),
    ],
)
def test_damaged_file_gets_one_line(origin, data, says):
    with pytest.raises(InputError, match=says) as caught:
        read_pdf(data, origin)
    assert "\n" not in str(caught.value)


def test_pictures_only(origin, make):
    with pytest.raises(InputError, match=r"found no text in 2 pages; .* \(OCR\) first"):
        read_pdf(make.pdf([([], []), ([], [])]), origin)


def test_replies_in_a_circle(origin, make):
    notes = [{"contents": "a", "reply": 1}, {"contents": "b", "reply": 0}]
    with pytest.raises(InputError, match="replies that run in a circle"):
        read_pdf(make.pdf([(["It rained."], notes)]), origin)


def test_limits(origin, make):
    data = make.pdf([(["It rained."], [{"contents": "a"}] * 3)] * 3)
    with pytest.raises(InputError, match="found 3 pages; expected at most 2"):
        read_pdf(data, replace(origin, limits=Limits(pages=2)))
    with pytest.raises(InputError, match="page 2: found more than 4 annotations"):
        read_pdf(data, replace(origin, limits=Limits(annotations=4)))


def fresh():
    return Origin("a file", "a", left_out=Counter())


IMAGE = b"q 200 0 0 200 72 400 cm\nBI /W 1 /H 1 /BPC 8 /CS /G /F /AHx ID 00> EI\nQ\n"


def with_image(data):
    """Draw a picture on the last page of a PDF whose page is blank."""
    at = data.rindex(b"<< /Length 0 >>\nstream\n")
    stream = b"<< /Length %d >>\nstream\n%s" % (len(IMAGE), IMAGE)
    return data[:at] + stream + data[at + len(b"<< /Length 0 >>\nstream\n") :]


def test_page_that_is_an_image_is_named_and_a_blank_one_is_not(origin, make):
    pages = [(["The council met on Monday."], []), ([], []), ([], [])]
    blank = make.pdf(pages)
    assert read_pdf(blank, replace(origin, left_out=Counter())).article.left_out == ()
    again = replace(origin, left_out=Counter())
    read = read_pdf(with_image(blank), again).article
    assert read.left_out == (("pages that are images only", 1),)
    assert read.left_out_line == "pages that are images only (1)"


LINES = [
    ("Harwick closes its ferry", 20), None,
    "The council of Harwick voted on Monday to close the old", "ferry for good.", None,
    "Mayor Dana Holt said it had lost two million crowns.",
]  # fmt: skip
ON = {"line": 5, "from": 33, "to": 51, "who": "Ana"}  # two million crowns


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_pages_shown_or_drawn_turned(make, check, rotate, turn):
    pages = [(LINES, [ON | {"contents": "No."}], {"rotate": rotate, "turn": turn})]
    reading = read_pdf(make.pdf(pages), fresh())
    check.reading(reading)
    assert check.told(reading) == [("No.", ["two million crowns"], "Ana", "")]
    assert [b.text for b in reading.article.of_kind(Kind.TITLE, Kind.PARAGRAPH)] == [
        "Harwick closes its ferry",
        "The council of Harwick voted on Monday to close the old ferry for good.",
        "Mayor Dana Holt said it had lost two million crowns.",
    ]


@pytest.mark.parametrize(
    ("gaps", "count"),
    [
        ([1, 2, 1, 2, 2, 1], 4),  # of one or two lines
        ([2, 2, 2, 2, 2, 2], 7),  # of one line each
        ([1, 1, 1, 2, 1, 1], 2),
        ([1, 1, 1, 1, 1, 3], 2),
    ],
)
def test_paragraphs_are_parted_by_what_is_more_than_the_usual_distance(make, gaps, count):
    text = "The council voted on Monday to close the old ferry for good, as it said{}"
    lines = [text.format(".")]
    for number, gap in enumerate(gaps):
        inner = number + 1 < len(gaps) and gaps[number + 1] == 1
        lines += [*[None] * (gap - 1), text.format("" if inner and count < 7 else ".")]
    article = read_pdf(make.pdf([(lines, [])]), fresh()).article
    assert len(article.of_kind(Kind.PARAGRAPH, Kind.TITLE)) == count


def test_lines_far_apart_in_running_text_stay_together(make):
    words = "the council of the town voted on Monday to close the old ferry for good and to"
    lines = [line for _ in range(8) for line in (words, None)]
    assert len(read_pdf(make.pdf([(lines, [])]), fresh()).article.blocks) == 1


@pytest.mark.parametrize(
    ("notes", "told"),
    [
        ([{"raw": "/RC (<body><p>It is <b>not</b></p><p>so.</p></body>)"}],
         [("It is not", "")]),
        ([{"raw": "/Popup << /Type /Annot /Subtype /Popup /Contents (Never.) >>"}],
         [("Never.", "")]),
        ([{"contents": "No.", "bare": True}], [("No.", "")]),
        ([{"contents": "No."}, {"subtype": "Text", "contents": "Accepted", "reply": 0,
           "raw": "/State (Accepted) /StateModel (Review)"},
          {"subtype": "Text", "contents": "Why?", "reply": 1}], [("No.", ""), ("Why?", "No.")]),
        ([{"subtype": "Caret", "contents": "half", "bare": True, "raw": "/IT /Replace"},
          {"subtype": "StrikeOut", "reply": 0, "raw": "/RT /Group /IT /StrikeOutTextEdit"}],
         [("half", "")]),
        ([{"subtype": "StrikeOut", "contents": "half"},
          {"subtype": "Caret", "reply": 0, "raw": "/RT /Group"},
          {"subtype": "Text", "contents": "Why?", "reply": 1}], [("half", ""), ("Why?", "half")]),
        ([{"subtype": "StrikeOut", "reply": 1, "raw": "/RT /Group"},
          {"subtype": "Caret", "contents": "half", "reply": 0, "raw": "/RT /Group"}],
         [("half", "")]),
    ],
)  # fmt: skip
def test_annotations_as_programs_write_them(make, check, notes, told):
    pages = [(LINES, [ON | note for note in notes])]
    reading = read_pdf(make.pdf(pages), fresh())
    check.reading(reading)
    found = check.told(reading)
    assert [(words, reply) for words, _, _, reply in found] == told
    assert all(answers == ["two million crowns"] for _, answers, _, _ in found)


def test_highlights_without_words_are_counted(make):
    pages = [(LINES, [ON, ON | {"subtype": "Underline"}, ON | {"contents": "No."}])]
    left = read_pdf(make.pdf(pages), fresh()).article.left_out
    assert left == (("comments and highlights without words", 2),)


@pytest.mark.parametrize(
    ("notes", "says"),
    [
        ([], "found no text in 2 pages; expected text and not pictures of it"),
        ([{"subtype": "FreeText", "contents": "No."}],
         "found no text in 2 pages but 1 comments on them; expected the text that the comments"),
    ],
)  # fmt: skip
def test_pages_without_a_text_layer(make, notes, says):
    with pytest.raises(InputError, match=says):
        read_pdf(make.pdf([([None], notes), ([], [])]), fresh())
