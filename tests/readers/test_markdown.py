import gc
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from analysis.readers import read_with_anchors
from analysis.readers.markdown import read_markdown
from analysis.readers.markers import Markers
from analysis.readers.plain_text import _kinds


def read(text, origin):
    return read_markdown(text.encode(), origin)


def test_file_with_quotes_and_comments(formats, check):
    reading = read_with_anchors(formats / "bridge.md")
    check.reading(reading)
    assert [block.kind.value for block in reading.article.blocks] == [
        "title", "caption", "paragraph", "commentary", "commentary", "citation", "paragraph",
        "paragraph", "commentary", "paragraph", "paragraph",
    ]  # fmt: skip
    assert check.told(reading) == [
        ("The vote was nine to eight, which the article leaves out.", ["voted on Monday"], "", "")
    ]
    assert reading.about == {"author": "Lene Dahl", "date": "2024-03-04"}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("So.\n\n**Comment:** No.", "paragraph commentary"),
        ("So.\n\n> **Comment:** No.\n>\n> Never.", "paragraph commentary commentary"),
        ("So.\n\n> He said so.", "paragraph paragraph"),
        ("So.\n\nComment: See:\n\n> The law.\n>\n> Article 2.\n\nOn.",
         "paragraph commentary citation citation paragraph"),
        ("So.\nComment: No.\nAt all.", "paragraph commentary"),
        ("# It rained\n\nSo.", "title paragraph"),
        ("It rained\n===\n\n## Part\n\n- one.\n- two.", "title paragraph paragraph paragraph"),
        ("So.\n\n![A dam](a.png)\n\n    code: x", "paragraph caption paragraph"),
        ("So.\n\n<p>Comment: <b>no</b>.</p>", "paragraph commentary"),
        ("So.\n\n|a|b|\n|-|-|\n|c|d|", "paragraph paragraph paragraph"),
        ("---\ntitle: It rained\n---\nSo.", "title paragraph"),
        ("---\n\nSo.", "paragraph"),
    ],
)  # fmt: skip
def test_marks_that_name_the_kinds(origin, check, text, kinds):
    reading = read(text, origin)
    check.reading(reading)
    assert " ".join(block.kind for block in reading.article.blocks) == kinds


def test_marks_are_no_part_of_the_words(origin):
    raw = read("So *it* [was](http://x.org) `there` &amp; ~~gone~~ <i>on</i>.", origin).article.raw
    assert raw == "So it was there & gone on."


def test_a_remark_in_html_says_nothing(origin):
    raw = read("It rained.\n\n<!-- check this -->\n\nIt snowed.", origin).article.raw
    assert raw == "It rained.\n\nIt snowed."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("It {==rained==}{>>No.<<} today.", [("No.", ["rained"], "", "")]),
        ("It {==ra*in*ed.\n\nAll==}{>>No.<<} day.", [("No.", ["rained.", "All"], "", "")]),
        ("It rained.{>>No.<<} On.", []),
        ("{==Only==} words. {>>No.<<}", []),
    ],
)
def test_critic_markup(origin, check, text, told):
    reading = read(text, origin)
    check.reading(reading)
    assert check.told(reading) == told
    assert reading.article.raw.endswith("Comment: No.")
    assert not {"{", "}", "="} & set(reading.article.raw)


word = st.text(alphabet="abcXYZé", min_size=1, max_size=8)
sentence = st.lists(word, min_size=1, max_size=6).map(lambda words: " ".join(words) + ".")


@given(st.lists(st.tuples(st.sampled_from(["", "> ", "- ", "## ", "> > "]), sentence), min_size=1))
def test_nothing_is_lost_or_doubled(origin, check, parts):
    reading = read("\n\n".join(mark + text for mark, text in parts), origin)
    check.reading(reading)
    assert "".join(reading.article.raw.split()) == "".join("".join(t for _, t in parts).split())


@given(st.text(alphabet="ab \n>-*_`[](){}<>=|#&:!\ue000\ue002", min_size=1, max_size=60))
def test_any_text_is_read_or_refused(origin, check, text):
    reading = check.unless_empty(read, text, origin)
    if reading is not None:
        check.reading(reading)


DEEP = {
    "quotes": "> ", "tight quotes": ">", "lists": "- ", "numbers": "1) ", "both": "> + ",
    "tabs": "-\t",
}  # fmt: skip


@pytest.mark.parametrize("mark", DEEP.values(), ids=DEEP)
@pytest.mark.parametrize("deep", [70, 20_000])
def test_deep_nesting_is_read(origin, mark, deep):
    text = f"It rained.\n\n{mark * deep}Comment: No.\n\nIt blew.\n\n{mark * deep}w\n"
    article = read(text, origin).article
    assert [block.text for block in article.blocks] == [
        "It rained.",
        "Comment: No.",
        "It blew.",
        "w",
    ]


@pytest.mark.parametrize("indent", ["  ", "   ", "\t", "  > "])
def test_every_item_of_deep_lists_is_read(origin, indent):
    text = "".join(f"{indent * n}- w{n}\n" for n in range(300))
    words = read(text, origin).article.raw.split()
    assert [word for word in words if word[0] == "w"] == [f"w{n}" for n in range(300)]


def test_the_collector_rests_while_markdown_is_parsed(origin, monkeypatch):
    parse, at_work = MarkdownIt.parse, []
    monkeypatch.setattr(
        MarkdownIt, "parse", lambda *given: at_work.append(gc.isenabled()) or parse(*given)
    )
    read("It rained \\*all\\* day.\n", origin)
    assert at_work == [False]
    assert gc.isenabled()
    monkeypatch.setattr(MarkdownIt, "parse", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        read("It rained.\n", origin)
    assert gc.isenabled()


def calls(origin, text):
    """Return how many functions reading a text calls."""
    count = 0

    def counted(frame, event, what):
        nonlocal count
        count += event == "call"

    sys.setprofile(counted)
    try:
        read(text, origin)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("unit", ["[", "![", "[a](", "[ ", "[a][", "*[a", "[^1]\n\n[^1]: x\n\n"])
def test_work_grows_with_the_number_of_brackets_and_not_its_square(origin, unit):
    few, many = (calls(origin, f"Title\n\nSo it is.\n\n{unit * n}") for n in (250, 1_000))
    assert many < 5 * few


def test_lines_of_a_paragraph_are_each_looked_at_with_the_next_alone():
    looked = []

    class Pieces(list):
        def __getitem__(self, key):
            looked.append(len(range(len(self))[key]) if isinstance(key, slice) else 1)
            return super().__getitem__(key)

    raw = "a\n" * 50
    kinds = _kinds(raw, Pieces((n * 2, n * 2 + 1) for n in range(50)), Markers(), first=True)
    assert len(kinds) == 50
    assert max(looked, default=1) <= 2


@pytest.mark.parametrize("gap", [" ", "    "])
def test_note_behind_blanks_stays_with_its_paragraph(origin, check, gap):
    reading = read_markdown(f"It rained.{gap}{{>>So it did.<<}}\n\nIt snowed.".encode(), origin)
    assert [text for _, text in check.kinds(reading)][1] == "Comment: So it did."
