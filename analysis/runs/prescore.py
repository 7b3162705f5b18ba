"""Scoring ahead: the rows of all reports of a run are scored before the first one is made.

Rows of many articles are scored in one call, on all cores, into the cache on disk; the
kernels then only look up. That needs a scorer whose `ScorerInfo.cached` is true.
"""

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from analysis.params import ReportParams, report_params
from analysis.readers import read, read_options
from analysis.scorers import Scorer, ScorerInfo, Texts, in_order, load
from analysis.scoring.explain import explanations
from analysis.scoring.pipeline import result_of
from analysis.scoring.requests import ScoringRequests, requests_for
from analysis.text.aliases import read_aliases
from analysis.text.nlp import pipeline
from analysis.types import Task

BATCH_SIZE = 16  # articles whose rows are scored together, and that are held in memory
ROWS, ASKED = 512, 16  # rows that are scored in one call, by a model of ours and a language model


class Recorder:
    """A scorer that returns what it knows, and records what it does not.

    Attributes:
        wanted: by task, the rows that are not scored yet.
    """

    def __init__(self, scorer: Scorer) -> None:
        """Stand in for a scorer."""
        self._scorer = scorer
        self._known: dict[Task, dict[Texts, np.ndarray]] = {task: {} for task in Task}
        self.wanted: dict[Task, dict[Texts, None]] = {task: {} for task in Task}

    @property
    def info(self) -> ScorerInfo:
        """What the scorer is that it stands in for."""
        return self._scorer.info

    def predict(self, task: Task, rows: Sequence[Texts]) -> np.ndarray:
        """Return the probabilities of rows; equal ones for a row that is not known yet."""
        known = self._known[task]
        new = {tuple(row): None for row in rows if tuple(row) not in known}
        self.wanted[task] |= new
        equal = np.full(len(task.labels), 1 / len(task.labels))
        return in_order(task, rows, known | dict.fromkeys(new, equal))

    def learn(self, tell: Callable[[], None] = lambda: None) -> None:
        """Score the recorded rows, and tell after every few of them."""
        step = ASKED if hasattr(self._scorer, "missing") else ROWS
        for task, wanted in self.wanted.items():
            rows = list(wanted)
            for start in range(0, len(rows), step):
                some = rows[start : start + step]
                self._known[task] |= dict(zip(some, self._scorer.predict(task, some), strict=True))
                tell()
            wanted.clear()


Tell = Callable[[str, list[int]], None]


def score_all(every: Sequence[ReportParams], tell: Tell) -> None:
    """Score all rows of all articles into the cache, a group of articles at a time.

    An article that cannot be used is left out: its own report says what is wrong.

    Args:
        every: the parameters of the articles.
        tell: called with a stage and the numbers of the articles that it concerns: `reading`, an
            article; `scoring`, after every few rows, and `done`, a group.
    """
    for name, numbers in _groups(every):
        recorder = Recorder(load(name))
        requests = []
        for number in numbers:
            tell("reading", [number])
            with contextlib.suppress(Exception):
                requests.append(_requests(every[number]))
        scoring = partial(tell, "scoring", numbers)
        scoring()
        for of_one in requests:
            for task in recorder.info.tasks:
                recorder.predict(task, of_one.rows(task))
        recorder.learn(scoring)
        if recorder.info.explained_by == "occlusion":
            for of_one in requests:
                explanations(result_of(of_one, recorder), recorder)
            recorder.learn(scoring)
        tell("done", numbers)


def run(given: dict[str, Any]) -> None:
    """Score in a process of its own.

    Args:
        given: `params`, those of the articles, and `log`, a file that gets a JSON line for each
            stage: its name and the numbers of the articles.
    """
    with Path(given["log"]).open("w", encoding="utf-8", buffering=1) as log:
        pipeline()  # where it is not loaded yet, that is not the first article's fault
        every = [report_params(**params) for params in given["params"]]
        score_all(every, lambda stage, numbers: print(json.dumps([stage, numbers]), file=log))


def requests_needed(params: ReportParams) -> int:
    """Return how many requests to language models a report needs, as far as cached.

    Each is one more where an answer is not valid, or more where samples are drawn one by one.

    Raises:
        AnalysisError: the article or a scorer cannot be used.
    """
    scorers = [load(name) for name in (params.scorer, params.second) if name]
    asked = [scorer for scorer in scorers if hasattr(scorer, "missing")]
    if not asked:
        return 0
    return sum(
        scorer.missing(task, requests.rows(task))
        for requests in map(_requests, params.sides)
        for scorer in asked
        for task in scorer.info.tasks
    )


def _requests(params: ReportParams) -> ScoringRequests:
    """Read an article and return what its report has scored."""
    article = read(params.article, read_options(params))
    return requests_for(article, params.targets, aliases=read_aliases(params.aliases))


def _groups(every: Sequence[ReportParams]) -> Iterator[tuple[str, list[int]]]:
    """Give each scorer with the numbers of its articles, `BATCH_SIZE` at a time.

    Second scorers are among them if they keep their scores.
    """
    seconds = (p.second for p in every if p.second and load(p.second).info.cached)
    for name in dict.fromkeys([*(p.scorer for p in every), *seconds]):
        mine = [n for n, params in enumerate(every) if name in (params.scorer, params.second)]
        for start in range(0, len(mine), BATCH_SIZE):
            yield name, mine[start : start + BATCH_SIZE]
