"""Write the files of `data/models/alignment` from the base: `python -m training.alignment`.

Nothing is trained. `words.npy` is the base's table of word embeddings on the first principal
components of the pieces in use, one direction per row, int8; `encoder.onnx` is the base in int8.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from analysis.errors import InputError
from training.bases import from_base
from training.command import exit_code
from training.export import copy_tokenizer, write_int8
from training.model import Encoder

COMPONENTS = 128


class States(nn.Module):
    """The states of an encoder as a model of one text."""

    def __init__(self, encoder: Encoder) -> None:
        """Wrap `encoder`."""
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Map two (n, length) integer tensors to (n, length, width)."""
        return self.encoder(input_ids, attention_mask, torch.zeros_like(input_ids))


def directions(table: np.ndarray, used: np.ndarray, components: int) -> np.ndarray:
    """Return a direction for each word piece, on the principal components of those in use.

    Args:
        table: word embeddings, shape (pieces, width).
        used: which pieces are in use, bool, shape (pieces,).
        components: how many are kept.

    Returns:
        int8, shape (pieces, components); the largest figure of each row is 127.
    """
    centered = table - table[used].mean(axis=0)
    _, axes = np.linalg.eigh(centered[used].T @ centered[used])
    found = centered @ axes[:, ::-1][:, :components]
    return np.round(found / np.abs(found).max(axis=1, keepdims=True) * 127).astype(np.int8)


def write(base: Path, folder: Path) -> None:
    """Write the three files into a folder.

    Raises:
        InputError: when a file of the base is missing, or its weights are not the expected ones.
    """
    encoder = from_base(base).encoder
    tokenizer = base / "tokenizer.json"
    if not tokenizer.is_file():
        raise InputError(f"{base}: no tokenizer.json; give --base the encoder's folder")
    pieces = json.loads(tokenizer.read_text("utf-8"))["model"]["vocab"]
    used = np.zeros(encoder.words.num_embeddings, bool)
    used[[number for piece, number in pieces.items() if not piece.startswith("[unused")]] = True
    table = encoder.words.weight.detach().double().numpy()
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "words.npy", directions(table, used, COMPONENTS))
    names = ["input_ids", "attention_mask"]
    write_int8(States(encoder), folder / "encoder.onnx", inputs=names, outputs=["states"])
    copy_tokenizer(base, folder)


def main(argv: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.alignment", description=__doc__)
    parser.add_argument("--base", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    args = parser.parse_args(argv)
    return exit_code(lambda: write(args.base, args.out))


if __name__ == "__main__":
    sys.exit(main())
