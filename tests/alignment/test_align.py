from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.alignment.align import REACH, align, commentaries, trailing_comments, unplaced
from analysis.readers import read
from analysis.readers.plain_text import parse_plain_text
from analysis.text.segment import segments
from analysis.types import Alignment, Kind


def aligned(text, **options):
    article = parse_plain_text(text, article_id="x", **options)
    return article, align(article, segments(article))


def test_seed_passages(seed):
    passages = align(seed, segments(seed))
    starts = ['"We will not compromise', "Much contained in", "Endorsing such an", "Russia annexed"]
    assert len(passages) == 4
    assert all(p.text.startswith(s) for p, s in zip(passages, starts, strict=True))
    assert [p.alignment.value for p in passages] == [
        "quote", "similarity", "position", "similarity",
    ]  # fmt: skip
    assert [p.alignment_score > 0 for p in passages] == [True, True, False, True]


def test_quotation_with_a_typing_error_finds_its_sentence_further_up(own):
    article = own("comment_quotes_article")
    (passage,) = align(article, segments(article))
    assert passage.alignment is Alignment.QUOTE
    assert passage.text.startswith('"The new quay will bring four hundred jobs')
    assert 0.85 <= passage.alignment_score < 1


def test_likeness_finds_a_paragraph_further_up():
    _, (passage,) = aligned(
        "The harbour quay will cost ninety million euros.\n\nBirds nest here in spring.\n\n"
        "Comment: The harbour quay will not cost ninety million euros but twice that."
    )
    assert passage.alignment is Alignment.SIMILARITY
    assert passage.text.startswith("The harbour quay")
    assert passage.alignment_score > 0.5, "the likeness of that paragraph, not of the last"


def test_position_is_the_last_resort():
    _, (passage,) = aligned("One thing happened.\n\nIt rained all day.\n\nComment: Rubbish.")
    assert passage.alignment is Alignment.POSITION
    assert passage.text == "It rained all day."
    assert passage.alignment_score == 0


def test_comments_in_a_row_answer_the_same_passage():
    _, passages = aligned("It rained.\n\nComment: No.\n\nComment: Never.")
    assert [p.text for p in passages] == ["It rained.", "It rained."]


def test_comment_before_the_article_answers_what_follows():
    _, (passage,) = aligned("Comment: No.\n\nIt rained.")
    assert passage.text == "It rained."


NEWS = (
    "The harbour quay will cost ninety million euros.\n\n"
    "Terns and gulls nest behind the old lighthouse in spring.\n\n"
    "The school gets a new roof.\n\n"
)
NOTES = (
    "Comment: These birds have not bred there for years.\n\n"
    "Comment: The harbour quay costs twice that.\n\n"
)


def places(text):
    """Return how the passage of each comment begins."""
    return [" ".join(passage.text.split()[:2]) for passage in aligned(text)[1]]


def test_comments_gathered_behind_the_article_are_told_by_their_text():
    text = f"{NEWS}{NOTES}Comment: It has leaked on the pupils since 1998."
    article, passages = aligned(text)
    assert len(trailing_comments(article)) == 3
    assert places(text) == ["Terns and", "The harbour", "The school"]
    assert {p.alignment for p in passages} == {Alignment.SIMILARITY}
    assert all(1 / 3 < p.alignment_score < 1 for p in passages), "how likely among the three"


def test_gathered_comments_reach_any_paragraph():
    filler = "".join(f"Item {n} of the agenda was put off.\n\n" for n in range(REACH + 5))
    assert places(f"{NEWS}{filler}{NOTES}Comment: Rubbish.")[0] == "Terns and"


@pytest.mark.parametrize(
    ("before", "behind"),
    [("Comment: A few remarks.\n\n", ""), ("", "\n\nSubscribe here.")],
    ids=["a remark before", "a line behind"],
)
def test_a_line_elsewhere_does_not_part_them(before, behind):
    notes = f"{NOTES}Comment: The pupils' roof leaks.\n\nComment: The gulls left."
    text = f"{before}{NEWS}{notes}{behind}"
    assert len(trailing_comments(aligned(text)[0])) == 4
    assert places(text)[-4:] == ["Terns and", "The harbour", "The school", "Terns and"]


@pytest.mark.parametrize(
    "text",
    [
        f"{NEWS}{NOTES}",  # a comment or two answer the last paragraph
        f"Comment: No.\n\nComment: Why?\n\n{NEWS}{NOTES}Comment: No.",
        f"{NEWS}{NOTES}Comment: No.\n\nIt rained, and the ferry did not go out to the islands.",
        "It rained.\n\nComment: No.\n\nComment: Never.\n\nComment: Rubbish.",
    ],
    ids=["two", "two before", "a paragraph behind", "one paragraph"],
)
def test_other_comments_are_not_gathered(text):
    assert not trailing_comments(aligned(text)[0])


def test_only_gathered_comments_are_asked_of_the_encoder(monkeypatch):
    asked = []

    def odds(said, texts, *, encoded=False):
        asked.append((len(said), len(texts), encoded))
        return np.zeros((len(said), len(texts)))

    monkeypatch.setattr("analysis.alignment.align.log_odds", odds)
    aligned(f"{NEWS}{NOTES}")
    aligned(f"Comment: So.\n\n{NEWS}{NOTES}Comment: No.")
    monkeypatch.setattr("analysis.alignment.align.MAX_ENCODED", 100)
    aligned(f"{NEWS}{NOTES}Comment: No.")
    assert asked == [(2, 3, False), (1, 3, False), (3, 3, True), (3, 3, False)]


@pytest.mark.parametrize(
    ("limit", "said"), [("MAX_TRAILING_PAIRS", "No."), ("MAX_PARAGRAPHS", "No."), ("", "…")]
)
def test_where_the_text_says_nothing_the_position_is_left(monkeypatch, limit, said):
    if limit:
        monkeypatch.setattr(f"analysis.alignment.align.{limit}", 2)
    _, passages = aligned(f"{NEWS}{NOTES}Comment: {said}")
    assert passages[-1].text == "The school gets a new roof."
    assert (passages[-1].alignment, passages[-1].alignment_score) == (Alignment.POSITION, 0)


def threaded(text, replies, **changes):
    """Return the passages where some comments, by number, reply to others."""
    article = parse_plain_text(text, article_id="x")
    ids = [comment.commentary_id for comment in commentaries(article)]
    parents = {ids[reply]: ids[to] for reply, to in replies.items()}
    blocks = [replace(b, reply_to=parents.get(b.block_id, "")) for b in article.blocks]
    for number, changed in changes.items():
        at = next(n for n, b in enumerate(blocks) if b.block_id == ids[int(number[1:])])
        blocks[at] = replace(blocks[at], **changed)
    article = replace(article, blocks=tuple(blocks))
    return article, align(article, segments(article))


def test_a_reply_answers_its_comment():
    quoted = 'Comment: And "the old lighthouse in spring" is closed.\n\nComment: Is it?'
    text = f"{NEWS}Comment: The quay costs more.\n\nComment: The gulls left.\n\n{quoted}"
    article, passages = threaded(text, {1: 0, 2: 1, 3: 2}, c1={"answers": ((0, 11),)})
    assert not trailing_comments(article), "replies do not count"
    comments = commentaries(article)
    assert [passage.text for passage in passages[1:]] == [c.text for c in comments[:3]]
    for passage in passages[1:]:
        assert article.raw[passage.start : passage.end] == passage.text
        assert (passage.alignment, passage.alignment_score) == (Alignment.REPLY, 1.0)
    assert [c.reply_to for c in comments[1:]] == [c.commentary_id for c in comments[:3]]


@pytest.mark.parametrize("replies", [{0: 1, 1: 0}, {0: 0}, {0: 1, 1: 2, 2: 1}])
def test_a_reply_to_a_comment_below_it_is_ignored(replies):
    article, passages = threaded(f"{NEWS}{NOTES}Comment: No.", replies)
    comments = commentaries(article)
    assert comments[0].reply_to == ""
    assert passages[0].alignment is not Alignment.REPLY
    assert all(not c.reply_to or c.reply_to < c.commentary_id for c in comments)


@pytest.mark.parametrize("said", ["The headline is false.", "Yes."])
def test_a_comment_above_all_paragraphs_answers_the_headline(said):
    head = "Iran attacks a tanker in the Gulf"
    for text in (f"Comment: {said}\n\n{head}", f"{head}\n\nComment: {said}"):
        article, (passage,) = aligned(f"{text}\n\nIt was hit on Sunday.")
        assert article.title == passage.text == head
        assert passage.alignment is Alignment.POSITION


def test_a_comment_may_quote_the_headline():
    text = "Iran attacks a tanker in the Gulf\n\nIt was hit.\n\nIt sank.\n\n"
    _, (passage,) = aligned(text + 'Comment: "Attacks a tanker in the Gulf" is false.')
    assert (passage.text[:4], passage.alignment) == ("Iran", Alignment.QUOTE)


def test_comments_that_the_file_anchors_do_not_count_as_gathered():
    notes = f"{NOTES}Comment: Rubbish.\n\nComment: The roof leaks."
    article, passages = threaded(f"{NEWS}{notes}", {}, c2={"answers": ((0, 11),)})
    assert passages[2].alignment is Alignment.ANCHOR
    assert len(trailing_comments(article)) == 3
    assert [p.text.split()[0] for p in passages] == ["Terns", "The", "The", "The"]
    many = {f"c{n}": {"answers": ((0, 11),)} for n in (1, 2)}
    assert not trailing_comments(threaded(f"{NEWS}{notes}", {}, **many)[0])


def test_comments_that_the_file_gives_no_place_are_told_by_their_text():
    text = f"{NEWS}{NOTES}Comment: The pupils' roof leaks.\n\nComment: Thanks!"
    nowhere = {f"c{n}": {"unplaced": True} for n in range(3)}
    article, passages = threaded(text, {3: 0}, **nowhere)
    assert unplaced(article) == {c.commentary_id for c in commentaries(article)[:3]}
    assert not trailing_comments(article)
    assert [p.text.split()[1] for p in passages] == ["and", "harbour", "school", "birds"]
    assert {p.alignment for p in passages[:3]} == {Alignment.SIMILARITY}
    assert all(1 / 3 < p.alignment_score < 1 for p in passages[:3]), "how likely among the three"


def test_one_comment_without_a_place_does_not_answer_the_last_paragraph():
    text = f"{NEWS}Comment: Terns breed there, no gull was ever seen."
    assert threaded(text, {}, c0={"unplaced": True})[1][0].text.startswith("Terns and")


def test_one_paragraph_is_answered_and_nothing_is_weighed(monkeypatch):
    monkeypatch.setattr("analysis.alignment.align.log_odds", None)
    _, (passage,) = threaded("It rained.\n\nComment: No.", {}, c0={"unplaced": True})
    assert (passage.text, passage.alignment) == ("It rained.", Alignment.POSITION)


def test_text_behind_the_comments_is_not_answered_by_them():
    notes = f"{NOTES}Comment: One may subscribe to the letter here.\n\nComment: The roof leaks."
    assert places(f"{NEWS}{notes}\n\nSubscribe here.")[2] != "Subscribe here."


@pytest.mark.parametrize("limit", ["MAX_PAIRS", "MAX_PARAGRAPHS"])
def test_too_many_pairs_are_left_to_the_position(monkeypatch, limit):
    text = "One quay costs much.\n\nIt rained all day.\n\nComment: Quays cost so much money."
    odds = lambda comments, paragraphs, **_: np.array([[9.0, 0.0]] * len(comments))  # noqa: E731
    monkeypatch.setattr("analysis.alignment.align.log_odds", odds)
    assert aligned(text)[1][0].text == "One quay costs much."
    monkeypatch.setattr(f"analysis.alignment.align.{limit}", 1)
    assert aligned(text)[1][0].text == "It rained all day."


def test_likeness_that_is_no_more_than_chance_is_not_named():
    _, (passage,) = aligned("The quay costs much.\n\nIt rained all day.\n\nComment: Xyzzy!")
    assert (passage.alignment, passage.alignment_score) == (Alignment.POSITION, 0)


def test_likeness_far_beyond_the_position_has_decided(monkeypatch):
    monkeypatch.setattr(
        "analysis.alignment.align.similarities", lambda comments, paragraphs: np.zeros((1, 2))
    )
    monkeypatch.setattr(
        "analysis.alignment.align.log_odds", lambda *_, **__: np.array([[9.0, 0.0]])
    )
    _, (passage,) = aligned("One thing happened.\n\nIt rained all day.\n\nComment: Rubbish.")
    assert passage.text == "One thing happened."
    assert passage.alignment is Alignment.SIMILARITY


def test_nothing_but_commentary_has_no_passage(own):
    article = own("only_commentary")
    passages = align(article, segments(article))
    assert [(p.start, p.end, p.text) for p in passages] == [(0, 0, "")] * 2


def test_commentary_is_whole_without_marker_and_citation(seed, own):
    assert commentaries(seed)[2].text.endswith("wouldn't expand further east:")
    first, second = commentaries(own("comment_runs_on", run_on=True))
    assert first.text == "It opened late.\n\nAnd it leaks:"
    assert second.text == "The records show otherwise:"
    assert len(first.block_ids) == 2


PIECES = st.lists(
    st.sampled_from(["It rained 'a lot of the time'.", "\n\n", "Comment:", "a lot of the time",
                     "“It rained a lot”", "\n", "[Comment:", "]", "Fine.", "ẞ İ"]),
    min_size=1, max_size=15,
)  # fmt: skip


@settings(max_examples=60)
@given(PIECES)
def test_spans_give_back_the_text(pieces):
    text = " ".join(pieces)
    if not text.strip():
        return
    article, passages = aligned(text, run_on=True)
    comments = commentaries(article)
    assert [p.commentary_id for p in passages] == [c.commentary_id for c in comments]
    for span in (*passages, *comments):
        assert article.raw[span.start : span.end] == span.text
    for passage in passages:
        assert 0 <= passage.alignment_score <= 1


@pytest.mark.parametrize("name", ["bridge.docx", "bridge.json", "bridge.pdf"])
def test_a_file_that_anchors_its_comments_decides(name):
    article = read(f"tests/seeds/formats/{name}")
    comments, passages = commentaries(article), align(article, segments(article))
    blocks = {block.block_id: block for block in article.blocks}
    anchored = 0
    for comment, passage in zip(comments, passages, strict=True):
        answers = blocks[comment.commentary_id].answers
        if answers and not comment.reply_to:
            anchored += 1
            assert passage.alignment is Alignment.ANCHOR
            assert (passage.start, passage.end) in answers
            assert passage.alignment_score == 1
        assert article.raw[passage.start : passage.end] == passage.text
    assert anchored


CASES = "tests/seeds/cases/articles"


@pytest.mark.parametrize("name", ["oped.txt", "cars.docx", "factcheck.txt"])
def test_each_comment_of_the_cases_answers_the_paragraph_above(name):
    article = read(f"{CASES}/{name}")
    comments, passages = commentaries(article), align(article, segments(article))
    paragraphs = article.of_kind(Kind.PARAGRAPH)
    for comment, passage in zip(comments, passages, strict=True):
        above = [block for block in paragraphs if block.start < comment.start][-1]
        assert above.start <= passage.start < passage.end <= above.end


def test_the_comment_on_the_headline_answers_it():
    article = read(f"{CASES}/before.txt")
    passages = align(article, segments(article))
    assert [passage.text == article.title for passage in passages] == [True, True, False, False]


@pytest.mark.parametrize(
    ("quoted", "starts"),
    [
        ("400 new jobs", "The quay will bring 400"),
        ("500 new jobs", "The firm expects 500"),
        ("expects 500 nwe jobs", "The firm expects 500"),
    ],
)
def test_words_quoted_exactly_are_found_before_similar_ones_nearby(quoted, starts):
    _, (passage,) = aligned(
        "Harbor plan divides the town\n\nThe quay will bring 400 new jobs by 2021.\n\n"
        f'The firm expects 500 new jobs to follow.\n\nComment: Who counted the "{quoted}" then?'
    )
    assert passage.alignment is Alignment.QUOTE
    assert passage.text.startswith(starts)


def test_a_quotation_with_another_number_or_without_the_not_is_no_quotation():
    for quoted in ("bring 700 new jobs", "the quay will not bring 400 new jobs by 2021"):
        _, (passage,) = aligned(
            "Harbor plan\n\nThe quay will bring 400 new jobs by 2021.\n\n"
            f'It is long.\n\nComment: Who said that "{quoted}" then?'
        )
        assert passage.alignment is not Alignment.QUOTE
