"""Rows of like length together, so that little of a batch is padding."""

from collections.abc import Iterator, Sequence


def token_batches(lengths: Sequence[int], tokens: int, rows: int) -> Iterator[list[int]]:
    """Yield batches of row numbers, the shortest rows first.

    Args:
        lengths: tokens of each row.
        tokens: at most so many tokens a batch, padding included; a longer row goes alone.
        rows: at most so many rows a batch.
    """
    batch: list[int] = []
    for number in sorted(range(len(lengths)), key=lengths.__getitem__):
        full = len(batch) == rows or (len(batch) + 1) * lengths[number] > tokens
        if batch and full:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch
