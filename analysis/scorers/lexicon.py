"""The `lexicon` scorer: word lists, the baseline for every model; nothing is learned.

Polarity is VADER's (Hutto and Gilbert 2014); agreement and disagreement come from a short
list of discourse cues. The probabilities are a softmax of counts and are not calibrated.
"""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache, cached_property, lru_cache
from itertools import accumulate

import numpy as np
import yaml

from analysis.paths import PACKAGE_DATA
from analysis.scorers.base import ScorerInfo, Texts
from analysis.scorers.calibration import softmax
from analysis.text.targets import mention_pattern, targets_named
from analysis.types import Task

CUES = PACKAGE_DATA / "discourse_cues.yaml"
OPENING = 12  # words; a cue in the first ones counts more
READ = 10_000  # characters of a text whose polarity counts: VADER's time grows with their square
NEGATION = 100  # characters before a cue in which it may be negated
CONTEXT = 120  # characters on each side of a mention whose polarity counts
LIMITS = (
    (
        "This scorer is a baseline: a word list. It counts emotional words and cues of "
        "disagreement; it does not understand a sentence."
    ),
    (
        "It misses irony, implication, and who does what to whom. A sentence about a war reads as "
        "negative toward everybody named in it."
    ),
)


class LexiconScorer:
    """VADER and discourse cues behind the `Scorer` protocol."""

    @property
    def info(self) -> ScorerInfo:
        """What this scorer is: uncalibrated, English, never abstaining."""
        return ScorerInfo(
            name="lexicon",
            version=hashlib.sha256(CUES.read_bytes()).hexdigest()[:12],
            description="word lists (VADER polarity and discourse cues): a baseline, not a model",
            fast=True,
            limits=LIMITS,
        )

    def predict(self, task: Task, rows: Sequence[Texts]) -> np.ndarray:
        """Return label probabilities, shape (n, labels); see `Scorer.predict`."""
        scorers = (self._relation, self._stance, self._bias)
        logits = dict(zip(Task, scorers, strict=True))[task]
        scores = np.array([logits(*row) for row in rows], dtype=float)
        return softmax(scores.reshape(len(rows), len(task.labels)))

    @cached_property
    def _vader(self):
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

        return SentimentIntensityAnalyzer()

    def _shares(self, text: str) -> dict[str, float]:
        """Return VADER's figures for the start of a text; an emoji counts as its description."""
        emojis = self._vader.emojis
        lengths = accumulate(len(emojis.get(char, char)) for char in text[:READ])
        return self._vader.polarity_scores(text[: bisect_right(list(lengths), READ)])

    def _polarity(self, text: str) -> float:
        return self._shares(text)["compound"]

    def _relation(self, passage: str, comment: str) -> list[float]:
        """Weigh the cues, and whether both texts have the same polarity."""
        weights = _weights(comment)
        same_tone = self._polarity(passage) * self._polarity(comment)
        return [weights["agree"] + same_tone, weights["disagree"] - same_tone, 0.5]

    def _stance(self, text: str, target: str) -> list[float]:
        """Average the polarity around the target's mentions, or take the whole text's."""
        spans = [match.span() for match in _mention(target).finditer(text)]
        around = [text[max(0, start - CONTEXT) : end + CONTEXT] for start, end in spans]
        if not around:
            return [2 * self._polarity(text), -2 * self._polarity(text), 1.0]
        tone = float(np.mean([self._polarity(piece) for piece in around]))
        return [2 * tone, -2 * tone, 0.5]

    def _bias(self, text: str) -> list[float]:
        """Return a score that rises with the share of emotional words."""
        shares = self._shares(text)
        loaded = 1 - shares["neu"] if text.strip() else 0.0
        return [3 * loaded + abs(shares["compound"]), 1.0]


@lru_cache(maxsize=4096)
def _mention(target: str) -> re.Pattern[str]:
    return mention_pattern(targets_named([target])[0])


def _weights(comment: str) -> dict[str, float]:
    """Sum the weights of each side's distinct cues; those in the opening words weigh more.

    A negated cue of agreement ("not quite correct") is one of disagreement.
    """
    text = " ".join(comment.lower().replace("’", "'").split())
    opening = len(" ".join(text.split()[:OPENING]))
    weights: dict[tuple[str, str], float] = {}
    for side, pattern in _patterns().items():
        for match in pattern.finditer(text):
            near = max(0, match.start() - NEGATION)
            negated = side == "agree" and _NEGATED.search(text, near, match.start())
            key = ("disagree" if negated else side, match[0])
            weight = 2.0 if match.start() < opening else 0.5
            weights[key] = max(weight, weights.get(key, 0.0))
    sides = ("agree", "disagree")
    return {s: sum(weight for (side, _), weight in weights.items() if side == s) for s in sides}


_NEGATED = re.compile(r"(?:\b(?:not|never|no|hardly|without)|n't)\s+(?:\w+\s+){0,2}$")


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    table = yaml.safe_load(CUES.read_text(encoding="utf-8"))
    return {
        side: re.compile(
            r"(?<!\w)(?:"
            + "|".join(re.escape(cue) for cue in sorted(table[side], key=len, reverse=True))
            + r")(?!\w)"
        )
        for side in ("agree", "disagree")
    }
