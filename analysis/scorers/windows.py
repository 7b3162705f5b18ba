"""Texts longer than the model's input: sliding windows over their tokens.

A row that fits is one window. Otherwise the longer text slides past the shorter one, and
windows overlap by a quarter; where both are longer than half the room, each slides in half
of it. A text that must stay whole (a stance's target) does, and of the other text only
windows that mention it are read, where there are any. At most `MAX_WINDOWS` windows of a
row are read, spread evenly from its beginning to its end.
"""

from collections.abc import Iterator, Sequence

import numpy as np

MAX_WINDOWS = 32  # of one row: 8192 tokens at 256, so that no text takes minutes
OVERLAP = 4  # a window shares a quarter of its tokens with the next

Span = tuple[int, int]


def windows(texts: Sequence[np.ndarray], room: int, whole: int | None) -> Iterator[tuple]:
    """Yield the windows of one row, each a tuple of token arrays, one for each text.

    Args:
        texts: token ids of one or two texts, in the model's order.
        room: the number of tokens that fit beside the special ones.
        whole: the text that must not be cut; it is cut nevertheless where it fills more
            than half the room, which no target does.
    """
    if sum(map(len, texts)) <= room:
        yield tuple(texts)
        return
    if len(texts) == 1:
        for start, end in _evenly_spaced(_spans(len(texts[0]), room), MAX_WINDOWS):
            yield (texts[0][start:end],)
        return
    first, second = _pairs_of_spans(texts, room, whole)
    first = _evenly_spaced(first, MAX_WINDOWS // min(len(second), 5))
    for a, b in first:
        for c, d in _evenly_spaced(second, MAX_WINDOWS // len(first)):
            yield texts[0][a:b], texts[1][c:d]


def mean_logits(logits: np.ndarray, owners: Sequence[int], rows: int) -> np.ndarray:
    """Return the mean logits of each row's windows, shape (rows, labels).

    Args:
        logits: of every window, shape (windows, labels).
        owners: the row that each window belongs to; every row has one.
        rows: the number of rows.
    """
    out = np.zeros((rows, logits.shape[1]))
    np.add.at(out, owners, logits)
    return out / np.bincount(owners, minlength=rows)[:, None]


def _pairs_of_spans(
    texts: Sequence[np.ndarray], room: int, whole: int | None
) -> tuple[list[Span], list[Span]]:
    """Return the spans of the windows over each of two texts."""
    sizes = [len(text) for text in texts]
    half = room // 2
    short = whole if whole is not None else int(sizes[1] < sizes[0])
    kept = min(sizes[short], half)
    spans = [_spans(size, half) for size in sizes]
    if whole is not None:
        spans[short] = [(0, kept)]
    spans[1 - short] = _spans(sizes[1 - short], room - kept)
    if whole is not None:
        mentions = _occurrences(texts[1 - short], texts[short][:kept])
        spans[1 - short] = _holding(spans[1 - short], mentions, kept) or spans[1 - short]
    return spans[0], spans[1]


def _spans(size: int, width: int) -> list[Span]:
    """Cover `size` tokens with overlapping spans of `width`, the last one flush at the end."""
    if size <= width:
        return [(0, size)]
    step = max(1, width - width // OVERLAP)
    starts = [*range(0, size - width, step), size - width]
    return [(start, start + width) for start in starts]


def _evenly_spaced(items: list, most: int) -> list:
    """Return at most `most` items, evenly spaced, the first and the last among them."""
    if len(items) <= most:
        return items
    places = np.linspace(0, len(items) - 1, max(1, most)).round().astype(int)
    return [items[place] for place in places]


def _occurrences(text: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Return the positions in `text` at which `part` begins."""
    if not 0 < len(part) <= len(text):
        return np.empty(0, int)
    same = np.lib.stride_tricks.sliding_window_view(text, len(part)) == part
    return np.flatnonzero(same.all(axis=1))


def _holding(spans: list[Span], mentions: np.ndarray, size: int) -> list[Span]:
    """Return the spans that hold at least one whole mention of `size` tokens."""
    return [
        (start, end)
        for start, end in spans
        if np.any((mentions >= start) & (mentions <= end - size))
    ]
