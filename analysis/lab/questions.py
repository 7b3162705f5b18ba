"""Questions to annotators, the most uncertain first: comments, segments, voices, disputes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from glob import glob
from pathlib import Path

import pandas as pd

from analysis.errors import ParameterError
from analysis.gold.agreement import labeled_items
from analysis.gold.labels import LABELS, VOICE, Item, article_of, item
from analysis.paths import ROOT, resolve
from analysis.readers import read
from analysis.report.findings import measure
from analysis.report.second_opinion import UNCLEAR
from analysis.scorers import Scorer
from analysis.scoring.compare import measured
from analysis.scoring.pipeline import Result, score
from analysis.types import DEFAULT_SCORER, Article, Block, Kind, Task


@dataclass(frozen=True, slots=True)
class Question:
    """One item as an annotator sees it.

    Attributes:
        item: the item to label.
        texts: the item's texts.
        before: context before the last text.
        after: context after the last text.
        title: title of the article.
        guess: the program's label and its confidence in words; shown when the annotator may see it.
        label: the program's label, `unclear` below its threshold; empty for a voice.
        certainty: probability of the scorer's label, in [0, 1]; 1 without a scorer.
        said: the annotators' labels, where a dispute is to be settled.
        versions: of the scorer and weights that made the guess.
    """

    item: Item
    texts: tuple[str, ...]
    before: str = ""
    after: str = ""
    title: str = ""
    guess: str = ""
    label: str = ""
    certainty: float = 1.0
    said: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict, repr=False)


def files(patterns: Iterable[str]) -> list[str]:
    """Return the files that match patterns such as `seeds/*.txt`, each once, in order.

    Raises:
        ParameterError: a pattern matches no file.
    """
    found: list[str] = []
    for pattern in patterns:
        named = sorted(glob(pattern)) or sorted(glob(pattern, root_dir=ROOT))
        named = [str(resolve(name)) for name in named if resolve(name).is_file()]
        if not named:
            raise ParameterError(
                f"articles: found no file {pattern!r}; expected a file or a pattern such as "
                "seeds/*.txt"
            )
        found += named
    return list(dict.fromkeys(found))


def questions(
    articles: Iterable[str],
    task: str = Task.RELATION.value,
    *,
    targets: Sequence[str] = (),
    scorer: str | Scorer = DEFAULT_SCORER,
    second: str | Scorer = "",
) -> list[Question]:
    """Return the questions about articles, those disputed by two scorers first.

    Uncertainty sampling (Lewis and Gale 1994): labels help most where the scorer's best label has
    the lowest probability. Voices come from rules, so `voice` keeps the order of the text.

    Args:
        articles: files, or patterns of files.
        task: `relation`, `stance`, `bias` or `voice`.
        targets: targets of the stances; by default those found in each text.
        scorer: scorer whose uncertainty sets the order.
        second: another scorer; questions that the two answer differently come before all others.

    Raises:
        ParameterError: the task is unknown, or a pattern matches no file.
        AnalysisError: an article cannot be read or the scorer cannot be loaded.
    """
    if task not in LABELS:
        raise ParameterError(f"task: found {task!r}; expected one of {', '.join(LABELS)}")
    found: dict[str, Question] = {}
    disputed: set[str] = set()
    for path in files(articles):
        result = score(read(path), targets=targets, scorer=scorer)
        asked = {question.item.item_id: question for question in _QUESTIONS[task](result)}
        found = asked | found
        if second:
            other = score(read(path), targets=targets, scorer=second)
            for question in _QUESTIONS[task](other):
                mine = asked.get(question.item.item_id)
                if mine is not None and mine.label != question.label:
                    disputed.add(question.item.item_id)
    return sorted(found.values(), key=lambda q: (q.item.item_id not in disputed, q.certainty))


def disputes(folder: str | Path) -> list[Question]:
    """Return the items on which the annotators of a folder of logs differ, with their labels.

    Raises:
        InputError: see `labeled_items`; or an article has changed since.
    """
    found = []
    for reading in labeled_items(folder):
        if not reading.disputed:
            continue
        article = article_of(reading.item)
        said = tuple(
            f"{name}: {label.label}" + (f" – {label.note}" if label.note else "")
            for name, label in sorted(reading.labels.items())
        )
        found.append(_question(article, reading.item, said=said))
    return found


def _relations(result: Result) -> Iterator[Question]:
    spans = {c.commentary_id: (c.start, c.end) for c, _ in result.requests.commentaries}
    for row in result.relations.itertuples():
        if row.passage_end > row.passage_start:  # otherwise it answers nothing
            span = [(row.passage_start, row.passage_end), spans[row.commentary_id]]
            asked = item(result.article, Task.RELATION, span)
            yield _labeled(result, asked, Task.RELATION, row)


def _stances(result: Result) -> Iterator[Question]:
    spans = _spans(result.segments)
    spans |= {c.commentary_id: (c.start, c.end) for c, _ in result.requests.commentaries}
    for row in measured(result.stances).itertuples():
        span = spans[row.segment_id or row.commentary_id]
        asked = item(result.article, Task.STANCE, [span], target=row.target)
        yield _labeled(result, asked, Task.STANCE, row)


def _biases(result: Result) -> Iterator[Question]:
    spans = _spans(result.segments)
    for row in result.bias.itertuples():
        sure = max(row.p_biased, 1 - row.p_biased)
        label = "biased" if row.p_biased >= 0.5 else "unbiased"
        asked = item(result.article, Task.BIAS, [spans[row.segment_id]])
        yield _guessed(result, asked, Task.BIAS, label, sure)


def _voices(result: Result) -> Iterator[Question]:
    for row in result.segments[result.segments.kind != Kind.CREDIT.value].itertuples():
        asked = item(result.article, VOICE, [(row.start, row.end)])
        who = f"{row.voice}, {row.speaker}" if row.speaker else row.voice
        yield _question(result.article, asked, guess=who, versions=_versions(result))


_QUESTIONS = {
    Task.RELATION.value: _relations,
    Task.STANCE.value: _stances,
    Task.BIAS.value: _biases,
    VOICE: _voices,
}


def _spans(segments: pd.DataFrame) -> dict[str, tuple[int, int]]:
    return {row.segment_id: (row.start, row.end) for row in segments.itertuples()}


def _guessed(
    result: Result, asked: Item, task: Task, label: str, sure: float, *, abstained: bool = False
) -> Question:
    return _question(
        result.article,
        asked,
        guess=f"{label}, {measure(result.scorer, task)} {sure:.2f}",
        label=UNCLEAR if abstained else label,
        certainty=float(sure),
        versions=_versions(result),
    )


def _labeled(result: Result, asked: Item, task: Task, row) -> Question:
    sure = getattr(row, f"p_{row.label}")
    return _guessed(result, asked, task, row.label, sure, abstained=row.abstained)


def _versions(result: Result) -> dict[str, str]:
    return {"scorer": result.scorer.name, "weights": result.scorer.version}


def _question(article: Article, asked: Item, **told) -> Question:
    before, after = _around(article, *asked.spans[-1])
    texts = asked.texts(article.raw)
    return Question(asked, texts, before, after, title=article.title, **told)


def _around(article: Article, start: int, end: int) -> tuple[str, str]:
    """Return the context of a span: its paragraph and the one before."""
    here = [n for n, b in enumerate(article.blocks) if b.start < end and start < b.end]
    if not here:
        return "", ""
    first: Block = article.blocks[max(here[0] - 1, 0)]
    last: Block = article.blocks[here[-1]]
    return article.raw[first.start : start].strip(), article.raw[end : last.end].strip()
