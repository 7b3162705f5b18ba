import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from analysis.errors import InputError
from analysis.quality.evaluate import (
    evaluate,
    expected_calibration_error,
    metrics,
    pick_rows,
    read_gold,
)
from analysis.scorers import load
from analysis.types import Task

LABELS = st.sampled_from(Task.STANCE.labels)


@given(st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=40))
def test_macro_f1_is_scikit_learns_over_the_labels_in_gold(pairs):
    gold, said = zip(*pairs, strict=True)
    p = np.eye(3)[[Task.STANCE.labels.index(label) for label in said]]
    found = metrics(Task.STANCE, gold, p)
    expected = f1_score(gold, said, labels=sorted(set(gold)), average="macro", zero_division=0)
    assert found["macro_f1"] == pytest.approx(expected)
    assert found["n"] == sum(sum(row.values()) for row in found["confusion"].values())


def test_metrics_by_hand():
    p = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.45, 0.55]])
    found = metrics(Task.BIAS, ["biased", "unbiased", "unbiased", "unbiased"], p, threshold=0.7)
    assert found["accuracy"] == 0.75
    assert found["confusion"] == {
        "biased": {"biased": 1, "unbiased": 0},
        "unbiased": {"biased": 1, "unbiased": 2},
    }
    assert found["per_class"]["biased"] == {
        "precision": 0.5, "recall": 1.0, "f1": pytest.approx(2 / 3), "support": 1,
    }  # fmt: skip
    assert found["coverage"] == 0.5
    assert found["selective_accuracy"] == 1.0
    low, high = found["macro_f1_ci"]
    assert low <= found["macro_f1"] <= high


def test_calibration_error():
    confidence, correct = np.array([0.8] * 10), np.array([True] * 8 + [False] * 2)
    assert expected_calibration_error(confidence, correct) == pytest.approx(0)
    assert expected_calibration_error(np.ones(4), np.array([True, False] * 2)) == pytest.approx(0.5)


def test_lexicon_on_a_file(tmp_path):
    rows = [
        {"passage": "It rains.", "comment": "That is not true.", "label": "disagree", "id": 1},
        {"passage": "It rains.", "comment": "Correct, indeed.", "label": "agree"},
    ]
    (tmp_path / "g.jsonl").write_text("\n\n".join(json.dumps(row) for row in rows))
    found = evaluate(
        load("lexicon"), Task.RELATION, *read_gold(tmp_path / "g.jsonl", Task.RELATION)
    )
    assert found["accuracy"] == 1
    assert found["macro_f1"] == 1
    assert found["coverage"] == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: found no row"),
        ('{"text": "a", "label": "biased"}\n{', "line 2: found no JSON"),
        ("[1]", "line 1: found a list"),
        ('{"label": "biased"}', "line 1: found no 'text'"),
        ('{"text": 3, "label": "biased"}', "line 1: found 'text': 3"),
        (
            '{"text": "a", "label": "loaded"}',
            "found label 'loaded'; expected one of biased, unbiased",
        ),
    ],
)
def test_bad_rows_are_named_by_line(tmp_path, text, says):
    (tmp_path / "g.jsonl").write_text(text)
    with pytest.raises(InputError, match=says) as caught:
        read_gold(tmp_path / "g.jsonl", Task.BIAS)
    assert "\n" not in str(caught.value)


def test_unusual_lines_are_one_row_or_one_line_of_error(tmp_path):
    (tmp_path / "g.jsonl").write_text(
        '{"text": "a\u2028b", "label": "biased"}\r\n', encoding="utf-8"
    )
    assert read_gold(tmp_path / "g.jsonl", Task.BIAS) == ([("a\u2028b",)], ["biased"])
    for hostile in ("[" * 100_000, "9" * 5_000):
        (tmp_path / "g.jsonl").write_text(hostile)
        with pytest.raises(InputError, match="line 1: found"):
            read_gold(tmp_path / "g.jsonl", Task.BIAS)


def test_missing_file_and_wrong_encoding(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_gold(tmp_path / "none.jsonl", Task.BIAS)
    (tmp_path / "g.jsonl").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(InputError, match="not UTF-8"):
        read_gold(tmp_path / "g.jsonl", Task.BIAS)


def test_only_the_rows_that_a_file_names(tmp_path):
    rows, gold = [("a",), ("b",), ("c",)], ["biased", "unbiased", "biased"]
    path = tmp_path / "rows.json"
    path.write_text('{"rows_from_0": [2, 0]}')
    assert pick_rows(rows, gold, path) == ([("c",), ("a",)], ["biased", "biased"])
    for bad in ('{"rows_from_0": [3]}', '{"rows": [1]}', "[1]", "[" * 9999, '{"rows_from_0": []}'):
        path.write_text(bad)
        with pytest.raises(InputError, match="rows_from_0"):
            pick_rows(rows, gold, path)
