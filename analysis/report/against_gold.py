"""What the program says of an article beside the gold labels of that very article."""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.gold.agreement import alpha, alpha_interval, label_counts
from analysis.gold.labels import (
    LABELS,
    VOICE,
    Item,
    Label,
    annotators,
    gold_files,
    item_of,
    labels_in,
    records,
    standing_records,
)
from analysis.html.display import interval, listed, number
from analysis.html.elements import EMPTY, Html, fragment, table
from analysis.paths import GOLD
from analysis.report.edition import ABSTAINED
from analysis.report.provenance import shown_path
from analysis.scoring.pipeline import Result
from analysis.types import Stance, Task, Voice

COLUMNS = ("task", "target", "start", "end", "gold", "program")
COUNT_COLUMNS = ("task", "gold", "items", "same", "other", "abstained")


def beside(result: Result, files: Iterable[Path] | None = None) -> pd.DataFrame:
    """Return each gold label of the article with what the program says there.

    Spans are matched by overlap, as the program may part the text in another way by now.
    A stance that the program does not ask about, as the target is not named, is its `none`;
    targets that the result has not are left out. Below its threshold it is `abstained`.

    Args:
        result: of `score` or `run`.
        files: gold files; those under `data/gold/` by default.

    Returns:
        One row per label: task, target, start and end (of commentary or segment), gold, program.

    Raises:
        InputError: a gold file cannot be read.
    """
    rows = []
    program = _ProgramLabels(result)
    for path in gold_files() if files is None else files:
        if not any(r.get("article_sha256") == result.article.sha256 for r in records(path)):
            continue
        for record in standing_records(path):
            item = item_of(record)
            if item.article_sha256 != result.article.sha256 or not record.get("label"):
                continue
            start, end = item.spans[-1]
            if (label := program.of(item, start, end)) is not None:
                rows.append((item.task, item.target, start, end, record["label"], label))
    return pd.DataFrame(rows, columns=list(COLUMNS))


class _ProgramLabels:
    """The labels of a result by span."""

    def __init__(self, result: Result) -> None:
        segments = result.segments
        spans = {c.commentary_id: (c.start, c.end) for c, _ in result.requests.commentaries}
        self.targets = {target.name for target in result.targets}
        self.parts = _spans(zip(segments.segment_id, segments.start, segments.end, strict=True))
        self.comments = _spans((key, *span) for key, span in spans.items())
        self.voices = dict(zip(segments.segment_id, segments.voice, strict=True))
        self.relations = {r.commentary_id: _label(r) for r in result.relations.itertuples()}
        self.stances = {
            (r.segment_id or r.commentary_id, r.target): _label(r)
            for r in result.stances.itertuples()
        }
        bias = result.bias
        self.biases = {
            key: "biased" if p >= 0.5 else "unbiased"
            for key, p in zip(bias.segment_id, bias.p_biased, strict=True)
        }

    def of(self, item: Item, start: int, end: int) -> str | None:
        """Return the program's label for an item; None where it has none to give."""
        if item.task == Task.RELATION:
            return self.relations.get(_nearest(self.comments, start, end))
        part = _nearest(self.parts, start, end)
        if item.task == Task.STANCE:
            if item.target not in self.targets:
                return None
            if self.voices.get(part) == Voice.COMMENTATOR.value:
                part = _nearest(self.comments, start, end)  # scored as a whole
            return self.stances.get((part, item.target), Stance.NONE.value)
        return (self.voices if item.task == VOICE else self.biases).get(part)


def _spans(rows: Iterable[tuple[str, int, int]]) -> dict[str, tuple[int, int]]:
    return {key: (int(start), int(end)) for key, start, end in rows}


def _nearest(spans: Mapping[str, tuple[int, int]], start: int, end: int) -> str:
    """Return what overlaps a span most; nothing where nothing does."""
    shared = {key: min(end, b) - max(start, a) for key, (a, b) in spans.items()}
    best = max(shared, key=shared.__getitem__, default="")
    return best if best and shared[best] > 0 else ""


def _label(row) -> str:
    return ABSTAINED if row.abstained else str(row.label)


def agreement_counts(compared: pd.DataFrame) -> pd.DataFrame:
    """Count, for each task and gold label, where the program says the same.

    Returns:
        One row per task and gold label: task, gold, items, same, other, abstained.
    """
    rows = []
    for task, labels in LABELS.items():
        for label in labels:
            here = compared[(compared.task == task) & (compared.gold == label)]
            if len(here):
                same, abstained = (int((here.program == x).sum()) for x in (label, ABSTAINED))
                other = len(here) - same - abstained
                rows.append((task, label, len(here), same, other, abstained))
    return pd.DataFrame(rows, columns=list(COUNT_COLUMNS))


def alphas(compared: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    """Return by task Krippendorff's alpha of program and gold, with its interval.

    What the program abstains on is left out.
    """
    values = {}
    for task, labels in LABELS.items():
        here = compared[(compared.task == task) & (compared.program != ABSTAINED)]
        if len(here):
            counts = label_counts(zip(here.gold, here.program, strict=True), labels)
            values[task] = (alpha(counts), *alpha_interval(counts))
    return values


def given(result: Result, folder: Path = GOLD) -> dict[str, Counter[tuple[str, str]]]:
    """Return by commentary the labels that people gave it, each with how many did.

    A label is a pair: what a stance is toward, empty for the comment's relation, and the label.
    Labels given after the program's answer was seen are among them; names are not. Gold counts
    where no log has the item, as it is made from the logs. That a comment takes no side counts
    where the program names one, or where it was said with the program's answer in view.
    """
    stances = result.stances[~result.stances.abstained & (result.stances.label != Stance.NONE)]
    sided = set(zip(stances.commentary_id, stances.target, strict=True))
    spans = {c.commentary_id: (c.start, c.end) for c, _ in result.requests.commentaries}
    by_item: dict[str, list[Label]] = {}
    for path in annotators(folder).values():
        for key, label in labels_in(path).items():
            by_item.setdefault(key, []).append(label)
    for path in gold_files(folder):
        for key, label in labels_in(path).items():
            by_item.setdefault(key, [label])
    found: dict[str, Counter[tuple[str, str]]] = {}
    for label in itertools.chain.from_iterable(by_item.values()):
        item = label.item
        if not label.label or item.article_sha256 != result.article.sha256:
            continue
        comment = _nearest(spans, *item.spans[-1])
        if comment and item.task == Task.RELATION:
            found.setdefault(comment, Counter())["", label.label] += 1
        elif item.task == Task.STANCE and item.target and item.spans[-1] == spans.get(comment):
            corrects = (comment, item.target) in sided or label.record.get("seen_program")
            if corrects or label.label != Stance.NONE:
                found.setdefault(comment, Counter())[item.target, label.label] += 1
    return found


def agreed(compared: pd.DataFrame) -> str:
    """Say how many of the reference labels the program gives as well; empty without labels.

    Of the stances, most of which are `none`, only those for or against a target count.
    """
    sided = compared[(compared.task == Task.STANCE.value) & (compared.gold != Stance.NONE.value)]
    comments = compared[compared.task == Task.RELATION.value]
    parts = [
        f"{int((rows.program == rows.gold).sum())} of {what.format(len(rows))}"
        for rows, what in ((comments, "{} comments"), (sided, "{} labels for or against a target"))
        if len(rows)
    ]
    told = f": the program agrees on {listed(parts)}" if parts else ""
    return f"This article also has reference labels{told}." if len(compared) else ""


def section(result: Result, compared: pd.DataFrame) -> Html:
    """Return the table of this article's gold and the program's labels; nothing without gold."""
    if compared.empty:
        return EMPTY
    shown = agreement_counts(compared)
    columns = {
        "Question": shown.task, "Reference label": shown.gold, "Items": shown["items"],
        "Same": shown.same, "Another": shown.other, "Unclear": shown.abstained,
    }  # fmt: skip
    caption = "Reference labels of this article, and how often the program gives the same one."
    alpha_by_task = "; ".join(
        f"{task} {number(value)}" + ("" if np.isnan(low) else f" ({interval(low, high)})")
        for task, (value, low, high) in alphas(compared).items()
    )
    cards = [
        shown_path(str(path.with_name("README.md")))
        for path in gold_files()
        if any(r.get("article_sha256") == result.article.sha256 for r in records(path))
    ]
    labels = table(compared, caption, name="against-gold.csv", columns=columns)
    return fragment("against-gold.html.j2", alphas=alpha_by_task, cards=cards, table=labels)
