import json
import runpy
from pathlib import Path

import pytest

TOOL = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "score_extraction.py"))
LAYOUTS = runpy.run_path(str(Path(__file__).parent / "layouts.py"))


def test_no_layout_loses_a_passage_and_none_is_read_worse_than_by_trafilatura(tmp_path):
    assert len(LAYOUTS["LAYOUTS"]) >= 40
    LAYOUTS["write"](tmp_path)
    scores = TOOL["score"](tmp_path)
    assert scores["counterpoint"].shares == (1.0, 1.0)
    assert scores["counterpoint"].shares >= scores["trafilatura"].shares
    assert 0.9 < min(scores["trafilatura"].shares) < 1


def test_the_tool_prints_both_shares_and_who_loses_all(tmp_path, capsys):
    (tmp_path / "eval").mkdir()
    (tmp_path / "eval" / "a.html").write_text("<title>A</title>")
    (tmp_path / "eval" / "b.html").write_text(
        "<article><p>The quay is closed, and it will not be opened again this year.</p></article>"
    )
    data = {
        "https://a.example": {"file": "a.html", "with": ["The quay is open"], "without": []},
        "https://b.example": {
            "file": "b.html", "with": ["The quay \n is closed", "not there"], "without": ["opened"],
        },
    }  # fmt: skip
    (tmp_path / "evaldata.json").write_text(json.dumps(data))
    assert TOOL["main"]([str(tmp_path), "--list"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].split("  ")[0] == "counterpoint"
    assert (
        "kept  33.3% of 3 passages  left out   0.0% of 1  lost all on 1 pages  refused 1" in out[0]
    )
    assert out[1].startswith("trafilatura")
    assert out[2] == "pages that only counterpoint loses: 0"


@pytest.mark.parametrize(
    "text", ["{", '{"u": {"file": "a"}}', "[]", '{"u": {"file": "a", "with": [], "without": []}}']
)
def test_folder_without_known_passages_is_one_line(tmp_path, capsys, text):
    (tmp_path / "evaldata.json").write_text(text)
    assert TOOL["main"]([str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
