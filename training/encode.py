"""Rows as token numbers, joined and cut as the shipped `config.json` says, and their batches."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tokenizers import Tokenizer

from training.data import Row
from training.tasks import TASKS

# What to cut when a text or pair is too long; a stance's target is never cut.
TRUNCATION = {"relation": "longest_first", "stance": "only_second", "bias": "only_first"}
MASKS = ("<mask>", "[MASK]")  # MPNet's vocabulary holds both; the second is an ordinary piece there
CHUNK = 20_000  # rows
POOL = 8192  # rows that are sorted by length together


class Encoded(NamedTuple):
    """One row's token numbers, and for each the text that it belongs to: 0, or 1 for the second."""

    ids: np.ndarray
    segments: np.ndarray


class PairEncoder:
    """The tokenizer with each task's way of joining and cutting texts.

    Attributes:
        padding, mask: the numbers of these tokens.
    """

    def __init__(self, path: Path, longest: int, padding: int) -> None:
        """Load a `tokenizer.json`; rows get at most `longest` tokens."""
        self.tokenizer = Tokenizer.from_file(str(path))
        self.tokenizer.no_padding()
        self.longest, self.padding = longest, padding
        numbers = (self.tokenizer.token_to_id(name) for name in MASKS)
        self.mask = next(number for number in numbers if number is not None)

    def encode(self, rows: Sequence[Row]) -> list[Encoded]:
        """Encode rows of any tasks, in order."""
        out: dict[int, Encoded] = {}
        for task, strategy in TRUNCATION.items():
            mine = [number for number, row in enumerate(rows) if row.task == task]
            self.tokenizer.enable_truncation(self.longest, strategy=strategy)
            for start in range(0, len(mine), CHUNK):
                numbers = mine[start : start + CHUNK]
                texts = [rows[n].first if task == "bias" else rows[n][1:3] for n in numbers]
                for number, coded in zip(numbers, self.tokenizer.encode_batch(texts), strict=True):
                    second = [int(text == 1) for text in coded.sequence_ids]
                    out[number] = Encoded(np.array(coded.ids, np.int32), np.array(second, np.int8))
        return [out[number] for number in range(len(rows))]


def batches(
    lengths: Sequence[int], order: Sequence[int], *, tokens: int, most: int, seed: int
) -> list[list[int]]:
    """Group row numbers into batches of similar length, and shuffle the batches.

    A batch holds at most `most` rows and, padded, `tokens` tokens, or one row.
    """
    out: list[list[int]] = []
    for start in range(0, len(order), POOL):
        out.append([])
        for number in sorted(order[start : start + POOL], key=lambda n: lengths[n]):
            if out[-1] and (lengths[number] * (len(out[-1]) + 1) > tokens or len(out[-1]) == most):
                out.append([])
            out[-1].append(number)
    return [out[number] for number in np.random.default_rng(seed).permutation(len(out))]


def arrays(rows: Sequence[Encoded], padding: int) -> dict[str, np.ndarray]:
    """Pad rows to the longest: int64 `input_ids`, `attention_mask`, `token_type_ids` (n, m)."""
    shape = len(rows), -(-max(len(row.ids) for row in rows) // 8) * 8
    ids, mask, segments = np.full(shape, padding), np.zeros(shape, int), np.zeros(shape, int)
    for number, row in enumerate(rows):
        length = len(row.ids)
        ids[number, :length], segments[number, :length] = row
        mask[number, :length] = 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": segments}


def shares(rows: Sequence[Row]) -> np.ndarray:
    """Return the label shares of rows, float32 (n, 3); the third of two labels is 0."""
    most = max(map(len, TASKS.values()))
    return np.array([row.shares + (0.0,) * (most - len(row.shares)) for row in rows], np.float32)
