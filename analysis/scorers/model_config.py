"""What a model folder's `config.json` says: how each task is asked and its answer read.

    {"format": 1, "name": …, "max_length": tokens, "tasks": {task: {
        "labels": in the output's order,
        "first": …, "second": … or null: the task's fields in the model's order,
        "truncation": which of them may be cut, as the tokenizers library calls it,
        "temperature": …, "bias": [a number a label]: softmax(logits / temperature + bias),
        "threshold": the confidence below which the scorer abstains,
        "withhold_names": whether names of states are kept from the model (stance only)}}}

Other keys are for people.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.types import Task

FORMAT = 1
# Which of a row's two texts, in the model's order, must never be cut.
WHOLE = {"longest_first": None, "only_second": 0, "only_first": 1}


@dataclass(frozen=True, slots=True)
class Head:
    """How one task is asked and answered.

    Attributes:
        columns: for each of our labels, its column in the model's output.
        texts: for each text in the model's order, its place in a row.
        whole: the text, in the model's order, that must not be cut; None where both may be.
        temperature: divides the logits; None where the task was not calibrated.
        bias: added to the divided logits, in the order of our labels, shape (labels,).
        threshold: the confidence below which the scorer abstains.
        withholds: whether the model is asked as `entity_masking.readings` says.
    """

    columns: tuple[int, ...]
    texts: tuple[int, ...]
    whole: int | None
    temperature: float | None
    bias: np.ndarray
    threshold: float
    withholds: bool = False

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Return softmax(logits / temperature + bias), float64 (n, labels) in our label order."""
        scores = logits[:, self.columns].astype(np.float64) / (self.temperature or 1) + self.bias
        exp = np.exp(scores - scores.max(axis=1, keepdims=True))
        return exp / exp.sum(axis=1, keepdims=True)


@dataclass(frozen=True, slots=True)
class Config:
    """What `config.json` says, checked."""

    name: str
    max_length: int
    languages: tuple[str, ...]
    heads: dict[Task, Head]


def parse_config(found: dict[str, Any]) -> Config:
    """Return a checked configuration.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: something is missing or does not
            fit; the folder's reader says where.
    """
    return Config(
        name=str(found["name"]),
        max_length=_length(found["max_length"]),
        languages=tuple(found.get("languages", ("en",))),
        heads={Task(task): _head(Task(task), told) for task, told in found["tasks"].items()},
    )


def _length(value: Any) -> int:
    if not 16 <= int(value) <= 512:
        raise ValueError(f"max_length {value}, expected 16 to 512")
    return int(value)


def _head(task: Task, told: dict[str, Any]) -> Head:
    labels = list(told["labels"])
    texts = [field for field in (told["first"], told.get("second")) if field]
    if sorted(labels) != sorted(task.labels) or sorted(texts) != sorted(task.fields):
        raise ValueError(
            f"{task}: labels {labels}, texts {texts}; "
            f"expected {list(task.labels)}, {list(task.fields)}"
        )
    temperature, columns = told.get("temperature"), tuple(map(labels.index, task.labels))
    bias = np.array(told.get("bias") or [0.0] * len(labels), dtype=np.float64)
    if bias.shape != (len(labels),) or (temperature is not None and not temperature > 0):
        raise ValueError(f"{task}: temperature {temperature}, bias {bias.tolist()}")
    withholds = told.get("withhold_names", False)
    if withholds not in ((True, False) if task is Task.STANCE else (False,)):
        raise ValueError(
            f"{task}: withhold_names {withholds!r}, expected true or false, for stance"
        )
    return Head(
        columns=columns,
        texts=tuple(map(task.fields.index, texts)),
        whole=WHOLE[told.get("truncation", "longest_first")] if len(texts) > 1 else None,
        temperature=temperature,
        bias=bias[list(columns)],
        threshold=float(told.get("threshold", 0.0)),
        withholds=withholds,
    )
