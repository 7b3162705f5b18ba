# ruff: noqa: E402 (torch is optional; these tests are skipped where it is missing)
import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
import onnxruntime

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
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [node.name for node in session.get_inputs()]
    return session.run(list(TASKS), {name: batch[name] for name in names})


@pytest.mark.parametrize("more", [{}, MPNET], ids=["minilm", "mpnet"])
@pytest.mark.parametrize("keep", export.LEVELS.values(), ids=["all", "some", "none"])
def test_int8_is_close_to_float_whatever_the_padding(tiny, tmp_path, batch, more, keep):
    torch.manual_seed(0)
    model = Model(tiny | more).eval()
    export.write_int8(model, tmp_path / "model.onnx", keep=keep)
    ours = run(tmp_path / "model.onnx", batch)
    with torch.no_grad():
        theirs = model(**{name: torch.from_numpy(array) for name, array in batch.items()})
    assert [out.shape for out in ours] == [(3, 3), (3, 3), (3, 2)]
    for got, want in zip(ours, theirs, strict=True):
        assert np.abs(got - want.numpy()).max() < 0.1
    short = {name: array[1:2, :6] for name, array in batch.items()}
    assert np.abs(run(tmp_path / "model.onnx", short)[0] - ours[0][1]).max() < 0.05


def test_more_kept_means_a_larger_file(tiny, tmp_path):
    sizes = []
    for keep in export.LEVELS.values():
        export.write_int8(Model(tiny), tmp_path / "model.onnx", keep=keep)
        sizes.append((tmp_path / "model.onnx").read_bytes().count(b"_quantized"))
    assert sizes[0] > sizes[1] > sizes[2]


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
