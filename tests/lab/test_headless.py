"""The notebooks run by papermill, without a front end: what their widgets hold is checked."""

import json
import shutil

import nbformat
import pytest

from analysis.paths import NOTEBOOKS
from analysis.runs.execution import execute


def told(tmp_path, name, given, code):
    """Run a notebook by papermill with one more cell, and return what that cell prints as JSON."""
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(f"import json\nprint(json.dumps({code}))"))
    nbformat.write(notebook, tmp_path / name)
    done = execute(tmp_path / name, given)
    shown = "".join(json.dumps(cell.get("outputs", [])) for cell in done.cells[:-1])
    return json.loads("".join(output["text"] for output in done.cells[-1].outputs)), shown


HOSTILE = "-'\"$(touch x)`x`;{{ 7 * 7 }}*?[a]\n<img src=x onerror=alert(1)>\u202e\u05e9.txt"


@pytest.fixture
def article(tmp_path, seed_path):
    """The seed under a name that tries what a name can: markup, shell, glob, line, direction."""
    return shutil.copy(seed_path, tmp_path / HOSTILE)


def test_explore_draws_without_a_front_end(tmp_path, article):
    given = {"article": str(article), "targets": ["NATO", "Ukraine"], "scorer": "lexicon",
             "second": "lexicon"}  # fmt: skip
    names = ("file", "targets", "figure", "edition", "compared")
    code = f"[{', '.join(f'explore.{name}.value' for name in names)}]"
    (path, targets, figure, edition, compared), shown = told(tmp_path, "explore.ipynb", given, code)
    assert path == str(article)
    assert targets == ["NATO", "Ukraine"]
    assert "cp-picture" in figure
    assert "Ukraine: author" in figure
    assert "cp-edition" in edition
    assert "<img" not in edition
    assert "Same label" in compared
    assert "relations: 4 rows" in shown
    assert "<svg" in shown


def test_review_asks_without_a_front_end(tmp_path, article):
    given = {"articles": [str(tmp_path / "*.txt")], "scorer": "lexicon", "annotator": "anna",
             "folder": str(tmp_path / "gold")}  # fmt: skip
    view, shown = told(tmp_path, "review-labels.ipynb", given, "review.view()")
    assert view["total"] == 4
    assert view["question"]["keys"] == [["a", "agree"], ["d", "disagree"], ["n", "neutral"]]
    assert "<img" not in json.dumps(view)
    assert "there are none yet" in shown
    assert not (tmp_path / "gold").exists()  # nothing is written before a key is pressed


@pytest.mark.parametrize("name", ["explore", "review-labels"])
def test_their_defaults_are_the_scorers(name):
    assert 'scorer: str = \\"embedded\\"' in (NOTEBOOKS / f"{name}.ipynb").read_text("utf-8")
