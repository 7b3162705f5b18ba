"""Which lines near a headline are bylines, and which are sentences, standfirsts and headings."""

import pytest

from analysis.readers import read
from analysis.readers.bylines import is_byline
from analysis.readers.plain_text import parse_plain_text


@pytest.mark.parametrize(
    "line",
    [
        "By Martha Quill", "By Martha Quill, columnist", "by Martha Quill", "BY MARTHA QUILL",
        "By Martha Quill, Staff Writer", "By Martha Quill | political editor", "Words by Ole Berg",
        "By Martha Quill and Ole Berg", "By Martha Quill, Ole Berg and Dana Holt, staff writers",
        "By Martha Quill, the Harwick Gazette", "By Martha Quill – Harwick Gazette",
        "By Martha Quill for the Gazette", "By Martha Quill in Oslo", "By J. van der Berg",
        "By Quill, our correspondent in Oslo", "By Élodie Öst, professor of law at Lund",
    ],
)  # fmt: skip
def test_bylines(line):
    assert is_byline(line)


@pytest.mark.parametrize(
    "line",
    [
        "By Monday the council had voted", "By Monday, the editor had left.", "By Friday",
        "By Martha Quill the council was called a disaster", "By and large", "By the Numbers",
        "By Martha Quill, who left early", "By Harwick", "By Harwick, in the rain",
        "By Tuesday Evening, Harwick", "By then Dana Holt, the mayor, had gone.",
        "By Martha Quill's account, the mayor lied.", "By Land, Sea and Air", "Bygone Days",
        "By Martha Quill, columnist. She writes on ships.", "By " + "Anna " * 200 + "Holt",
    ],
)  # fmt: skip
def test_lines_that_are_no_byline(line):
    assert not is_byline(line)


def kinds(text):
    return [block.kind.value for block in parse_plain_text(text, article_id="a").blocks]


BODY = "The council of Harwick voted on Monday to close the ferry.\n\nComment: No.\n"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("The quay opens\n\nBy Martha Quill, columnist\n\n", ["title", "credit"]),
        ("The quay opens\nBy Martha Quill, columnist\n\n", ["title", "credit"]),
        ("The quay opens.\nBy Martha Quill\n\n", ["title", "credit"]),
        ("The quay opens\nBy Martha Quill\n", ["title", "credit"]),  # and the text right below
        (
            "The quay opens\n\nComment: At last.\n\nBy Martha Quill\n\n",
            ["title", "commentary", "credit"],
        ),
        (
            "The quay opens\n\nIt took ten years.\n\nBy Martha Quill\n\n",
            ["title", "paragraph", "credit"],
        ),
    ],
)
def test_a_byline_near_the_title_is_a_credit(text, first):
    assert kinds(text + BODY) == [*first, "paragraph", "commentary"]


def test_a_line_further_down_or_without_a_title_is_none():
    below = "It rained.\n\n" * 3 + "By Martha Quill\n\n"
    assert "credit" not in kinds("The quay opens\n\n" + below + BODY)
    assert "credit" not in kinds("It rained on the quay.\n\nBy Martha Quill\n\n" + BODY)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.md",
            "# The quay opens\n\nBy *Martha Quill*, columnist\n\nIt rained.\n\n> Comment: No.\n",
        ),
        (
            "a.html",
            "<h1>The quay opens</h1><p>By Martha Quill, columnist<p>It rained.<p>Comment: No.",
        ),
        (
            "a.csv",
            'title,text,comment\nThe quay opens,"By Martha Quill, columnist\n\nIt rained.",No.\n',
        ),
    ],
)
def test_bylines_of_other_formats(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    blocks = read(tmp_path / name).blocks
    assert [(b.kind.value, b.text) for b in blocks[:3]] == [
        ("title", "The quay opens"),
        ("credit", "By Martha Quill, columnist"),
        ("paragraph", "It rained."),
    ]
