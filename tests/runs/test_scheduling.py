"""What docs/scheduling.md shows works as it is written, as far as that can be tried here."""

import ast
import importlib.util
import inspect
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import papermill
import pytest
import yaml
from jupyter_client.kernelspec import KernelSpecManager

from analysis.cli import main
from analysis.params import report_params
from analysis.runs.sitefile import Site, read_site

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "scheduling.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def blocks(kind):
    return [text for found, text in BLOCKS if found == kind]


def test_the_site_file_is_one_and_shows_every_key(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(blocks("yaml")[0])
    site = read_site(path)
    assert set(yaml.safe_load(path.read_text())) == set(Site.model_fields)
    assert site.articles[0] == "articles/{outlet}/{date}-*.txt"
    shown = {name: field.default for name, field in Site.model_fields.items()}
    assert (site.timeout, site.memory) == (shown["timeout"], shown["memory"])


def test_crontab_has_five_times_and_a_command():
    (text,) = blocks("crontab")
    lines = [line for line in text.splitlines() if line and line[0] != "#"]
    assert re.fullmatch(r"MAILTO=\S+@\S+", lines[0])
    *times, command = lines[1].split(None, 5)
    limits = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]
    for time, (low, high) in zip(times, limits, strict=True):
        assert time == "*" or low <= int(time) <= high
    assert "%" not in command, "cron takes a % for a line's end"
    assert subprocess.run(["sh", "-n", "-c", command]).returncode == 0


@pytest.mark.parametrize(("code", "mailed"), [(0, ""), (1, "counterpoint: a.txt: broken\n")])
def test_crontab_line_prints_only_what_went_wrong(tmp_path, code, mailed):
    """With a stand-in for the command, in the environment that cron gives."""
    (text,) = blocks("crontab")
    command = text.splitlines()[-1].split(None, 5)[5]
    stand_in = tmp_path / ".venv" / "bin" / "counterpoint"
    stand_in.parent.mkdir(parents=True)
    stand_in.write_text(
        f"#!/bin/sh\necho reports/b.html\necho 'counterpoint: a.txt: broken' >&2\nexit {code}\n"
    )
    stand_in.chmod(0o755)
    done = subprocess.run(
        ["sh", "-c", command.replace("/srv/counterpoint", str(tmp_path))],
        capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout == mailed
    assert done.stderr == ""


def units(tmp_path):
    """Write the units with a command and a user that are there."""
    paths = []
    for text in blocks("ini"):
        kind = "timer" if "[Timer]" in text else "service"
        text = text.replace("/srv/counterpoint/.venv/bin/counterpoint", shutil.which("true"))
        text = text.replace("User=counterpoint", "User=root")
        path = tmp_path / f"counterpoint.{kind}"
        path.write_text(text.replace("/srv/counterpoint", str(tmp_path)))
        paths.append(path)
    return paths


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_takes_the_units(tmp_path):
    paths = units(tmp_path)
    assert len(paths) == 2
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, paths)], capture_output=True, text=True
    )
    if "Failed to" in done.stderr and "counterpoint." not in done.stderr:
        pytest.skip(done.stderr.strip())
    assert not [line for line in done.stderr.splitlines() if "counterpoint." in line], done.stderr
    when = re.search(r"OnCalendar=(.+)", "".join(blocks("ini")))[1]
    subprocess.run(["systemd-analyze", "calendar", when], check=True, capture_output=True)


def test_workflow_runs_commands_that_there_are(capsys):
    workflow = yaml.safe_load(blocks("yaml")[1])
    assert workflow[True]["schedule"][0]["cron"].split()[:2] == ["30", "2"]  # YAML reads `on` so
    steps = workflow["jobs"]["report"]["steps"]
    assert all(("uses" in step) != ("run" in step) for step in steps)
    ours = [s["run"] for s in steps if "counterpoint report" in s.get("run", "")]
    words = shlex.split(ours[0])[1:]
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    assert "site.yaml: cannot be read" in capsys.readouterr().err, "only the site file is missing"
    makefile = (ROOT / "Makefile").read_text()
    for step in steps:
        if step.get("run", "").startswith("make "):
            assert f"\n{step['run'].split()[1]}:" in makefile


def operator():
    """Return the keywords that the Airflow snippet gives its operator, with their values."""
    (text,) = (b for b in blocks("python") if "PapermillOperator" in b)
    values = {"article": "seeds/000_9da5be969268c11d.txt", "number": 0}
    (call,) = (
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "PapermillOperator"
    )
    return {
        keyword.arg: eval(compile(ast.Expression(keyword.value), "snippet", "eval"), values)
        for keyword in call.keywords
    }


def test_airflows_arguments_are_papermills_and_the_notebooks():
    """The call is the one that the operator makes of them."""
    given = operator()
    assert set(given) == {
        "task_id", "input_nb", "output_nb", "parameters", "kernel_name", "language_name",
    }  # fmt: skip
    call = inspect.signature(papermill.execute_notebook).bind(
        given["input_nb"],
        given["output_nb"],
        parameters=given["parameters"],
        progress_bar=False,
        report_mode=True,
        kernel_name=given["kernel_name"],
        language=given["language_name"],
        engine_name=None,
    )
    assert (ROOT / call.arguments["input_path"]).is_file()
    assert report_params(**given["parameters"]).article == "seeds/000_9da5be969268c11d.txt"
    assert given["kernel_name"] in KernelSpecManager().find_kernel_specs()


def test_jupyter_schedulers_parameters_are_python(tmp_path):
    """It writes `name = value` as typed; so the values shown must be Python and known names."""
    rows = dict(re.findall(r"^\| `(\w+)` \| `(.+)` \|$", TEXT, re.MULTILINE))
    assert rows
    shown = papermill.inspect_notebook(str(ROOT / "notebooks" / "article-report.ipynb"))
    for name, value in rows.items():
        assert name in shown
        assert type(ast.literal_eval(value)).__name__ == shown[name]["inferred_type_name"]


def test_the_commands_shown_are_taken(capsys, tmp_path):
    for command in re.findall(r"^    counterpoint (report .+)$", TEXT, re.MULTILINE):
        words = shlex.split(command)
        with pytest.raises(SystemExit) as stopped:
            main([*words, "--dry-run", "--out", str(tmp_path)])
        told = capsys.readouterr().err
        assert stopped.value.code == 2
        assert "found no file that fits" in told or "site.yaml: cannot be read" in told


def test_airflow_snippet_is_python():
    for text in blocks("python"):
        compile(text, "docs/scheduling.md", "exec")
    assert importlib.util.find_spec("papermill")
    assert sys.version_info >= (3, 11)
