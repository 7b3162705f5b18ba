import sys
from collections import defaultdict
from pathlib import Path

import pytest

from analysis.errors import ScorerError
from analysis.params import report_params
from analysis.runs import prescore
from analysis.runs.warmup import ARTICLE
from analysis.scorers.lexicon import LexiconScorer
from analysis.scoring.explain import explanations
from analysis.scoring.pipeline import run
from analysis.types import Task

SEEDS = Path(__file__).parents[1] / "seeds"


class Counting(LexiconScorer):
    """The word lists, with a note of every row that was asked for."""

    def __init__(self):
        self.rows, self.calls = defaultdict(set), 0

    def predict(self, task, rows):
        self.rows[task] |= set(map(tuple, rows))
        self.calls += 1
        return super().predict(task, rows)


@pytest.fixture
def counting(monkeypatch):
    scorer = Counting()
    monkeypatch.setattr(prescore, "load", lambda name: scorer)
    for name in (
        "analysis.scoring.pipeline",
        "analysis.scoring.explain",
    ):
        monkeypatch.setattr(sys.modules[name], "load", lambda name: scorer)
    return scorer


def params(*names, **values):
    return [
        report_params(article=str(SEEDS / f"{name}.txt"), scorer="lexicon", **values)
        for name in names
    ]


def test_every_row_that_a_report_asks_for_was_scored_before_and_no_other(counting, tmp_path):
    bridge = tmp_path / "bridge.txt"
    bridge.write_text(ARTICLE)
    every = params("comment_quotes_article", "hard_wrapped", "no_commentary", "comment_runs_on")
    every.append(report_params(article=str(bridge), scorer="lexicon", targets=["NATO", "Russia"]))
    told = []
    prescore.score_all(every, lambda stage, numbers: told.append((stage, numbers)))
    before, calls = dict(counting.rows), counting.calls
    assert told[:5] == [("reading", [number]) for number in range(5)]
    assert told[-1] == ("done", [0, 1, 2, 3, 4])
    assert len(told) > 7, "told again after each call, so that one that stands still is seen"
    assert {stage for stage, numbers in told[5:-1] if numbers == [0, 1, 2, 3, 4]} == {"scoring"}
    assert calls <= 2 * len(Task), "all articles' rows in one call a task, twice"
    counting.rows = defaultdict(set)
    for each in every:
        explanations(run(each), "lexicon")
    for task in Task:
        assert counting.rows[task] == before[task], task
        assert before[task]


def test_an_article_that_cannot_be_read_is_left_to_its_own_report(counting, tmp_path):
    done = []
    prescore.score_all(
        [*params("hard_wrapped"), report_params(article=str(tmp_path / "none.txt"))],
        lambda stage, numbers: done.extend(numbers if stage == "done" else ()),
    )
    assert counting.rows[Task.BIAS]
    assert sorted(done) == [0, 1]


def test_many_articles_are_scored_some_at_a_time(counting, monkeypatch):
    monkeypatch.setattr(prescore, "BATCH_SIZE", 2)
    done = []
    prescore.score_all(
        params("hard_wrapped", "no_commentary", "comment_runs_on"),
        lambda stage, numbers: done.append(numbers) if stage == "done" else None,
    )
    assert done == [[0, 1], [2]]


def test_a_process_of_its_own_tells_how_far_it_is(counting, tmp_path):
    log = tmp_path / "log"
    every = [p.model_dump(mode="json") for p in params("hard_wrapped", "no_commentary")]
    prescore.run({"params": every, "log": str(log)})
    assert log.read_text().splitlines()[-1] == '["done", [0, 1]]'


def test_a_scorer_that_fails_is_no_ones_secret(counting, monkeypatch):
    def fail(task, rows):
        raise ScorerError("the weights are damaged")

    monkeypatch.setattr(counting, "predict", fail)
    with pytest.raises(ScorerError):
        prescore.score_all(params("hard_wrapped"), lambda stage, numbers: None)
