"""How far to trust scorers: several, on several sets of labelled rows, beside the baselines."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.paths import DATA, resolve
from analysis.quality.alignment import Anchored, read_anchored
from analysis.quality.evaluate import BINS, metrics, pick_rows, read_gold
from analysis.quality.marginalia import DEV
from analysis.scorers import Scorer, Texts, load
from analysis.scorers.baselines import MajorityScorer, TfidfScorer
from analysis.types import Task

EXAMPLES = DATA / "gold" / "examples"
ALIGNMENT, MARGINALIA = "alignment:", "marginalia:"
RISK_POINTS = 50


@dataclass(frozen=True, slots=True)
class GoldSet:
    """Labelled rows of one task, and those that a baseline may be fitted to."""

    name: str
    task: Task
    rows: list[Texts] = field(repr=False)
    gold: list[str] = field(repr=False)
    train_rows: list[Texts] = field(repr=False)
    train_gold: list[str] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Quality:
    """The measured frames, each with the columns `set`, `task`, `scorer` first.

    Attributes:
        scores: n, macro_f1 with ci_low and ci_high, accuracy, ece, coverage, selective_accuracy.
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


def gold_sets(specs: Sequence[str]) -> list[GoldSet]:
    """Read the sets named; with none named, our own short examples, one set a task.

    Those of `alignment` and `marginalia` are passed over: see `anchored_articles` and
    `marginalia_files`.

    Raises:
        InputError: see `gold_set`.
    """
    specs = [spec for spec in specs if not spec.startswith((ALIGNMENT, MARGINALIA))]
    return [gold_set(spec) for spec in specs or [f"{t}:{EXAMPLES / t}.jsonl" for t in Task]]


def anchored_articles(specs: Sequence[str]) -> list[Anchored]:
    """Read the articles of the specs `alignment:FILE`; with none, our own short examples.

    Raises:
        InputError: a file cannot be read as such articles.
    """
    files = [spec.removeprefix(ALIGNMENT) for spec in specs if spec.startswith(ALIGNMENT)]
    return [row for file in files or [EXAMPLES / "alignment.jsonl"] for row in read_anchored(file)]


def marginalia_files(specs: Sequence[str]) -> tuple[str | Path, str | None] | None:
    """Return the file and the rows of the first spec `marginalia:FILE[#ROWS]`.

    With no specs at all the file is our own; with others only, there is none.
    """
    for spec in specs:
        if spec.startswith(MARGINALIA):
            file, _, rows = spec.removeprefix(MARGINALIA).partition("#")
            return file or DEV, rows or None
    return None if specs else (DEV, None)


def gold_set(spec: str) -> GoldSet:
    """Read labelled rows from `TASK:FILE`; a `train.jsonl` beside the file is for baselines.

    `TASK:FILE#ROWS` keeps the rows that the file ROWS names (see `pick_rows`); the others
    are then for the baselines.

    Raises:
        InputError: the task is unknown or the file cannot be read as rows of it.
    """
    name, _, file = spec.partition(":")
    if name not in list(Task) or not file:
        raise InputError(
            f"{spec}: found no task before a colon; expected TASK:FILE with one of "
            f"{', '.join(Task)}, alignment, marginalia, such as relation:labelled.jsonl"
        )
    file, _, numbers = file.partition("#")
    task, path = Task(name), resolve(file)
    rows, gold = read_gold(path, task)
    if numbers:
        kept, kept_gold = pick_rows(rows, gold, numbers)
        left = [pair for pair in zip(rows, gold, strict=True) if pair[0] not in set(kept)]
        return GoldSet(
            path.parent.name, task, kept, kept_gold, [r for r, _ in left], [g for _, g in left]
        )
    beside = path.with_name("train.jsonl")
    fitted = beside.is_file() and beside != path
    train_rows, train_gold = read_gold(beside, task) if fitted else ([], [])
    named_by_folder = path.stem in ("dev", "all", "test", "train", task.value)
    title = path.parent.name if named_by_folder else path.stem
    return GoldSet(title, task, rows, gold, train_rows, train_gold)


def scorers_for(names: Sequence[str], gold: GoldSet) -> list[Scorer]:
    """Return the scorers named, each once, then the baselines; what is fitted sees only train rows.

    Without train rows the majority baseline is fitted to the set itself, the best
    that always saying one label can do, and there is no TF-IDF.
    """
    baselines: list[Scorer] = [MajorityScorer(gold.task, gold.train_gold or gold.gold)]
    if len(set(gold.train_gold)) > 1:
        baselines.append(TfidfScorer(gold.task, gold.train_rows, gold.train_gold))
    return [*(load(name) for name in dict.fromkeys(names)), *baselines]


def quality(names: Sequence[str], sets: Sequence[GoldSet]) -> Quality:
    """Measure each scorer and baseline on each set."""
    parts: dict[str, list[dict]] = {name: [] for name in Quality.__dataclass_fields__}
    for gold in sets:
        truth = np.array([gold.task.labels.index(label) for label in gold.gold])
        for scorer in scorers_for(names, gold):
            mark = {"set": gold.name, "task": gold.task.value, "scorer": scorer.info.name}
            p = scorer.predict(gold.task, gold.rows)
            found = metrics(gold.task, gold.gold, p, threshold=scorer.info.threshold(gold.task))
            confidence, correct = p.max(axis=1), p.argmax(axis=1) == truth
            parts["scores"].append(mark | _score_row(found))
            parts["per_class"] += [mark | {"label": k, **v} for k, v in found["per_class"].items()]
            parts["confusion"] += [
                mark | {"gold": g, "predicted": said, "rows": n}
                for g, row in found["confusion"].items()
                for said, n in row.items()
            ]
            parts["reliability"] += [mark | row for row in reliability(confidence, correct)]
            parts["risk"] += [mark | row for row in risk_by_coverage(confidence, correct)]
    return Quality(**{name: pd.DataFrame(rows) for name, rows in parts.items()})


def _score_row(found: dict) -> dict:
    low, high = found["macro_f1_ci"]
    names = ("n", "macro_f1", "accuracy", "ece", "coverage", "selective_accuracy")
    return {name: found[name] for name in names} | {"ci_low": low, "ci_high": high}


def reliability(confidence: np.ndarray, correct: np.ndarray) -> list[dict]:
    """Return mean confidence, accuracy and rows of each of 15 equal bins that holds a row."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        {
            "confidence": float(confidence[bins == b].mean()),
            "accuracy": float(correct[bins == b].mean()),
            "rows": int((bins == b).sum()),
        }
        for b in range(BINS)
        if (bins == b).any()
    ]


def risk_by_coverage(confidence: np.ndarray, correct: np.ndarray) -> list[dict]:
    """Return the error rate of the surest rows, for shares of rows up to all.

    Rows of equal confidence are kept or left together (El-Yaniv and Wiener 2010).
    """
    order = np.argsort(-confidence, kind="stable")
    errors = np.cumsum(~correct[order])
    ends = np.flatnonzero(np.diff(confidence[order], append=-1.0))
    picked = ends[np.unique(np.linspace(0, len(ends) - 1, RISK_POINTS).astype(int))]
    return [
        {"coverage": float((i + 1) / len(order)), "risk": float(errors[i] / (i + 1))}
        for i in picked
    ]
