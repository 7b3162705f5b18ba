"""Rounding in training as int8 rounds in service, so that the weights learn to bear it.

Quantisation-aware training (Jacob et al. 2018): products are computed with rounded numbers,
while gradients pass as if nothing were rounded. What is rounded is what ONNX Runtime's dynamic
quantisation rounds (`export.py`): weights to int8 with one scale an output unit, the word
embeddings with one a row, and what comes into a matrix to uint8 with one scale a row of the batch,
as rows are served one by one.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SMALLEST = 1e-8


def rounded_inputs(x: Tensor) -> Tensor:
    """Round (n, ...) to 256 levels, for each of the n between its lowest and highest or 0."""
    flat = x.detach().float().flatten(1)
    low, high = flat.amin(1).clamp(max=0.0), flat.amax(1).clamp(min=0.0)
    scale = ((high - low) / 255).clamp(min=SMALLEST)
    zero = torch.round(-low / scale)
    return torch.fake_quantize_per_channel_affine(x.float(), scale, zero, 0, 0, 255)


def rounded_rows(weight: Tensor) -> Tensor:
    """Round (n, width) to int8, each of the n with its own scale."""
    scale = (weight.detach().abs().amax(1) / 127).clamp(min=SMALLEST)
    zero = torch.zeros_like(scale)
    return torch.fake_quantize_per_channel_affine(weight, scale, zero, 0, -127, 127)


def rounded_product(linear: nn.Linear, x: Tensor) -> Tensor:
    """Return what a linear layer gives of (n, length, width) once it is in int8."""
    return F.linear(rounded_inputs(x), rounded_rows(linear.weight), linear.bias)
