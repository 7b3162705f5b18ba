"""A trained model's answers to rows, for a smaller model to learn from.

They are kept in a file of NumPy's `.npz` form: `keys` (n,) uint64 and `logits` (n, 3) float16.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from analysis.errors import InputError
from training.data import Row
from training.encode import PairEncoder, arrays, batches
from training.tasks import TASKS

WIDTH = max(map(len, TASKS.values()))


def key_of(row: Row) -> int:
    """Return a number that stands for a row's task and texts."""
    together = "\0".join((row.task, row.first, row.second)).encode()
    return int.from_bytes(hashlib.sha256(together).digest()[:8], "big")


def answers_of(rows: Sequence[Row], answers: Mapping[int, np.ndarray]) -> np.ndarray:
    """Return each row's answer, float32 (n, 3), not a number where there is none."""
    out = np.full((len(rows), WIDTH), np.nan, np.float32)
    if answers:
        for number, row in enumerate(rows):
            if (found := answers.get(key_of(row))) is not None:
                out[number] = found
    return out


def predict(
    model, rows: Sequence[Row], encoder: PairEncoder, *, tokens: int = 24_000
) -> np.ndarray:
    """Return a PyTorch model's logits of rows of any tasks, float32 (n, 3)."""
    import torch

    where = next(model.parameters()).device
    encoded = encoder.encode(rows)
    lengths = [len(row.ids) for row in encoded]
    numbers = {task: number for number, task in enumerate(TASKS)}
    out = np.zeros((len(rows), WIDTH), np.float32)
    model.eval()
    for batch in batches(lengths, range(len(rows)), tokens=tokens, most=1024, seed=0):
        inputs = arrays([encoded[n] for n in batch], encoder.padding)
        given = {name: torch.from_numpy(array).to(where) for name, array in inputs.items()}
        with (
            torch.no_grad(),
            torch.autocast(where.type, torch.bfloat16, enabled=where.type == "cuda"),
        ):
            logits = [found.float().cpu().numpy() for found in model(**given)]
        for place, number in enumerate(batch):
            found = logits[numbers[rows[number].task]][place]
            out[number, : len(found)] = found
    return out


def write(path: Path, rows: Sequence[Row], logits: np.ndarray) -> None:
    """Write the answers to rows."""
    keys = np.array([key_of(row) for row in rows], np.uint64)
    np.savez(path, keys=keys, logits=logits.astype(np.float16))


def read(path: Path) -> dict[int, np.ndarray]:
    """Read answers by the key of a row.

    Raises:
        InputError: the file is missing or no such file.
    """
    try:
        with np.load(path) as found:
            keys, logits = found["keys"], found["logits"].astype(np.float32)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: cannot be read ({error}); expected answers of a model") from None
    return dict(zip(keys.tolist(), logits, strict=True))
