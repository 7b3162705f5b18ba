"""Whole runs of `python -m training` on tiny data with tiny encoders."""

# ruff: noqa: E402 (torch is optional; these tests are skipped where it is missing)
import json
import shutil

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
from safetensors.torch import save_file

from training import __main__ as command
from training import model as models
from training.checksums import digest

FAST = {"max_length": 32, "batch_tokens": 512, "bfloat16": False, "synthetic_rows": 12}


@pytest.fixture(scope="module")
def bases(tiny, tokenizer_path, tmp_path_factory):
    """Folders of a tiny MiniLM and a tiny MPNet with random weights, known by their sums."""
    patch = pytest.MonkeyPatch()
    out = {}
    known = dict(models.BASES)
    for name, more in (("minilm", {}), ("mpnet", MPNET)):
        folder = tmp_path_factory.mktemp(name)
        fields = tiny | {"max_position_embeddings": 300} | more
        torch.manual_seed(len(out))
        encoder = models.Encoder(fields)
        save_file(as_published(encoder, name), folder / "model.safetensors")
        (folder / "config.json").write_text(json.dumps(fields))
        shutil.copy(tokenizer_path, folder / "tokenizer.json")
        known[name] = known[name]._replace(sha256=digest(folder / "model.safetensors"))
        out[name] = folder
    patch.setattr(models, "BASES", known)
    yield out
    patch.undo()


MPNET = {"model_type": "mpnet", "pad_token_id": 1, "relative_attention_num_buckets": 8}


def as_published(encoder, name):
    """Return an encoder's tensors under the names that the base's own file gives them."""
    mpnet = name == "mpnet"
    words = {"words": "word", "positions": "position", "segments": "token_type"}
    inside = (
        {"out": "attention.attn.o", "norm1": "attention.LayerNorm"}
        if mpnet
        else {"out": "attention.output.dense", "norm1": "attention.output.LayerNorm"}
    ) | {"up": "intermediate.dense", "down": "output.dense", "norm2": "output.LayerNorm"}
    parts = [f"attn.{p}" for p in "qkv"] if mpnet else ["self.query", "self.key", "self.value"]
    out = {}
    for key, tensor in encoder.state_dict().items():
        first, *rest = key.split(".")
        if first in words:
            out[f"embeddings.{words[first]}_embeddings.weight"] = tensor
        elif first == "norm":
            out[f"embeddings.LayerNorm.{rest[0]}"] = tensor
        elif first == "distances":
            out["encoder.relative_attention_bias.weight"] = tensor
        elif rest[1] == "qkv":
            for part, piece in zip(parts, tensor.chunk(3), strict=True):
                out[f"encoder.layer.{rest[0]}.attention.{part}.{rest[2]}"] = piece.contiguous()
        else:
            out[f"encoder.layer.{rest[0]}.{inside[rest[1]]}.{rest[2]}"] = tensor
    return out


def config_file(folder, name, phases, **changes):
    path = folder / f"{name}.json"
    path.write_text(json.dumps(FAST | {"phases": phases} | changes))
    return path


def run(bases, corpora, work, config, *more, base="minilm", out=None):
    args = ["--corpora", str(corpora), "--base", str(bases[base]), "--out", str(out or work)]
    args += ["--work", str(work), "--config", str(config)]
    args += [] if out else ["--no-export"]
    return command.main([*args, *map(str, more)])


def phase(name, **rows):
    return {"name": name, "rows": {key.replace("__", "/"): n for key, n in rows.items()}}


@pytest.fixture(scope="module")
def first(bases, corpora, tmp_path_factory):
    """The work folder of a run of two phases."""
    folder = tmp_path_factory.mktemp("first")
    phases = [phase("one", relation__perspectrum=20), phase("two", stance__vast=20, bias__babe=20)]
    config = config_file(folder, "config", phases)
    assert run(bases, corpora, folder / "a", config) == 0
    return folder / "a"


def test_start_branches_from_a_phase_of_another_run(bases, corpora, first, tmp_path):
    phases = [phase("one", relation__perspectrum=20), phase("other", stance__newsmtsc=18)]
    config = config_file(tmp_path, "branch", phases, seed=7)
    assert run(bases, corpora, tmp_path / "b", config, "--start", first / "one.pt") == 0
    drawn = json.loads((tmp_path / "b/drawn.json").read_text())
    assert drawn == {"other": {"stance/newsmtsc": 18}}
    told = json.loads((tmp_path / "b/run.json").read_text())
    assert told["start"]["sha256"] == digest(first / "one.pt")
    begun, ended = (
        torch.load(path, weights_only=True)["at"]
        for path in (first / "one.pt", tmp_path / "b/other.pt")
    )
    assert (begun[0], ended[0]) == (1, 2)
    assert ended[2] > begun[2]


def test_a_missing_start_is_one_clear_line(bases, corpora, first, tmp_path, capsys):
    config = config_file(tmp_path, "c", [phase("one", stance__vast=4)])
    assert run(bases, corpora, tmp_path / "x", config, "--init", tmp_path / "no.pt") == 2
    assert "no.pt: no such checkpoint" in capsys.readouterr().err
    torch.save({"weights": {}}, tmp_path / "odd.pt")
    assert run(bases, corpora, tmp_path / "x", config, "--init", tmp_path / "odd.pt") == 2
    assert "odd.pt: no weights named average" in capsys.readouterr().err


def test_init_begins_at_the_mean_of_checkpoints(bases, corpora, first, tmp_path):
    one, two = (
        torch.load(first / f"{name}.pt", weights_only=True)["average"] for name in ("one", "two")
    )
    mean = models.mean_weights([first / "one.pt", first / "two.pt", first / "two.pt"])
    for key, tensor in mean.items():
        assert torch.allclose(tensor, (one[key] + 2 * two[key]) / 3, atol=1e-6)
    still = [phase("none", stance__vast=4) | {"rate_start": 0.0, "rate_end": 0.0}]
    config = config_file(tmp_path, "c", still)
    assert run(bases, corpora, tmp_path / "c", config, "--init", first / "one.pt") == 0
    after = torch.load(tmp_path / "c/last.pt", weights_only=True)["average"]
    assert all(torch.allclose(after[key], one[key], atol=1e-6) for key in one)


def test_teacher_distilled_merged_and_published(bases, corpora, first, tmp_path):
    taught = [phase("teach", stance__newsmtsc=20, relation__perspectrum=9)]
    config = config_file(tmp_path, "teacher", taught, base="mpnet", frozen_layers=1)
    assert run(bases, corpora, tmp_path / "t", config, base="mpnet") == 0
    before = models.from_base(bases["mpnet"], sha256=models.BASES["mpnet"].sha256).encoder
    after = torch.load(tmp_path / "t/teach.pt", weights_only=True)["model"]
    for key, tensor in before.state_dict().items():
        kept = torch.equal(tensor, after[f"encoder.{key}"])
        assert kept == (not key.startswith("layers.1.")), key

    learnt = [phase("distil", stance__newsmtsc=24, stance__vast=12, relation__perspectrum=12)]
    by = {"stance/newsmtsc": "teacher", "relation/perspectrum": "start"}
    config = config_file(tmp_path, "distil", learnt, soft=by)
    out = tmp_path / "out"
    teacher = ["--teacher", tmp_path / "t/teach.pt", "--teacher-base", bases["mpnet"]]
    more = ["--init", first / "two.pt", *teacher, "--merge", first / "two.pt"]
    assert run(bases, corpora, tmp_path / "d", config, *more, out=out) == 0

    record = json.loads((out / "training.json").read_text())
    assert set(record["rows_drawn_by_phase"]) == {"one", "two", "distil"}
    assert record["rows_drawn"]["stance/vast"] == 32
    assert record["teacher_rows_drawn"] == {"relation/perspectrum": 9, "stance/newsmtsc": 20}
    distilled, merged = record["checkpoints"]
    assert merged["sha256"] == digest(first / "two.pt") == distilled["run"]["init"][0]["sha256"]
    assert distilled["run"]["teacher"][0]["run"]["base"]["sha256"] == models.BASES["mpnet"].sha256
    card = (out / "MODEL_CARD.md").read_text()
    assert models.BASES["mpnet"].sha256 in card
    ours = models.mean_weights([tmp_path / "d/last.pt", first / "two.pt"])
    separate = [models.mean_weights([path]) for path in (tmp_path / "d/last.pt", first / "two.pt")]
    assert all(torch.allclose(ours[k], (separate[0][k] + separate[1][k]) / 2) for k in ours)
    assert not torch.equal(separate[0]["heads.stance.logits.bias"],
                           separate[1]["heads.stance.logits.bias"])  # fmt: skip
