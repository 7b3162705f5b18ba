# ruff: noqa: E402 (torch is optional; these tests are skipped where it is missing)
import hashlib

import pytest

torch = pytest.importorskip("torch")

from analysis.errors import InputError
from training import weights
from training.model import Model


def test_weights_come_back_from_their_parts(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "PART", 5000)
    one, other = Model(tiny), Model(tiny)
    weights.save(one, tmp_path / "small.f16")
    weights.load(other, tmp_path / "small.f16")
    assert len(weights.parts(tmp_path / "small.f16")) > 10  # and in the order of their numbers
    for name, tensor in one.state_dict().items():
        assert torch.equal(other.state_dict()[name], tensor.half().float())
    joined = b"".join(part.read_bytes() for part in weights.parts(tmp_path / "small.f16"))
    assert weights.sha256(tmp_path / "small.f16") == hashlib.sha256(joined).hexdigest()


@pytest.mark.parametrize("damage", ["index", "part", "other model"])
def test_unusable_weights_are_one_clear_line(tiny, tmp_path, damage):
    path = tmp_path / "w"
    weights.save(Model(tiny), path)
    if damage == "index":
        (tmp_path / "w.json").unlink()
    elif damage == "part":
        (tmp_path / "w.0").unlink()
    model = Model(tiny | {"hidden_size": 8} if damage == "other model" else tiny)
    with pytest.raises(InputError, match=r"w: cannot be read as weights of this model"):
        weights.load(model, path)
