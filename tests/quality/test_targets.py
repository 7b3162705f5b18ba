import pytest

from analysis.quality.marginalia import Block
from analysis.quality.targets import evaluate, is_named


@pytest.mark.parametrize(
    ("found", "named", "same"),
    [
        ("Moscow", "Russia", True),
        ("plastic bag bans", "the bag ban", True),
        ("ban on bag fees", "the bag fee ban", True),
        ("Kenya's government", "government", False),
        ("law", "security law", False),
        ("landlords", "the landlord", True),
        ("landlords' association", "landlords", False),
        ("bag ban", "phone ban", False),
    ],
)
def test_found_and_named_targets_match(found, named, same):
    assert is_named(found, named) is same
    assert is_named(named, found) is same


def block(name, passage, comment, target):
    relation = {"A": "neutral"}
    return Block.model_validate(
        {
            "block": name,
            "targets": [target],
            "passages": [{"id": "A", "text": passage, "stance": {target: "none"}}],
            "comments": [
                {"id": "1", "text": comment, "stance": {target: "none"}, "relation": relation}
            ],
        }
    )


def test_recall_is_over_blocks_that_name_a_target():
    blocks = [
        block("x", "Russia attacked. Russia won.", "Russia lost.", "Moscow"),
        block("y", "It rains.", "It does not.", "sugar tax"),
    ]
    measured = evaluate(blocks)
    assert measured == {
        "n": 2,
        "matchable": 0.5,
        "top3_recall": 1.0,
        "top3_target_recall": 1.0,
        "top6_recall": 1.0,
    }
