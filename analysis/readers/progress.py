"""How far the reading of a long file is, on a terminal."""

from collections.abc import Iterable

LONG = 3  # seconds: what takes longer shows how far it is


def shown_progress(count: int, unit: str, name: str) -> Iterable[int]:
    """Return the numbers from 0, with a bar on standard error where it is a terminal.

    Args:
        count: how many there are.
        unit: what each stands for, such as a page.
        name: what is being read.
    """
    from tqdm import tqdm

    label = f"reading {name[-60:]}"
    return tqdm(range(count), label, unit=unit, delay=LONG, leave=False, disable=None)
