"""Marginalia, this project's benchmark: two passages on one subject, and comments on both.

`data/marginalia/README.md` describes the format and how the texts were made.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from analysis.errors import InputError, one_line
from analysis.paths import DATA, resolve
from analysis.quality.alignment import annotated
from analysis.quality.evaluate import metrics, numbered_lines, pick
from analysis.scorers import Scorer, ScorerInfo, Texts, best_labels, load
from analysis.scorers.baselines import FittedScorer, MajorityScorer, tfidf
from analysis.scoring.requests import ScoringRequests, requests_for
from analysis.scoring.score_frames import score_requests
from analysis.types import Article, Kind, Relation, Stance, Task

DEV = DATA / "marginalia" / "dev.jsonl"
CLEAR = 0.5  # absolute gold divergence from which its sign counts
SCORE = {Stance.FAVOR: 1, Stance.NONE: 0, Stance.AGAINST: -1}
EXPECTED = "a block, see data/marginalia/README.md"
DIGITS = 9  # of a divergence; what is left of equal means is no sign

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Text(BaseModel):
    """A passage: its id, its text and its stance toward each target of the block."""

    model_config = ConfigDict(frozen=True)
    id: Name
    text: Name
    stance: dict[str, Stance]


class Comment(Text):
    """A comment: who writes it, and its relation to each passage, by the passage's id."""

    by: str = ""
    relation: dict[str, Relation]


class Block(BaseModel):
    """Passages that differ on one subject, the comments on them, and the targets."""

    model_config = ConfigDict(frozen=True)
    block: Name
    targets: Annotated[tuple[Name, ...], Field(min_length=1)]
    passages: Annotated[tuple[Text, ...], Field(min_length=1)]
    comments: Annotated[tuple[Comment, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _complete(self) -> "Block":
        passages = [passage.id for passage in self.passages]
        for what, names in (("target", self.targets), ("passage", passages)):
            if len(set(names)) < len(names):
                raise ValueError(f"found a {what} twice; expected each once")
        for text in (*self.passages, *self.comments):
            _same_names(f"the stance of {text.id!r}", text.stance, self.targets)
        for comment in self.comments:
            _same_names(f"the relation of {comment.id!r}", comment.relation, passages)
        return self


def _same_names(what: str, found: Sequence[str], expected: Sequence[str]) -> None:
    if set(found) != set(expected):
        raise ValueError(
            f"{what} is to {', '.join(found) or 'nothing'}; expected {', '.join(expected)}"
        )


def read_blocks(path: str | Path = DEV, rows: str | Path | None = None) -> list[Block]:
    """Read the blocks of a file in Marginalia's format, JSON lines.

    Args:
        path: the file.
        rows: a JSON file of the numbers of the blocks to keep; see `evaluate.pick`.

    Raises:
        InputError: a file cannot be read, or a line is not a block, with file and line.
    """
    path, blocks, seen = resolve(path), [], set()
    for number, line in numbered_lines(path, EXPECTED):
        where = f"{path}: line {number}"
        try:
            block = Block.model_validate_json(line)
        except ValidationError as error:
            raise InputError(f"{where}: {_first(error)}; expected {EXPECTED}") from None
        ids = {_article_id(block, passage) for passage in block.passages}
        if ids & seen:
            raise InputError(f"{where}: found block {block.block!r} twice; expected each once")
        seen |= ids
        blocks.append(block)
    return blocks if rows is None else pick(blocks, rows)


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    message = first["msg"].removeprefix("Value error, ")
    found = first["input"]
    shown = f"found {found!r:.60}, " if isinstance(found, str) and place else ""
    return one_line(f"{place}: {shown}{message}" if place else message)


def relation_rows(blocks: Sequence[Block]) -> tuple[list[Texts], list[str]]:
    """Return each comment with each passage of its block, and the gold relations."""
    pairs = [(p, c) for block in blocks for p in block.passages for c in block.comments]
    return [(p.text, c.text) for p, c in pairs], [c.relation[p.id].value for p, c in pairs]


def stance_rows(blocks: Sequence[Block], *kinds: str) -> tuple[list[Texts], list[str]]:
    """Return each text of the kinds with each target of its block, and the gold stances.

    Args:
        blocks: the blocks.
        kinds: `passages`, `comments` or both, in which order the rows come.
    """
    texts = [(b, text) for kind in kinds for b in blocks for text in getattr(b, kind)]
    rows = [(text.text, target) for block, text in texts for target in block.targets]
    return rows, [text.stance[t].value for block, text in texts for t in block.targets]


def evaluate(scorer: Scorer, blocks: Sequence[Block], requests: Sequence[ScoringRequests]) -> dict:
    """Measure a scorer on blocks.

    Args:
        scorer: answers relation, stance and bias.
        blocks: the benchmark, or some of its blocks.
        requests: the same blocks as articles, see `article_requests`.

    Returns:
        `relation`, as `evaluate.metrics`, and `blocks_right`, the share of blocks all of
        whose pairs are right; `stance` with `all`, `passages` and `comments`, each as
        `evaluate.metrics`; `divergence`, see `divergence`.
    """
    return {
        "relation": _relation(scorer, blocks),
        "stance": _stance(scorer, blocks),
        "divergence": divergence(scorer, blocks, requests),
    }


def _relation(scorer: Scorer, blocks: Sequence[Block]) -> dict:
    rows, gold = relation_rows(blocks)
    p = scorer.predict(Task.RELATION, rows)
    found = metrics(Task.RELATION, gold, p, threshold=scorer.info.threshold(Task.RELATION))
    right = best_labels(p) == [Task.RELATION.labels.index(label) for label in gold]
    ends = np.cumsum([len(block.passages) * len(block.comments) for block in blocks])
    whole = [part.all() for part in np.split(right, ends[:-1])]
    return found | {"blocks_right": float(np.mean(whole))}


def _stance(scorer: Scorer, blocks: Sequence[Block]) -> dict:
    rows, gold = stance_rows(blocks, "passages", "comments")
    p, threshold = scorer.predict(Task.STANCE, rows), scorer.info.threshold(Task.STANCE)
    first = len(stance_rows(blocks, "passages")[0])
    parts = {"all": slice(None), "passages": slice(first), "comments": slice(first, None)}
    return {
        name: metrics(Task.STANCE, gold[part], p[part], threshold=threshold)
        for name, part in parts.items()
    }


def article_requests(blocks: Sequence[Block]) -> list[ScoringRequests]:
    """Return an article for each passage, with all the block's comments after it, parsed.

    Each comment is anchored to the passage; the targets are the block's.
    The ids are `BLOCK-PASSAGE`, such as `w1-002-A`.
    """
    return [requests_for(_article(b, passage), b.targets) for b in blocks for passage in b.passages]


def _article(block: Block, passage: Text) -> Article:
    comments = [(Kind.COMMENTARY, comment.text) for comment in block.comments]
    article = annotated(_article_id(block, passage), [(Kind.PARAGRAPH, passage.text), *comments])
    paragraph, *behind = article.blocks
    anchored = (
        replace(b, answers=((paragraph.start, paragraph.end),), commentator=comment.by)
        for b, comment in zip(behind, block.comments, strict=True)
    )
    return replace(article, blocks=(paragraph, *anchored), language="en")


def _article_id(block: Block, passage: Text) -> str:
    return f"{block.block}-{passage.id}"


def divergence(
    scorer: Scorer, blocks: Sequence[Block], requests: Sequence[ScoringRequests]
) -> dict:
    """Measure the divergences that `score` gives for the articles; see `divergence_metrics`.

    In gold, an author's score is the passage's stance as 1, 0 or -1, a commentary's the
    mean over its comments.
    """
    found = score_requests(requests, scorer)["comparison"]
    gold = pd.DataFrame(_gold(blocks))
    return divergence_metrics(gold.merge(found, on=["article_id", "target"], how="left"))


def divergence_metrics(pairs: pd.DataFrame) -> dict:
    """Return metrics of divergences against gold.

    Args:
        pairs: a row for each article and target: `gold`, `divergence`, `ci_low` and
            `ci_high`, where what is missing is not a number.

    Returns:
        `n` pairs; `sign_right`, the share of the `sign_n` pairs with a gold divergence of
        at least 0.5 in absolute value whose divergence has the same sign, where one
        without a figure is wrong; `pearson` and `spearman` over the `figure_n` pairs with
        a figure; `interval_coverage`, the share of the `interval_n` pairs with an interval
        whose interval holds the gold divergence. What cannot be computed is null.
    """
    pairs = pairs.assign(divergence=pairs["divergence"].round(DIGITS))
    clear = pairs[pairs["gold"].abs() >= CLEAR]
    figures = pairs.dropna(subset="divergence")
    intervals = pairs.dropna(subset=["ci_low", "ci_high"])
    inside = intervals["gold"].between(intervals["ci_low"], intervals["ci_high"])
    return {
        "n": len(pairs),
        "sign_right": _number((clear["gold"] * clear["divergence"] > 0).mean()),
        "sign_n": len(clear),
        "pearson": _correlation(figures, "pearson"),
        "spearman": _correlation(figures, "spearman"),
        "figure_n": len(figures),
        "interval_coverage": _number(inside.mean()),
        "interval_n": len(intervals),
    }


def _gold(blocks: Sequence[Block]) -> list[dict]:
    return [
        {
            "article_id": _article_id(block, passage),
            "target": target,
            "gold": float(np.mean([SCORE[c.stance[target]] for c in block.comments]))
            - SCORE[passage.stance[target]],
        }
        for block in blocks
        for passage in block.passages
        for target in block.targets
    ]


def _correlation(figures: pd.DataFrame, method: str) -> float | None:
    if min(figures["gold"].nunique(), figures["divergence"].nunique()) < 2:
        return None
    return float(figures["gold"].corr(figures["divergence"], method=method))


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


class Baseline:
    """A baseline for each of relation and stance, as one scorer; bias is a coin's toss."""

    def __init__(self, *fitted: FittedScorer) -> None:
        """Take baselines, each fitted to a task of its own."""
        self.fitted = {baseline.task: baseline for baseline in fitted}
        self.info: ScorerInfo = fitted[0].info

    def predict(self, task: Task, rows: Sequence[Texts]) -> np.ndarray:
        """Return label probabilities, shape (n, labels)."""
        if task in self.fitted:
            return self.fitted[task].predict(task, rows)
        return np.full((len(rows), len(task.labels)), 1 / len(task.labels))


def scorers_for(
    names: Sequence[str], blocks: Sequence[Block], train: Sequence[Block]
) -> list[Scorer]:
    """Return the scorers named, the word lists and the baselines.

    Without blocks to train on, the majority baseline is fitted to the blocks themselves,
    the best that always saying one label can do, and there is no TF-IDF.
    """
    source = train or blocks
    relation, stance = relation_rows(source), stance_rows(source, "passages", "comments")
    baselines = [
        Baseline(MajorityScorer(Task.RELATION, relation[1]), MajorityScorer(Task.STANCE, stance[1]))
    ]
    fitted = train and (tfidf(Task.RELATION, *relation), tfidf(Task.STANCE, *stance))
    if fitted and all(fitted):
        baselines.append(Baseline(*fitted))
    return [*map(load, dict.fromkeys([*names, "lexicon"])), *baselines]


def bench(
    names: Sequence[str], path: str | Path = DEV, rows: str | Path | None = None
) -> dict[str, dict]:
    """Measure scorers on a file beside the word lists and the baselines; see `evaluate`.

    A `train.jsonl` beside the file is what TF-IDF and the majority label are fitted to.

    Raises:
        InputError: see `read_blocks`.
        ScorerError: a scorer is unknown or cannot be loaded.
    """
    path = resolve(path)
    blocks, beside = read_blocks(path, rows), path.with_name("train.jsonl")
    train = read_blocks(beside) if beside.is_file() and beside != path else []
    requests = article_requests(blocks)
    return {
        scorer.info.name: evaluate(scorer, blocks, requests)
        for scorer in scorers_for(names, blocks, train)
    }
