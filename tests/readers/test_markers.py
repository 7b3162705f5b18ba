from pathlib import Path

import pytest

import analysis as cp
from analysis.readers.anchors import Origin
from analysis.readers.markers import Markers
from analysis.readers.plain_text import parse_plain_text, read_plain_text
from analysis.types import Kind

CASES = Path(__file__).parents[1] / "seeds" / "cases" / "articles"


def comments(article):
    return [b for b in article.of_kind(Kind.COMMENTARY) if b.lead]


def read(text, **options):
    return parse_plain_text(text, article_id="x", **options)


def read_as(text, markers):
    return read_plain_text(text.encode(), Origin("a.txt", "x", markers=markers)).article


@pytest.mark.parametrize(
    ("marker", "commentator"),
    [
        ("Comment (Anna):", "Anna"),
        ("Comment by Anna:", "Anna"),
        ("Anna's comment:", "Anna"),
        ("Anna’s comment:", "Anna"),
        ("Comment 1:", ""),
        ("Comment 2 (Ben Smith):", "Ben Smith"),
        ("Commentary:", ""),
        ("Comment —", ""),
        ("Comment — Anna:", "Anna"),
        ("Comment - Wrong:", ""),
        ("Fact check:", ""),
        ("Fact-check (False):", ""),
        ("Ed. note:", ""),
        ("Editors' note:", ""),
        ("Our view:", ""),
        ("Response (Jonas):", "Jonas"),
        ("Note by Jonas van der Berg:", "Jonas van der Berg"),
        ("**Comment (Anna):**", "Anna"),
        ("**Comment**", ""),
        ("_Comment_:", ""),
        ("__Anna's comment__:", "Anna"),
        ("[Comment by Anna]", "Anna"),
        ("> - Comment by economist Anna Berg:", "Anna Berg"),
        ("Comment (Anna Berg, economist):", "Anna Berg"),
        ("Comment (emphasis added):", ""),
        ("Anna (comment):", "Anna"),
        ("Comment (June Ames):", "June Ames"),
        ("Comment (3 May):", ""),
        ("Fact check (Mostly true):", ""),
        ("--- Comment ---", ""),
        ("Reader's comment (jdoe_42):", "jdoe_42"),
    ],
)
def test_sure_forms_are_commentary_wherever_they_stand(marker, commentator):
    article = read(f"It rained.\n\n{marker} not so.\n\nIt went on.")
    (comment,) = comments(article)
    lead = article.raw[comment.body[0] : comment.body[1]]
    assert lead in ("not so.", "Wrong: not so.")
    assert comment.commentator == commentator


@pytest.mark.parametrize(
    "line",
    [
        "No comment: that was all he said.",
        "Comment is free: facts are sacred.",
        "Trump's comment — that nobody cares — drew fire.",
        "Commenters said: no.",
        "Note: the figures are of 2019.",
        "Author's note: I grew up there.",
        "Reply: no.",
        "[Photo: Reuters]",
        "[Anna: laughs]",
        "Comment by John Smith",
        "(Note: the figures are of 2019.)",
    ],
)
def test_text_that_resembles_a_marker_is_the_articles(line):
    assert not comments(read(f"The vote\n\nIt rained.\n\n{line}\n\nIt went on."))


@pytest.mark.parametrize("weak", ["Note:", "Reply:", "Response:", "Author's note:", "[Anna:"])
def test_weak_forms_count_beside_a_sure_one_or_after_three_paragraphs(weak):
    close = "]" if weak.startswith("[") else ""
    said = f"{weak} not so.{close}"
    assert len(comments(read(f"It rained.\n\n{said}\n\nComment: No.\n\nSo."))) == 2
    thrice = "\n\n".join(f"It rained on day {day}.\n\n{said}" for day in ("one", "two", "three"))
    assert len(comments(read(thrice))) == 3
    twice = "\n\n".join(f"It rained on day {day}.\n\n{said}" for day in ("one", "two"))
    assert not comments(read(twice))
    same = "\n\n".join(["It rained.", said] * 3)
    assert not comments(read(same)), "the paragraphs must differ"


@pytest.mark.parametrize("asks", ["Q:", "Question:", "Question 2:", "Mara:", "Reader:"])
def test_answers_that_alternate_with_a_speaker_are_no_commentary(asks):
    text = "\n\n".join(f"{asks} What of day {n}?\n\nResponse: it rained." for n in range(5))
    assert not comments(read(text))


def test_a_comment_above_the_headline_does_not_cost_the_title():
    article = read("Comment: No attack took place.\n\nIran attacks tanker\n\nIt was hit.\n\nSo.")
    assert article.title == "Iran attacks tanker"
    assert len(comments(article)) == 1


@pytest.mark.parametrize("kicker", ["Fact check", "Comment", "Our view"])
def test_a_headline_may_start_like_a_comment(kicker):
    title = f"{kicker}: What the mayor said on rents"
    article = read(f"{title}\n\nBy Ann Lee\n\nShe said so.\n\n{kicker}: False, it fell.")
    assert article.title == title
    assert len(comments(article)) == 1


def test_a_marker_alone_opens_the_paragraph_below():
    text = "It rained.\n\nComment by Anna:\n\nNot at all.\n\nIt went on."
    article = read(text)
    assert [b.kind.value[:4] for b in article.blocks] == ["para", "comm", "comm", "para"]


def test_a_word_alone_in_its_line_is_no_marker_but_where_it_repeats():
    button = "It rained.\n\nComment: No.\n\nComment (3)\n\nIt went on."
    assert len(comments(read(button))) == 1
    heads = "\n\n".join(f"It rained on day {day}.\n\nComment\n\nNo." for day in ("1", "2", "3"))
    assert len(comments(read(heads))) == 3


def test_markers_are_added_and_builtin_ones_turned_off():
    text = "It rained.\n\nRebuttal (Ann): No.\n\nComment: Yes."
    assert len(comments(read(text))) == 1
    (first, _) = comments(read(text, markers=["Rebuttal:"]))
    assert first.commentator == "Ann"
    only = comments(read_as(text, Markers(("Rebuttal:",), builtin=False)))
    assert [b.text for b in only] == ["Rebuttal (Ann): No."]
    assert not comments(read_as(text, Markers(builtin=False)))


def test_a_reply_answers_its_comment():
    article = read(
        "It rained.\n\nComment (Anna): No.\n\nComment (Ben): Yes.\n\nReply to Anna (Ben): Oh.\n\n"
        "Reply: So.\n\nIt went on.\n\nReply: Still.\n\nReply to comment 9: Hm."
    )
    found = comments(article)
    anna, ben, to_anna, under, behind, nowhere = (block.block_id for block in found)
    assert [block.reply_to for block in found] == ["", "", anna, to_anna, "", behind]
    assert found[2].commentator == "Ben"
    assert {ben, under, nowhere} == {found[1].block_id, found[3].block_id, found[5].block_id}


@pytest.mark.parametrize(
    ("name", "title", "by"),
    [
        ("oped.txt", "Rent control would be a disaster for Springfield", {"Anna": 5, "Ben": 3}),
        ("cars.docx", "City to ban cars from old town", {"Rita": 3, "Olaf": 2}),
        ("before.txt", "Iran attacks tanker in the Gulf, officials say", {"": 4}),
        ("factcheck.txt", "Fact check: President Walker's speech on the economy", {"": 6}),
    ],
)
def test_handed_articles(name, title, by):
    article = cp.read(CASES / name)
    assert article.title == title
    names = [block.commentator for block in comments(article)]
    assert {each: names.count(each) for each in names} == by
