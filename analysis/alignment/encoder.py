"""Contextual word states from a small encoder, without torch.

The encoder is all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019) unchanged,
quantized to int8; see `data/models/alignment/MODEL_CARD.md`.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from analysis.errors import InputError, one_line
from analysis.paths import MODELS
from analysis.scorers.onnx_runtime import (
    map_longest_first,
    open_session,
    open_tokenizer,
    threads,
    token_ids,
)

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

FOLDER = MODELS / "alignment"
TOKENS = 256  # of one text, [CLS] and [SEP] included; the rest is cut
MARKS = ("[CLS]", "[SEP]")


def pieces(texts: Sequence[str]) -> list[list[int]]:
    """Return the ids of each text's word pieces, uncut and without special tokens.

    Raises:
        InputError: the tokenizer is missing or damaged.
    """
    return token_ids(_tokenizer(), texts)


def states(texts: Sequence[str]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return each text's tokens and their states, [CLS] and [SEP] included.

    Texts are encoded one at a time, so that no text's states depend on another.

    Returns:
        For each text its token ids, int64 (length,), and states, float32 (length, width).

    Raises:
        InputError: the encoder is missing or damaged.
    """
    session = _session()
    first, last = (_tokenizer().token_to_id(mark) for mark in MARKS)
    tokens = [np.array([first, *ids[: TOKENS - 2], last], np.int64) for ids in pieces(texts)]

    def one(number: int) -> np.ndarray:
        ids = tokens[number][None]
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        return session.run(["states"], given)[0][0]

    found = map_longest_first(one, [len(ids) for ids in tokens], threads())
    return list(zip(tokens, found, strict=True))


@lru_cache(maxsize=1)
def _tokenizer() -> "Tokenizer":
    try:
        return open_tokenizer((FOLDER / "tokenizer.json").read_bytes())
    except Exception as error:  # the library raises bare Exception
        raise damaged(error) from None


@lru_cache(maxsize=1)
def _session() -> "InferenceSession":
    try:
        session = open_session((FOLDER / "encoder.onnx").read_bytes())
    except Exception as error:  # one class a failure, all private to the library
        raise damaged(error) from None
    names = {node.name for node in (*session.get_inputs(), *session.get_outputs())}
    if names != {"input_ids", "attention_mask", "states"}:
        raise damaged(ValueError(f"encoder.onnx is another model's, with {sorted(names)}"))
    return session


def damaged(error: Exception) -> InputError:
    """Return the error for an unreadable file of the folder."""
    return InputError(
        f"{FOLDER}: cannot be read ({one_line(error)[:80]}); expected the folder as it was "
        "published, get it again"
    )
