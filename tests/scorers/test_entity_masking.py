import re

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import ScorerError
from analysis.scorers import entity_masking
from analysis.scorers.cache import ScoreCache
from analysis.scorers.embedded import EmbeddedScorer
from analysis.scorers.entity_masking import masked_requests
from analysis.scorers.windows import MAX_WINDOWS
from analysis.text.targets import read_aliases
from analysis.types import Task
from tests.tiny_model import tiny_config, write_folder

LONG = (
    "The envoy said on Monday that Kenya had paid for the bridge over the river in full, and "
    "that's why Norway wants the toll back from Peru before the end of the coming summer; or "
    "Peru may keep it."
)


@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("Russia shelled Ukraine.", "Russia", [("X shelled Y.", "X")]),
        ("Russia shelled Ukraine.", "Ukraine", [("Y shelled X.", "X")]),
        ("The US left; Americans cheered.", "United States", [("The X left; X cheered.", "X")]),
        ("Moscow's friends left the Kremlin.", "Russia", [("X's friends left the X.", "X")]),
        ("They tell us it is time.", "United States", [("They tell us it is time.", "X")]),
        ("Russia met NATO.", "Emmanuel Macron", [("Russia met NATO.", "Emmanuel Macron")]),
        ("We fear NATO expansion.", "NATO expansion", [("We fear Y expansion.", "Y expansion")]),
        ("We like the alliance in Kenya.", "the alliance", [("We like X in Y.", "X")]),
        ("No name is in here.", "Russia", [("No name is in here.", "X")]),
    ],
)  # fmt: skip
def test_a_letter_stands_for_each_withheld_name(text, target, expected):
    assert masked_requests(text, target) == expected


def test_a_letter_that_the_text_has_is_not_taken():
    assert masked_requests("Y and X say that Kenya lied to Peru.", "Kenya") == [
        ("Y and X say that W lied to V.", "W")
    ]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Except that Kenya paid for it.", "X paid for it."),
        ("But, in fact, Kenya paid for it.", "X paid for it."),
        ("That’s why Kenya paid for it.", "X paid for it."),
        ("Old letters show that Kenya paid for it.", "X paid for it."),
        ("Everybody knows that Kenya paid for it.", "X paid for it."),
        # what may turn the sense round, or speaks of the target, stays
        ("Nothing shows that Kenya paid for it.", "Nothing shows that X paid for it."),
        ("It may prove that Kenya paid for it.", "It may prove that X paid for it."),
        ("Kenya knows that it paid for it.", "X knows that it paid for it."),
        ("So far Kenya paid for it.", "So far X paid for it."),
        ("Butter from Kenya is dear.", "Butter from X is dear."),
    ],
)
def test_opening_connectives_and_evidentials_are_left_out(text, read):
    assert masked_requests(text, "Kenya") == [(read, "X")]


def test_of_a_long_sentence_the_clauses_that_speak_of_the_target_are_read():
    assert len(LONG.split()) >= entity_masking.LONG_SENTENCE
    assert masked_requests(LONG, "Norway") == [
        ("X wants the toll back from Y before the end of the coming summer", "X")
    ]
    assert [text for text, _ in masked_requests(LONG, "Peru")] == [
        "Y wants the toll back from X before the end of the coming summer",
        "X may keep it.",
    ]
    assert masked_requests(LONG, "Ghana") == [(masked_requests(LONG, "Ghana")[0][0], "X")]
    assert "Kenya" not in masked_requests(LONG, "Ghana")[0][0]


def test_sentences_that_do_not_speak_of_the_target_are_passed_over():
    assert masked_requests("Rain fell. Kenya paid for it. Nobody saw it.", "Kenya") == [
        ("X paid for it.", "X")
    ]


@given(
    st.lists(st.sampled_from(["Russia", "NATO", "lied to", "praised", "the", "Kenya's", ";", "—"]))
)
def test_exchanging_two_names_exchanges_what_is_asked_of_them(words):
    text = " ".join(words)
    swapped = re.sub("Russia|NATO", lambda m: "NATO" if m[0] == "Russia" else "Russia", text)
    assert masked_requests(text, "Russia") == masked_requests(swapped, "NATO")


@given(st.text(max_size=300), st.sampled_from(["Russia", "Trump", "NATO expansion", "", "the"]))
def test_any_text_has_a_reading(text, target):
    found = masked_requests(text, target)
    assert found
    assert all(isinstance(part, str) for row in found for part in row)
    if target in ("Trump", "", "the"):
        assert found == [(text, target)]


def test_every_listed_name_is_found_under_each_of_its_forms():
    listed = yaml.safe_load(entity_masking.NAMES.read_text(encoding="utf-8"))
    known = read_aliases()
    assert not set(listed["others"]) & set(known)
    named = {name: known[name] for name in listed["of aliases.yaml"]} | listed["others"]
    shared = {"the bloc"}  # two names have it; the first is taken
    for name, forms in named.items():
        for form in {name, *forms} - shared:
            assert masked_requests(f"They met {form} in the end.", name)[0][1] == "X", form
            assert form not in masked_requests(f"They met {form} in the end.", name)[0][0]


@pytest.fixture
def plain(tmp_path):
    return EmbeddedScorer(write_folder(tmp_path / "plain"), cache=ScoreCache(None))


@pytest.fixture
def withholding(tmp_path):
    config = tiny_config()
    config["tasks"]["stance"]["withhold_names"] = True
    return EmbeddedScorer(write_folder(tmp_path / "model", config=config), cache=ScoreCache(None))


def test_the_scorer_averages_the_logits_of_what_it_asks(plain, withholding):
    text = "NATO said no to talks. The war is bad. But Russia lied and NATO did not."
    asked = [("X said no to talks.", "X"), ("Y lied and X did not.", "X")]
    assert masked_requests(text, "NATO") == asked
    logs = np.log(plain.predict(Task.STANCE, asked)).mean(axis=0)
    expected = np.exp(logs) / np.exp(logs).sum()
    np.testing.assert_allclose(withholding.predict(Task.STANCE, [(text, "NATO")])[0], expected)


def test_other_targets_and_tasks_are_asked_as_they_are(plain, withholding):
    rows = [("Russia lied to Trump.", "Trump"), ("NATO said no.", "the talks")]
    for task in (Task.STANCE, Task.RELATION):
        np.testing.assert_array_equal(plain.predict(task, rows), withholding.predict(task, rows))


def test_a_long_text_is_asked_about_in_so_many_clauses_at_most(withholding):
    text = " ".join(f"Russia said no to the talks {n} times." for n in range(200))
    withholding.predict(Task.STANCE, [(text, "Russia")])
    assert withholding.counts["windows"] == MAX_WINDOWS


def test_the_version_hangs_on_the_names(plain, withholding, monkeypatch):
    before = withholding.info.version
    assert before != withholding.folder.version
    assert plain.info.version == plain.folder.version
    assert "not told the names of states" in withholding.info.description
    assert "not told" not in plain.info.description
    monkeypatch.setattr(entity_masking, "version", lambda: "other names")
    assert EmbeddedScorer(withholding.folder.path).info.version != before


@pytest.mark.parametrize(("task", "told"), [("bias", True), ("stance", "yes")])
def test_only_a_stance_may_withhold(tmp_path, task, told):
    config = tiny_config()
    config["tasks"][task]["withhold_names"] = told
    scorer = EmbeddedScorer(write_folder(tmp_path / "bad", config=config))
    with pytest.raises(ScorerError, match="withhold_names"):
        scorer.info  # noqa: B018
