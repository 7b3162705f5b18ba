from dataclasses import replace

import html5lib
import pytest

from analysis.report import scorer_limits
from analysis.types import Task


def text_of(html):
    tree = html5lib.parseFragment(str(html), namespaceHTMLElements=False)
    return " ".join("".join(tree.itertext()).split())


SETS = {"relation/own": {"int8": {"n": 88, "macro_f1": 0.51234, "accuracy": 0.6, "ece": 0.04}}}


def test_measured_quality_is_a_row_a_set(seed_result):
    info = replace(seed_result.scorer, metrics={"sets": SETS})
    told = text_of(scorer_limits.measured(info))
    for said in ("own", "relation", "88", "0.51", "0.60", "0.04"):
        assert said in told
    assert str(scorer_limits.measured(seed_result.scorer)) == ""


def test_leaning_kept_with_other_weights_is_not_believed(seed_result):
    kept = {"audit": {"version": "other", "finding": "It leans to A."}}
    info = replace(seed_result.scorer, name="embedded", fast=False, metrics=kept)
    assert "was not measured here" in scorer_limits.leaning(info)
    same = replace(info, metrics={"audit": kept["audit"] | {"version": info.version}})
    assert scorer_limits.leaning(same) == "It leans to A."


def test_word_lists_are_audited_for_the_report(seed_result):
    assert scorer_limits.leaning(seed_result.scorer).startswith("Swapping rivals' names")


def test_limits_say_what_it_is_and_what_is_not_calibrated(seed_result):
    told = text_of(scorer_limits.limits(seed_result))
    for said in ("lexicon: word lists", "not calibrated"):
        assert said in told
    calibrated = replace(seed_result.scorer, calibrated=frozenset(Task))
    assert "not calibrated" not in text_of(
        scorer_limits.limits(replace(seed_result, scorer=calibrated))
    )


def test_speakers_stand_by_themselves(seed_result):
    html = str(scorer_limits.speakers(seed_result))
    told = text_of(html)
    assert "Jens Stoltenberg (quoted)" in told
    assert "NATO officials (quoted)" in told
    counted = seed_result.stances.groupby(["target", "voice", "speaker"]).ngroups
    assert html.count("<tr") == counted + 1


def test_speakers_of_no_target_is_empty(seed_result):
    nothing = replace(seed_result, targets=())
    assert text_of(scorer_limits.speakers(nothing)) == ""


@pytest.mark.parametrize("name", ["<b>Bob</b>", "A" * 500])
def test_names_stay_text(seed_result, name):
    stances = seed_result.stances.assign(speaker=name, voice="quoted")
    tree = html5lib.parseFragment(
        str(scorer_limits.speakers(replace(seed_result, stances=stances))),
        namespaceHTMLElements=False,
    )
    assert tree.find(".//b") is None
