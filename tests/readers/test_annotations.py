import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.readers import read_with_anchors
from analysis.readers.anchors import Origin
from analysis.readers.annotations import read_annotations
from analysis.readers.conversion import convert, same, to_json, to_plain
from analysis.readers.plain_text import read_plain_text
from analysis.types import Kind

VOTE = "The vote was nine to eight, which the article leaves out."
TEXT = "It rained. The river rose.\n\nNobody had asked for a dam, and none was built."


def page(*rows, text=TEXT):
    return json.dumps({"counterpoint:article": {"text": text}, "items": rows}).encode()


def on(*selectors, said="Not so.", **more):
    return {"body": {"value": said}, "target": {"source": "x", "selector": list(selectors)}, **more}


def quote(exact, **context):
    return {"type": "TextQuoteSelector", "exact": exact, **context}


def position(start, end):
    return {"type": "TextPositionSelector", "start": start, "end": end}


def test_hypothesis_export_with_its_text_beside_it(formats, check):
    reading = read_with_anchors(formats / "bridge.json")
    check.reading(reading)
    assert check.told(reading) == [
        (VOTE, ["voted on Monday"], "Ana", ""),
        (
            "So it was, and two members were absent.",
            ["voted on Monday"],
            "bo",
            VOTE,
        ),
        (
            "No study of jobs was ever published.",
            ["the bridge would bring work to the whole coast"],
            "Ana",
            "",
        ),
    ]  # fmt: skip
    assert reading.about["url"] == "https://news.example/harbour-bridge"
    kinds = [block.kind for block in reading.article.blocks]
    assert kinds == [
        "title", "paragraph", "commentary", "commentary", "paragraph", "commentary", "paragraph",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("selector", "answers"),
    [
        (quote("The river rose."), ["The river rose."]),
        (quote("the  River\nrose"), ["The river rose"]),
        (quote("nobody has asked for a dam"), ["Nobody had asked for a dam"]),
        (position(11, 26), ["The river rose."]),
        (position(11, 34), ["The river rose.", "Nobody"]),
        (quote("all of this is about something else entirely"), []),
        (position(26, 11), []),
        (position(0, 10_000), []),
        ({"type": "RangeSelector", "refinedBy": quote("It rained.")}, ["It rained."]),
    ],
)
def test_selectors(origin, check, selector, answers):
    reading = read_annotations(page(on(selector, creator="Ana")), origin)
    check.reading(reading)
    assert check.told(reading) == [("Not so.", answers, "Ana", "")]


def test_surroundings_decide_between_two_places(origin, check):
    text = "One bridge fell. A second bridge stood. A third bridge burned."
    rows = [on(quote("bridge", prefix="A third ", suffix=" burned"))]
    (anchor,) = read_annotations(page(*rows, text=text), origin).anchors
    assert anchor.answers == ((text.rindex("bridge"), text.rindex("bridge") + 6),)


def test_a_position_holds_only_where_the_quotation_stands(origin, check):
    rows = [on(quote("The river rose."), position(0, 10))]
    reading = read_annotations(page(*rows), origin)
    assert check.told(reading)[0][1] == ["The river rose."]


def test_comment_stands_after_the_paragraph_that_its_anchor_ends_in(origin):
    rows = [on(position(11, 34), said="On both."), on(quote("It rained."), said="On one.")]
    article = read_annotations(page(*rows), origin).article
    texts = [block.text for block in article.blocks]
    assert texts == [
        "It rained. The river rose.", "Comment: On one.",
        "Nobody had asked for a dam, and none was built.", "Comment: On both.",
    ]  # fmt: skip


def test_forms_of_bodies(origin, check):
    rows = [
        {"bodyValue": "One.", "target": "x"},
        {"body": ["Two.", {"purpose": "tagging", "value": "tag"}], "target": "x"},
        {"body": {"value": "Three:\n\nfour."}, "target": "x"},
        {"text": "[Comment: Five.]", "target": []},
        {"body": {"format": "text/html", "value": "<p>Six &amp; <b>seven</b>.</p>"}},
    ]
    article = read_annotations(page(*rows), origin).article
    said = [b.text for b in article.blocks if b.kind != "paragraph"]
    assert said == [
        "Comment: One.", "Comment: Two.", "Comment: Three:", "four.", "[Comment: Five.]",
        "Comment: Six & seven.",
    ]  # fmt: skip


def test_threads_stand_whole_and_in_order(origin, check):
    rows = [
        {"id": "b", "text": "B", "references": ["a"]},
        {"id": "a", "text": "A", "target": [{"selector": [quote("It rained.")]}]},
        {"id": "c", "text": "C", "references": ["a", "b"]},
        {"id": "d", "text": "D", "references": ["gone"]},
    ]
    reading = read_annotations(page(*rows), origin)
    check.reading(reading)
    assert check.told(reading) == [
        ("A", ["It rained."], "", ""), ("B", ["It rained."], "", "A"),
        ("C", ["It rained."], "", "B"), ("D", [], "", ""),
    ]  # fmt: skip
    assert reading.article.blocks[-1].text == "Comment: D"
    assert check.unplaced(reading) == ["D"]


def beside(folder, text, rows, form="md"):
    (folder / f"dam.{form}").write_text(text, encoding="utf-8")
    (folder / "dam.json").write_text(json.dumps({"rows": rows}))
    reading = read_with_anchors(folder / "dam.json")
    for convert_to, read_again in ((to_json, read_annotations), (to_plain, read_plain_text)):
        assert same(read_again(convert_to(reading).encode(), Origin("x", "dam")), reading)
    return reading


def test_the_text_beside_keeps_what_it_says_of_its_own_comments(tmp_path, check):
    words = "It {==rained==}{>>No.<<} today.\n\nThe river {==rose==}{>>It fell.<<} by noon.\n"
    rows = [on(quote("It"), said="What?"), {"text": "Where?", "user": "Ana"}]
    reading = beside(tmp_path, words, rows)
    check.reading(reading)
    assert check.told(reading) == [
        ("What?", ["It"], "", ""), ("No.", ["rained"], "", ""), ("It fell.", ["rose"], "", ""),
        ("Where?", [], "Ana", ""),
    ]  # fmt: skip


def test_comments_behind_a_paragraph_stand_as_their_words(tmp_path, check):
    rows = [
        on(position(10, 12), said="On a gap."),
        on(quote("It snowed."), said="On the second."),
        on(quote("It rained."), said="On the first."),
    ]
    reading = beside(tmp_path, "It rained.  It snowed.\n", rows, "txt")
    check.reading(reading)
    said = [b.text for b in reading.article.of_kind(Kind.COMMENTARY)]
    assert said == ["Comment: On the first.", "Comment: On the second.", "Comment: On a gap."]


def test_a_comment_on_a_comment_of_the_text_answers_what_its_thread_answers(tmp_path, check):
    text = "It {==rained==}{>>No drop fell.<<} today.\n\nThe river rose.\n"
    reading = beside(tmp_path, text, [on(quote("No drop"), said="One did.")])
    check.reading(reading)
    assert check.told(reading) == [
        ("No drop fell.", ["rained"], "", ""), ("One did.", ["rained"], "", "No drop fell."),
    ]  # fmt: skip


def test_only_what_is_on_a_comment_parts_its_thread(formats, tmp_path, check):
    text = to_plain(read_with_anchors(formats / "bridge.docx"))
    raw = text.partition("\n")[2]
    behind = raw.index("The vote") + 3  # within the first comment, on no word
    rows = [
        on(position(behind, behind), said="Beside it."),
        on(quote("The vote was"), said="On it."),
    ]
    reading = beside(tmp_path, text, rows, "txt")
    check.reading(reading)
    said = [b.text.partition(": ")[2][:12] for b in reading.article.of_kind(Kind.COMMENTARY)]
    assert said[:4] == ["The vote was", "On it.", "So it was, a", "Beside it."]


def test_a_text_beside_that_was_converted_keeps_its_threads(formats, tmp_path, check):
    convert(formats / "bridge.docx", tmp_path / "a.txt")
    alone = check.told(read_with_anchors(tmp_path / "a.txt"))
    assert any(replied for _, _, _, replied in alone)
    rows = [on(quote("voted on Monday"), said="When?"), {"text": "Where?", "target": []}]
    (tmp_path / "a.json").write_text(json.dumps({"rows": rows}))
    reading = read_with_anchors(tmp_path / "a.json")
    check.reading(reading)
    told = check.told(reading)
    assert [row for row in told if row[0] not in ("When?", "Where?")] == alone
    assert check.unplaced(reading) == ["Where?"]


def test_an_annotation_whose_target_is_not_found_has_no_place(origin, check):
    rows = [
        {"id": "a", "bodyValue": "On the page.", "target": "https://news.example/dam"},
        on(quote("all of this is about something else entirely"), said="On what is gone."),
        on(quote("something else entirely"), position(11, 26), said="Where it was."),
        on(quote("The river rose."), said="On words."),
        {"bodyValue": "A reply.", "references": ["a"]},
    ]
    reading = read_annotations(page(*rows), origin)
    check.reading(reading)
    assert check.unplaced(reading) == ["On the page.", "On what is gone."]
    article = reading.article
    marked = [block.text for block in article.blocks if block.unplaced]
    assert marked == ["Comment: On the page.", "Comment: On what is gone."]
    assert [b.text for b in article.blocks][-3:] == [marked[0], "Comment: A reply.", marked[1]]


@pytest.mark.parametrize(
    "references", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "b", "b": "c", "c": "b"}]
)
def test_replies_in_a_circle_get_one_line(origin, references):
    rows = [{"id": k, "text": k, "references": [v]} for k, v in references.items()]
    with pytest.raises(InputError, match="replies that run in a circle"):
        read_annotations(page(*rows), origin)


words = st.text(alphabet="abc dE.,\n\u00a0“é", min_size=1, max_size=40)
saying = st.text(alphabet="xyz Z.:>\n[]", max_size=30)


@given(st.lists(words, min_size=1, max_size=6), st.data())
def test_nothing_is_lost_or_doubled(origin, check, paragraphs, data):
    text = "\n\n".join(paragraphs)
    rows, said = [], []
    for number in range(data.draw(st.integers(0, 6))):
        low = data.draw(st.integers(0, len(text)))
        high = data.draw(st.integers(low, len(text)))
        said.append(data.draw(saying))
        row = on(position(low, high), said=said[-1], id=str(number))
        if number and data.draw(st.booleans()):
            row["references"] = [str(data.draw(st.integers(0, number - 1)))]
        rows.append(row)
    given_text = check.unless_empty(read_plain_text, text.encode(), origin)
    if given_text is None:
        return
    base = given_text.article
    reading = read_annotations(page(*rows, text=text), origin)
    check.reading(reading)
    article = [(b.kind, b.text) for b in base.blocks]
    rest = list(reading.article.blocks)
    for kind, block_text in article:  # in order, each once
        at = next(i for i, b in enumerate(rest) if (b.kind, b.text) == (kind, block_text))
        del rest[at]
    letters = sorted("".join("".join(b.text for b in rest).replace("Comment:", "").split()))
    assert letters == sorted("".join("".join(said).split()))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"{", "line 1: found no JSON"),
        (b"\xff{}", "found no JSON"),
        (b"[" * 100_000, "found no JSON"),
        (b"7", "JSON without annotations"),
        (b'{"a": 1}', "JSON without annotations"),
        (b'{"items": []}', "without their text"),
        (page(text=" "), "no text"),
        (page(on(said="half \ud800")), "half of a surrogate pair"),
        (page(text="a\0b"), "NUL"),
        (b'{"rows": [' + b"{}," * 20_001 + b"{}]}", "found 20,002 annotations; expected at most"),
    ],
)
def test_unusable_file_gets_one_line(origin, data, says):
    with pytest.raises(InputError, match=says) as caught:
        read_annotations(data, origin)
    assert "\n" not in str(caught.value)


def fresh():
    return Origin("a file", "a", left_out=Counter())


def test_bodies_with_creators_of_their_own(check):
    ana, bo = {"creator": {"name": "Ana"}}, {"creator": [{"nickname": "bo"}]}
    bodies = [
        {"value": "It did.", **ana}, {"value": "A lot.", **ana}, {"value": "No.", **bo},
        {"value": "Yes.", "purpose": "replying"}, {"value": "rain", "purpose": "tagging"},
    ]  # fmt: skip
    row = {"body": bodies, "creator": "Eve", "target": {"selector": quote("It rained")}}
    reading = read_annotations(page(row), fresh())
    check.reading(reading)
    assert check.told(reading) == [
        ("It did.", ["It rained"], "Ana", ""),
        ("No.", ["It rained"], "bo", "It did."),
        ("Yes.", ["It rained"], "Eve", "It did."),
    ]


@pytest.mark.parametrize(
    ("language", "said"), [("de-AT", "Nein."), ("en", "No."), ("fr", "Nej."), ("", "No.")]
)
def test_choice_goes_by_the_language_of_the_article(language, said):
    items = [{"value": "Nej.", "language": "da"}, {"value": "No.", "language": ["en-GB"]}, "x",
             {"value": "Nein.", "language": "de"}]  # fmt: skip
    row = {"body": {"type": "Choice", "items": items}, "target": {"selector": quote("It rained")}}
    head = {"text": TEXT, "language": language}
    data = json.dumps({"counterpoint:article": head, "items": [row]}).encode()
    assert f"Comment: {said}" in read_annotations(data, fresh()).article.raw


@pytest.mark.parametrize(
    ("start", "end", "answers"),
    [
        (quote("The river"), quote("a dam"), ["The river rose.", "Nobody had asked for"]),
        (position(3, 3), position(10, 20), ["rained."]),
        (quote("It"), position(9, 9), ["It rained"]),
        (quote("rose"), quote("rained"), []),
        (quote("no such words anywhere"), quote("rained"), []),
    ],
)
def test_ranges_go_to_the_beginning_of_their_end(check, start, end, answers):
    row = on({"type": "RangeSelector", "startSelector": start, "endSelector": end})
    reading = read_annotations(page(row), fresh())
    check.reading(reading)
    found = [words.strip() for _, on, _, _ in check.told(reading) for words in on]
    assert found == answers
    left = dict(reading.article.left_out)
    assert left == ({} if answers else {"ranges given by XPath or CSS": 1})


@pytest.mark.parametrize(
    ("selector", "what"),
    [
        ({"type": "XPathSelector", "value": "/p[1]"}, "places given by XPath"),
        ({"type": "CssSelector", "value": "p"}, "places given by CSS"),
        ({"type": "RangeSelector", "startContainer": "/p[1]"}, "ranges given by XPath or CSS"),
        ({"type": "FragmentSelector", "value": "xywh=1,2,3,4"},
         "places given by fragments of addresses"),
    ],
)  # fmt: skip
def test_selectors_that_are_not_read_are_named(check, selector, what):
    reading = read_annotations(page(on(selector)), fresh())
    assert check.unplaced(reading) == ["Not so."]
    assert reading.article.left_out == ((what, 1),)
    known = read_annotations(page(on(selector, quote("It rained"))), fresh())
    assert known.article.left_out == ()
    assert check.told(known)[0][1] == ["It rained"]


def test_fragment_of_characters_and_several_targets(tmp_path, check):
    row = {"body": "Both.", "target": [
        {"selector": {"type": "FragmentSelector", "value": "char=28,34"}},
        {"selector": quote("It rained")},
    ]}  # fmt: skip
    reading = read_annotations(page(row), fresh())
    assert check.told(reading) == [("Both.", ["It rained", "Nobody"], "", "")]
    for write, read in ((to_json, read_annotations), (to_plain, read_plain_text)):
        assert same(read(write(reading).encode(), fresh()), reading)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("**No**, see [the audit](https://a.example).", ["commentary No, see the audit."]),
        ("> It rained\n\nNot *here*.",
         ["commentary ", "citation It rained", "commentary Not here."]),
        ("So he says:\n\n> It rained\n> a lot\n\nNo.",
         ["commentary So he says:", "citation It rained a lot", "commentary No."]),
        ("Look <i>here</i>,\n<a href='x'>there</a> &amp; 2 * 3 * 4.",
         ["commentary Look here, there & 2 * 3 * 4."]),
        ("plain: a_b_c is 5 < 6", ["commentary plain: a_b_c is 5 < 6"]),
    ],
)  # fmt: skip
def test_markdown_of_hypothesis_is_read_as_it_is_shown(check, text, parts):
    rows = [{"text": text, "target": [{"selector": [quote("It rained")]}], "user": "acct:ana@h"}]
    reading = read_annotations(page(*rows), fresh())
    check.reading(reading)
    blocks = reading.article.of_kind(Kind.COMMENTARY, Kind.CITATION)
    raw = reading.article.raw
    assert [f"{b.kind} {raw[slice(*b.body)]}" for b in blocks] == parts
    for write, read in ((to_json, read_annotations), (to_plain, read_plain_text)):
        assert same(read(write(reading).encode(), fresh()), reading)
