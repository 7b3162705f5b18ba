"""The notebooks run by papermill, without a front end: what their widgets hold is checked."""

import json

import pytest

from analysis.paths import NOTEBOOKS
from analysis.report import execute


def states(notebook):
    """Return the state of every widget that an executed notebook keeps, by its model's name."""
    kept = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    found = {}
    for widget in kept.values():
        found.setdefault(widget["model_name"], []).append(widget["state"])
    return found


def test_explore_draws_without_a_front_end():
    given = {"targets": ["NATO", "Ukraine"], "scorer": "lexicon", "second": "lexicon"}
    done = execute(NOTEBOOKS / "explore.ipynb", given)
    found = states(done)
    assert [tags["value"] for tags in found["TagsInputModel"]] == [["NATO", "Ukraine"]]
    html = [state["value"] for state in found["HTMLModel"]]
    assert [h for h in html if "cp-picture" in h and "Ukraine: author" in h]
    assert [h for h in html if "cp-edition" in h]
    assert [h for h in html if "Same label" in h]
    shown = "".join(json.dumps(cell.get("outputs", [])) for cell in done.cells)
    assert "relations: 4 rows" in shown
    assert "<svg" in shown


def test_review_asks_without_a_front_end(tmp_path):
    given = {"scorer": "lexicon", "annotator": "anna", "folder": str(tmp_path / "gold")}
    done = execute(NOTEBOOKS / "review-labels.ipynb", given)
    (state,) = states(done)["AnyModel"]
    assert state["view"]["total"] == 4
    assert state["view"]["question"]["keys"] == [
        ["a", "agree"], ["d", "disagree"], ["n", "neutral"],
    ]  # fmt: skip
    assert not (tmp_path / "gold").exists()  # nothing is written before a key is pressed


@pytest.mark.parametrize("name", ["explore", "review-labels"])
def test_their_defaults_are_the_scorers(name):
    assert 'scorer: str = \\"embedded\\"' in (NOTEBOOKS / f"{name}.ipynb").read_text("utf-8")
