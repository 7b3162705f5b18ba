"""Gold of an article stands beside what the program says of it, and of no other article."""

import math

import pytest

import analysis as cp
from analysis.gold.agreement import gold_text, labeled_items
from analysis.gold.labels import LabelLog, gold_files, item
from analysis.report.against_gold import agreed, agreement_counts, alphas, beside, section
from analysis.report.edition import ABSTAINED
from analysis.types import Task


def both(folder, question, label):
    for name in ("anna", "ben"):
        LabelLog(folder, name).label(question, label)


@pytest.fixture
def gold(tmp_path, seed, seed_result):
    """Gold that agrees with the program, but for one stance and one voice."""
    parts = seed_result.segments.set_index("segment_id")
    row = seed_result.relations.iloc[0]
    start = seed.raw.index(row.commentary)
    spans = [(row.passage_start, row.passage_end), (start, start + len(row.commentary))]
    both(tmp_path, item(seed, Task.RELATION, spans), row.label)
    for n, stance in enumerate(seed_result.stances.head(20).itertuples()):
        part = parts.loc[stance.segment_id]
        other = {"favor": "against", "against": "none", "none": "favor"}[stance.label]
        question = item(seed, Task.STANCE, [(part.start, part.end)], target=stance.target)
        both(tmp_path, question, stance.label if n else other)
    title = parts.iloc[0]
    both(tmp_path, item(seed, "voice", [(title.start, title.end)]), "quoted")
    both(tmp_path, item(seed, Task.STANCE, [(title.start, title.end)], target="Nobody"), "favor")
    path = tmp_path / "gold.jsonl"
    path.write_text(gold_text(labeled_items(tmp_path)), encoding="utf-8")
    return path


def test_each_label_stands_beside_the_programs(gold, seed_result):
    found = beside(seed_result, [gold])
    assert len(found) == 22  # the target that the result has not is left out
    stances = found[found.task == "stance"]
    assert (stances.gold == stances.program).sum() == 19
    assert found[found.task == "voice"].iloc[0].tolist()[-2:] == ["quoted", "author"]
    shown = agreement_counts(found)
    assert shown["items"].sum() == 22
    assert shown.same.sum() == 20
    assert (shown["items"] == shown.same + shown.other + shown.abstained).all()


def test_a_target_that_a_segment_does_not_name_is_the_programs_none(tmp_path, seed, seed_result):
    title = seed_result.segments.iloc[0]
    question = item(seed, Task.STANCE, [(title.start, title.end)], target="Russia")
    both(tmp_path, question, "against")
    path = tmp_path / "gold.jsonl"
    path.write_text(gold_text(labeled_items(tmp_path)), encoding="utf-8")
    assert beside(seed_result, [path]).program.tolist() == ["none"]


def test_abstained_rows_count_for_neither(gold, seed_result):
    found = beside(seed_result, [gold])
    found.loc[found.task == "stance", "program"] = ABSTAINED
    assert agreement_counts(found).abstained.sum() == 20
    assert "stance" not in alphas(found)
    assert math.isnan(alphas(found)["relation"][0])


def test_the_section_shows_alpha_and_counts(gold, seed_result):
    found = beside(seed_result, [gold])
    html = str(section(seed_result, found))
    assert "independently of the program" in html
    said = agreed(found)
    sided = found[(found.task == "stance") & (found.gold != "none")]
    same = (sided.gold == sided.program).sum()
    assert said.startswith("This article also has reference labels: the program agrees on ")
    assert 0 < len(sided) < 20
    assert said.endswith(f"{same} of {len(sided)} labels for or against a target.")
    assert "stance 0." in html
    assert "against-gold.csv" in html


def test_an_article_without_gold_has_no_section(own, gold):
    other = cp.score(own("comment_quotes_article"), scorer="lexicon")
    assert str(section(other, beside(other, [gold]))) == ""
    assert agreed(beside(other)) == ""


def test_gold_lies_in_a_folder_or_one_below(tmp_path):
    (tmp_path / "seed").mkdir()
    for place in (tmp_path, tmp_path / "seed"):
        (place / "gold.jsonl").touch()
    assert gold_files(tmp_path) == [tmp_path / "gold.jsonl", tmp_path / "seed" / "gold.jsonl"]
