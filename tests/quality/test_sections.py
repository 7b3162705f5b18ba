import json
import re
from pathlib import Path

import pytest

from analysis.quality import figures as quality_figures
from analysis.quality import sections as quality_sections
from analysis.quality.evaluation import EXAMPLES, evaluate_scorers, marginalia_files, read_sets
from analysis.quality.marginalia import DEV


@pytest.fixture(scope="module")
def found():
    return evaluate_scorers(["lexicon"], read_sets([]))


def test_opening_says_how_many_sets_and_rows(found):
    html = str(quality_sections.opening(found, ["lexicon"]))
    assert "The lexicon scorer" in html
    assert "3 sets · 96 rows" in html
    both = str(quality_sections.opening(found, ["lexicon", "majority"]))
    assert "The lexicon and majority scorers" in both


def test_opening_names_the_model():
    found = evaluate_scorers(["embedded-small"], read_sets([f"bias:{EXAMPLES / 'bias.jsonl'}"]))
    html = str(quality_sections.opening(found, ["embedded-small"]))
    assert " rows · model counterpoint-small" in html
    assert found.scores["model"].tolist() == ["counterpoint-small", ""]


def test_tables_hold_the_measured_numbers(found):
    row = found.scores.iloc[0]
    assert f"{row.macro_f1:.2f}" in str(quality_sections.scores(found))
    confusion = str(quality_sections.confusion(found, "lexicon"))
    assert confusion.count("<table") == 3
    assert "scorer: disagree" in confusion
    assert str(quality_sections.per_class(found, "lexicon")).count("<tr") == 9


def test_audit_names_every_kind_of_comparison_and_of_name(tmp_path):
    html = str(quality_sections.audit(["lexicon"], folder=str(tmp_path)))
    for group in ("states", "parties", "people", "firms", "women and men"):
        assert f"<bdi>{group}</bdi>" in html
    kept = json.loads((tmp_path / "swap-audit.json").read_text("utf-8"))
    assert {row["group"] for row in kept["summary"]} >= {"states", "parties", "people", "firms"}
    for kind in ("neutral", "loaded", "turn", "bias", "relation"):
        assert f">{kind}<" in html
    assert "Swapping rivals" in html


def test_files_are_written_where_asked(found, tmp_path):
    figure = quality_figures.f1(found)
    quality_sections.save(found, [figure], "")
    quality_sections.save(found, [figure], str(tmp_path / "t"))
    names = {path.name for path in (tmp_path / "t").iterdir()}
    assert {"scores.csv", "confusion.csv", "reliability.csv", "figure-f1.svg"} <= names


def test_marginalia_has_a_row_a_scorer(tmp_path):
    file = Path(__file__).with_name("two_blocks.jsonl")
    html = str(quality_sections.marginalia(["lexicon"], [f"marginalia:{file}"], str(tmp_path)))
    kept = json.loads((tmp_path / "marginalia.json").read_text("utf-8"))
    assert list(kept) == ["lexicon", "majority"]
    assert f"{kept['lexicon']['relation']['macro_f1']:.2f}" in html
    assert "of 4 pairs of an article and a target" in html
    (tmp_path / "rows.json").write_text('{"rows_from_0": [1]}')  # too short for any interval
    spec = f"marginalia:{file}#{tmp_path / 'rows.json'}"
    made = str(quality_sections.marginalia(["lexicon"], [spec]))
    assert re.search(r'<td class="cp-number"[^>]*>–</td>', made)
    assert "Not measured here" in str(quality_sections.marginalia(["lexicon"], ["bias:x.jsonl"]))


def test_marginalia_is_found_among_the_data():
    assert marginalia_files([]) == (DEV, None)
    assert marginalia_files(["bias:a.jsonl"]) is None
    assert marginalia_files(["bias:a.jsonl", "marginalia:b.jsonl#r.json"]) == ("b.jsonl", "r.json")
    assert len(read_sets(["marginalia:b.jsonl"])) == 3


def test_voices_are_measured_by_type():
    html = str(quality_sections.quotations("seed"))
    for kind in ("all", "direct", "indirect", "mixed"):
        assert f"<bdi>{kind}</bdi>" in html
    assert html.count("1.00") >= 8


def test_articles_are_swapped_whole():
    html = str(quality_sections.article_swaps(["lexicon"]))
    assert "NATO / Russia" in html
    assert html.count("<bdi>yes</bdi>") == 2


def test_found_targets_are_measured_on_marginalia_alone(tmp_path):
    two = Path(__file__).with_name("two_blocks.jsonl")
    page = str(quality_sections.targets([f"marginalia:{two}"]))
    assert "Blocks with one among the first three" in page
    assert "targets.csv" in page
    assert "Not measured here" in str(quality_sections.targets(["relation:x.jsonl"]))
