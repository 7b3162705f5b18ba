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
from analysis.runs import kernels as warming
from analysis.runs import publish as reporting
from analysis.runs.kernels import Warm, imports
from analysis.runs.publish import NOTEBOOK, Running, execute, publish, report

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "tests" / "notebooks"
pytestmark = pytest.mark.skipif(not warming._forks(), reason="kernels are not forked here")


def own(name):
    return NOTEBOOKS / f"{name}.ipynb"


@pytest.fixture(scope="module")
def warm():
    with Warm([own("small"), own("draws")]) as started:
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


def test_outputs_and_files_equal_those_of_a_cold_kernel(warm, article):
    warm_run = run("small", article, warm=warm)
    files = {p.name: p.read_bytes() for p in article.with_name("tables").iterdir()}
    cold_run = run("small", article)
    assert outputs(warm_run) == outputs(cold_run)
    assert {p.name: p.read_bytes() for p in article.with_name("tables").iterdir()} == files
    assert set(files) == {"words.csv", "a.svg"}
    assert [c.source for c in warm_run.cells] == [c.source for c in cold_run.cells]
    assert warm_run.metadata.language_info == cold_run.metadata.language_info


def test_the_report_of_an_article_is_the_same_to_the_character(tmp_path):
    """But for the minute at which it was made."""
    params = report_params(article="seeds/000_9da5be969268c11d.txt", scorer="lexicon")
    with Warm([NOTEBOOK]) as started:
        cold = report(params, tmp_path / "cold")
        assert started.usable, started.cold
        forked = report(params, tmp_path / "warm", running=Running(warm=started))
    assert timeless(cold) == timeless(forked)
    made = {p.name for p in forked.with_suffix("").iterdir()}
    assert made == {p.name for p in cold.with_suffix("").iterdir()}
    for name in made - {NOTEBOOK.name}:
        one, other = (page.with_suffix("") / name for page in (cold, forked))
        assert timeless(one) == timeless(other), name


def timeless(path):
    """Return a file's bytes but for the minute at which it was made."""
    return re.sub(rb"\d{4}-\d\d-\d\d( \d\d:\d\d UTC)?", b"WHEN", path.read_bytes())


def test_nothing_leaks_from_one_report_to_the_next(warm, article, tmp_path):
    """The notebook itself fails where it finds what an earlier run of it left behind."""
    other = tmp_path / "b.txt"
    other.write_text("It snowed.\n")
    first = publish(own("small"), given(article, tmp_path / "x"), tmp_path / "out" / "a",
                    title="a", running=Running(warm=warm))  # fmt: skip
    second = publish(own("small"), given(other, tmp_path / "x"), tmp_path / "out" / "b",
                     title="b", running=Running(warm=warm))  # fmt: skip
    drawn = [sorted(p.name for p in page.with_suffix("").glob("*.svg")) for page in (first, second)]
    assert drawn == [["a.svg"], ["b.svg"]], "figures never share a folder"


def test_kernels_draw_numbers_of_their_own_and_pictures_as_ever(warm, article):
    runs = [run("draws", article, warm=warm) for _ in range(2)]
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
def test_a_kernel_that_dies_is_one_failure_with_its_cell(warm, article, forked):
    article.write_text("die")
    with pytest.raises(ReportError) as raised:
        run("dies", article, warm=warm if forked else None)
    assert "dies.ipynb: cell 4: the notebook could not be executed (DeadKernelError" in str(
        raised.value
    )
    article.write_text("live")
    assert outputs(run("dies", article, warm=warm))[-1]


def test_a_notebook_that_hangs_is_ended_with_its_kernel(warm, article):
    article.write_text("hang")
    before = {p.pid for p in psutil.Process().children(recursive=True)}
    with pytest.raises(ReportError, match=r"cell 3: .*CellTimeoutError.*--timeout"):
        run("hangs", article, warm=warm, seconds=2)
    ends = time.monotonic() + 300
    while {p.pid for p in psutil.Process().children(recursive=True)} - before:
        assert time.monotonic() < ends, "a kernel was left behind"
        time.sleep(0.2)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="RLIMIT_DATA is Linux'")
def test_a_kernel_that_eats_memory_is_one_failure(warm, article, monkeypatch):
    article.write_text("eat")
    monkeypatch.setattr(warm, "memory", 400 * 2**20)
    with pytest.raises(ReportError, match=r"cell 3 failed with MemoryError.*--memory"):
        run("eats_memory", article, warm=warm)
    article.write_text("fast")
    assert outputs(run("eats_memory", article, warm=warm))[-1]


def test_a_failed_notebook_is_kept_with_its_cause_until_it_succeeds(warm, article, tmp_path):
    final, keep = tmp_path / "out" / "a", Running(warm=warm, keep_failed=True)
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


def test_a_secret_that_a_notebook_shows_is_not_published(warm, article, tmp_path, monkeypatch):
    monkeypatch.setenv("NEWS_KEY", "hunter2hunter2")
    keep = Running(warm=warm, keep_failed=True, secrets={"NEWS_KEY": "hunter2hunter2"})
    final = tmp_path / "out" / "a"
    with pytest.raises(ReportError, match="variable NEWS_KEY"):
        publish(own("shows_secret"), given(article, tmp_path / "x"), final, title="a", running=keep)
    assert list(final.parent.iterdir()) == []


def test_progress_bars_leave_no_lines_and_no_dead_widgets(warm, article):
    notebook = run("bars", article, warm=warm)
    assert [kind for cell in outputs(notebook) for kind, *_ in cell] == ["execute_result"]
    assert "widgets" not in notebook.metadata


def test_the_kernels_name_is_passed_always(warm, article):
    """A notebook saved in a conda environment names a kernel that is nowhere else."""
    notebook = run("conda_kernel", article, warm=warm)
    assert outputs(notebook)[-1][0][3]["text/plain"] == str(len(str(article)))
    assert notebook.metadata.kernelspec.name == "conda-env-elsewhere-py"


def test_sockets_lie_where_their_paths_are_not_too_long(tmp_path, monkeypatch):
    long = tmp_path / ("x" * 60)
    long.mkdir()
    monkeypatch.setattr(warming.tempfile, "tempdir", str(long))
    assert warming._short_folder() == "/tmp"
    monkeypatch.setattr(warming.tempfile, "tempdir", "/var/tmp")
    assert warming._short_folder() == "/var/tmp"


def test_a_connection_is_private(warm):
    assert Path(warm.connection_file()).parent.stat().st_mode & 0o077 == 0


LAST_WORDS = """
import os, signal, sys
from pathlib import Path
from analysis.runs import kernels as warm
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
{when}
with warm.Warm([Path(sys.argv[1])]) as started:
    started.usable
    die()
"""


@pytest.mark.parametrize(
    "when",
    [
        "warm.Warm._send = die",  # the warm process runs, and was asked for nothing
        "warm.threading.Thread = die",  # while it imports
        "",
    ],
)
def test_whoever_is_killed_leaves_no_folder_behind(tmp_path, when):
    with tempfile.TemporaryDirectory(dir="/tmp") as scratch:
        done = subprocess.run(
            [sys.executable, "-c", LAST_WORDS.format(when=when), str(own("conda_kernel"))],
            env=os.environ | {"TMPDIR": scratch, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )  # the warm process holds stderr, so this waits for its end
        assert done.returncode == -9
        assert not done.stderr
        assert not os.listdir(scratch)


def test_imports_that_leave_threads_running_are_not_forked(tmp_path, monkeypatch, article):
    (tmp_path / "threading_at_import.py").write_text(
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    )
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import threading_at_import")]
    )
    path = tmp_path / "threads.ipynb"
    nbformat.write(notebook, path)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")
    with Warm([path]) as started:
        assert not started.usable
        assert "left threads running" in started.cold


def test_a_warm_process_that_is_gone_means_cold_kernels():
    with Warm([own("conda_kernel")]) as started:
        assert started.usable
        os.kill(started._process.pid, 9)
        started._process.wait()
        started._reader.join(10)
        assert not started.usable
        assert "gone" in started.cold
        with pytest.raises(OSError, match=r"gone|pipe"):
            started.kernel([], cwd="/", env={})


def test_a_report_begun_as_the_run_ends_starts_no_kernel(article):
    started = Warm([own("small")])
    started.close()
    with pytest.raises(ReportError, match="the run is being ended"):
        run("small", article, warm=started)


def test_a_report_that_waits_for_the_warm_process_as_the_run_ends_starts_no_kernel(article):
    class Waiting(Warm):
        @property
        def usable(self):
            self.close()  # by another thread, while its imports are waited for
            return False

    with pytest.raises(ReportError, match="the run is being ended"):
        run("small", article, warm=Waiting([own("small")]))


def test_without_fork_kernels_are_cold(monkeypatch):
    monkeypatch.delattr(os, "fork")
    with Warm([own("small")]) as started:
        assert not started.usable
        assert "not forked on this system" in started.cold


def test_a_rehearsal_that_fails_means_cold_kernels(monkeypatch):
    monkeypatch.setattr(warming, "REHEARSAL", "analysis.paths")
    with Warm([NOTEBOOK]) as started:
        assert not started.usable
        assert "analysis.paths:rehearse failed (AttributeError" in started.cold


def test_a_warm_process_that_cannot_start_means_cold_kernels(monkeypatch):
    monkeypatch.setattr(warming.subprocess, "Popen", fail)
    with Warm([own("small")]) as started:
        assert not started.usable
        assert "cannot be started" in started.cold
        assert not started.closed, "its run goes on"


def test_a_folder_that_cannot_be_made_means_cold_kernels(monkeypatch, tmp_path, capfd):
    monkeypatch.setattr(warming, "_short_folder", lambda: str(tmp_path / "nowhere"))
    with Warm([own("small")]) as started:
        assert not started.usable
        assert "no folder can be made for it (No such file" in started.cold
    assert not capfd.readouterr().err


def fail(*args, **kwargs):
    raise OSError(12, "Cannot allocate memory")


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


def test_a_folder_named_like_ours_does_not_stand_in(tmp_path, monkeypatch):
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis" / "__init__.py").write_text("raise SystemExit('not ours')")
    monkeypatch.chdir(tmp_path)
    with Warm([own("conda_kernel")]) as started:
        assert started.usable, started.cold


def test_the_warm_process_has_one_thread_of_pythons_and_no_session(tmp_path):
    """A lock that a thread held at a fork would stay locked in the kernel for ever."""
    code = (
        "import sys, threading; from analysis.runs.warmup import rehearse; rehearse(); "
        "print(threading.active_count(), 'onnxruntime' in sys.modules, 'papermill' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False", "False"]


def test_kernels_keep_no_history():
    assert "--HistoryManager.enabled=False" in reporting.KERNEL_ARGUMENTS
