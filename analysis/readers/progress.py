"""Progress of reading a long file, shown on a terminal."""

from collections.abc import Iterable
from threading import RLock

LONG = 3  # seconds: what takes longer shows how far it is


def shown_progress(count: int, unit: str, name: str) -> Iterable[int]:
    """Return the numbers from 0, with a bar on standard error where it is a terminal.

    Args:
        count: how many there are.
        unit: what each stands for, such as a page.
        name: what is being read.
    """
    from tqdm import tqdm

    # tqdm's own lock is a semaphore of the system: a reader that is killed would leave it behind
    tqdm.set_lock(RLock())
    label = f"reading {name[-60:]}"
    return tqdm(range(count), label, unit=unit, delay=LONG, leave=False, disable=None)
