"""What the documents show works as it is written."""

import contextlib
import doctest
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
