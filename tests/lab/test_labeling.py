"""A label from the command line is kept like any other, and counts only where it is wanted."""

import json
from dataclasses import replace

import html5lib
import pytest

import analysis as cp
from analysis.errors import InputError, ParameterError
from analysis.gold.agreement import labeled_items
from analysis.gold.labels import LabelLog, gold_rows, labels_in, seen_labels
from analysis.lab.labeling import label_comment
from analysis.lab.questions import questions
from analysis.params import report_params
from analysis.report.against_gold import given
from analysis.report.edition import edition
from analysis.types import Task

TEXT = "A Quay\n\nThe quay of NATO is long.\n\nComment: It is short, and NATO lies.\n"


@pytest.fixture
def params(tmp_path):
    path = tmp_path / "quay.txt"
    path.write_text(TEXT)
    return report_params(article=str(path), scorer="lexicon")


@pytest.mark.parametrize("comment", ["b0002", "1"])
def test_a_relation_is_logged_as_the_notebook_asks_for_it(params, tmp_path, comment):
    path = label_comment(params, comment, "agree", annotator="ann", folder=tmp_path)
    (kept,) = labels_in(path).values()
    (asked,) = questions([params.article], "relation", scorer="lexicon")
    assert kept.item.item_id == asked.item.item_id
    assert (kept.label, kept.record["seen_program"]) == ("agree", True)
    assert TEXT[3:20] not in path.read_text()


def test_a_stance_is_of_the_whole_comment_and_a_target(params, tmp_path):
    about = {"task": Task.STANCE, "target": "NATO", "annotator": "ann", "folder": tmp_path}
    path = label_comment(params, "1", "against", **about)
    (kept,) = labels_in(path).values()
    asked = questions([params.article], "stance", scorer="lexicon")
    assert kept.item.item_id in {question.item.item_id for question in asked}


@pytest.mark.parametrize(
    ("comment", "label", "about", "said"),
    [
        ("b0009", "agree", {}, "no comment 'b0009'; expected its number or one of b0002"),
        ("1", "favor", {}, "expected one of agree, disagree, neutral"),
        ("1", "favor", {"task": Task.STANCE}, "--target"),
        ("1", "agree", {"target": "NATO"}, "--target"),
        ("1", "agree", {"annotator": "../x"}, "annotator"),
    ],
)
def test_unusable_labels_are_refused(params, tmp_path, comment, label, about, said):
    with pytest.raises(ParameterError, match=said):
        label_comment(params, comment, label, folder=tmp_path / "logs", **about)
    assert not list(tmp_path.glob("logs/*.jsonl"))


def test_labels_after_the_program_count_only_where_it_is_said(params, tmp_path):
    for who in ("ann", "ben"):
        path = label_comment(params, "1", "agree", annotator=who, folder=tmp_path)
    assert labeled_items(tmp_path) == []
    (item,) = labeled_items(tmp_path, seen=True)
    assert item.gold == "agree"
    assert seen_labels(path) == 1
    with pytest.raises(InputError, match="--seen"):
        gold_rows(path, Task.RELATION)
    assert gold_rows(path, Task.RELATION, seen=True)[1] == ["agree"]


def test_a_label_given_before_stands_though_another_followed(params, tmp_path):
    (asked,) = questions([params.article], "relation", scorer="lexicon")
    LabelLog(tmp_path, "ann").label(asked.item, "disagree", seen_program=False)
    path = label_comment(params, "1", "agree", annotator="ann", folder=tmp_path)
    assert [found.label for found in labels_in(path, seen=False).values()] == ["disagree"]
    assert [found.label for found in labels_in(path).values()] == ["agree"]


def test_peoples_labels_stand_beside_the_comment_without_their_names(params, tmp_path):
    for who, label in (("ann", "agree"), ("ben", "agree"), ("cem", "neutral")):
        label_comment(params, "1", label, annotator=who, folder=tmp_path)
    result = cp.run(params)
    found = given(result, tmp_path)
    assert found == {"b0002": {("", "agree"): 2, ("", "neutral"): 1}}
    tree = html5lib.parse(str(edition(result, given=found)), namespaceHTMLElements=False)
    sides = ["".join(p.itertext()) for p in tree.iter("p") if p.get("class") == "cp-sides"]
    assert "reference labels: agrees (2) and neutral (1)" in sides
    assert "ann" not in json.dumps(sides)
    other = replace(result, article=replace(result.article, sha256="0"))
    assert given(other, tmp_path) == {}


def test_peoples_stances_stand_there_too_and_gold_is_not_counted_beside_its_logs(params, tmp_path):
    about = {"task": Task.STANCE, "target": "<b>NATO</b>", "folder": tmp_path}
    path = label_comment(params, "1", "none", annotator="ann", **about)
    label_comment(params, "1", "against", annotator="ben", **about)
    (tmp_path / "gold.jsonl").write_bytes(path.read_bytes())
    result = cp.run(params)
    found = given(result, tmp_path)
    assert found == {"b0002": {("<b>NATO</b>", "none"): 1, ("<b>NATO</b>", "against"): 1}}
    html = str(edition(result, given=found))
    assert "no side toward &lt;b&gt;NATO&lt;/b&gt; (1) and against" in html


def test_an_annotator_may_not_settle_disputes_by_a_click(params, tmp_path):
    with pytest.raises(ParameterError, match="settles disputes"):
        label_comment(params, "1", "agree", annotator="adjudicated", folder=tmp_path)


def test_no_side_of_those_who_label_everything_is_left_out(params, tmp_path):
    for question in questions([params.article], "stance", scorer="lexicon"):
        LabelLog(tmp_path, "ann").label(question.item, "none", seen_program=False)
    result = cp.run(params)
    stances = result.stances.assign(label="none")
    assert given(replace(result, stances=stances), tmp_path) == {}
    stances = result.stances.assign(label="against", abstained=False)
    assert given(replace(result, stances=stances), tmp_path) == {"b0002": {("NATO", "none"): 1}}
