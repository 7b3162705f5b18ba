import json

import numpy as np
import pytest

from training import synthetic, unlabelled
from training.data import babe_held_out, read_source


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("unlabelled")

    def write(name, rows):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    held_out = "On Monday Ann Berg praised the Harbour Board in Oslo."
    spoken = "On Monday Tom Fry praised the Harbour Board in Oslo."
    stance = [
        {"target": "Tom Fry", "text": spoken, "label": "none"},
        {"target": "the mayor", "text": "Critics say the mayor lied to Ukraine.", "label": "none"},
        {"target": "he", "text": "In Lima he met the mayor of Quito and left.", "label": "none"},
    ]
    write("stance/newsmtsc/train.jsonl", stance)
    write("stance/newsmtsc/dev.jsonl", [{"target": "Oslo", "text": held_out, "label": "none"}])
    for name in ("basil", "persent", "gwsd"):
        write(f"stance/{name}/train.jsonl", stance[2:])
    bias = [
        {"text": f"A Dorit Holm number{i} said{i} that{i} all{i} was{i} well.", "label": "biased"}
        for i in range(20)
    ]
    for name in ("bias/babe/all.jsonl", "bias/lim2020/all.jsonl", "bias/basil/train.jsonl"):
        write(name, bias if "babe" in name else bias[:1])
    write("bias/basil/dev.jsonl", [{"text": held_out, "label": "biased"}])
    write("relation/rte/train.jsonl", [])
    replies = [
        {"passage": f"Passage {i}.", "comment": f"Reply {i}.", "label": "agree"} for i in range(9)
    ]
    for name in ("subreddit_agreement", "reddit_trump"):
        write(f"relation/{name}/train.jsonl", replies)
    write("relation/subreddit_agreement/dev.jsonl", replies[:1])
    return root


def test_news_rows_ask_about_what_stands_in_the_sentence(folder):
    rows = synthetic.make("stance/news_unlabelled", folder, count=999, seed=1)
    assert rows == synthetic.make("stance/news_unlabelled", folder, count=999, seed=1)
    asked = {(row.first, row.second.split()[0]) for row in rows}
    assert {("Harbour Board", "On"), ("Oslo", "On"), ("Lima", "In"), ("Quito", "In"),
            ("the mayor", "In"), ("Dorit Holm", "A")} <= asked  # fmt: skip
    assert all(row.shares == (0.0, 0.0, 0.0) and row.first in row.second for row in rows)


def test_news_rows_leave_out_held_out_texts_the_seed_and_what_is_labelled(folder):
    rows = synthetic.make("stance/news_unlabelled", folder, count=999, seed=1)
    texts = {row.second for row in rows}
    assert not any("Ann Berg" in text or "Ukraine" in text for text in texts)
    babe = read_source(folder, "bias/babe")
    held_out = {babe[i].first for i in babe_held_out(babe)}
    assert held_out
    assert not held_out & texts
    assert ("he", "In Lima he met the mayor of Quito and left.") not in {
        (row.first, row.second) for row in rows
    }
    assert not {"Monday", "Tom Fry", "On", "In"} & {row.first for row in rows}


def test_no_name_is_asked_about_too_often(folder, monkeypatch):
    monkeypatch.setattr(unlabelled, "MOST", 3)
    rows = unlabelled.news(folder, 999, np.random.default_rng(0))
    assert sum(row.first == "Dorit Holm" for row in rows) == 3


def test_replies_stand_under_a_passage_that_they_did_not_answer(folder):
    rows = synthetic.make("relation/replies_unlabelled", folder, count=99, seed=1)
    assert len(rows) > 8
    for row in rows:
        assert row.first.split()[1] != row.second.split()[1]
        assert "0." not in row.first + row.second
        assert row.shares == (0.0, 0.0, 0.0)
