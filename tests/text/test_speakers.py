import pytest

from analysis.text.aliases import read_aliases
from analysis.text.speakers import merged_names


@pytest.mark.parametrize(
    ("names", "one"),
    [
        (["Moscow", "Russia"], "Russia"),
        (["Merchants' Guild", "Guild", "the guild"], "Merchants' Guild"),
        (["Elena Torres", "Torres", "Mayor Torres"], "Elena Torres"),
        (["the union", "The union"], "the union"),
        (["Moscow"], "Moscow"),
    ],
)
def test_forms_of_one_name_are_merged(names, one):
    assert merged_names(names, read_aliases()) == dict.fromkeys(names, one)


@pytest.mark.parametrize(
    "names",
    [
        ["officials", "Western officials"],
        ["Ann Torres", "Elena Torres", "Torres"],
        ["the ministry", "the foreign ministry", "the defence ministry"],
        ["Russia", "United States"],
    ],
)
def test_names_of_several_stay_apart(names):
    assert merged_names(names, read_aliases()) == {name: name for name in names}


def test_a_pronoun_is_no_name():
    assert merged_names(["who", "they"], read_aliases()) == {}
