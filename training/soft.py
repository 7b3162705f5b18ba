"""Soft labels: a model's logits on the rows that another model learns from."""

import hashlib
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from analysis.errors import InputError
from training.checksums import digest
from training.config import TrainConfig
from training.data import Row
from training.encode import PairEncoder, collate
from training.evaluate_dev import checkpoint_model
from training.model import Model
from training.tasks import MOST_LABELS, TASKS

PART = 8192  # rows asked between two times of keeping
Answer = Callable[[Sequence[Row]], np.ndarray]


def answering(model: Model, encoder: PairEncoder, *, tokens: int = 4096) -> Answer:
    """Return a function from rows of one task to the model's logits on them, (n, classes)."""

    def answer(rows: Sequence[Row]) -> np.ndarray:
        encoded = encoder.encode_all(rows)
        task = list(TASKS).index(rows[0].task)
        out = np.zeros((len(rows), len(TASKS[rows[0].task])), np.float32)
        batch: list[int] = []
        order = sorted(range(len(rows)), key=lambda i: -len(encoded[i].ids))
        started = said = time.time()
        for place, number in enumerate(order):
            batch.append(number)
            if len(encoded[batch[0]].ids) * (len(batch) + 1) > tokens or place + 1 == len(order):
                out[batch] = _logits(model, collate([encoded[i] for i in batch]), task)
                batch = []
            if time.time() - said > 30:
                said = time.time()
                print(f"{place + 1}/{len(order)} {said - started:.0f} s", file=sys.stderr)
        return out

    return answer


def _logits(model: Model, batch: dict[str, Tensor], task: int) -> np.ndarray:
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(batch["input_ids"], batch["attention_mask"], batch["token_type_ids"])
    return logits[task].float().numpy()


def answers_of(args: Namespace, config: TrainConfig) -> dict[str, Answer]:
    """Return what answers for each of the two models that `config.soft` may name.

    Raises:
        InputError: when one is named and its checkpoints are not given.
    """
    asked = set(config.soft.values())
    given = {"teacher": (args.teacher, args.teacher_base), "start": (args.init, args.base)}
    out = {}
    for by in sorted(asked):
        checkpoints, base = given[by]
        if not checkpoints or not base:
            flags = "--teacher and --teacher-base" if by == "teacher" else "--init"
            raise InputError(f"{args.config}: soft labels by the {by}; give {flags}")
        model = checkpoint_model(checkpoints, base)
        answer = answering(model, PairEncoder(base / "tokenizer.json", config.max_length))
        name = " ".join([*map(digest, checkpoints), str(config.max_length)])
        out[by] = remembered(answer, args.work, name)
    return out


def remembered(answer: Answer, folder: Path, name: str) -> Answer:
    """Return the same answers, kept in a folder, so that no row is asked twice.

    `name` tells the answering model from others; runs may share the folder one after the other.
    """
    path = folder / f"soft-{hashlib.sha256(name.encode()).hexdigest()[:16]}.npz"

    def known() -> dict[bytes, np.ndarray]:
        if not path.is_file():
            return {}
        with np.load(path) as kept:
            return dict(zip(map(bytes, kept["rows"]), kept["logits"], strict=True))

    def keep(found: dict[bytes, np.ndarray]) -> None:
        part = path.with_suffix(".part")
        rows = np.array([np.frombuffer(row, np.uint8) for row in found])
        with part.open("wb") as file:
            np.savez(file, rows=rows, logits=np.array(list(found.values())))
        part.replace(path)

    def once(rows: Sequence[Row]) -> np.ndarray:
        found, keys = known(), [_row_hash(row) for row in rows]
        new = {key: row for key, row in zip(keys, rows, strict=True) if key not in found}
        left = list(new)
        for start in range(0, len(left), PART):
            part = left[start : start + PART]
            logits = answer([new[key] for key in part])
            wide = np.full((len(part), MOST_LABELS), np.nan, np.float32)
            wide[:, : logits.shape[1]] = logits
            found |= dict(zip(part, wide, strict=True))
            keep(found)
        labels = len(TASKS[rows[0].task])
        return np.array([found[key][:labels] for key in keys])

    return once


def _row_hash(row: Row) -> bytes:
    return hashlib.sha256(f"{row.task}\t{row.first}\t{row.second}".encode()).digest()


def taught(rows: list[Row], sources: set[str], answer: Answer) -> list[Row]:
    """Return the rows, those of the named sources with a model's logits as `taught`."""
    out = list(rows)
    for task in TASKS:
        mine = [i for i, row in enumerate(rows) if row.task == task and row.source in sources]
        if mine:
            unique = {rows[i]: None for i in mine}
            logits = dict(zip(unique, answer(list(unique)).tolist(), strict=True))
            for i in mine:
                out[i] = rows[i]._replace(taught=tuple(logits[rows[i]]))
    return out
