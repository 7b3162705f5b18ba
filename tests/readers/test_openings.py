from pathlib import Path

import pytest

from analysis.readers import read
from analysis.readers.openings import openings_line, unknown_openings
from analysis.readers.plain_text import parse_plain_text

PLAIN = Path(__file__).parents[2] / "data" / "gold" / "markers" / "own" / "plain"


def article(*lines):
    return parse_plain_text("\n\n".join(lines), article_id="x")


@pytest.mark.parametrize(
    ("said", "shown"),
    [("Rebuttal: No.", "Rebuttal"), ("**Anna:** No.", "Anna"), ("Claim 2 answered: No.", "")],
)
def test_repeated_openings_that_are_no_markers_are_named(said, shown):
    found = article("Rents", "It rose.", said, "It fell.", said, "It stood.", said, "The end.")
    expected = [(shown or "Claim 2 answered", 3)]
    assert unknown_openings(found) == expected
    assert openings_line(found) == (
        f'looks like commentary: `{expected[0][0]}:` ×3; rerun with -p markers "{expected[0][0]}:"'
    )


def test_openings_of_a_talk_of_furniture_and_rare_ones_are_not():
    talk = [f"{who}: It rained on day {n}." for n in range(4) for who in ("Q", "A")]
    assert not unknown_openings(article("Rain", *talk))
    photos = [line for n in range(4) for line in (f"It rained on day {n}.", "Photo: A. Lee")]
    assert not unknown_openings(article("Rain", *photos))
    assert not unknown_openings(article("It rose.", "Rebuttal: No.", "It fell.", "Rebuttal: No."))
    same = ["It rose.", "Rebuttal: No."] * 4
    assert not unknown_openings(article(*same)), "the paragraphs must differ"
    assert openings_line(article("It rained.")) == ""


def test_ordinary_articles_are_not_suspected():
    assert [p.name for p in PLAIN.iterdir() if unknown_openings(read(p))] == []
