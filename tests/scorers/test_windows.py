import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.scorers.windows import MAX_WINDOWS, windows

ROOM = 29


def text(size, start=100):
    return np.arange(start, start + size)


def test_a_row_that_fits_is_one_window():
    (only,) = windows([text(10), text(19)], ROOM, None)
    assert [part.tolist() for part in only] == [text(10).tolist(), text(19).tolist()]


@given(
    sizes=st.lists(st.integers(0, 400), min_size=1, max_size=2),
    whole=st.sampled_from([None, 0, 1]),
)
def test_every_window_fits_and_nothing_is_made_up(sizes, whole):
    texts = [text(size, 1000 * i) for i, size in enumerate(sizes)]
    found = list(windows(texts, ROOM, whole if len(sizes) == 2 else None))
    assert 1 <= len(found) <= MAX_WINDOWS
    for window in found:
        assert sum(map(len, window)) <= ROOM
        for part, source in zip(window, texts, strict=True):
            if len(part):
                start = part[0] - source[0]
                assert np.array_equal(part, source[start : start + len(part)])


@pytest.mark.parametrize("sizes", [(300,), (10, 200), (200, 10), (60, 50)])
def test_every_token_is_read_where_the_windows_are_few(sizes):
    texts = [text(size, 1000 * i) for i, size in enumerate(sizes)]
    found = list(windows(texts, ROOM, None))
    read = {token for window in found for part in window for token in part.tolist()}
    assert read == {token for source in texts for token in source.tolist()}


def test_both_ends_of_a_very_long_text_are_read():
    found = list(windows([text(100_000)], ROOM, None))
    assert len(found) == MAX_WINDOWS
    assert found[0][0][0] == 100
    assert found[-1][0][-1] == 100_099


def test_the_target_stays_whole_and_only_windows_that_mention_it_are_read():
    target = np.array([7, 8, 9])
    long = text(2000)
    long[1000:1003] = target
    found = list(windows([target, long], ROOM, 0))
    assert 1 <= len(found) <= 2
    for first, second in found:
        assert first.tolist() == [7, 8, 9]
        assert [7, 8, 9] in np.lib.stride_tricks.sliding_window_view(second, 3).tolist()


def test_a_target_that_is_not_mentioned_is_still_asked_for():
    found = list(windows([np.array([7]), text(100)], ROOM, 0))
    assert len(found) > 1
    assert all(first.tolist() == [7] for first, _ in found)
