import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.readers.plain import parse_plain, read_plain
from analysis.types import Kind

SEED = Path(__file__).parents[2] / "seeds" / "000_9da5be969268c11d.txt"


def assert_lossless(article):
    position = 0
    for block in article.blocks:
        assert not article.raw[position : block.start].strip()
        assert article.raw[block.start : block.end] == block.text
        position = block.end
    assert not article.raw[position:].strip()


def test_seed_blocks_have_their_kinds():
    article = read_plain(SEED)
    assert_lossless(article)
    assert [b.kind for b in article.blocks[:4]] == ["title", "credit", "caption", "paragraph"]
    assert article.title == "Stoltenberg NATO"
    assert len(article.of_kind(Kind.COMMENTARY)) == 4
    (citation,) = article.of_kind(Kind.CITATION)
    assert citation.text.startswith("Dozens of documents")
    after = article.blocks[article.blocks.index(citation) + 1]
    assert after.kind is Kind.PARAGRAPH and after.text.startswith("Stoltenberg said")


@given(st.text(alphabet=st.sampled_from("aB.:[]©\"' \t\r\n\u00a0\u2028") | st.characters()))
def test_nothing_is_lost(text):
    if not text.strip():
        with pytest.raises(InputError, match="no text"):
            parse_plain(text, article_id="x")
    else:
        assert_lossless(parse_plain("Comment: " + text, article_id="x"))
        assert_lossless(parse_plain(text, article_id="x"))


@pytest.mark.parametrize(
    "lead", ["Comment:", "COMMENT:", "[Comment:", "Editor's note:", "Editor’s Note:", "Our comment:"]
)
def test_markers(lead):
    article = parse_plain(f"Said so.\n\n{lead} not so.\n\nMore.", article_id="x")
    assert [b.kind for b in article.blocks] == ["paragraph", "commentary", "paragraph"]


def test_markers_are_a_parameter():
    article = parse_plain("Said so.\n\nReply: no.", article_id="x", markers=["Reply:"])
    assert article.blocks[1].kind is Kind.COMMENTARY


def test_windows_line_ends_and_byte_order_mark(tmp_path):
    unix = read_plain(SEED)
    (tmp_path / "w.txt").write_bytes(
        b"\xef\xbb\xbf" + SEED.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    )
    windows = read_plain(tmp_path / "w.txt")
    assert_lossless(windows)
    assert [(b.kind, b.text) for b in windows.blocks] == [(b.kind, b.text) for b in unix.blocks]


def test_latin_1_is_read(tmp_path):
    (tmp_path / "l.txt").write_bytes("Café.\n\nComment: Où?".encode("latin-1"))
    assert read_plain(tmp_path / "l.txt").blocks[1].text == "Comment: Où?"


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "no text"), (b" \n\n", "no text"), (b"a\0b", "NUL"), (b"x" * 20_000_001, "at most")],
)
def test_unusable_file_gets_one_line(tmp_path, data, says):
    (tmp_path / "bad.txt").write_bytes(data)
    with pytest.raises(InputError, match=says) as caught:
        read_plain(tmp_path / "bad.txt")
    assert "bad.txt" in str(caught.value) and "\n" not in str(caught.value)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_plain(tmp_path / "none.txt")
    with pytest.raises(InputError, match="folder"):
        read_plain(tmp_path)


def test_seed_is_the_users_file_byte_for_byte():
    assert hashlib.sha256(SEED.read_bytes()).hexdigest() == (
        "340132f1e79377473f020bf27d6b3f9de630e6384437224b286273981c9681fb"
    )
