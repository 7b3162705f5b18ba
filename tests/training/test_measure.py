import numpy as np
import pytest

from analysis.scorers.calibration import Calibration
from training.data import Row, one_hot
from training.measure import Answering, answering, by_part, figures, threshold_for


def test_threshold_is_the_lowest_confidence_that_gives_the_wanted_accuracy():
    sure = np.linspace(0.5, 0.99, 100)
    right = sure >= 0.6
    found, reached = threshold_for(sure, right, np.ones(100), 0.99)
    assert reached
    assert found == pytest.approx(0.595, abs=0.011)
    assert right[sure >= found].mean() >= 0.98
    assert threshold_for(sure, np.ones(100, bool), np.ones(100), 0.8) == (0.5, True)


def test_where_no_threshold_gives_it_the_surest_thirty_percent_are_kept():
    sure = np.linspace(0.5, 0.99, 100)
    found, reached = threshold_for(sure, sure > 0.95, np.ones(100), 0.8)
    assert not reached
    assert (sure >= found).mean() == pytest.approx(0.3, abs=0.01)


def test_rows_of_equal_confidence_are_kept_together():
    sure = np.array([0.9] * 4 + [0.5] * 6)
    found, reached = threshold_for(sure, np.array([True] * 7 + [False] * 3), np.ones(10), 0.8)
    assert (found, reached) == (0.9, True)


def rows(name, count, part=""):
    task = name.partition("/")[0]
    labels = {"relation": ("agree", "disagree", "neutral"), "bias": ("biased", "unbiased")}[task]
    return [
        Row(task, "a", "b", one_hot(task, labels[i % len(labels)]), name, str(i), part)
        for i in range(count)
    ]


def test_each_set_counts_alike():
    sets = {"bias/babe": rows("bias/babe", 40), "bias/large": rows("bias/large", 4000)}
    small = np.tile([[3.0, 0.0], [0.0, 3.0]], (20, 1))  # always right
    large = np.tile([[0.0, 3.0], [3.0, 0.0]], (2000, 1))  # always wrong
    found = answering("bias", {"bias/babe": small, "bias/large": large}, sets, 0.0)
    assert found.calibration.temperature > 20  # neither outweighs the other
    alone = answering("bias", {"bias/babe": small}, sets, 0.0)
    assert alone.calibration.temperature < 1
    assert alone.reached


def test_figures_and_their_parts():
    how = Answering(Calibration(1.0, (0.0, 0.0, 0.0)), 0.9, True)
    mine = rows("relation/replies", 3, "blog") + rows("relation/replies", 6, "forum")
    logits = np.full((9, 3), -9.0)
    for number, row in enumerate(mine):
        logits[number, row.shares.index(1.0)] = 9.0
    logits[0] = [0.0, 0.1, 0.0]
    found = figures(logits, mine, how)
    assert (found["n"], found["coverage"], found["selective_accuracy"]) == (9, 0.8889, 1.0)
    parts = by_part(logits, mine, how)
    assert list(parts) == ["forum", "blog"]
    assert parts["forum"] == {"n": 6, "macro_f1": 1.0, "accuracy": 1.0}
    assert parts["blog"]["accuracy"] == 0.6667
