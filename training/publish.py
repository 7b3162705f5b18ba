"""From trained weights to the shipped folder: int8, calibration, figures, card and sums."""

import json
import sys
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from analysis.quality.audit import audit
from analysis.scorers.cache import ScoreCache
from analysis.scorers.calibration import Floats
from analysis.scorers.embedded import EmbeddedScorer
from training.bases import BASES, Base
from training.card import Beside, write_card
from training.checksums import write_sums
from training.config import TrainConfig
from training.data import Row
from training.encode import TRUNCATION
from training.export import LEVELS, copy_tokenizer, split_weights, write_float, write_int8
from training.held_out import OWN_ARTICLES, DevSet
from training.measure import (
    Answering,
    answering,
    by_part,
    divergences,
    figures,
    scores,
    uncalibrated,
)
from training.model import Model
from training.tasks import TASKS

FIRST = {"relation": "passage", "stance": "target", "bias": "text"}
SECOND = {"relation": "comment", "stance": "text", "bias": None}
COST = 0.01  # macro-F1 that int8 may cost on the mean of a task's sets

Sets = Mapping[str, list[Row]]
Logits = dict[str, Floats]


class Made(NamedTuple):
    """The record of weights that are published.

    Attributes:
        config: the model's configuration.
        base: folder of the pretrained encoder.
        record: how they were made, for `training.json`.
        compared: on how many rows of each half A int8 is compared with float32; None for all.
        beside: another model, whose figures the card shows beside these.
    """

    config: TrainConfig
    base: Path
    record: dict
    compared: int | None = None
    beside: Beside | None = None


def publish(
    model: Model,
    made: Made,
    sets: Mapping[str, DevSet],
    own: list[Row],
    out: Path,
    marginalia: Path,
) -> None:
    """Write every file of the shipped folder.

    Halves A choose how much is quantized, calibrate and set the thresholds. Halves B and this
    project's own articles are scored once, last.

    Args:
        model: with the weights to publish.
        made: how they were made.
        sets: the held-out sets.
        own: rows of this project's own articles, or none.
        out: the folder.
        marginalia: the folder of Marginalia's blocks, for the divergences.
    """
    out.mkdir(parents=True, exist_ok=True)
    model = model.float().cpu().eval()
    half_a = {name: one.rows["a"] for name, one in sets.items()}
    half_b = {name: one.rows["b"] for name, one in sets.items()}
    half_b |= {OWN_ARTICLES: own} if own else {}
    with tempfile.TemporaryDirectory() as work:
        full = Path(work)
        write_float(model, full / "model.onnx")
        _complete(full, made, {})
        compared = {name: rows[: made.compared] for name, rows in half_a.items()}
        float_a = _all(full, compared)
    level = _quantized(model, made, compared, float_a, out)
    int8_a = _all(out, half_a)
    answers = {
        task: answering(task, int8_a, half_a, made.config.calibration_prior) for task in TASKS
    }
    _complete(out, made, answers)
    measured = half_b_figures(out, half_b, answers)
    for name, rows in half_a.items():
        how, same = answers[rows[0].task], slice(len(float_a[name]))
        measured[name]["half_a"] = {
            "int8": figures(int8_a[name][same], rows[same], how),
            "float32": figures(float_a[name], rows[same], how),
        }
    found = audit(EmbeddedScorer(out, cache=ScoreCache(None), name=made.config.name))
    _write(
        out / "metrics.json",
        {
            "date": str(date.today()),
            "quantization": level,
            "int8_cost_on_halves_a": _costs(float_a, int8_a, half_a, answers),
            "thresholds_reach_their_aim": {task: how.reached for task, how in answers.items()},
            "sets": measured,
            "divergence": divergences(out, marginalia, sets["stance/marginalia"].lines["b"]),
            "audit": found.as_dict(),
            "audit_groups": json.loads(found.by_group().round(4).to_json(orient="records")),
        },
    )
    _write(out / "training.json", made.record)
    write_card(out, made.config, made.beside)
    write_sums(out)


def half_b_figures(folder: Path, sets: Sets, answers: Mapping[str, Answering]) -> dict[str, dict]:
    """Return the figures of each set by a finished folder, those of `replies` by source as well.

    The folder's scores are calibrated already; of `answers` only the thresholds apply.
    """
    out: dict[str, dict] = {}
    for name, logits in _all(folder, sets).items():
        rows = sets[name]
        how = uncalibrated(logits.shape[1])._replace(threshold=answers[rows[0].task].threshold)
        out[name] = {"int8": figures(logits, rows, how)}
        if name.endswith("/replies"):
            out[name]["by_source"] = by_part(logits, rows, how)
    return out


def _all(folder: Path, sets: Sets) -> Logits:
    """Score every set by a folder."""
    out = {}
    for name, rows in sets.items():
        out[name] = scores(folder, rows)
        print(f"scored {len(rows)} rows of {name}", file=sys.stderr, flush=True)
    return out


def _quantized(model: Model, made: Made, rows: Sets, full: Logits, out: Path) -> str:
    """Write the model with as much in int8 as costs less than `COST`; returns what that is.

    Args:
        model: with the weights to publish.
        made: how they were made.
        rows: on which int8 is compared with float32.
        full: the logits of these rows in float32.
        out: the folder.
    """
    plain = {task: uncalibrated(len(labels)) for task, labels in TASKS.items()}
    for name, level in LEVELS.items():
        for old in out.glob("model.onnx*"):
            old.unlink()
        write_int8(model, out / "model.onnx", level)
        split_weights(out / "model.onnx")
        _complete(out, made, {})
        costs = _costs(full, _all(out, rows), rows, plain)
        print(f"{name}: costs {costs}", file=sys.stderr, flush=True)
        if max(costs.values()) < COST:
            break
    return name


def _costs(
    full: Logits, int8: Logits, sets: Sets, answers: Mapping[str, Answering]
) -> dict[str, float]:
    """Return for each task the macro-F1 that int8 costs, the mean over its sets.

    Of each set those rows are compared that `full` has logits of.
    """
    lost: dict[str, list[float]] = {task: [] for task in TASKS}
    for name, rows in sets.items():
        how, same = answers[rows[0].task], slice(len(full[name]))
        ours, theirs = (
            figures(logits[same], rows[same], how)["macro_f1"]
            for logits in (int8[name], full[name])
        )
        lost[rows[0].task].append(theirs - ours)
    return {task: round(float(np.mean(values)), 4) for task, values in lost.items()}


def _complete(folder: Path, made: Made, answers: Mapping[str, Answering]) -> None:
    """Write what stands beside the weights, so that the folder can be read."""
    copy_tokenizer(made.base, folder)
    _write(folder / "config.json", shipped_config(made.config, answers))
    write_sums(folder)


def shipped_config(config: TrainConfig, answers: Mapping[str, Answering]) -> dict:
    """Return the configuration that a scorer needs; uncalibrated without `answers`."""
    base: Base = BASES[config.base]
    tasks = {}
    for task, labels in TASKS.items():
        tasks[task] = {
            "labels": list(labels),
            "first": FIRST[task],
            "second": SECOND[task],
            "truncation": TRUNCATION[task],
        }
        if task in answers:
            calibration, threshold, _ = answers[task]
            tasks[task] |= calibration._asdict() | {"threshold": threshold}
    return {
        "format": 1,
        "name": config.name,
        "date": str(date.today()),
        "max_length": config.served_length,
        "explained_texts": config.explained_texts,
        "calibration": "p = softmax(logits / temperature + bias)",
        "abstain": "below the task's threshold of the highest p the label is unclear",
        "tasks": tasks,
        "base": {"name": base.name, "license": base.license, "model.safetensors": base.sha256},
    }


def _write(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
