"""A module imports only what stands above it on the line from reading to reporting."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "analysis"
LINE = (
    "types errors paths inference params frames html tables readers nlp marks speakers saying "
    "quotations segment cue_words language targets encoder likeness align labels agreement scorers "
    "train compare score scale views tallies wording explanation cards explain svg plots "
    "cue_figure markup flow linked provenance summary sections corpus corpus_figures "
    "corpus_sections audit trust against_gold page index rehearsal zygote warm swap "
    "secrets_kept report prescore plan sitefile progress runlog printing batch evaluate "
    "recalibrate voices alignment_quality quality quality_figures quality_sections lab "
    "convert cli __main__"
).split()


def module(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("analysis."):
            yield node.module.split(".")[1]
        elif isinstance(node, ast.ImportFrom) and node.module == "analysis":
            yield from (alias.name for alias in node.names if alias.name in LINE)
        elif isinstance(node, ast.Import):
            yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("analysis."))


FILES = sorted(p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_module_imports_only_from_above(path):
    assert module(path) in LINE, "a new module takes its place on the line"
    place = LINE.index(module(path))
    below = [n for n in imported(path) if n in LINE and LINE.index(n) > place]
    assert not below


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        pytest.param(
            "analysis",
            "pandas spacy transformers torch onnxruntime sklearn seaborn papermill",
            id="the package",
        ),
        pytest.param(
            "analysis.scorers.embedded",
            "pandas pydantic onnxruntime tokenizers",
            id="a scorer alone",
        ),
        pytest.param(
            "analysis.scorers.embedded, analysis.scorers.hub",
            "onnxruntime tokenizers diskcache torch transformers",
            id="both scorers with weights",
        ),
        pytest.param(
            "analysis.batch, analysis.sitefile",
            "spacy transformers torch onnxruntime sklearn seaborn papermill nbformat",
            id="a run that makes nothing",
        ),
    ],
)
def test_nothing_heavy_is_loaded_on_import(modules, heavy):
    code = f"import sys, {modules}; print(sorted(set({heavy.split()}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
