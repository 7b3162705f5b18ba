"""The project's own files agree with one another."""

import re
import tomllib
from pathlib import Path

import nbformat
import papermill
import yaml

from analysis.params import PairParams, ReportParams

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def pins():
    """The lock's pins as pip reads them: a line each, hashes on lines of their own."""
    lines = [line.split("\\")[0].strip() for line in LOCK.splitlines()]
    return [line for line in lines if re.match(r"[A-Za-z0-9]", line)]


def locked():
    return {re.split(r"[=\[ ]", pin)[0] for pin in pins()}


def test_conda_and_the_lock_name_the_same_pins():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *_, pip = environment["dependencies"]
    assert environment["name"] == "counterpoint"
    assert pip["pip"][-1] == "-e ."
    assert sorted(p.replace("'", '"') for p in pip["pip"][:-1]) == sorted(
        pin.replace("'", '"') for pin in pins()
    )


def test_environment_is_what_make_lock_writes(tool):
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert tool("write_environment").environment(LOCK) == text


def test_a_changed_lock_changes_the_environment(tool):
    write = tool("write_environment").environment
    assert write(LOCK.replace("pandas==", "pandas==9")) != write(LOCK)


def test_every_pin_has_a_hash():
    for chunk in re.split(r"\n(?=[A-Za-z0-9])", LOCK)[1:]:
        assert "--hash=sha256:" in chunk, chunk[:60]


def test_default_install_has_the_card_and_no_torch():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[<>=\[]", d)[0] for d in project["dependencies"]}
    card = {"jupyterlab", "pandas", "scikit-learn", "transformers", "seaborn", "papermill"}
    assert card <= names
    assert card <= locked()
    assert not {"torch", "tensorflow", "jax"} & locked()
    assert set(project["optional-dependencies"]) == {"hub", "train", "dev"}


def test_every_dependency_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[<>=\[]", d)[0].lower().replace("_", "-") for d in wanted}
    assert names <= locked()


def test_top_level_is_the_card():
    for name in ("README.md", "environment.yml", "notebooks", "analysis", "data", "seeds",
                 "reports", "tests", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"):  # fmt: skip
        assert (ROOT / name).exists(), name


def test_notebooks_are_thin():
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert paths
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert notebook.metadata.kernelspec.name == "python3"
        cells = [c for c in notebook["cells"] if c["cell_type"] == "code"]
        code = ["".join(cell["source"]) for cell in cells]
        assert len(notebook["cells"]) <= 25, path
        tagged = sum("parameters" in c["metadata"].get("tags", []) for c in cells)
        assert tagged == bool(cells), path  # the page that says where to begin has no code
        for cell, source in zip(cells, code, strict=True):
            if "parameters" not in cell["metadata"].get("tags", []):  # a line a parameter
                assert len(source.strip().splitlines()) <= 8, source
        assert not re.search(r"^\s*(?:def |class )|sys\.path", "\n".join(code), re.MULTILINE)
        assert not any(c.get("outputs") or c.get("execution_count") for c in cells), path


def parameters_of(notebook):
    """The values of a notebook's parameters cell."""
    path = ROOT / "notebooks" / notebook
    cells = yaml.safe_load(path.read_text(encoding="utf-8"))["cells"]
    (tagged,) = (c for c in cells if "parameters" in c["metadata"].get("tags", []))
    values = {}
    exec("".join(tagged["source"]), values)
    return {name: value for name, value in values.items() if not name.startswith("__")}


def test_notebooks_and_parameters_have_the_same_defaults():
    shown = papermill.inspect_notebook(str(ROOT / "notebooks" / "article-report.ipynb"))
    assert all(parameter["help"] for parameter in shown.values())
    values = parameters_of("article-report.ipynb")
    defaults = ReportParams(article=values["article"]).for_notebook()
    assert values == defaults
    values = parameters_of("versions-report.ipynb")
    texts = {side: values[side] for side in ("original", "republished")}
    assert values == PairParams(**texts).for_notebook()
    assert all((ROOT / path).is_file() for path in texts.values())
    for name in ("article-report", "versions-report"):  # so that unknown parameters are refused
        assert "_params(**cp.given(globals()))" in (ROOT / f"notebooks/{name}.ipynb").read_text()
    evaluated = (ROOT / "notebooks" / "model-evaluation.ipynb").read_text(encoding="utf-8")
    assert f'scorer: list = [\\"{defaults["scorer"]}\\"]' in evaluated


def test_hooks_call_what_lint_calls():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    entries = [hook["entry"] for repo in hooks["repos"] for hook in repo["hooks"]]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for tool in ("nbstripout", "ruff check", "ruff format"):
        assert any(entry.startswith(f".venv/bin/{tool}") for entry in entries), tool
        assert f"$(BIN)/{tool}" in makefile
    assert all(repo["repo"] == "local" for repo in hooks["repos"])  # nothing is fetched
