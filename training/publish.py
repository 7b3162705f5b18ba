"""From a checkpoint to the shipped folder: weights, calibration, figures, card and sums."""

import argparse
import json
from pathlib import Path

import numpy as np

from analysis.scorers.calibration import Calibration, cross_fitted, fit
from training.card import write_card
from training.checksums import digest, write_sums
from training.data import Row, babe_held_out, read_source
from training.encode import TRUNCATION, PairEncoder
from training.evaluate_dev import (
    checkpoint_model,
    dev_sets,
    logits_of,
    onnx_scorer,
    torch_scorer,
    truth_of,
)
from training.metrics import Floats, Ints, calibration_error, measure
from training.tasks import TASKS

NAME, DATE, MAX_LENGTH = "counterpoint-small", "2026-11-26", 256
SECOND = {"relation": "comment", "stance": "text", "bias": None}
FIRST = {"relation": "passage", "stance": "target", "bias": "text"}
ASKED = {"relation": {}, "stance": {"withhold_names": True}, "bias": {}}  # how else it is asked
# Share of kept answers that should be right; the threshold is the lowest that gives it, and that
# makes the kept ones right more often by `GAIN` than all are. For relation that is little: on this
# project's own rows answers of low confidence are right about as often as others.
WANTED_ACCURACY = {"relation": 0.75, "stance": 0.85, "bias": 0.85}
GAIN = {"relation": 0.0025, "stance": 0.05, "bias": 0.05}

# How strongly the class biases are pulled to 0. The two stance sets differ in their shares
# of labels, so that a bias that helps one costs the other: there it is all but off.
PRIOR = {"relation": 0.1, "stance": 50.0, "bias": 0.05}


def threshold_for(
    probabilities: Floats, truth: Ints, weights: Floats, wanted: float, *, gain: float = 0.0
) -> float:
    """Return the lowest confidence that keeps half of the rows and makes these right enough.

    Enough is `wanted`, or `gain` more than all rows are, whichever is more. Where half of the rows
    are not right enough the highest confidence that keeps half is returned.
    """
    sure, right = probabilities.max(1), probabilities.argmax(1) == truth
    wanted = max(wanted, float(np.average(right, weights=weights)) + gain)
    for threshold in np.arange(0.34, 0.96, 0.01):
        kept = sure >= threshold
        if np.average(kept, weights=weights) < 0.5:
            break
        if np.average(right[kept], weights=weights[kept]) >= wanted:
            return round(float(threshold), 2)
    return round(float(max(0.34, threshold - 0.01)), 2)


def calibrate_task(
    task: str, logits: dict[str, Floats], truth: dict[str, Ints]
) -> tuple[Calibration, float, dict[str, Floats]]:
    """Fit one task on its dev sets, each set weighing the same.

    Returns:
        The calibration on all rows, the threshold, and by set the probabilities that
        calibrations fitted without these rows give (five parts).
    """
    names = [name for name in logits if name.startswith(f"{task}/")]
    scores = np.concatenate([logits[name] for name in names])
    labels = np.concatenate([truth[name] for name in names])
    weights = np.concatenate([np.full(len(truth[n]), 1 / len(truth[n])) for n in names])
    crossed = cross_fitted(scores, labels, weights, prior=PRIOR[task])
    threshold = threshold_for(crossed, labels, weights, WANTED_ACCURACY[task], gain=GAIN[task])
    ends = np.cumsum([len(truth[name]) for name in names])[:-1]
    parts = dict(zip(names, np.split(crossed, ends), strict=True))
    return fit(scores, labels, weights, prior=PRIOR[task]), threshold, parts


def softmax(logits: Floats) -> Floats:
    """Return the probabilities of uncalibrated logits."""
    return Calibration(1.0, (0.0,) * logits.shape[1]).probabilities(logits)


def figures(rows: dict[str, list[Row]], int8: dict, full: dict) -> tuple[dict, dict]:
    """Return the calibration fields of `config.json` by task, and the figures by set.

    Of tasks that no set is of there are none, nor float32's where `full` has no logits of a set.
    """
    truth = {name: truth_of(mine) for name, mine in rows.items()}
    fields, out = {}, {}
    for task, labels in TASKS.items():
        if not any(name.startswith(f"{task}/") for name in rows):
            continue
        fitted, threshold, crossed = calibrate_task(task, int8, truth)
        fields[task] = {
            "temperature": fitted.temperature,
            "bias": list(fitted.bias),
            "threshold": threshold,
        }
        for name, probabilities in crossed.items():
            here = fitted.probabilities(int8[name])
            out[name] = {
                "int8": measure(here, truth[name], labels, threshold),
                "int8_cross_fitted": measure(probabilities, truth[name], labels, threshold),
                "int8_uncalibrated": measure(softmax(int8[name]), truth[name], labels, 0.0),
                "ece_of_a_perfect_model": perfect_error(here),
            }
            if name in full:
                float32 = fitted.probabilities(full[name])
                raw = softmax(full[name])
                out[name]["float32"] = measure(float32, truth[name], labels, threshold)
                out[name]["float32_uncalibrated"] = measure(raw, truth[name], labels, 0.0)
    return fields, out


def perfect_error(probabilities: Floats, *, draws: int = 200) -> float:
    """Return the mean calibration error if labels were drawn from the probabilities.

    It is what chance alone gives with this many rows: an error below it says nothing.
    """
    rng = np.random.default_rng(0)
    edges = probabilities.cumsum(1)
    edges[:, -1] = 1.0
    errors = [
        calibration_error(probabilities, (rng.random((len(edges), 1)) < edges).argmax(1))
        for _ in range(draws)
    ]
    return round(float(np.mean(errors)), 4)


def publish(
    checkpoints: list[Path],
    out: Path,
    *,
    base: Path,
    corpora: Path,
    articles: Path | None,
    configs: list[Path],
) -> None:
    """Write every file of the shipped folder from the mean weights of the checkpoints.

    `configs` are the configurations of the runs that the checkpoints come from.
    """
    from training.export import LIMIT, copy_tokenizer, write_int8
    from training.record import training_record

    out.mkdir(parents=True, exist_ok=True)
    model = checkpoint_model(checkpoints, base)
    write_int8(model, out / "model.onnx")
    if (size := (out / "model.onnx").stat().st_size) > LIMIT:
        raise ValueError(f"model.onnx has {size} bytes, more than {LIMIT}")
    copy_tokenizer(base, out)
    rows = dev_sets(corpora, articles)
    encoder = PairEncoder(out / "tokenizer.json", MAX_LENGTH)
    int8 = _served(out, rows, encoder)
    scorer = torch_scorer(model)
    full = {name: logits_of(scorer, mine, encoder) for name, mine in rows.items()}
    fields, sets = figures(rows, int8, full)
    record = training_record(configs, checkpoints)
    _write(out / "training.json", record)
    _write(out / "config.json", shipped_config(fields, digest(out / "training.json")))
    _write(out / "metrics.json", {"date": DATE, "sets": sets})
    babe = babe_held_out(read_source(corpora, "bias/babe"))
    _write(out / "babe-heldout.json", {"file": "bias/babe/all.jsonl", "rows_from_0": babe})
    write_card(out)
    write_sums(out)


def _served(folder: Path, rows: dict[str, list[Row]], encoder: PairEncoder) -> dict[str, Floats]:
    """Return the int8 logits of each set.

    One row a run, as it is served: in int8 a row's logits depend a little on its neighbours.
    """
    scorer = onnx_scorer(folder / "model.onnx")
    return {name: logits_of(scorer, mine, encoder, size=1) for name, mine in rows.items()}


def shipped_config(fields: dict[str, dict], training_sha256: str) -> dict:
    """Return all that a scorer needs to know of the weights."""
    from training.model import BASES

    base = BASES["minilm"]
    tasks = {
        task: {
            "labels": list(labels),
            "first": FIRST[task],
            "second": SECOND[task],
            "truncation": TRUNCATION[task],
            **ASKED[task],
            **fields[task],
        }
        for task, labels in TASKS.items()
    }
    return {
        "format": 1,
        "name": NAME,
        "date": DATE,
        "weights": "model.onnx",
        "tokenizer": "tokenizer.json",
        "inputs": ["input_ids", "attention_mask", "token_type_ids"],
        "outputs": "logits, one output a task, named as the task",
        "input_form": "[CLS] first [SEP] second [SEP], or [CLS] first [SEP]; no further marks",
        "max_length": MAX_LENGTH,
        "calibration": "p = softmax(logits / temperature + bias)",
        "abstain": "below the task's threshold of the highest p the label is kept out of findings",
        "tasks": tasks,
        "base": {
            "name": base.name,
            "licence": base.licence,
            "model.safetensors": base.sha256,
        },
        "training.json": training_sha256,
    }


def publish_again(folder: Path, task: str, *, corpora: Path, articles: Path | None) -> None:
    """Measure and calibrate one task of a published folder anew, after it is asked otherwise.

    The weights stay as they are. Without the checkpoints there are no figures in float32:
    those of the task's sets go. So does the swap audit, which `tools/write_audit.py` makes anew.
    """
    config, metrics = (
        json.loads((folder / name).read_text("utf-8")) for name in ("config.json", "metrics.json")
    )
    every = dev_sets(corpora, articles)
    rows = {name: mine for name, mine in every.items() if name.startswith(f"{task}/")}
    encoder = PairEncoder(folder / "tokenizer.json", MAX_LENGTH)
    fields, sets = figures(rows, _served(folder, rows, encoder), {})
    config["tasks"][task] |= ASKED[task] | fields[task]
    config["date"] = DATE
    _write(folder / "config.json", config)
    _write(folder / "metrics.json", {"date": DATE, "sets": metrics["sets"] | sets})
    write_card(folder)
    write_sums(folder)


def main() -> None:
    """Run `publish_again` on a folder."""
    parser = argparse.ArgumentParser(description=publish_again.__doc__.partition("\n")[0])
    parser.add_argument("--model", type=Path, required=True, help="the folder; it is written to")
    parser.add_argument("--task", choices=tuple(TASKS), required=True)
    parser.add_argument("--corpora", type=Path, required=True, help="folder of the labelled sets")
    parser.add_argument("--articles", type=Path, help="folder with dev-relations.jsonl")
    args = parser.parse_args()
    publish_again(args.model, args.task, corpora=args.corpora, articles=args.articles)


def _write(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
