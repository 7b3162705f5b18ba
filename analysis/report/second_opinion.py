"""A second scorer on the same article: where the two differ, and what both name."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from analysis.gold.agreement import alpha, alpha_interval, label_counts
from analysis.html.display import count, estimate, interval, name, number, teaser
from analysis.html.elements import Html, fragment, table
from analysis.report.edition import RELATION_WORDS
from analysis.report.findings import difference_shown
from analysis.scorers import ScorerInfo
from analysis.scoring.compare import measured
from analysis.scoring.counts import LABELS, text_ids
from analysis.scoring.pipeline import Result
from analysis.types import Task, Voice

UNCLEAR = "unclear"
ROWS = 15  # disputed stances shown; the CSV holds all
FIGURES = ("divergence", "ci_low", "ci_high")  # of a target
YES_NO = {True: "yes", False: "no"}


@dataclass(frozen=True, eq=False)
class SecondOpinion:
    """Two scorers side by side; `first` and `second` are labels, or `unclear`.

    Attributes:
        scorers: the two.
        relations: one row per comment: commentary_id, commentary, first, second, same.
        stances: a row a scored text and target: text_id, voice, target, text, first, second, same.
        targets: one row per target: target, divergence, ci_low and ci_high of the first scorer, the
            same of the second with `second_` before, and both, whether both show a difference
            the same way.
        agreement: one row per task: task, items (that both name), agreed (their share of equal
            labels), alpha (Krippendorff's), ci_low, ci_high.
    """

    scorers: tuple[ScorerInfo, ScorerInfo]
    relations: pd.DataFrame = field(repr=False)
    stances: pd.DataFrame = field(repr=False)
    targets: pd.DataFrame = field(repr=False)
    agreement: pd.DataFrame = field(repr=False)


def compare_results(first: Result, second: Result) -> SecondOpinion:
    """Return two scorers' results on one article and the same targets side by side."""
    relations = _side_by_side(
        first.relations, second.relations, ["commentary_id"], ["commentary_id", "commentary"]
    )
    one, other = (_with_texts(result) for result in (first, second))
    columns = ["text_id", "voice", "target", "text"]
    stances = _side_by_side(one, other, ["text_id", "target"], columns)
    comparisons = [
        r.comparison.assign(shown=difference_shown(r.comparison)) for r in (first, second)
    ]
    targets = comparisons[0][["target", *FIGURES, "shown"]].merge(
        comparisons[1][["target", *FIGURES, "shown"]].add_prefix("second_"),
        left_on="target", right_on="second_target",
    )  # fmt: skip
    same_way = targets.divergence * targets.second_divergence > 0
    targets["both"] = targets.shown & targets.second_shown & same_way
    agreement = [
        _agreement(task, frame) for task, frame in zip(Task, (relations, stances), strict=False)
    ]
    return SecondOpinion(
        (first.scorer, second.scorer),
        relations,
        stances,
        targets.drop(columns=["shown", "second_shown", "second_target"]),
        pd.DataFrame(agreement),
    )


def _with_texts(result: Result) -> pd.DataFrame:
    """Return the measured stances with the text of each."""
    rows = result.requests.stances
    texts = {(r.segment_id or r.commentary_id, r.target.name): r.text for r in rows}
    stances = measured(result.stances)
    ids = text_ids(stances)
    text = [texts.get(key, "") for key in zip(ids, stances.target, strict=True)]
    return stances.assign(text_id=ids, text=text).drop_duplicates(["text_id", "target"])


def _side_by_side(
    one: pd.DataFrame, other: pd.DataFrame, keys: list[str], columns: list[str]
) -> pd.DataFrame:
    named = [frame.label.where(~frame.abstained, UNCLEAR) for frame in (one, other)]
    left = pd.DataFrame(one)[columns].assign(first=named[0])
    right = pd.DataFrame(other)[keys].assign(second=named[1])
    both = left.merge(right, on=keys)
    return both.assign(same=(both["first"] == both.second) & (both["first"] != UNCLEAR))


def _agreement(task: Task, rows: pd.DataFrame) -> dict:
    labeled = rows[(rows["first"] != UNCLEAR) & (rows.second != UNCLEAR)]
    counts = label_counts(zip(labeled["first"], labeled.second, strict=True), task.labels)
    low, high = alpha_interval(counts)
    return {
        "task": task.value, "items": len(labeled),
        "agreed": float(labeled.same.mean()) if len(labeled) else float("nan"),
        "alpha": alpha(counts), "ci_low": low, "ci_high": high,
    }  # fmt: skip


def both_named(result: Result, opinion: SecondOpinion) -> Result:
    """Return the first scorer's result with only that named which both scorers name alike.

    Other relations and stances are abstained, and a difference that not both show has no
    interval.
    """
    relations = pd.DataFrame(result.relations)
    same = opinion.relations.set_index("commentary_id").same
    alike = relations.commentary_id.map(same).fillna(False).astype(bool)
    stances = pd.DataFrame(result.stances)
    agreed = opinion.stances[opinion.stances.same]
    keys = set(zip(agreed.text_id, agreed.target, strict=True))
    named = [key in keys for key in zip(text_ids(stances), stances.target, strict=True)]
    disputed = ~np.array(named, dtype=bool) & ~stances.derived
    comparison = pd.DataFrame(result.comparison)
    both = comparison.target.map(opinion.targets.set_index("target").both)
    intervals = {side: comparison[side].where(both) for side in ("ci_low", "ci_high")}
    places = dict.fromkeys(info.sent_to for info in opinion.scorers if info.sent_to)
    return replace(
        result,
        scorer=replace(result.scorer, sent_to=" and ".join(places)),
        relations=relations.assign(abstained=relations.abstained | ~alike),
        stances=stances.assign(abstained=stances.abstained | disputed),
        comparison=comparison.assign(**intervals),
    )


def sentence(opinion: SecondOpinion) -> str:
    """Return how far the two scorers agree on the comments, for the opening."""
    rows = opinion.relations
    names = " and ".join(name(info.name) for info in opinion.scorers)
    if rows.empty:
        return f"Only labels that both scorers give count: {names}."
    unclear = int(((rows["first"] == UNCLEAR) | (rows.second == UNCLEAR)).sum())
    differ = len(rows) - unclear - int(rows.same.sum())
    text = f"Two scorers, {names}, agree on {int(rows.same.sum())} of {count(len(rows), 'comment')}"
    parts = [f"differ on {differ}"] if differ else []
    if unclear:
        parts.append(f"{unclear} {'is' if unclear == 1 else 'are'} unclear to at least one")
    return f"{'; '.join([text, *parts])}. Only labels that both give count."


def beside(opinion: SecondOpinion) -> dict[str, str]:
    """Return by commentary how the second scorer reads it, to stand beside the first one's word."""
    rows = opinion.relations.drop_duplicates("commentary_id")
    return {
        row.commentary_id: f"second opinion: {RELATION_WORDS.get(row.second, row.second)}"
        for row in rows.itertuples()
    }


def agreement(opinion: SecondOpinion) -> Html:
    """Return how far two scorers agree, in words."""
    second = opinion.scorers[1]
    return fragment(
        "second-opinion.html.j2",
        first=name(opinion.scorers[0].name),
        second=name(second.name),
        agreement=[_words(row) for row in opinion.agreement.itertuples() if row.items],
        notes=second.notes,
        sent_to=second.sent_to,
    )


def _words(row) -> str:
    what = "relation" if row.task == Task.RELATION.value else "stance"
    if row.items == 1:
        same = "the same label" if row.agreed else "different labels"
        return f"The one {what} that both label has {same}."
    text = f"Of {row.items} {what}s that both label, {row.agreed:.0%} have the same label"
    if pd.isna(row.alpha):
        return f"{text}; Krippendorff’s alpha is undefined where every label is the same."
    spread = "" if pd.isna(row.ci_low) else f", 95% interval {interval(row.ci_low, row.ci_high)}"
    return (
        f"{text} (Krippendorff’s alpha {number(row.alpha)}{spread}; 1 is full agreement, 0 chance)."
    )


def labels_table(opinion: SecondOpinion) -> Html:
    """Return the table of each comment's label by either scorer."""
    first, second = (name(info.name) for info in opinion.scorers)
    rows = opinion.relations
    columns = [
        ("No.", [str(n) for n in range(1, len(rows) + 1)]),
        ("Comment", rows.commentary.map(teaser)),
        (first, "first"),
        (second, "second"),
        ("Same label", rows.same.map(YES_NO)),
    ]
    caption = f"Each comment by scorer: the same label for {rows.same.sum()} of {len(rows)}."
    return table(rows, caption, name="second-relations.csv", columns=columns)


def tables(opinion: SecondOpinion) -> dict[str, Html]:
    """Return the tables of comments, targets and disputed stances by either scorer."""
    first, second = (name(info.name) for info in opinion.scorers)
    made = {"Comment by comment": labels_table(opinion)} if len(opinion.relations) else {}
    targets = opinion.targets
    if len(targets):
        columns = [
            ("Target", targets.target.map(name)),
            (first, _divergences(targets, "")),
            (second, _divergences(targets, "second_")),
            ("Shown by both", targets.both.map(YES_NO)),
        ]
        caption = "Difference, comments minus author, toward each target, by scorer."
        made["Target by target"] = table(
            targets, caption, name="second-targets.csv", columns=columns
        )
    stances = opinion.stances
    if len(disputed := stances[~stances.same & (stances["first"] != stances.second)]):
        shown = disputed.head(ROWS)
        columns = [
            ("Target", shown.target),
            ("Who", [LABELS[Voice(voice)] for voice in shown.voice]),
            ("Text", shown.text.map(teaser)),
            (first, shown["first"]),
            (second, shown.second),
        ]
        caption = f"Stances on which they differ: {len(disputed)} of {len(stances)}"
        caption += f"; the first {ROWS} are shown." if len(disputed) > ROWS else "."
        made["Disputed stances"] = table(
            stances, caption, name="second-stances.csv", columns=columns
        )
    return made


def _divergences(targets: pd.DataFrame, prefix: str) -> list[str]:
    return [
        estimate(*row, signed=True)
        for row in targets[[prefix + figure for figure in FIGURES]].itertuples(index=False)
    ]
