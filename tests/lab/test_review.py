"""Labeling: what a key does, what is kept of it, and that nobody answers what was not on show."""

import json

import pytest

from analysis.errors import InputError, ParameterError
from analysis.gold.labels import LABELS, LabelLog, labels_in
from analysis.lab import labeling
from analysis.lab.questions import disputes, files, questions
from analysis.lab.review import KEYS, Review
from analysis.lab.review_widget import ReviewWidget

ARTICLE = "Bridges\n\n" + "\n\n".join(
    f"Bridge number {n} is safe, the mayor said.\n\nComment: {text}"
    for n, text in enumerate(
        ["No, that is false.", "Indeed, quite right.", "It was built in 1900.", "Is it?"], 1
    )
)


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "bridges.txt"
    path.write_text(ARTICLE + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def log(tmp_path):
    return LabelLog(tmp_path / "gold", "anna")


@pytest.fixture
def asked(article):
    return questions([article], scorer="lexicon")


@pytest.fixture
def review(asked, log):
    return Review(asked, log)


def press(review, *keys):
    for key in keys:
        review.press(key, review.current.item.item_id if review.current else "")


def records(log):
    return [json.loads(line) for line in log.path.read_text(encoding="utf-8").splitlines()]


def test_the_uncertain_come_first(asked):
    assert len(asked) == 4
    assert [q.certainty for q in asked] == sorted(q.certainty for q in asked)
    assert asked[0].certainty < asked[-1].certainty
    assert asked[0].texts[0].startswith("Bridge number")


def test_every_key_is_on_disk_before_the_next_question(review, log):
    first = review.current
    press(review, "d")
    assert records(log)[-1]["label"] == "disagree"
    assert review.current is not first
    press(review, "a", "n", "s")
    assert [r.get("label", r["action"]) for r in records(log)] == [
        "disagree", "agree", "neutral", "skip",
    ]  # fmt: skip
    assert (review.done, review.skipped, review.current) == (3, 1, None)
    assert review.view()["question"] is None


def test_a_key_for_what_is_no_longer_on_show_answers_nothing(review, log):
    first = review.current.item.item_id
    press(review, "d")
    review.press("a", first)  # a second stroke, before the page had changed
    assert review.done == 1
    press(review, "x")
    assert review.done == 1
    assert len(records(log)) == 1


def test_undo_brings_the_question_back_and_once_more(review):
    first, second = review._waiting[:2]
    press(review, "d", "a", "u", "u")
    assert review.current.item.item_id == first
    assert review._waiting[1] == second
    assert review.done == 0
    press(review, "u")
    assert review.view()["told"] == "There is nothing to undo."


def test_undo_keeps_to_the_questions_on_show(review, log, asked):
    other = LabelLog(log.path.parent, "anna")
    press(review, "d")
    half = Review(asked[1:], other)
    press(half, "u")
    assert half.told == "There is nothing to undo."
    assert review.log.labels()[asked[0].item.item_id].label == "disagree"


def test_an_earlier_label_that_stands_again_is_said(review, asked):
    press(review, "d")
    first = asked[0].item
    review.log.label(first, "agree")
    press(review, "u")
    assert "disagree applies again" in review.told
    assert review.done == 1
    assert review.current.item == first


def test_work_is_taken_up_where_it_was_left_and_the_skipped_come_last(review, log, asked):
    press(review, "s", "d")
    again = Review(asked, log)
    assert again.done == 1
    assert again._waiting == [q.item.item_id for q in (asked[2], asked[3], asked[0])]
    assert again.skipped == 0


def test_blind_at_first(review, log):
    assert review.view()["question"]["guess"] == ""
    press(review, "d")
    assert "The program says: " in review.view()["told"]
    press(review, "u")
    assert review.view()["question"]["guess"]  # it has been seen by now
    press(review, "a")
    assert [r["seen_program"] for r in records(log) if "seen_program" in r] == [False, True]


def test_an_answer_seen_before_a_restart_is_still_seen(review, log, asked):
    press(review, "d")
    again = Review(asked, log)
    press(again, "u")
    assert again.view()["question"]["guess"]
    press(again, "a")
    assert [r["seen_program"] for r in records(log) if "seen_program" in r] == [False, True]
    assert labels_in(log.path, seen=False) == {}


def test_not_blind_if_wanted(asked, log):
    review = Review(asked, log, blind=False)
    assert review.view()["question"]["guess"] == asked[0].guess
    press(review, "d")
    assert records(log)[0]["seen_program"] is True


def test_a_record_says_when_with_what_and_on_what(review, log):
    press(review, "d")
    (record,) = records(log)
    assert record["scorer"] == "lexicon"
    assert record["weights"]
    assert record["counterpoint"]
    assert len(record["spans"]) == 2
    assert len(record["article_sha256"]) == len(record["text_sha256"]) == 64
    assert "mayor" not in json.dumps(record)


def test_a_note_goes_with_its_item(review, log):
    first = review.current.item.item_id
    review.press("d", first, "not sure")
    review.note(first, "not sure")
    assert labels_in(log.path)[first].note == "not sure"
    assert [r["action"] for r in records(log)] == ["note", "label"]


def test_a_label_that_cannot_be_saved_leaves_the_question_open(review, log):
    log.path.parent.parent.joinpath("gold").write_text("a file in the way", encoding="utf-8")
    first = review.current
    press(review, "d")
    assert "was not saved" in review.view()["error"]
    assert review.current is first
    assert review.done == 0


def test_keys_and_labels_are_one_to_one():
    assert {task: sorted(keys.values()) for task, keys in KEYS.items()} == {
        task: sorted(labels) for task, labels in LABELS.items()
    }
    assert not {"u", "s", "m"} & {key for keys in KEYS.values() for key in keys}


@pytest.mark.parametrize("task", ["stance", "bias", "voice"])
def test_other_tasks_are_asked_in_their_surroundings(article, log, task):
    asked = questions([article], task, targets=["mayor"], scorer="lexicon")
    review = Review(asked, log)
    shown = review.view()["question"]
    (text,) = shown["texts"]
    assert text["text"]
    assert [q for q in asked if "Bridge number 1 is safe" in q.before]
    key, label = shown["keys"][0]
    press(review, key)
    assert records(log)[0]["label"] == label
    assert records(log)[0]["target"] == ("mayor" if task == "stance" else "")


def test_the_widget_shows_what_the_review_says(review):
    widget = ReviewWidget(review)
    first = widget.view["question"]["id"]
    widget._received(widget, {"key": "d", "asked": first, "note": "hm"}, [])
    assert widget.view["done"] == 1
    assert widget.view["turn"] == 2
    assert widget.view["question"]["id"] != first
    widget._received(widget, {"note": "later", "asked": widget.view["question"]["id"]}, [])
    assert widget.view["question"]["note"] == "later"
    widget._received(widget, {"note": 3, "asked": "nothing"}, [])
    assert widget.view["error"] == ""


def test_disputes_are_asked_with_what_each_said(asked, tmp_path):
    for name, key in (("anna", "agree"), ("ben", "disagree")):
        log = LabelLog(tmp_path / "gold", name)
        log.label(asked[0].item, key)
        log.label(asked[1].item, "agree")
    (question,) = disputes(tmp_path / "gold")
    assert question.said == ("anna: agree", "ben: disagree")
    review = labeling.start([], adjudicate=True, folder=tmp_path / "gold")
    press(review, "d")
    assert "not yet" not in str(labeling.disputes_table(tmp_path / "gold"))
    assert records(review.log)[0]["annotator"] == "adjudicated"
    assert records(review.log)[0]["seen_others"] is True
    assert "agreement.csv" in str(labeling.agreement_table(tmp_path / "gold"))


def test_a_start_without_a_name_uses_the_login(article, tmp_path, monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "Anna K.")
    review = labeling.start([article], scorer="lexicon", folder=tmp_path)
    assert review.log.path.name == "anna-k.jsonl"
    with pytest.raises(ParameterError, match="settles disputes"):
        labeling.start([article], scorer="lexicon", annotator="adjudicated", folder=tmp_path)


def test_no_labels_yet_is_said(tmp_path):
    assert "there are none yet" in str(labeling.agreement_table(tmp_path))
    assert "no disputes" in str(labeling.disputes_table(tmp_path))


def test_patterns_name_files(article):
    assert files([article]) == [article]
    assert files(["seeds/*.txt"])[0].endswith("000_9da5be969268c11d.txt")
    with pytest.raises(ParameterError, match="found no file"):
        files(["no/such/*.txt"])
    with pytest.raises(ParameterError, match="found 'mood'"):
        questions([article], "mood", scorer="lexicon")


def test_an_article_that_changed_is_not_settled_blindly(asked, article, tmp_path):
    for name, key in (("anna", "agree"), ("ben", "disagree")):
        LabelLog(tmp_path / "gold", name).label(asked[0].item, key)
    with open(article, "a", encoding="utf-8") as file:
        file.write("\nMore.\n")
    with pytest.raises(InputError, match="has changed"):
        disputes(tmp_path / "gold")
