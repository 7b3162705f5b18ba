"""What a night brings: kills, full and read-only disks, hanging notebooks, vanished articles.

The runs are the command's own, in processes of their own; afterwards a rerun completes,
nothing is half, and what was finished is kept.
"""

import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "tests" / "notebooks"
KILLS = 10
PATIENCE = 600  # seconds; a machine may be busy with other things
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="signals, mounts and /proc"),
]


def site(folder, notebook, texts, **options):
    """Write articles and a site file that has a small notebook run on them."""
    (folder / "in").mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / "in" / f"{name}.txt").write_text(text)
    lines = [
        "articles: in/*.txt",
        f"notebook: {NOTEBOOKS / notebook}.ipynb",
        "parameters: {scorer: lexicon}",
        "corpus: false",
        *(f"{name}: {value}" for name, value in options.items()),
    ]
    (folder / "site.yaml").write_text("\n".join(lines) + "\n")


def command(folder, *words):
    return [sys.executable, "-m", "analysis", "report", "--site", str(folder / "site.yaml"), *words]


ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "COUNTERPOINT_CACHE": "off"}


def run(folder, *words):
    done = subprocess.run(
        command(folder, *words), capture_output=True, text=True, cwd=folder, env=ENVIRONMENT
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def start(folder, *words, scratch=""):
    environment = ENVIRONMENT | ({"TMPDIR": str(scratch)} if scratch else {})
    return subprocess.Popen(
        command(folder, *words), cwd=folder, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def check_whole(out):
    """Return the finished reports; fail where a page, a folder or a record is half."""
    finished = {}
    for path in out.iterdir() if out.exists() else ():
        if path.name.startswith("."):
            continue  # unfinished, and swept at the next start
        if path.suffix == ".html":
            assert path.read_text().rstrip().endswith("</html>"), path
        elif path.suffix in (".json", ".ipynb"):
            json.loads(path.read_text())
        elif path.is_dir():
            state = json.loads((path / "manifest.json").read_text())
            assert {"words.csv", "small.ipynb", f"{path.name}.svg"} <= set(state["files"])
            for name in state["files"]:
                assert (path / name).exists(), name
            json.loads((path / "small.ipynb").read_text())
            page = path.with_suffix(".html")
            if page.exists():
                same = hashlib.sha256(page.read_bytes()).hexdigest() == state["page"]
                finished[path.name] = (state["article"], same)
    return finished


def children_are_gone(before):
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        left = [p for p in before if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
        if not left:
            return True
        time.sleep(0.2)
    return False


@pytest.fixture
def scratch():
    """A folder of a short name: sockets will lie in it."""
    with tempfile.TemporaryDirectory(dir="/tmp", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def test_kill_at_ten_random_moments(tmp_path, scratch):
    rng = random.Random(7)
    names = [f"a{n}" for n in range(6)]
    site(tmp_path, "small", dict.fromkeys(names, "It rained all day.\n"), jobs=2)
    out = tmp_path / "reports"
    begun = time.monotonic()
    assert run(tmp_path).returncode == 0
    lasts = time.monotonic() - begun
    kept = check_whole(out)
    assert set(kept) == set(names)
    assert all(same for _, same in kept.values())
    for number in range(KILLS):
        for name in rng.sample(names, 3):
            (tmp_path / "in" / f"{name}.txt").write_text(f"It rained on day {number}.\n")
        process = start(tmp_path, scratch=scratch)
        time.sleep(rng.uniform(0.1, lasts))
        below = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.communicate()
        assert children_are_gone(below), "a kernel outlived its run"
        ends = time.monotonic() + PATIENCE
        while list(scratch.glob("pymp-*")):
            assert time.monotonic() < ends, "the fork server removes the folder"
            time.sleep(0.2)
        assert set(check_whole(out)) == set(names), "a finished report was lost"
    done = run(tmp_path)
    assert done.returncode == 0
    found = check_whole(out)
    for name in names:
        digest = hashlib.sha256((tmp_path / "in" / f"{name}.txt").read_bytes()).hexdigest()
        assert found[name] == (digest, True)
    assert not list(out.glob(".making-*"))
    assert not list(out.glob("*.failed.ipynb"))
    assert run(tmp_path, "--dry-run").stdout.count("up to date") == len(names)


def test_a_process_killed_at_ten_late_moments_fails_its_report_at_most(tmp_path):
    rng, names = random.Random(3), ["a", "b", "c"]
    site(tmp_path, "small", dict.fromkeys(names, "It rained."), jobs=2)
    begun = time.monotonic()
    assert run(tmp_path).returncode == 0
    lasts = time.monotonic() - begun
    for _ in range(KILLS):
        process = start(tmp_path, "--force")
        time.sleep(rng.uniform(0.5 * lasts, 0.95 * lasts))
        below = []
        with contextlib.suppress(psutil.Error):
            below = psutil.Process(process.pid).children(recursive=True)
        if below:
            with contextlib.suppress(psutil.Error):
                rng.choice(below).kill()  # the fork server, a tracker or a kernel
        _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode in (0, 1)
        assert "Traceback" not in err
        assert set(check_whole(tmp_path / "reports")) == set(names)
    assert run(tmp_path, "--force").returncode == 0


def test_a_killed_kernel_is_one_failure(tmp_path):
    site(tmp_path, "hangs", {"a": "hang", "b": "fine", "c": "fine"}, jobs=1)
    process = start(tmp_path)
    runner = psutil.Process(process.pid)
    # of the runner's child, the fork server, the one child that sleeps for an hour
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        kernels = {k for w in runner.children() for k in w.children()}
        if kernels and (tmp_path / "reports" / "run.json").exists():
            time.sleep(3)  # whoever read the article has ended by then
            kernels &= {k for w in runner.children() for k in w.children()}
            if kernels:
                kernels.pop().send_signal(signal.SIGKILL)
                break
        time.sleep(0.1)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, err
    assert "in/a.txt" in err
    assert "DeadKernelError" in err
    record = json.loads((tmp_path / "reports" / "run.json").read_text())
    assert record["counts"]["made"] == 2
    (tmp_path / "in" / "a.txt").write_text("fine")
    assert run(tmp_path).returncode == 0
    assert not list((tmp_path / "reports").glob("*.failed.ipynb"))


def test_a_notebook_that_hangs_is_one_failure(tmp_path):
    site(tmp_path, "hangs", {"a": "hang", "b": "fine"}, timeout=3)
    done = run(tmp_path)
    assert done.returncode == 1
    assert "CellTimeoutError" in done.stderr
    assert "in/a.txt" in done.stderr
    assert "cell 3" in done.stderr
    assert {p.name for p in (tmp_path / "reports").glob("*.*") if p.name[0] != "."} == {
        "a.failed.ipynb", "b.html", "index.html", "method.html", "run.json", "summary.html",
    }  # fmt: skip


def test_an_article_that_vanishes_in_between_is_one_failure(tmp_path):
    texts = {"a": "It rained.", "b": "It rained.", "z": "It rained."}
    site(tmp_path, "removes_z", texts, jobs=1)
    done = run(tmp_path)
    assert done.returncode == 1
    assert "z.txt: no such file" in done.stderr
    assert len(done.stdout.split()) == 2
    assert run(tmp_path).returncode == 0, "it is no longer listed"


@pytest.fixture
def small_disk(tmp_path):
    """Mount a disk of three megabytes; only root may."""
    place = tmp_path / "reports"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], capture_output=True
    )
    if made.returncode:
        pytest.skip(f"cannot mount a small disk: {made.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_says_so(tmp_path, small_disk):
    site(tmp_path, "fills_disk", {"a": "It rained.", "b": "fill"}, jobs=1)
    done = run(tmp_path)
    assert done.returncode == 1
    assert "in/b.txt" in done.stderr
    assert "No space left on device" in done.stderr
    assert (small_disk / "a.html").read_text().rstrip().endswith("</html>")
    assert not (small_disk / "b.html").exists()
    assert not list(small_disk.glob(".making-*"))
    subprocess.run(["mount", "-o", "remount,size=90m", str(small_disk)], check=True)
    assert run(tmp_path).returncode == 0


def test_a_disk_that_is_full_from_the_start(tmp_path, small_disk):
    (small_disk / "filler").write_bytes(b"x" * (3 * 2**20 - 8192))
    site(tmp_path, "small", {"a": "It rained.", "b": "It rained."})
    done = run(tmp_path)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert not {"a.html", "b.html", "a", "b"} & {p.name for p in small_disk.iterdir()}
    (small_disk / "filler").unlink()
    assert run(tmp_path).returncode == 0
    assert set(check_whole(small_disk)) == {"a", "b"}


def test_a_read_only_folder_is_told(tmp_path, small_disk):
    site(tmp_path, "small", {"a": "It rained."})
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    done = run(tmp_path)
    assert done.returncode == 2
    assert "cannot be written to" in done.stderr
    assert done.stderr.count("\n") == 1
    assert run(tmp_path, "--dry-run").returncode == 0, "a dry run writes nothing"
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert run(tmp_path).returncode == 0


def processes_of(folder):
    """Return the processes, of whatever parent, that were started for a folder's run."""
    marked = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("NIGHT") == str(folder):
                marked.append(process)
    return [p for p in marked if p.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("signal_sent", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_signal_ends_a_run_in_order_and_says_what_was_done(tmp_path, signal_sent, jobs):
    site(tmp_path, "hangs", {"a": "fine", "b": "hang", "c": "hang"}, jobs=jobs)
    process = subprocess.Popen(
        command(tmp_path), cwd=tmp_path, env=ENVIRONMENT | {"NIGHT": str(tmp_path)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    ends = time.monotonic() + PATIENCE
    while not (tmp_path / "reports" / "a.html").exists() and time.monotonic() < ends:
        time.sleep(0.1)
    time.sleep(1)
    os.killpg(process.pid, signal_sent)  # as a terminal does, to all of its group
    _, err = process.communicate(timeout=PATIENCE)
    assert not processes_of(tmp_path), "the fork server is gone when the command is"
    assert process.returncode == 130
    *progress, last = err.splitlines()
    assert last == (
        "counterpoint: interrupted: 1 of 3 reports made, 0 up to date, 0 failed, 2 not reached; "
        "the same command makes the rest"
    )
    assert all(line.startswith(("starting", "[1/3] made ")) for line in progress), err
    record = json.loads((tmp_path / "reports" / "run.json").read_text())
    assert record["ended"] is None
    assert record["counts"]["made"] == 1
    assert not list((tmp_path / "reports").glob(".making-*"))
    assert not list((tmp_path / "reports").glob("*.failed.ipynb"))


def catches_sigterm(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return int(caught, 16) >> (signal.SIGTERM - 1) & 1


@pytest.mark.parametrize("words", [["report", "--site", "site.yaml"], ["score", "in/a.txt"]])
def test_a_signal_at_any_early_moment_is_one_line(tmp_path, words):
    site(tmp_path, "small", {"a": "It rained."})  # one alone is not forked
    for number in range(10):
        process = subprocess.Popen(
            [sys.executable, "-m", "analysis", *words], cwd=tmp_path, stderr=subprocess.PIPE,
            env=ENVIRONMENT | {"NIGHT": str(tmp_path)}, text=True, start_new_session=True,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        while not catches_sigterm(process):  # the interpreter itself starts
            time.sleep(0.01)
        time.sleep(number / 3)
        os.killpg(process.pid, (signal.SIGINT, signal.SIGTERM)[number % 2])
        time.sleep(0.05)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)  # an impatient user's second one
        _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130, err
        assert err.startswith("counterpoint: interrupted"), err
        assert err.count("\n") == 1, err
        assert not processes_of(tmp_path)
        shutil.rmtree(tmp_path / "reports", ignore_errors=True)


def under(wrapper, folder, *words, **variables):
    """Run the command under another one that sets limits, user or variables."""
    done = subprocess.run(
        [*wrapper, sys.executable, "-m", "analysis", *words], cwd=folder, text=True,
        capture_output=True, env=ENVIRONMENT | variables,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.mark.parametrize("kilobytes", [200_000, 300_000, 400_000, 500_000])
def test_too_little_memory_is_one_line(tmp_path, kilobytes):
    site(tmp_path, "small", {"a": "The mayor said on Monday that it rained."})
    wrapper = ["sh", "-c", f'ulimit -v {kilobytes}; exec "$@"', "sh"]
    done = under(wrapper, tmp_path, "score", "in/a.txt", "--scorer", "lexicon")
    if done.returncode:
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith("counterpoint: memory ran out")
    else:
        assert kilobytes > 300_000, "what the libraries alone need"


LARGE = {
    "line.txt": "The mayor blamed NATO. " * 43_000,
    "comments.txt": "It rained.\n\n" + "Comment: x\n\n" * 20_000,
    "rows.csv": "article_id,text,comment\n" + "a,It rained.,No\n" * 100_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_an_article_too_large_for_its_time_fails_alone(tmp_path, name):
    (tmp_path / name).write_text(LARGE[name])
    (tmp_path / "a.txt").write_text("It rained.\n\nComment: No.\n")
    done = under(
        [], tmp_path, "report", name, "a.txt", "--out", "out", "-p", "scorer", "lexicon",
        "--timeout", "60",
    )  # fmt: skip
    assert (tmp_path / "out" / "a.html").exists(), done.stderr
    told = [line for line in done.stderr.splitlines() if line.startswith(f"counterpoint: {name}: ")]
    made = (tmp_path / "out" / f"{name.partition('.')[0]}.html").exists()
    assert done.returncode == (0 if made else 1)
    assert made or len([line for line in told if "; expected" in line]) == 1, done.stderr


def test_too_few_addresses_for_a_report_are_one_line(tmp_path):
    site(tmp_path, "small", {"a": "It rained."})
    wrapper = ["sh", "-c", 'ulimit -v 1200000; exec "$@"', "sh"]
    done = under(wrapper, tmp_path, "report", "in/a.txt", "--out", "out")
    assert done.returncode == 2
    assert done.stderr.startswith("counterpoint: ulimit -v: found 1,200,000 KB; expected at least")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_user_without_home_or_temporary_folder_can_run_what_root_installed(scratch):
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("only root may become another user")
    site(scratch, "small", {"a": "It rained.", "b": "It rained."})
    scratch.chmod(0o755)
    out = scratch / "out"
    out.mkdir()
    os.chown(out, 65534, 65534)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    runs = "import os, sys, analysis; sys.exit(not os.access(sys.executable, os.X_OK))"
    if subprocess.run([*nobody, sys.executable, "-c", runs], env=ENVIRONMENT).returncode:
        pytest.skip("nobody but root may read this environment")
    done = under(
        nobody, scratch, "report", "--site", "site.yaml", "--out", str(out),
        HOME="/nonexistent", TMPDIR="/nonexistent", COUNTERPOINT_CACHE="",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") == 3, done.stderr  # it starts, and each report is made
    assert set(check_whole(out)) == {"a", "b"}


def test_a_folder_that_is_removed_in_mid_run_is_made_again(tmp_path):
    names = ["a", "b", "c", "d"]
    site(tmp_path, "small", dict.fromkeys(names, "It rained."), jobs=1)
    process = start(tmp_path)
    ends = time.monotonic() + PATIENCE
    while not (tmp_path / "reports" / "a.html").exists() and time.monotonic() < ends:
        time.sleep(0.1)
    shutil.rmtree(tmp_path / "reports", ignore_errors=True)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode in (0, 1)
    assert "Traceback" not in err
    assert run(tmp_path).returncode == 0
    assert set(check_whole(tmp_path / "reports")) == set(names)


def test_a_second_run_on_the_folder_is_refused_and_hurts_nothing(tmp_path):
    site(tmp_path, "hangs", {"a": "hang", "b": "fine"}, timeout=0, jobs=2)
    first = start(tmp_path)
    ends = time.monotonic() + PATIENCE
    while not (tmp_path / "reports" / "b.html").exists() and time.monotonic() < ends:
        time.sleep(0.1)
    second = run(tmp_path)
    assert second.returncode == 2
    assert "another run at work" in second.stderr
    assert first.poll() is None
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=PATIENCE)
    assert (tmp_path / "reports" / "b.html").exists()
    (tmp_path / "in" / "a.txt").write_text("fine")
    assert run(tmp_path).returncode == 0


def test_the_folder_may_be_moved_and_goes_on(tmp_path):
    site(tmp_path, "small", {"a": "It rained.", "b": "It rained."})
    assert run(tmp_path).returncode == 0
    shutil.move(tmp_path / "reports", tmp_path / "elsewhere")
    done = run(tmp_path, "--out", str(tmp_path / "elsewhere"), "--dry-run")
    assert done.stdout.count("up to date") == 2
