import pytest

from analysis.readers.plain_text import parse_plain_text
from analysis.text.references import references
from analysis.types import Target

CONTROL = Target("rent control")
TORRES = Target("Elena Torres", ("Torres",))


def meant(text, *targets):
    article = parse_plain_text(text, article_id="x")
    found = references(article, targets or (CONTROL, TORRES))
    return {
        name: [article.raw[start:end] for start, end in spans]
        for name, spans in found.items()
        if spans
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Elena Torres wants rent control. It is a terrible idea.",
            {"rent control": ["It"]},
        ),
        ("The council passed rent control. It would choke supply.", {"rent control": ["It"]}),
        (
            "Elena Torres wants rent control. The plan is cheap.",
            {"rent control": ["plan"]},
        ),
        (
            "Elena Torres spoke of rent control. Her plan is cheap.",
            {"rent control": ["plan"], "Elena Torres": ["Her"]},
        ),
        ("Elena Torres is late. She should go.", {"Elena Torres": ["She"]}),
    ],
)
def test_words_that_stand_for_a_target(text, expected):
    assert meant(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "They debated rent control. It is a pity that nobody came.",
        "They debated rent control. It rained all night.",
        "They debated rent control. It is clear that nobody came.",
        "The plan came first. They debated rent control later.",
        "They debated rent control. A plan for the harbour is new.",
        "Elena Torres met Anna Bell. She was late.",
        "Elena Torres met the press. He was late.",
    ],
)
def test_words_that_stand_for_no_target(text):
    assert meant(text) == {}


def test_it_stands_for_no_target_where_two_were_named():
    text = "Rent control and the harbour tax failed. It was a disaster."
    assert meant(text, CONTROL, Target("harbour tax")) == {}
