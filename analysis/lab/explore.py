"""Explores an article under one or two scorers, with other targets and thresholds.

Plain Python; `explore_widgets.py` adds the controls.
"""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.errors import InputError
from analysis.html.elements import Html, element, isolated, nothing_shown
from analysis.lab.labeling import annotator_log, keep_label
from analysis.paths import GOLD, ROOT, SEEDS
from analysis.readers import read
from analysis.readers.text import slug
from analysis.report import plots, sections
from analysis.report.against_gold import given
from analysis.report.edition import edition
from analysis.report.second_opinion import compare_results, labels_table
from analysis.scorers import load
from analysis.scoring.explain import explain_bias, explain_relation, explain_stance
from analysis.scoring.pipeline import Result, score
from analysis.types import DEFAULT_SCORER, Article, Task

MAX_CACHED = 32  # results, so that going back to one is free
ROW = "display: flex; flex-wrap: wrap; gap: 1.5em"
SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


def seeds() -> list[tuple[str, str]]:
    """Return name and path of each file in `seeds/` except its README."""
    found = sorted(p for p in SEEDS.glob("*") if p.is_file() and p.name != "README.md")
    return [(path.name, str(path)) for path in found]


def at_threshold(result: Result, **thresholds: float) -> Result:
    """Return a result with other thresholds of abstention.

    Labels and counts of relations change; mean stances do not, as each row is weighted by its
    confidence, labeled or not. Rows abstained for another reason stay abstained, and uncalibrated
    tasks do not change.

    Args:
        result: a result of `score`.
        thresholds: the confidence by task, `relation` or `stance`, in [0, 1].

    >>> import analysis as cp
    >>> result = cp.score(cp.read("seeds/000_9da5be969268c11d.txt"), scorer="lexicon")
    >>> int(at_threshold(result, relation=0.9).relations.abstained.sum())  # not calibrated
    0
    """
    by_task = {Task(task): value for task, value in thresholds.items()}
    relations = _abstained(result, result.relations, Task.RELATION, by_task)
    stances = _abstained(result, result.stances, Task.STANCE, by_task)
    return replace(result, relations=relations, stances=stances)


def _abstained(
    result: Result, frame: pd.DataFrame, task: Task, thresholds: dict[Task, float]
) -> pd.DataFrame:
    if task not in thresholds or task not in result.scorer.calibrated:
        return pd.DataFrame(frame)
    otherwise = frame.abstained & ~(frame.confidence < result.scorer.threshold(task))
    return frame.assign(abstained=otherwise | (frame.confidence < thresholds[task]))


class Explorer:
    """One open article and its results by scorer and targets.

    >>> explorer = Explorer("seeds/000_9da5be969268c11d.txt", scorer="lexicon")
    >>> explorer.targets = ("NATO", "Russia")
    >>> list(explorer.result().comparison.target)
    ['NATO', 'Russia']
    """

    def __init__(
        self,
        article: str | Path,
        *,
        targets: Sequence[str] = (),
        scorer: str = DEFAULT_SCORER,
        annotator: str = "",
        folder: str | Path = GOLD,
    ) -> None:
        """Open an article.

        Args:
            article: a file.
            targets: names or short propositions; by default those found in the text.
            scorer: name of the scorer.
            annotator: whose labels are kept; by default the login name.
            folder: folder of people's labels, relative to the project's root.

        Raises:
            InputError: the file cannot be read as an annotated article.
            ParameterError: the annotator's name cannot be that of a log.
        """
        self.log = annotator_log(ROOT / folder, annotator)
        self.scorer, self.targets = scorer, tuple(targets)
        self.thresholds: dict[str, float] = {}
        self._results: dict[tuple, Result] = {}
        self.article = read(article)

    def open(self, article: str | Path) -> Article:
        """Open another article, with the targets found in it.

        Raises:
            InputError: the file cannot be read; the current article stays open.
        """
        self.article = read(article)
        self.targets = ()
        return self.article

    def open_upload(self, name: str, content: bytes) -> Article:
        """Open an uploaded article; only the suffix of its name is used.

        Raises:
            InputError: the content cannot be read; the current article stays open.
        """
        suffix = Path(name).suffix.lower()
        suffix = suffix if SUFFIX.fullmatch(suffix) else ".txt"
        with tempfile.TemporaryDirectory(prefix="counterpoint-") as folder:
            path = Path(folder) / f"{slug(Path(name).stem)}{suffix}"
            path.write_bytes(content)
            try:
                opened = read(path)
            except InputError as error:
                raise InputError(str(error).replace(str(path), Path(name).name)) from None
        self.article, self.targets = replace(opened, source=path.name), ()
        return self.article

    def label(self, comment: str, label: str, *, task: Task, target: str = "") -> Path:
        """Log a label of a comment of the open article; see `labeling.keep_label`.

        Raises:
            AnalysisError: it is no label of a comment here, or the log cannot be written.
        """
        answered = self.result().requests.commentaries
        return keep_label(
            self.log, self.article, answered, comment, label, task=task, target=target
        )

    def edition(self) -> str:
        """Return the annotated article with the labels that people gave its comments.

        Raises:
            AnalysisError: the scorer cannot be loaded, or a log not be read.
        """
        result = self.result()
        return str(edition(result, given=given(result, self.log.path.parent)))

    def result(self, scorer: str = "") -> Result:
        """Return the article's result at the chosen thresholds.

        Args:
            scorer: name of the scorer; by default the chosen one.

        Raises:
            ScorerError: it is unknown or cannot be loaded.
        """
        name = scorer or self.scorer
        key = (self.article.sha256, self.article.article_id, self.targets, name)
        if key not in self._results:
            self._results[key] = score(self.article, self.targets, scorer=name)
            while len(self._results) > MAX_CACHED:
                del self._results[next(iter(self._results))]
        return at_threshold(self._results[key], **self.thresholds)


def views(result: Result) -> dict[str, Html]:
    """Return the figure and the relations of a result."""
    return {
        "figure": element("div", plots.targets(result), sections.comparison(result)),
        "relations": sections.relations(result),
    }


def side_by_side(left: Result, right: Result) -> Html:
    """Return two scorers on one article: their figures, and each comment's two labels."""
    sides = []
    for place, result in enumerate((left, right)):
        figure = plots.targets(result)
        # Ids must be unique on a page.
        figure = replace(figure, title=f"{figure.title}-{place}")
        head = element("h3", isolated(result.scorer.name))
        sides.append(element("div", head, figure, style="flex: 1 1 22em; min-width: 0"))
    labels = labels_table(compare_results(left, right))
    return element("div", element("div", *sides, style=ROW), labels, class_="cp")


def sentence(text: str, target: str, passage: str = "", *, scorers: Sequence[str]) -> Html:
    """Score one sentence and show which words carry each score.

    Args:
        text: the sentence.
        target: target of its stance; empty for none.
        passage: the passage it answers as a comment; empty for none.
        scorers: names of scorers; each has a column.

    Raises:
        ScorerError: a scorer is unknown or cannot be loaded.
    """
    if not text.strip():
        return nothing_shown("Type a sentence.")
    columns = []
    for name in scorers:
        scorer = load(name)
        found = [explain_bias(scorer, text)] if Task.BIAS in scorer.info.tasks else []
        if target.strip():
            found.insert(0, explain_stance(scorer, text, target))
        if passage.strip():
            found.insert(0, explain_relation(scorer, passage, text))
        shown = [Html(explanation._repr_html_()) for explanation in found]
        about = [", toward ", isolated(target)] if target.strip() else []
        head = element("h3", isolated(scorer.info.name), *about)
        columns.append(element("div", head, *shown, style="flex: 1 1 18em; min-width: 0"))
    return element("div", *columns, class_="cp", style=ROW)
