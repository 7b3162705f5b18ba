"""The form of a model's input: the tokens that its tokenizer puts around one text or two.

The form is read from the tokenizer: it encodes a probe, and the tokens that belong to no text
are its start, separator and end. So BERT's `[CLS] a [SEP] b [SEP]` and MPNet's
`<s> a </s></s> b </s>` need no code of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PROBE = "a"
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


@dataclass(frozen=True, slots=True)
class InputForm:
    """The special tokens before, between and after one text or two.

    Attributes:
        ids: token ids of each gap; there is one gap more than there are texts.
        types: token type ids of each gap.
        text_types: the token type id of each text.
    """

    ids: tuple[list[int], ...]
    types: tuple[list[int], ...]
    text_types: tuple[int, ...]

    @classmethod
    def of(cls, tokenizer: "Tokenizer", texts: int) -> "InputForm":
        """Return the form of one text (`texts` = 1) or of a pair (2).

        Raises:
            ValueError: the tokenizer adds no special tokens, or none between two texts.
        """
        coded = tokenizer.encode(*[PROBE] * texts)
        owners = coded.sequence_ids
        starts = [owners.index(text) for text in range(texts)]
        ends = [start + owners.count(text) for text, start in enumerate(starts)]
        gaps = [slice(*gap) for gap in zip([0, *ends], [*starts, len(owners)], strict=True)]
        ids = tuple(coded.ids[gap] for gap in gaps)
        if not any(ids) or not all(ids[1:-1]):
            raise ValueError("it joins texts without special tokens; expected a post_processor")
        types = coded.type_ids
        return cls(ids, tuple(types[gap] for gap in gaps), tuple(types[n] for n in starts))

    @property
    def special(self) -> int:
        """The number of special tokens."""
        return sum(map(len, self.ids))

    def join(self, texts: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        """Return the model's input for the token ids of its texts: `INPUTS`, int64 (1, length)."""
        types = [np.full(len(t), kind) for t, kind in zip(texts, self.text_types, strict=True)]
        ids, types = (
            np.concatenate([gaps[0], *chain(*zip(parts, gaps[1:], strict=True))]).astype(np.int64)
            for gaps, parts in ((self.ids, texts), (self.types, types))
        )
        return dict(zip(INPUTS, (ids[None], np.ones_like(ids)[None], types[None]), strict=True))
