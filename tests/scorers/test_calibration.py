import numpy as np
import pytest

from analysis.scorers.calibration import cross_fitted, fit
from training.metrics import calibration_error, class_f1, measure
from training.publish import calibrate_task, perfect_error, threshold_for


@pytest.fixture
def overconfident():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(3000, 3))
    odds = np.exp(logits + np.array([0.5, 0.0, -0.5]))
    edges = (odds / odds.sum(1, keepdims=True)).cumsum(1)
    truth = np.minimum((rng.random((3000, 1)) > edges).sum(1), 2)
    return 4 * logits, truth


def test_fit_finds_temperature_and_bias(overconfident):
    logits, truth = overconfident
    found = fit(logits, truth, np.ones(len(truth)), prior=0.0)
    assert found.temperature == pytest.approx(4, rel=0.1)
    assert found.bias == pytest.approx((0.5, 0.0, -0.5), abs=0.12)
    assert sum(found.bias) == pytest.approx(0, abs=1e-3)


def test_cross_fitting_calibrates_rows_it_did_not_see(overconfident):
    logits, truth = overconfident
    raw = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    after = cross_fitted(logits, truth, np.ones(len(truth)))
    assert after.sum(1) == pytest.approx(1)
    assert calibration_error(raw, truth) > 0.2
    assert calibration_error(after, truth) < 0.04


def test_calibration_error_by_hand():
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]])
    assert calibration_error(probabilities, np.array([0, 1, 0, 0])) == pytest.approx(0.4)


def test_class_f1_by_hand():
    found = class_f1(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1]), 3)
    assert found == pytest.approx([2 / 3, 0.5, 0])


def test_threshold_keeps_the_wanted_accuracy_and_half_of_the_rows():
    sure = np.linspace(0.5, 0.99, 100)
    probabilities = np.stack([sure, 1 - sure], 1)
    truth = (sure < 0.6).astype(int)
    found = threshold_for(probabilities, truth, np.ones(100), 0.99)
    assert found == pytest.approx(0.6, abs=0.02)
    assert threshold_for(probabilities, np.ones(100, int), np.ones(100), 0.99) <= 0.75


def test_threshold_rises_until_the_kept_rows_are_clearly_better():
    sure = np.linspace(0.5, 0.99, 100)
    probabilities = np.stack([sure, 1 - sure], 1)
    truth = (np.arange(100) % 5 == 0) & (sure < 0.8)
    plain = threshold_for(probabilities, truth.astype(int), np.ones(100), 0.5)
    gaining = threshold_for(probabilities, truth.astype(int), np.ones(100), 0.5, gain=0.04)
    kept = ~truth[sure >= gaining]
    assert plain == pytest.approx(0.34)
    assert 0.55 < gaining < 0.75
    assert kept.mean() >= (~truth).mean() + 0.04


def test_small_set_has_error_by_chance_alone():
    rng = np.random.default_rng(1)
    sure = rng.uniform(0.4, 0.95, size=(4000, 1))
    probabilities = np.hstack([sure, (1 - sure) / 2, (1 - sure) / 2])
    assert perfect_error(probabilities) < 0.03 < 0.06 < perfect_error(probabilities[:80])


def test_sets_of_one_task_share_a_calibration(overconfident):
    logits, truth = overconfident
    halves = {"bias/a": logits[:1000, :2], "bias/b": logits[1000:, :2], "stance/c": logits}
    labels = {"bias/a": truth[:1000] % 2, "bias/b": truth[1000:] % 2, "stance/c": truth}
    _, threshold, parts = calibrate_task("bias", halves, labels)
    assert {name: len(p) for name, p in parts.items()} == {"bias/a": 1000, "bias/b": 2000}
    assert 0.34 <= threshold < 1


def test_measure_counts_only_kept_rows():
    probabilities = np.array([[0.9, 0.1], [0.55, 0.45]])
    found = measure(probabilities, np.array([0, 1]), ("biased", "unbiased"), 0.6)
    assert (found["coverage"], found["accuracy"], found["accuracy_kept"]) == (0.5, 0.5, 1.0)
