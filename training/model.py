"""One encoder with a small head for each task, written to train fast on a CPU.

The encoder is BERT (Devlin et al. 2019) in the shape of all-MiniLM-L6-v2, or MPNet (Song et
al. 2020): BERT without segments, with a bias on attention by relative distance. Query, key and
value share one matrix. A head reads the first token's state beside the mean of all states.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.tasks import TASKS


class Layer(nn.Module):
    """One transformer layer, normalized after each sum as in BERT."""

    def __init__(self, width: int, heads: int, inner: int, eps: float, dropout: float) -> None:
        """Make a layer of `width` units with `heads` attention heads."""
        super().__init__()
        self.heads = heads
        self.dropout = nn.Dropout(dropout)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=eps)
        self.up = nn.Linear(width, inner)
        self.down = nn.Linear(inner, width)
        self.norm2 = nn.LayerNorm(width, eps=eps)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Map (n, length, width) to the same shape; `mask` is added to (n, heads, m, m)."""
        n, length, width = x.shape
        qkv = self.qkv(x).view(n, length, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        mixed = _attend(query, key, value, mask.to(query.dtype))
        mixed = self.out(mixed.transpose(1, 2).reshape(n, length, width))
        x = self.norm1(x + self.dropout(mixed))
        return self.norm2(x + self.dropout(self.down(F.gelu(self.up(x)))))


def _attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
    """Return scaled dot-product attention; spelled out where it is exported to ONNX."""
    if not torch.onnx.is_in_onnx_export():
        return F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    weights = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1]) + mask
    return torch.softmax(weights, -1) @ value


class Encoder(nn.Module):
    """Token, position and segment embeddings under a stack of layers."""

    def __init__(self, config: dict, dropout: float = 0.0) -> None:
        """Make an encoder from the fields of a BERT or MPNet `config.json`.

        `dropout` is that within the layers; on a CPU it takes more time than it is worth.
        """
        super().__init__()
        width, eps = config["hidden_size"], config["layer_norm_eps"]
        mpnet = config.get("model_type") == "mpnet"
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
            Layer(width, config["num_attention_heads"], config["intermediate_size"], eps, dropout)
            for _ in range(config["num_hidden_layers"])
        )

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Map three (n, length) integer tensors to states (n, length, width)."""
        places = torch.arange(input_ids.shape[1], device=input_ids.device)
        x = self.words(input_ids) + self.positions(places + self.first_place)
        if self.segments is not None:
            x = x + self.segments(token_type_ids)
        x = self.norm(x)
        mask = (1.0 - attention_mask[:, None, None, :].to(x.dtype)) * -1e4
        if self.distances is not None:
            buckets = distance_buckets(places, self.distances.num_embeddings)
            mask = mask + self.distances(buckets).permute(2, 0, 1)
        for layer in self.layers:
            x = layer(x, mask)
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

    def __init__(self, config: dict, dropout: float = 0.1, layer_dropout: float = 0.0) -> None:
        """Make a model with random weights from a BERT or MPNet configuration."""
        super().__init__()
        self.encoder = Encoder(config, layer_dropout)
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
