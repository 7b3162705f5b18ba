# ruff: noqa: E402 (torch is optional; these tests are skipped where it is missing)
import json
import subprocess

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from training import publish
from training.config import Phase, TrainConfig
from training.data import Row
from training.encode import PairEncoder
from training.evaluate_dev import logits_of, onnx_scorer, torch_scorer
from training.export import Int8Rows, write_int8
from training.model import Model


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    ids = rng.integers(5, 1200, (3, 11))
    mask = np.ones_like(ids)
    mask[1, 6:] = 0
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}


def test_int8_is_close_to_float_whatever_the_padding(tiny, tmp_path, batch):
    torch.manual_seed(0)
    model = Model(tiny).eval()
    write_int8(model, tmp_path / "model.onnx")
    scorer = onnx_scorer(tmp_path / "model.onnx", threads=1)
    ours, theirs = scorer(batch), torch_scorer(model)(batch)
    assert [out.shape for out in ours] == [(3, 3), (3, 3), (3, 2)]
    for got, want in zip(ours, theirs, strict=True):
        assert np.abs(got - want).max() < 0.1
    short = {name: array[1:2, :6] for name, array in batch.items()}
    assert np.abs(scorer(short)[0] - ours[0][1]).max() < 0.05


def test_rows_in_int8_keep_three_digits():
    weight = torch.randn(50, 16, generator=torch.Generator().manual_seed(0))
    found = Int8Rows(weight)(torch.arange(50))
    assert (found - weight).abs().max() < weight.abs().max() / 127


@pytest.fixture
def trained(tiny, tokenizer_path, tmp_path):
    """The base folder, a checkpoint and the configuration of a run."""
    base, sizes = tokenizer_path.parent, tiny | {"max_position_embeddings": 256}
    (base / "config.json").write_text(json.dumps(sizes))
    torch.manual_seed(0)
    checkpoint, config = tmp_path / "last.pt", tmp_path / "config.json"
    torch.save({"average": Model(sizes).state_dict()}, checkpoint)
    phases = [Phase(name="p", rows={"relation/perspectrum": 5})]
    config.write_text(TrainConfig(phases=phases).model_dump_json())
    return base, checkpoint, config


def test_publish_writes_a_folder_whose_sums_hold(trained, corpora, tmp_path):
    base, checkpoint, config = trained
    articles = tmp_path / "articles"
    articles.mkdir()
    dev = (corpora / "relation/subreddit_agreement/dev.jsonl").read_text()
    (articles / "dev-relations.jsonl").write_text(dev)
    out = tmp_path / "out"
    publish.publish(
        [checkpoint, checkpoint],
        out,
        base=base,
        corpora=corpora,
        articles=articles,
        configs=[config],
    )
    assert {p.name for p in out.iterdir()} == {
        "model.onnx", "tokenizer.json", "config.json", "training.json", "metrics.json",
        "babe-heldout.json", "MODEL_CARD.md", "SHA256SUMS",
    }  # fmt: skip
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=out, check=True)
    shipped = json.loads((out / "config.json").read_text())
    assert shipped["tasks"]["stance"]["labels"] == ["favor", "against", "none"]
    assert all(task["temperature"] > 0 for task in shipped["tasks"].values())
    assert "{" not in (out / "MODEL_CARD.md").read_text()


def test_one_task_is_published_again_as_it_is_asked_now(trained, corpora, tmp_path):
    (base, checkpoint, config), out = trained, tmp_path / "out"
    publish.publish([checkpoint], out, base=base, corpora=corpora, articles=None, configs=[config])
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    rows = [{"text": "NATO is new. The plan of NATO is old.", "target": "NATO", "label": "favor"}]
    other = tmp_path / "other"
    for name in ("newsmtsc", "vast"):
        (other / "stance" / name).mkdir(parents=True)
        lines = [json.dumps(row) + "\n" for row in rows * 12]
        (other / "stance" / name / "dev.jsonl").write_text("".join(lines))
    for name in ("relation", "bias"):
        (other / name).symlink_to(corpora / name)
    publish.publish_again(out, "stance", corpora=other, articles=None)
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=out, check=True)
    after = {p.name: p.read_bytes() for p in out.iterdir()}
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"config.json", "metrics.json", "MODEL_CARD.md", "SHA256SUMS"}
    old, new = (json.loads(files["metrics.json"])["sets"] for files in (before, after))
    assert list(old) == list(new)
    assert new["stance/vast"]["int8"]["n"] == 12
    assert "float32" not in new["stance/vast"]
    assert all(old[name] == new[name] for name in old if not name.startswith("stance/"))
    assert json.loads(after["config.json"])["tasks"]["stance"]["withhold_names"] is True


def test_names_are_withheld_in_a_stance_that_is_measured(tokenizer_path):
    asked = []

    def scorer(batch):
        asked.extend(batch["attention_mask"].sum(axis=1))
        lengths = batch["attention_mask"].sum(axis=1, keepdims=True).astype(float)
        return tuple(np.repeat(lengths, size, axis=1) for size in (3, 3, 2))

    text = "NATO is a new plan. The tax rises. The old plan of NATO says so."
    rows = [Row("stance", target, text, (1, 0, 0), "stance/vast") for target in ("NATO", "tax")]
    found = logits_of(scorer, rows, PairEncoder(tokenizer_path, 64))
    assert len(asked) == 3  # two sentences name NATO, and the tax is asked about as it is
    assert found[1].tolist() == [max(asked)] * 3
    assert found[0].tolist() == [sum(sorted(asked)[:2]) / 2] * 3
