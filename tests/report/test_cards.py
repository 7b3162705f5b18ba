import itertools
from dataclasses import replace

import html5lib
import pytest

import analysis as cp
from analysis.html.page import macro
from analysis.readers.plain_text import parse_plain_text
from analysis.report.cards import Cards
from analysis.scoring.explain import explanations
from analysis.scoring.explanation import Explanations


def parsed(markup):
    return html5lib.parse(f"<!DOCTYPE html><body>{markup}", namespaceHTMLElements=False)


def card(cards, segment_id):
    return macro("cards.html.j2", "card")(cards.card(segment_id))


def button(cards, segment_id):
    return macro("cards.html.j2", "button")(cards.card(segment_id))


def below(cards):
    return macro("cards.html.j2", "cards_below")(cards.all())


def text_of(node):
    return " ".join("".join(node.itertext()).split())


@pytest.fixture(scope="module")
def cards(seed_result):
    return Cards(seed_result, explanations(seed_result))


def segment(result, text):
    return result.segments[result.segments.text.str.contains(text, regex=False)].iloc[0]


def test_each_scored_sentence_has_one_card_and_one_button(cards, seed_result):
    tree = parsed(below(cards))
    ids = [node.get("id") for node in tree.iter("div") if node.get("popover")]
    scored = set(seed_result.bias.segment_id) | set(seed_result.stances.segment_id) - {""}
    assert len(ids) == len(set(ids)) == len(scored)
    buttons = [parsed(button(cards, s)).find(".//button") for *_, s in cards.spans]
    assert [b.get("popovertarget") for b in buttons] == ids
    assert all(b.get("type") == "button" and b.get("aria-label") for b in buttons)


def test_a_card_gives_the_stances_the_loaded_score_and_the_cues(cards, seed_result):
    row = segment(seed_result, "wars of aggression")
    text = text_of(parsed(card(cards, row.segment_id)))
    assert text.startswith("Comments · sentence")
    assert "Its stance is scored with the whole comment" in text
    first = segment(seed_result, "Except this")
    text_of_first = text_of(parsed(card(cards, first.segment_id)))
    assert "Stance of the whole comment toward" in text_of_first
    for stance in cards.stances[first.segment_id].itertuples():
        assert stance.commentary_id
        assert f"{stance.target} {stance.score:+.2f}".replace("-", "−") in text_of_first
    biased = seed_result.bias.set_index("segment_id").p_biased[row.segment_id]
    assert f"Loaded-language score {biased:.2f}" in text
    assert "loaded words: wars of aggression" in text


def test_a_card_gives_the_words_that_carry_the_stance(cards, seed_result):
    (segment_id, target), found = next(iter(explanations(seed_result).stances.items()))
    made = parsed(card(cards, segment_id))
    assert f"Words behind the stance toward {target}" in text_of(made)
    assert {t.text for t in found.top()[:1]} <= {m.text for m in made.iter("mark")}


def test_a_confidence_is_given_only_where_there_is_one(cards, seed_result):
    row = segment(seed_result, "Except this")
    assert "confidence" not in text_of(parsed(card(cards, row.segment_id)))
    stances = seed_result.stances.assign(confidence=0.42, abstained=True)
    unsure = Cards(replace(seed_result, stances=stances), Explanations())
    text = text_of(parsed(card(unsure, row.segment_id)))
    assert "unclear (0.42)" in text
    assert "cp-clear" not in button(unsure, row.segment_id)
    assert "no clear stance" in button(unsure, row.segment_id)


def test_a_sentence_that_names_no_target_says_so(cards, seed_result):
    author = set(seed_result.segments.query("voice == 'author'").segment_id)
    silent = next(s for *_, s in cards.spans if s not in cards.stances and s in author)
    assert "it names none of the targets" in text_of(parsed(card(cards, silent)))


def test_a_comment_without_a_stance_sends_nobody_to_its_first_sentence(cards, seed_result):
    own = seed_result.requests.own_segments
    stances = seed_result.stances[seed_result.stances.commentary_id == ""]
    silent = Cards(replace(seed_result, stances=stances), Explanations())
    for parts in own.values():
        for part in parts:
            assert "see the first" not in text_of(parsed(card(silent, part.segment_id)))
    long = next(parts for parts in own.values() if len(parts) > 1)
    assert "Its comment names none" in text_of(parsed(card(silent, long[0].segment_id)))
    assert "see the first sentence" in text_of(parsed(card(cards, long[1].segment_id)))


def test_sentences_lie_in_order_and_none_over_another(cards, seed_result):
    raw = seed_result.article.raw
    found = cards.within(0, len(raw))
    assert len(found) == len(cards.spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(found))
    first = found[0]
    assert cards.within(first[0] + 1, len(raw)) == found[1:]
    assert cards.within(first[0], first[1]) == [first]


def test_without_sentences_there_is_nothing():
    result = cp.score(parse_plain_text("…", article_id="x"), scorer="lexicon")
    assert str(below(Cards(result, Explanations()))) == ""


def test_hostile_sentences_and_speakers_stay_text():
    text = (
        'A title\n\n"<img src=x onerror=alert(1)> is awful about NATO," said <b>Ann</b> Lee.'
        "\n\nComment: NATO <script>alert(1)</script> is a brutal lie \u202e."
    )
    result = cp.score(
        parse_plain_text(text, article_id="x"), targets=["NATO", "<i>"], scorer="lexicon"
    )
    made = Cards(result, explanations(result, "lexicon"))
    page = below(made) + "".join(button(made, s) for *_, s in made.spans)
    tags = {n.tag for n in parsed(page).find("body").iter()}
    assert not tags & {"script", "img", "i><", "style"}
    assert not [n for n in parsed(page).iter() if any(a.startswith("on") for a in n.attrib)]
