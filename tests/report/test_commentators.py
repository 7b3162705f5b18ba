from dataclasses import replace

import pytest

import analysis as cp
from analysis.readers.plain_text import parse_plain_text
from analysis.report.commentators import agreement_line, commentators
from analysis.types import Relation


def result_of(passages, names=("Anna", "Ben"), same=0):
    """Return a result in which two comment on each passage, and say the same on some."""
    parts = ["Rents rise in Harwick"]
    for number in range(passages):
        parts.append(f"The city counted {number} new flats in district {number} last year.")
        parts += [f"Comment by {name}: So I hear." for name in names]
    result = cp.score(parse_plain_text("\n\n".join(parts), article_id="x"), scorer="lexicon")
    labels = [
        label
        for n in range(passages)
        for label in ("agree", "agree" if n < same else "disagree")[: len(names)]
    ]
    figures = {f"p_{name}": [float(label == name) for label in labels] for name in Relation}
    relations = result.relations.assign(label=labels, abstained=False, **figures)
    return replace(result, relations=relations)


@pytest.mark.parametrize(
    ("passages", "same", "says"),
    [
        (
            1,
            1,
            "answer 1 passage clearly; they agree on it: too few to say how far they agree.",
        ),
        (
            3,
            2,
            "answer 3 passages clearly; they agree on 2 of them: too few to say",
        ),
        (
            10,
            4,
            "answer 10 passages clearly; they agree on 4 of them. Krippendorff’s",
        ),
        (10, 10, "alpha is not informative."),
    ],
)
def test_agreement_is_said_with_as_much_as_it_carries(passages, same, says):
    assert says in agreement_line(result_of(passages, same=same))


def test_one_commentator_agrees_with_nobody():
    assert agreement_line(result_of(3, names=("Anna",))) == ""


def test_the_table_has_a_row_a_commentator_and_escapes_names():
    shown = str(commentators(result_of(2, same=1)))
    assert shown.index("Anna") < shown.index("Ben")
    assert "too few to say" in shown
    result = result_of(1)
    hostile = result.relations.assign(commentator=["<b>Anna</b>", "Ben"])
    assert "<b>Anna" not in str(commentators(replace(result, relations=hostile)))


def test_unnamed_commentators_have_no_table(seed_result):
    assert str(commentators(seed_result)) == ""
