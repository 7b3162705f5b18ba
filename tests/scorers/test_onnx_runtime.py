import threading

import pytest

from analysis.scorers.onnx_runtime import each, sound, threads


@pytest.mark.parametrize("workers", [1, 3])
def test_results_come_in_order_whatever_runs_first(workers):
    ran = []

    def run(number):
        ran.append(number)
        return number * 10

    assert each(run, [3, 9, 1, 5], workers) == [0, 10, 20, 30]
    if workers == 1:
        assert ran == [1, 3, 0, 2], "the longest first"
    assert each(run, [], workers) == []


def test_so_many_run_at_once():
    together = threading.Barrier(2, timeout=10)
    assert each(lambda number: together.wait() >= 0, [1, 1], 2) == [True, True]


@pytest.mark.parametrize(("told", "expected"), [("3", 3), ("", None), ("0", None), ("x", None)])
def test_threads_are_as_told_or_the_cores(monkeypatch, told, expected):
    monkeypatch.setenv("COUNTERPOINT_THREADS", told)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2, 3, 4}, raising=False)
    assert threads() == (expected or 5)


def test_lone_surrogates_are_replaced():
    assert sound("a\ud800é") == "a?é"
