import json
from collections import Counter
from dataclasses import replace
from itertools import chain

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.readers import read_with_anchors
from analysis.readers.html_bounds import bounded
from analysis.readers.html_page import MOST_CELLS, _part_wide_rows, read_html
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
        ("<p class='own'>So.</p><p class='own'>Comment: No.</p><p class='own'>On.</p>",
         "paragraph commentary paragraph"),
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
        (b"<p>a\0b\0c\0d\0</p>", "NUL"),
        (b"<br>" * 100_001, "more than 100,000 elements"),
    ],
)
def test_unusable_page_gets_one_line(origin, data, says):
    with pytest.raises(InputError, match=says) as caught:
        read_html(data, origin)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "ul><li", "table><tr><td", "o:p"])
@pytest.mark.parametrize("deep", [250, 20_000])
def test_every_word_of_nested_elements_is_read(origin, tag, deep):
    opening, closing = f"<{tag}>", "".join(f"</{name}>" for name in tag.split("><")[::-1])
    deep = deep // len(tag.split("><"))
    body = "".join(f"{opening}w{n} " for n in range(deep)) + f"{closing} v " * deep
    html = f"<article><h1>A title</h1><p>It rained.</p>{body}<p>Comment: No.</p></article>"
    article = read_html(html.encode(), origin).article
    words = article.raw.split()
    assert [word for word in words if word[0] == "w"] == [f"w{n}" for n in range(deep)]
    assert words.count("v") == deep
    assert article.blocks[0].kind == "title"
    assert article.blocks[-1].text == "Comment: No."


def test_deep_blocks_stand_side_by_side_and_what_is_hidden_there_stays_so(origin):
    deep = (
        "<div>" * 300 + "One <b>two</b> &lt;p&gt; three.<div class='a\"b'>Four.</div>Five<br>six."
        "<p hidden>Not <b>this</b>.</p><script>if (a<b) { no }</script><nav><p>Nor this.</p></nav>"
        "<p>Seven.</p>" + "</div>" * 300 + "<script>var a = '<p>no</p>';</script><p>Eight.</p>"
    )
    assert text_of(deep, origin).split("\n") == [
        "One two <p> three.", "Four.", "Five", "six.", "Seven.", "Eight.",
    ]  # fmt: skip


def test_the_main_text_of_a_deep_page_is_found(origin):
    prose = [f"The council voted on the {n}th bridge, and nobody was against it." for n in range(9)]
    body = "".join(f"{'<div>' * 40}<p>{text}</p>" for text in prose) + "</div>" * 360
    html = f"<body><ul><li><a href='/'>Home</a></ul>{body}<footer>About us</footer></body>"
    assert [b.text for b in read_html(html.encode(), origin).article.blocks] == prose


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


LONG = (
    "<p>The council of Ostby voted on Monday to close the old quay for good, and to put the money "
    "into the new pier across the sound.</p><p>Mayor Dana Holt said that the quay had lost two "
    "million crowns a year, and that nobody wanted to run it.</p><p>Comment: The audit says half a "
    "million.</p>"
)


def kinds_of(reading):
    return " ".join(block.kind for block in reading.article.blocks)


@pytest.mark.parametrize(
    "wrapped",
    [
        "<div class='layout-with-sidebar no-related'>{}</div>",
        "<div id='main-menu'><div class='page-footer'>{}</div></div>",
        "<div role='complementary'>{}</div>",
        "<aside role='navigation'>{}</aside>",
        "<form class='newsletter-form'>{}</form>",
        "<nav><div>{}</div></nav>",
        "<div hidden><section aria-hidden='true'><nav>{}</nav></section></div>",
        "<article class='comment commentary'><h1>The quay closes</h1>{}</article>",
        "<div class='no-comments'>{}</div><footer><p>It is our own, all of it.</p></footer>",
        "<section class='comments-page comments'><h1>The quay closes</h1>{}</section>",
        "<div aria-hidden='true'>{}</div><div class='cookie-modal' role='dialog'><p>Yes?</p></div>",
        "<div style='visibility:hidden'><main>{}</main></div>",
    ],
)
def test_the_element_with_most_of_the_text_is_the_article(origin, wrapped):
    html = f"<html><head><title>The quay closes</title></head><body>{wrapped.format(LONG)}</body>"
    assert kinds_of(read_html(html.encode(), origin)) == "title paragraph paragraph commentary"


@pytest.mark.parametrize(
    "beside",
    [
        "<div class='comments'>{}</div>",
        "<ol><li class='comment' id='li-comment-7'>{}</li></ol>",
        "<div itemscope itemtype='https://schema.org/Comment' class='comment'>{}</div>",
        "<div class='comment'><span class='comment-author'>Bob</span>{}</div>",
        "<section id='disqus_thread'>{}</section>",
        "<div class='sidebar-related'>{}</div>",
    ],
)
def test_readers_comments_and_what_is_beside_are_left_out(origin, beside):
    other = beside.format("<p>What a silly quay it was, good riddance to all of it.</p>")
    html = f"<body><div><h1>The quay closes</h1>{LONG}</div>{other}</body>"
    read = read_html(html.encode(), replace(origin, left_out=Counter()))
    assert kinds_of(read) == "title paragraph paragraph commentary"
    assert "silly" not in read.article.raw
    told = () if "sidebar" in beside else (("paragraphs of readers' comments", 1),)
    assert read.article.left_out == told


@pytest.mark.parametrize(
    ("inner", "kinds"),
    [
        ("<p>So.</p><pre>x = 1 <span class='comment'># one</span></pre>", "paragraph paragraph"),
        ("<p>So.</p><p><code class='js comment'>// one</code></p>", "paragraph paragraph"),
        ("<p>So.</p><label class='comment'>Your name</label>", "paragraph paragraph"),
        (("<p>So.</p><div class='comment'><b class='comment-author'>Ann</b> No.</div><p>It is the "
         "longest paragraph of them all, and it goes on after what Ann has said of it.</p>"),
         "paragraph commentary paragraph"),
    ],
)  # fmt: skip
def test_class_comment_on_other_things(origin, inner, kinds):
    assert kinds_of(read_html(page(inner), origin)) == kinds


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>The quay closes | The Lantern</title>",
         "<h1><a href='https://lantern.example/'>The Lantern</a></h1><h2>The quay closes</h2>",
         "The quay closes | The Lantern"),
        ("<meta property='og:site_name' content='The Lantern'>",
         "<h1>The Lantern</h1><h1>The quay closes</h1>", "The quay closes"),
        ("<meta property='og:title' content='The quay closes'>",
         "<h1>News</h1><h3>The quay closes</h3>", "The quay closes"),
        ("<title>Closing the quay: a story</title>", "<h1>The quay closes</h1>", "The quay closes"),
    ],
)  # fmt: skip
def test_title_is_not_the_name_of_the_site(origin, head, body, title):
    html = f"<html><head>{head}</head><body><div>{body}{LONG}</div></body></html>"
    assert read_html(html.encode(), origin).article.title == title


@pytest.mark.parametrize(
    ("linked", "about"),
    [
        ({"@type": ["Article", "NewsArticle"], "author": "Ann Lee", "dateCreated": "2 May 2021"},
         {"author": "Ann Lee", "date": "2021-05-02"}),
        ([{"@type": "WebPage", "datePublished": "2020-01-01"},
          {"@type": "BlogPosting", "datePublished": "2021-05-02T01:00:00+09:00",
           "creator": [{"name": "Bo"}], "publisher": {"name": "A &amp; B"}}],
         {"author": "Bo", "date": "2021-05-02", "outlet": "A & B"}),
        ({"@type": "WebPage", "mainEntity": {"@type": "Report", "author": ["Ann", {"name": "Bo"}]}},
         {"author": "Ann, Bo"}),
        ({"@type": "NewsArticle", "datePublished": "last spring", "author": 7},
         {"date_text": "last spring"}),
    ],
)  # fmt: skip
def test_facts_of_json_ld(origin, linked, about):
    script = f"<script type='application/ld+json'><!-- {json.dumps(linked)} --></script>"
    html = f"<html><head>{script}<script type='application/ld+json'>{{</script></head><body>{LONG}"
    again = replace(origin, left_out=Counter())
    read = read_html(html.encode(), again)
    assert read.about == about
    assert read.article.left_out == (
        (("dates that are not clear", 1),) if "date_text" in about else ()
    )


@pytest.mark.parametrize(
    ("body", "paragraphs"),
    [
        ("One stood.\n\nTwo fell.", ["One stood.", "Two fell."]),
        ("<p>One stood.</p><p>Two fell.</p>", ["One stood.", "Two fell."]),
        ("One stood.\nComment: It fell.", ["One stood.", "Comment: It fell."]),
    ],
)
def test_text_of_json_ld_where_the_page_has_none(origin, body, paragraphs):
    script = json.dumps({"@type": "NewsArticle", "headline": "The quay", "articleBody": body})
    html = f"<script type='application/ld+json'>{script}</script><div id='app'></div>"
    article = read_html(html.encode(), origin).article
    assert [block.text for block in article.blocks] == ["The quay", *paragraphs]


@pytest.mark.parametrize("body", ["", "<h1>The quay</h1>", "<nav><a href='/'>Home</a></nav>"])
def test_page_with_a_title_alone_is_no_article(origin, body):
    html = f"<html><head><title>The quay</title></head><body>{body}</body></html>"
    with pytest.raises(InputError, match="found no text but a title; expected an article's page"):
        read_html(html.encode(), origin)


@pytest.mark.parametrize("label", ["iso-8859-1", "latin1", "us-ascii", "ISO8859-1"])
def test_labels_of_encodings_mean_what_browsers_take_them_for(origin, label):
    text = page("<p>“So” – for 5 €.</p>", f"<meta charset='{label}'>").decode()
    assert read_html(text.encode("cp1252"), origin).article.raw == "“So” – for 5 €."


def test_page_that_names_utf_16_in_ascii_is_utf_8(origin):
    text = page("<p>So – it is.</p>", "<meta charset='utf-16'>")
    assert read_html(text, origin).article.raw == "So – it is."


def test_google_docs_page_with_a_thread_and_states(origin, check):
    def ref(n):
        return f"<sup><a href='#cmnt{n}' id='cmnt_ref{n}'>[{'abc'[n - 1]}]</a></sup>"

    def note(n, *lines):
        link = f"<a href='#cmnt_ref{n}' id='cmnt{n}'>[{'abc'[n - 1]}]</a>"
        more = "".join(f"<p>{line}</p>" for line in lines[1:])
        return f"<div><p>{link}<span>{lines[0]}</span></p>{more}</div>"

    html = (
        f"<body><h1>The quay</h1><p><span>It </span><span>leaks</span>{ref(1)}{ref(2)}<span> a "
        f"lot.</span></p><p>No word{ref(3)} more.</p>{note(1, 'Does it?', 'I doubt it.')}"
        f"{note(2, 'It does.', '_Marked as resolved_')}{note(3, 'Really.', '_Assigned to Bo_')}"
    )
    read = read_html(html.encode(), origin)
    check.reading(read)
    assert [(words, on) for words, on, _, _ in check.told(read)] == [
        ("Does it?", ["leaks"]), ("It does.", ["leaks"]), ("Really.", ["No word"]),
    ]  # fmt: skip
    assert [block.text for block in read.article.blocks][2:4] == [
        "Comment: Does it?",
        "I doubt it.",
    ]


def test_control_characters_in_a_google_docs_page(origin):
    html = (
        "<p><span>It\x01 rained</span><sup><a id='cmnt_ref1' href='#cmnt1'>[a]</a></sup></p>"
        "<div><p><a id='cmnt1' href='#cmnt_ref1'>[a]</a>No.</p>\x03 behind</div>"
    )
    raw = read_html(html.encode(), origin).article.raw
    assert "Comment: No" in raw
    assert "behind" in raw


@pytest.mark.parametrize("wrap", ["{}", "<span>{}</span>"])
def test_two_comments_in_one_paragraph_of_a_google_docs_page_are_read_as_one(origin, wrap):
    second = wrap.format("<a id='cmnt2' href='#cmnt_ref2'>[b]</a>")
    html = (
        "<body><p>It rained<sup><a id='cmnt_ref1' href='#cmnt1'>[a]</a></sup> and blew"
        "<sup><a id='cmnt_ref2' href='#cmnt2'>[b]</a></sup>.</p>"
        f"<div><p><a id='cmnt1' href='#cmnt_ref1'>[a]</a>Did it? {second} It did.</p></div>"
    )
    raw = read_html(html.encode(), origin).article.raw
    assert raw.count("Did it?") == 1
    assert raw.count("It did.") == 1
    assert raw.count("Comment:") == 1


@pytest.mark.parametrize("form", ["a{}", "a{}=1", "a{} = 'b > c'", '/a{}="<p>"'])
def test_an_element_keeps_its_first_attributes_alone(form):
    html = f"<p {' '.join(form.format(n) for n in range(5_000))}>So.</p><p class='b'>It is.</p>"
    first, second = lxml.html.fragments_fromstring(bounded(html))
    assert len(first.attrib) == 2_000
    assert (first.text, second.text, second.get("class")) == ("So.", "It is.", "b")


def test_attributes_of_usual_pages_stay():
    html = (
        "<script>if (a<b) {}</script><p " + " ".join(f"a{n}='b'" for n in range(300)) + ">So.</p>"
    )
    assert bounded(html) == html


def test_a_row_of_many_cells_becomes_several():
    cells = "".join(f"<td>{n}</td>" for n in range(2 * MOST_CELLS + 5))
    page = lxml.html.document_fromstring(f"<table><tr>{cells}</tr><tr><td>last</td></tr></table>")
    _part_wide_rows(page)
    rows = [[cell.text for cell in row] for row in page.iter("tr")]
    assert [len(row) for row in rows] == [MOST_CELLS, MOST_CELLS, 5, 1]
    assert [*chain(*rows)] == [*map(str, range(2 * MOST_CELLS + 5)), "last"]
