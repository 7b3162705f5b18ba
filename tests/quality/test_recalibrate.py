"""A new calibration is measured, better, exact, and written beside the old one."""

import json

import numpy as np
import pytest

from analysis.cli import main
from analysis.errors import InputError, ParameterError, ScorerError
from analysis.quality import recalibrate
from analysis.scorers import load
from analysis.scorers.cache import ScoreCache
from analysis.scorers.calibration import fit
from analysis.scorers.embedded import EmbeddedScorer
from analysis.types import Task

WORDS = "nato russia us said lied good bad war talks the a did not no yes right wrong it".split()


@pytest.fixture
def scorer(tiny_folder):
    return EmbeddedScorer(tiny_folder, cache=ScoreCache(None), threads=1)


@pytest.fixture
def labeled(scorer):
    """Return rows with labels drawn from flatter probabilities than the scorer gives."""
    rng = np.random.default_rng(0)
    rows = list(
        dict.fromkeys(tuple(" ".join(rng.choice(WORDS, 6)) for _ in "ab") for _ in range(400))
    )
    logits = np.log(scorer.predict(Task.RELATION, rows)) / 4 + np.array([0.5, 0, -0.5])
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    gold = [Task.RELATION.labels[rng.choice(3, p=row)] for row in p]
    return rows, gold


def test_an_overconfident_model_gets_a_higher_temperature(scorer, labeled):
    found = recalibrate.measure(scorer, Task.RELATION, *labeled)
    assert found.temperature > 2
    assert found.ece_after.value < found.ece_before.value / 2
    for ece in (found.ece_before, found.ece_after):
        assert 0 <= ece.low <= ece.value
    assert found.ece_before.value < found.ece_before.high
    assert found.helps
    assert found.n == len(set(labeled[0]))


def test_the_new_folder_gives_exactly_the_fitted_probabilities(scorer, labeled, tmp_path):
    found = recalibrate.measure(scorer, Task.RELATION, *labeled)
    out = recalibrate.write(scorer, found, tmp_path / "new" / "model")
    new = load(f"embedded:{out}")
    rows, gold = labeled
    p = new.predict(Task.RELATION, rows)
    truth = [Task.RELATION.labels.index(label) for label in gold]
    loss = -np.log(p[np.arange(len(truth)), truth]).mean()
    assert loss == pytest.approx(found.loss_after, abs=0.03)  # there, each row is left out
    assert loss < found.loss_before
    assert np.array_equal(
        new.predict(Task.BIAS, [("it lied",)]), scorer.predict(Task.BIAS, [("it lied",)])
    )
    assert new.info.name == f"embedded:{out}"
    assert new.info.version != scorer.info.version
    assert new.info.threshold(Task.RELATION) == scorer.info.threshold(Task.RELATION)


def test_two_calibrations_in_turn_are_one(scorer, labeled):
    found = recalibrate.measure(scorer, Task.RELATION, *labeled)
    rows, gold = labeled
    logs = np.log(np.clip(scorer.predict(Task.RELATION, rows), recalibrate.MIN_PROBABILITY, None))
    truth = np.array([Task.RELATION.labels.index(label) for label in gold])
    twice = fit(logs, truth, np.ones(len(truth))).probabilities(logs)
    head = scorer.folder.config.heads[Task.RELATION]
    z = scorer._logits(Task.RELATION, head, rows)[:, head.columns] / found.temperature
    z = z + np.array(found.bias)[list(head.columns)]
    once = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    assert np.allclose(once, twice, atol=2e-4)


def test_a_well_calibrated_model_shows_no_gain(scorer, labeled):
    rng = np.random.default_rng(1)
    p = scorer.predict(Task.RELATION, labeled[0])
    gold = [Task.RELATION.labels[rng.choice(3, p=row / row.sum())] for row in p]
    assert not recalibrate.measure(scorer, Task.RELATION, labeled[0], gold).helps


def test_too_few_labels_are_refused_with_a_count(scorer, labeled):
    rows, gold = labeled
    with pytest.raises(InputError, match=r"found 99 distinct labeled rows \(.*at least 100"):
        recalibrate.measure(scorer, Task.RELATION, rows[:99], gold[:99])
    same = rows[:50] * 3
    with pytest.raises(InputError, match="found 50 distinct"):
        recalibrate.measure(scorer, Task.RELATION, same, gold[:50] * 3)
    with pytest.raises(InputError, match="10 of each label"):
        recalibrate.measure(scorer, Task.RELATION, rows, ["agree"] * len(rows))


def test_nothing_is_written_over(scorer, labeled, tmp_path):
    found = recalibrate.measure(scorer, Task.RELATION, *labeled)
    (tmp_path / "there").mkdir()
    with pytest.raises(ParameterError, match="already exists"):
        recalibrate.write(scorer, found, tmp_path / "there")
    before = {p.name: p.read_bytes() for p in scorer.folder.path.iterdir()}
    recalibrate.write(scorer, found, tmp_path / "new")
    assert {p.name: p.read_bytes() for p in scorer.folder.path.iterdir()} == before
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".making")) == []


def test_the_command_shows_before_and_after(scorer, labeled, tmp_path, capsys):
    path = tmp_path / "gold.jsonl"
    rows = [
        {"passage": a, "comment": b, "label": label} for (a, b), label in zip(*labeled, strict=True)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    out = tmp_path / "new"
    named = f"embedded:{scorer.folder.path}"
    words = ["recalibrate", "relation", str(path), "--out", str(out), "--scorer", named]
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert not stop.value.code
    said = capsys.readouterr().out
    assert "calibration error before: 0." in said
    assert "it is better" in said
    metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["recalibrated"][0]["from"] == scorer.info.version
    assert not [name for name in metrics["sets"] if name.startswith("relation")]
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2
    assert "already exists" in capsys.readouterr().err


def test_only_a_folder_can_be_recalibrated(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        main(
            [
                "recalibrate",
                "relation",
                "x.jsonl",
                "--out",
                str(tmp_path / "o"),
                "--scorer",
                "lexicon",
            ]
        )
    assert stop.value.code == 2
    assert "expected embedded" in capsys.readouterr().err


def test_a_folder_that_is_none_is_said():
    with pytest.raises(ScorerError, match="no such model folder"):
        load("embedded:/nowhere/model").info  # noqa: B018
