"""Figures of a checkpoint or an exported folder on the dev sets that are never trained on.

`python -m training.evaluate_dev --model DIR --corpora DIR --articles DIR`
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.special import softmax

from analysis.scorers.entity_masking import readings
from analysis.scorers.windows import averaged
from training.data import Row, babe_held_out, read_rows, read_source
from training.encode import Encoded, PairEncoder, arrays
from training.metrics import Floats, Ints, class_f1, measure
from training.tasks import TASKS

Scorer = Callable[[dict[str, np.ndarray]], tuple[np.ndarray, ...]]


def dev_sets(corpora: Path, articles: Path | None) -> dict[str, list[Row]]:
    """Return the held-out sets by name, in the order in which they are reported."""
    out: dict[str, list[Row]] = {}
    if articles:
        path = articles / "dev-relations.jsonl"
        out["relation/dev-relations"] = read_rows(path, "relation", "articles")
    for source in ("relation/subreddit_agreement", "stance/newsmtsc", "stance/vast"):
        out[source] = read_rows(corpora / source / "dev.jsonl", source.split("/")[0], source)
    babe = read_source(corpora, "bias/babe")
    out["bias/babe-heldout"] = [babe[i] for i in babe_held_out(babe)]
    return out


def truth_of(rows: list[Row]) -> Ints:
    """Return the label numbers of rows."""
    return np.array([int(np.argmax(row.shares)) for row in rows])


def logits_of(scorer: Scorer, rows: list[Row], encoder: PairEncoder, *, size: int = 32) -> Floats:
    """Return one task's logits (n, classes) of rows, like lengths scored together.

    A stance is asked as the shipped folder is, with names withheld.
    """
    asked = [(n, one) for n, row in enumerate(rows) for one in _asked(row)]
    encoded: list[Encoded] = encoder.encode_all([row for _, row in asked])
    task = list(TASKS).index(rows[0].task)
    found = np.zeros((len(asked), len(TASKS[rows[0].task])))
    order = sorted(range(len(asked)), key=lambda i: len(encoded[i].ids))
    for start in range(0, len(order), size):
        numbers = order[start : start + size]
        found[numbers] = scorer(arrays([encoded[i] for i in numbers]))[task]
    return averaged(found, [n for n, _ in asked], len(rows))


def _asked(row: Row) -> list[Row]:
    if row.task != "stance":
        return [row]
    return [
        row._replace(first=target, second=text) for text, target in readings(row.second, row.first)
    ]


def onnx_scorer(path: Path, *, threads: int = 2) -> Scorer:
    """Return a scorer by an ONNX file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda batch: tuple(session.run(list(TASKS), batch))


def checkpoint_model(paths: list[Path], base: Path, *, average: bool = True):
    """Return a model ready to score: the mean of the checkpoints' weights.

    Of each checkpoint the moving average is taken, or with `average` off its last weights.
    Runs that branch from one start may be averaged (Wortsman et al. 2022, model soups).
    """
    from training.model import Model, mean_weights

    model = Model(json.loads((base / "config.json").read_text("utf-8")))
    model.load_state_dict(mean_weights(paths, average=average))
    return model.eval()


def torch_scorer(model) -> Scorer:
    """Return a scorer by a model in PyTorch."""
    import torch

    def score(batch: dict[str, np.ndarray]) -> tuple[np.ndarray, ...]:
        with torch.no_grad():
            return tuple(
                logits.numpy()
                for logits in model(**{k: torch.from_numpy(v) for k, v in batch.items()})
            )

    return score


def main() -> None:
    """Print uncalibrated figures of each dev set as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="a folder, or a checkpoint .pt")
    parser.add_argument("--base", type=Path, help="folder of the base encoder, for a checkpoint")
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--articles", type=Path)
    parser.add_argument(
        "--raw", action="store_true", help="a checkpoint's weights, not the average"
    )
    args = parser.parse_args()
    if args.model.is_dir():
        scorer, tokenizer = onnx_scorer(args.model / "model.onnx"), args.model / "tokenizer.json"
    else:
        scorer = torch_scorer(checkpoint_model([args.model], args.base, average=not args.raw))
        tokenizer = args.base / "tokenizer.json"
    encoder = PairEncoder(tokenizer, 256)
    for name, rows in dev_sets(args.corpora, args.articles).items():
        logits = logits_of(scorer, rows, encoder)
        figures = measure(softmax(logits, axis=1), truth_of(rows), TASKS[rows[0].task], 0.0)
        if name == "relation/dev-relations":
            f1 = class_f1(truth_of(rows), logits.argmax(1), 3)
            figures["mean_f1_agree_disagree"] = round(float(f1[:2].mean()), 4)
        print(json.dumps({"set": name, **figures}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
