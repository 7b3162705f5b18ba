"""The whole way: a table in, Parquet out, over a Dask scheduler."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from distributed import Client, LocalCluster
from distributed.comm import CommClosedError

import analysis as cp
from analysis.cli import main
from analysis.corpus import loading, sections, tables
from analysis.errors import AnalysisError, ParameterError
from analysis.frames import CORPUS, SCHEMAS
from analysis.scale import corpus, work
from analysis.scale.corpus import score_corpus
from analysis.scale.store import Store
from analysis.scoring.compare import across_articles
from tests.corpora import rows, write_jsonl

BAD = ['{"id": "cut', json.dumps({"id": "a1", "text": "Again."}), json.dumps({"text": " "})]
WAIT = 1800  # seconds; a busy machine takes long to start a process


@pytest.fixture(scope="module")
def cluster():
    """A scheduler and one worker thread in this process."""
    os.environ.setdefault("COUNTERPOINT_THREADS", "1")
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0"
        ) as local,
        Client(local),
    ):
        yield local.scheduler_address


@pytest.fixture
def run(cluster, tmp_path):
    """Score rows of a table into `out`, three a partition, with the word lists."""

    def call(found, **options):
        path = write_jsonl(tmp_path / "corpus.jsonl", found)
        options = {"scorer": "lexicon", "articles": 3, "cluster": cluster, **options}
        return score_corpus([path], tmp_path / "out.parquet", progress=False, **options)

    return call


def frames_of(out):
    return {name: pd.read_parquet(out / name) for name in CORPUS}


def plain(tmp_path, found, **options):
    """The frames that `score` gives of each text as a file of its own."""
    results = []
    for row in found:
        path = tmp_path / f"{row['id']}.txt"
        path.write_text(row["text"], encoding="utf-8")
        results.append(cp.score(cp.read(path), scorer="lexicon", **options))
    return {
        name: pd.concat([r.frames[name] for r in results], ignore_index=True) for name in SCHEMAS
    }


def same(found, expected):
    for name, frame in expected.items():
        frame = frame.reset_index(drop=True)
        pd.testing.assert_frame_equal(
            found[name].reset_index(drop=True), frame, check_dtype=False, check_exact=True
        )
        hashes = [pd.util.hash_pandas_object(f, index=False).sum() for f in (found[name], frame)]
        assert hashes[0] == hashes[1], name


def test_the_output_is_that_of_plain_score(run, tmp_path):
    good = rows(7)
    outcome = run([*good[:4], *BAD, *good[4:]])
    found = frames_of(outcome.out)
    same(found, plain(tmp_path, good))
    articles = found["articles"]
    assert list(articles["article_id"]) == [row["id"] for row in good]
    assert list(articles["month"][:3]) == ["2025-01", "2025-02", "2025-03"]
    assert list(articles["outlet"][:2]) == ["Herald", "Courier"]
    assert list(articles["targets"]) == [
        (found["comparison"]["article_id"] == name).sum() for name in articles["article_id"]
    ]
    rejected = found["rejected"].set_index("place")
    assert list(rejected.index) == [f"corpus.jsonl: line {n}" for n in (5, 6, 7)]
    assert rejected["reason"].str.startswith("found ").all()
    manifest = json.loads((outcome.out / "_manifest.json").read_text())
    assert (manifest["articles"], manifest["rejected"], manifest["partitions"]) == (7, 3, 4)
    assert manifest["rows"] == {name: len(frame) for name, frame in found.items()}


def test_named_targets_and_parameters_reach_every_article(run, tmp_path):
    good = rows(4)
    outcome = run(good, targets=("NATO", "grain"), seed=5, confidence_level=0.9)
    expected = plain(tmp_path, good, targets=("NATO", "grain"), seed=5, confidence_level=0.9)
    same(frames_of(outcome.out), expected)


def test_a_second_run_does_nothing_and_a_changed_row_its_partition(run, monkeypatch):
    found = rows(9)
    out = run(found).out
    again = run(found)
    assert (again.partitions, again.fresh) == (3, 3)
    before = {p: p.stat().st_mtime_ns for p in out.rglob("part-*")}
    found[4]["text"] += "\n\nComment: Once more."
    changed = run(found)
    assert changed.fresh == 2
    written = {p for p, t in before.items() if p.stat().st_mtime_ns != t}
    assert {p.stem for p in written} == {"part-000001"}
    assert len(written) == len(CORPUS) + 1


def test_a_shorter_input_leaves_nothing_of_the_longer_one(run):
    run(rows(9))
    outcome = run(rows(4))
    assert sorted(frames_of(outcome.out)["articles"]["article_id"]) == ["a0", "a1", "a2", "a3"]
    assert len(list((outcome.out / "_done").iterdir())) == 2


def test_an_aborted_run_goes_on_where_it_stopped(run, tmp_path, monkeypatch):
    found, scored = rows(12), []
    real = work.score_rows

    def stops(partition, *rest):
        scored.append(partition.number)
        if len(scored) == 3:
            raise OSError(28, "No space left on device")
        return real(partition, *rest)

    monkeypatch.setattr(work, "score_rows", stops)
    monkeypatch.setattr(corpus, "RETRIES", 0)
    monkeypatch.setattr(corpus, "AHEAD", 1)
    with pytest.raises(AnalysisError, match="No space left on device"):
        run(found)
    out = tmp_path / "out.parquet"
    assert not (out / "_manifest.json").exists()
    done = {p.stem for p in (out / "_done").iterdir()}
    assert len(done) == 2
    monkeypatch.setattr(work, "score_rows", lambda *a: scored.append(a[0].number) or real(*a))
    scored.clear()
    outcome = run(found)
    assert (outcome.fresh, len(scored)) == (2, 2)
    assert not {f"part-{number:06d}" for number in scored} & done
    same(frames_of(outcome.out), plain(tmp_path, found))


def test_other_parameters_are_refused_in_one_line_or_forced(run):
    run(rows(3))
    with pytest.raises(ParameterError, match="found a run with seed 0; expected 7") as caught:
        run(rows(3), seed=7)
    assert "--force" in str(caught.value)
    assert run(rows(3), seed=7, force=True).fresh == 0
    assert run(rows(3), seed=7).fresh == 1


def test_a_partition_that_fails_leaves_the_others_and_is_tried_anew(run, monkeypatch):
    real = work.score_rows

    def breaks(partition, *rest):
        if partition.number == 1:
            raise MemoryError("too much")
        return real(partition, *rest)

    monkeypatch.setattr(work, "score_rows", breaks)
    outcome = run(rows(8))
    assert list(outcome.failed) == [1]
    assert outcome.failed[1].startswith("corpus.jsonl: from line 4 on: the partition could not")
    assert outcome.counts["articles"] == 5
    assert outcome.manifest["failed"] == [outcome.failed[1]]
    monkeypatch.setattr(work, "score_rows", real)
    outcome = run(rows(8))
    assert (outcome.fresh, outcome.failed, outcome.counts["articles"]) == (2, {}, 8)


def test_nothing_but_bad_rows_is_an_empty_corpus(run):
    outcome = run([BAD[0], BAD[2], {"text": 7}])
    found = frames_of(outcome.out)
    assert {name: len(frame) for name, frame in found.items()} == {
        **dict.fromkeys(CORPUS, 0), "rejected": 3,
    }  # fmt: skip
    assert [str(kind) for kind in found["stances"].dtypes[["score", "abstained"]]] == [
        "float64", "bool",
    ]  # fmt: skip


def test_one_articles_defect_costs_that_article(run, monkeypatch):
    real = work.requests_for

    def breaks(article, *rest, **options):
        if article.article_id == "a1":
            raise RuntimeError("a defect")
        return real(article, *rest, **options)

    monkeypatch.setattr(work, "requests_for", breaks)
    found = frames_of(run(rows(3)).out)
    assert list(found["articles"]["article_id"]) == ["a0", "a2"]
    assert list(found["rejected"]["reason"]) == ["RuntimeError: a defect"]


def test_a_cluster_that_does_not_answer_is_one_line(run, monkeypatch):
    def silent(*args):
        raise TimeoutError

    monkeypatch.setattr(corpus, "_run", silent)
    with pytest.raises(AnalysisError, match=r"does not answer \(TimeoutError\); what is scored"):
        run(rows(1))


def test_a_worker_lost_as_it_warms_up_does_not_end_the_run(run, monkeypatch):
    register, calls = Client.register_plugin, []

    def lost_once(self, plugin):
        calls.append(plugin)
        if len(calls) == 1:
            raise CommClosedError("a worker is gone")
        return register(self, plugin)

    monkeypatch.setattr(Client, "register_plugin", lost_once)
    assert run(rows(2)).counts["articles"] == 2
    assert len(calls) == 2


def test_input_that_changes_while_it_is_read_is_told(run, monkeypatch):
    monkeypatch.setattr(work, "fingerprint", lambda *args: "another")
    with pytest.raises(AnalysisError, match="changed while it was read"):
        run(rows(2))


def test_equal_texts_are_parsed_and_scored_once_a_partition(run, monkeypatch):
    parsed, asked = [], []
    real = work.requests_for
    monkeypatch.setattr(
        work, "requests_for", lambda article, *a, **o: parsed.append(1) or real(article, *a, **o)
    )
    scorer = cp.score.__globals__["load"]("lexicon")
    predict = type(scorer).predict
    monkeypatch.setattr(
        type(scorer), "predict", lambda s, t, r: asked.append(list(r)) or predict(s, t, r)
    )
    wire = [row | {"text": rows(1)[0]["text"]} for row in rows(3)]
    out = run(wire).out
    work_calls = asked[-3:]  # the ones before warmed the worker up
    assert len(parsed) == 1
    assert all(len(set(call)) == len(call) for call in work_calls)
    found = frames_of(out)
    assert len(found["bias"]) > 3 * len(work_calls[-1]) - 3
    assert found["segments"].groupby("article_id")["text"].apply(tuple).nunique() == 1


def test_the_corpus_report_reads_what_it_shows_of_it(run, tmp_path):
    found = rows(12)
    out, options = run(found).out, {"targets": ["NATO", "Russia"]}
    read = loading.read_corpus(out, since="2025-02", until="2025-03", **options)
    late = [row for row in found if row["date"] >= "2025-02"]
    expected = plain(tmp_path, late, targets=())
    assert list(read.articles["name"]) == [row["id"] for row in late]
    assert list(read.articles["group"].unique()) == ["Courier", "Herald"]
    assert list(read.articles["date"].dt.strftime("%Y-%m-%d")) == [row["date"] for row in late]
    assert read.articles["comments"].sum() == len(expected["relations"]) > 0
    counts = expected["relations"]["label"].value_counts()
    for label in ("agree", "disagree", "neutral"):
        assert read.articles[label].sum() == counts.get(label, 0)
    pd.testing.assert_frame_equal(
        tables.overall(read), across_articles(expected["stances"], options["targets"])
    )
    assert set(read.stances["target"]) <= {"NATO", "Russia"}
    shown = [sections.opening(read), sections.disputed(read)]
    assert "differ in 8 articles" in str(shown[0].__html__())
    assert 'href="./' not in "".join(str(part.__html__()) for part in shown), "no page to lead to"
    unnamed = loading.read_corpus(out)
    assert len(unnamed.targets) > 2
    for wrong in (
        {"since": "2025-13"},
        {"until": "May"},
        {"group_by": "stem"},
        {"since": "2026-01"},
    ):
        with pytest.raises(AnalysisError):
            loading.read_corpus(out, **wrong)


def test_a_corpus_in_which_nothing_is_compared_has_a_report(run):
    read = loading.read_corpus(run(rows(3)).out)
    assert read.targets == ()
    assert "3 articles" in str(sections.provenance(read).__html__())


def test_a_corpus_says_where_its_texts_were_sent(run, monkeypatch):
    assert "sent" not in str(sections.provenance(loading.read_corpus(run(rows(3)).out)).__html__())
    info = replace(corpus.load("lexicon").info, sent_to="llm.example.org")
    monkeypatch.setattr(corpus, "load", lambda _: SimpleNamespace(info=info))
    read = loading.read_corpus(run(rows(3), force=True).out)
    assert "texts sent to llm.example.org" in str(sections.provenance(read).__html__())


def test_a_folder_of_something_else_and_a_second_run_are_refused(run, tmp_path):
    out = tmp_path / "out.parquet"
    out.mkdir()
    (out / "mine.txt").write_text("x")
    with pytest.raises(ParameterError, match="found something that is no scored corpus"):
        run(rows(1))
    assert [p.name for p in out.iterdir()] == ["mine.txt"]
    (out / "mine.txt").unlink()
    with Store(out).locked(), pytest.raises(ParameterError, match="found another run at work"):
        run(rows(1))


def test_no_scheduler_at_the_address_is_one_line(tmp_path, monkeypatch):
    path = write_jsonl(tmp_path / "c.jsonl", rows(1))
    monkeypatch.setattr(corpus, "CONNECT_TIMEOUT", "1s")
    with pytest.raises(ParameterError, match=r"tcp://127\.0\.0\.1:9: found no Dask scheduler"):
        score_corpus([path], tmp_path / "out", scorer="lexicon", cluster="tcp://127.0.0.1:9")


def test_the_command_says_what_it_did(cluster, tmp_path, capsys):
    path = write_jsonl(tmp_path / "c.jsonl", [*rows(2), "not JSON"])
    out = tmp_path / "out.parquet"
    words = ["score-corpus", str(path), "--out", str(out), "--cluster", cluster]
    with pytest.raises(SystemExit) as caught:
        main([*words, "--scorer", "lexicon"])
    said = capsys.readouterr()
    assert caught.value.code == 1
    assert said.out.strip() == str(out)
    assert "2 articles scored in 1 partitions; 1 rows rejected" in said.err
    assert "dashboard at" in said.err
    for wrong in (["-p", "article", "x"], ["--column", "text"], ["--scorer", "none"]):
        with pytest.raises(SystemExit) as caught:
            main([*words, *wrong])
        assert caught.value.code == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


# From here on with processes of their own.


def until(true, what):
    end = time.monotonic() + WAIT
    while not (found := true()):
        assert time.monotonic() < end, f"{what}: still waiting"
        time.sleep(0.2)
    return found


@pytest.mark.slow
def test_one_worker_is_killed_and_one_is_slow(tmp_path):
    found = [*rows(30), *BAD]
    path, out = write_jsonl(tmp_path / "corpus.jsonl", found), tmp_path / "out.parquet"

    def delay(seconds):
        import time

        from analysis.scale import work

        real = work.score_rows
        work.score_rows = lambda *args: time.sleep(seconds) or real(*args)

    with (
        LocalCluster(
            n_workers=3, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as local,
        Client(local) as control,
    ):
        pids = control.run(os.getpid)
        assert len(set(pids.values())) == 3
        slow, killed, _ = pids
        control.run(delay, 3, workers=[slow])
        control.run(delay, 3 * WAIT, workers=[killed])  # it ends none: what it has is lost
        outcomes = []
        options = {"scorer": "lexicon", "articles": 3, "cluster": local.scheduler_address}
        thread = threading.Thread(
            target=lambda: outcomes.append(score_corpus([path], out, progress=False, **options))
        )
        thread.start()
        until(lambda: list(out.glob("_done/*.json")), "the first partition")
        lost = until(lambda: control.processing()[killed], "a task on the one to be killed")
        os.kill(pids[killed], signal.SIGKILL)
        thread.join(WAIT)
        assert outcomes, "the run did not end"
    assert any("score-partition" in key for key in lost)
    assert (outcomes[0].partitions, outcomes[0].failed) == (11, {})
    tables = frames_of(out)
    assert len(tables["rejected"]) == 3
    same(tables, plain(tmp_path, rows(30)))


@pytest.fixture
def start_worker():
    """Start workers without a nanny, which now and then fails to start another one."""
    started = []

    def start(address):
        command = [sys.executable, "-m", "dask", "worker", address, "--no-nanny"]
        command += ["--nthreads", "1", "--no-dashboard"]
        started.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()
        worker.wait()


@pytest.mark.slow
def test_workers_are_killed_at_ten_moments(tmp_path, start_worker):
    path, rng = write_jsonl(tmp_path / "corpus.jsonl", rows(12)), random.Random(5)
    expected = plain(tmp_path, rows(12))
    with (
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0") as local,
        Client(local) as control,
    ):
        address = local.scheduler_address
        workers = [start_worker(address), start_worker(address)]
        options = {"scorer": "lexicon", "articles": 1, "cluster": address}
        control.wait_for_workers(2, WAIT)
        score_corpus([path], tmp_path / "first.parquet", progress=False, **options)  # warm
        begun = time.monotonic()
        score_corpus([path], tmp_path / "timed.parquet", progress=False, **options)
        lasts = time.monotonic() - begun

        def replace(place):
            workers[place].kill()
            workers[place] = start_worker(address)

        for number in range(10):
            control.wait_for_workers(2, WAIT)
            timer = threading.Timer(rng.uniform(0, lasts), replace, [rng.randrange(2)])
            timer.start()
            out = tmp_path / f"{number}.parquet"
            outcome = score_corpus([path], out, progress=False, **options)
            timer.join()
            assert (outcome.partitions, outcome.failed) == (12, {})
            same(frames_of(out), expected)


@pytest.mark.slow
def test_a_run_that_is_killed_is_resumed_with_what_was_left(tmp_path):
    path, out = write_jsonl(tmp_path / "corpus.jsonl", rows(12)), tmp_path / "out.parquet"
    words = [sys.executable, "-m", "analysis", "score-corpus", str(path), "--out", str(out)]
    words += ["--scorer", "lexicon", "--workers", "1", "--partition-articles", "2"]
    first = subprocess.Popen(words, start_new_session=True, stderr=subprocess.DEVNULL)
    until(lambda: len(list(out.glob("_done/*.json"))) >= 2, "two partitions")
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    done = {p: p.stat().st_mtime_ns for p in out.glob("_done/*.json")}
    assert 2 <= len(done) < 6
    second = subprocess.run([*words, "--json"], capture_output=True, text=True, timeout=WAIT)
    assert second.returncode == 0, second.stderr
    assert f"6 partitions, {len(done)} of them whole before" in second.stderr
    assert all(path.stat().st_mtime_ns == time for path, time in done.items())
    assert json.loads(second.stdout)["articles"] == 12
    assert not list(out.rglob(".making-*"))
    same(frames_of(out), plain(tmp_path, rows(12)))
