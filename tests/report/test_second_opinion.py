import json
from dataclasses import replace

import pandas as pd
import pytest

import analysis as cp
from analysis.lab.explore import side_by_side
from analysis.lab.questions import questions
from analysis.params import report_params
from analysis.report.findings import difference_shown, warnings
from analysis.report.second_opinion import (
    UNCLEAR,
    agreement,
    beside,
    both_named,
    compare_results,
    sentence,
    tables,
)
from analysis.report.summary import summary
from tests.chat_server import serving


@pytest.fixture(scope="module")
def results(seed):
    pair = cp.score(seed, ["NATO", "Russia"], scorer="lexicon")
    relations = pd.DataFrame(pair.relations).copy()
    relations.loc[0, "label"] = "agree"
    relations.loc[1, "abstained"] = True
    return pair, replace(pair, relations=relations)


def test_only_what_both_name_counts_as_found(results):
    first, second = results
    opinion = compare_results(first, second)
    assert opinion.relations.same.tolist() == [False, False, True, True]
    assert opinion.relations.second.tolist()[1] == UNCLEAR
    kept = summary(first, both_named(first, opinion))
    both = first.relations.label[2:].value_counts().to_dict()
    assert {k: v for k, v in kept["comments"].items() if v} == both | {"abstained": 2}
    assert sentence(opinion) == (
        "Two scorers, lexicon and lexicon, agree on 2 of 4 comments; differ on 1; 1 is unclear to "
        "at least one. Only labels that both give count."
    )


def test_the_second_reading_stands_beside_each_comment(results):
    lines = beside(compare_results(*results))
    ids = results[0].relations.commentary_id.tolist()
    assert list(lines) == ids
    assert lines[ids[0]] == "second opinion: agrees"
    assert lines[ids[1]] == "second opinion: unclear"


def test_agreement_is_measured_on_what_both_name(results):
    agreement = compare_results(*results).agreement.set_index("task")
    assert agreement.loc["relation", "items"] == 3
    assert agreement.loc["relation", "agreed"] == pytest.approx(2 / 3)
    assert agreement.loc["stance", "agreed"] == 1


def test_a_target_counts_where_both_show_a_difference_the_same_way(results):
    first, _ = results
    comparison = pd.DataFrame(first.comparison).copy()
    comparison[["author_n", "commentator_n"]] = 9
    comparison[["divergence", "ci_low", "ci_high"]] = [-0.5, -0.8, -0.2]
    turned = comparison.assign(divergence=0.5, ci_low=0.2, ci_high=0.8)
    one, other = (replace(first, comparison=c) for c in (comparison, turned))
    assert compare_results(one, one).targets.both.all()
    assert not compare_results(one, other).targets.both.any()
    assert difference_shown(both_named(one, compare_results(one, one)).comparison).all()
    assert not difference_shown(both_named(one, compare_results(one, other)).comparison).any()


def test_the_section_escapes_what_the_texts_hold(results, own):
    first, second = results
    relations = second.relations.assign(commentary="<script>alert(1)</script>")
    opinion = compare_results(replace(first, relations=relations), second)
    shown = "".join(str(made) for made in (agreement(opinion), *tables(opinion).values()))
    assert "<script>" not in shown
    assert list(tables(opinion)) == ["Comment by comment", "Target by target"]


def test_a_report_asks_a_second_scorer_and_writes_both_labels(monkeypatch, tmp_path, seed_path):
    with serving() as server:
        monkeypatch.setenv("COUNTERPOINT_LLM_URL", server.url)
        params = report_params(article=str(seed_path), scorer="lexicon", second="llm:tiny")
        report = cp.Report(cp.run(params))
        opening = str(report.opening())
        assert "Two scorers, lexicon and llm:tiny, agree on" in opening
        assert "the program was not sure enough or the two scorers differ" in opening
        assert "A second opinion" in str(report.second_opinion())
        report.save(tmp_path)
        assert len(server.bodies) <= 60
    names = {path.name for path in tmp_path.iterdir()}
    assert {"second-relations.csv", "second-stances.csv", "second-targets.csv"} <= names
    assert json.loads((tmp_path / "summary.json").read_text())["comments"]["abstained"] > 0


def test_the_opening_says_where_a_second_scorer_sent_the_text(results):
    first, second = results
    away = replace(second, scorer=replace(second.scorer, sent_to="https://llm.example:443"))
    both = both_named(first, compare_results(first, away))
    assert "sent to another machine, https://llm.example:443" in warnings(both)[0]


def test_one_way_of_comparing_is_used_in_explore(results):
    shown = str(side_by_side(*results))
    assert "the same label for 2 of 4" in shown


def test_comments_on_which_two_scorers_differ_are_asked_first(monkeypatch):
    with serving(label=lambda task, text, target="": "agree") as server:
        monkeypatch.setenv("COUNTERPOINT_LLM_URL", server.url)
        asked = questions(["seeds/*.txt"], "relation", scorer="lexicon", second="llm:tiny")
    disputed = [question.label != "agree" for question in asked]
    assert any(disputed)
    assert disputed == sorted(disputed, reverse=True)
