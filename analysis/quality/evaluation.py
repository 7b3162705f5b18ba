"""Evaluation of scorers and baselines on sets of labeled rows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.paths import DATA, resolve
from analysis.quality.alignment import AnchoredArticle, read_anchored_articles
from analysis.quality.evaluate import BINS, metrics, pick_rows, read_gold, timed
from analysis.quality.marginalia import DEV, read_blocks, relation_rows, stance_rows
from analysis.scorers import Scorer, Texts, best_labels, load, unanswered
from analysis.scorers.baselines import MajorityScorer, tfidf
from analysis.types import Task

EXAMPLES = DATA / "gold" / "examples"
ALIGNMENT, MARGINALIA = "alignment:", "marginalia:"
RISK_POINTS = 50
SCORES = ("n", "macro_f1", "accuracy", "ece", "coverage", "selective_accuracy")


@dataclass(frozen=True, slots=True)
class LabeledSet:
    """Labeled rows of one task, and the rows that a baseline may be fitted to."""

    name: str
    task: Task
    rows: list[Texts] = field(repr=False)
    gold: list[str] = field(repr=False)
    train_rows: list[Texts] = field(repr=False)
    train_gold: list[str] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Frames of metrics, each with the columns `set`, `task` and `scorer` first.

    Attributes:
        scores: model (the weights' name, or empty), n, macro_f1 with ci_low and ci_high,
            accuracy, ece, coverage, selective_accuracy, seconds and requests (of 100 rows).
        per_class: label, precision, recall, f1, support.
        confusion: gold, predicted, rows.
        reliability: a row a bin of the top probability: confidence, accuracy, rows.
        risk: coverage (share of rows kept, surest first) and risk (their error rate).
    """

    scores: pd.DataFrame
    per_class: pd.DataFrame
    confusion: pd.DataFrame
    reliability: pd.DataFrame
    risk: pd.DataFrame


def read_sets(specs: Sequence[str]) -> list[LabeledSet]:
    """Read the named sets of labeled rows; with none named, the short examples of each task.

    Of several with one name, the later ones get a number. Specs of `alignment` and `marginalia`
    are ignored: see `alignment_articles` and `marginalia_files`.

    Raises:
        InputError: see `read_set`.
    """
    specs = [spec for spec in specs if not spec.startswith((ALIGNMENT, MARGINALIA))]
    sets, seen = [], Counter()
    for spec in specs or [f"{t}:{EXAMPLES / t}.jsonl" for t in Task]:
        found = read_set(spec)
        seen[found.task, found.name] += 1
        number = seen[found.task, found.name]
        sets.append(found if number == 1 else replace(found, name=f"{found.name} ({number})"))
    return sets


def alignment_articles(specs: Sequence[str]) -> list[AnchoredArticle]:
    """Read the articles of the specs `alignment:FILE`; with none, the short examples.

    Raises:
        InputError: a file cannot be read as such articles.
    """
    files = [spec.removeprefix(ALIGNMENT) for spec in specs if spec.startswith(ALIGNMENT)]
    return [
        row
        for file in files or [EXAMPLES / "alignment.jsonl"]
        for row in read_anchored_articles(file)
    ]


def marginalia_files(specs: Sequence[str]) -> tuple[str | Path, str | None] | None:
    """Return the file and the rows of the first spec `marginalia:FILE[#ROWS]`.

    With no specs at all the file is our own; with others only, there is none.
    """
    for spec in specs:
        if spec.startswith(MARGINALIA):
            file, _, rows = spec.removeprefix(MARGINALIA).partition("#")
            return file or DEV, rows or None
    return None if specs else (DEV, None)


def read_rows(path: str | Path, task: Task, *, seen: bool = False) -> tuple[list[Texts], list[str]]:
    """Read labeled rows as `read_gold` does, or the pairs of a file in Marginalia's format.

    Raises:
        InputError: the file cannot be read, or holds no such rows.
    """
    path = resolve(path)
    if task is not Task.BIAS and path.is_file() and '"passages"' in _first_line(path):
        blocks = read_blocks(path)
        if task is Task.RELATION:
            return relation_rows(blocks)
        return stance_rows(blocks, "passages", "comments")
    return read_gold(path, task, seen=seen)


def _first_line(path: Path) -> str:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return file.readline(1_000_000)


def read_set(spec: str) -> LabeledSet:
    """Read labeled rows from `TASK:FILE`; baselines are fitted to a `train.jsonl` beside it.

    `TASK:FILE#ROWS` keeps the rows that the file ROWS names (see `pick_rows`). Only where
    there is no `train.jsonl` are the baselines then fitted to the other rows of the file.

    Raises:
        InputError: the task is unknown or the file cannot be read as rows of it.
    """
    name, _, file = spec.partition(":")
    if name not in list(Task) or not file:
        raise InputError(
            f"{spec}: found no task before a colon; expected TASK:FILE with one of "
            f"{', '.join(Task)}, alignment, marginalia, such as relation:labeled.jsonl"
        )
    file, _, numbers = file.partition("#")
    task, path = Task(name), resolve(file)
    rows, gold = read_rows(path, task)
    beside = path.with_name("train.jsonl")
    has_train = beside.is_file() and beside != path
    train_rows, train_gold = read_rows(beside, task) if has_train else ([], [])
    if numbers:
        kept, kept_gold = pick_rows(rows, gold, numbers)
        if not has_train:
            chosen = set(kept)
            train_rows = [row for row in rows if row not in chosen]
            train_gold = [label for row, label in zip(rows, gold, strict=True) if row not in chosen]
        return LabeledSet(path.parent.name, task, kept, kept_gold, train_rows, train_gold)
    named_by_folder = path.stem in ("dev", "all", "test", "train", task.value)
    title = path.parent.name if named_by_folder else path.stem
    return LabeledSet(title, task, rows, gold, train_rows, train_gold)


def scorers_for(names: Sequence[str], gold: LabeledSet) -> list[Scorer]:
    """Return the named scorers, each once, then the baselines, fitted to the train rows.

    Without train rows there is no TF-IDF, and the majority baseline is fitted to the set
    itself: the upper bound of a constant label.
    """
    baselines: list[Scorer] = [MajorityScorer(gold.task, gold.train_gold or gold.gold)]
    if fitted := tfidf(gold.task, gold.train_rows, gold.train_gold):
        baselines.append(fitted)
    return [*(load(name) for name in dict.fromkeys(names)), *baselines]


def evaluate_scorers(names: Sequence[str], sets: Sequence[LabeledSet]) -> Evaluation:
    """Evaluate each named scorer and the baselines on each set."""
    parts: dict[str, list[dict]] = {name: [] for name in Evaluation.__dataclass_fields__}
    for gold in sets:
        truth = np.array([gold.task.labels.index(label) for label in gold.gold])
        for scorer in scorers_for(names, gold):
            mark = {"set": gold.name, "task": gold.task.value, "scorer": scorer.info.name}
            if gold.task not in scorer.info.tasks:
                continue
            p, cost = timed(scorer, gold.task, gold.rows)
            measured = metrics(gold.task, gold.gold, p, threshold=scorer.info.threshold(gold.task))
            confidence = np.where(unanswered(p), 1 / len(gold.task.labels), p.max(axis=1))
            correct = best_labels(p) == truth
            low, high = measured["macro_f1_ci"]
            scores = {"model": scorer.info.model} | {name: measured[name] for name in SCORES}
            spent = dict(zip(("seconds", "requests"), cost.values(), strict=True))
            parts["scores"].append(mark | scores | {"ci_low": low, "ci_high": high} | spent)
            parts["per_class"] += [
                mark | {"label": k, **v} for k, v in measured["per_class"].items()
            ]
            parts["confusion"] += [
                mark | {"gold": label, "predicted": predicted, "rows": n}
                for label, row in measured["confusion"].items()
                for predicted, n in row.items()
            ]
            parts["reliability"] += [mark | row for row in reliability(confidence, correct)]
            parts["risk"] += [mark | row for row in risk_by_coverage(confidence, correct)]
    return Evaluation(**{name: pd.DataFrame(rows) for name, rows in parts.items()})


def reliability(confidence: np.ndarray, correct: np.ndarray) -> list[dict]:
    """Return mean confidence, accuracy and number of rows of each non-empty bin of 15."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    frame = pd.DataFrame({"confidence": confidence, "accuracy": correct, "rows": 1})
    how = {"confidence": "mean", "accuracy": "mean", "rows": "sum"}
    return frame.groupby(bins).agg(how).to_dict("records")


def risk_by_coverage(confidence: np.ndarray, correct: np.ndarray) -> list[dict]:
    """Return the error rate of the most confident rows, for up to 50 shares of rows.

    Rows of equal confidence are kept or dropped together (El-Yaniv and Wiener 2010).
    """
    order = np.argsort(-confidence, kind="stable")
    errors = np.cumsum(~correct[order])
    ends = np.flatnonzero(np.diff(confidence[order], append=-1.0))
    picked = ends[np.unique(np.linspace(0, len(ends) - 1, RISK_POINTS).astype(int))]
    return [
        {"coverage": float((i + 1) / len(order)), "risk": float(errors[i] / (i + 1))}
        for i in picked
    ]
