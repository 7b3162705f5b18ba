"""The summary of an audit: means with intervals, and a few plain sentences."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.quality.audit.comparisons import KINDS, SAMPLE

ALL = "all"
NOTABLE = 0.05  # a smaller mean shift is not called a leaning, however certain
DRAWS = 2000


def summarize(rows: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame:
    """Return the summary of an audit's rows, as `Audit.summary` describes it.

    Over several pairs, a mean of signed shifts that should be 0 means nothing (which name
    comes first is arbitrary), so it is left empty.
    """
    rng = np.random.default_rng(seed)
    out = []
    for kind, of_kind in rows.groupby("kind", sort=False):
        task, even = KINDS[kind]
        of_groups = [((group, ALL), rows) for group, rows in of_kind.groupby("group", sort=False)]
        of_pairs = of_kind.groupby(["group", "pair"], sort=False)
        for (group, pair), part in [((ALL, ALL), of_kind), *of_groups, *of_pairs]:
            line = {"kind": kind, "task": task.value, "group": group, "pair": pair, "n": len(part)}
            line["mean_abs_shift"] = part["shift"].abs().mean()
            if pair != ALL or not even:
                line["mean_shift"] = part["shift"].mean()
                line["ci_low"], line["ci_high"] = _interval(part, rng)
            if not even:
                line["share_right"] = (part["shift"] > 0).mean()
            line["leaning"] = _leaning(line) if kind in ("neutral", "loaded") else ""
            out.append(line)
    columns = [
        "kind", "task", "group", "pair", "n", "mean_abs_shift", "mean_shift", "ci_low", "ci_high",
        "share_right", "leaning",
    ]  # fmt: skip
    return pd.DataFrame(out, columns=columns)


def finding(name: str, summary: pd.DataFrame) -> str:
    """Return a summary in plain sentences."""
    sentences = _overall(name, summary)
    if "neutral" in summary["kind"].values:
        sentences.insert(1, _leanings(summary[summary["kind"] == "neutral"]))
    return " ".join(sentences)


def sampled_finding(name: str, summary: pd.DataFrame) -> str:
    """Return a summary of a sample in plain sentences, which name no leaning."""
    few = "A sample is too small to say which way it leans."
    return " ".join([f"On a sample, {SAMPLE}:", *_overall(name, summary), few])


def _overall(name: str, summary: pd.DataFrame) -> list[str]:
    sentences = []
    overall = summary[summary["group"] == ALL].set_index("kind")
    if "neutral" in overall.index:
        line = overall.loc["neutral"]
        sentences.append(
            f"Swapping rivals' names in {line['n']} neutral comparisons moves the stance score of "
            f"{name} by {line['mean_abs_shift']:.2f} on average, on a scale from −1 to 1 "
            "(0 would be even-handed)."
        )
    if "loaded" in overall.index:
        shift, turn = overall.loc["loaded", "mean_abs_shift"], overall.loc["turn"]
        sentences.append(
            f"In loaded sentences it moves by {shift:.2f} when only the names are swapped. When a "
            "name moves from the worse to the better role, its score rises by "
            f"{turn['mean_shift']:.2f} on average, and goes the right way in "
            f"{turn['share_right']:.0%} of sentences."
        )
        if turn["mean_shift"] < NOTABLE:
            sentences.append("It does not read who does what to whom.")
    if "bias" in overall.index:
        shift = overall.loc["bias", "mean_abs_shift"]
        sentences.append(f"The bias score moves by {shift:.2f} on a scale from 0 to 1.")
    if "relation" in overall.index:
        shift, turn = overall.loc["relation", "mean_abs_shift"], overall.loc["relation_turn"]
        sentences.append(
            f"The score of how a comment responds moves by {shift:.2f}. From contradicting to "
            f"confirming comments it rises by {turn['mean_shift']:.2f} on average, and goes the "
            f"right way in {turn['share_right']:.0%} of cases."
        )
    return sentences


def _interval(group: pd.DataFrame, rng: np.random.Generator) -> tuple[float, float]:
    """Return the 95% percentile bootstrap interval of the mean shift, over sentences."""
    means = group.groupby(["pair", "sentence_id"])["shift"].mean().to_numpy()
    draws = rng.choice(means, size=(DRAWS, len(means))).mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


def _leaning(line: dict[str, Any]) -> str:
    if line["pair"] == ALL or abs(line["mean_shift"]) < NOTABLE:
        return ""
    if line["ci_low"] <= 0 <= line["ci_high"]:
        return ""
    first, _, second = line["pair"].partition(" / ")
    return first if line["mean_shift"] > 0 else second


def _leanings(summary: pd.DataFrame) -> str:
    """Return a sentence on the pairs that a scorer treats differently, widest first."""
    leaning = summary[summary["leaning"] != ""]
    if leaning.empty:
        return "It does not lean clearly to either side of any pair."
    leaning = leaning.sort_values("mean_shift", key=lambda shift: -shift.abs())
    sentences = [
        f"{line.leaning} in {line.pair} ({abs(line.mean_shift):.2f}, 95% interval "
        f"{min(abs(line.ci_low), abs(line.ci_high)):.2f} to "
        f"{max(abs(line.ci_low), abs(line.ci_high)):.2f})"
        for line in leaning.itertuples()
    ]
    return f"It is kinder to {'; to '.join(sentences)}."
