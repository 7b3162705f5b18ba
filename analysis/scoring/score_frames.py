"""Turns scoring requests into the five frames, for one article or for many."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis import frames
from analysis.frames import conform
from analysis.scorers import Scorer, Texts, best_labels, unanswered
from analysis.scoring.compare import comparison_rows
from analysis.scoring.requests import Derivation, ScoringRequests
from analysis.text.loaded_language import format_cues
from analysis.text.marks import words
from analysis.types import Task, Voice

SIDES = ("favor", "against")


def score_requests(
    requests: Sequence[ScoringRequests],
    scorer: Scorer,
    *,
    confidence_level: float = 0.95,
    seed: int = 0,
) -> dict[str, pd.DataFrame]:
    """Return the five frames of several articles, article by article.

    The scorer is called once a task for all of them, so that its batches fill across
    articles and equal rows are scored once.
    """
    relations = relation_frame(requests, scorer)
    stances = stance_frame(requests, scorer, relations)
    return {
        "segments": segment_frame(requests),
        "relations": relations,
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
    labels = _labeled(scorer, Task.RELATION, requests)
    rows = [
        {
            "article_id": article.article_id,
            "commentary_id": comment.commentary_id,
            "commentator": comment.commentator,
            "reply_to": comment.reply_to,
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


def stance_frame(
    requests: Sequence[ScoringRequests], scorer: Scorer, relations: pd.DataFrame
) -> pd.DataFrame:
    """Return the `stances` frame: scored rows of each article, then its derived ones.

    Args:
        requests: of one article or of several.
        scorer: any scorer.
        relations: the `relations` frame of the same requests.
    """
    labels = iter(_labeled(scorer, Task.STANCE, requests))
    relation_of = {(r.article_id, r.commentary_id): r for r in relations.itertuples()}
    rows = []
    for r in requests:
        article_id = r.article.article_id
        scored = [
            {
                "article_id": article_id,
                "segment_id": request.segment_id,
                "commentary_id": request.commentary_id,
                "voice": request.voice.value,
                "speaker": request.speaker,
                "target": request.target.name,
                "score": label["p_favor"] - label["p_against"],
                "derived": False,
                **label,
            }
            for request, label in zip(r.stances, labels, strict=False)
        ]
        rows += _with_derived(scored, r, relation_of)
    return conform(rows, frames.STANCES)


def _with_derived(
    scored: Sequence[dict], requests: ScoringRequests, relation_of: Mapping[tuple[str, str], Any]
) -> list[dict]:
    """Return an article's scored stances, then those derived from others."""
    rows: list[dict] = []
    places: dict[Place, list[int]] = {}

    def add(row: dict) -> None:
        places.setdefault(_place(row), []).append(len(rows))
        rows.append(row)

    for row in scored:
        add(row)
    means: dict[tuple[frozenset[str], str], list[float]] = {}
    for derivation in requests.derived:  # a reply's follow from those of its comment, added before
        key = derivation.sources, derivation.target.name
        if key not in means:
            means[key] = _mean([rows[n] for n in _numbers(places, *key)])
        comment = requests.article.article_id, derivation.comment.commentary_id
        add(_derived(derivation, relation_of[comment], *means[key]))
    return rows


Place = tuple[str, str]  # a segment's or comment's id, and a target's name


def _place(row: dict) -> Place:
    return row["segment_id"] or row["commentary_id"], row["target"]


def _numbers(places: dict[Place, list[int]], sources: frozenset[str], target: str) -> list[int]:
    """Return the numbers of a target's rows of some segments or comments, in order."""
    return sorted(n for source in sources for n in places.get((source, target), ()))


def _mean(rows: Sequence[dict]) -> list[float]:
    """Return the mean P(favor) and P(against) of stances."""
    return [float(np.mean([row[f"p_{side}"] for row in rows])) for side in SIDES]


def _derived(derivation: Derivation, relation: Any, favor: float, against: float) -> dict:
    """Return the stance that follows from a comment's relation to what its passage says.

    Who agrees shares the passage's stance, who disagrees takes the opposite one, who does neither
    takes none: with q the mean of the passage's probabilities, P(favor) = P(agree) q(favor) +
    P(disagree) q(against). It is no measured probability, so it has no confidence.
    """
    p_favor = relation.p_agree * favor + relation.p_disagree * against
    p_against = relation.p_agree * against + relation.p_disagree * favor
    probabilities = (p_favor, p_against, max(0.0, 1 - p_favor - p_against))
    return {
        "article_id": relation.article_id,
        "segment_id": "",
        "commentary_id": relation.commentary_id,
        "voice": Voice.COMMENTATOR.value,
        "speaker": relation.commentator,
        "target": derivation.target.name,
        "label": Task.STANCE.labels[int(np.argmax(probabilities))],
        **{f"p_{name}": p for name, p in zip(Task.STANCE.labels, probabilities, strict=True)},
        "score": p_favor - p_against,
        "confidence": float("nan"),
        "abstained": relation.abstained,
        "derived": True,
        "scorer": relation.scorer,
    }


def bias_frame(requests: Sequence[ScoringRequests], scorer: Scorer) -> pd.DataFrame:
    """Return the `bias` frame, a row a segment that holds a word; empty if it is not asked."""
    if Task.BIAS not in scorer.info.tasks:
        return conform([], frames.BIAS)
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


def _labeled(scorer: Scorer, task: Task, requests: Sequence[ScoringRequests]) -> list[dict]:
    """Return for each row its label, probabilities, confidence and whether it is abstained.

    A row without an answer is abstained, with equal probabilities.
    """
    info = scorer.info
    threshold = info.threshold(task)
    labeled = []
    predicted = _predicted(scorer, task, requests)
    missing, labels = unanswered(predicted), best_labels(predicted)
    predicted[missing] = 1 / len(task.labels)
    for row, best, empty in zip(predicted, labels, missing, strict=True):
        confidence = float(row[best]) if task in info.calibrated else float("nan")
        labeled.append(
            {
                "label": task.labels[best],
                **{f"p_{name}": float(p) for name, p in zip(task.labels, row, strict=True)},
                "confidence": confidence,
                "abstained": bool(empty or confidence < threshold),
                "scorer": info.name,
            }
        )
    return labeled


def _predicted(scorer: Scorer, task: Task, requests: Sequence[ScoringRequests]) -> np.ndarray:
    """Score each distinct row once; shape (rows, labels), in [0, 1]."""
    places: dict[Texts, int] = {}
    where = [places.setdefault(row, len(places)) for r in requests for row in r.rows(task)]
    probabilities = np.asarray(scorer.predict(task, list(places)), dtype=float)
    return np.clip(probabilities.reshape(len(places), len(task.labels)), 0, 1)[where]
