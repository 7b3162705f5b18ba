"""A trained model to one ONNX file in int8, by ONNX Runtime's dynamic quantization.

Word embeddings become int8 with one scale per row, the encoder's matrices int8 with one
scale a column; the heads stay float32.
"""

import copy
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from training.tasks import TASKS

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
LARGEST = 40_000_000  # bytes of weights in one file; more are cut into parts
PART = 95_000_000  # bytes, at most
# What stays in float32, least first; the next is taken where int8 costs too much.
LEVELS: dict[str, tuple[str, ...]] = {
    "all products of the encoder in int8": (),
    "products in int8 but those into the inner layers": ("/down", "/up"),
    "products in float32": ("encoder",),
}


class Int8Rows(nn.Module):
    """An embedding table in int8, each row with its own scale."""

    def __init__(self, weight: Tensor) -> None:
        """Round a float table (rows, width) to int8."""
        super().__init__()
        scale = weight.abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
        self.register_buffer("table", torch.round(weight / scale).to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, ids: Tensor) -> Tensor:
        """Look up rows: integers of any shape to floats with one more axis."""
        rows = nn.functional.embedding(ids, self.table.detach())
        return rows.to(self.scale.dtype) * nn.functional.embedding(ids, self.scale)


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
    model: nn.Module,
    path: Path,
    *,
    reduce_range: bool = False,
    keep: tuple = (),
    **named: Sequence[str],
) -> None:
    """Write the model in int8; `keep` names matrices (graph nodes) to leave in float32.

    The model has an `Encoder` as `encoder`; `named` are `write_float`'s inputs and outputs.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    model = copy.deepcopy(model).float().eval()
    model.encoder.words = Int8Rows(model.encoder.words.weight.data)
    with tempfile.TemporaryDirectory() as folder:
        plain, ready = Path(folder, "plain.onnx"), Path(folder, "ready.onnx")
        write_float(model, plain, **named)
        quant_pre_process(plain, ready, skip_symbolic_shape=True)
        nodes = onnx.load(ready).graph.node
        kept = [node.name for node in nodes if any(part in node.name for part in ("heads", *keep))]
        quantize_dynamic(
            ready,
            path,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=reduce_range,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=kept,
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
