"""What the documents show works as it is written."""

import contextlib
import doctest
import importlib
import inspect
import json
import re
import shlex
from pathlib import Path

import pytest

import analysis
from analysis.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_python_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})
    assert "disagree" in capsys.readouterr().out


COMMANDS = re.findall(r"^    \.venv/bin/counterpoint (.*)$", README, re.MULTILINE)
OURS = [c for c in COMMANDS if "seeds/" in c]


@pytest.mark.parametrize("command", OURS)
def test_readme_commands_run(monkeypatch, capsys, command):
    monkeypatch.chdir(ROOT)
    with contextlib.suppress(SystemExit):
        main(shlex.split(command))
    out = capsys.readouterr().out
    assert "NATO" in out
    if "--json" in command:
        json.loads(out)


def test_readme_shows_every_command():
    assert {c.split()[0] for c in COMMANDS} == {
        "report", "index", "score", "score-corpus", "targets", "evaluate", "evaluation",
        "agreement", "check", "compare", "label", "recalibrate",
    }  # fmt: skip
    assert len(OURS) == 2


def test_package_doctest(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert doctest.testmod(analysis).failed == 0


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")), ids=lambda p: p.name)
def test_links_lead_somewhere(path):
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / link).exists(), link


def test_makefile_has_the_targets_that_are_named():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for text in (README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")):
        assert set(re.findall(r"^    make ([a-z]+)", text, re.MULTILINE)) <= targets


EXAMPLES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "analysis").rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8") and path.name != "__init__.py"
)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_in_docstrings_run(monkeypatch, name):
    monkeypatch.chdir(ROOT)
    done = doctest.testmod(importlib.import_module(name))
    assert done.attempted
    assert done.failed == 0


def test_the_names_of_the_package_are_described_and_typed():
    assert {"read", "score", "Article", "Result"} <= set(analysis.__all__)
    for name in analysis.__all__:
        thing = getattr(analysis, name)
        assert thing.__doc__, name
        if inspect.isfunction(thing):
            signature = inspect.signature(thing)
            assert signature.return_annotation is not signature.empty, name
            assert all(p.annotation is not p.empty for p in signature.parameters.values()), name
