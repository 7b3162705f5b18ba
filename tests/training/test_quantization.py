# ruff: noqa: E402 (torch is optional; these tests are skipped where it is missing)
import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from training.evaluate_dev import onnx_scorer, torch_scorer
from training.export import write_int8
from training.model import Model
from training.quantization import rounded_inputs, rounded_rows


def test_inputs_get_256_levels_a_row_with_0_among_them():
    x = torch.randn(3, 40, 16, generator=torch.Generator().manual_seed(0))
    x[1] = x[1].abs() + 5.0  # 0 stays in the range
    x[2] = 0.0
    found = rounded_inputs(x)
    for row, exact in zip(found[:2], x[:2], strict=True):
        low, high = min(exact.min().item(), 0.0), exact.max().item()
        step = (high - low) / 255
        assert len(row.unique()) <= 256
        assert (row - exact).abs().max() <= step * 0.51
        assert (row / step - (row / step).round()).abs().max() < 1e-3, "0 is a level"
    assert not found[2].any()
    apart = rounded_inputs(x[1:2])
    assert torch.equal(apart[0], found[1]), "a row's levels do not hang on its neighbours"


def test_weights_get_a_scale_a_row():
    weight = torch.tensor([[1.27, 0.004, -1.0], [0.0, 0.0, 0.0], [100.0, 50.2, -127.0]])
    found = rounded_rows(weight)
    assert found[0].tolist() == pytest.approx([1.27, 0.0, -1.0])
    assert not found[1].any()
    assert found[2].tolist() == pytest.approx([100.0, 50.0, -127.0])


def test_gradients_pass_as_if_nothing_were_rounded():
    x = torch.randn(2, 5, 4, requires_grad=True)
    (rounded_inputs(x) * 3).sum().backward()
    assert torch.equal(x.grad, torch.full_like(x, 3.0))


def test_what_is_rounded_in_training_is_what_int8_gives(tiny, tmp_path):
    torch.manual_seed(0)
    model = Model(tiny).eval()
    with torch.no_grad():
        for layer in model.encoder.layers:
            layer.up.weight[0] *= 40  # an outlier makes the steps coarse
            layer.down.weight[:, 0] *= 40
    write_int8(model, tmp_path / "model.onnx")
    rng = np.random.default_rng(0)
    served = onnx_scorer(tmp_path / "model.onnx", threads=1)
    ours, full = [], []
    for ids in rng.integers(5, 1200, (20, 1, 30)):
        batch = {"input_ids": ids, "attention_mask": np.ones_like(ids),
                 "token_type_ids": np.zeros_like(ids)}  # fmt: skip
        int8, plain = served(batch), torch_scorer(model)(batch)
        model.encoder.rounded = True
        rounded = torch_scorer(model)(batch)
        model.encoder.rounded = False
        assert all(map(np.array_equal, torch_scorer(model)(batch), plain))
        ours += [np.abs(a - b).mean() for a, b in zip(int8, rounded, strict=True)]
        full += [np.abs(a - b).mean() for a, b in zip(int8, plain, strict=True)]
    assert np.mean(full) > 1e-3, "int8 costs something here"
    assert np.mean(ours) < 0.3 * np.mean(full)  # a number just between two levels may go either way
