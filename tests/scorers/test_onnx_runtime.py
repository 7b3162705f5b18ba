import threading

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from analysis.scorers.onnx_runtime import map_longest_first, open_session, threads, token_ids
from tests.tiny_model import tiny_tokenizer


@pytest.mark.parametrize("workers", [1, 3])
def test_longest_runs_start_first_and_results_keep_their_order(workers):
    ran = []

    def run(number):
        ran.append(number)
        return number * 10

    assert map_longest_first(run, [3, 9, 1, 5], workers) == [0, 10, 20, 30]
    if workers == 1:
        assert ran == [1, 3, 0, 2], "the longest first"
    assert map_longest_first(run, [], workers) == []


def test_runs_are_concurrent():
    together = threading.Barrier(2, timeout=10)
    assert map_longest_first(lambda number: together.wait() >= 0, [1, 1], 2) == [True, True]


@pytest.mark.parametrize(("value", "expected"), [("3", 3), ("", None), ("0", None), ("x", None)])
def test_thread_count_defaults_to_cores(monkeypatch, value, expected):
    monkeypatch.setenv("COUNTERPOINT_THREADS", value)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2, 3, 4}, raising=False)
    assert threads() == (expected or 5)


def test_lone_surrogates_are_replaced():
    tokenizer = tiny_tokenizer()
    assert (
        token_ids(tokenizer, ["nato\ud800 us", "nato? us"])[0]
        == token_ids(tokenizer, ["nato? us"])[0]
    )


def test_products_in_int8_are_exact_on_every_processor():
    """A pair of products of 255 and 127 is more than 16 bits hold; sums must not be cut off."""
    weights = np.full((384, 32), 127, np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["x", "weights"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, ["n", 384])],
        [helper.make_tensor_value_info("y", TensorProto.INT32, ["n", 32])],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    values = np.full((3, 384), 255, np.uint8)
    found = open_session(model.SerializeToString()).run(["y"], {"x": values})[0]
    assert found.tolist() == (values.astype(int) @ weights.astype(int)).tolist()
