import numpy as np
import pytest

from analysis.quality.evaluate import expected_calibration_error
from analysis.scorers.calibration import cross_fitted, fit


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


def test_the_temperature_of_labels_that_logits_do_not_tell_is_bounded(overconfident):
    logits, truth = overconfident
    found = fit(logits, 2 - truth[::-1], np.ones(len(truth)))
    assert 20 < found.temperature < 150


def test_cross_fitting_calibrates_rows_it_did_not_see(overconfident):
    logits, truth = overconfident
    raw = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    after = cross_fitted(logits, truth, np.ones(len(truth)))
    assert after.sum(1) == pytest.approx(1)
    before, now = (
        expected_calibration_error(odds.max(1), odds.argmax(1) == truth) for odds in (raw, after)
    )
    assert before > 0.2
    assert now < 0.04
