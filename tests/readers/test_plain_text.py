import hashlib
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.alignment.align import commentaries
from analysis.errors import InputError
from analysis.readers import read
from analysis.readers.language_id import identify_language
from analysis.readers.plain_text import parse_plain_text
from analysis.readers.text import article_id
from analysis.types import Kind

SEED = Path(__file__).parents[2] / "seeds" / "000_9da5be969268c11d.txt"


def assert_lossless(article):
    position = 0
    for block in article.blocks:
        assert not article.raw[position : block.start].strip()
        assert article.raw[block.start : block.end] == block.text
        assert block.start <= block.body[0] <= max(block.body) <= block.end
        position = block.end
    assert not article.raw[position:].strip()


def test_seed_blocks_have_their_kinds():
    article = read(SEED)
    assert_lossless(article)
    assert [b.kind for b in article.blocks[:4]] == ["title", "credit", "caption", "paragraph"]
    assert article.title == "Stoltenberg NATO"
    assert len(article.of_kind(Kind.COMMENTARY)) == 4
    (citation,) = article.of_kind(Kind.CITATION)
    assert citation.text.startswith("Dozens of documents")
    after = article.blocks[article.blocks.index(citation) + 1]
    assert after.kind is Kind.PARAGRAPH
    assert after.text.startswith("Stoltenberg said")


@given(st.text(alphabet=st.sampled_from("aB.:[]©\"' \t\r\n\u00a0\u2028") | st.characters()))
def test_nothing_is_lost(text):
    if not text.strip():
        with pytest.raises(InputError, match="no text"):
            parse_plain_text(text, article_id="x")
    else:
        assert_lossless(parse_plain_text("Comment: " + text, article_id="x"))
        assert_lossless(parse_plain_text(text, article_id="x"))
        assert_lossless(parse_plain_text(text, article_id="x", run_on=True))
        assert_lossless(parse_plain_text("[Comment: a\n\n" + text, article_id="x", run_on=True))


@pytest.mark.parametrize(
    "lead",
    [
        "Comment:",
        "COMMENT:",
        "[Comment:",
        "Editor's note:",
        "Editor’s Note:",
        "Our comment:",
    ],
)
def test_markers(lead):
    article = parse_plain_text(f"Said so.\n\n{lead} not so.\n\nMore.", article_id="x")
    assert [b.kind for b in article.blocks] == ["paragraph", "commentary", "paragraph"]


def test_markers_are_a_parameter():
    article = parse_plain_text("Said so.\n\nReply: no.", article_id="x", markers=["Reply:"])
    assert article.blocks[1].kind is Kind.COMMENTARY


def test_windows_line_ends_and_byte_order_mark(tmp_path):
    unix = read(SEED)
    (tmp_path / "w.txt").write_bytes(
        b"\xef\xbb\xbf" + SEED.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    )
    windows = read(tmp_path / "w.txt")
    assert_lossless(windows)
    assert [(b.kind, b.text) for b in windows.blocks] == [(b.kind, b.text) for b in unix.blocks]


def test_latin_1_is_read(tmp_path):
    (tmp_path / "l.txt").write_bytes("Café.\n\nComment: Où?".encode("latin-1"))
    assert read(tmp_path / "l.txt").blocks[1].text == "Comment: Où?"


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "no text"), (b" \n\n", "no text"), (b"a\0b", "NUL"), (b"x" * 1_000_001, "at most")],
)
def test_unusable_file_gets_one_line(tmp_path, data, says):
    (tmp_path / "bad.txt").write_bytes(data)
    with pytest.raises(InputError, match=says) as caught:
        read(tmp_path / "bad.txt")
    assert "bad.txt" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "none.txt")
    with pytest.raises(InputError, match="folder"):
        read(tmp_path)


def test_seed_is_the_users_file_byte_for_byte():
    assert hashlib.sha256(SEED.read_bytes()).hexdigest() == (
        "340132f1e79377473f020bf27d6b3f9de630e6384437224b286273981c9681fb"
    )


def kinds(article):
    return [block.kind.value for block in article.blocks]


def body(article, block):
    return article.raw[slice(*block.body)]


def test_marker_and_brackets_are_not_part_of_the_body():
    article = parse_plain_text("So.\n\n[Comment: not [so].]\n\nComment: yes.", article_id="x")
    assert [body(article, b) for b in article.of_kind(Kind.COMMENTARY)] == ["not [so].", "yes."]


def test_marker_alone_has_an_empty_body():
    article = parse_plain_text("So.\n\nComment:", article_id="x")
    assert body(article, article.blocks[1]) == ""


def test_commentary_ends_at_a_blank_line_unless_it_may_run_on(own):
    assert kinds(own("comment_runs_on")) == [
        "title", "paragraph", "commentary", "paragraph", "paragraph",
        "commentary", "paragraph", "paragraph",
    ]  # fmt: skip
    article = own("comment_runs_on", run_on=True)
    assert kinds(article) == [
        "title", "paragraph", "commentary", "commentary", "paragraph",
        "commentary", "citation", "paragraph",
    ]  # fmt: skip
    assert body(article, article.blocks[3]) == "And it leaks:"
    assert_lossless(article)


def test_second_line_of_a_commentary_is_its_own_unless_it_cites():
    text = "So.\n\nComment: No.\nIt was not.\n\nComment: See:\nThe law of 1990.\nArticle 2."
    assert kinds(parse_plain_text(text, article_id="x")) == [
        "paragraph", "commentary", "commentary", "commentary", "citation", "citation",
    ]  # fmt: skip


def test_hard_wrapped_lines_are_one_block(own):
    article = own("hard_wrapped")
    assert kinds(article) == ["title", "paragraph", "commentary"]
    assert article.blocks[2].text.endswith("first storm of the autumn.")
    assert_lossless(article)


def test_title_that_is_a_statement_is_known_by_its_address():
    article = parse_plain_text("It ends here.\nhttps://example.org/a\n\nFirst.", article_id="x")
    assert kinds(article) == ["title", "credit", "paragraph"]


def test_language_is_told_or_left_open(seed, tmp_path):
    assert seed.language == "en"
    german = "Der Rat stimmte am Montag für den Bau der neuen Brücke über die Aller."
    assert parse_plain_text(german, article_id="x").language == "de"
    assert parse_plain_text("Brücke gebaut", article_id="x").language == "und"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Rain\n\nIt rained. It poured.\n\nComment: A\n\nComment: C", "und"),  # "fr" at 0.33
        (": : : : : :", "und"),
        ("It rained all day, and the river rose.", "en"),
        ("Le conseil a voté lundi la construction du pont.", "fr"),
        ("Совет в понедельник решил построить новый мост.", "ru"),
    ],
)
def test_a_language_that_is_not_sure_is_not_told(text, told):
    assert identify_language(text) == told


def test_file_name_becomes_a_harmless_id(tmp_path):
    (tmp_path / "a b<script>&é.txt").write_text("Some text.", encoding="utf-8")
    assert re.fullmatch(r"a-b-script-[0-9a-f]{8}", read(tmp_path / "a b<script>&é.txt").article_id)


def test_names_in_other_scripts_stay_apart():
    assert article_id("中文.txt") != article_id("日本.txt")
    assert article_id("a.b.txt") == "a-b"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_unreadable_file(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "a.txt").chmod(0)
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[Comment: No.]\nThe article goes on.", ["commentary", "paragraph"]),
        ("[Comment: No.] The article goes on.", ["commentary", "paragraph"]),
        ("The mayor spoke [Comment: he lied] and left.", ["paragraph", "commentary", "paragraph"]),
        ("[Comment: one [sic] two] three.", ["commentary", "paragraph"]),
        ("[Comment: left open and on.", ["commentary"]),
        ("He said [so] twice.", ["paragraph"]),
        ("\u200bComment: No.", ["commentary"]),
        ("> Comment: No.", ["commentary"]),
        ("**Comment:** No.", ["commentary"]),
        ("*Comment*: No.", ["commentary"]),
        ("Comment： No.", ["commentary"]),
        ("Comment : No.", ["commentary"]),
        ("Commentary: No.", ["commentary"]),
        ("Commentators: No.", ["paragraph"]),
        ("He left (Comment: too late) and slept.", ["paragraph", "commentary", "paragraph"]),
    ],
)
def test_brackets_and_typing_of_a_marker(text, expected):
    article = parse_plain_text("It rained.\n\n" + text, article_id="x")
    assert kinds(article)[1:] == expected
    assert_lossless(article)
    for block in article.of_kind(Kind.COMMENTARY):
        assert not body(article, block).startswith((":", "*", "[", " "))


def test_a_marker_ends_with_its_word():
    article = parse_plain_text(
        "So.\n\nReplying to it, Bob left.", article_id="x", markers=["Reply"]
    )
    assert kinds(article) == ["paragraph", "paragraph"]


@pytest.mark.parametrize("end", ["\x0c", "\u2029", "\u2028\u2028", "\x85\x85", "\x0b\x0b"])
def test_other_paragraph_ends(end):
    article = parse_plain_text(f"It rained.{end}Comment: No.{end}It went on.", article_id="x")
    assert kinds(article) == ["paragraph", "commentary", "paragraph"]
    assert_lossless(article)


def test_a_long_sentence_is_no_credit():
    text = (
        "Image: a country in ruins, with the bridges down, the harbours full, and no help at all."
    )
    assert kinds(parse_plain_text("So.\n\n" + text, article_id="x")) == ["paragraph", "paragraph"]


@pytest.mark.parametrize("name", ["article.txt", "article.md"])
def test_language_is_identified_unless_it_is_not_wanted(tmp_path, name):
    path = tmp_path / name
    path.write_text("The minister said that the bridge will serve the whole country.\n")
    assert read(path).language == "en"
    assert read(path, identify_language=False).language == "und"


@pytest.mark.parametrize("lines", ["It is a lie.\nAll of it.", '"A gift" it is not.\nIt is a lie.'])
def test_the_lines_right_below_a_marker_are_the_commentators_own(lines):
    article = parse_plain_text(
        f"Tram\n\nThe council votes.\n\nComment (Anna):\n{lines}\n\nShops fear it.", article_id="a"
    )
    assert not article.of_kind(Kind.CITATION)
    (comment,) = commentaries(article)
    assert (comment.text, comment.commentator) == (lines, "Anna")
