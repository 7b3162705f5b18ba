"""Compares two outlets' stories of one event on one scale; facts are not compared."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis import frames
from analysis.params import ReportParams
from analysis.scorers import Scorer
from analysis.scoring.compare import (
    divergence_interval,
    mean,
    mean_interval,
    measured,
    random_stream,
    weighed,
)
from analysis.scoring.counts import loaded_by_voice, words_by_speaker
from analysis.scoring.pipeline import Result
from analysis.types import Article, Voice
from analysis.versions.compare import pair_frames, score_pair
from analysis.versions.tables import SPOKEN, common_names

SIDES = ("original", "republished")


@dataclass(frozen=True, eq=False)
class StoriesResult(frames.Frames):
    """Two stories, scored on the targets of both; the frames are those of `frames.STORIES`."""

    schemas = frames.STORIES
    original: Result
    republished: Result
    stances_compared: pd.DataFrame = field(repr=False)
    voices_compared: pd.DataFrame = field(repr=False)
    language_compared: pd.DataFrame = field(repr=False)


def compare_stories(
    original: Article, republished: Article, params: ReportParams, *, scorer: Scorer | None = None
) -> StoriesResult:
    """Compare two stories of one event: stance, voices and loaded language; see `compare_versions`.

    With no targets given, those found in either story are compared.

    Raises:
        ScorerError: the scorer cannot be loaded.
    """
    first, second = score_pair(original, republished, params, scorer, both=True)
    rows = {
        "stances_compared": _stances(first, second),
        "voices_compared": _voices(first, second),
        "language_compared": _language(first, second),
    }
    return StoriesResult(first, second, **pair_frames(rows, first, second))


def _stances(first: Result, second: Result) -> Iterator[dict]:
    """Yield one row per target and voice of either story, with percentile bootstrap intervals."""
    for target in (t.name for t in first.targets):
        for voice in SPOKEN:
            scored = [_scored(result, target, voice) for result in (first, second)]
            if not any(map(len, scored)):
                continue
            rng = random_stream(first.seed, target, voice)
            row: dict = {"target": target, "voice": voice.value, "scorer": first.scorer.name}
            for side, own in zip(SIDES, scored, strict=True):
                low, high = mean_interval(own, first.confidence_level, rng)
                row |= {
                    f"{side}_score": mean(own),
                    f"{side}_ci_low": low,
                    f"{side}_ci_high": high,
                    f"{side}_n": len(own),
                }
            low, high = divergence_interval(*scored, first.confidence_level, rng)
            yield row | {
                "difference": mean(scored[1]) - mean(scored[0]),
                "ci_low": low,
                "ci_high": high,
            }


def _scored(result: Result, target: str, voice: Voice) -> np.ndarray:
    rows = measured(result.stances)
    own = (rows["target"] == target) & (rows["voice"] == voice.value)
    return weighed(rows[own & (rows["commentary_id"] == "")])


def _voices(first: Result, second: Result) -> Iterator[dict]:
    """Yield a row per voice and speaker: words of the articles, comments left out."""
    names, both = common_names(first, second), pd.DataFrame()
    for side, result in zip(SIDES, (first, second), strict=True):
        parts = result.segments[result.segments.voice.isin(SPOKEN)]
        own = words_by_speaker(pd.DataFrame(parts), len(parts) + len(SPOKEN), names)
        own = own.set_index(["voice", "speaker"])[["words", "share"]].add_prefix(f"{side}_")
        both = own if both.empty else both.join(own, how="outer")
    both = both.fillna(0).reset_index()
    both["order"] = both.voice.map({voice.value: n for n, voice in enumerate(Voice)})
    both["total"] = both.original_words + both.republished_words
    ordered = both.sort_values(["order", "total"], ascending=[True, False], kind="stable")
    yield from ordered.drop(columns=["order", "total"]).to_dict("records")


def _language(first: Result, second: Result) -> Iterator[dict]:
    """Yield a row per voice with the loaded segments of both stories."""
    tables = [
        loaded_by_voice(result.bias, first.confidence_level).set_index("voice")
        for result in (first, second)
    ]
    for voice in SPOKEN:
        row: dict = {"voice": voice.value, "scorer": first.scorer.name}
        for side, table in zip(SIDES, tables, strict=True):
            own = table.loc[voice.value] if voice.value in table.index else {}
            row |= {f"{side}_{name}": own.get(name, 0) for name in ("segments", "loaded")}
            row |= {f"{side}_{n}": own.get(n, float("nan")) for n in ("rate", "low", "high")}
        if any(row[f"{side}_segments"] for side in SIDES):
            yield row
