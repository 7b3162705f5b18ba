from itertools import combinations

import numpy as np
import pytest

from analysis.versions import cuts
from analysis.versions.cuts import cut_test, holm

VALUES = np.array([[3.0], [2.0], [1.0], [-1.0], [0.0], [0.0]])


def test_p_is_the_share_of_random_cuts_that_do_as_much():
    cut = np.array([True, True, False, False, False, False])
    (p,), (expected,) = cut_test(VALUES, range(6), cut)
    sums = np.array([VALUES[list(two)].sum() for two in combinations(range(6), 2)])
    exact = np.mean(np.abs(sums - sums.mean()) >= np.abs(5 - sums.mean()) - 1e-9)
    assert p == pytest.approx(exact, abs=0.01)
    assert expected == pytest.approx(sums.mean(), abs=0.05)


def test_a_measure_without_any_difference_is_never_significant():
    (p,), _ = cut_test(np.zeros((6, 1)), range(6), np.arange(6) < 2)
    assert p == 1


@pytest.mark.parametrize("cut", [np.zeros(6, bool), np.ones(6, bool)])
def test_without_a_cut_nothing_is_tested(cut):
    (p,), (expected,) = cut_test(VALUES, range(6), cut)
    assert np.isnan(p)
    assert np.isnan(expected)


def test_equal_seeds_give_equal_results():
    cut, of = np.arange(6) == 1, [0, 0, 1, 1, 2, 2]
    assert cut_test(VALUES, of, cut, seed=3) == cut_test(VALUES, of, cut, seed=3)


def test_random_cuts_take_whole_paragraphs_and_parts_like_the_real_one():
    sizes = np.array([1, 2, 3, 4, 5])
    counts = cuts._counts(sizes, 2, [2, 1, 1], 500, np.random.default_rng(0))
    whole = (counts == sizes).sum(axis=1)
    assert (whole == 2).all()
    assert (counts <= sizes).all()
    assert (np.sort(counts * (counts < sizes), axis=1)[:, -3:] <= [1, 1, 2]).all()


def test_parts_of_a_paragraph_are_drawn_from_all_of_it():
    of, cut = [0] * 4 + [1], np.array([True, False, False, False, False])
    _, expected = cut_test(np.array([[4.0], [0], [0], [0], [0]]), of, cut)
    assert expected == pytest.approx(1, abs=0.06)  # only the first paragraph can lose a part


def test_random_cuts_are_rarely_called_significant():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(14, 1))
    p = [
        cut_test(values, range(14), np.isin(range(14), rng.choice(14, 4, False)), seed=n)[0][0]
        for n in range(200)
    ]
    assert np.mean(np.array(p) <= 0.05) <= 0.08


def test_holm_multiplies_the_smallest_by_all_and_the_largest_by_one():
    adjusted = holm([0.01, float("nan"), 0.04, 0.03])
    assert adjusted[[0, 2, 3]] == pytest.approx([0.03, 0.06, 0.06])
    assert np.isnan(adjusted[1])
    assert len(holm([])) == 0
