"""The notebooks run by papermill, without a front end: what their widgets hold is checked."""

import json

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


def test_explore_draws_without_a_front_end(tmp_path):
    given = {"targets": ["NATO", "Ukraine"], "scorer": "lexicon", "second": "lexicon"}
    names = ("targets", "figure", "edition", "compared")
    code = f"[{', '.join(f'explore.{name}.value' for name in names)}]"
    (targets, figure, edition, compared), shown = told(tmp_path, "explore.ipynb", given, code)
    assert targets == ["NATO", "Ukraine"]
    assert "cp-picture" in figure
    assert "Ukraine: author" in figure
    assert "cp-edition" in edition
    assert "Same label" in compared
    assert "relations: 4 rows" in shown
    assert "<svg" in shown


def test_review_asks_without_a_front_end(tmp_path):
    given = {"scorer": "lexicon", "annotator": "anna", "folder": str(tmp_path / "gold")}
    view, shown = told(tmp_path, "review-labels.ipynb", given, "review.view()")
    assert view["total"] == 4
    assert view["question"]["keys"] == [["a", "agree"], ["d", "disagree"], ["n", "neutral"]]
    assert "there are none yet" in shown
    assert not (tmp_path / "gold").exists()  # nothing is written before a key is pressed


HOSTILE = "-'\"$(touch x)`x`;{{ 7 * 7 }}*?[a]\n<img src=x onerror=alert(1)>\u202e\u05e9.txt"


@pytest.fixture
def hostile(tmp_path):
    """An article whose file name tries what a name can: markup, shell, glob, line, direction."""
    path = tmp_path / HOSTILE
    path.write_text("Bridges\n\nNATO is safe, she said.\n\nComment: That is false.", "utf-8")
    return path


def test_an_article_with_a_hostile_file_name_is_explored(tmp_path, hostile):
    given = {"article": str(hostile), "targets": ["NATO"], "scorer": "lexicon", "second": "none"}
    code = "[explore.file.value, explore.edition.value, explore.explorer.article.title]"
    (path, edition, title), _ = told(tmp_path, "explore.ipynb", given, code)
    assert path == str(hostile)
    assert title == "Bridges"
    assert "That is false." in edition
    assert "<img" not in edition


def test_an_article_with_a_hostile_file_name_is_reviewed(tmp_path, hostile):
    given = {"articles": [str(tmp_path / "*.txt")], "scorer": "lexicon", "annotator": "anna",
             "folder": str(tmp_path / "gold")}  # fmt: skip
    view, _ = told(tmp_path, "review-labels.ipynb", given, "review.view()")
    assert view["total"] == 1
    assert "<img" not in json.dumps(view)


@pytest.mark.parametrize("name", ["explore", "review-labels"])
def test_their_defaults_are_the_scorers(name):
    assert 'scorer: str = \\"embedded\\"' in (NOTEBOOKS / f"{name}.ipynb").read_text("utf-8")
