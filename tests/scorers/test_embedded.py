import json
import logging

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import ScorerError
from analysis.readers.plain_text import parse_plain_text
from analysis.scorers import Scorer, embedded, onnx_folder
from analysis.scorers.cache import ScoreCache
from analysis.scorers.embedded import EmbeddedScorer
from analysis.scoring.requests import requests_for
from analysis.scoring.score_frames import score_requests
from analysis.types import Task
from tests.tiny_model import WORDS, sign, tiny_config, tiny_onnx, write_folder

ROWS = {
    Task.RELATION: [("nato said it", "no it lied"), ("the talks", "yes right"), ("", "wrong")],
    Task.STANCE: [("nato lied", "nato"), ("the good us", "us"), ("russia said", "russia")],
    Task.BIAS: [("the bad war",), ("the talks",), ("it did",)],
}


def scorer_of(folder, **options):
    return EmbeddedScorer(folder, cache=ScoreCache(None), **options)


@pytest.fixture(scope="module")
def scorer(tiny_folder):
    return scorer_of(tiny_folder)


def expected(folder, task, row):
    """The same figures by the shortest way: one row, numpy, no windows."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(folder / "model.onnx"))
    tokenizer = onnx_folder.ModelFolder(folder).tokenizer
    told = tiny_config()["tasks"][task]
    ids, segments = [tokenizer.token_to_id("[CLS]")], [0]
    for number, field in enumerate(filter(None, (told["first"], told["second"]))):
        part = tokenizer.encode(row[task.fields.index(field)], add_special_tokens=False).ids
        ids += [*part, tokenizer.token_to_id("[SEP]")]
        segments += [number] * (len(part) + 1)
    feed = {"input_ids": [ids], "attention_mask": [[1] * len(ids)], "token_type_ids": [segments]}
    (logits,) = session.run([task.value], {k: np.array(v) for k, v in feed.items()})[0]
    exp = np.exp(logits / told["temperature"] + told["bias"])
    return exp / exp.sum()


@pytest.mark.parametrize("task", Task)
def test_probabilities_are_the_models_calibrated(scorer, tiny_folder, task):
    found = scorer.predict(task, ROWS[task])
    assert found.shape == (3, len(task.labels))
    assert found.dtype == np.float64
    for row, line in zip(ROWS[task], found, strict=True):
        np.testing.assert_allclose(line, expected(tiny_folder, task, row), rtol=1e-5)


def test_info_says_what_it_is(scorer):
    assert isinstance(scorer, Scorer)
    assert scorer.info.name == "embedded"
    assert len(scorer.info.version) == 12
    assert scorer.info.calibrated == set(Task)
    assert scorer.info.thresholds[Task.STANCE] == 0.5
    assert scorer.info.metrics == {"stance": {"macro_f1": 0.5}}


def test_labels_in_another_order_are_put_in_ours(tiny_folder, tmp_path):
    config = tiny_config()
    config["tasks"]["bias"] |= {"labels": ["unbiased", "biased"], "bias": [-0.25, 0.25]}
    other = scorer_of(write_folder(tmp_path / "m", config=config))
    one = scorer_of(tiny_folder).predict(Task.BIAS, ROWS[Task.BIAS])
    two = other.predict(Task.BIAS, ROWS[Task.BIAS])
    raw_one, raw_two = (np.log(p[:, 0] / p[:, 1]) - 0.5 for p in (one, two))
    np.testing.assert_allclose(raw_one, -raw_two, rtol=1e-6)


def test_order_is_kept_and_a_repeated_row_is_scored_once(tiny_folder):
    scorer = scorer_of(tiny_folder)
    rows = ROWS[Task.STANCE]
    found = scorer.predict(Task.STANCE, [rows[1], rows[0], rows[1], rows[2], rows[0]])
    assert scorer.counts == {"rows": 5, "distinct": 3, "cached": 0, "windows": 3}
    np.testing.assert_array_equal(found, scorer.predict(Task.STANCE, rows)[[1, 0, 1, 2, 0]])


TEXT = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)


@settings(max_examples=30)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=12), st.randoms())
def test_scores_of_a_row_do_not_depend_on_other_rows(tiny_folder, rows, random):
    scorer = scorer_of(tiny_folder, threads=2)
    together = scorer.predict(Task.RELATION, rows)
    alone = np.concatenate([scorer.predict(Task.RELATION, [row]) for row in rows])
    np.testing.assert_array_equal(together, alone)
    order = random.sample(range(len(rows)), len(rows))
    np.testing.assert_array_equal(
        scorer.predict(Task.RELATION, [rows[i] for i in order]), together[order]
    )
    np.testing.assert_allclose(together.sum(axis=1), 1)


def test_work_of_many_articles_runs_longest_first_and_each_scores_as_if_alone(
    tiny_folder, monkeypatch
):
    runs, real = [], embedded.map_longest_first

    def map_longest_first(run, lengths, workers):
        order = []
        found = real(lambda n: order.append(lengths[n]) or run(n), lengths, workers)
        runs.append(order)
        return found

    monkeypatch.setattr(embedded, "map_longest_first", map_longest_first)
    scorer = scorer_of(tiny_folder, threads=1)
    texts = ["The good talks went on.", "War." + " The bad war went on." * 9, "Nato lied to us."]
    requests = [
        requests_for(
            parse_plain_text(f"{text}\n\nComment: No, Nato did {n}.\n", article_id=f"a{n}"),
            ["Nato"],
        )
        for n, text in enumerate(texts)
    ]
    together = score_requests(requests, scorer)
    assert len(runs) == len(Task), "one call a task for all articles"
    assert all(order == sorted(order, reverse=True) for order in runs)
    assert len({*runs[0]}) > 1
    alone = [score_requests([one], scorer) for one in requests]
    for name, frame in together.items():
        expected = pd.concat([frames[name] for frames in alone], ignore_index=True)
        pd.testing.assert_frame_equal(frame, expected, check_exact=True)


def test_no_rows_give_an_empty_array(scorer):
    assert scorer.predict(Task.STANCE, []).shape == (0, 3)


@pytest.mark.parametrize(
    ("task", "row", "label"),
    [
        (Task.RELATION, ("nato said", " \n"), "neutral"),
        (Task.RELATION, ("", ""), "neutral"),
        (Task.STANCE, ("", "nato"), "none"),
        (Task.STANCE, ("nato lied", ""), "none"),
        (Task.BIAS, ("",), "unbiased"),
    ],
)
def test_an_empty_text_has_a_certain_label(scorer, task, row, label):
    (line,) = scorer.predict(task, [row])
    assert line.tolist() == [float(name == label) for name in task.labels]


def test_a_comment_on_an_empty_passage_is_scored(scorer):
    (line,) = scorer.predict(Task.RELATION, [("", "no it lied")])
    assert line.min() > 0
    assert line.max() < 1


def test_a_long_texts_windows_are_averaged(scorer, tiny_folder):
    """Two windows of a sentence that repeats itself say what each of them says."""
    words = ["bad", "war", "the"] * 10
    (line,) = scorer.predict(Task.BIAS, [(" ".join([*words, *words[:15]]),)])
    assert np.allclose(line, expected(tiny_folder, Task.BIAS, (" ".join(words),)), atol=1e-5)


def test_a_text_of_100_000_words_is_read_in_few_windows(tiny_folder):
    scorer = scorer_of(tiny_folder)
    long = " ".join(WORDS * 6000)
    assert len(long.split()) > 100_000
    for task, row in [
        (Task.RELATION, (long, "no it lied")),
        (Task.RELATION, (long, long)),
        (Task.STANCE, (long, "nato")),
        (Task.BIAS, (long,)),
    ]:
        scorer.counts.clear()
        (line,) = scorer.predict(task, [row])
        assert np.isclose(line.sum(), 1)
        assert 2 <= scorer.counts["windows"] <= 32


def test_the_part_on_the_target_decides_for_a_long_text(scorer):
    filler = "the talks did not " * 500
    (found,) = scorer.predict(Task.STANCE, [(f"{filler} nato nato nato lied {filler}", "nato")])
    (other,) = scorer.predict(Task.STANCE, [(filler, "nato")])
    assert abs(found - other).max() > 0.01


def test_10_000_pairs_at_once(tiny_folder):
    scorer = scorer_of(tiny_folder)
    rows = [(" ".join(str(i)), "no it lied") for i in range(10_000)]
    found = scorer.predict(Task.RELATION, rows)
    assert found.shape == (10_000, 3)
    assert scorer.counts["windows"] == 10_000
    for i in (0, 511, 512, 9_999):
        np.testing.assert_array_equal(found[i], scorer.predict(Task.RELATION, [rows[i]])[0])


@pytest.mark.parametrize("text", ["\ud800 nato", "\0", "\u200b", "🙂" * 50, "a\u0301" * 200])
def test_odd_characters_do_no_harm(scorer, text):
    assert np.isclose(scorer.predict(Task.BIAS, [(text,)]).sum(), 1)


@pytest.mark.parametrize("row", [("one",), ("one", "two", "three"), ("one", None)])
def test_a_row_of_the_wrong_shape_is_named(scorer, row):
    with pytest.raises(ScorerError, match="expected passage, comment"):
        scorer.predict(Task.RELATION, [row])


@pytest.mark.parametrize(("told", "threads"), [("3", 3), ("0", None), ("", None), ("x", None)])
def test_the_environment_says_how_many_cores(tiny_folder, monkeypatch, told, threads):
    monkeypatch.setenv("COUNTERPOINT_THREADS", told)
    found = scorer_of(tiny_folder).threads
    assert found == threads if threads else found >= 1
    assert scorer_of(tiny_folder, threads=2).threads == 2


# The folder's faults: one line that says where, what was found and what to do.


def fails(folder):
    with pytest.raises(ScorerError) as caught:
        scorer_of(folder).predict(Task.BIAS, [("the war",)])
    said = str(caught.value)
    assert str(folder) in said
    assert "\n" not in said
    assert len(said) < 500
    return said


def test_missing_folder(tmp_path):
    assert "no such model folder" in fails(tmp_path / "none")
    with pytest.raises(ScorerError, match="no such model folder"):
        _ = scorer_of(tmp_path / "none").info


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "config.json", "SHA256SUMS"])
def test_missing_file(own_folder, name):
    (own_folder / name).unlink()
    said = fails(own_folder)
    assert f"{name} is missing" in said
    assert "get the folder again" in said


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "config.json"])
def test_truncated_file(own_folder, name):
    data = (own_folder / name).read_bytes()
    (own_folder / name).write_bytes(data[: len(data) // 2])
    said = fails(own_folder)
    assert name in said
    assert "found SHA-256" in said
    assert f"({len(data) // 2} bytes)" in said


def test_weights_of_another_model(own_folder):
    (own_folder / "model.onnx").write_bytes(tiny_onnx(seed=1))
    assert "another model's file" in fails(own_folder)


def test_a_file_that_the_sums_do_not_list(own_folder):
    sums = (own_folder / "SHA256SUMS").read_text().splitlines()
    (own_folder / "SHA256SUMS").write_text("\n".join(s for s in sums if "model.onnx" not in s))
    assert "no line for model.onnx" in fails(own_folder)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("model.onnx", b"not a model", "model.onnx"),
        ("tokenizer.json", b"{}", "tokenizer.json"),
        ("config.json", b"[]", "no JSON object"),
        ("config.json", b"{", "not JSON"),
        ("config.json", b'{"format": 9}', "found format 9; expected 1"),
        ("config.json", b'{"format": 1}', "KeyError: 'name'"),
    ],
)
def test_signed_but_unusable_file(own_folder, name, data, says):
    (own_folder / name).write_bytes(data)
    sign(own_folder)
    assert says in fails(own_folder)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("labels", ["yes", "no"], "expected ['biased', 'unbiased']"),
        ("first", "target", "expected ['biased', 'unbiased'], ['text']"),
        ("temperature", 0, "temperature 0"),
        ("bias", [1, 2, 3], "bias [1.0, 2.0, 3.0]"),
    ],
)
def test_configuration_that_does_not_fit(tmp_path, key, value, says):
    config = tiny_config()
    config["tasks"]["bias"][key] = value
    assert says in fails(write_folder(tmp_path / "m", config=config))


def test_a_task_without_a_head(tmp_path):
    config = tiny_config()
    del config["tasks"]["bias"]
    assert "cannot answer bias; it answers relation, stance" in fails(
        write_folder(tmp_path / "m", config=config)
    )


def test_uncalibrated_task_is_not_called_calibrated(tmp_path):
    config = tiny_config()
    del config["tasks"]["stance"]["temperature"]
    info = scorer_of(write_folder(tmp_path / "m", config=config)).info
    assert info.calibrated == {Task.RELATION, Task.BIAS}


def test_version_changes_with_weights_and_configuration(tiny_folder, tmp_path):
    config = json.loads(json.dumps(tiny_config()) + "\n")
    config["tasks"]["bias"]["temperature"] = 2.0
    folders = [
        tiny_folder,
        write_folder(tmp_path / "w", model=tiny_onnx(seed=1)),
        write_folder(tmp_path / "c", config=config),
    ]
    assert len({scorer_of(folder).info.version for folder in folders}) == 3


def test_scoring_is_silent(tiny_folder, caplog, capsys):
    with caplog.at_level(logging.DEBUG, logger="analysis"):
        scorer_of(tiny_folder).predict(Task.BIAS, [("the war",)])
    assert not caplog.records
    assert capsys.readouterr() == ("", "")
