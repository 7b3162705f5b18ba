import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.readers import read_with_anchors
from analysis.readers.html_page import read_html
from analysis.readers.html_tree import text_of
from analysis.readers.markers import Markers


def page(inner, head=""):
    return f"<html><head>{head}</head><body><article>{inner}</article></body></html>".encode()


def test_saved_page(formats, check):
    reading = read_with_anchors(formats / "bridge.html")
    check.reading(reading)
    kinds = [block.kind.value for block in reading.article.blocks]
    assert kinds == [
        "title", "credit", "caption", "credit", "paragraph", "commentary", "commentary",
        "citation", "paragraph", "commentary", "commentary", "paragraph", "paragraph",
        "commentary", "commentary",
    ]  # fmt: skip
    raw = reading.article.raw
    for boilerplate in ("Home", "Share this", "Read also", "reader77", "rights", "tracker"):
        assert boilerplate not in raw
    assert reading.about == {
        "url": "https://news.example/harbour-bridge",
        "date": "2024-03-04",
        "outlet": "The Harbour Gazette",
    }
    assert (reading.article.title, reading.article.language) == (
        "Council approves the harbour bridge", "en",
    )  # fmt: skip


def test_page_without_an_article_element(formats, check):
    reading = read_with_anchors(formats / "no_article_element.html")
    check.reading(reading)
    assert [block.kind.value for block in reading.article.blocks] == [
        "title", "paragraph", "commentary", "paragraph", "paragraph",
    ]  # fmt: skip
    assert "Sport" not in reading.article.raw
    assert "Imprint" not in reading.article.raw


@pytest.mark.parametrize(
    ("inner", "kinds"),
    [
        ("<p>So.</p><p><b>Comment:</b> No.</p>", "paragraph commentary"),
        ("<p>So.</p><p class='editor-note'>No.</p>", "paragraph commentary"),
        ("<p>So.</p><aside class='commentary'><p>No.</p><p>Not at all.</p></aside>",
         "paragraph commentary commentary"),
        ("<p>So.</p><blockquote>Comment: No.<p>Never.</p></blockquote>",
         "paragraph commentary commentary"),
        ("<p>So.</p><blockquote>He said so.</blockquote>", "paragraph paragraph"),
        ("<p>So. <span class='comment'>no</span> and on.</p>", "paragraph commentary paragraph"),
        ("<p>So.<br>Comment: No.</p>", "paragraph commentary"),
        ("<p>So.</p><aside>Read also this.</aside>", "paragraph"),
        ("<p>So.</p><aside><p>Comment: No.</p></aside>", "paragraph commentary"),
        ("<p>So.</p><aside id='comments'><p class='comment'>first!</p></aside>", "paragraph"),
        ("<p>So.</p><div class='comments'><p>Comment: first!</p></div>", "paragraph"),
        ("<p>So.</p><p hidden>Gone.</p><p style='display: none'>Gone.</p>", "paragraph"),
        ("<h1>It rained.</h1><p>So.</p>", "title paragraph"),
        ("<p>So.</p><ul><li>One.<li>Two.</ul>", "paragraph paragraph paragraph"),
        ("<p>So.</p><table><tr><td>a<td>b</table>", "paragraph paragraph"),
    ],
)  # fmt: skip
def test_containers(origin, check, inner, kinds):
    reading = read_html(page(inner), origin)
    check.reading(reading)
    assert " ".join(block.kind for block in reading.article.blocks) == kinds


def test_comments_in_other_hands_are_parameters(origin):
    from dataclasses import replace

    origin = replace(origin, markers=Markers(("Reply:",)))
    reading = read_html(page("<p>So.</p><p>Reply: no.</p>"), origin)
    assert reading.article.blocks[1].lead == len("Reply: ")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16", "koi8-r"])
def test_encodings_that_a_page_names(origin, encoding):
    head = f"<meta charset='{encoding}'>" if encoding != "utf-16" else ""
    text = page("<p>Совет голосовал.</p>", head).decode()
    assert read_html(text.encode(encoding), origin).article.raw == "Совет голосовал."


def test_white_space_is_folded_but_not_the_unbreakable(origin):
    reading = read_html(page("<p>a \n b\u00a0c\u00add</p><pre>x  y\nz</pre>"), origin)
    assert reading.article.raw.startswith("a b\u00a0c\u00add")


plain = st.text(alphabet="abc DE.,:“\u00a0", min_size=1, max_size=30)


@given(st.lists(st.tuples(st.sampled_from("p li h2 blockquote div".split()), plain), max_size=8))
def test_nothing_is_lost_or_doubled(origin, check, parts):
    inner = "".join(f"<{tag}>{text}</{tag}>" for tag, text in parts)
    reading = check.unless_empty(read_html, page(inner), origin)
    if reading is None:
        assert not "".join(text for _, text in parts).strip()
        return
    check.reading(reading)
    wanted = "".join("".join(text for _, text in parts).split())
    assert "".join(reading.article.raw.split()) == wanted


def test_text_of_a_piece(origin):
    assert text_of("<p>One <b>two</b><p>three<script>x</script>", origin) == "One two\nthree"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<html><body></body></html>", "no text"),
        (b"<div>" * 5_000 + b"x", "nested more than 200 deep"),
        (b"<p>" + b"<b>" * 230 + b"x", "nested more than 200 deep"),
        (b"<p>a\0b</p>", "NUL"),
        (b"<br>" * 100_001, "more than 100,000 elements"),
    ],
)
def test_unusable_page_gets_one_line(origin, data, says):
    with pytest.raises(InputError, match=says) as caught:
        read_html(data, origin)
    assert "\n" not in str(caught.value)


def test_page_without_the_tags_that_html_lets_one_leave_out(origin, check):
    text = (
        "<!doctype html><meta charset=utf-8><title>The quay</title><style>p { color: red }</style>"
        "<article><h1>The quay</h1><p>It opened on Monday.</p><p>Comment: It leaks.</p></article>"
    )
    reading = read_html(text.encode(), origin)
    check.reading(reading)
    assert [(b.kind.value, b.text) for b in reading.article.blocks] == [
        ("title", "The quay"),
        ("paragraph", "It opened on Monday."),
        ("commentary", "Comment: It leaks."),
    ]
