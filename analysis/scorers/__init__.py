"""The scorers and their registry; a scorer's packages and weights load on first use.

In: rows of texts. Out: label probabilities, float64 (rows, labels). Imports `text` and the modules
before it.
"""

from functools import lru_cache

from analysis.errors import ScorerError
from analysis.scorers.base import Scorer, ScorerInfo, Texts, best_labels, in_order, unanswered
from analysis.types import DEFAULT_SCORER, SCORERS

__all__ = [
    "DEFAULT_SCORER",
    "Scorer",
    "ScorerInfo",
    "Texts",
    "best_labels",
    "in_order",
    "load",
    "unanswered",
]


@lru_cache(maxsize=4)
def load(name: str) -> Scorer:
    """Return a scorer by its name, one of `SCORERS`.

    Raises:
        ScorerError: the name is unknown, or its weights or packages are missing.
    """
    kind, _, model = name.partition(":")
    if name == "lexicon":
        from analysis.scorers.lexicon import LexiconScorer

        return LexiconScorer()
    if name in ("embedded", "embedded-small") or (kind == "embedded" and model):
        from analysis.paths import resolve
        from analysis.scorers.embedded import EmbeddedScorer

        return EmbeddedScorer(resolve(model) if model else None, name=name)
    if kind == "llm" and model:
        from analysis.scorers.llm import LlmScorer

        return LlmScorer.from_name(model)
    if kind == "hub" and model:
        from analysis.scorers.hub import HubScorer

        return HubScorer.from_name(model)
    raise ScorerError(f"scorer: found {name!r}; expected one of {', '.join(SCORERS)}")
