"""Frozen dataclasses and enums of the project's vocabulary."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a block of an annotated article is."""

    TITLE = "title"
    CREDIT = "credit"
    CAPTION = "caption"
    PARAGRAPH = "paragraph"
    COMMENTARY = "commentary"
    CITATION = "citation"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph-like piece of the raw text; `start` and `end` count characters."""

    block_id: str
    kind: Kind
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """One republished text with its inline commentary.

    `raw[block.start:block.end] == block.text` holds for every block, and the
    characters between blocks are white space.
    """

    article_id: str
    title: str
    raw: str
    blocks: tuple[Block, ...]

    def of_kind(self, kind: Kind) -> tuple[Block, ...]:
        """Return the blocks of one kind, in text order."""
        return tuple(block for block in self.blocks if block.kind is kind)
