"""Texts to token numbers, the same way in training as the shipped `config.json` says."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from tokenizers import Tokenizer

from analysis.train.data import Row
from analysis.train.tasks import TASKS

if TYPE_CHECKING:
    from torch import Tensor

# What to cut when a text or pair is too long; a stance's target is never cut.
TRUNCATION = {"relation": "longest_first", "stance": "only_second", "bias": "only_first"}


class Encoded(NamedTuple):
    """One row as numbers: tokens, segment of each token, task and label shares."""

    ids: list[int]
    segments: list[int]
    task: int
    shares: tuple[float, ...]


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
                out[i] = Encoded(coded.ids, coded.type_ids, number, rows[i].shares)
        return [row for row in out if row is not None]


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
    """Return a training batch: the padded arrays, `task` (n,) and `shares` (n, 3)."""
    import torch

    widest = max(len(labels) for labels in TASKS.values())
    shares = [row.shares + (0.0,) * (widest - len(row.shares)) for row in rows]
    batch = {name: torch.from_numpy(array) for name, array in arrays(rows).items()}
    batch["task"] = torch.tensor([row.task for row in rows])
    batch["shares"] = torch.tensor(shares)
    return batch
