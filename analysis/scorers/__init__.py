"""The scorers and their registry; a scorer's packages and weights load on first use.

Rows of text come in, probabilities a label go out; imports `text` and the vocabulary above it.
"""

from functools import lru_cache

from analysis.errors import ScorerError
from analysis.scorers.base import Scorer, ScorerInfo, Texts
from analysis.types import DEFAULT_SCORER

__all__ = ["DEFAULT_SCORER", "NAMES", "Scorer", "ScorerInfo", "Texts", "load"]

NAMES = {
    "embedded": "the shipped model, ONNX Runtime, no network",
    "lexicon": "word lists: the baseline that every model must beat",
    "hub:NAME[@REVISION]": "any transformers sequence classifier, by name or folder",
    "embedded:FOLDER": "another model folder, such as `counterpoint recalibrate` writes",
}


@lru_cache(maxsize=4)
def load(name: str) -> Scorer:
    """Return a scorer by its name.

    Raises:
        ScorerError: the name is unknown, or its weights or packages are missing.
    """
    kind, _, model = name.partition(":")
    if kind == "lexicon" and not model:
        from analysis.scorers.lexicon import LexiconScorer

        return LexiconScorer()
    if kind == "embedded":
        from analysis.paths import resolve
        from analysis.scorers.embedded import EmbeddedScorer

        return EmbeddedScorer(resolve(model), name=name) if model else EmbeddedScorer()
    if kind == "hub" and model:
        from analysis.scorers.hub import HubScorer

        return HubScorer.from_name(model)
    raise ScorerError(f"scorer: found {name!r}; expected one of {', '.join(NAMES)}")
