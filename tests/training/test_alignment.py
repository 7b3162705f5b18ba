# ruff: noqa: E402 (torch is optional; these tests are skipped where it is missing)
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from analysis.alignment import encoder
from analysis.errors import InputError
from training import alignment
from training.model import Model


def test_directions_keep_what_the_words_in_use_have_in_common():
    rng = np.random.default_rng(0)
    table = rng.normal(size=(40, 3)) @ rng.normal(size=(3, 8)) + 5
    used = np.ones(40, bool)
    used[:4] = False
    table[:4] = rng.normal(size=(4, 8)) * 100  # what is not in use decides nothing
    found = alignment.directions(table, used, components=3)
    assert found.shape == (40, 3)
    assert found.dtype == np.int8
    assert (np.abs(found).max(axis=1) == 127).all()

    def alike(rows):
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return rows @ rows.T

    wanted = table[used] - table[used].mean(axis=0)
    assert alike(found[used].astype(float)) == pytest.approx(alike(wanted), abs=0.03)


def test_command_writes_what_the_encoder_reads(tiny, tokenizer_path, tmp_path, monkeypatch):
    torch.manual_seed(0)
    pieces = json.loads(tokenizer_path.read_text())["model"]["vocab"]
    model = Model(tiny | {"vocab_size": len(pieces)}).eval()
    monkeypatch.setattr(alignment, "from_base", lambda base: model)
    monkeypatch.setattr(alignment, "COMPONENTS", 5)
    base = str(tokenizer_path.parent)
    assert alignment.main(["--base", base, "--out", str(tmp_path / "out")]) == 0
    assert np.load(tmp_path / "out/words.npy").shape == (len(pieces), 5)
    monkeypatch.setattr(encoder, "FOLDER", tmp_path / "out")
    forget()
    ((ids, found),) = encoder.states(["the mayor says tax rises"])
    forget()
    given = torch.from_numpy(ids)[None]
    with torch.no_grad():
        wanted = model.encoder(given, torch.ones_like(given), torch.zeros_like(given))[0].numpy()
    assert found == pytest.approx(wanted, abs=0.1)


def forget():
    encoder._tokenizer.cache_clear()
    encoder._session.cache_clear()


def test_a_base_without_tokenizer_leaves_nothing(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(alignment, "from_base", lambda base: Model(tiny))
    with pytest.raises(InputError, match=r"no tokenizer.json; give --base"):
        alignment.write(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_another_base_ends_in_one_line(tmp_path, capsys):
    assert alignment.main(["--base", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "out").exists()
