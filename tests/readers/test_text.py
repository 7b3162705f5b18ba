import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.readers.text import decode, decoded, read_bytes, repaired


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


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Совет проголосовал в понедельник за новый мост через гавань.", "cp1251"),
        ("Совет проголосовал в понедельник за новый мост через гавань.", "koi8-r"),
        ("Το συμβούλιο ψήφισε τη Δευτέρα για τη νέα γέφυρα στο λιμάνι.", "cp1253"),
        ("市议会星期一投票决定在港口上修建一座新的大桥，费用为四千万。", "gb18030"),
        ("“Où?” — ‘Là’", "cp1252"),
        ("It rained all day.", "utf-16-le"),
        ("It rained all day.", "utf-16-be"),
        ("It rained all day.", "utf-32"),
    ],
)
def test_encodings_are_told_by_their_letters(text, encoding):
    assert decode(text.encode(encoding), where="x") == text


def test_declared_encoding_comes_first():
    data = "Où".encode("cp850")
    assert decoded(data, where="x", declared="cp850") == ("Où", "cp850")
    assert decoded(data, where="x", declared="no such thing")[1] == "cp1252"
    assert decoded(b"a", where="x", declared="base64")[1] == "utf-8"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_sound_text_is_left_as_it_is(text):
    mended, about = repaired(text)
    assert (mended == text) == (not about)
    assert mended.count("\n") == text.count("\n")


def test_mojibake_is_put_right_and_told():
    assert repaired("It doesnâ€™t.\nFine.") == (
        "It doesn’t.\nFine.",
        {"repaired": "mojibake in 1 of 2 lines (ftfy)"},
    )
    assert repaired("Café, “naïve” – Łódź") == ("Café, “naïve” – Łódź", {})
