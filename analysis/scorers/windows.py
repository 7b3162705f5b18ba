"""Texts longer than the model: which windows of them are read, as token numbers.

A row that fits is one window. Else the longer text slides past the shorter one, a
quarter of each window being read twice; where both are longer than half the room,
each slides in half of it. A text that must stay whole (a stance's target) does, and
of the other text only windows that mention it are read, where there are any. At most
`MOST` windows of a row are read, spread evenly from its beginning to its end.
"""

from collections.abc import Iterator, Sequence

import numpy as np

MOST = 32  # windows of one row: 8192 tokens at 256, so that no text takes minutes
OVERLAP = 4  # a window shares one in so many of its tokens with the next

Span = tuple[int, int]


def windows(texts: Sequence[np.ndarray], room: int, whole: int | None) -> Iterator[tuple]:
    """Yield the windows of one row, each a tuple of token arrays, one a text.

    Args:
        texts: token numbers of one or two texts, in the model's order.
        room: tokens that fit beside the special ones.
        whole: the text that must not be cut. It still is where it fills more than half
            the room, which no target does.
    """
    if sum(map(len, texts)) <= room:
        yield tuple(texts)
        return
    if len(texts) == 1:
        for start, end in spread(_spans(len(texts[0]), room), MOST):
            yield (texts[0][start:end],)
        return
    first, second = _pairs_of_spans(texts, room, whole)
    many = len(spread(first, MOST // min(len(second), 5)))
    for a, b in spread(first, many):
        for c, d in spread(second, MOST // many):
            yield texts[0][a:b], texts[1][c:d]


def averaged(logits: np.ndarray, owner: Sequence[int], rows: int) -> np.ndarray:
    """Return the mean logits of each row's windows, shape (rows, labels).

    Args:
        logits: of every window, shape (windows, labels).
        owner: the row that each window belongs to; every row has one.
        rows: how many rows there are.
    """
    out = np.zeros((rows, logits.shape[1]))
    np.add.at(out, owner, logits)
    return out / np.bincount(owner, minlength=rows)[:, None]


def _pairs_of_spans(
    texts: Sequence[np.ndarray], room: int, whole: int | None
) -> tuple[list[Span], list[Span]]:
    """Return the spans that each of two texts is read in."""
    sizes = [len(text) for text in texts]
    half = room // 2
    short = whole if whole is not None else int(sizes[1] < sizes[0])
    kept = min(sizes[short], half)
    spans = [_spans(size, half) for size in sizes]
    if whole is not None:
        spans[short] = [(0, kept)]
    spans[1 - short] = _spans(sizes[1 - short], room - kept)
    if whole is not None:
        told = _places(texts[1 - short], texts[short][:kept])
        spans[1 - short] = _holding(spans[1 - short], told, kept) or spans[1 - short]
    return spans[0], spans[1]


def _spans(size: int, width: int) -> list[Span]:
    """Cover `size` tokens with overlapping spans of `width`, the last one flush at the end."""
    if size <= width:
        return [(0, size)]
    step = max(1, width - width // OVERLAP)
    starts = [*range(0, size - width, step), size - width]
    return [(start, start + width) for start in starts]


def spread(found: list, most: int) -> list:
    """Return at most `most` of them, evenly chosen, the first and the last among them."""
    if len(found) <= most:
        return found
    places = np.linspace(0, len(found) - 1, max(1, most)).round().astype(int)
    return [found[place] for place in places]


def _places(text: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Return where `part` begins in `text`, as token numbers."""
    if not 0 < len(part) <= len(text):
        return np.empty(0, int)
    found = np.lib.stride_tricks.sliding_window_view(text, len(part)) == part
    return np.flatnonzero(found.all(axis=1))


def _holding(spans: list[Span], places: np.ndarray, size: int) -> list[Span]:
    """Return the spans that hold at least one whole mention of `size` tokens."""
    ends = [np.searchsorted(places, end - size, side="right") for _, end in spans]
    begins = [np.searchsorted(places, start, side="left") for start, _ in spans]
    return [span for span, a, b in zip(spans, begins, ends, strict=True) if b > a]
