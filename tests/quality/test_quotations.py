import pytest

from analysis.errors import InputError
from analysis.quality.quotations import (
    AnnotatedQuotations,
    GoldQuotation,
    quotation_accuracy,
    read_annotated,
    same_speaker,
)
from analysis.readers.plain_text import parse_plain_text
from analysis.text.quotations import Quotation


def gold_of(text, *rows):
    article = parse_plain_text(text, article_id="x")
    return AnnotatedQuotations(article, tuple(GoldQuotation(*row) for row in rows))


def test_metrics_by_hand():
    text = "“It was late,” Ellen Brandt said.\n\nWeber thinks it was early, perhaps."
    right = (0, 14, "direct", "Ellen Brandt", "Ellen Brandt", "said")
    missed = (48, 60, "indirect", "Weber", "Weber", "thinks")
    found = quotation_accuracy([gold_of(text, right, missed)]).set_index("type")
    everything = found.loc["all"]
    assert (everything.gold, everything.found) == (2, 1)
    assert (everything.exact_precision, everything.exact_recall) == (1.0, 0.5)
    assert everything.overlap_recall == pytest.approx(3 / 6)
    assert everything.speaker_accuracy == 1.0
    assert found.loc["indirect"].exact_recall == 0


@pytest.mark.parametrize(
    ("found", "same"),
    [
        ("Brandt", True), ("President Ellen Brandt", True), ("ellen brandt", True),
        ("Ellen", True), ("Weber", False), ("", False), ("the", False),
    ],
)  # fmt: skip
def test_same_speaker(found, same):
    gold = GoldQuotation(0, 1, "direct", "she", "Ellen Brandt", "said")
    assert same_speaker(found, gold) is same


def test_every_quotation_of_the_seed_is_found_with_its_speaker():
    row = quotation_accuracy(read_annotated("seed")).set_index("type").loc["all"]
    assert row.exact_recall == 1
    assert row.found == row.gold  # "Putin wants …" is no quotation
    assert row.speaker_accuracy == 1


@pytest.mark.parametrize(("split", "quotations"), [("dev", 201), ("held-out", 111)])
def test_voices_are_told_apart_as_well_as_the_card_says(split, quotations):
    row = quotation_accuracy(read_annotated(split)).set_index("type").loc["all"]
    assert row.gold == quotations
    assert row.overlap_f1 >= 0.90
    assert row.speaker_accuracy >= 0.85


def test_missing_split():
    with pytest.raises(InputError, match="cannot be read"):
        read_annotated("none")


def test_quotation_is_a_span():
    assert Quotation("b0", 1, 2).speaker == ""
