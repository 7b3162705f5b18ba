"""Pairs a second and peak memory: the embedded scorer against PyTorch float32.

Both sides score the same pairs of a seed's sentences, in processes of their own that
take turns. The PyTorch side goes through the transformers pipeline, is given the pairs
sorted by length (so that it pads as little as can be) and is tried at several batch
sizes; the best counts. Prints one JSON object.
"""

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from analysis.scorers.onnx_runtime import cores

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "data" / "models" / "counterpoint-small"
MAX_LENGTH = 256
# all-MiniLM-L6-v2's shape, that of the shipped weights.
SHAPE = {
    "vocab_size": 30522,
    "hidden_size": 384,
    "num_hidden_layers": 6,
    "num_attention_heads": 12,
    "intermediate_size": 1536,
    "num_labels": 3,
}


def pairs(count: int, tokenizer: Path, seed: int = 0) -> list[tuple[str, str]]:
    """Return passages of 1 to 3 sentences with comments of 1 to 4, from the seeds.

    Only pairs that fit the model whole: PyTorch would cut longer ones where the embedded
    scorer reads them in windows.
    """
    from tokenizers import Tokenizer

    fits = Tokenizer.from_file(str(tokenizer))
    fits.no_padding()
    fits.no_truncation()
    raw = " ".join(p.read_text("utf-8") for p in sorted((ROOT / "seeds").glob("*.txt")))
    sentences = [s for s in re.split(r"(?<=[.!?])\s+", raw) if 20 < len(s) < 400]
    rng = random.Random(seed)
    out: list[tuple[str, str]] = []
    while len(out) < count:
        one, two = (" ".join(rng.choices(sentences, k=rng.randint(1, n))) for n in (3, 4))
        if len(fits.encode(one, two).ids) <= MAX_LENGTH:
            out.append((one, two))
    return out


def embedded_side(args, rows) -> None:
    """Score with the embedded scorer, its cache off."""
    sys.path.insert(0, str(ROOT))
    from analysis.scorers.cache import ScoreCache
    from analysis.scorers.embedded import EmbeddedScorer
    from analysis.types import Task

    scorer = EmbeddedScorer(args.folder, cache=ScoreCache(None), threads=args.threads)
    scorer.predict(Task.RELATION, [("a warm", "start")])
    measured(lambda: scorer.predict(Task.RELATION, rows), len(rows))


def torch_side(args, rows) -> None:
    """Score with a BERT classifier in float32 through the transformers pipeline."""
    import torch
    from tokenizers import Tokenizer
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        PreTrainedTokenizerFast,
        TextClassificationPipeline,
        logging,
    )

    logging.set_verbosity_error()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    if args.checkpoint:
        model = BertForSequenceClassification.from_pretrained(
            args.checkpoint, num_labels=3, use_safetensors=True, dtype=torch.float32
        )
    else:
        model = BertForSequenceClassification(BertConfig(**SHAPE))
    backend = Tokenizer.from_file(str(args.folder / "tokenizer.json"))
    backend.no_padding()
    backend.no_truncation()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        unk_token="[UNK]",
        model_max_length=MAX_LENGTH,
    )
    pipe = TextClassificationPipeline(model=model.eval(), tokenizer=tokenizer, device=-1)
    lengths = [len(e.ids) for e in backend.encode_batch(rows)]
    order = sorted(range(len(rows)), key=lengths.__getitem__)
    asked = [{"text": rows[i][0], "text_pair": rows[i][1]} for i in order]
    options = {"batch_size": args.batch, "truncation": True, "max_length": MAX_LENGTH}
    with torch.inference_mode():
        pipe(asked[:2], **options)
        measured(lambda: pipe(asked, **options), len(rows))


def measured(score, count: int) -> None:
    """Print pairs a second, CPU milliseconds a pair and peak memory of this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    score()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_mib = peak / 2**20 if sys.platform == "darwin" else peak / 2**10
    figures = {
        "pairs_per_s": count / wall,
        "cpu_ms_per_pair": 1000 * cpu / count,
        "peak_mib": peak_mib,
    }
    print(json.dumps(figures))


def child(python: str, side: str, args, rows: Path, batch: int = 0) -> dict:
    """Run one side in a process of its own and return what it printed."""
    command = [python, __file__, "--side", side, "--rows", rows, "--folder", args.folder]
    command += ["--batch", str(batch), "--threads", str(args.threads)]
    command += ["--checkpoint", args.checkpoint] if args.checkpoint else []
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{side}: failed with {python}; the PyTorch side needs counterpoint[hub]")
    return json.loads(done.stdout.splitlines()[-1])


def best(runs: list[dict]) -> dict:
    """Return the run with the most pairs a second, with the least CPU time of all runs."""
    top = max(runs, key=lambda run: run["pairs_per_s"])
    return top | {"cpu_ms_per_pair": min(run["cpu_ms_per_pair"] for run in runs)}


def compare(args) -> dict:
    """Run both sides in turns and return figures and ratios."""
    count = 16 if args.smoke else args.pairs
    rounds = 1 if args.smoke else args.rounds
    sizes = [1, 8] if args.smoke else args.batches
    ours, theirs = [], {size: [] for size in sizes}
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder, "rows.json")
        rows.write_text(json.dumps(pairs(count, args.folder / "tokenizer.json")), "utf-8")
        for _ in range(rounds):
            ours.append(child(sys.executable, "embedded", args, rows))
            for size in sizes:
                theirs[size].append(child(args.torch_python, "torch", args, rows, size))
    ours, by_size = best(ours), {size: best(runs) for size, runs in theirs.items()}
    size = max(by_size, key=lambda s: by_size[s]["pairs_per_s"])
    torch = by_size[size]
    weights = str(args.checkpoint or "random values in the same shape, which cost the same time")
    return {
        "pairs": count,
        "rounds": rounds,
        "threads": args.threads,
        "embedded_int8": rounded(ours),
        "torch_float32": {str(s): rounded(figures) for s, figures in by_size.items()},
        "torch_weights": weights,
        "torch_best_batch": size,
        "throughput_ratio": round(ours["pairs_per_s"] / torch["pairs_per_s"], 2),
        "cpu_time_ratio": round(
            min(f["cpu_ms_per_pair"] for f in by_size.values()) / ours["cpu_ms_per_pair"], 2
        ),
        "peak_memory_ratio": round(torch["peak_mib"] / ours["peak_mib"], 2),
    }


def rounded(figures: dict) -> dict:
    return {name: round(value, 1) for name, value in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="the embedded model's folder")
    parser.add_argument("--checkpoint", type=Path, help="transformers folder with float32 weights")
    parser.add_argument("--torch-python", default=sys.executable, help="a Python that has torch")
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--threads", type=int, default=cores(), help="of either side")
    parser.add_argument("--rounds", type=int, default=3, help="each side's best round counts")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 4, 8, 16, 32])
    parser.add_argument("--smoke", action="store_true", help="16 pairs, one round: does it run?")
    parser.add_argument("--side", choices=["embedded", "torch"], help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--batch", type=int, default=1, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.side:
        rows = [tuple(row) for row in json.loads(args.rows.read_text("utf-8"))]
        {"embedded": embedded_side, "torch": torch_side}[args.side](args, rows)
    else:
        print(json.dumps(compare(args), indent=1))


if __name__ == "__main__":
    main()
