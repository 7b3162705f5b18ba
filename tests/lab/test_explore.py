"""Exploring: targets by hand, thresholds, two scorers, uploads; with and without controls."""

import json
import re
from datetime import UTC, datetime

import pandas as pd
import pytest

from analysis.errors import InputError, ParameterError
from analysis.frames import COMPARISON, conform
from analysis.lab.explore import Explorer, at_threshold, sentence, side_by_side
from analysis.lab.explore_widgets import Explore
from analysis.lab.labeling import label_comment
from analysis.params import report_params
from analysis.scorers import ScorerInfo
from analysis.scoring.compare import comparison_rows
from analysis.scoring.pipeline import Result
from analysis.types import Task

OWN = ("id", "time", "annotator")  # of a log's line


def compared(stances, targets):
    names = [target.name for target in targets]
    rows = comparison_rows(stances, names, article_id="x", scorer="sure")
    return conform(rows, COMPARISON)


@pytest.fixture
def tool(seed_path):
    return Explore(str(seed_path), scorer="lexicon")


@pytest.fixture(scope="module")
def sure(seed_result):
    """The seed's result as if its scorer were calibrated, with a confidence of the top label."""
    info = ScorerInfo("sure", "1", "", calibrated=frozenset(Task), thresholds={Task.STANCE: 0.4})
    relations = seed_result.relations.assign(
        confidence=seed_result.relations[["p_agree", "p_disagree", "p_neutral"]].max(axis=1)
    )
    stances = seed_result.stances.assign(
        confidence=seed_result.stances[["p_favor", "p_against", "p_none"]].max(axis=1)
    )
    parts = {name: seed_result.frames[name] for name in ("segments", "bias")}
    parts["comparison"] = compared(stances, seed_result.targets)
    about = (seed_result.article, seed_result.targets, info, 0.95, 0)
    return Result(
        *about, relations=relations, stances=stances, **parts, requests=seed_result.requests
    )


def test_a_higher_threshold_names_fewer_labels_and_moves_no_average(sure):
    found = at_threshold(sure, relation=1.0, stance=0.9)
    assert found.relations.abstained.all()
    assert found.stances.abstained.sum() > sure.stances.abstained.sum()
    assert found.comparison.author_n.sum() == (found.stances.voice == "author").sum()
    anew = compared(found.stances, sure.targets)
    pd.testing.assert_frame_equal(pd.DataFrame(found.comparison), pd.DataFrame(anew))
    assert not at_threshold(sure, relation=0.0, stance=0.0).relations.abstained.any()


def test_no_threshold_without_a_confidence(seed_result):
    found = at_threshold(seed_result, relation=1.0, stance=1.0)
    assert not found.relations.abstained.any()


def test_a_row_abstained_for_having_no_words_stays_so(sure):
    silent = sure.relations.assign(abstained=[True, False, False, False])
    assert silent.confidence.iloc[0] > 0  # so that it is not the threshold's doing
    result = at_threshold(
        Result(
            *(sure.article, sure.targets, sure.scorer, 0.95, 0),
            **(sure.frames | {"relations": silent}),
            requests=sure.requests,
        ),
        relation=0.0,
    )
    assert result.relations.abstained.tolist() == [True, False, False, False]


def test_results_are_kept_so_that_going_back_is_free(seed_path, monkeypatch):
    explorer = Explorer(seed_path, scorer="lexicon")
    explorer.result()
    monkeypatch.setattr("analysis.lab.explore.score", None)
    explorer.thresholds = {"relation": 0.5}
    assert explorer.result().scorer.name == "lexicon"


def test_an_upload_is_read_by_its_ending_and_never_placed_by_its_name(seed_path, tmp_path):
    explorer = Explorer(seed_path, scorer="lexicon")
    content = b"# A title\n\nThe bridge is safe.\n\n> Comment: It is not.\n"
    article = explorer.open_upload("../../evil name.MD", content)
    assert (article.source, article.article_id) == ("evil-name.md", "evil-name")
    assert explorer.targets == ()
    with pytest.raises(InputError, match=r"^x\.docx:"):
        explorer.open_upload("x.docx", b"no archive")
    assert explorer.article is article


def test_two_scorers_stand_side_by_side(seed_result, sure):
    html = str(side_by_side(seed_result, sure))
    assert "the same label for 4 of 4" in html
    assert html.count("<svg") == 2
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_a_typed_sentence_is_scored_with_its_words():
    text = "NATO is <b>wrong</b> and terrible"
    html = str(sentence(text, "NATO", "It rains.", scorers=["lexicon"]))
    assert "stance: against" in html
    assert "relation: " in html
    assert "bias: " in html
    assert "<mark" in html
    assert "<b>wrong" not in html
    assert "Type a sentence" in str(sentence("  ", "NATO", scorers=["lexicon"]))


def test_controls_show_the_open_article(tool):
    assert list(tool.targets.value) == [t.name for t in tool.explorer.result().targets]
    assert "<svg" in tool.figure.value
    assert "cp-edition" in tool.edition.value
    assert "lexicon" in tool.message.value


def test_a_target_added_by_hand_changes_the_figure(tool):
    before = tool.figure.value
    tool.targets.value = [*tool.targets.value, "Macron"]
    assert "Macron" in tool.figure.value
    assert "Macron" not in before


def test_a_target_is_typed_and_taken_over(tool):
    before = list(tool.targets.value)
    tool.another.value = " Macron "
    tool.add.click()  # which finds it taken over already
    tool.another.value = "Georgia"
    tool.another.value = "Macron"
    assert list(tool.targets.value) == [*before, "Macron", "Georgia"]
    assert "Georgia" in tool.figure.value
    assert tool.another.value == ""


def test_another_article_brings_its_own_targets(tool):
    tool.path.value = "tests/seeds/comment_quotes_article.txt"
    assert "Stoltenberg" not in tool.edition.value
    assert list(tool.targets.value) == [t.name for t in tool.explorer.result().targets]


def test_an_unreadable_path_gives_a_message_and_changes_nothing(tool):
    before = tool.edition.value
    tool.path.value = "no/such<b>file.txt"
    assert "no/such&lt;b&gt;file.txt" in tool.message.value
    assert tool.edition.value == before


def test_an_upload_is_opened(tool):
    content = b"A\n\nThe bridge is safe.\n\nComment: It is not.\n"
    tool.upload.value = (
        {
            "name": "own.txt",
            "type": "text/plain",
            "size": len(content),
            "content": memoryview(content),
            "last_modified": datetime.now(UTC),
        },
    )
    assert "The bridge is safe." in tool.edition.value


def test_sliders_rest_without_a_calibrated_confidence(tool):
    assert all(slider.disabled for slider in tool.thresholds.values())


def test_a_second_scorer_is_compared(tool):
    tool.second.value = "lexicon"
    assert "Same label" in tool.compared.value


def test_a_sentence_of_ones_own(tool):
    tool.sentence.value = "NATO is wrong and terrible"
    tool.toward.value = "NATO"
    assert "stance: against" in tool.scored.value


@pytest.fixture
def labeled(seed_path, tmp_path):
    return Explore(str(seed_path), scorer="lexicon", annotator="anna", folder=tmp_path)


@pytest.fixture(scope="module")
def unlabeled(seed_path, tmp_path_factory):
    """A tool for clicks that change nothing, and the folder in which they keep nothing."""
    folder = tmp_path_factory.mktemp("unlabeled")
    return Explore(str(seed_path), scorer="lexicon", annotator="anna", folder=folder), folder


def click(tool, **content):
    first = tool.explorer.result().relations.commentary_id.iloc[0]
    on_show = {"article": tool.edition.article, "comment": first}
    tool.edition._received(tool.edition, on_show | content, [])


def test_a_click_keeps_the_same_line_as_the_command(labeled, seed_path, tmp_path):
    click(labeled, task="relation", target="", label="agree")
    click(labeled, task="stance", target="NATO", label="none")
    assert labeled.edition.told["said"] == "Saved as none in anna.jsonl."
    params = report_params(article=str(seed_path))
    label_comment(params, "1", "agree", annotator="ben", folder=tmp_path)
    about = {"task": Task.STANCE, "target": "NATO"}
    label_comment(params, "1", "none", annotator="ben", folder=tmp_path, **about)
    lines = {
        name: [
            {key: value for key, value in json.loads(line).items() if key not in OWN}
            for line in (tmp_path / f"{name}.jsonl").read_text().splitlines()
        ]
        for name in ("anna", "ben")
    }
    assert lines["anna"] == lines["ben"]
    assert all(line["seen_program"] for line in lines["anna"])
    assert "reference labels: agrees (2) and no side toward NATO (2)" in labeled.explorer.edition()
    assert "reference labels: agrees (1) and no side toward NATO (1)" in labeled.edition.value


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"task": "relation", "label": "favor"}, "expected one of agree, disagree, neutral"),
        ({"task": "bias", "label": "biased"}, "expected relation or stance"),
        ({"task": "stance", "label": "favor"}, "--target"),
        ({"comment": "<b>", "task": "relation", "label": "agree"}, "found no comment '<b>'"),
        ({}, "task: found ''"),
        ({"article": "another's hash", "task": "relation"}, "another article is on show now"),
    ],
)
def test_a_click_that_cannot_be_kept_is_said_beside_the_comment(unlabeled, content, said):
    tool, folder = unlabeled
    before = tool.edition.value
    click(tool, **content)
    assert said in tool.edition.told["error"]
    assert tool.edition.value == before
    assert not list(folder.iterdir())


def test_an_upload_cannot_be_labeled_as_it_has_no_file(labeled, tmp_path):
    text = b"Quay\n\nThe quay is long.\n\nComment: It is not.\n"
    on_show = labeled.edition.article
    labeled._uploaded([{"name": "x.txt", "content": text}])
    click(labeled, article=on_show, task="relation", label="agree")  # of the page before
    assert "another article is on show now" in labeled.edition.told["error"]
    click(labeled, task="relation", label="agree")
    assert "x.txt: found no such file" in labeled.edition.told["error"]
    assert not list(tmp_path.iterdir())


def test_a_name_that_is_no_log_is_refused_before_anything_is_drawn(seed_path):
    with pytest.raises(ParameterError, match="annotator"):
        Explore(str(seed_path), scorer="lexicon", annotator="../anna")


def test_each_side_can_be_labeled_by_its_target(labeled):
    assert labeled.edition.targets == [t.name for t in labeled.explorer.result().targets]
    assert [label for label, _ in labeled.edition.labels["relation"]] == list(Task.RELATION.labels)
    assert {label for label, _ in labeled.edition.labels["stance"]} == set(Task.STANCE.labels)
    targets = re.findall(r'data-target="([^"]+)"', labeled.edition.value)
    assert set(targets) <= set(labeled.edition.targets)
