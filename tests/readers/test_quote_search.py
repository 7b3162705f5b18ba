import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.readers.anchors import Origin
from analysis.readers.limits import Limits
from analysis.readers.quote_search import QuoteFinder

ORIGIN = Origin("a file", "a")
TEXT = "Mayor Holm said that the bridge would bring work to the whole coast. Nobody asked her how."


@pytest.mark.parametrize(
    ("exact", "found"),
    [
        ("bring work", "bring work"),
        ("BRING\u00a0work", "bring work"),
        ("bring wo\u00adrk", "bring work"),
        ("work to the entire coast", "work to the whole coast"),
        ("Nobody has asked her", "Nobody asked her"),
        ("the ferry left for good in June", None),
        ("wrok", None),
        ("   ", None),
    ],
)
def test_quotations_are_found_as_people_retype_them(exact, found):
    span = QuoteFinder(TEXT, ORIGIN).quote(exact)
    assert (span and TEXT[slice(*span)]) == found


def folded(text):
    return QuoteFinder(text, ORIGIN)._folded.strip()


@given(st.text(min_size=1, max_size=200), st.data())
def test_a_span_that_is_found_holds_the_quotation(text, data):
    low = data.draw(st.integers(0, len(text) - 1))
    high = data.draw(st.integers(low + 1, len(text)))
    exact = text[low:high]
    span = QuoteFinder(text, ORIGIN).quote(exact, prefix=text[:low], suffix=text[high:], hint=low)
    if span is not None:
        assert 0 <= span[0] < span[1] <= len(text)
        assert folded(text[slice(*span)]) == folded(exact)


def test_searching_is_bounded():
    text = QuoteFinder(TEXT * 10, Origin("x", "x", limits=Limits(fuzzy_work=10_000)))
    with pytest.raises(InputError, match="x: found too many quotations that the text does not"):
        list(map(text.quote, [f"some words {n} that nobody ever wrote here" for n in range(100)]))
