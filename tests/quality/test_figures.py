import pytest

from analysis.quality import figures
from analysis.quality.evaluation import evaluate_scorers, read_sets


@pytest.fixture(scope="module")
def found():
    return evaluate_scorers(["lexicon"], read_sets([]))


def test_alternative_texts_say_the_numbers(found):
    row = found.scores.query("task == 'bias' and scorer == 'lexicon'").iloc[0]
    alt = figures.f1(found).alt
    assert f"examples (bias): lexicon {row.macro_f1:.2f}, majority 0.33" in alt
    assert f"examples (bias) {row.ece:.2f}" in figures.calibration(found, "lexicon").alt
    wrong = f"{1 - row.accuracy:.0%} wrong of all rows"
    assert wrong in figures.risk(found, "lexicon").alt


def test_each_is_drawn_for_wide_and_narrow_pages(found):
    for figure in (figures.f1(found), figures.calibration(found, "lexicon"),
                   figures.risk(found, "lexicon")):  # fmt: skip
        assert len(figure.drawings) == 2
        assert all(drawn.svg.lstrip().startswith("<?xml") for drawn in figure.drawings)
        assert len(figure.data)


def test_a_scorer_without_figures_is_an_empty_figure(found):
    assert figures.calibration(found, "nobody").drawings == ()


def test_confusion_rows_hold_every_row(found):
    rows = figures.confusion_rows(found, "lexicon")
    labels = rows.columns[3:]
    assert rows.groupby("task")[list(labels)].sum().sum(axis=1).to_dict() == {
        "relation": 36, "stance": 36, "bias": 24,
    }  # fmt: skip


def test_summary_claims_only_what_clears_the_interval(found):
    assert figures.summary(found, "lexicon").startswith("On 3 of 3 sets the lexicon scorer beats")
    assert figures.summary(found, "majority").startswith("On 0 of 3 sets")
