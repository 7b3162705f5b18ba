"""Recalibration of a model folder on people's labels, written as a new folder.

Only the temperature and biases of one task change: `p = softmax(logits / temperature + bias)`,
fitted by log-likelihood (vector scaling with one scale; Guo et al. 2017). The biases may
change the label of a row; the weights stay the same.
"""

import hashlib
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from analysis.atomic import write_atomically
from analysis.errors import InputError, ParameterError
from analysis.quality.evaluate import expected_calibration_error
from analysis.scorers import Texts, unanswered
from analysis.scorers.calibration import Calibration, cross_fitted, fit
from analysis.scorers.embedded import EmbeddedScorer
from analysis.scorers.llm import LlmScorer
from analysis.scorers.llm_calibration import MIN_PROBABILITY as MIN_SHARE
from analysis.scorers.llm_calibration import calibration_text
from analysis.scorers.onnx_folder import CHECKSUMS
from analysis.types import Task

MIN_ROWS = 100  # distinct; with fewer, chance moves the error by more than a fit can
MIN_ROWS_PER_LABEL = 10
RESAMPLES = 1000
MIN_PROBABILITY = 1e-9  # before the logarithm

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95% bootstrap interval over rows."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Recalibration:
    """A new calibration and its effect on rows that it was not fitted to.

    Attributes:
        task: the calibrated task.
        n: number of distinct rows that it was fitted to.
        labels: number of rows of each label.
        temperature, bias: as in `config.json`, in the order of its labels.
        ece_before, ece_after: expected calibration error of the top label, in 15 bins.
        loss_before, loss_after: mean −log P(the gold label), in nats.
        gain: mean of loss_before − loss_after over rows; above 0 the new one is better.
        threshold: the confidence below which the scorer abstains, unchanged.
    """

    task: Task
    n: int
    labels: dict[str, int]
    temperature: float
    bias: tuple[float, ...]
    ece_before: Estimate
    ece_after: Estimate
    loss_before: float
    loss_after: float
    gain: Estimate
    threshold: float

    @property
    def helps(self) -> bool:
        """Whether the interval of the gain lies above 0."""
        return self.gain.low > 0

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self) | {"task": self.task.value, "bias": list(self.bias)}


def measure(
    scorer: EmbeddedScorer | LlmScorer,
    task: Task,
    rows: Sequence[Texts],
    gold: Sequence[str],
    *,
    seed: int = 0,
) -> Recalibration:
    """Fit a calibration, and measure it by five-fold cross-fitting.

    Args:
        scorer: the scorer of the model folder, or a language model.
        task: the task to calibrate.
        rows: as `Scorer.predict` takes them; a repeated row counts once.
        gold: their labels.
        seed: of the bootstrap.

    Raises:
        InputError: there are fewer than 100 distinct rows, or than 10 of a label.
    """
    distinct = dict(zip(map(tuple, rows), gold, strict=True))
    counts = Counter(distinct.values())
    labels = {label: counts[label] for label in task.labels}
    if len(distinct) < MIN_ROWS or min(labels.values()) < MIN_ROWS_PER_LABEL:
        listed = ", ".join(f"{n} {label}" for label, n in labels.items())
        raise InputError(
            f"{task}: found {len(distinct)} distinct labeled rows ({listed}); expected at least "
            f"{MIN_ROWS}, and {MIN_ROWS_PER_LABEL} of each label, to calibrate on; label more"
        )
    predicted = scorer.predict(task, list(distinct))
    if (empty := unanswered(predicted)).any():
        raise InputError(
            f"{task}: found no valid answer of the model to {int(empty.sum())} of {len(distinct)} "
            "rows; expected one to each, try again or another model"
        )
    truth = np.array([task.labels.index(label) for label in distinct.values()])
    least = MIN_PROBABILITY if isinstance(scorer, EmbeddedScorer) else MIN_SHARE
    before = np.clip(predicted, least, None)
    logs, even = np.log(before), np.ones(len(truth))
    after = cross_fitted(logs, truth, even)
    fitted = fit(logs, truth, even)
    losses = [
        -np.log(np.clip(p, MIN_PROBABILITY, None))[np.arange(len(truth)), truth]
        for p in (before, after)
    ]
    temperature, bias = _composed(scorer, task, fitted)
    picks = np.random.default_rng(seed).integers(0, len(truth), size=(RESAMPLES, len(truth)))
    return Recalibration(
        task=task,
        n=len(truth),
        labels=labels,
        temperature=temperature,
        bias=bias,
        ece_before=_reflected(_bootstrapped(lambda rows: _ece(before[rows], truth[rows]), picks)),
        ece_after=_reflected(_bootstrapped(lambda rows: _ece(after[rows], truth[rows]), picks)),
        loss_before=float(losses[0].mean()),
        loss_after=float(losses[1].mean()),
        gain=_bootstrapped(lambda rows: float((losses[0] - losses[1])[rows].mean()), picks),
        threshold=scorer.info.threshold(task),
    )


def _composed(
    scorer: EmbeddedScorer | LlmScorer, task: Task, fitted: Calibration
) -> tuple[float, tuple[float, ...]]:
    """Return one calibration of the logits that is the old and the new one in turn.

    softmax(log softmax(z / T + b) / t + c) is softmax(z / (T t) + b / t + c).
    """
    if isinstance(scorer, LlmScorer):
        before = scorer.calibration().heads.get(task, Calibration(1.0, (0.0,) * len(task.labels)))
        ours = np.array(before.bias) / fitted.temperature + np.array(fitted.bias)
        rounded = tuple(round(float(b), 6) for b in ours - ours.mean())
        return round(before.temperature * fitted.temperature, 6), rounded
    head = scorer.folder.config.heads[task]
    ours = head.bias / fitted.temperature + np.array(fitted.bias)
    theirs = np.empty(len(ours))
    theirs[list(head.columns)] = ours - ours.mean()  # in the folder's own order of labels
    temperature = (head.temperature or 1.0) * fitted.temperature
    return round(float(temperature), 6), tuple(round(float(b), 6) for b in theirs)


def _ece(probabilities: Array, truth: Array) -> float:
    return expected_calibration_error(
        probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    )


def _bootstrapped(of: Callable[[Array], float], picks: Array) -> Estimate:
    resampled = [of(rows) for rows in picks]
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Estimate(of(np.arange(picks.shape[1])), float(low), float(high))


def _reflected(found: Estimate) -> Estimate:
    """Return the basic bootstrap's interval in place of the percentile one, at least 0.

    Resampling adds to a binned calibration error as sampling did, so the percentile interval lies
    too high, and may lie above the estimate itself (Davison and Hinkley 1997).
    """
    low, high = 2 * found.value - found.high, 2 * found.value - found.low
    return replace(found, low=max(0.0, low), high=max(0.0, high))


def write_llm(scorer: LlmScorer, found: Recalibration, out: str | Path) -> Path:
    """Write a language model's calibration as a file, with those of other tasks that it had.

    Returns:
        The file; `--scorer llm:MODEL?calibration=FILE` uses it.

    Raises:
        ParameterError: the file exists.
        InputError: it cannot be written.
    """
    out = Path(out)
    refuse_existing(out)
    heads = dict(scorer.calibration().heads) | {
        found.task: Calibration(found.temperature, found.bias)
    }
    try:
        write_atomically(out, calibration_text(scorer.model, heads))
    except OSError as error:
        raise InputError(
            f"{out}: cannot be written ({error.strerror or error}); expected the name of a new file"
        ) from None
    return out


def write(scorer: EmbeddedScorer, found: Recalibration, out: str | Path) -> Path:
    """Write the model folder with its new calibration, completely or not at all.

    The metrics of the task's old calibration are left out of the new `metrics.json`.

    Args:
        scorer: the scorer of the recalibrated folder.
        found: the result of `measure`.
        out: a folder that does not exist yet.

    Returns:
        The folder; `--scorer embedded:FOLDER` uses it.

    Raises:
        ParameterError: the folder exists.
        InputError: it cannot be written.
    """
    out = Path(out)
    refuse_existing(out)
    old = scorer.folder
    config = json.loads(old.read("config.json"))
    changes = {"temperature": found.temperature, "bias": list(found.bias)}
    config["tasks"][found.task.value] |= changes
    files = {
        **{name: old.read(name) for name in old.files},
        "config.json": _json(config),
        "metrics.json": _json(_metrics(old.metrics, found, old.version)),
    }
    sums = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    files[CHECKSUMS] = "".join(sums).encode()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=out.parent) as beside:
            complete = Path(beside) / out.name
            complete.mkdir()
            for name, data in files.items():
                (complete / name).write_bytes(data)
            complete.rename(out)
    except OSError as error:
        raise InputError(
            f"{out}: the model folder could not be written ({error.strerror or error}); expected "
            "the name of a new folder, in a writable folder with free space"
        ) from None
    return out


def refuse_existing(out: Path) -> None:
    """Raise a ParameterError if there is anything at the place of a new folder."""
    if os.path.lexists(out):
        raise ParameterError(
            f"--out {out}: already exists; expected the name of a new folder, since a "
            "calibration never overwrites another"
        )


def _metrics(old: dict[str, Any], found: Recalibration, version: str) -> dict[str, Any]:
    sets = {k: v for k, v in old.get("sets", {}).items() if k.partition("/")[0] != found.task}
    before = [*old.get("recalibrated", []), {"from": version} | found.as_dict()]
    return {"sets": sets, "recalibrated": before}


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def lines(found: Recalibration) -> list[str]:
    """Return the effect of a recalibration in plain sentences."""
    labels = ", ".join(f"{n} {label}" for label, n in found.labels.items())
    verdict = "it is better" if found.helps else "no gain can be shown"
    losses = f"{found.loss_before:.3f}, {found.loss_after:.3f}"
    biases = ", ".join(f"{b:+.3f}" for b in found.bias)
    return [
        f"{found.task}: fitted to {found.n} rows ({labels}); measured on rows not fitted to",
        f"calibration error before: {_formatted(found.ece_before)}",
        f"calibration error after:  {_formatted(found.ece_after)}",
        f"log loss before and after: {losses}; gain {_formatted(found.gain)}: {verdict}",
        f"temperature {found.temperature:g}, biases {biases}",
        f"below a confidence of {found.threshold:g} it abstains, as before",
    ]


def _formatted(figures: Estimate) -> str:
    return f"{figures.value:.3f} ({figures.low:.3f} to {figures.high:.3f})"
