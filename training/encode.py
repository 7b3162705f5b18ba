"""Texts to token numbers, the same way in training as the shipped `config.json` says."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from tokenizers import Encoding, Tokenizer

from training.data import Row
from training.tasks import MOST_LABELS

if TYPE_CHECKING:
    from torch import Tensor

# What to cut when a text or pair is too long; a stance's target is never cut.
TRUNCATION = {"relation": "longest_first", "stance": "only_second", "bias": "only_first"}


class Encoded(NamedTuple):
    """One row as numbers: tokens, their segments, task, label shares, a teacher's logits."""

    ids: list[int]
    segments: list[int]
    task: int
    shares: tuple[float, ...]
    taught: tuple[float, ...] = ()


class PairEncoder:
    """The tokenizer with each task's way of joining and cutting texts."""

    def __init__(self, path: Path, max_length: int) -> None:
        """Load a `tokenizer.json`; rows get at most `max_length` tokens."""
        self.tokenizer = Tokenizer.from_file(str(path))
        self.tokenizer.no_padding()
        self.max_length = max_length

    def encode_all(self, rows: Sequence[Row]) -> list[Encoded]:
        """Encode rows of any tasks, in order."""
        out: list[Encoded | None] = [None] * len(rows)
        for number, (task, strategy) in enumerate(TRUNCATION.items()):
            mine = [i for i, row in enumerate(rows) if row.task == task]
            self.tokenizer.enable_truncation(self.max_length, strategy=strategy)
            pairs = [rows[i].first if task == "bias" else (rows[i].first, rows[i].second)
                     for i in mine]  # fmt: skip
            for i, coded in zip(mine, self.tokenizer.encode_batch(pairs), strict=True):
                row = rows[i]
                out[i] = Encoded(coded.ids, _segments(coded), number, row.shares, row.taught)
        return [row for row in out if row is not None]


def _segments(coded: Encoding) -> list[int]:
    """Return the segment of each token; where the tokenizer gives none, the second text's is 1."""
    if any(coded.type_ids):
        return coded.type_ids
    return [int(text == 1) for text in coded.sequence_ids]


def arrays(rows: Sequence[Encoded]) -> dict[str, np.ndarray]:
    """Pad rows to the longest: int64 `input_ids`, `attention_mask`, `token_type_ids` (n, m)."""
    longest = max(len(row.ids) for row in rows)
    out = {name: np.zeros((len(rows), longest), np.int64)
           for name in ("input_ids", "attention_mask", "token_type_ids")}  # fmt: skip
    for i, row in enumerate(rows):
        length = len(row.ids)
        out["input_ids"][i, :length] = row.ids
        out["attention_mask"][i, :length] = 1
        out["token_type_ids"][i, :length] = row.segments
    return out


def collate(rows: Sequence[Encoded]) -> "dict[str, Tensor]":
    """Return a training batch: the padded arrays, `task` (n,), `shares` and `taught` (n, 3).

    `is_taught` (n,) tells the rows that have a teacher's logits.
    """
    import torch

    def wide(values: tuple[float, ...]) -> tuple[float, ...]:
        return values + (0.0,) * (MOST_LABELS - len(values))

    batch = {name: torch.from_numpy(array) for name, array in arrays(rows).items()}
    batch["task"] = torch.tensor([row.task for row in rows])
    batch["shares"] = torch.tensor([wide(row.shares) for row in rows])
    batch["taught"] = torch.tensor([wide(row.taught) for row in rows])
    batch["is_taught"] = torch.tensor([bool(row.taught) for row in rows])
    return batch
