import numpy as np
import pandas as pd
import pytest

from analysis import score
from analysis.readers import read
from analysis.readers.plain_text import parse_plain_text
from analysis.scoring.commentators import agreement, by_commentator, on_article

PROBABILITIES = {"agree": (0.8, 0.1, 0.1), "disagree": (0.1, 0.8, 0.1), "neutral": (0.1, 0.1, 0.8)}


def relations(*rows):
    """Return a frame of (commentator, start, end, label), `?` before a label that is abstained."""
    columns = []
    for number, (who, start, end, label) in enumerate(rows):
        p_agree, p_disagree, p_neutral = PROBABILITIES[label.lstrip("?")]
        columns.append(
            {
                "commentary_id": f"b{number}", "commentator": who, "reply_to": "",
                "passage_start": start, "passage_end": end, "passage": "x" * (end - start),
                "label": label.lstrip("?"), "abstained": label.startswith("?"),
                "p_agree": p_agree, "p_disagree": p_disagree, "p_neutral": p_neutral,
            }
        )  # fmt: skip
    return pd.DataFrame(columns)


def test_agreement_counts_the_passages_that_two_answer():
    found = agreement(
        relations(
            ("Anna", 0, 10, "agree"), ("Ben", 0, 10, "agree"),
            ("Anna", 20, 30, "agree"), ("Ben", 25, 40, "disagree"),
            ("Anna", 50, 60, "agree"),
            ("Anna", 70, 80, "agree"), ("Anna", 70, 80, "agree"),
            ("Anna", 90, 99, "agree"), ("", 90, 99, "agree"), ("Ben", 90, 99, "?agree"),
        )
    )  # fmt: skip
    assert found[:2] == (2, 1)
    assert np.isnan(found.alpha), "too few passages to say"


def test_alpha_is_given_from_ten_passages():
    rows = [
        (who, 10 * n, 10 * n + 5, label)
        for n in range(10)
        for who, label in (
            ("Anna", "agree" if n % 2 else "disagree"),
            ("Ben", "agree" if n % 2 or n == 4 else "disagree"),
        )
    ]
    found = agreement(relations(*rows))
    assert found[:2] == (10, 9)
    # by hand: observed disagreement 1/10; 11 and 9 labels: expected 2·11·9/(20·19)
    assert found.alpha == pytest.approx(1 - 0.1 / (2 * 11 * 9 / (20 * 19)))
    assert found.low <= found.alpha <= found.high
    assert agreement(relations(*rows[:18]))[:2] == (9, 8)
    assert np.isnan(agreement(relations(*rows[:18])).alpha)


def test_no_relation_gives_no_agreement():
    empty = relations(("Anna", 0, 1, "agree")).iloc[:0]
    assert agreement(empty)[:2] == (0, 0)
    assert by_commentator(empty).empty


TEXT = """Rents

The city caps rents. It harms NATO, the mayor said.

Comment (Anna): That is wrong.

Reply to Anna (Ben): I disagree with you.

Comment (Ben): True.

It passed on Monday.

Comment (Anna): Yes.
"""


def test_commentators_and_replies_reach_every_table():
    result = score(parse_plain_text(TEXT, article_id="x"), scorer="lexicon")
    rows = result.relations
    assert rows.commentator.tolist() == ["Anna", "Ben", "Ben", "Anna"]
    first, reply = rows.iloc[0], rows.iloc[1]
    assert reply.reply_to == first.commentary_id
    assert (reply.passage, reply.alignment) == ("That is wrong.", "reply")
    assert result.article.raw[reply.passage_start : reply.passage_end] == reply.passage
    assert len(on_article(rows)) == 3
    table = by_commentator(rows)
    assert table.commentator.tolist() == ["Anna", "Ben"]
    assert table.comments.tolist() == [2, 1]
    assert table.replies.tolist() == [0, 1]
    spoken = result.segments[result.segments.voice == "commentator"]
    assert spoken.speaker.tolist() == ["Anna", "Ben", "Ben", "Anna"]
    assert (result.segments[result.segments.voice == "author"].speaker == "").all()


def test_a_replys_derived_stance_follows_the_comment_answered():
    text = "NATO grew.\n\nComment (Anna): NATO is a terrible threat.\n\nReply (Ben): That is wrong."
    result = score(parse_plain_text(text, article_id="x"), scorer="lexicon")
    (derived,) = result.stances[result.stances.derived].itertuples()
    (own,) = result.stances[(result.stances.speaker == "Anna")].itertuples()
    relation = result.relations.iloc[1]
    assert (derived.speaker, derived.target) == ("Ben", "NATO")
    favor = relation.p_agree * own.p_favor + relation.p_disagree * own.p_against
    assert derived.p_favor == pytest.approx(favor)


def test_a_reply_to_a_derived_stance_derives_from_it():
    text = (
        "NATO is a terrible threat, and NATO must go.\n\nComment (Anna): Right.\n\n"
        "Reply (Ben): That is wrong.\n\nReply (Anna): No, it is right."
    )
    result = score(parse_plain_text(text, article_id="x"), scorer="lexicon")
    derived = result.stances[result.stances.derived]
    assert derived.speaker.tolist() == ["Anna", "Ben", "Anna"]
    for before, row in zip(derived.itertuples(), derived.iloc[1:].itertuples(), strict=False):
        relation = result.relations.set_index("commentary_id").loc[row.commentary_id]
        favor = relation.p_agree * before.p_favor + relation.p_disagree * before.p_against
        assert row.p_favor == pytest.approx(favor)


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("formats/bridge.docx", {"Ana", "Bo"}),
        ("formats/bridge.json", {"Ana", "bo"}),
        ("formats/bridge.pdf", {"Ana", "Bo"}),
        ("formats/wide.tsv", None),
        ("cases/articles/cars.docx", {"Rita", "Olaf"}),
        ("cases/articles/oped.txt", {"Anna", "Ben"}),
    ],
)
def test_every_format_keeps_its_commentators_apart(name, names):
    article = read(f"tests/seeds/{name}")
    result = score(article, scorer="lexicon")
    spoken = result.segments[result.segments.voice == "commentator"]
    stated = {block.commentator for block in article.blocks} - {""}
    assert set(result.relations.commentator) - {""} == stated == (names or stated)
    assert set(spoken.speaker) - {""} == stated
    for _, row in result.relations.iterrows():
        if row.reply_to:
            answered = result.relations.set_index("commentary_id").loc[row.reply_to]
            assert (row.passage, row.alignment) == (answered.commentary, "reply")
