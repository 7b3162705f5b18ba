import json

import numpy as np
import pytest

from analysis.errors import InputError
from analysis.quality.evaluation import (
    evaluate_scorers,
    read_set,
    read_sets,
    reliability,
    risk_by_coverage,
)
from analysis.quality.figures import confusion_rows
from analysis.types import Task

WORDS = [("This is wrong.", "disagree"), ("Correct, indeed.", "agree"), ("See page 3.", "neutral")]


@pytest.fixture
def dev(tmp_path):
    for name in ("dev", "train"):
        rows = [
            {"passage": f"It rains {i}.", "comment": comment, "label": label}
            for i in range(6)
            for comment, label in WORDS
        ]
        (tmp_path / "own").mkdir(exist_ok=True)
        (tmp_path / "own" / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path / "own" / "dev.jsonl"


def test_scorers_stand_beside_the_baselines(dev):
    found = evaluate_scorers(["lexicon"], [read_set(f"relation:{dev}")])
    scores = found.scores.set_index("scorer")
    assert list(scores.index) == ["lexicon", "majority", "tf-idf"]
    assert (scores["set"] == "own").all()
    assert scores.loc["lexicon", "macro_f1"] == 1
    assert scores.loc["tf-idf", "macro_f1"] == 1
    assert scores.loc["majority", "macro_f1"] == pytest.approx(1 / 6)
    assert found.confusion.groupby("scorer")["rows"].sum().eq(18).all()
    assert set(found.per_class["label"]) == set(Task.RELATION.labels)
    assert (found.risk.groupby("scorer")["coverage"].max() == 1).all()


def test_without_train_rows_only_the_majority_is_fitted(dev):
    dev.with_name("train.jsonl").unlink()
    gold = read_set(f"relation:{dev}")
    assert list(evaluate_scorers([], [gold]).scores["scorer"]) == ["majority"]


def test_reliability_by_hand():
    rows = reliability(np.array([0.95, 0.97, 0.35]), np.array([True, False, True]))
    assert [(round(r["confidence"], 2), r["accuracy"], r["rows"]) for r in rows] == [
        (0.35, 1.0, 1),
        (0.96, 0.5, 2),
    ]


def test_risk_falls_with_coverage_where_confidence_tells():
    confidence = np.array([0.9, 0.8, 0.8, 0.5])
    rows = risk_by_coverage(confidence, np.array([True, True, False, False]))
    assert [(r["coverage"], r["risk"]) for r in rows] == [
        (0.25, 0.0), (0.75, pytest.approx(1 / 3)), (1.0, 0.5),
    ]  # fmt: skip


def test_two_sets_of_one_name_stay_apart(dev):
    sets = read_sets([f"relation:{dev}", f"relation:{dev}"])
    assert [found.name for found in sets] == ["own", "own (2)"]
    rows = confusion_rows(evaluate_scorers(["lexicon"], sets), "lexicon")
    assert rows.groupby("set")[list(Task.RELATION.labels)].sum().sum(axis=1).tolist() == [18, 18]


@pytest.mark.parametrize("spec", ["dev.jsonl", "mood:dev.jsonl", "relation:"])
def test_a_set_names_its_task(spec):
    with pytest.raises(InputError, match="expected TASK:FILE with one of relation, stance, bias"):
        read_set(spec)


def rows_file(tmp_path):
    path = tmp_path / "rows.json"
    path.write_text('{"rows_from_0": [0, 1, 2]}')
    return path


def test_no_baseline_reads_a_held_out_file(dev, tmp_path):
    train = [{"passage": "It snows.", "comment": f"Only here {i}.", "label": "agree"}
             for i in range(4)]  # fmt: skip
    dev.with_name("train.jsonl").write_text("\n".join(map(json.dumps, train)))
    for spec in (f"relation:{dev}", f"relation:{dev}#{rows_file(tmp_path)}"):
        found = read_set(spec)
        assert {passage for passage, _ in found.train_rows} == {"It snows."}
        assert set(found.train_gold) == {"agree"}
        assert found.gold[:3] == ["disagree", "agree", "neutral"]


def test_without_train_rows_those_not_named_are_for_the_baselines(dev, tmp_path):
    dev.with_name("train.jsonl").unlink()
    found = read_set(f"relation:{dev}#{rows_file(tmp_path)}")
    assert found.gold == ["disagree", "agree", "neutral"]
    assert len(found.train_gold) == len(found.train_rows) == 15
