import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from analysis.errors import ReportError
from analysis.params import report_params
from analysis.runs import fork_server
from analysis.runs.execution import KERNEL_ARGUMENTS, Running, execute
from analysis.runs.fork_server import ForkServer, imports
from analysis.runs.publish import NOTEBOOK, publish, report

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "tests" / "notebooks"
pytestmark = pytest.mark.skipif(not fork_server._forks(), reason="kernels are not forked here")


def own(name):
    return NOTEBOOKS / f"{name}.ipynb"


@pytest.fixture(scope="module")
def server():
    with ForkServer([own("small"), own("draws"), NOTEBOOK]) as started:
        assert started.usable, started.cold
        yield started


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("It rained all day.\n")
    return path


def given(article, folder):
    folder.mkdir(exist_ok=True)
    return report_params(article=str(article), scorer="lexicon", tables=str(folder)).model_dump(
        mode="json"
    )


def run(name, article, **options):
    return execute(own(name), given(article, article.with_name("tables")), Running(**options))


def outputs(notebook):
    """Return what cells gave, without times and ids."""
    return [
        [(o.output_type, o.get("name"), o.get("text"), o.get("data")) for o in cell.outputs]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def test_outputs_and_files_equal_those_of_a_cold_kernel(server, article):
    warm_run = run("small", article, server=server)
    files = {p.name: p.read_bytes() for p in article.with_name("tables").iterdir()}
    cold_run = run("small", article)
    assert outputs(warm_run) == outputs(cold_run)
    assert {p.name: p.read_bytes() for p in article.with_name("tables").iterdir()} == files
    assert set(files) == {"words.csv", "a.svg"}
    assert [c.source for c in warm_run.cells] == [c.source for c in cold_run.cells]
    assert warm_run.metadata.language_info == cold_run.metadata.language_info


def test_the_report_of_an_article_is_the_same_to_the_character(server, tmp_path):
    """But for the minute at which it was made."""
    params = report_params(article="seeds/000_9da5be969268c11d.txt", scorer="lexicon")
    cold = report(params, tmp_path / "cold")
    forked = report(params, tmp_path / "forked", running=Running(server=server))
    assert timeless(cold) == timeless(forked)
    made = {p.name for p in forked.with_suffix("").iterdir()}
    assert made == {p.name for p in cold.with_suffix("").iterdir()}
    for name in made - {NOTEBOOK.name}:
        one, other = (page.with_suffix("") / name for page in (cold, forked))
        assert timeless(one) == timeless(other), name


def timeless(path):
    """Return a file's bytes but for the minute at which it was made."""
    return re.sub(rb"\d{4}-\d\d-\d\d( \d\d:\d\d UTC)?", b"WHEN", path.read_bytes())


def test_nothing_leaks_from_one_report_to_the_next(server, article, tmp_path):
    """The notebook itself fails where it finds what an earlier run of it left behind."""
    other = tmp_path / "b.txt"
    other.write_text("It snowed.\n")
    first = publish(own("small"), given(article, tmp_path / "x"), tmp_path / "out" / "a",
                    title="a", running=Running(server=server))  # fmt: skip
    second = publish(own("small"), given(other, tmp_path / "x"), tmp_path / "out" / "b",
                     title="b", running=Running(server=server))  # fmt: skip
    drawn = [sorted(p.name for p in page.with_suffix("").glob("*.svg")) for page in (first, second)]
    assert drawn == [["a.svg"], ["b.svg"]], "figures never share a folder"


def test_kernels_draw_numbers_of_their_own_and_pictures_as_ever(server, article):
    runs = [run("draws", article, server=server) for _ in range(2)]
    cold = run("draws", article)
    drawn = [[o for o in outputs(each) if o][-1][0][3]["text/plain"] for each in runs]
    values = [re.findall(r"0\.\d+", text) for text in drawn]
    assert len(values[0]) == 2
    assert not set(values[0]) & set(values[1])
    kinds = [
        sorted(kind for cell in outputs(each) for _, _, _, data in cell for kind in data or {})
        for each in (runs[0], cold)
    ]
    assert "image/png" in kinds[0]
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize("forked", [True, False])
def test_a_kernel_that_dies_is_one_failure_with_its_cell(server, article, forked):
    article.write_text("die")
    with pytest.raises(ReportError) as raised:
        run("dies", article, server=server if forked else None)
    assert "dies.ipynb: cell 4: the notebook could not be executed (DeadKernelError" in str(
        raised.value
    )
    article.write_text("live")
    assert outputs(run("dies", article, server=server))[-1]


def test_a_notebook_that_hangs_is_ended_with_its_kernel(server, article):
    article.write_text("hang")
    before = {p.pid for p in psutil.Process().children(recursive=True)}
    with pytest.raises(ReportError, match=r"cell 3: .*CellTimeoutError.*--timeout"):
        run("hangs", article, server=server, seconds=2)
    ends = time.monotonic() + 300
    while {p.pid for p in psutil.Process().children(recursive=True)} - before:
        assert time.monotonic() < ends, "a kernel was left behind"
        time.sleep(0.2)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="RLIMIT_DATA is Linux'")
def test_a_kernel_that_eats_memory_is_one_failure(server, article, monkeypatch):
    article.write_text("eat")
    monkeypatch.setattr(server, "memory", 400 * 2**20)
    with pytest.raises(ReportError, match=r"cell 3 failed with MemoryError.*--memory"):
        run("eats_memory", article, server=server)
    article.write_text("fast")
    assert outputs(run("eats_memory", article, server=server))[-1]


def test_a_failed_notebook_is_kept_with_its_cause_until_it_succeeds(server, article, tmp_path):
    final, keep = tmp_path / "out" / "a", Running(server=server, keep_failed=True)
    article.write_text("die")
    with pytest.raises(ReportError):
        publish(own("dies"), given(article, tmp_path / "x"), final, title="a", running=keep)
    (kept,) = final.parent.iterdir()
    assert kept.name == "a.failed.ipynb"
    notebook = nbformat.read(kept, as_version=4)
    assert "cell 4" in notebook.cells[0].source
    assert "DeadKernelError" in notebook.metadata.counterpoint.failed
    assert outputs(notebook)[2][0][3]["text/plain"] == "'before the fault'"
    article.write_text("live")
    publish(own("dies"), given(article, tmp_path / "x"), final, title="a", running=keep)
    assert sorted(p.name for p in final.parent.iterdir()) == ["a", "a.html"]


def test_a_secret_that_a_notebook_shows_is_not_published(server, article, tmp_path, monkeypatch):
    monkeypatch.setenv("NEWS_KEY", "hunter2hunter2")
    keep = Running(server=server, keep_failed=True, secrets={"NEWS_KEY": "hunter2hunter2"})
    final = tmp_path / "out" / "a"
    with pytest.raises(ReportError, match="variable NEWS_KEY"):
        publish(own("shows_secret"), given(article, tmp_path / "x"), final, title="a", running=keep)
    assert list(final.parent.iterdir()) == []


def test_progress_bars_leave_no_lines_and_no_dead_widgets(server, article):
    notebook = run("bars", article, server=server)
    assert [kind for cell in outputs(notebook) for kind, *_ in cell] == ["execute_result"]
    assert "widgets" not in notebook.metadata


def test_the_kernels_name_is_passed_always(server, article):
    """A notebook saved in a conda environment names a kernel that is nowhere else."""
    notebook = run("conda_kernel", article, server=server)
    assert outputs(notebook)[-1][0][3]["text/plain"] == str(len(str(article)))
    assert notebook.metadata.kernelspec.name == "conda-env-elsewhere-py"


def test_a_connection_is_private(server):
    assert Path(server.connection_file()).parent.stat().st_mode & 0o077 == 0


SERVER = """
import os, signal, sys
from pathlib import Path
from analysis.runs import fork_server
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
{before}
with fork_server.ForkServer([Path(sys.argv[1])]) as server:
    print(server.usable, server.closed, server.cold)
    {after}
"""


def apart(notebook, *, before="", after="", cwd=None, **variables):
    """Start a server in a process of its own, as a process has one, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", SERVER.format(before=before, after=after), str(notebook)],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | variables,
        cwd=cwd,
        capture_output=True,
        text=True,
    )  # the server holds stderr, so this waits for its end
    assert not done.stderr
    return done


def cold(notebook, **options):
    """Return why kernels are not forked."""
    usable, closed, reason = apart(notebook, **options).stdout.strip().split(" ", 2)
    assert (usable, closed) == ("False", "False"), "its run goes on with cold kernels"
    return reason


@pytest.fixture
def scratch():
    """A folder of a short name: sockets will lie in it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield folder


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("fork_server.ForkServer.usable = property(die)", ""),  # while it imports
        ("", "die()"),
        ("", "server.call('time:sleep', 3600); die()"),
    ],
)
def test_a_killed_process_leaves_no_folder_behind(scratch, before, after):
    done = apart(own("conda_kernel"), before=before, after=after, TMPDIR=scratch)
    assert done.returncode == -9
    assert not os.listdir(scratch)


def test_a_process_that_ends_leaves_no_folder_behind(scratch):
    done = apart(own("conda_kernel"), after="server.call('time:sleep', 3600)", TMPDIR=scratch)
    assert done.stdout.split() == ["True", "False"]
    assert done.returncode == 0
    assert not os.listdir(scratch)


def test_sockets_lie_where_their_paths_are_not_too_long(tmp_path):
    long = tmp_path / ("x" * 60)
    long.mkdir()
    code = "print(os.path.dirname(os.path.dirname(server.connection_file())))"
    done = apart(own("conda_kernel"), after=code, TMPDIR=str(long))
    assert done.stdout.split() == ["True", "False", "/tmp"]


def test_imports_that_leave_threads_running_are_not_forked(tmp_path):
    (tmp_path / "threading_at_import.py").write_text(
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    )
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import threading_at_import")]
    )
    path = tmp_path / "threads.ipynb"
    nbformat.write(notebook, path)
    reason = cold(path, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert "left threads running" in reason


def test_a_fork_server_that_dies_means_cold_kernels(tmp_path):
    """As one would whose imports end the process, or for which there is no memory."""
    (tmp_path / "ends_at_import.py").write_text("import os\nos._exit(1)\n")
    path = tmp_path / "ends.ipynb"
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import ends_at_import")]), path
    )
    reason = cold(path, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert reason == "the fork server is gone"


def test_a_fork_server_that_is_killed_is_replaced():
    code = (
        "import psutil\n"
        "    for child in psutil.Process().children():\n"
        "        if 'multiprocessing.forkserver' in child.cmdline()[-1]: child.kill()\n"
        "    __import__('time').sleep(1)\n"
        "    print(server.call('time:sleep', 0).wait(60), server.call('time:sleep', '').wait(60))"
    )
    assert apart(own("conda_kernel"), after=code).stdout.split() == ["True", "False", "0", "1"]


def test_a_warm_up_that_fails_means_cold_kernels():
    reason = cold(NOTEBOOK, before="fork_server.WARM_UP = 'analysis.paths:warm_up'")
    assert "analysis.paths:warm_up failed (AttributeError" in reason


def test_a_fork_server_that_cannot_start_means_cold_kernels():
    code = (
        "from multiprocessing import forkserver\n"
        "def fail(): raise OSError(12, 'Cannot allocate memory')\n"
        "forkserver.ensure_running = fail"
    )
    reason = cold(own("small"), before=code)
    assert reason == "the fork server cannot be started (Cannot allocate memory)"


def test_a_folder_that_cannot_be_made_means_cold_kernels():
    code = (
        "import tempfile\n"
        "def fail(**_): raise FileNotFoundError(2, 'No such file or directory')\n"
        "tempfile.mkdtemp = fail"
    )
    assert "cannot be started (No such file" in cold(own("small"), before=code)


def test_another_fork_server_means_cold_kernels():
    code = "import multiprocessing.forkserver as other; other.ensure_running()"
    assert "another fork server" in cold(own("small"), before=code)


def test_without_fork_kernels_are_cold(monkeypatch):
    monkeypatch.delattr(os, "fork")
    with ForkServer([own("small")]) as started:
        assert not started.usable
        assert "not forked on this system" in started.cold


def test_a_folder_named_like_ours_does_not_stand_in(tmp_path):
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis" / "__init__.py").write_text("raise SystemExit('not ours')")
    done = apart(own("conda_kernel"), cwd=tmp_path, PYTHONSAFEPATH="1")
    assert done.stdout.split() == ["True", "False"]


def test_a_report_begun_as_the_run_ends_starts_no_kernel(article):
    started = ForkServer([own("small")])
    started.close()
    with pytest.raises(ReportError, match="the run is being ended"):
        run("small", article, server=started)
    with pytest.raises(OSError, match="the run is being ended"):
        started.call("time:sleep", 0)


def test_a_report_that_waits_for_the_fork_server_as_the_run_ends_starts_no_kernel(article):
    class Waiting(ForkServer):
        @property
        def usable(self):
            self.close()  # by another thread, while its imports are waited for
            return False

    with pytest.raises(ReportError, match="the run is being ended"):
        run("small", article, server=Waiting([own("small")]))


def test_imports_are_those_of_the_top_level(tmp_path):
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("import a.b as c, d\nfrom e import f\nif c:\n    import g"),
            nbformat.v4.new_code_cell("%matplotlib inline\nimport h"),
            nbformat.v4.new_markdown_cell("import i"),
        ]
    )
    nbformat.write(notebook, tmp_path / "n.ipynb")
    assert imports(tmp_path / "n.ipynb") == {"a.b", "d", "e", "e.f"}


def test_the_warm_up_loads_what_a_report_needs_and_opens_no_session(server):
    """Nor does it leave a thread, else `server` would not be usable."""
    modules = ["spacy", "seaborn", "onnxruntime", "papermill"]
    code = f"[name in __import__('sys').modules for name in {modules}]"
    assert server.ask("builtins:eval", code, seconds=300) == [True, True, False, False]


def test_kernels_keep_no_history():
    assert "--HistoryManager.enabled=False" in KERNEL_ARGUMENTS
