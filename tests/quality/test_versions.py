import pytest

from analysis.errors import InputError
from analysis.quality.cuts import evaluate_cuts
from analysis.quality.versions import GOLD, evaluate, read_pairs
from analysis.scoring.pipeline import score


@pytest.fixture(scope="module")
def pairs():
    return read_pairs()


def test_thirty_pairs_are_edited_by_hand(pairs):
    assert len(pairs) == 30
    assert [p.written for p in pairs].count("before") == 16


@pytest.mark.parametrize("written", ["before", "after"])
def test_edits_are_found(pairs, written):
    found = evaluate([p for p in pairs if p.written == written])
    assert found["paragraph_f1"] >= 0.97
    assert min(found["left_out_recall"], found["added_recall"]) >= 0.95
    assert found["reworded_recall"] >= 0.9
    assert found["reworded_words"] >= 1 / 3


@pytest.mark.parametrize(
    "text",
    [
        "title: A\n",
        "title: A\ntext: [[One.]]\nversions: [{name: a}]\n",
        "title: A\ntext: [[One.]]\nversions: [{name: a, written: after, headline: A, text: [7]}]",
        "title: A\ntext: [[One.]]\nversions: [{name: a, written: after, headline: A, text: [x]}]",
        "- [",
    ],
)
def test_another_form_is_refused_in_one_line(tmp_path, text):
    (tmp_path / "pair.yaml").write_text(text)
    with pytest.raises(InputError, match=r"pair\.yaml: cannot be read .*; expected title, text"):
        read_pairs(tmp_path)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="found no YAML file"):
        read_pairs(tmp_path)


@pytest.fixture(scope="module")
def scored(pairs):
    tram = next(p.original for p in pairs if p.original.article_id == "tram")
    return [score(tram, ["tram"], scorer="lexicon")]


def test_random_cuts_are_rarely_called_slanted(scored):
    found = evaluate_cuts(scored, random_cuts=60, one_sided_cuts=0)
    assert evaluate_cuts([], random_cuts=60)["level"] is None
    assert found["level"] <= 0.1
    assert found["power"] is None


def test_one_sided_cuts_are_often_called_slanted(scored):
    found = evaluate_cuts(scored, random_cuts=0, one_sided_cuts=20)
    assert found["power"] >= 0.8


@pytest.mark.slow
def test_the_test_of_cuts_keeps_its_level_and_has_power(pairs):
    originals = {p.original.article_id: p.original for p in pairs}
    found = evaluate_cuts([score(a) for a in originals.values()])
    assert (found["random_cuts"], found["one_sided_cuts"]) == (1_000, 100)
    assert found["level"] <= 0.07
    assert found["power"] >= 0.8


def test_the_data_card_stands_beside_the_pairs():
    assert (GOLD / "README.md").is_file()


def test_the_command_prints_both_measures(tmp_path, capsys, monkeypatch):
    import json
    from functools import partial
    from shutil import copy

    from analysis.cli import main

    few = partial(evaluate_cuts, random_cuts=2, one_sided_cuts=2)
    monkeypatch.setattr("analysis.quality.versions.evaluate_cuts", few)
    copy(GOLD / "tram.yaml", tmp_path)
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["evaluate", "versions", str(tmp_path), "--scorer", "lexicon", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (found["task"], found["n"], found["random_cuts"]) == ("versions", 2, 2)
    assert found["paragraph_f1"] == 1
