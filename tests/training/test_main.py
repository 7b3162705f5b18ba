"""Whole runs of `python -m training` on tiny data with tiny encoders."""

# ruff: noqa: E402 (torch is optional; these tests are skipped where it is missing)
import json
import subprocess
from pathlib import Path

import pytest
import yaml

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("peft")

from analysis.paths import MODELS
from analysis.quality import audit as swap_audit
from analysis.quality import evaluate
from analysis.scorers.embedded import EmbeddedScorer
from analysis.types import Task
from training import __main__ as command
from training import answers, card, export, publish, weights
from training.bases import BASES, from_base
from training.card import SOURCES
from training.config import read_config
from training.data import RENAMED

PHASES = [
    {
        "name": "first",
        "rate": 1e-3,
        "sources": {"relation/rte": 1, "relation/marginalia_renamed": 0.5, "bias/babe": 0.5},
    },
    {"name": "second", "rate": 1e-3, "steps": 3, "sources": {"stance/vast": 1}},
]
FILES = {
    "model.onnx", "tokenizer.json", "config.json", "training.json", "metrics.json",
    "MODEL_CARD.md", "SHA256SUMS",
}  # fmt: skip


def config_file(folder, **changes):
    path = folder / "config.yaml"
    fields = {"name": "tiny", "base": "minilm", "training_length": 32, "phases": PHASES}
    path.write_text(yaml.safe_dump(fields | changes))
    return path


@pytest.fixture
def run(bases, corpora, marginalia, articles, tmp_path):
    """Run the command in a folder; returns its exit code."""

    def command_line(config, *more, base="minilm", out="out"):
        args = ["--corpora", corpora, "--marginalia", marginalia, "--articles", articles]
        args += ["--base", bases[base], "--out", tmp_path / out, *more]
        return command.main(list(map(str, [config, *args])))

    return command_line


@pytest.fixture
def short_audit(monkeypatch):
    """One sentence in twenty of the swap audit."""
    every = swap_audit.comparisons()
    monkeypatch.setattr(swap_audit, "comparisons", lambda: every[::20])


@pytest.mark.parametrize("base", ["minilm", "mpnet"])
def test_one_command_trains_exports_measures_and_describes(
    run, tmp_path, monkeypatch, short_audit, articles, base
):
    files = FILES
    if base == "mpnet":
        monkeypatch.setattr(export, "LARGEST", 1)
        monkeypatch.setattr(export, "PART", 60_000)
        files = FILES - {"model.onnx"} | {"model.onnx.0", "model.onnx.1"}
    larger = {}
    if base == "mpnet":
        second = PHASES[1] | {"falling": 0.5}
        larger = {"frozen_layers": 1, "explained_texts": 50, "adapter_rank": 2, "head_rate": 1}
        larger["phases"] = [PHASES[0], second]
    assert run(config_file(tmp_path, base=base, **larger), "--compared", "9", base=base) == 0
    out = tmp_path / "out"
    assert files <= {path.name for path in out.iterdir()}
    assert (out / "model.onnx").is_file() == (base == "minilm")
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=out, check=True)
    scorer = EmbeddedScorer(out)
    assert scorer.info.calibrated == frozenset(Task)
    assert all(0 < scorer.info.threshold(task) < 1 for task in Task)
    assert scorer.predict(Task.STANCE, [("The mayor is new.", "mayor")]).shape == (1, 3)
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["audit"]["version"] == scorer.info.version
    assert metrics["sets"]["relation/replies"]["by_source"].keys() == {"4forums", "blog"}
    assert metrics["sets"]["relation/dev-relations"]["int8"]["n"] == 6
    assert "half_a" not in metrics["sets"]["relation/dev-relations"]
    pairs, gold = evaluate.read_gold(articles / "dev-relations.jsonl", Task.RELATION)
    own = evaluate.metrics(
        Task.RELATION,
        gold,
        scorer.predict(Task.RELATION, pairs),
        threshold=scorer.info.threshold(Task.RELATION),
    )
    for name in ("accuracy", "coverage", "ece"):
        assert metrics["sets"]["relation/dev-relations"]["int8"][name] == pytest.approx(
            own[name], abs=1e-4
        )
    compared = metrics["sets"]["stance/vast"]["half_a"]
    assert {form: of["n"] for form, of in compared.items()} == {"int8": 9, "float32": 9}
    assert metrics["divergence"].keys() == {"this model", "lexicon", "majority", "tf-idf"}
    assert metrics["divergence"]["tf-idf"]["n"] == metrics["divergence"]["this model"]["n"] > 0
    card_text = (out / "MODEL_CARD.md").read_text()
    assert scorer.info.explained_texts == (50 if larger else 600)
    assert ("lowest 1 layers stay" in card_text) == bool(larger)
    assert ("adapters of rank 2" in card_text) == bool(larger)
    assert ("times as high for the heads" in card_text) != bool(larger)
    assert ("in phase `second` over the last 50% of the steps" in card_text) == bool(larger)
    assert "{" not in card_text
    assert BASES[base].sha256 in card_text
    assert "large language model" in card_text
    assert (tmp_path / "out-work/first.f16.json").is_file()


@pytest.fixture
def published(monkeypatch):
    """What is handed over to be exported and measured, which is not done."""
    calls = []
    monkeypatch.setattr(publish, "publish", lambda *args: calls.append(args))
    return calls


def test_given_weights_are_published_untrained_and_named(run, tmp_path, published, bases):
    config = config_file(tmp_path)
    begun = tmp_path / "w/begun.f16"
    weights.save(from_base(bases["minilm"], BASES["minilm"]), begun)
    assert run(config, "--steps", "0", "--init", begun) == 0
    assert not (tmp_path / "out-work").exists()
    ((model, made, _, own, _, _),) = published
    assert made.record["init"] == {"file": "begun.f16", "sha256": weights.sha256(begun)}
    assert weights.sha256(begun) in card.made(made.record)
    assert "`--steps 0`" in card.made(made.record)
    assert len(own) == 6
    again = tmp_path / "again"
    weights.save(model, again)
    assert weights.sha256(again) == weights.sha256(begun)


def test_the_small_model_learns_from_the_larger_ones_answers(run, tmp_path, published):
    unlabeled = "relation/replies_unlabelled"
    larger = config_file(tmp_path, base="mpnet", answered=[unlabeled])
    assert run(larger, "--rows", "6", base="mpnet") == 0
    path = tmp_path / "out-work/answers.npz"
    assert len(answers.read(path)) > 12
    smaller = config_file(tmp_path, taught={unlabeled: 1.0})
    assert run(smaller, "--answers", path, "--phase", "second", out="small") == 0
    assert not (tmp_path / "small-work/first.f16.json").exists()
    assert (tmp_path / "small-work/second.f16.json").is_file()
    assert published[1][1].record["rows"] == {unlabeled: 5, "stance/vast": 24}


def test_another_models_figures_stand_beside_its_own():
    small = card.read_beside(MODELS / "counterpoint-small")
    assert small.name == "counterpoint-small"
    name, theirs = "relation/replies", small.macro_f1["relation/replies"]
    sets = {of: {"int8": {"macro_f1": theirs - 0.1}} for of in (name, "relation/none")}
    lines = card.gap_table(sets, small).splitlines()
    assert [line for line in lines if "relation/" in line] == [
        f"| {name} | {theirs - 0.1:.3f} | {theirs:.3f} | −0.100 |"
    ]
    assert card.gap_table(sets, None) == ""


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({"epoch": 3}, [], "cannot be read as a configuration"),
        ({}, ["--phase", "third"], "--phase third: no such phase; expected first, second"),
        ({}, ["--init", "no.f16"], "no.f16: cannot be read as weights"),
        ({}, ["--answers", "no.npz"], "no.npz: cannot be read"),
        ({}, ["--beside", "no-model"], "no-model: no such model folder"),
        ({"base": "mpnet"}, [], "SHA-256 is"),
        ({"frozen_layers": 2}, [], "frozen_layers: found 2; expected fewer than the 2 layers"),
    ],
)
def test_unusable_input_is_one_clear_line(run, tmp_path, capsys, changes, options, message):
    assert run(config_file(tmp_path, **changes), *options) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("name", ["small", "base", "base-gpu"])
def test_every_source_of_a_configuration_has_a_license_entry(name):
    config = read_config(Path(command.__file__).with_name(f"{name}.yaml"))
    known = yaml.safe_load(SOURCES.read_text())
    sources = {source.removesuffix(RENAMED) for source in config.sources()}
    assert sources <= set(known)
    assert {entry["terms"] for entry in known.values()} <= {
        "open", "unstated", "share-alike", "non-commercial"
    }  # fmt: skip
