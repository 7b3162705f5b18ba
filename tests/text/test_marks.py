import pytest

from analysis.text.marks import LEFT_OPEN, is_title, merged, overlap, quoted_spans, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("he said 'it's fine' here", ["'it's fine'"]),
        ("the 1990's and the '80s", []),
        ("In the '90s, when the miners' union was strong", []),
        ("rock 'n' roll", []),
        ("'90 percent of us,' she said", ["'90 percent of us,'"]),
        ("“one” and «two»", ["“one”", "«two»"]),
        ("the mayors' plan", []),
    ],
)
def test_quotation_marks_and_apostrophes(text, found):
    assert [text[a:b] for a, b in quoted_spans(text)] == found


def test_words():
    assert words("It's 5 o’clock — isn't it?") == ["It's", "5", "o’clock", "isn't", "it"]


def test_a_quotation_left_open_goes_to_the_paragraphs_end():
    assert quoted_spans("“It rains. It pours.") == [(0, 20)]
    assert quoted_spans("‘I don’t know. It’s late.") == [(0, 25)]


def test_titles_are_told_by_their_capitals():
    assert is_title("“The Owl Who Could Not Count”")
    assert not is_title("“The owl could not count to ten”")


def test_overlap_is_sharing_a_character():
    assert overlap((0, 3), (2, 5))
    assert not overlap((0, 3), (3, 5))


def test_spans_that_overlap_are_one():
    assert merged([(5, 9), (0, 3), (2, 4), (2, 3), (9, 12)]) == [(0, 4), (5, 9), (9, 12)]
    assert merged([]) == []


def test_closed_quotation_marks_are_not_open():
    assert LEFT_OPEN.match("‘I don’t know")
    assert not LEFT_OPEN.match("‘peace plan’")
    assert not LEFT_OPEN.match("“peace plan”")
