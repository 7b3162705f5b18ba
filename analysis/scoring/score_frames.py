"""Scoring requests and a scorer become the five frames, of one article or of many."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis import frames
from analysis.frames import conform
from analysis.scorers import Scorer, Texts
from analysis.scoring.compare import comparison_rows
from analysis.scoring.requests import ScoringRequests
from analysis.text.loaded_language import format_cues
from analysis.text.marks import words
from analysis.types import Task


def score_requests(
    requests: Sequence[ScoringRequests],
    scorer: Scorer,
    *,
    confidence_level: float = 0.95,
    seed: int = 0,
) -> dict[str, pd.DataFrame]:
    """Return the five frames of several articles, one article's rows below the other's.

    The scorer is called once a task for all of them, so that its batches fill across
    articles and equal rows are scored once.
    """
    stances = stance_frame(requests, scorer)
    return {
        "segments": segment_frame(requests),
        "relations": relation_frame(requests, scorer),
        "stances": stances,
        "bias": bias_frame(requests, scorer),
        "comparison": _comparison_frame(requests, stances, scorer, confidence_level, seed),
    }


def segment_frame(requests: Sequence[ScoringRequests]) -> pd.DataFrame:
    """Return the `segments` frame."""
    columns = list(frames.SEGMENTS.columns)[1:]
    rows = [
        {"article_id": r.article.article_id} | {name: getattr(part, name) for name in columns}
        for r in requests
        for part in r.segments
    ]
    return conform(rows, frames.SEGMENTS)


def relation_frame(requests: Sequence[ScoringRequests], scorer: Scorer) -> pd.DataFrame:
    """Return the `relations` frame, a row a commentary.

    A row is abstained where the passage or the commentary holds no word.
    """
    answered = [(r.article, *pair) for r in requests for pair in r.commentaries]
    labels = _labelled(scorer, Task.RELATION, requests)
    rows = [
        {
            "article_id": article.article_id,
            "commentary_id": comment.commentary_id,
            "passage_start": passage.start,
            "passage_end": passage.end,
            "passage": passage.text,
            "commentary": comment.text,
            **label,
            "abstained": label["abstained"] or not (words(passage.text) and words(comment.text)),
            "alignment": passage.alignment.value,
            "alignment_score": passage.alignment_score,
        }
        for (article, comment, passage), label in zip(answered, labels, strict=True)
    ]
    return conform(rows, frames.RELATIONS)


def stance_frame(requests: Sequence[ScoringRequests], scorer: Scorer) -> pd.DataFrame:
    """Return the `stances` frame, a row for each segment and each target that it speaks of."""
    stances = [(r.article, *pair) for r in requests for pair in r.stances]
    labels = _labelled(scorer, Task.STANCE, requests)
    rows = [
        {
            "article_id": article.article_id,
            "segment_id": part.segment_id,
            "voice": part.voice.value,
            "speaker": part.speaker,
            "target": mention.target.name,
            "score": label["p_favor"] - label["p_against"],
            "inherited": mention.inherited,
            **label,
        }
        for (article, part, mention), label in zip(stances, labels, strict=True)
    ]
    return conform(rows, frames.STANCES)


def bias_frame(requests: Sequence[ScoringRequests], scorer: Scorer) -> pd.DataFrame:
    """Return the `bias` frame, a row a segment that holds a word."""
    worded = [(r, part) for r in requests for part in r.worded]
    rows = [
        {
            "article_id": r.article.article_id,
            "segment_id": part.segment_id,
            "voice": part.voice.value,
            "p_biased": float(row[0]),
            "cues": format_cues(r.cues[part.segment_id]),
            "scorer": scorer.info.name,
        }
        for (r, part), row in zip(worded, _predicted(scorer, Task.BIAS, requests), strict=True)
    ]
    return conform(rows, frames.BIAS)


def _comparison_frame(
    requests: Sequence[ScoringRequests],
    stances: pd.DataFrame,
    scorer: Scorer,
    confidence_level: float,
    seed: int,
) -> pd.DataFrame:
    """Return the `comparison` frame: each article's targets, its author against its commentator."""
    of_article = dict(iter(stances.groupby("article_id", sort=False)))
    rows = [
        row
        for r in requests
        for row in comparison_rows(
            of_article.get(r.article.article_id, stances.iloc[:0]),
            [target.name for target in r.targets],
            article_id=r.article.article_id,
            scorer=scorer.info.name,
            confidence_level=confidence_level,
            seed=seed,
        )
    ]
    return conform(rows, frames.COMPARISON)


def _labelled(scorer: Scorer, task: Task, requests: Sequence[ScoringRequests]) -> list[dict]:
    """Return for each row its label, probabilities, confidence and whether it is abstained."""
    info = scorer.info
    threshold = info.threshold(task)
    labelled = []
    for row in _predicted(scorer, task, requests):
        best = int(row.argmax())
        confidence = float(row[best]) if task in info.calibrated else float("nan")
        labelled.append(
            {
                "label": task.labels[best],
                **{f"p_{name}": float(p) for name, p in zip(task.labels, row, strict=True)},
                "confidence": confidence,
                "abstained": confidence < threshold,
                "scorer": info.name,
            }
        )
    return labelled


def _predicted(scorer: Scorer, task: Task, requests: Sequence[ScoringRequests]) -> np.ndarray:
    """Have each distinct row scored once; shape (rows, labels), in [0, 1]."""
    places: dict[Texts, int] = {}
    where = [places.setdefault(row, len(places)) for r in requests for row in r.rows(task)]
    probabilities = np.asarray(scorer.predict(task, list(places)), dtype=float)
    return np.clip(probabilities.reshape(len(places), len(task.labels)), 0, 1)[where]
