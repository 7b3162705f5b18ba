import json

import pytest

import analysis as cp
from analysis.report import findings, opening
from analysis.report.provenance import SUMMARY
from analysis.report.summary import summary


def test_summary_says_what_the_report_says(seed_result):
    found = summary(seed_result)
    assert found["title"] == "Stoltenberg NATO"
    assert found["finding"] == opening.finding(seed_result)
    assert found["warnings"] == findings.warnings(seed_result)
    counts = seed_result.relations.label.value_counts()
    assert found["comments"] == {
        "agree": counts.get("agree", 0),
        "disagree": counts.get("disagree", 0),
        "neutral": counts.get("neutral", 0),
        "abstained": 0,
    }
    assert found["stances"] == {"counted": len(seed_result.stances), "abstained": 0}
    assert [t["target"] for t in found["targets"]] == list(seed_result.comparison.target)
    first, row = found["targets"][0], seed_result.comparison.iloc[0]
    assert first["divergence"] == pytest.approx(row.divergence)
    assert first["shown"] is bool(findings.difference_shown(seed_result.comparison).iloc[0])


def test_summary_is_written_as_plain_json(own, tmp_path):
    result = cp.score(own("only_commentary"), scorer="lexicon")
    cp.Report(result).save(tmp_path)
    text = (tmp_path / SUMMARY).read_text(encoding="utf-8")
    assert json.loads(text) == summary(result)
    assert text.isascii()
    assert "NaN" not in text


def test_saving_nowhere_writes_nothing(seed_result, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cp.Report(seed_result).save("")
    assert not list(tmp_path.iterdir())
