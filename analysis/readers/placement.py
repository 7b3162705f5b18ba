"""Placement of comments: the block that each follows, and the words that it answers."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from math import inf

from analysis.errors import InputError
from analysis.readers.anchors import Origin, Span
from analysis.types import COMMENTS, Block


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that stands beside the text.

    `at` is the span it was put on and `after` where it stands, both in characters of
    the pieces joined by blank lines; with neither, it stands at the end. `more` are other
    spans that it was put on. `parent` is the number of the comment that it replies to.
    `blocks` are set where a file says what the parts of the comment are.
    """

    text: str
    commentator: str = ""
    at: Span | None = None
    after: int | None = None
    parent: int | None = None
    blocks: tuple[Block, ...] = ()
    more: tuple[Span, ...] = ()

    @property
    def unplaced(self) -> bool:
        """Whether the file gives it no place."""
        return self.at is None and self.after is None and self.parent is None


def continues(blocks: Sequence[Block], number: int) -> bool:
    """Return whether a block belongs to the commentary before it."""
    block, before = blocks[number], blocks[number - 1]
    return block.kind in COMMENTS and not block.lead and before.kind in COMMENTS


def comments_by_block(
    blocks: Sequence[Block],
    comments: Sequence[Comment],
    origin: Origin,
    *,
    replies: Set[int] = frozenset(),
    in_order: bool = False,
) -> dict[int, list[int]]:
    """Return by the number of a block the comments that follow it, threads whole.

    Behind a block they stand as the words that they are on, and those on none last; where
    they are given `in_order`, as they are given. `replies` are the blocks that reply to the
    commentary before them: only what is on one of its comments parts a thread.
    """
    children, roots = _threads([c.parent for c in comments], origin)
    keys = []
    for root in roots:
        span, end = comments[root].at, comments[root].after
        touched = list(_touched(blocks, span)) if span else []
        on_article = [high for n, _, high in touched if blocks[n].kind not in COMMENTS]
        if span:
            end = on_article[-1] if on_article else touched[-1][2] if touched else span[1]
        on_comment = touched and not on_article
        place = _block_before(blocks, end, frozenset() if on_comment else replies)
        keys.append((place, span[0] if touched and not in_order else inf, root))
    places: dict[int, list[int]] = {}
    for place, _, root in sorted(keys):
        thread, stack = [], [root]
        while stack:
            thread.append(stack.pop())
            stack += reversed(children.get(thread[-1], []))
        places.setdefault(place, []).extend(thread)
    return places


def _threads(
    parents: Sequence[int | None], origin: Origin
) -> tuple[dict[int, list[int]], list[int]]:
    """Return the replies to each comment, and the comments that start a thread, in order.

    Raises:
        InputError: replies run in a circle.
    """
    children: dict[int | None, list[int]] = {}
    for number, parent in enumerate(parents):
        children.setdefault(parent, []).append(number)
    roots = children.pop(None, [])
    reached, stack = set(), list(roots)
    while stack:
        reached.add(number := stack.pop())
        stack += children.get(number, [])
    if len(reached) < len(parents):
        lost = next(n for n in range(len(parents)) if n not in reached)
        raise InputError(
            f"{origin.path}: comment {lost + 1}: found replies that run in a circle; expected "
            "threads that start at a comment, remove one of the references"
        )
    return children, roots


def _block_before(blocks: Sequence[Block], end: int | None, replies: Set[int]) -> int:
    """Return the number of the block that an offset lies in or after, never within a comment."""
    place = len(blocks) - 1
    if end is not None:
        place = bisect_left(blocks, end, key=lambda block: block.start) - 1
    while 0 <= place < len(blocks) - 1 and (place + 1 in replies or continues(blocks, place + 1)):
        place += 1
    return place


def block_at(blocks: Sequence[Block], offset: int) -> Block:
    """Return the block that an offset within one lies in."""
    return blocks[bisect_right(blocks, offset, key=lambda block: block.start) - 1]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the blocks of a text stand in the article that it became.

    `ids` has the id of each block, of a commentary its first one's; `shifts` how far it moved.
    """

    blocks: Sequence[Block]
    ids: dict[int, str]
    shifts: dict[int, int]

    def answered(self, *spans: Span) -> tuple[tuple[Span, ...], str]:
        """Return the spans of the article that an anchor covers, or the comment that it is on."""
        answers, commented = [], ""
        touched = {part: None for span in sorted(spans) for part in _touched(self.blocks, span)}
        for number, low, high in touched:
            if self.blocks[number].kind in COMMENTS:
                commented = self.ids[number]
            else:
                answers.append((low + self.shifts[number], high + self.shifts[number]))
        return tuple(answers), "" if answers else commented


def _touched(blocks: Sequence[Block], at: Span) -> Iterator[tuple[int, int, int]]:
    """Yield the blocks that an anchor covers words of, each with the span in it."""
    number = max(0, bisect_left(blocks, at[0], key=lambda block: block.start) - 1)
    while number < len(blocks) and blocks[number].start < at[1]:
        block = blocks[number]
        low, high = max(at[0], block.start), min(at[1], block.end)
        if low < high and block.text[low - block.start : high - block.start].strip():
            yield number, low, high
        number += 1
