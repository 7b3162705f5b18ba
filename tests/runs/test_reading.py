import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import nbformat
import pytest

from analysis.params import report_params
from analysis.readers import read
from analysis.readers.kept_tables import VARIABLE
from analysis.runs import reading

ROOT = Path(__file__).parents[2]
ROWS = [
    "article_id,text,comment",
    *(f"{name},It rained in {name} all day.,It did not." for name in ("oslo", "bern", "rome")),
]


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "")  # put back at the end
    monkeypatch.setattr(reading, "private_folder", lambda: str(tmp_path))
    path = tmp_path / "many.csv"
    path.write_text("\n".join(ROWS))
    return path


def ids(path, **limits):
    params = report_params(article=str(path))
    return reading.table_ids(str(path), params, **{"seconds": 60, "memory": 2**30} | limits)


def with_hooks(log=None):
    paths = os.pathsep.join(map(str, (ROOT / "tests" / "hooks", ROOT)))
    return {"PYTHONPATH": paths} | ({"STAGE_LOG": str(log)} if log else {})


def write_notebook(path):
    """Write a notebook that reads and scores its article as ours does."""
    notebook = nbformat.read(ROOT / "tests" / "notebooks" / "small.ipynb", as_version=4)
    notebook.cells[1].source = "import analysis as cp"
    notebook.cells[2].source = "cp.run(cp.report_params(**cp.given(globals())))"
    del notebook.cells[3:]
    nbformat.write(notebook, path)


def test_a_table_is_read_once_for_the_reports_of_all_its_articles(table, tmp_path, tiny_folder):
    site = tmp_path / "site.yaml"
    site.write_text(
        "articles: [many.csv]\nnotebook: own.ipynb\ncorpus: false\n"
        f"parameters: {{scorer: 'embedded:{tiny_folder}'}}\n"
    )
    write_notebook(tmp_path / "own.ipynb")
    log = tmp_path / "log"
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "report", "--site", str(site)],
        capture_output=True, text=True, check=False,
        env=os.environ | with_hooks(log) | {"COUNTERPOINT_CACHE": str(tmp_path / "cache")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3
    calls = Counter(line.partition(",")[0] for line in log.read_text().splitlines())
    assert calls["read 'article_id"] == 1
    notebook = (tmp_path / "reports" / "many-oslo" / "own.ipynb").read_text()
    assert f'article = \\"{table}\\"' in notebook, "a user can run it again"


ENDS = """
import os, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # which nohup has ignored
from analysis.params import report_params
from analysis.runs.reading import table_ids
params = report_params(article=sys.argv[1])
print(len(table_ids(sys.argv[1], params, seconds=60, memory=2**30)), os.listdir(sys.argv[2]))
{}
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a shell removes it")
@pytest.mark.parametrize("end", ["", *map("os.kill(os.getpid(), signal.{})".format, (
    "SIGKILL", "SIGTERM", "SIGHUP", "SIGABRT",
))])  # fmt: skip
def test_a_run_that_ends_once_its_table_is_read_leaves_no_folder(tmp_path, end):
    (tmp_path / "many.csv").write_text("\n".join(ROWS))
    with tempfile.TemporaryDirectory(dir="/tmp") as scratch:  # a short name: sockets lie in it
        done = subprocess.run(
            [sys.executable, "-c", ENDS.format(end), str(tmp_path / "many.csv"), scratch],
            capture_output=True, text=True, env=os.environ | {"TMPDIR": scratch},
        )  # fmt: skip
        assert done.stdout.startswith("3 ['pymp-"), done.stderr
        assert bool(done.returncode) == bool(end)
        ends = time.monotonic() + 60
        while end and os.listdir(scratch) and time.monotonic() < ends:
            time.sleep(0.05)
        assert not os.listdir(scratch)


def test_the_articles_are_those_that_are_read_without_limits(table):
    wanted = read(table, article_id="many-bern")
    assert ids(table) == ["many-oslo", "many-bern", "many-rome"]
    assert list(Path(os.environ[VARIABLE]).iterdir())
    assert read(table, article_id="many-bern") == wanted


def test_a_table_that_takes_too_long_is_tried_once(table, monkeypatch):
    table.write_text(table.read_text().replace("not.", "not, readhangs."))
    for name, value in with_hooks().items():
        monkeypatch.setenv(name, value)
    with monkeypatch.context() as patch:
        assert ids(table, seconds=3) == []
        patch.setattr(reading, "ask_alone", None)
        assert ids(table) == []
    with pytest.raises(reading.ReportError, match="expected an end within 3 seconds"):
        read(table)


def test_a_table_that_takes_too_much_memory_fails_in_a_line(table, monkeypatch):
    table.write_text(table.read_text().replace("not.", "not, readallocates."))
    for name, value in with_hooks().items():
        monkeypatch.setenv(name, value)
    assert ids(table, memory=2**28) == []
    with pytest.raises(reading.ReportError, match="ran out of memory"):
        read(table)
