"""What each word of a text means where it stands: states of a small encoder, without torch.

The encoder is all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019) as it is, rounded
to int8; see `data/models/alignment/MODEL_CARD.md`.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from analysis.errors import InputError, one_line
from analysis.inference import each, open_session, sound, threads
from analysis.paths import MODELS

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

FOLDER = MODELS / "alignment"
TOKENS = 256  # of one text, its two marks included; what is longer is cut


def states(texts: Sequence[str]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return each text's tokens and their states, the marks at both ends included.

    Each text goes through the encoder by itself, so that its states hang on no other.

    Returns:
        For each text token numbers, int64 (length,), and states, float32 (length, width).

    Raises:
        InputError: the encoder is missing or damaged.
    """
    tokenizer, session = _opened()
    coded = tokenizer.encode_batch([sound(text) for text in texts])
    tokens = [np.array(code.ids, np.int64) for code in coded]

    def one(number: int) -> np.ndarray:
        ids = tokens[number][None]
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        return session.run(["states"], given)[0][0]

    found = each(one, [len(ids) for ids in tokens], threads())
    return list(zip(tokens, found, strict=True))


@lru_cache(maxsize=1)
def _opened() -> tuple["Tokenizer", "InferenceSession"]:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
        session = open_session((FOLDER / "encoder.onnx").read_bytes())
    except Exception as error:  # both libraries raise classes of their own
        raise InputError(
            f"{FOLDER}: cannot be read ({one_line(error)[:80]}); expected the folder as it was "
            "published, get it again"
        ) from None
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS)
    return tokenizer, session
