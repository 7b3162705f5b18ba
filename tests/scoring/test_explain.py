import re

import html5lib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import analysis as cp
from analysis.readers.plain_text import parse_plain_text
from analysis.scorers import ScorerInfo, load
from analysis.scoring import explain
from analysis.scoring.counts import text_ids
from analysis.scoring.explain import explain_all, explain_bias, explain_relation, explain_stance
from analysis.types import Task

PASSAGE = "The council will build the quay."


class OneWord:
    """A scorer whose label hangs on one word of the text that is read; keeps what it was asked."""

    def __init__(self, word="never"):
        self.word, self.calls = word, []
        self.info = ScorerInfo("one-word", "1", "for tests")

    def predict(self, task, rows):
        self.calls.append((task, list(rows)))
        texts = [row[1] if task is Task.RELATION else row[0] for row in rows]
        said = np.array([bool(re.search(rf"\b{self.word}\b", t)) for t in texts], dtype=bool)
        strong = {Task.RELATION: 1, Task.STANCE: 1, Task.BIAS: 0}[task]
        n = len(task.labels)
        table = np.full((len(rows), n), 0.3 / (n - 1))
        table[~said] = 1 / n
        table[said, strong] = 0.7
        return table

    @property
    def asked(self):
        return sum(len(rows) for _, rows in self.calls)


@pytest.fixture
def scorer():
    return OneWord()


def test_the_word_that_carries_a_relation_comes_first(scorer):
    found = explain_relation(scorer, PASSAGE, "It was never built, as all know.")
    assert found.label == "disagree"
    assert found.score == pytest.approx(0.7)
    assert [token.text for token in found.top()] == ["never"]
    assert found.top()[0].weight == pytest.approx(0.7 - 1 / 3)
    assert len(scorer.calls) == 1
    assert scorer.calls[0][1][0] == (PASSAGE, "It was never built, as all know.")
    assert all(passage == PASSAGE for passage, _ in scorer.calls[0][1])


def test_a_stance_against_is_carried_by_what_pulls_it_down(scorer):
    found = explain_stance(scorer, "NATO never answered.", "NATO")
    assert found.score == pytest.approx(0.15 - 0.7)
    assert found.top()[0].text == "never"
    assert found.top()[0].weight == pytest.approx(-0.55)


def test_a_targets_name_is_never_left_out(scorer):
    explain_stance(scorer, "NATO's envoys said that NATO never lied.", "NATO")
    texts = [text for text, _ in scorer.calls[0][1]]
    assert len(texts) == 1 + 5
    assert all(text.count("NATO") == 2 for text in texts)


def test_bias_has_an_explanation_of_its_own(scorer):
    found = explain_bias(scorer, "They never learn.")
    assert (found.task, found.label) == (Task.BIAS, "biased")
    assert found.top()[0].text == "never"


def test_many_rows_take_one_call_and_stay_in_order(scorer):
    rows = [(PASSAGE, f"It was never number {i}.") for i in range(5)]
    found = explain_all(scorer, Task.RELATION, rows)
    assert len(scorer.calls) == 1
    assert [e.text for e in found] == [comment for _, comment in rows]
    assert all(e.top()[0].text == "never" for e in found)


def test_a_long_text_is_read_in_runs_within_the_budget(scorer):
    text = "word " * 500 + "never " + "word " * 499
    (found,) = explain_all(scorer, Task.RELATION, [(PASSAGE, text)], budget=21)
    assert scorer.asked <= 21
    assert len(found.tokens) == 20
    assert "never" in found.top()[0].text
    assert len(found.top()) == 1


def test_budget_unused_by_short_texts_goes_to_long_ones(scorer):
    rows = [("p", "two words"), ("p", "never " * 3), ("p", "many words " * 100)]
    found = explain_all(scorer, Task.RELATION, rows, budget=40)
    assert [len(e.tokens) for e in found] == [2, 3, 29]
    assert scorer.asked <= 40


def test_rows_that_get_no_share_are_left_out(scorer):
    found = explain_all(scorer, Task.RELATION, [("p", "some words here")] * 30, budget=50)
    assert len(found) == 10
    assert scorer.asked <= 50


@pytest.mark.parametrize("text", ["", " ", "…!", "\u202e"])
def test_a_text_without_words_has_no_tokens(scorer, text):
    found = explain_bias(scorer, text)
    assert found.tokens == ()
    assert scorer.asked == 1
    assert "No single word" in found.listed()


def test_the_same_question_has_the_same_answer():
    scorer = load("lexicon")
    pair = (PASSAGE, "Except that it was never true, and a lie.")
    assert explain_relation(scorer, *pair) == explain_relation(scorer, *pair)


TEXT = st.lists(
    st.sampled_from("never|NATO|it's|Ünal|—|“|”|  |\n|<b>|&|۵|…".split("|")), max_size=30
).map(" ".join)


@given(st.lists(TEXT, max_size=6), st.integers(0, 60), st.sampled_from(list(Task)))
def test_spans_give_back_the_text_and_the_budget_holds(texts, budget, task):
    scorer = OneWord()
    rows = [{1: (t,), 2: (t, "NATO")}[len(task.fields)] for t in texts]
    if task is Task.RELATION:
        rows = [(PASSAGE, t) for t in texts]
    found = explain_all(scorer, task, rows, budget=budget)
    assert len(scorer.calls) == 1
    assert scorer.asked <= max(budget, explain.MIN_TEXTS)
    for explanation, text in zip(found, texts, strict=False):
        last = 0
        for token in explanation.tokens:
            assert text[token.start : token.end] == token.text
            assert last <= token.start < token.end
            assert abs(token.weight) <= (2 if task is Task.STANCE else 1)
            last = token.end
        assert plain(explanation.marked()) == text.strip()


def tree_of(markup):
    return html5lib.parse(f"<!DOCTYPE html><body>{markup}", namespaceHTMLElements=False)


def plain(markup):
    return "".join(tree_of(markup).find("body").itertext()).strip()


def test_hostile_words_stay_text(scorer):
    text = '<script>alert(1)</script> never "onclick=x <img src=x>'
    tree = tree_of(explain_bias(scorer, text)._repr_html_())
    tags = {node.tag for node in tree.find("body").iter()}
    assert tags <= {"body", "div", "p", "mark", "ul", "li", "bdi"}
    marked = tree.find(".//mark")
    assert marked.text == "never"
    assert marked.get("class") == "cp-carries cp-step-3"
    assert marked.get("title").startswith("without it, the score changes by −0.")


class Weighing:
    """A scorer of stances that adds up two words."""

    def predict(self, task, rows):
        score = np.array([0.6 * ("good" in t) - 0.2 * ("ill" in t) for t, _ in rows])
        return np.column_stack([(1 + score) / 2, (1 - score) / 2, np.zeros(len(rows))])


def test_words_against_the_label_are_marked_differently():
    found = explain_stance(Weighing(), "NATO did good and ill there.", "NATO")
    marked = tree_of(found.marked()).iter("mark")
    assert {m.text: m.get("class") for m in marked} == {
        "good": "cp-carries cp-step-3",
        "ill": "cp-holds cp-step-2",
    }
    assert [token.text for token in found.top()] == ["good"]
    assert "good" in found.listed()
    assert "−0.60" in found.listed()


def test_a_report_explains_each_relation_and_the_clearest_stances(seed_result):
    found = explain.explanations(seed_result)
    assert list(found.relations) == list(seed_result.relations.commentary_id)
    assert found.relations["b0005"].top()[0].text == "Except"
    stances = seed_result.stances.assign(text_id=text_ids(seed_result.stances))
    scores = stances.set_index(["text_id", "target"]).score
    clear = stances.query("label != 'none' and not derived").text_id.unique()
    assert len(found.stances) == len({segment for segment, _ in found.stances})
    assert set(clear) <= {segment for segment, _ in found.stances}
    for key, explanation in found.stances.items():
        assert explanation.score == pytest.approx(scores[key])
    labels = seed_result.relations.set_index("commentary_id").label
    assert {k: e.label for k, e in found.relations.items()} == dict(labels)


def test_a_report_asks_for_a_few_hundred_texts_at_most(seed_result):
    scorer = OneWord()
    explain.explanations(seed_result, scorer, budget=100)
    assert len(scorer.calls) == 2
    assert scorer.asked <= 100


def test_a_report_without_comments_or_stances_has_nothing_to_explain(own):
    found = explain.explanations(cp.score(own("no_commentary"), scorer="embedded-small"))
    assert found.relations == {}


def test_article_in_which_nobody_takes_a_stance_has_no_stance_to_explain():
    article = parse_plain_text("NATO met.\n\nComment: NATO met.", article_id="x")
    result = cp.score(article, ["NATO"], scorer="lexicon")
    assert set(result.stances.label) == {"none"}
    assert explain.explanations(result).stances == {}
