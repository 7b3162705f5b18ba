import json

import pytest

from analysis.quality.evaluate import pick_rows, read_gold
from analysis.types import Task
from training import held_out
from training.data import HELD_OUT


@pytest.fixture(scope="module")
def sets(corpora, marginalia):
    return held_out.dev_sets(corpora, marginalia)


def test_halves_share_no_group_and_hold_every_line(sets, corpora, marginalia):
    assert set(sets) == HELD_OUT | {"bias/babe"}
    for name, one in sets.items():
        groups = [{row.group for row in one.rows[side]} for side in "ab"]
        assert groups[0], name
        assert groups[1], name
        assert not groups[0] & groups[1], name
    lines = sets["relation/marginalia"].lines
    assert sorted(lines["a"] + lines["b"]) == list(range(12))
    assert lines == sets["stance/marginalia"].lines


def test_a_reply_is_in_the_same_half_in_both_tasks(sets):
    sides = {
        row.group: side
        for name in ("relation/replies", "stance/replies")
        for side in "ab"
        for row in sets[name].rows[side]
    }
    for name in ("relation/replies", "stance/replies"):
        assert all(sides[row.group] == s for s in "ab" for row in sets[name].rows[s])


def test_evaluate_reads_the_written_halves(sets, corpora, tmp_path):
    held_out.write_splits(sets, tmp_path)
    rows, gold = read_gold(corpora / "stance/vast/dev.jsonl", Task.STANCE)
    picked, labels = pick_rows(rows, gold, tmp_path / "stance-vast-b.json")
    assert [target for _, target in picked] == [r.first for r in sets["stance/vast"].rows["b"]]
    assert labels == [row.label for row in sets["stance/vast"].rows["b"]]


def test_command_writes_the_halves_or_one_clear_line(corpora, marginalia, tmp_path, capsys):
    args = ["--corpora", str(corpora), "--out", str(tmp_path / "s"), "--marginalia"]
    assert held_out.main([*args, str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert held_out.main([*args, str(marginalia)]) == 0
    assert (tmp_path / "s/marginalia-a.json").is_file()


@pytest.mark.parametrize("name", sorted(HELD_OUT | {"bias/babe"}))
def test_the_repository_has_both_halves_of_every_set(name):
    halves = [
        json.loads((held_out.SPLITS / f"{held_out.split_name(name)}-{side}.json").read_text())
        for side in "ab"
    ]
    a, b = (set(one["rows_from_0"]) for one in halves)
    assert not a & b
    assert 0.3 < len(a) / len(a | b) < 0.7
    if name != "bias/babe":
        assert a | b == set(range(len(a) + len(b)))


def test_own_articles_are_held_out_too(sets, articles):
    more = held_out.held_out_keys(sets, articles) - held_out.held_out_keys(sets)
    assert len(more) == len(held_out.own_rows(articles)) == 6
    assert held_out.own_rows(None) == []
