import pytest

from analysis.errors import ParameterError
from analysis.readers.plain_text import parse_plain_text
from analysis.text.aliases import read_aliases
from analysis.text.found_targets import find_targets, targets
from analysis.text.targets import (
    mention_pattern,
    mentions,
    targets_named,
)
from analysis.types import Target


def test_seed_targets_are_merged_and_ranked(seed):
    names = [target.name for target in find_targets(seed)]
    assert names[:2] == ["NATO", "Russia"]
    assert {"Ukraine", "United States"} <= set(names)
    assert not {"Moscow", "Russian", "U.S.", "US"} & set(names)


def test_named_targets_take_over_aliases():
    nato, moscow, expansion = targets_named(["NATO", "moscow", "NATO expansion"])
    assert "North Atlantic Treaty Organization" in nato.aliases
    assert moscow.name == "moscow"
    assert {"Russia", "Russian"} <= set(moscow.aliases)
    assert expansion == Target("NATO expansion")


def test_named_targets_win_over_found_ones(seed):
    assert [t.name for t in targets(seed, ["Georgia", "Georgia"])] == ["Georgia"]


@pytest.mark.parametrize(
    ("name", "text", "spoken_of"),
    [
        ("United States", "He told us of it", False),
        ("United States", "the US-coup", True),
        ("United States", "U.S. troops", True),
        ("Russia", "the NATO-Russia Council", True),
        ("Russia", "Belorussia", False),
        ("nato", "NATO", True),
        ("United States", "the 1949 Washington Treaty", False),
        ("United States", "told the Washington Post that", False),
        ("United States", "at George Washington University", False),
        ("United States", "Latin American envoys", False),
        ("United States", "Washington posted a denial", True),
        ("NATO expansion", "nato  Expansion", True),
        ("C++ (lang)", "C++ (lang) is", True),
    ],
)
def test_mentions(name, text, spoken_of):
    assert bool(mention_pattern(targets_named([name])[0]).search(text)) is spoken_of


def test_last_names_are_merged():
    text = "Ellen Brandt spoke in Paris. Brandt left.\n\nComment: Brandt never answered Paul Weber."
    found = find_targets(parse_plain_text(text, article_id="x"), aliases={})
    assert found[0].name == "Ellen Brandt"


def test_alias_table_is_the_users(tmp_path):
    (tmp_path / "a.yaml").write_text("The harbour: [quay, 'the docks']\n")
    table = read_aliases(tmp_path / "a.yaml")
    assert targets_named(["quay"], aliases=table) == (Target("quay", ("The harbour", "the docks")),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a\n- b\n", "found list"),
        ("a: [1]\n", r"found 'a': \[1\]"),
        ("Yes: x\n", "expected lines of the form"),
        ("ok: [a]\nb: [c\n", "line 3: found no YAML"),
    ],
)
def test_bad_alias_table_gets_one_line(tmp_path, text, says):
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(ParameterError, match=says) as caught:
        read_aliases(tmp_path / "a.yaml")
    assert "\n" not in str(caught.value)


def test_missing_alias_table(tmp_path):
    with pytest.raises(ParameterError, match="cannot be read"):
        read_aliases(tmp_path / "none.yaml")


def test_no_name_no_target():
    assert find_targets(parse_plain_text("it rains.\n\nComment: not here.", article_id="x")) == ()


@pytest.mark.parametrize(
    ("name", "text", "spoken_of"),
    [
        ("NATO expansion", "The alliance wouldn't expand further east.", True),
        ("NATO expansion", "NATO met in Brussels.", False),
        ("NATO expansion", "The city expands.", False),
        ("closing of the library", "They want to close two libraries", True),
        ("harbour", "The harbours were full.", False),
    ],
)
def test_propositions_are_spoken_of_in_other_words(name, text, spoken_of):
    assert bool(mentions(targets_named([name])[0], text)) is spoken_of


def test_mentions_are_in_the_texts_own_words():
    (target,) = targets_named(["United States"])
    assert mentions(target, "U.S. envoys and other Americans") == ["U.S.", "Americans"]


def test_the_alliance_is_the_only_one_that_is_named():
    text = "NATO met on Monday. The alliance was silent.\n\nComment: NATO never speaks."
    (nato,) = targets(parse_plain_text(text, article_id="x"), ["NATO"])
    assert mentions(nato, "The alliance was silent.") == ["The alliance"]


def test_an_alias_of_two_that_are_named_is_nobodys():
    text = "The EU and ASEAN met. The bloc was silent."
    union, asean = targets(parse_plain_text(text, article_id="x"), ["European Union", "ASEAN"])
    assert not mentions(union, "The bloc was silent.")
    assert not mentions(asean, "The bloc was silent.")
    (alone,) = targets(parse_plain_text("The EU met.", article_id="x"), ["European Union"])
    assert mentions(alone, "The bloc was silent.")


def test_titles_and_noise_are_no_names():
    text = "Dr Peter Wadhams spoke. Wadhams left.\n\nComment: Peter Wadhams knows. United we stand."
    names = [t.name for t in find_targets(parse_plain_text(text, article_id="x"))]
    assert names == ["Peter Wadhams"]
