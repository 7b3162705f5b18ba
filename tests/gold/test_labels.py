"""What people labeled is kept line by line, and nothing of it is lost or overwritten."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import analysis as cp
from analysis.errors import InputError, ParameterError
from analysis.gold.labels import LABELS, LabelLog, annotators, gold_rows, item, labels_in
from analysis.types import Task

TEXT = """A town and its bridge

The bridge is safe, the mayor said.

Comment: It is not, and the mayor knows.

The old ferry ran until May.

Comment: Until June.
"""


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "bridge.txt"
    path.write_text(TEXT, encoding="utf-8")
    return cp.read(path)


def span(text):
    at = TEXT.index(text)
    return at, at + len(text)


@pytest.fixture
def asked(article):
    pairs = [
        ("The bridge is safe, the mayor said.", "It is not, and the mayor knows."),
        ("The old ferry ran until May.", "Until June."),
    ]
    return [item(article, Task.RELATION, [span(a), span(b)]) for a, b in pairs]


@pytest.fixture
def anna(tmp_path):
    return LabelLog(tmp_path / "gold", "anna")


def test_the_last_label_of_an_item_counts(anna, asked):
    anna.label(asked[0], "agree", counterpoint="1")
    anna.note(asked[0], "hasty")
    anna.label(asked[0], "disagree")
    anna.skip(asked[1])
    found = anna.labels()
    assert {key: (f.label, f.note) for key, f in found.items()} == {
        asked[0].item_id: ("disagree", "hasty"),
        asked[1].item_id: ("", ""),
    }
    lines = [json.loads(line) for line in anna.path.read_text(encoding="utf-8").splitlines()]
    assert [r["action"] for r in lines] == ["label", "note", "label", "skip"]
    assert lines[0]["counterpoint"] == "1"
    assert all(r["annotator"] == "anna" and r["time"].endswith("Z") for r in lines)


def test_a_log_holds_no_text_of_the_article(anna, asked):
    anna.label(asked[0], "disagree")
    kept = anna.path.read_text(encoding="utf-8")
    assert "mayor" not in kept
    assert [asked[0].spans[0][0], asked[0].spans[0][1]] in json.loads(kept)["spans"]


def test_undo_is_a_line_of_its_own_and_goes_back_action_by_action(anna, asked):
    anna.label(asked[0], "agree")
    anna.label(asked[0], "disagree")
    anna.skip(asked[1])
    anna.note(asked[1], "later")  # a note is no label: undo passes it over
    assert anna.undo() == asked[1]
    assert anna.undo() == asked[0]
    assert anna.labels()[asked[0].item_id].label == "agree"
    assert anna.undo() == asked[0]
    assert anna.labels() == {}
    assert anna.undo() is None
    assert len(anna.path.read_text(encoding="utf-8").splitlines()) == 7


def test_a_killed_writers_last_line_costs_only_itself(anna, asked, caplog):
    anna.label(asked[0], "agree")
    with anna.path.open("ab") as file:
        file.write(b'{"id": "0123", "action": "label", "tas\xc3')
    assert anna.labels()[asked[0].item_id].label == "agree"
    anna.label(asked[1], "neutral")
    assert [f.label for f in anna.labels().values()] == ["agree", "neutral"]
    assert "line 2 is damaged" in caplog.text


def test_a_writer_that_is_killed_has_kept_all_it_said_it_kept(tmp_path, article, asked):
    code = (
        "import sys, analysis as cp\n"
        "from analysis.gold.labels import LabelLog, item\n"
        "log, n = LabelLog(sys.argv[2], 'anna'), 0\n"
        "article = cp.read(sys.argv[1])\n"
        "while True:\n"
        "    log.label(item(article, 'bias', [(n, n + 1)]), 'biased')\n"
        "    n += 1\n"
        "    print(n, flush=True)\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code, article.source, str(tmp_path / "gold")],
        stdout=subprocess.PIPE,
        text=True,
    )
    said = 0
    while said < 20:
        said = int(run.stdout.readline())
    os.kill(run.pid, signal.SIGKILL)
    rest = run.communicate()[0].split()
    said = int(rest[-1]) if rest else said
    kept = labels_in(tmp_path / "gold" / "anna.jsonl")
    assert said <= len(kept) <= said + 1


def test_writers_of_one_name_at_once_lose_nothing(tmp_path, article):
    def write(part):
        log = LabelLog(tmp_path, "anna")
        for n in range(part * 15, part * 15 + 15):
            log.label(item(article, "bias", [(n, n + 1)]), "unbiased")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert len(LabelLog(tmp_path, "anna").labels()) == 60


def test_two_annotators_have_files_of_their_own(tmp_path, asked):
    (tmp_path / "notes.jsonl").mkdir()  # is no annotator's log
    LabelLog(tmp_path, "anna").label(asked[0], "agree")
    LabelLog(tmp_path, "ben").label(asked[0], "disagree")
    (tmp_path / "rows.jsonl").write_text('{"text": "…", "label": "biased"}\n', encoding="utf-8")
    logs = annotators(tmp_path)
    assert list(logs) == ["anna", "ben"]
    assert [f.label for p in logs.values() for f in labels_in(p).values()] == ["agree", "disagree"]


@pytest.mark.parametrize(
    "name",
    ["", "../anna", "a/b", "a\\b", "Anna", "anna ", ".anna", "anna.", "con", "x" * 41, "ä", "gold"],
)
def test_a_name_is_never_a_path(tmp_path, name):
    with pytest.raises(ParameterError, match="lower-case letters"):
        LabelLog(tmp_path, name)


def test_labels_become_rows_for_a_scorer(anna, asked, article):
    anna.label(asked[0], "disagree")
    anna.skip(asked[1])
    stance = item(article, Task.STANCE, [span("It is not, and the mayor knows.")], target="mayor")
    anna.label(stance, "against")
    rows, labels = gold_rows(anna.path, Task.RELATION)
    assert rows == [("The bridge is safe, the mayor said.", "It is not, and the mayor knows.")]
    assert labels == ["disagree"]
    assert gold_rows(anna.path, Task.STANCE) == (
        [("It is not, and the mayor knows.", "mayor")],
        ["against"],
    )
    with pytest.raises(InputError, match="found no bias label"):
        gold_rows(anna.path, Task.BIAS)


def test_an_article_that_changed_is_noticed(anna, asked, article):
    anna.label(asked[0], "disagree")
    Path(article.source).write_text(TEXT.replace("safe", "sound"), encoding="utf-8")
    with pytest.raises(InputError, match="has changed since it was labeled"):
        gold_rows(anna.path, Task.RELATION)


def test_another_text_in_the_span_is_noticed(asked):
    with pytest.raises(InputError, match="found another text"):
        asked[0].texts(TEXT.replace("safe", "sure"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": "maybe"}, "found label 'maybe'"),
        ({"task": "mood"}, "found task 'mood'"),
        ({"spans": [[5, 2], [1, 2]]}, "found no item"),
        ({"spans": [[1, 2]]}, "found no item"),
        ({"spans": [[0, 1e999], [1, 2]]}, "found no item"),
        ({"action": "sing"}, "found no known action"),
        ({"action": ["label"]}, "found no known action"),
        ({"id": ["a"]}, r"found id \['a'\]; expected a text"),
        ({"task": ["bias"]}, r"found task \['bias'\]"),
        ({"action": "undo"}, "found an undo of nothing"),
        ({"action": "undo", "undoes": [1]}, r"found undoes \[1\]"),
    ],
)
def test_a_line_that_is_no_label_names_itself(anna, asked, change, said):
    anna.label(asked[0], "agree")
    record = json.loads(anna.path.read_text(encoding="utf-8")) | change
    anna.path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"line 1: {said}"):
        anna.labels()


def test_a_line_of_many_brackets_is_damaged(anna, asked, caplog):
    anna.label(asked[0], "agree")
    with anna.path.open("a", encoding="utf-8") as file:
        file.write("[" * 200_000 + "\n")
    assert len(anna.labels()) == 1
    assert "line 2 is damaged" in caplog.text
    other = anna.path.with_name("ben.jsonl")
    other.write_text("[" * 200_000 + "\n")
    assert list(annotators(anna.path.parent)) == ["anna"]


def test_a_wrong_label_is_refused_and_not_written(anna, asked):
    with pytest.raises(ParameterError, match="expected one of agree, disagree, neutral"):
        anna.label(asked[0], "favor")
    assert not anna.path.exists()


def test_every_task_has_labels():
    assert LABELS["voice"] == ("author", "quoted", "commentator", "cited")
    assert set(LABELS) == {*Task, "voice"}
