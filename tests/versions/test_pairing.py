import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.quality.alignment import annotated
from analysis.types import ChangeKind, Kind
from analysis.versions.pairing import align_paragraphs, paragraphs

BRIDGE = "The council met on Monday and voted for a new bridge over the river. It costs a lot."
MAYOR = "Mayor Ana Brandt called it a gift to the town, and nobody disagreed with her openly."
PIER = "Fishermen fear the loss of the old pier, and they have written an angry letter."
WORK = "The work begins in May and will last two years, as the town hall said in a statement."
NEW = "Taxes on beer rose by a tenth, and the brewers of the valley are thinking of leaving."


def article(*texts, name="a"):
    kinds = [Kind.COMMENTARY if t.startswith("# ") else Kind.PARAGRAPH for t in texts]
    return annotated(name, list(zip(kinds, texts, strict=True)))


def shown(changes):
    return [(c.kind.value, c.moved, c.original, c.republished) for c in changes]


def test_kept_left_out_added_and_moved_paragraphs_are_told_apart():
    found = align_paragraphs(article(BRIDGE, MAYOR, PIER, WORK), article(WORK, BRIDGE, NEW, MAYOR))
    assert shown(found) == [
        ("kept", True, ("b0003",), ("b0000",)),
        ("kept", False, ("b0000",), ("b0001",)),
        ("added", False, (), ("b0002",)),
        ("kept", False, ("b0001",), ("b0003",)),
        ("left_out", False, ("b0002",), ()),
    ]
    assert [c.change_id for c in found] == ["c0001", "c0002", "c0003", "c0004", "c0005"]


def test_other_quotation_marks_dashes_and_spaces_are_no_change():
    found = align_paragraphs(article('"It\'s ours" - he said.'), article("“It’s  ours” – he said."))
    assert [c.kind for c in found] == [ChangeKind.KEPT]


@pytest.mark.parametrize(
    "reworded",
    [
        "The council met on Tuesday and decided to pay for another river bridge. It costs.",
        "A bridge over the river: that is what the council voted for on Monday. It costs a lot.",
        "On Monday councillors cast their votes for a costly new bridge across the river.",
    ],
)
def test_a_reworded_paragraph_is_found(reworded):
    found = align_paragraphs(article(MAYOR, BRIDGE, PIER), article(NEW, reworded, PIER))
    assert ("reworded", False, ("b0001",), ("b0001",)) in shown(found)
    assert [c.kind.value for c in found].count("added") == 1


@pytest.mark.parametrize(
    ("original", "republished", "blocks"),
    [
        ((f"{BRIDGE} {MAYOR}", PIER), (BRIDGE, MAYOR, PIER), (("b0000",), ("b0000", "b0001"))),
        ((BRIDGE, MAYOR, PIER), (f"{BRIDGE} {MAYOR}", PIER), (("b0000", "b0001"), ("b0000",))),
    ],
)
def test_split_and_merged_paragraphs_are_one_change(original, republished, blocks):
    first = align_paragraphs(article(*original), article(*republished))[0]
    assert (first.original, first.republished) == blocks
    assert (first.kind, first.similarity) == (ChangeKind.KEPT, 1.0)


def test_comments_and_the_headline_are_in_no_change():
    republished = annotated(
        "b", [(Kind.TITLE, "A bridge"), (Kind.PARAGRAPH, BRIDGE), (Kind.COMMENTARY, "Really?")]
    )
    found = align_paragraphs(article(BRIDGE), republished)
    assert shown(found) == [("kept", False, ("b0000",), ("b0001",))]


def test_spans_give_back_the_text():
    before, after = article(BRIDGE, MAYOR), article(MAYOR, BRIDGE)
    for change in align_paragraphs(before, after):
        texts = [b.text for b in before.blocks if b.block_id in change.original]
        assert before.raw[slice(*change.original_span)] == " ".join(texts)


TEXTS = st.lists(
    st.sampled_from([BRIDGE, MAYOR, PIER, WORK, NEW, "* * *", "No.", f"{PIER} {NEW}"]), max_size=7
)


@given(TEXTS, TEXTS)
def test_every_paragraph_is_in_exactly_one_change(original, republished):
    before, after = article(*original), article(*republished)
    changes = align_paragraphs(before, after)
    for side, text in (("original", before), ("republished", after)):
        named = [block for change in changes for block in getattr(change, side)]
        assert sorted(named) == [b.block_id for b in paragraphs(text)]


@given(TEXTS)
def test_a_text_against_itself_is_kept(texts):
    changes = align_paragraphs(article(*texts), article(*texts))
    assert {(c.kind, c.moved, c.similarity) for c in changes} <= {(ChangeKind.KEPT, False, 1.0)}


@given(*[TEXTS.map(lambda texts: list(dict.fromkeys(texts)))] * 2)
def test_swapping_the_texts_exchanges_left_out_and_added(original, republished):
    """Of paragraphs that stand once: of repeated ones, which is split or merged may differ."""

    def counts(changes):
        kinds = [c.kind for c in changes]
        return [kinds.count(k) for k in (ChangeKind.LEFT_OUT, ChangeKind.ADDED)]

    before, after = article(*original), article(*republished)
    there, back = align_paragraphs(before, after), align_paragraphs(after, before)
    assert counts(there) == counts(back)[::-1]


def test_texts_too_long_are_refused_in_one_line(monkeypatch):
    from analysis.errors import InputError
    from analysis.versions import pairing

    monkeypatch.setattr(pairing, "MAX_PAIRS", 3)
    with pytest.raises(InputError, match="found 2 and 2 paragraphs; expected at most 3 pairs"):
        align_paragraphs(article(BRIDGE, MAYOR), article(BRIDGE, MAYOR))
