import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.align import REACH, align, commentaries, gathered
from analysis.readers import read
from analysis.readers.plain import parse_plain
from analysis.segment import segments
from analysis.types import Alignment


def aligned(text, **options):
    article = parse_plain(text, article_id="x", **options)
    return article, align(article, segments(article))


def test_seed_passages(seed):
    passages = align(seed, segments(seed))
    starts = ['"We will not compromise', "Much contained in", "Endorsing such an", "Russia annexed"]
    assert len(passages) == 4
    assert all(p.text.startswith(s) for p, s in zip(passages, starts, strict=True))
    assert [p.alignment.value for p in passages] == [
        "quote", "similarity", "position", "similarity",
    ]  # fmt: skip


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


def test_comments_gathered_behind_the_article_are_told_by_their_text():
    article, passages = aligned(f"{NEWS}{NOTES}Comment: It has leaked on the pupils since 1998.")
    assert gathered(article)
    assert [p.text.split()[0] for p in passages] == ["Terns", "The", "The"]
    assert passages[1].text.startswith("The harbour quay")
    assert [p.alignment for p in passages[:2]] == [Alignment.SIMILARITY] * 2


def test_gathered_comments_reach_any_paragraph():
    filler = "".join(f"Item {n} of the agenda was put off.\n\n" for n in range(REACH + 5))
    article, (first, *_) = aligned(f"{NEWS}{filler}{NOTES}Comment: Rubbish.")
    assert gathered(article)
    assert first.text.startswith("Terns")


@pytest.mark.parametrize(
    "text",
    [
        f"{NEWS}{NOTES}",  # a comment or two answer the last paragraph
        f"Comment: No.\n\n{NEWS}{NOTES}Comment: No.",
        f"{NEWS}{NOTES}Comment: No.\n\nIt rained.",
        "It rained.\n\nComment: No.\n\nComment: Never.\n\nComment: Rubbish.",
    ],
    ids=["two", "one before", "a paragraph after", "one paragraph"],
)
def test_other_comments_are_not_gathered(text):
    assert not gathered(aligned(text)[0])


def test_likeness_far_beyond_the_position_has_decided(monkeypatch):
    monkeypatch.setattr("analysis.align.similarities", lambda said, texts: np.zeros((1, 2)))
    monkeypatch.setattr("analysis.align._odds", lambda *_, **__: np.array([[9.0, 0.0]]))
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


@settings(deadline=None, max_examples=60)
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
        if answers:
            anchored += 1
            assert passage.alignment is Alignment.ANCHOR
            assert (passage.start, passage.end) in answers
            assert passage.alignment_score == 1
        assert article.raw[passage.start : passage.end] == passage.text
    assert anchored
