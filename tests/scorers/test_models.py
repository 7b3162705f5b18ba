"""Which model `embedded` is, weights in parts, and what both share."""

import json

import numpy as np
import pytest

from analysis.cli import main
from analysis.errors import ScorerError
from analysis.params import report_params
from analysis.quality import recalibrate
from analysis.report import sections
from analysis.report.views import as_object
from analysis.scorers import embedded as module
from analysis.scorers import load
from analysis.scorers.cache import ScoreCache
from analysis.scorers.embedded import EmbeddedScorer
from analysis.scoring.pipeline import score
from analysis.types import Task
from tests.tiny_model import WORDS, sign, tiny_config, tiny_onnx, write_folder

ROWS = [("nato said it", "no it lied"), ("the talks", "yes right")]


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The small model only, in place of the shipped ones."""
    base, small = tmp_path / "counterpoint-base", tmp_path / "counterpoint-small"
    write_folder(small, config=tiny_config() | {"name": "counterpoint-small"})
    monkeypatch.setattr(module, "BASE", base)
    monkeypatch.setattr(module, "SMALL", small)
    return base, small


def scorer(name, **options):
    return EmbeddedScorer(name=name, cache=ScoreCache(None), **options)


def test_without_the_base_model_the_small_one_scores_and_says_so(installed):
    info = scorer("embedded").info
    assert (info.name, info.model) == ("embedded", "counterpoint-small")
    assert info.fallback == "counterpoint-base is not installed; counterpoint-small is used instead"
    assert scorer("embedded-small").info.fallback == ""


def test_with_the_base_model_each_name_has_its_own(installed):
    base, _ = installed
    config = tiny_config() | {"name": "counterpoint-base"}
    write_folder(base, model=tiny_onnx(seed=1), config=config)
    large, small = scorer("embedded").info, scorer("embedded-small").info
    assert (large.model, large.fallback) == ("counterpoint-base", "")
    assert (small.model, small.name) == ("counterpoint-small", "embedded-small")
    assert large.version != small.version


def test_an_incomplete_base_model_is_an_error(installed):
    base, _ = installed
    base.mkdir()
    with pytest.raises(ScorerError, match="counterpoint-base: SHA256SUMS is missing"):
        _ = scorer("embedded").info
    write_folder(base)
    (base / "model.onnx").unlink()
    with pytest.raises(ScorerError, match=r"counterpoint-base: model\.onnx is missing"):
        _ = scorer("embedded").info
    assert scorer("embedded-small").info.model == "counterpoint-small"


def test_names_of_one_folder_share_cached_scores(installed, tmp_path):
    cache = ScoreCache(tmp_path / "scores")
    first = EmbeddedScorer(name="embedded", cache=cache)
    second = EmbeddedScorer(name="embedded-small", cache=cache)
    assert first.info.version == second.info.version
    expected = first.predict(Task.RELATION, ROWS)
    assert (second.predict(Task.RELATION, ROWS) == expected).all()
    assert second.counts == {"rows": 2, "distinct": 2, "cached": 2}


@pytest.fixture
def loaded_anew():
    load.cache_clear()
    yield
    load.cache_clear()


def evaluate(capsys, rows, *more):
    with pytest.raises(SystemExit) as stop:
        main(["evaluate", "relation", str(rows), "--json", *more])
    return stop.value.code or 0, *capsys.readouterr()


def test_evaluate_gives_the_model(installed, loaded_anew, tmp_path, capsys):
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"passage": "nato said it", "comment": "it lied", "label": "disagree"}')
    code, out, err = evaluate(capsys, rows)
    assert (code, json.loads(out)["model"], err) == (0, "counterpoint-small", "")
    code, out, err = evaluate(capsys, rows, "--scorer", "embedded-small")
    assert (code, json.loads(out)["model"], err) == (0, "counterpoint-small", "")
    installed[0].mkdir()
    load.cache_clear()
    code, out, err = evaluate(capsys, rows)
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_score_and_report_give_the_model_and_the_fallback(installed, own):
    result = score(own("comment_quotes_article"), scorer=scorer("embedded"))
    found = as_object(result)
    assert found["model"] == found["scorer"]["model"] == "counterpoint-small"
    params = report_params(article="a.txt")
    page = str(sections.provenance(result, params))
    assert "counterpoint-base is not installed; counterpoint-small is used" in page


# Weights in byte parts.


@pytest.fixture
def parts(own_folder):
    """The weights of a folder in three parts."""
    data = (own_folder / "model.onnx").read_bytes()
    (own_folder / "model.onnx").unlink()
    third = len(data) // 3
    for number, start in enumerate((0, third, 2 * third)):
        end = len(data) if number == 2 else start + third
        (own_folder / f"model.onnx.{number}").write_bytes(data[start:end])
    sign(own_folder)
    return own_folder


def test_parts_are_joined(parts, tiny_folder):
    whole = EmbeddedScorer(tiny_folder, cache=ScoreCache(None))
    joined = EmbeddedScorer(parts, cache=ScoreCache(None))
    expected = whole.predict(Task.RELATION, ROWS)
    assert (joined.predict(Task.RELATION, ROWS) == expected).all()


def test_a_folder_in_parts_can_be_recalibrated(parts, tmp_path):
    rng = np.random.default_rng(0)
    rows = [(" ".join(rng.choice(WORDS, 6)), " ".join(rng.choice(WORDS, 6))) for _ in range(150)]
    gold = rng.choice(Task.RELATION.labels, size=150).tolist()
    old = EmbeddedScorer(parts, cache=ScoreCache(None))
    out = recalibrate.write(
        old, recalibrate.measure(old, Task.RELATION, rows, gold), tmp_path / "new"
    )
    new = EmbeddedScorer(out, cache=ScoreCache(None))
    assert new.folder.files[:3] == ("model.onnx.0", "model.onnx.1", "model.onnx.2")
    bias = [("the bad war",)]
    assert (new.predict(Task.BIAS, bias) == old.predict(Task.BIAS, bias)).all()


def refusal(folder):
    with pytest.raises(ScorerError) as caught:
        EmbeddedScorer(folder, cache=ScoreCache(None)).predict(Task.RELATION, ROWS)
    message = str(caught.value)
    assert str(folder) in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_missing_part_is_named(parts, number):
    (parts / f"model.onnx.{number}").unlink()
    assert f"model.onnx.{number} is missing" in refusal(parts)


def test_a_part_that_is_neither_there_nor_listed_in_the_middle_is_named(parts):
    (parts / "model.onnx.1").unlink()
    sign(parts)
    assert "model.onnx.1 is missing" in refusal(parts)


@pytest.mark.parametrize("name", ["model.onnx.3", "model.onnx"])
def test_an_extra_part_is_named(parts, name):
    (parts / name).write_bytes(b"more")
    assert f"SHA256SUMS: found no line for {name}" in refusal(parts)


def test_a_changed_part_is_named(parts):
    path = parts / "model.onnx.1"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert "model.onnx.1: found SHA-256" in refusal(parts)


def test_the_version_changes_with_any_part(parts):
    before = EmbeddedScorer(parts).info.version
    path = parts / "model.onnx.2"
    path.write_bytes(path.read_bytes() + b"!")
    sign(parts)
    assert EmbeddedScorer(parts).info.version != before
