import json

import pytest

from analysis import cli
from analysis.scorers import embedded, load, smaller
from analysis.scorers.smaller import seconds_a_row, smaller_model_note
from tests.tiny_model import sign, tiny_config, tiny_onnx, write_folder


def metrics(relation, stance):
    sets = {"relation/replies": relation, "stance/vast": stance}
    return {"sets": {name: {"int8": {"macro_f1": figure}} for name, figure in sets.items()}}


@pytest.fixture
def both(tmp_path, monkeypatch):
    """Two tiny models in place of the shipped ones."""
    folders = tmp_path / "counterpoint-base", tmp_path / "counterpoint-small"
    for folder, seed, measured in zip(
        folders, (1, 0), (metrics(0.62, 0.77), metrics(0.55, 0.69)), strict=True
    ):
        config = tiny_config() | {"name": folder.name}
        write_folder(folder, model=tiny_onnx(seed=seed), config=config)
        (folder / "metrics.json").write_text(json.dumps(measured))
        sign(folder)
    monkeypatch.setattr(embedded, "BASE", folders[0])
    monkeypatch.setattr(embedded, "SMALL", folders[1])
    load.cache_clear()
    yield folders
    load.cache_clear()


@pytest.fixture
def slow(monkeypatch):
    times = {"embedded": 0.05, "embedded-small": 0.01}
    monkeypatch.setattr(smaller, "seconds_a_row", times.__getitem__)
    monkeypatch.setattr(smaller, "FASTEST", 0.05)
    monkeypatch.setenv("COUNTERPOINT_THREADS", "2")


def test_a_long_run_says_how_much_faster_and_worse_the_small_model_is(both, slow):
    assert smaller_model_note("embedded", 1_200) == (
        "scoring about 1,200 articles with embedded takes about 20 minutes here; embedded-small is "
        "5.0 times as fast, with a macro-F1 of relation 0.55 in place of 0.62, stance 0.69 in "
        "place of 0.77; name it as the scorer if that is enough"
    )
    assert "about 10 minutes" in smaller_model_note("embedded", 1_200, workers=4)


def test_nothing_is_said_of_a_short_run_or_another_scorer(both, slow):
    assert smaller_model_note("embedded", 500) == ""
    assert smaller_model_note("embedded-small", 10**6) == ""
    assert smaller_model_note("lexicon", 10**6) == ""


def test_no_model_is_timed_where_few_articles_are_scored(both, monkeypatch):
    monkeypatch.setattr(smaller, "seconds_a_row", lambda name: pytest.fail("timed"))
    assert [smaller_model_note("embedded", articles) for articles in (0, 1, 1000)] == [""] * 3


def test_a_report_has_more_rows_than_its_frames(both, slow):
    assert smaller_model_note("embedded", 500) == ""
    assert "about 500 articles" in smaller_model_note("embedded", 500, explained=True)


def test_nothing_is_said_without_a_larger_model(both, slow, monkeypatch):
    monkeypatch.setattr(embedded, "BASE", both[0] / "missing")
    assert smaller_model_note("embedded", 10**6) == ""


def test_both_models_are_timed(both):
    assert 0 < seconds_a_row("embedded-small") < 60
    line = smaller_model_note("embedded", 10**12)
    assert "times as fast" in line
    assert "macro-F1" in line


def test_the_commands_say_it_before_they_start(both, slow, tmp_path, monkeypatch, capsys):
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"text": "It rained. " * 200_000}))
    monkeypatch.setattr("analysis.scale.corpus.score_corpus", lambda *a, **k: pytest.fail("stop"))
    with pytest.raises(pytest.fail.Exception, match="stop"):
        cli.main(["score-corpus", str(rows), "--out", str(tmp_path / "out")])
    line = capsys.readouterr().err
    assert line.startswith(
        "counterpoint: scoring about 1,692 articles with embedded takes about 28"
    )
