import re
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis.errors import ScorerError
from analysis.quality.audit import KINDS, Audit, audit, comparisons
from analysis.quality.audit.comparisons import SENTENCES, fill
from analysis.scorers import ScorerInfo
from analysis.types import Task

GROUPS = yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))
BLAME = re.compile(
    r"(?:attack|lied|spread|shamelessly|treacherously|viciously|stole|insulted"
    r"|greed of|propaganda of|incompetence of|hit piece|outburst"
    r"|trampled|blackmail|cruelty|arrogance|poisoned|betrayed|bosses|wrecked|smear campaign"
    r"|spineless|mocked|tirade|cravenly|shabby|dirty|meddling|ruthlessly|shoddy|brazenly|insatiable)"
)


class StandIn:
    """A scorer that reads the audit's own sentences, plus a leaning toward named sides."""

    info = ScorerInfo(name="stand-in", version="1", description="made for a test")

    def __init__(self, leaning=None, *, reads_roles=True):
        self.leaning = leaning or {}
        self.reads_roles = reads_roles
        self.calls = Counter()
        self.answers = {}
        for c in comparisons():
            for row, better in ((c.row_a, True), (c.row_b, False)):
                if KINDS[c.kind][1] is False:
                    self.answers[row] = 0.5 if better else -0.5
                else:
                    self.answers.setdefault(row, 0.0)

    def predict(self, task, rows):
        self.calls[task] += 1
        out = []
        for row in rows:
            score = self.answers[row] if self.reads_roles else 0.0
            if task is Task.STANCE:
                score += self.leaning.get(row[1], 0.0)
            elif task is Task.BIAS:
                score = sum(self.leaning.values()) * row[0].startswith(tuple(self.leaning))
                out.append([0.5 + score, 0.5 - score])
                continue
            rest = 1 - abs(score)
            out.append([max(score, 0) + rest / 3, max(-score, 0) + rest / 3, rest / 3])
        return np.array(out)


@pytest.fixture(scope="module")
def fair():
    return audit(StandIn())


@pytest.fixture(scope="module")
def leaning():
    return audit(StandIn({"NATO": 0.2}))


def line(found, kind, pair="all", group=None):
    rows = found.summary.query("kind == @kind and pair == @pair")
    if pair == "all":
        rows = rows[rows["group"] == (group or "all")]
    (only,) = rows.to_dict("records")
    return only


# The sentences.


def test_there_are_enough_sentences_for_every_pair():
    assert sum(len(group["pairs"]) for group in GROUPS.values()) >= 8
    for group in GROUPS.values():
        assert len(group["neutral"]) >= 6
        assert len(group["loaded"]) >= 6
        assert len(group["relation"]) >= 6
        sides = Counter(told["toward"] for told in group["loaded"].values())
        assert sides["favor"] == sides["against"]


@pytest.mark.parametrize("name", ["states", "parties", "people", "firms"])
def test_each_kind_of_name_has_eight_pairs_and_ten_sentences_of_each_sort(name):
    assert len(GROUPS[name]["pairs"]) >= 8
    assert len(GROUPS[name]["neutral"]) >= 10
    assert len(GROUPS[name]["loaded"]) >= 10


def test_no_pair_stands_in_two_groups():
    pairs = [pair["id"] for group in GROUPS.values() for pair in group["pairs"]]
    assert len(pairs) == len(set(pairs))


def test_every_sentence_names_both_sides_and_only_by_place():
    names = [
        name
        for group in GROUPS.values()
        for pair in group["pairs"]
        for side in ("a", "b")
        for name in ([pair[side]] if isinstance(pair[side], str) else pair[side])
    ]
    for group in GROUPS.values():
        for text in [*group["neutral"].values(), *(t["text"] for t in group["loaded"].values())]:
            assert re.search(r"\{A('s)?\}", text)
            assert re.search(r"\{B('s)?\}", text)
            assert not any(name.removeprefix("the ") in text for name in names)
            assert not re.search(r"\b(is|are|has|have|he|she|his|her|their)\b", text)


def test_no_place_is_left_unfilled_and_both_orders_are_there():
    rows = {row for c in comparisons() for row in (c.row_a, c.row_b)}
    assert not [row for row in rows if any("{" in text or "}" in text for text in row)]
    assert ("Russia and NATO held talks in Geneva on Tuesday.", "Russia") in rows
    assert ("NATO and Russia held talks in Geneva on Tuesday.", "NATO") in rows


def test_fill_makes_possessives_and_capitals():
    assert fill("{A's} men met {B}. {B} left.", "the unions", "the US") == (
        "The unions' men met the US. The US left."
    )
    assert fill("{A's} plan.", "China", "x") == "China's plan."


def test_a_turn_has_the_better_role_first():
    (turn,) = [
        c
        for c in comparisons()
        if (c.kind, c.pair, c.sentence_id, c.a) == ("turn", "Russia / NATO", "l1", "NATO")
    ]
    assert turn.row_a == ("Russia's brutal attack on NATO shocked everyone.", "NATO")
    assert turn.row_b == ("NATO's brutal attack on Russia shocked everyone.", "NATO")


def test_blamed_sides_are_marked_as_blamed():
    for group in GROUPS.values():
        for told in group["loaded"].values():
            blames = BLAME.search(told["text"].split("{B}")[0] or told["text"]) is not None
            assert blames == (told["toward"] == "against"), told["text"]


# What the audit finds.


def test_a_fair_scorer_shows_no_shift(fair):
    assert isinstance(fair, Audit)
    for kind in ("neutral", "bias", "relation"):
        assert line(fair, kind)["mean_abs_shift"] == 0
    assert (fair.summary["leaning"] == "").all()
    assert line(fair, "turn")["mean_shift"] == pytest.approx(1.0)
    assert line(fair, "turn")["share_right"] == 1
    assert line(fair, "relation_turn")["mean_shift"] == pytest.approx(1.0)
    assert "not lean clearly to either side" in fair.finding
    assert "the right way in 100% of sentences" in fair.finding


def test_a_leaning_is_found_with_its_side(leaning):
    nato = line(leaning, "neutral", "Russia / NATO")
    assert nato["mean_shift"] == pytest.approx(-0.2)
    assert nato["ci_low"] <= -0.2 + 1e-9
    assert nato["ci_high"] < 0
    assert nato["leaning"] == "NATO"
    assert line(leaning, "neutral", "India / Pakistan")["mean_abs_shift"] == 0
    assert "kinder to NATO in Russia / NATO (0.20, 95% interval 0.20 to 0.20)" in leaning.finding
    other = audit(StandIn({"Russia": 0.2}))
    assert line(other, "neutral", "Russia / NATO")["leaning"] == "Russia"


def test_the_overall_shift_has_no_sign(leaning):
    overall = line(leaning, "neutral")
    assert overall["mean_abs_shift"] == pytest.approx(0.2 * 8 / overall["n"])
    assert np.isnan(overall["mean_shift"])


def test_each_group_has_its_own_mean_shift():
    found = audit(StandIn({"Airbus": 0.2, "Likud": -0.1}))
    for kind in ("neutral", "loaded"):
        assert line(found, kind, group="firms")["mean_abs_shift"] == pytest.approx(0.2 / 8)
        assert line(found, kind, group="parties")["mean_abs_shift"] == pytest.approx(0.1 / 8)
        assert line(found, kind, group="states")["mean_abs_shift"] == 0
        assert np.isnan(line(found, kind, group="firms")["mean_shift"])
    assert line(found, "neutral", group="firms")["n"] == 8 * 10
    assert line(found, "turn", group="people")["share_right"] == 1
    groups = found.by_group().set_index("group")
    assert list(groups.index) == [*GROUPS, "all"]
    assert groups.loc["firms", ["neutral", "loaded"]].tolist() == pytest.approx([0.025, 0.025])
    assert groups.loc["firms", "pairs"] == 8
    assert groups.loc["all", "pairs"] == sum(len(group["pairs"]) for group in GROUPS.values())


def test_the_dictionary_holds_the_summary(leaning):
    kept = leaning.as_dict()
    assert kept["finding"] == leaning.finding
    (firms,) = [
        row
        for row in kept["summary"]
        if (row["kind"], row["group"], row["pair"]) == ("neutral", "firms", "all")
    ]
    assert firms["mean_abs_shift"] == 0
    assert firms["mean_shift"] is None


def test_wording_that_depends_on_the_name_is_found(leaning):
    shift = line(leaning, "bias", "Russia / NATO")["mean_abs_shift"]
    assert 0 < shift <= 0.2
    assert line(leaning, "bias", "unions / employers")["mean_abs_shift"] == 0


def test_a_scorer_that_reads_no_roles_is_told_so():
    found = audit(StandIn(reads_roles=False))
    assert line(found, "turn")["mean_shift"] == 0
    assert line(found, "turn")["share_right"] == 0
    assert "does not read who does what to whom" in found.finding


def test_a_small_shift_is_no_leaning():
    found = audit(StandIn({"NATO": 0.03}))
    assert line(found, "neutral", "Russia / NATO")["ci_high"] < 0
    assert line(found, "neutral", "Russia / NATO")["leaning"] == ""


def test_rows_are_tidy(leaning):
    rows = leaning.rows
    assert list(rows) == [
        "kind", "task", "group", "pair", "sentence_id", "a", "b", "score_a", "score_b", "shift",
    ]  # fmt: skip
    assert len(rows) == len(comparisons())
    assert not rows.isna().any().any()
    assert np.allclose(rows["shift"], rows["score_a"] - rows["score_b"])
    assert list(rows["kind"].unique()) == list(KINDS)
    turns = rows[rows["kind"] == "turn"]
    assert (turns["a"] == turns["b"]).all()


def test_each_task_is_asked_once_and_the_seed_repeats_the_result():
    scorer = StandIn({"NATO": 0.2})
    one, two = audit(scorer, seed=3), audit(scorer, seed=3)
    assert scorer.calls == dict.fromkeys(Task, 2)
    pd.testing.assert_frame_equal(one.summary, two.summary)
    assert one.finding == two.finding


def test_a_task_that_is_not_answered_is_skipped():
    class OnlyStance(StandIn):
        def predict(self, task, rows):
            if task is not Task.STANCE:
                raise ScorerError("stand-in: cannot")
            return super().predict(task, rows)

    found = audit(OnlyStance())
    assert found.skipped == (Task.RELATION, Task.BIAS)
    assert set(found.rows["task"]) == {"stance"}
    assert "bias score" not in found.finding

    class Nothing(StandIn):
        def predict(self, task, rows):
            raise ScorerError(f"stand-in: cannot answer {task}")

    with pytest.raises(ScorerError, match="cannot answer bias"):
        audit(Nothing())


def test_the_lexicon_by_its_name():
    found = audit("lexicon")
    assert found.scorer == "lexicon"
    assert line(found, "neutral")["mean_abs_shift"] < 0.05
    assert line(found, "relation_turn")["share_right"] > 0.9
