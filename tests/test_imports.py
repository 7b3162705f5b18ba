"""A subpackage of `analysis/` imports only those before it; no two modules import each other."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import analysis

PACKAGE = Path(__file__).parents[1] / "analysis"
ORDER = (
    "types errors interruption thresholds paths atomic yaml_files params frames text readers html "
    "scorers alignment gold scoring quality.audit scale versions report quality corpus runs lab "
    "cli __main__"
).split()
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path != PACKAGE / "__init__.py"
}


def subpackage(module):
    return "quality.audit" if module.startswith("quality.audit") else module.split(".")[0]


def imported(path):
    """Yield the modules of the package that a file imports, also inside its functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "analysis":
            source = node.module.removeprefix("analysis").removeprefix(".")
            for alias in node.names:
                whole = f"{source}.{alias.name}".removeprefix(".")
                yield whole if whole in MODULES else source
        elif isinstance(node, ast.Import):
            yield from (a.name[9:] for a in node.names if a.name.startswith("analysis."))


IMPORTS = {name: set(imported(path)) & set(MODULES) - {name} for name, path in MODULES.items()}


@pytest.mark.parametrize("module", MODULES)
def test_module_imports_only_subpackages_before_its_own(module):
    place = ORDER.index(subpackage(module))
    assert not [name for name in IMPORTS[module] if ORDER.index(subpackage(name)) > place]


def test_no_import_circle():
    order = list(TopologicalSorter(IMPORTS).static_order())
    assert set(order) == set(MODULES)


def test_package_does_not_import_training():
    for path in MODULES.values():
        assert "from training" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in MODULES if MODULES[name].name == "__init__.py"])
def test_subpackage_says_what_it_holds(name):
    assert ast.get_docstring(ast.parse(MODULES[name].read_text(encoding="utf-8")))


def test_no_public_name_equals_a_module_or_a_subpackage():
    parts = {part for module in MODULES for part in module.split(".")}
    assert not parts & set(analysis.__all__)


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
            "analysis.runs.batch, analysis.runs.sitefile",
            "pandas spacy transformers torch onnxruntime sklearn seaborn papermill nbformat",
            id="a run that makes nothing",
        ),
        pytest.param("analysis.runs.kernels", "pandas spacy lark sklearn", id="running notebooks"),
    ],
)
def test_nothing_heavy_is_loaded_on_import(modules, heavy):
    code = f"import sys, {modules}; print(sorted(set({heavy.split()}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
