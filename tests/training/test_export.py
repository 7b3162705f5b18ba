# ruff: noqa: E402 (torch is optional; these tests are skipped where it is missing)
import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from analysis.scorers.onnx_runtime import open_session
from tests.training.conftest import MPNET
from training import export
from training.model import Model
from training.tasks import TASKS


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    ids = rng.integers(5, 1200, (3, 11))
    mask = np.ones_like(ids)
    mask[1, 6:] = 0
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}


def run(path, batch):
    session = open_session(path.read_bytes())
    names = [node.name for node in session.get_inputs()]
    return session.run(list(TASKS), {name: batch[name] for name in names})


@pytest.mark.parametrize("more", [{}, MPNET], ids=["minilm", "mpnet"])
@pytest.mark.parametrize("level", export.LEVELS.values(), ids=["all", "token", "some", "none"])
def test_int8_is_close_to_float_whatever_the_padding(tiny, tmp_path, batch, more, level):
    torch.manual_seed(0)
    model = Model(tiny | more).eval()
    export.write_int8(model, tmp_path / "model.onnx", level)
    ours = run(tmp_path / "model.onnx", batch)
    with torch.no_grad():
        theirs = model(**{name: torch.from_numpy(array) for name, array in batch.items()})
    assert [out.shape for out in ours] == [(3, 3), (3, 3), (3, 2)]
    for got, want in zip(ours, theirs, strict=True):
        assert np.abs(got - want.numpy()).max() < 0.1
    short = {name: array[1:2, :6] for name, array in batch.items()}
    assert np.abs(run(tmp_path / "model.onnx", short)[0] - ours[0][1]).max() < 0.05


def test_more_kept_means_fewer_matrices_in_int8(tiny, tmp_path):
    counts = {}
    for name, level in export.LEVELS.items():
        export.write_int8(Model(tiny), tmp_path / "model.onnx", level)
        graph = onnx.load(tmp_path / "model.onnx").graph
        int8 = [one for one in graph.initializer if one.data_type == onnx.TensorProto.INT8]
        counts[name] = sum(len(one.dims) == 2 for one in int8)  # the rest are zero points
    layers = tiny["num_hidden_layers"]
    assert [count - min(counts.values()) for count in counts.values()] == [
        4 * layers, 4 * layers, 2 * layers, 0
    ]  # fmt: skip


def test_a_token_of_large_values_leaves_the_others_their_digits():
    torch.manual_seed(0)
    linear = torch.nn.Linear(64, 16)
    values = torch.randn(1, 6, 64)
    values[0, 0] *= 300
    ours, theirs = export.Int8Linear(linear)(values), linear(values)
    assert (ours - theirs)[0, 1:].abs().max() < 0.02 * theirs[0, 1:].abs().max()


def test_a_token_of_equal_values_is_no_division_by_zero():
    linear = torch.nn.Linear(8, 4)
    ours = export.Int8Linear(linear)(torch.full((1, 2, 8), 0.5))
    assert (ours - linear(torch.full((1, 2, 8), 0.5))).abs().max() < 0.02


def test_rows_in_int8_keep_three_digits():
    weight = torch.randn(50, 16, generator=torch.Generator().manual_seed(0))
    found = export.Int8Rows(weight)(torch.arange(50))
    assert (found - weight).abs().max() < weight.abs().max() / 127


def test_large_weights_are_cut_into_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "LARGEST", 10)
    monkeypatch.setattr(export, "PART", 4)
    path = tmp_path / "model.onnx"
    path.write_bytes(b"0123456789")
    assert export.split_weights(path) == [path]
    path.write_bytes(b"0123456789a")
    parts = export.split_weights(path)
    assert [part.name for part in parts] == ["model.onnx.0", "model.onnx.1", "model.onnx.2"]
    assert b"".join(part.read_bytes() for part in parts) == b"0123456789a"
    assert not path.exists()
