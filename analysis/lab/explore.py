"""What is explored: an article under one or two scorers, other targets, other thresholds.

Plain Python; `explore_widgets.py` puts the controls around it.
"""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from analysis.errors import InputError
from analysis.html.display import number
from analysis.html.elements import Html, element, isolated, join, table
from analysis.paths import SEEDS
from analysis.readers import read
from analysis.readers.text import slug
from analysis.report import plots, sections
from analysis.report.edition import edition, notes_of
from analysis.scorers import load
from analysis.scoring.explain import explain_bias, explain_relation, explain_stance
from analysis.scoring.pipeline import Result, score
from analysis.types import DEFAULT_SCORER, Article, Task

KEPT = 32  # results that are kept, so that going back to one is free
SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


def seeds() -> list[tuple[str, str]]:
    """Return the name and path of each file in `seeds/` that may be an article."""
    found = sorted(p for p in SEEDS.glob("*") if p.is_file() and p.name != "README.md")
    return [(path.name, str(path)) for path in found]


def at_threshold(result: Result, **thresholds: float) -> Result:
    """Return a result in which the scorer abstains below other confidences.

    Which labels are named changes, and how many relations are counted. Averages of stances
    do not: each row counts in them by its confidence, labelled or not. What was abstained
    for another reason stays so, and without a calibrated confidence nothing changes.

    Args:
        result: of `score`.
        thresholds: by task, `relation` or `stance`, in [0, 1].

    >>> import analysis as cp
    >>> result = cp.score(cp.read("seeds/000_9da5be969268c11d.txt"), scorer="lexicon")
    >>> int(at_threshold(result, relation=0.9).relations.abstained.sum())  # not calibrated
    0
    """
    told = {Task(task): value for task, value in thresholds.items()}
    relations = _abstained(result, result.relations, Task.RELATION, told)
    stances = _abstained(result, result.stances, Task.STANCE, told)
    return replace(result, relations=relations, stances=stances)


def _abstained(
    result: Result, frame: pd.DataFrame, task: Task, thresholds: dict[Task, float]
) -> pd.DataFrame:
    if task not in thresholds or task not in result.scorer.calibrated:
        return pd.DataFrame(frame)
    otherwise = frame.abstained & ~(frame.confidence < result.scorer.threshold(task))
    return frame.assign(abstained=otherwise | (frame.confidence < thresholds[task]))


class Explorer:
    """One open article, and what every scorer and choice of targets makes of it.

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
    ) -> None:
        """Open an article.

        Args:
            article: a file.
            targets: names or short propositions; none given: those found in the text.
            scorer: its name.

        Raises:
            InputError: the file cannot be read as an annotated article.
        """
        self.scorer, self.targets = scorer, tuple(targets)
        self.thresholds: dict[str, float] = {}
        self._kept: dict[tuple, Result] = {}
        self.article = read(article)

    def open(self, article: str | Path) -> Article:
        """Open another article; its targets are those found in it.

        Raises:
            InputError: the file cannot be read; the open article stays.
        """
        self.article = read(article)
        self.targets = ()
        return self.article

    def open_upload(self, name: str, content: bytes) -> Article:
        """Open an article that was handed over as bytes; of its name only the ending is used.

        Raises:
            InputError: the content cannot be read; the open article stays.
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

    def result(self, scorer: str = "") -> Result:
        """Return what a scorer makes of the article, at the thresholds chosen.

        Args:
            scorer: its name; none: the chosen one.

        Raises:
            ScorerError: it is unknown or cannot be loaded.
        """
        name = scorer or self.scorer
        key = (self.article.sha256, self.article.article_id, self.targets, name)
        if key not in self._kept:
            found = score(self.article, self.targets, scorer=name)
            self._kept[key] = found
            while len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]
        return at_threshold(self._kept[key], **self.thresholds)


def views(result: Result) -> dict[str, Markup]:
    """Return the figure, the relations and the annotated edition of a result."""
    return {
        "figure": element("div", plots.targets(result), sections.comparison(result)),
        "relations": sections.relations(result).markup,
        "edition": edition(result).markup,
    }


def side_by_side(left: Result, right: Result) -> Html:
    """Return two scorers on one article: their figures, and each comment's two labels."""
    sides = []
    for place, result in enumerate((left, right)):
        figure = plots.targets(result)
        # The narrow drawing, as there are two in a row; and no id twice on a page.
        figure = replace(figure, title=f"{figure.title}-{place}", drawings=figure.drawings[1:] * 2)
        head = element("h3", isolated(result.scorer.name))
        sides.append(element("div", head, figure, style="flex: 1 1 22em; min-width: 0"))
    both = list(zip(notes_of(left), notes_of(right), strict=True))
    rows = [
        {
            "comment": str(a.number),
            "left": _label(a),
            "right": _label(b),
            "same": "yes" if a.relation == b.relation else "no",
        }
        for a, b in both
    ]
    headings = {
        "comment": "Comment",
        "left": left.scorer.name,
        "right": right.scorer.name,
        "same": "Same label",
    }
    same = sum(a.relation == b.relation for a, b in both)
    caption = f"What each comment says back: the same label for {same} of {len(both)}."
    listed = table(
        pd.DataFrame(rows, columns=list(headings)),
        caption,
        name="side-by-side.csv",
        headings=headings,
    )
    style = "display: flex; flex-wrap: wrap; gap: 1.5em"
    return Html(element("div", element("div", *sides, style=style), listed, class_="cp"))


def _label(note) -> str:
    value = note.row.get(f"p_{note.row.label}")
    return note.relation if value is None else f"{note.relation} ({number(float(value))})"


def sentence(text: str, target: str, passage: str = "", *, scorers: Sequence[str]) -> Html:
    """Score one sentence, and say which of its words carry each answer.

    Args:
        text: the sentence.
        target: what its stance is toward; empty: no stance is asked.
        passage: what it answers as a comment; empty: no relation is asked.
        scorers: names; each has a column.

    Raises:
        ScorerError: a scorer is unknown or cannot be loaded.
    """
    if not text.strip():
        return Html(element("p", "Type a sentence.", class_="cp cp-empty"))
    columns = []
    for name in scorers:
        scorer = load(name)
        found = [explain_bias(scorer, text)]
        if target.strip():
            found.insert(0, explain_stance(scorer, text, target))
        if passage.strip():
            found.insert(0, explain_relation(scorer, passage, text))
        shown = [Markup(explanation._repr_html_()) for explanation in found]
        about = join([", toward ", isolated(target)]) if target.strip() else ""
        head = element("h3", isolated(scorer.info.name), about)
        columns.append(element("div", head, *shown, style="flex: 1 1 18em; min-width: 0"))
    style = "display: flex; flex-wrap: wrap; gap: 1.5em"
    return Html(element("div", join(columns), class_="cp", style=style))
