"""A trained model to one ONNX file in int8, quantized dynamically.

Word embeddings become int8 with one scale per row, the encoder's matrices int8 with one scale per
column; the heads stay float32. What enters a matrix is rounded to 8 bits at each run, with one
scale per text (ONNX Runtime's own quantization) or one per token (Yao et al. 2022). In some
encoders a few tokens have values hundreds of times as large as all others (Bondarenko et al. 2021):
with one scale per text, little is left of the others.
"""

import copy
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from training.tasks import TASKS

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
LARGEST = 40_000_000  # bytes of weights in one file; more are cut into parts
PART = 95_000_000  # bytes, at most


class Level(NamedTuple):
    """How much of the encoder is quantized.

    Attributes:
        kept: the matrices that stay in float32, by parts of their graph nodes' names.
        by_token: the matrices of each layer whose inputs get a scale per token.
    """

    kept: tuple[str, ...] = ()
    by_token: tuple[str, ...] = ()


# The fastest first; the next is taken where one costs too much.
LEVELS = {
    "all products of the encoder in int8": Level(),
    "all products of the encoder in int8, those of the inner layers with one scale per token": (
        Level(by_token=("up", "down"))
    ),
    "products in int8 but those of the inner layers": Level(kept=("/down", "/up")),
    "products in float32": Level(kept=("encoder",)),
}


def to_int8(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Round a float matrix (rows, width) to int8; returns it and each row's scale, (rows, 1)."""
    scale = weight.abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
    return torch.round(weight / scale).to(torch.int8), scale


class Int8Rows(nn.Module):
    """An embedding table in int8, each row with its own scale."""

    def __init__(self, weight: Tensor) -> None:
        """Round a float table (rows, width) to int8."""
        super().__init__()
        table, scale = to_int8(weight)
        self.register_buffer("table", table)
        self.register_buffer("scale", scale)

    def forward(self, ids: Tensor) -> Tensor:
        """Look up rows: integers of any shape to floats with one more axis."""
        rows = nn.functional.embedding(ids, self.table.detach())
        return rows.to(self.scale.dtype) * nn.functional.embedding(ids, self.scale)


class _Int8Product(torch.autograd.Function):
    """The product of uint8 and int8, which torch cannot export by itself."""

    @staticmethod
    def forward(_, values: Tensor, weight: Tensor) -> Tensor:
        """Multiply (…, width) by (width, columns); returns int32."""
        return values.int() @ weight.int()

    @staticmethod
    def symbolic(g, values, weight):
        """Return the ONNX node."""
        found = g.op("MatMulInteger", values, weight)
        width = weight.type().sizes()[1]
        return found.setType(values.type().with_sizes([None, None, width]).with_dtype(torch.int32))


class Int8Linear(nn.Module):
    """A linear layer in int8: one scale per column of the matrix, and per token for what enters.

    A token's values are counted from their lowest, in 255 steps to their highest.
    """

    def __init__(self, linear: nn.Linear) -> None:
        """Round the matrix of `linear`."""
        super().__init__()
        weight, scale = to_int8(linear.weight.data)
        self.register_buffer("weight", weight.T.contiguous())
        self.register_buffer("scale", scale[:, 0])
        self.register_buffer("sums", (weight * scale).sum(1))
        self.register_buffer("bias", linear.bias.data)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, length, width) to (n, length, columns), both float32."""
        lowest = x.amin(-1, keepdim=True)
        step = (x.amax(-1, keepdim=True) - lowest).clamp(min=1e-8) / 255
        values = torch.round((x - lowest) / step).to(torch.uint8)
        product = _Int8Product.apply(values, self.weight).float()
        return product * (step * self.scale) + lowest * self.sums + self.bias


def write_float(
    model: nn.Module,
    path: Path,
    *,
    inputs: Sequence[str] = INPUTS,
    outputs: Sequence[str] = tuple(TASKS),
) -> None:
    """Write the model in float32 with named inputs and outputs and free (n, length)."""
    example = torch.ones((2, 8), dtype=torch.int64)
    axes = {name: {0: "rows", 1: "tokens"} for name in inputs}
    axes |= {name: {0: "rows"} for name in outputs}
    torch.onnx.export(
        model.eval(),
        (example,) * len(inputs),
        str(path),
        input_names=list(inputs),
        output_names=list(outputs),
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )


def write_int8(
    model: nn.Module, path: Path, level: Level | None = None, **named: Sequence[str]
) -> None:
    """Write the model in int8, all products of the encoder by default.

    The model has an `Encoder` as `encoder`; `named` are `write_float`'s inputs and outputs.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    level = level or Level()
    kept = ("heads", *level.kept)
    model = copy.deepcopy(model).float().eval()
    model.encoder.words = Int8Rows(model.encoder.words.weight.data)
    for layer in model.encoder.layers:
        for name in level.by_token:
            setattr(layer, name, Int8Linear(getattr(layer, name)))
    with tempfile.TemporaryDirectory() as folder:
        plain, ready = Path(folder, "plain.onnx"), Path(folder, "ready.onnx")
        write_float(model, plain, **named)
        quant_pre_process(plain, ready, skip_symbolic_shape=True)
        nodes = onnx.load(ready).graph.node
        excluded = [node.name for node in nodes if any(part in node.name for part in kept)]
        quantize_dynamic(
            ready,
            path,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=excluded,
        )


def split_weights(path: Path) -> list[Path]:
    """Cut a file of over 40 MB into `PATH.0`, `PATH.1`, … of at most 95 MB; returns the files."""
    data = path.read_bytes()
    if len(data) <= LARGEST:
        return [path]
    out = []
    for number, start in enumerate(range(0, len(data), PART)):
        out.append(path.with_name(f"{path.name}.{number}"))
        out[-1].write_bytes(data[start : start + PART])
    path.unlink()
    return out


def copy_tokenizer(base: Path, folder: Path) -> None:
    """Copy the base encoder's fast tokenizer."""
    shutil.copyfile(base / "tokenizer.json", folder / "tokenizer.json")
