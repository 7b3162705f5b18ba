"""One encoder with a small head for each task, written to train fast on a CPU.

The encoder is BERT (Devlin et al. 2019) in the shape of all-MiniLM-L6-v2, which is shipped, or
MPNet (Song et al. 2020), which may teach it: BERT without segments, with a bias on attention
by relative distance. Query, key and value share one matrix, and nothing is dropped out inside
(random masks cost a CPU more time than the products): regularisation comes from masked tokens
in the input.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from analysis.errors import InputError
from training.checksums import digest
from training.quantization import rounded_product, rounded_rows
from training.tasks import TASKS


class Base(NamedTuple):
    """A pretrained encoder: where it comes from, its licence, its `model.safetensors`."""

    name: str
    licence: str
    sha256: str


BASES = {
    "minilm": Base(
        "sentence-transformers/all-MiniLM-L6-v2",
        "Apache-2.0",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    "mpnet": Base(
        "sentence-transformers/all-mpnet-base-v2",
        "Apache-2.0",
        "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
    ),
}


class Layer(nn.Module):
    """One transformer layer, normalised after each sum as in BERT."""

    def __init__(self, width: int, heads: int, inner: int, eps: float) -> None:
        """Make a layer of `width` units with `heads` attention heads."""
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=eps)
        self.up = nn.Linear(width, inner)
        self.down = nn.Linear(inner, width)
        self.norm2 = nn.LayerNorm(width, eps=eps)

    def forward(self, x: Tensor, mask: Tensor, rounded: bool) -> Tensor:
        """Map (n, length, width) to the same shape; `mask` is added to (n, heads, m, m)."""
        n, length, width = x.shape
        apply = rounded_product if rounded else nn.Linear.__call__
        qkv = apply(self.qkv, x).view(n, length, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        weights = query @ key.transpose(-1, -2) / math.sqrt(width // self.heads) + mask
        mixed = torch.softmax(weights, -1) @ value
        x = self.norm1(x + apply(self.out, mixed.transpose(1, 2).reshape(n, length, width)))
        return self.norm2(x + apply(self.down, F.gelu(apply(self.up, x))))


class Encoder(nn.Module):
    """Token, position and segment embeddings under a stack of layers.

    Attributes:
        rounded: whether it computes as int8 will (`rounding.py`).
    """

    def __init__(self, config: dict) -> None:
        """Make an encoder from the fields of a BERT or MPNet `config.json`."""
        super().__init__()
        width, eps = config["hidden_size"], config["layer_norm_eps"]
        mpnet = config.get("model_type") == "mpnet"
        self.rounded = False
        self.first_place = config["pad_token_id"] + 1 if mpnet else 0
        self.words = nn.Embedding(config["vocab_size"], width)
        self.positions = nn.Embedding(config["max_position_embeddings"], width)
        self.segments = None if mpnet else nn.Embedding(config["type_vocab_size"], width)
        self.distances = (
            nn.Embedding(config["relative_attention_num_buckets"], config["num_attention_heads"])
            if mpnet
            else None
        )
        self.norm = nn.LayerNorm(width, eps=eps)
        self.layers = nn.ModuleList(
            Layer(width, config["num_attention_heads"], config["intermediate_size"], eps)
            for _ in range(config["num_hidden_layers"])
        )

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Map three (n, length) integer tensors to states (n, length, width)."""
        places = torch.arange(input_ids.shape[1], device=input_ids.device)
        words = self.words(input_ids)
        if self.rounded:
            words = rounded_rows(words.flatten(0, 1)).view_as(words)
        x = words + self.positions(places + self.first_place)
        if self.segments is not None:
            x = x + self.segments(token_type_ids)
        x = self.norm(x)
        mask = (1.0 - attention_mask[:, None, None, :].to(x.dtype)) * -1e4
        if self.distances is not None:
            buckets = distance_buckets(places, self.distances.num_embeddings)
            mask = mask + self.distances(buckets).permute(2, 0, 1)
        for layer in self.layers:
            x = layer(x, mask, self.rounded)
        return x


def distance_buckets(places: Tensor, count: int, *, longest: int = 128) -> Tensor:
    """Number the distances between places (m,) by bucket, (m, m), as T5 and MPNet do.

    Half of the buckets for each direction; half of these exact, the rest by logarithm.
    """
    apart = places[None, :] - places[:, None]
    half, exact = count // 2, count // 4
    size = apart.abs()
    far = exact + (
        torch.log(size.clamp(min=1).float() / exact) / math.log(longest / exact) * (half - exact)
    ).long().clamp(max=half - exact - 1)
    return (apart > 0).long() * half + torch.where(size < exact, size, far)


class Head(nn.Module):
    """Logits of one task from the first state and the mean state."""

    def __init__(self, width: int, labels: int, dropout: float) -> None:
        """Make a head with one hidden layer of `width` units."""
        super().__init__()
        self.hidden = nn.Linear(2 * width, width)
        self.logits = nn.Linear(width, labels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, pooled: Tensor) -> Tensor:
        """Map (n, 2 * width) to logits (n, labels)."""
        return self.logits(self.dropout(torch.tanh(self.hidden(self.dropout(pooled)))))


class Model(nn.Module):
    """The encoder and a head for each task of `TASKS`."""

    def __init__(self, config: dict, dropout: float = 0.1) -> None:
        """Make a model with random weights from a BERT configuration."""
        super().__init__()
        self.encoder = Encoder(config)
        width = config["hidden_size"]
        self.heads = nn.ModuleDict(
            {task: Head(width, len(labels), dropout) for task, labels in TASKS.items()}
        )

    def pool(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Return the first state beside the mean of all unpadded ones, (n, 2 * width)."""
        states = self.encoder(input_ids, attention_mask, token_type_ids)
        seen = attention_mask[:, :, None].to(states.dtype)
        mean = (states * seen).sum(1) / seen.sum(1).clamp(min=1.0)
        return torch.cat([states[:, 0], mean], -1)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Tensor, ...]:
        """Return the logits of every task, in the order of `TASKS`."""
        pooled = self.pool(input_ids, attention_mask, token_type_ids)
        return tuple(self.heads[task](pooled) for task in TASKS)


def mean_weights(paths: Sequence[Path], *, average: bool = True) -> dict[str, Tensor]:
    """Return the mean of checkpoints' weights; a file given twice counts twice.

    Of each the moving average is taken, or with `average` off its last weights.

    Raises:
        InputError: when a file is missing or is no checkpoint of a training run.
    """
    name = "average" if average else "model"
    total: dict[str, Tensor] = {}
    for path in paths:
        if not path.is_file():
            raise InputError(f"{path}: no such checkpoint")
        state = torch.load(path, weights_only=True, mmap=True)
        if name not in state:
            raise InputError(
                f"{path}: no weights named {name}; give a checkpoint of a training run"
            )
        for key, tensor in state[name].items():
            total[key] = total[key] + tensor if key in total else tensor.clone()
    return {key: tensor / len(paths) for key, tensor in total.items()}


def freeze(model: Model, layers: int) -> None:
    """Stop the embeddings and so many of the lowest layers from learning; 0 stops none."""
    if layers:
        encoder = model.encoder
        for name, parameter in encoder.named_parameters():
            level = int(name.split(".")[1]) if name.startswith("layers.") else -1
            parameter.requires_grad_(level >= layers)


def from_base(folder: Path, *, dropout: float = 0.1, sha256: str = BASES["minilm"].sha256) -> Model:
    """Return a model whose encoder holds the base weights and whose heads are new.

    Raises:
        InputError: when `model.safetensors` is missing or is not the expected file.
    """
    from safetensors.torch import load_file

    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise InputError(f"{folder}: no model.safetensors; give --base the encoder's folder")
    found = digest(weights)
    if found != sha256:
        raise InputError(f"{weights}: SHA-256 is {found}, expected {sha256}; get the file anew")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    model = Model(config, dropout)
    mpnet = config.get("model_type") == "mpnet"
    rename = _renamed_mpnet if mpnet else _renamed
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
