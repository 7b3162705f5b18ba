import json

import numpy as np
import pytest

from analysis.alignment.ranking import FEATURES
from analysis.cli import main
from analysis.errors import InputError
from analysis.quality import alignment as quality
from analysis.quality.alignment import AnchoredArticle, fit_weights, read_anchored_articles
from analysis.quality.evaluation import EXAMPLES, alignment_articles, read_sets

METHODS = ["tf-idf", "text", "text, encoded", "position", "gathered"]


def test_hits_count_ties_against_the_later_paragraph():
    article = AnchoredArticle(("a", "b", "c", "d"), ("x", "y", "z"), (0, 1, 3))
    scores = np.array([[1.0, 0, 0, 0], [1, 1, 0, 0], [3, 2, 1, 0]])
    assert quality._hits([article], [scores]) == {
        "first": pytest.approx(1 / 3), "first_three": pytest.approx(2 / 3),
    }  # fmt: skip


def test_fitted_weights_follow_the_sign_that_tells():
    chance = np.random.default_rng(0)
    found, answers = [], []
    for _ in range(12):
        table = chance.normal(size=(5, 6, len(FEATURES)))
        answers.append(chance.integers(0, 6, 5))
        table[np.arange(5), answers[-1], 2] += 2
        found.append(table)
    weights = fit_weights(found, answers)
    assert weights.argmax() == 2
    assert weights[2] > 3 * np.abs(np.delete(weights, 2)).max()


def test_own_examples_are_measured():
    articles = alignment_articles([])
    assert sum(len(a.comments) for a in articles) == 8
    table = quality.alignment_accuracy(articles).set_index("method")
    assert list(table.index) == METHODS, "too few to fit others' weights"
    assert (table["n"] == 8).all()
    assert table.loc["text", "first"] >= table.loc["tf-idf", "first"]
    assert table.loc["text", "first_three"] >= 0.75
    assert table.loc["position", "first"] >= 0.75
    assert table.loc["gathered", "first"] >= 0.75


def test_comments_are_put_where_they_answer_or_all_behind_the_article():
    birds, quay, roof = "Gulls nest there.", "The quay costs ninety million.", "The roof leaks."
    said = ("The quay costs more.", "No gulls nest there now.", "Rubbish.")
    article = AnchoredArticle((birds, quay, roof), said, (1, 0, 0))
    assert quality._in_place(article) == [True, True, True], "each behind its own, in text order"
    assert quality._behind(article) == [True, True, False], "'Rubbish.' cannot be placed"


def test_each_article_has_weights_of_the_others(monkeypatch):
    fits = []

    def fit(found, answers):
        fits.append(len(found))
        return fit_weights(found, answers)

    monkeypatch.setattr(quality, "fit_weights", fit)
    monkeypatch.setattr(quality, "MIN_ARTICLES", 2)
    table = quality.alignment_accuracy(alignment_articles([]))
    others = {"text, others' weights", "text, encoded, others' weights"}
    assert set(table["method"]) == {*METHODS, *others}
    assert fits == [1] * 4, "two articles, two sets of features"


@pytest.mark.parametrize(
    "line",
    ["", "[]", "{", '{"paragraphs": ["a"], "commentaries": []}',
     '{"paragraphs": ["a"], "commentaries": [{"commentary": "b", "answers": 1}]}',
     '{"paragraphs": ["a"], "commentaries": [{"commentary": "b", "answers": true}]}',
     '{"paragraphs": [" "], "commentaries": [{"commentary": "b", "answers": 0}]}'],
)  # fmt: skip
def test_other_rows_are_refused_in_one_line(tmp_path, line):
    path = tmp_path / "a.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(InputError, match=r'expected \{"paragraphs"') as caught:
        read_anchored_articles(path)
    assert "line 1" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_specs_of_alignment_are_no_scorer_s():
    path = EXAMPLES / "alignment.jsonl"
    assert len(alignment_articles([f"alignment:{path}", f"alignment:{path}"])) == 4
    assert [s.task.value for s in read_sets([f"alignment:{path}"])] == [
        "relation", "stance", "bias",
    ]  # fmt: skip


def test_command_prints_a_row_a_method(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", "alignment", str(EXAMPLES / "alignment.jsonl"), "--json"])
    assert ended.value.code == 0
    found = json.loads(capsys.readouterr().out)
    assert found["task"] == "alignment"
    methods = [row["method"] for row in found["methods"]]
    assert methods == METHODS
    assert found["methods"][-1]["first_three"] is None
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", "alignment", "nowhere.jsonl"])
    assert ended.value.code == 2
