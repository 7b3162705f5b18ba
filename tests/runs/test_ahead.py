import json
import multiprocessing
import os
import time

import pytest

from analysis.params import report_params
from analysis.runs import ahead
from analysis.runs.fork_server import Fork


def scripted(given):
    """Stand in for `prescore.run`: an article's name says what reading it does."""
    names = [params["article"] for params in given["params"]]
    if any(name == "nothing works" for name in names):
        os._exit(1)
    with open(given["log"], "a", encoding="utf-8", buffering=1) as log:
        for start in range(0, len(names), 2):
            numbers = list(range(start, min(start + 2, len(names))))
            for number in numbers:
                print(json.dumps(["reading", [number]]), file=log)
                if names[number].startswith("hangs"):
                    time.sleep(600)
                if names[number].startswith("dies"):
                    os._exit(9)
            print(json.dumps(["scoring", numbers]), file=log)
            if "slow" in names[start]:
                time.sleep(600)
            if "starts" in names[start]:
                os._exit(9)
            print(json.dumps(["done", numbers]), file=log)


@pytest.fixture
def scoring(tmp_path, monkeypatch):
    """Start scoring articles of some names; keeps what was started and told."""
    monkeypatch.setattr(ahead, "PATIENCE", 0.5)
    made = []

    def start_all(*names, start=None, seconds=30.0):
        starts, told, said = [], [], []

        def fork(given):
            starts.append([params["article"] for params in given["params"]])
            process = multiprocessing.get_context("fork").Process(target=scripted, args=(given,))
            process.start()
            return Fork(process)

        every = {name: report_params(article=name) for name in names}
        one = ahead.ScoringAhead(
            every, start or fork, tmp_path / "log", seconds=seconds, tell=told.append,
            say=said.append,
        )  # fmt: skip
        made.append(one)
        one.said = said
        return one, starts, told

    yield start_all
    for one in made:
        one.close()


def test_a_report_waits_until_its_group_is_scored(scoring):
    one, starts, told = scoring("a", "b", "c")
    for name in ("c", "a", "b", "not scored ahead"):
        one.wait(name)
    assert starts == [["a", "b", "c"]]
    assert told[-1] == 3


def test_an_article_that_hangs_or_kills_is_left_and_the_others_go_on(scoring, tmp_path):
    one, starts, told = scoring("a", "b", "c", "hangs", "d", "dies", "e")
    for name in ("e", "hangs", "dies", "c", "d"):
        one.wait(name)
    assert starts == [
        ["a", "b", "c", "hangs", "d", "dies", "e"],
        ["c", "d", "dies", "e"],
        ["e"],
    ]
    assert told[-1] == 7
    one.close()
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize("trouble", ["slow", "starts to score and dies"])
def test_a_group_that_is_not_scored_is_left_and_the_others_go_on(scoring, monkeypatch, trouble):
    monkeypatch.setattr(ahead, "SCORING", 0.5)
    one, starts, _ = scoring(trouble, "b", "c")
    one.wait("c")
    assert starts == [[trouble, "b", "c"], ["c"]]
    assert one.said == ["scoring 2 articles together failed; their reports score their rows"]


def test_nothing_takes_longer_than_a_report_may(scoring):
    one, starts, _ = scoring("slow", "b", "c", seconds=0.5)
    one.wait("c")
    assert len(starts) == 2


def test_scoring_that_cannot_begin_is_told(scoring):
    one, starts, _ = scoring("a", "nothing works", "c")
    one.wait("a")
    one.close()
    assert len(starts) == 1
    assert one.said == ["scoring first failed; 3 reports score their own rows"]


def test_nothing_waits_once_it_is_closed(scoring):
    one, _, _ = scoring("slow", "b")
    one.close()
    one.wait("slow")
    assert not multiprocessing.active_children()


def test_where_no_process_can_be_started_nothing_waits(scoring):
    def refuse(given):
        raise OSError("the run is being ended")

    one, _, told = scoring("a", start=refuse)
    one.wait("a")
    assert told == []
