"""Points to the small model when the larger one would take long."""

import time
from statistics import mean

from analysis.scorers import embedded as shipped
from analysis.scorers import load, onnx_runtime
from analysis.scorers.base import Scorer, ScorerInfo
from analysis.scorers.cache import ScoreCache
from analysis.scorers.embedded import EmbeddedScorer
from analysis.types import Task

LONG = 600  # seconds of scoring from which it is said
FASTEST = 0.002  # seconds in which no core scores a row; where even that is soon, none is timed
ROWS_AN_ARTICLE = 40  # in 100,000 generated articles; see docs/scale.md
CHARACTERS_AN_ARTICLE = 1_300  # of these
_SAMPLE = [
    (
        f"The council approved plan {n} after a long debate on the cost of the new bridge.",
        f"It was {n} weeks late, and nobody who lives there was ever asked about any of it.",
    )
    for n in range(8)
]


def smaller_model_note(
    scorer: str,
    articles: int,
    *,
    explained: bool = False,
    workers: int = 0,
) -> str:
    """Return a line on how much faster and how much worse the small model is.

    Both models score a few pairs for it, if the articles may take long. Empty where another scorer
    is used, where no larger model is installed, and where the articles are scored soon.

    Args:
        scorer: the name of the scorer that will be used.
        articles: how many are to be scored; a rough number will do.
        explained: whether their labels are explained as well, as in a report.
        workers: cores that score; 0: those of this process.
    """
    if (
        not articles
        or scorer != "embedded"
        or not (shipped.BASE.exists() and shipped.SMALL.exists())
    ):
        return ""
    cores = workers or onnx_runtime.threads()
    explanations = load(scorer).info.explained_texts if explained else 0
    rows = articles * (ROWS_AN_ARTICLE + explanations)
    if rows * FASTEST / cores < LONG:
        return ""
    large = seconds_a_row(scorer)
    needed = rows * large / cores
    if needed < LONG:
        return ""
    faster = large / seconds_a_row("embedded-small")
    cost = _quality_cost(load(scorer).info, load("embedded-small").info)
    return (
        f"scoring about {articles:,} articles with embedded takes about {needed / 60:,.0f} minutes "
        f"here; embedded-small is {faster:.1f} times as fast{cost}; name it as the scorer if that "
        "is enough"
    )


def seconds_a_row(scorer: str) -> float:
    """Return the seconds in which one core scores a pair, measured on a few."""
    measured: Scorer = EmbeddedScorer(name=scorer, cache=ScoreCache(None), threads=1)
    measured.predict(Task.RELATION, _SAMPLE[:1])  # opens the model
    begun = time.perf_counter()
    measured.predict(Task.RELATION, _SAMPLE[1:])
    return (time.perf_counter() - begun) / len(_SAMPLE[1:])


def _quality_cost(large: ScorerInfo, small: ScorerInfo) -> str:
    """Return both models' macro-F1 by task, the mean of the labeled sets that both have."""
    sets = [
        {
            name: kinds["int8"]["macro_f1"]
            for name, kinds in info.metrics.get("sets", {}).items()
            if "int8" in kinds
        }
        for info in (small, large)
    ]
    costs = []
    for task in Task:
        shared = [n for n in sets[0] if n in sets[1] and n.partition("/")[0] == task]
        if shared:
            worse, better = (mean(of[name] for name in shared) for of in sets)
            costs.append(f"{task} {worse:.2f} in place of {better:.2f}")
    return f", with a macro-F1 of {', '.join(costs)}" if costs else ""
