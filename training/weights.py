"""Weights as float16 tensors, one after another, in parts: `PATH.0`, `PATH.1`, … and `PATH.json`.

`PATH.json` gives each tensor's shape and its offset in bytes in the joined parts.
"""

import hashlib
import json
import math
import re
from pathlib import Path

import numpy as np
import torch
from torch import nn

from analysis.errors import InputError

PART = 15_500_000  # bytes


def parts(path: Path) -> list[Path]:
    """Return the files that hold the tensors of `path`, in order."""
    found = [p for p in path.parent.glob(f"{path.name}.*") if re.fullmatch(r"\d+", p.suffix[1:])]
    return sorted(found, key=lambda part: int(part.suffix[1:]))


def sha256(path: Path) -> str:
    """Return the SHA-256 of the joined parts in hexadecimal."""
    joined = hashlib.sha256()
    for part in parts(path):
        joined.update(part.read_bytes())
    return joined.hexdigest()


def learned(model: nn.Module) -> dict[str, nn.Parameter]:
    """Return the parameters that training changes; the others are the base's."""
    return {name: one for name, one in model.named_parameters() if one.requires_grad}


def save(model: nn.Module, path: Path) -> None:
    """Write what a model learned, and the index last, so that its presence means a complete set."""
    data, index = bytearray(), {}
    for name, tensor in learned(model).items():
        array = tensor.detach().float().cpu().numpy().astype(np.float16)
        index[name] = (list(array.shape), len(data))
        data += array.tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    for number, start in enumerate(range(0, len(data), PART)):
        Path(f"{path}.{number}").write_bytes(data[start : start + PART])
    Path(f"{path}.json").write_text(json.dumps(index), "utf-8")


def load(model: nn.Module, path: Path) -> None:
    """Read what `save` wrote into a model.

    Raises:
        InputError: a part is missing, or the tensors are another model's.
    """
    try:
        index = json.loads(Path(f"{path}.json").read_text("utf-8"))
        data = b"".join(part.read_bytes() for part in parts(path))
        tensors = {
            name: torch.from_numpy(
                np.frombuffer(data, np.float16, math.prod(shape), start)
                .reshape(shape)
                .astype(np.float32)
            )
            for name, (shape, start) in index.items()
        }
        lacking, unknown = model.load_state_dict(tensors, strict=False)
        if wrong := sorted((set(lacking) & set(learned(model))) | set(unknown)):
            raise ValueError(f"{len(wrong)} tensors differ, the first is {wrong[0]}")
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(
            f"{path}: cannot be read as weights of this model ({str(error).splitlines()[0]}); "
            "expected PATH.json and PATH.0, PATH.1, …"
        ) from None
