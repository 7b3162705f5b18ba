import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.quality.alignment import annotated
from analysis.types import ChangeKind, Kind
from analysis.versions.changes import Op
from analysis.versions.pairing import align_paragraphs
from analysis.versions.wording import headline_change, sentence_changes, word_runs


def article(*paragraphs, title=None):
    parts = [(Kind.TITLE, title)] if title else []
    return annotated("a", [*parts, *((Kind.PARAGRAPH, p) for p in paragraphs)])


def compared(original, republished):
    return sentence_changes(original, republished, align_paragraphs(original, republished))


def shown(runs):
    return [(run.op.value, run.text) for run in runs]


def test_words_are_compared_with_their_signs():
    runs = word_runs("The mayor said it was late.", "The mayor admitted: it was far too late.")
    assert shown(runs) == [
        ("equal", "The mayor"),
        ("delete", "said"),
        ("insert", "admitted:"),
        ("equal", "it was"),
        ("insert", "far too"),
        ("equal", "late."),
    ]


def test_runs_have_spans_in_both_texts():
    before, after = "Once: We shall see them.", "Now and here: We may well see them."
    runs = word_runs(before, after, original_parts=[(6, 24)], republished_parts=[(14, 35)])
    assert runs[0].original_span == (6, 8)
    assert runs[0].republished_span == (14, 16)
    for run in runs:
        gone, new = before[slice(*run.original_span)], after[slice(*run.republished_span)]
        assert run.text == (gone if run.op is Op.DELETE else new)
        assert (gone == "") == (run.op is Op.INSERT)
        assert (new == "") == (run.op is Op.DELETE)


def test_no_run_reaches_over_what_stands_between_two_parts():
    after = "We shall (shall we?) see them all."
    runs = word_runs("We shall see them.", after, republished_parts=[(0, 8), (21, 34)])
    assert shown(runs) == [
        ("equal", "We shall"),
        ("equal", "see them"),
        ("insert", "all"),
        ("equal", "."),
    ]


def test_a_comment_within_a_sentence_is_no_change_of_it():
    first = "The minister said that the bridge was good for the town,"
    second = "and that it would be opened soon."
    sentence = f"{first} {second}"
    comment = "Really? Nobody in the town believes this shameful lie."
    parts = [first, comment, second]
    kinds = [Kind.PARAGRAPH, Kind.COMMENTARY, Kind.PARAGRAPH]
    republished = annotated("b", [*zip(kinds, parts, strict=True)])
    (change,) = compared(article(sentence), republished)
    assert change.kind is ChangeKind.KEPT
    assert change.republished_text == sentence
    assert shown(change.runs) == [("equal", first), ("equal", second)]


WORDS = st.lists(st.sampled_from(["a", "bee", "“see”", "d.", "e-f", "g’s", "  "]), max_size=9)


@given(WORDS, WORDS)
def test_runs_hold_every_word_of_both_texts(original, republished):
    before, after = " ".join(original), " ".join(republished)
    runs = word_runs(before, after)
    kept = [before[slice(*r.original_span)] for r in runs if r.op is not Op.INSERT]
    new = [after[slice(*r.republished_span)] for r in runs if r.op is not Op.DELETE]
    assert "".join(" ".join(kept).split()) == "".join(before.split())
    assert "".join(" ".join(new).split()) == "".join(after.split())


def test_texts_too_long_to_compare_are_replaced_whole(monkeypatch):
    monkeypatch.setattr("analysis.versions.wording.MAX_TOKENS", 3)
    assert shown(word_runs("a b", "a c")) == [("delete", "a b"), ("insert", "a c")]


def test_sentences_of_a_paragraph_are_kept_reworded_left_out_and_added():
    before = article("The bridge costs nine million. Most people in town like it. It rained.")
    after = article(
        "The bridge costs nine million. A vote was held on Friday. Most townspeople like it."
    )
    found = compared(before, after)
    assert [c.kind for c in found] == [
        ChangeKind.KEPT, ChangeKind.ADDED, ChangeKind.REWORDED, ChangeKind.LEFT_OUT,
    ]  # fmt: skip
    assert {c.original_change for c in found} == {"c0001", ""}
    assert before.raw[slice(*found[3].original_span)] == "It rained."


def test_a_sentence_that_moved_to_another_paragraph_is_found_there():
    bridge = "The council voted for a new bridge on Monday. It costs nine million crowns in all."
    letter = "Fishermen have written a long and angry letter to the mayor."
    weather = "It rained on Tuesday, and the river rose by two feet."
    before = article(f"{bridge} {letter}", weather)
    found = compared(before, article(bridge, f"{weather} {letter}"))
    moved = next(c for c in found if c.moved)
    assert (moved.kind, moved.original_change, moved.republished_change) == (
        ChangeKind.KEPT, "c0001", "c0002",
    )  # fmt: skip
    assert [c.kind for c in found].count(ChangeKind.KEPT) == len(found)


@pytest.mark.parametrize(
    ("original", "republished", "kind"),
    [
        ("Council votes", "Council votes", "kept"),
        ("Council votes", "Council forces tram through", "reworded"),
        ("Council votes", None, "left_out"),
        (None, "Council votes", "added"),
        (None, None, "kept"),
    ],
)
def test_headlines_are_compared(original, republished, kind):
    change = headline_change(article("A.", title=original), article("A.", title=republished))
    assert (change.kind.value, change.original, change.republished) == (
        kind, original or "", republished or "",
    )  # fmt: skip
