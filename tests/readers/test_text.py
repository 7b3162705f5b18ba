import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.readers.text import decode, read_bytes


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_utf_8_and_utf_16_come_back_as_they_were(text):
    assert decode(text.encode(), where="x") == text.removeprefix("\ufeff")
    assert decode(text.encode("utf-16"), where="x") == text


def test_windows_quotation_marks_are_read():
    assert decode("“Où?”".encode("cp1252"), where="x") == "“Où?”"


def test_bytes_that_are_no_text_name_what_was_found():
    with pytest.raises(InputError, match=r"x\.txt: found .* control characters; expected text"):
        decode(bytes(range(1, 32)) * 20, where="x.txt")
    with pytest.raises(InputError, match=r"x\.txt: line 2: found NUL bytes"):
        decode(b"fine\nnot\0fine", where="x.txt")


def test_broken_utf_16_is_refused():
    with pytest.raises(InputError, match="not utf-16"):
        decode(b"\xff\xfea\x00b", where="x")


def test_bytes_and_hash(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"abc")
    assert read_bytes(tmp_path / "a.txt") == (b"abc", hashlib.sha256(b"abc").hexdigest())


def test_too_large_is_refused_without_reading(tmp_path):
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(InputError, match="found 50,000,000 bytes; expected at most 1,000,000"):
        read_bytes(tmp_path / "big.txt")
