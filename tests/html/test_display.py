import pytest

from analysis.html.display import TEASER, excerpt, language

FILLER = "Rain fell on the little town. " * 10


@pytest.mark.parametrize(
    ("text", "about", "shown"),
    [
        ("A short one.", "anything", "A short one."),
        (FILLER + "The minister denied it.", "The minister lied.", "The minister denied it."),
        (FILLER, "nothing shared", FILLER[:TEASER].rsplit(" ", 1)[0]),
    ],
)
def test_excerpt_is_cut_around_the_shared_words(text, about, shown):
    cut = excerpt(text, about)
    assert shown.rstrip(".") in cut
    assert len(cut) <= TEASER + 4


def test_excerpt_of_one_endless_word_is_bounded():
    assert len(excerpt("w" * 100_000, "w" * 100_000)) <= 2 * TEASER + 4


def test_excerpt_says_where_it_was_cut():
    cut = excerpt(FILLER + "The minister denied it. " + FILLER, "minister")
    assert cut.startswith("…\u00a0")
    assert cut.endswith("\u00a0…")


def test_excerpt_of_an_end_fills_its_room():
    text = "rain fell on the little town and " * 10 + "some interest."
    cut = excerpt(text, "Interest, indeed.")
    assert TEASER - 12 <= len(cut) <= TEASER + 4


@pytest.mark.parametrize(
    ("tag", "shown"),
    [("de", "German"), ("pt-BR", "Portuguese (Brazil)"), ("xx", "xx"), ("", ""), ("<b>", "<b>")],
)
def test_a_language_is_named_in_english_where_it_is_known(tag, shown):
    assert language(tag) == shown
