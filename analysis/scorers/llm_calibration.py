"""The calibration of a language model's scores, a JSON file that `counterpoint recalibrate` writes.

    {"format": 1, "model": "MODEL", "tasks": {task: {"temperature": …, "bias": [a number per
    label]}}}

The calibrated probabilities are softmax(log p / temperature + bias).
"""

import hashlib
import json
from dataclasses import dataclass, field

import numpy as np

from analysis.errors import ScorerError, one_line
from analysis.paths import resolve
from analysis.scorers.calibration import Calibration
from analysis.types import Task

FORMAT = 1
MIN_PROBABILITY = 1e-6  # before the logarithm: one sample gives labels of probability 0


@dataclass(frozen=True, slots=True)
class LlmCalibration:
    """A calibration for some tasks, and the hash of its file."""

    heads: dict[Task, Calibration] = field(default_factory=dict)
    version: str = ""

    @property
    def tasks(self) -> frozenset[Task]:
        """The calibrated tasks."""
        return frozenset(self.heads)

    def apply(self, task: Task, probabilities: np.ndarray) -> np.ndarray:
        """Return calibrated probabilities; as they are for a task without a calibration."""
        if task not in self.heads:
            return probabilities
        return self.heads[task].probabilities(np.log(np.clip(probabilities, MIN_PROBABILITY, None)))


def read_calibration(path: str, model: str) -> LlmCalibration:
    """Return the calibration in a file, an empty one where no file is named.

    Raises:
        ScorerError: the file cannot be read, or is of another model.
    """
    if not path:
        return LlmCalibration()
    problem = ""
    try:
        data = resolve(path).read_bytes()
        found = json.loads(data)
        heads = {Task(task): _head(Task(task), head) for task, head in found["tasks"].items()}
        if found["format"] != FORMAT or found["model"] != model:
            problem = f"it is of {found['model']}, format {found['format']}"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        problem = one_line(error)[:120] or type(error).__name__
    if problem:
        raise ScorerError(
            f"{path}: is no calibration of {model} ({problem}); expected a file that "
            "`counterpoint recalibrate` wrote for it"
        )
    return LlmCalibration(heads, hashlib.sha256(data).hexdigest()[:12])


def _head(task: Task, values: dict) -> Calibration:
    temperature, bias = float(values["temperature"]), tuple(map(float, values["bias"]))
    if not 0 < temperature < 1e6 or len(bias) != len(task.labels) or not np.isfinite(bias).all():
        raise ValueError(f"{task}: temperature {temperature}, biases {bias}")
    return Calibration(temperature, bias)


def calibration_text(model: str, heads: dict[Task, Calibration]) -> str:
    """Return the text of a calibration's file."""
    tasks = {
        task.value: {"temperature": head.temperature, "bias": list(head.bias)}
        for task, head in heads.items()
    }
    return json.dumps({"format": FORMAT, "model": model, "tasks": tasks}, indent=1) + "\n"
