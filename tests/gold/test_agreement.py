"""Agreement is Krippendorff's, disputes are listed, and gold is what stands after both."""

import json
import math

import numpy as np
import pytest

from analysis.errors import InputError
from analysis.gold.agreement import agreement, alpha, alpha_interval, gold_text, labeled_items
from analysis.gold.labels import LabelLog, item
from analysis.quality.evaluate import read_gold
from analysis.types import Task


@pytest.fixture
def bias(seed):
    """Return the questions whether the first words of the seed are worded in a biased way."""
    return [item(seed, Task.BIAS, [(n, n + 5)]) for n in range(0, 200, 5)]


def fill(folder, name, items, labels):
    log = LabelLog(folder, name)
    for asked, label in zip(items, labels, strict=False):
        log.label(asked, label)


def test_alpha_is_that_of_krippendorffs_own_example():
    # Nominal data of two observers and ten units, Krippendorff 2011, section A: alpha 0.095
    first, second = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    counts = np.array(
        [[(a == v) + (b == v) for v in (0, 1)] for a, b in zip(first, second, strict=True)]
    )
    assert alpha(counts) == pytest.approx(0.095, abs=5e-4)


def test_one_label_only_has_no_alpha():
    assert math.isnan(alpha(np.array([[2, 0], [2, 0]])))
    assert all(map(math.isnan, alpha_interval(np.array([[2, 0]] * 20))))


def test_the_interval_holds_alpha_and_narrows_with_items():
    few = np.array([[2, 0], [0, 2], [2, 0], [1, 1]] * 4)
    many = np.vstack([few] * 10)
    (low, high), (low_many, high_many) = alpha_interval(few), alpha_interval(many)
    assert low < alpha(few) < high
    assert high_many - low_many < (high - low) / 2
    assert alpha_interval(few) == alpha_interval(few)
    assert all(map(math.isnan, alpha_interval(few[:9])))


def test_agreement_counts_only_what_two_labeled(tmp_path, bias):
    fill(tmp_path, "anna", bias[:30], ["biased", "unbiased"] * 15)
    fill(tmp_path, "ben", bias[:20], ["biased", "unbiased"] * 9 + ["unbiased", "biased"])
    LabelLog(tmp_path, "ben").skip(bias[0])
    (row,) = agreement(labeled_items(tmp_path)).itertuples()
    assert (row.task, row.annotators, row.items, row.disputes) == ("bias", 2, 19, 2)
    assert row.agreed == pytest.approx(17 / 19)
    assert row.ci_low < row.alpha < row.ci_high


def test_gold_is_what_all_say_or_what_was_settled(tmp_path, bias):
    fill(tmp_path, "anna", bias[:4], ["biased", "biased", "biased", "unbiased"])
    fill(tmp_path, "ben", bias[:3], ["biased", "unbiased", "unbiased"])
    fill(tmp_path, "adjudicated", bias[1:2], ["unbiased"])
    found = labeled_items(tmp_path)
    assert [r.disputed for r in found] == [False, True, True, False]
    assert [r.gold for r in found] == ["biased", "unbiased", "", ""]
    lines = [json.loads(line) for line in gold_text(found).splitlines()]
    assert [(r["label"], r["by"]) for r in lines] == [
        ("biased", "agreed"),
        ("unbiased", "adjudicated"),
    ]


def test_gold_goes_straight_into_evaluate(tmp_path, bias, seed):
    fill(tmp_path, "anna", bias[:3], ["biased"] * 3)
    fill(tmp_path, "ben", bias[:3], ["biased"] * 3)
    path = tmp_path / "gold.jsonl"
    path.write_text(gold_text(labeled_items(tmp_path)), encoding="utf-8")
    rows, labels = read_gold(path, Task.BIAS)
    assert rows == [(seed.raw[n : n + 5],) for n in (0, 5, 10)]
    assert labels == ["biased"] * 3


def test_a_folder_without_logs_is_said(tmp_path):
    with pytest.raises(InputError, match="found no log of an annotator"):
        labeled_items(tmp_path)
