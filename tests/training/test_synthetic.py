import json

import numpy as np
import pytest

from training import phrases, rewording, synthetic


@pytest.mark.parametrize(
    "name",
    [
        "relation/made_comments",
        "relation/made_pairs",
        "relation/made_objections",
        "relation/made_unmarked",
    ],
)
def test_rows_are_repeatable_and_of_both_sides(corpora, name):
    rows = synthetic.make(name, corpora, count=60, seed=3)
    assert rows == synthetic.make(name, corpora, count=60, seed=3)
    assert {"agree", "disagree"} <= {row.label for row in rows}
    assert all(row.first and row.second and "{" not in row.second for row in rows)


def test_seed_subject_stays_out(corpora, monkeypatch):
    monkeypatch.setattr(phrases, "SUBJECTS", ["What NATO says"])
    rows = synthetic.make("relation/made_comments", corpora, count=80, seed=3)
    assert rows
    assert not any("NATO" in row.second for row in rows)


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("Prices rose sharply", "Prices fell sharply"),
        ("The vote was held", "The vote was not held"),
        ("It did not work", "It did work"),
    ],
)
def test_contrary_changes_one_fact(text, changed):
    assert rewording.contrary(text, np.random.default_rng(0)) == changed


def test_contrary_number_stays_a_number():
    found = rewording.contrary("About 40 people came", np.random.default_rng(1))
    assert found.startswith("About ")
    assert found != "About 40 people came"
    assert found.split()[1].replace(",", "").isdigit()


def test_contrary_of_nothing_to_change_is_none():
    assert rewording.contrary("Rain over hills", np.random.default_rng(0)) is None


def test_lowered_keeps_names():
    assert rewording.lowered("The plan failed") == "the plan failed"
    assert rewording.lowered("Paris agreed") == "Paris agreed"


def test_renamed_target_is_renamed_in_the_text_too(tmp_path):
    rows = [("Maria Lopez", "Maria Lopez lied."), ("Tom Fry", "Tom Fry won."), ("he", "he ran.")]
    path = tmp_path / "stance/newsmtsc/train.jsonl"
    path.parent.mkdir(parents=True)
    records = [{"target": t, "text": x, "label": "against"} for t, x in rows]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    made = synthetic.make("stance/made_swapped", tmp_path, count=80, seed=1)
    assert {row.second for row in made} >= {"Tom Fry lied.", "Maria Lopez won."}
    assert {row.first for row in made} & {"Russia", "France", "Japan", "China", "Brazil"}
    assert all(row.second.startswith(row.first) for row in made)
