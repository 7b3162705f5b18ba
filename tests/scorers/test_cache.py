import logging
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from analysis.scorers.cache import MemoryCache, ScoreCache, key_of
from analysis.scorers.embedded import EmbeddedScorer
from analysis.types import Task
from tests.tiny_model import tiny_onnx, write_folder

ROWS = [(f"nato said {i}", "no it lied") for i in range(40)]


def predict(folder, cache, rows=ROWS, task=Task.RELATION):
    scorer = EmbeddedScorer(folder, cache=cache)
    return scorer.predict(task, rows), scorer.counts


@pytest.fixture
def cache(tmp_path):
    cache = ScoreCache(tmp_path / "cache")
    yield cache
    cache.close()


def test_keys_tell_texts_and_their_borders_apart():
    keys = [("ab", "c"), ("a", "bc"), ("abc",), ("c", "ab"), ("ab", "c", ""), ("ab", "c\ud800")]
    assert len({key_of(*parts) for parts in keys}) == len(keys)
    assert key_of("a", "b") == key_of("a", "b")


def test_a_second_run_finds_the_same_figures(tiny_folder, cache):
    first, counts = predict(tiny_folder, cache)
    assert counts == {"rows": 40, "distinct": 40, "cached": 0, "windows": 40}
    second, counts = predict(tiny_folder, ScoreCache(cache.folder))
    assert counts == {"rows": 40, "distinct": 40, "cached": 40}
    np.testing.assert_array_equal(first, second)


def test_only_new_rows_are_scored(tiny_folder, cache):
    predict(tiny_folder, cache, ROWS[:10])
    mixed, counts = predict(tiny_folder, cache, ROWS[5:20])
    assert (counts["cached"], counts["windows"]) == (5, 10)
    alone, _ = predict(tiny_folder, ScoreCache(None), ROWS[5:20])
    np.testing.assert_array_equal(mixed, alone)


def test_other_weights_and_other_tasks_are_other_figures(tiny_folder, tmp_path, cache):
    predict(tiny_folder, cache)
    _, counts = predict(write_folder(tmp_path / "m", model=tiny_onnx(seed=1)), cache)
    assert counts["cached"] == 0
    _, counts = predict(tiny_folder, cache, task=Task.STANCE)
    assert counts["cached"] == 0


def test_a_cached_run_needs_no_weights(own_folder, cache):
    """The sums alone tell the version, so that a warm run never opens the model."""
    first, _ = predict(own_folder, cache)
    scorer = EmbeddedScorer(own_folder, cache=cache)
    scorer.folder.session = scorer.folder.tokenizer = None  # would fail if asked
    np.testing.assert_array_equal(scorer.predict(Task.RELATION, ROWS), first)


@pytest.mark.parametrize("value", [b"", b"short", b"\0" * 24, np.full(3, np.nan).tobytes()])
def test_a_spoilt_value_is_scored_anew(tiny_folder, cache, value):
    right, _ = predict(tiny_folder, cache)
    store = cache._open()
    for key in list(store):
        store[key] = value
    found, counts = predict(tiny_folder, cache)
    np.testing.assert_array_equal(found, right)
    assert counts["cached"] == 0


def test_exchanged_and_flipped_values_are_scored_anew(tiny_folder, cache):
    right, _ = predict(tiny_folder, cache)
    store = cache._open()
    one, other, flipped, *rest = list(store)
    store[one], store[other] = store[other], store[one]
    store[flipped] = store[flipped][:-1] + bytes([store[flipped][-1] ^ 1])
    found, counts = predict(tiny_folder, cache)
    np.testing.assert_array_equal(found, right)
    assert counts["cached"] == len(rest)


def test_the_folder_is_the_users_alone(tiny_folder, tmp_path, caplog):
    new = tmp_path / "new"
    predict(tiny_folder, ScoreCache(new))
    assert new.stat().st_mode & 0o077 == 0
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    predict(tiny_folder, ScoreCache(shared))
    warned_once(caplog, "others may write to this folder")
    assert not list(shared.iterdir())


def test_nothing_planted_is_unpickled(tiny_folder, cache, tmp_path):
    right, _ = predict(tiny_folder, cache)

    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "sprung",)

    store = cache._open()
    with store._transact() as (sql, _):
        sql("UPDATE Cache SET mode = 4, value = ?", (pickle.dumps(Trap()),))
    found, _ = predict(tiny_folder, cache)
    np.testing.assert_array_equal(found, right)
    assert not (tmp_path / "sprung").exists()


def warned_once(caplog, says):
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert says in record.getMessage()
    assert "scoring without it" in record.getMessage()
    assert "\n" not in record.getMessage()


def test_a_folder_that_cannot_be_made(tiny_folder, tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    rows = [(f"nato said {i}", "no") for i in range(600)]  # two chunks, one warning
    found, counts = predict(tiny_folder, ScoreCache(tmp_path / "file" / "cache"), rows)
    assert found.shape == (600, 3)
    assert counts["cached"] == 0
    warned_once(caplog, str(tmp_path / "file" / "cache"))


def test_a_file_that_is_no_database(tiny_folder, tmp_path, caplog):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "cache.db").write_bytes(b"garbage" * 1000)
    found, _ = predict(tiny_folder, ScoreCache(tmp_path / "cache"))
    assert found.shape == (40, 3)
    warned_once(caplog, "not a database")


def test_a_store_that_fails_while_in_use(tiny_folder, cache, caplog, monkeypatch):
    predict(tiny_folder, cache, ROWS[:1])

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache._store, "set", full)
    found, _ = predict(tiny_folder, cache)
    assert found.shape == (40, 3)
    warned_once(caplog, "No space left")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(tiny_folder, tmp_path, caplog):
    (tmp_path / "locked").mkdir(mode=0o500)
    predict(tiny_folder, ScoreCache(tmp_path / "locked" / "cache"))
    warned_once(caplog, "ermission")


@pytest.mark.parametrize("word", ["off", "OFF", " off "])
def test_the_environment_turns_it_off(monkeypatch, word):
    monkeypatch.setenv("COUNTERPOINT_CACHE", word)
    assert ScoreCache.default().folder is None


def test_the_environment_names_the_folder(monkeypatch, tmp_path, tiny_folder):
    monkeypatch.setenv("COUNTERPOINT_CACHE", str(tmp_path / "here"))
    EmbeddedScorer(tiny_folder).predict(Task.RELATION, ROWS[:1])
    assert (tmp_path / "here" / "cache.db").is_file()
    monkeypatch.delenv("COUNTERPOINT_CACHE")
    assert ScoreCache.default().folder.parts[-2:] == ("counterpoint", "scores")


def test_the_environment_keeps_scores_in_memory_alone(monkeypatch, tmp_path, tiny_folder):
    monkeypatch.setenv("COUNTERPOINT_CACHE", " Memory ")
    monkeypatch.chdir(tmp_path)
    scorer = EmbeddedScorer(tiny_folder)
    first = scorer.predict(Task.RELATION, ROWS[:10])
    again = scorer.predict(Task.RELATION, ROWS[5:20])
    assert (scorer.counts["cached"], scorer.counts["windows"]) == (5, 20)
    np.testing.assert_array_equal(first[5:], again[:5])
    assert scorer.cache.folder is None
    assert not list(tmp_path.iterdir())
    assert ScoreCache.default().get_many([key_of("nato")]) == {}


def test_memory_holds_so_many_scores_and_the_oldest_go_first():
    cache = MemoryCache(most=3)
    cache.set_many({b"first": b"1", b"second": b"2"})
    cache.set_many({b"third": b"3", b"fourth": b"4"})
    kept = {b"second": b"2", b"third": b"3", b"fourth": b"4"}
    assert cache.get_many([b"first", *kept]) == kept
    cache.close()
    assert cache.get_many(kept) == {}


def test_nothing_is_made_before_it_is_used(tmp_path):
    ScoreCache(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_the_size_is_limited(tmp_path):
    cache = ScoreCache(tmp_path, size_limit=300_000)
    for start in range(0, 20_000, 1000):
        cache.set_many({key_of(str(i)): b"x" * 64 for i in range(start, start + 1000)})
    size = sum(path.stat().st_size for path in tmp_path.rglob("*.db"))
    assert size < 1_000_000
    assert len(cache._open()) < 10_000
    cache.close()


CHILD = """
import sys
import numpy as np
from pathlib import Path
from analysis.scorers.cache import ScoreCache
from analysis.scorers.embedded import EmbeddedScorer
from analysis.types import Task

folder, cache, out, start = sys.argv[1:]
rows = [(f"nato said {i}", "no it lied") for i in range(int(start), int(start) + 1500)]
print("ready", flush=True)
sys.stdin.readline()
scorer = EmbeddedScorer(Path(folder), cache=ScoreCache(Path(cache)))
np.save(out, scorer.predict(Task.RELATION, rows))
"""


def test_two_processes_fill_it_together(tiny_folder, tmp_path):
    """Half of the rows are the same; nothing is lost, nothing fails, nothing is said."""
    outs = [tmp_path / "a.npy", tmp_path / "b.npy"]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, tiny_folder, tmp_path / "cache", out, str(start)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for out, start in zip(outs, (0, 750), strict=True)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _, said = process.communicate(timeout=120)
        assert (process.returncode, said) == (0, "")
    a, b = map(np.load, outs)
    np.testing.assert_array_equal(a[750:], b[:750])
    rows = [(f"nato said {i}", "no it lied") for i in range(2250)]
    found, counts = predict(tiny_folder, ScoreCache(tmp_path / "cache"), rows)
    assert counts == {"rows": 2250, "distinct": 2250, "cached": 2250}
    np.testing.assert_array_equal(found, np.concatenate([a, b[750:]]))
