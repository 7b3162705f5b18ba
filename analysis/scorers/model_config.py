"""A model folder's `config.json`: the model's input and output for each task.

    {"format": 1, "name": …, "max_length": tokens, "explained_texts": …, "tasks": {task: {
        "labels": in the output's order,
        "first": …, "second": … or null: the task's fields in the model's order,
        "truncation": the field that may be cut, in the terms of the tokenizers library,
        "temperature": …, "bias": [a number for each label]: softmax(logits / temperature + bias),
        "threshold": the confidence below which the scorer abstains}}}

Other keys are for human readers.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.scorers.base import EXPLAINED_TEXTS
from analysis.scorers.calibration import Calibration
from analysis.types import Task

FORMAT = 1
# Which of a row's two texts, in the model's order, must never be cut.
WHOLE = {"longest_first": None, "only_second": 0, "only_first": 1}


@dataclass(frozen=True, slots=True)
class Head:
    """One task's input and output.

    Attributes:
        columns: for each of our labels, its column in the model's output.
        texts: for each text in the model's order, its place in a row.
        whole: the text, in the model's order, that must not be cut; None where both may be.
        temperature: divides the logits; None where the task was not calibrated.
        bias: added to the divided logits, in the order of our labels, shape (labels,).
        threshold: the confidence below which the scorer abstains.
    """

    columns: tuple[int, ...]
    texts: tuple[int, ...]
    whole: int | None
    temperature: float | None
    bias: np.ndarray
    threshold: float

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Return softmax(logits / temperature + bias), float64 (n, labels) in our label order."""
        ours = logits[:, self.columns].astype(np.float64)
        return Calibration(self.temperature or 1.0, tuple(self.bias)).probabilities(ours)


@dataclass(frozen=True, slots=True)
class Config:
    """The contents of `config.json`, checked."""

    name: str
    max_length: int
    languages: tuple[str, ...]
    explained_texts: int
    heads: dict[Task, Head]


def parse_config(values: dict[str, Any]) -> Config:
    """Return a checked configuration.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: something is missing or does not
            fit; the caller knows the file's name.
    """
    name, length = str(values["name"]), int(values["max_length"])
    if not 16 <= length <= 512:
        raise ValueError(f"max_length {length}, expected 16 to 512")
    return Config(
        name=name,
        max_length=length,
        languages=tuple(values.get("languages", ("en",))),
        explained_texts=int(values.get("explained_texts", EXPLAINED_TEXTS)),
        heads={Task(task): _head(Task(task), head) for task, head in values["tasks"].items()},
    )


def _head(task: Task, values: dict[str, Any]) -> Head:
    labels = list(values["labels"])
    texts = [field for field in (values["first"], values.get("second")) if field]
    if sorted(labels) != sorted(task.labels) or sorted(texts) != sorted(task.fields):
        raise ValueError(
            f"{task}: labels {labels}, texts {texts}; "
            f"expected {list(task.labels)}, {list(task.fields)}"
        )
    temperature, columns = values.get("temperature"), tuple(map(labels.index, task.labels))
    bias = np.array(values.get("bias") or [0.0] * len(labels), dtype=np.float64)
    if bias.shape != (len(labels),) or (temperature is not None and not temperature > 0):
        raise ValueError(f"{task}: temperature {temperature}, bias {bias.tolist()}")
    return Head(
        columns=columns,
        texts=tuple(map(task.fields.index, texts)),
        whole=WHOLE[values.get("truncation", "longest_first")] if len(texts) > 1 else None,
        temperature=temperature,
        bias=bias[list(columns)],
        threshold=float(values.get("threshold", 0.0)),
    )
