import threading

from tqdm import tqdm

from analysis.readers.progress import shown_progress


def test_counts_from_zero():
    assert list(shown_progress(3, "page", "report.pdf")) == [0, 1, 2]


def test_keeps_no_semaphore_of_the_system():
    shown_progress(3, "page", "report.pdf")
    assert isinstance(tqdm.get_lock(), type(threading.RLock()))
