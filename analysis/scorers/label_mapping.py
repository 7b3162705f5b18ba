"""The labels of other models, mapped to ours.

A model's `id2label` names its columns. Each name is normalized to lower-case words and
looked up; several columns may map to one of our labels (query and comment are both
`neutral`), and their probabilities add up. Sentiment (positive, negative) is not mapped,
since it is not stance; a user may map it explicitly.
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from analysis.errors import ScorerError
from analysis.types import Bias, Task

# Normalized names of the labels, in the order of `labels` of relation and of stance: the
# spellings of NLI, stance and agreement data sets.
SIDES = {
    "for": "entailment entail entails entailed agree agrees agreed agreement favor favour "
    "in_favor in_favour for support supports supported supporting supportive pro "
    "endorse affirm confirm",
    "against": "contradiction contradict contradicts contradictory disagree disagrees disagreed "
    "disagreement against oppose opposes opposed opposing con anti deny denies refute "
    "refutes refuted attack attacks reject counter",
    "neither": "neutral none neither unrelated irrelevant discuss discusses comment comments query "
    "queries question no_stance not_enough_info nei unknown unstated other mixed both",
}
BIAS = {
    Bias.BIASED: "biased bias loaded slanted partisan",
    Bias.UNBIASED: "unbiased non_biased not_biased nonbiased no_bias non_bias neutral",
}
NLI = frozenset("entailment entail entails entailed not_entailment".split())


def normalize(name: str) -> str:
    """Return a label's name in lower case with single underscores between words."""
    return re.sub(r"[\W_]+", "_", name.lower()).strip("_")


def is_nli(labels: Sequence[str]) -> bool:
    """Tell whether a model judges a hypothesis against a premise."""
    return any(normalize(label) in NLI for label in labels)


def mapping_matrix(
    task: Task, labels: Sequence[str], override: Mapping[str, str], where: str
) -> np.ndarray:
    """Return the mapping as 0 and 1, shape (labels of the model, labels of the task).

    Args:
        task: the task whose labels are wanted.
        labels: the model's labels, in column order.
        override: the model's label -> one of ours, or any spelling known here.
        where: the model's name, for the message.

    Raises:
        ScorerError: a label is unknown, or none maps to the first or second label of the task.
    """
    sides = (BIAS if task is Task.BIAS else SIDES).values()
    columns = {name: column for column, names in enumerate(sides) for name in names.split()}
    given = {normalize(name): normalize(meaning) for name, meaning in override.items()}
    if unknown := set(given) - set(map(normalize, labels)):
        raise ScorerError(
            f"{where}: the mapping names {_listed(unknown)}; its labels are {_listed(labels)}"
        )
    meanings = [given.get(normalize(label), normalize(label)) for label in labels]
    matrix = np.zeros((len(labels), len(task.labels)))
    for place, meaning in enumerate(meanings):
        if meaning in columns:
            matrix[place, columns[meaning]] = 1
    if not matrix.any(axis=1).all() or not matrix.any(axis=0)[:2].all():
        raise ScorerError(
            f"{where}: found labels {_listed(labels)}; expected ones for {task} that mean "
            f"{', '.join(task.labels)}; say what each means, such as "
            f"hub:NAME?{labels[0]}={task.labels[0]}&{labels[-1]}={task.labels[1]}, "
            "or use a model made for this task"
        )
    return matrix


def _listed(names) -> str:
    return ", ".join(sorted(map(str, names)))
