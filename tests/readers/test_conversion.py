import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.readers import read_all, read_with_anchors
from analysis.readers.anchors import AnnotatedArticle, Origin
from analysis.readers.assembly import Paragraph, assemble, assemble_blocks
from analysis.readers.conversion import convert, same, to_json, to_plain
from analysis.readers.placement import Comment
from analysis.readers.plain_text import parse_plain_text
from analysis.types import Kind

ORIGIN = Origin("a file", "a")


@pytest.fixture
def formats(seed_path):
    return seed_path.parents[1] / "tests" / "seeds" / "formats"


FORMS = [
    "bridge.json", "bridge.html", "bridge.docx", "bridge.md", "bridge.pdf", "long.csv",
    "long.parquet", "merged_cells.xlsx", "wide.tsv", "text_and_quotes.jsonl", "mojibake.txt",
    "windows_1251.txt", "no_article_element.html", "typed_oddly.txt",
]  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_json_gives_the_same_article_with_its_anchors(formats, tmp_path, name):
    written = convert(formats / name, tmp_path / "a.json")
    readings = read_all(formats / name)
    assert len(written) == len(readings)
    for path, reading in zip(written, readings, strict=True):
        again = read_with_anchors(path)
        assert same(again, reading)
        assert again.article.language == reading.article.language


@pytest.mark.parametrize("name", FORMS)
def test_plain_text_gives_the_same_article_with_its_anchors(formats, tmp_path, name):
    written = convert(formats / name, tmp_path / "a.txt")
    for path, reading in zip(written, read_all(formats / name), strict=True):
        assert same(read_with_anchors(path), reading)


def test_a_line_over_the_text_stands_only_where_it_is_needed(formats, tmp_path):
    convert(formats / "mojibake.txt", tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8").startswith("The café reopens\n")
    convert(formats / "bridge.docx", tmp_path / "b.txt")
    line, _, text = (tmp_path / "b.txt").read_text(encoding="utf-8").partition("\n")
    assert line.startswith('%counterpoint {"title": "Council approves')
    assert text == read_with_anchors(formats / "bridge.docx").article.raw


CHANGES = [
    ("Mayor", "The mayor"), ('"title", 0', '"title", 1'), ('"b0002"', '"b9"'), ("{", "{{"),
    ("[[49, 64]]", "[[64, 64]]"), ("[[49, 64]]", "[[-49, 64]]"), ("[[49, 64]]", "[[35, 64]]"),
    ("[[49, 64]]", "[[49, 145]]"), ("[[49, 64]]", "[[150, 155]]"), ("[[49, 64]]", "[[49, 9999]]"),
    ('"", false]', '"", 0]'), ('"", false]', '"", false, true]'), ('"", false]', '"", true]'),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_line_that_does_not_fit_is_refused(formats, tmp_path, change):
    convert(formats / "bridge.docx", tmp_path / "a.txt")
    text = (tmp_path / "a.txt").read_text(encoding="utf-8")
    (tmp_path / "a.txt").write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(InputError, match="line 1: found a %counterpoint line that does not fit"):
        read_with_anchors(tmp_path / "a.txt")


def test_a_line_of_before_places_were_told_is_read(formats, tmp_path):
    convert(formats / "bridge.docx", tmp_path / "a.txt")
    text = (tmp_path / "a.txt").read_text(encoding="utf-8")
    before = text.replace(", false]", "]")
    assert before != text
    (tmp_path / "a.txt").write_text(before, encoding="utf-8")
    assert same(read_with_anchors(tmp_path / "a.txt"), read_with_anchors(formats / "bridge.docx"))


def test_web_annotations_are_of_the_standard(formats, tmp_path):
    (path,) = convert(formats / "bridge.docx", tmp_path / "a.json")
    page = json.loads(path.read_text(encoding="utf-8"))
    assert page["@context"][0] == "http://www.w3.org/ns/anno.jsonld"
    assert page["type"] == "AnnotationPage"
    text = page["counterpoint:article"]["text"]
    comments = [item for item in page["items"] if item["motivation"] != "classifying"]
    assert [item["motivation"] for item in comments] == ["commenting", "replying", "commenting"]
    assert comments[1]["target"] == comments[0]["id"]
    assert comments[0]["creator"] == {"type": "Person", "name": "Ana"}
    quote, position = comments[0]["target"]["selector"]
    assert quote["exact"] == "voted on Monday" == text[position["start"] : position["end"]]
    assert quote["prefix"] + quote["exact"] + quote["suffix"] in text
    assert "Comment:" not in text


def test_a_comment_without_a_place_differs_from_one_with_a_place():
    one, other = (assemble([Paragraph("It rained.")], [Comment("No.", "Ana", after=after)], ORIGIN)
                  for after in (None, 10))  # fmt: skip
    assert one.article.raw == other.article.raw
    assert not same(one, other)


def test_a_file_is_not_written_over_unless_asked(formats, tmp_path):
    (tmp_path / "a.txt").write_text("mine")
    with pytest.raises(InputError, match="--force"):
        convert(formats / "bridge.md", tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text() == "mine"
    convert(formats / "bridge.md", tmp_path / "a.txt", force=True)
    assert "voted on Monday" in (tmp_path / "a.txt").read_text()


def test_other_forms_are_not_written(formats, tmp_path):
    with pytest.raises(InputError, match=r"found '\.pdf'; expected a name in \.txt or \.json"):
        convert(formats / "bridge.md", tmp_path / "a.pdf")
    with pytest.raises(InputError, match=r"found 2 articles .*; expected 'x'"):
        convert(formats / "long.csv", tmp_path / "a.txt", article_id="x")


def test_articles_of_a_table_are_named_apart(formats, tmp_path):
    written = convert(formats / "long.csv", tmp_path / "a.txt")
    assert [path.name for path in written] == ["a-long-bridge.txt", "a-long-ferry.txt"]
    (one,) = convert(formats / "long.csv", tmp_path / "b.txt", article_id="long-ferry")
    assert one.name == "b.txt"


text = st.text(alphabet="ab C.,:>[]\n\u00a0é“©", min_size=1, max_size=40)
pieces = st.lists(st.builds(Paragraph, text, st.sampled_from([None, *Kind])), max_size=5)


notes = st.lists(st.tuples(text, st.integers(0, 99), st.integers(0, 99)), max_size=5)


def comments_of(notes):
    return [
        Comment(said, "Ana" if low % 2 else "", (low, high) if low < high else None,
                after=high or None, parent=None if high % 3 or not number else number - 1)
        for number, (said, low, high) in enumerate(notes)
    ]  # fmt: skip


def told(reading):
    raw, block = reading.article.raw, {b.block_id: b.text for b in reading.article.blocks}
    return Counter(
        (block[a.block_id], *(raw[s:e] for s, e in a.answers), a.commentator, block.get(a.reply_to),
         a.unplaced)
        for a in reading.anchors
    )  # fmt: skip


@given(pieces, notes, notes)
def test_any_article_comes_back_from_both(pieces, notes, more):
    comments = comments_of(notes)
    if not any(p.text.strip() for p in pieces) and not any(c.text.strip() for c in comments):
        return
    reading = assemble(pieces, comments, ORIGIN)
    to_json(reading)  # each reads again what it writes and compares
    to_plain(reading)
    raw, blocks = reading.article.raw, reading.article.blocks
    again = assemble_blocks(raw, blocks, comments_of(more), ORIGIN)
    assert told(reading) <= told(again), "commented again, it keeps what was said of its own"
    to_json(again)
    to_plain(again)


@given(st.text(alphabet="ab C.:>[]\n©“", min_size=1), st.booleans())
def test_plain_text_comes_back_from_both(text, run_on):
    if not text.strip():
        return
    article = parse_plain_text("Comment: " + text, article_id="a", run_on=run_on)
    to_json(AnnotatedArticle(article))
    to_plain(AnnotatedArticle(article))
