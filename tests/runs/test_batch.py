import contextlib
import itertools
import json
import os
import shutil
import threading
import time

import pytest
from filelock import FileLock

from analysis.errors import InputError, ParameterError, ReportError
from analysis.params import report_params
from analysis.report.provenance import MANIFEST
from analysis.runs import ahead, batch, corpus_page, plan
from analysis.runs.batch import Options
from analysis.runs.fork_server import ForkServer
from analysis.runs.plan import Change, Reason, ReportRequest
from analysis.runs.progress import Progress
from analysis.runs.publish import write_manifest
from analysis.scorers import smaller
from analysis.scorers.embedded import EmbeddedScorer
from analysis.types import Task


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "in" / "a.txt"
    path.parent.mkdir()
    path.write_text("It rained all day.\n\nComment: It did not.\n")
    return path


@pytest.fixture
def made(monkeypatch):
    """Stand in for the notebook's run, which test_report covers: keep what was asked."""
    asked = []

    def report(params, out, *, stem, manifest, **_):
        asked.append(params.article)
        if params.article.endswith("broken.txt"):
            raise InputError(f"{params.article}: line 1:\nfound no text")
        if params.article.endswith("defect.txt"):
            raise ZeroDivisionError("by zero")
        if params.article.endswith("dead.txt"):
            raise ReportError("article-report.ipynb: cell 4: the kernel died")
        path, folder = out / f"{stem}.html", out / stem
        folder.mkdir(exist_ok=True)
        path.write_text("whole")
        write_manifest(folder, path, manifest)
        return path

    monkeypatch.setattr(batch, "report", report)
    return asked


def requests_of(articles, **values):
    values = {"scorer": "lexicon"} | values
    return [ReportRequest(report_params(article=str(article), **values)) for article in articles]


def run(articles, out, *, values=None, **options):
    options = Options(fork=False, **options)
    return batch.run(requests_of(articles, **(values or {})), out, options)


def outcomes(*args, **kwargs):
    return run(*args, **kwargs).outcomes


def test_one_failure_does_not_stop_the_others(made, article, tmp_path):
    broken, defect, dead = (tmp_path / f"{n}.txt" for n in ("broken", "defect", "dead"))
    for path in (broken, defect, dead):
        path.write_text("It rained.")
    done = run([broken, defect, dead, article], tmp_path / "out", jobs=2)
    by_name = {o.article.rpartition("/")[2]: o for o in done.outcomes}
    assert by_name["a.txt"].path == tmp_path / "out" / "a.html"
    assert by_name["broken.txt"].unusable
    assert by_name["broken.txt"].error.endswith("line 1: found no text")
    assert by_name["defect.txt"].error == f"{defect}: ZeroDivisionError: by zero"
    assert not by_name["defect.txt"].unusable
    assert not by_name["dead.txt"].unusable
    assert by_name["dead.txt"].error.startswith(f"{dead}: "), "the message names the article"
    assert len(done.failed) == 3


def test_a_report_that_is_up_to_date_is_not_made_again(made, article, tmp_path):
    out = tmp_path / "out"
    assert not outcomes([article], out)[0].fresh
    assert outcomes([article], out)[0].fresh
    assert len(made) == 1
    assert not outcomes([article], out, force=True)[0].fresh
    assert not outcomes([article], out, values={"seed": 7})[0].fresh
    article.write_text("It rained all night.\n\nComment: No.\n")
    assert not outcomes([article], out, values={"seed": 7})[0].fresh
    (out / "a.html").unlink()
    assert not outcomes([article], out, values={"seed": 7})[0].fresh
    assert len(made) == 5


def test_times_in_the_future_change_no_verdict(made, article, tmp_path):
    out = tmp_path / "out"
    assert not outcomes([article], out)[0].fresh
    future = time.time() + 10 * 365 * 86_400
    for path in [out, article, *out.rglob("*")]:
        os.utime(path, (future, future))
    assert outcomes([article], out)[0].fresh
    article.write_text("It rained all night.\n\nComment: No.\n")
    os.utime(article, (0, 0))  # older than what was made of it
    assert not outcomes([article], out)[0].fresh
    assert outcomes([article], out)[0].fresh
    assert len(made) == 2


def test_a_clock_set_back_in_mid_run_loses_nothing(made, article, tmp_path, monkeypatch):
    other = article.with_name("b.txt")
    other.write_text("It snowed.\n\nComment: It did not.\n")
    now, hours = time.time(), itertools.count()
    monkeypatch.setattr(time, "time", lambda: now - 3600 * next(hours))
    years = itertools.count(2026, -1)
    monkeypatch.setattr(batch.runlog, "utc_now", lambda: f"{next(years)}-01-01T00:00:00Z")
    out = tmp_path / "out"
    assert [o.state for o in outcomes([article, other], out, jobs=2)] == ["made", "made"]
    assert next(hours) or next(years) < 2025, "the clock was read"
    assert [o.state for o in outcomes([article, other], out)] == ["up to date"] * 2
    assert sorted(p.name for p in out.glob("?.html")) == ["a.html", "b.html"]


def test_the_page_of_all_reports_is_written_at_the_end(made, article, tmp_path):
    out, other = tmp_path / "out", tmp_path / "broken.txt"
    other.write_text("It rained.")
    run([other], out)
    assert not (out / "index.html").exists()
    run([article, other], out)
    index = (out / "index.html").read_text()
    assert 'href="a.html"' in index
    assert 'href="method.html"' in index
    assert "How to cite" in (out / "method.html").read_text()


def test_an_index_that_cannot_be_written_is_told(made, article, tmp_path):
    (tmp_path / "out" / "index.html").mkdir(parents=True)
    done = run([article], tmp_path / "out")
    assert done.outcomes[0].path
    assert "index.html: the index could not be written" in done.faults[0]


def test_touching_one_of_many_makes_one_again(made, article, tmp_path):
    articles = [article.with_name(f"{n}.txt") for n in range(20)]
    for path in articles:
        path.write_text(f"It rained on day {path.stem}.")
    run(articles, tmp_path / "out")
    articles[7].write_text("It snowed.")
    before = len(made)
    done = run(articles, tmp_path / "out")
    assert made[before:] == [str(articles[7])]
    assert [o.article for o in done.outcomes if not o.fresh] == [str(articles[7])]
    assert {o.step.why for o in done.outcomes} == {(), (Change(Reason.INPUT),)}


def test_the_second_of_two_articles_of_one_name_fails_alone(made, article, tmp_path):
    other, third = tmp_path / "A.txt", tmp_path / "b.txt"
    for path in (other, third):
        shutil.copy(article, path)
    done = run([article, other, third], tmp_path / "out")
    assert made == [str(article), str(third)]
    (failed,) = done.failed
    assert failed.article == str(other)
    assert "would share its name with" in str(failed.error)
    rows = json.loads((tmp_path / "out/run.json").read_text())["articles"]
    assert [row["state"] for row in rows] == ["made", "failed", "made"]


@pytest.mark.parametrize("record", ["[" * 100_000, '{"articles": [{"article": [1]}, 3]}', "[]"])
def test_a_damaged_record_of_the_last_run_is_passed_over(made, article, tmp_path, record):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/run.json").write_text(record)
    missing = tmp_path / "missing.txt"
    done = run([article, missing], tmp_path / "out")
    assert [outcome.path is not None for outcome in done.outcomes].count(True) == 1
    rows = json.loads((tmp_path / "out/run.json").read_text())["articles"]
    assert rows[1]["failing_since"]


def test_output_that_is_a_file(made, article, tmp_path):
    (tmp_path / "out").write_text("x")
    with pytest.raises(ParameterError, match="cannot be made a folder"):
        run([article], tmp_path / "out")


def test_the_report_of_another_article_is_not_written_over(made, article, tmp_path):
    other = tmp_path / "a.txt"
    other.write_text("It snowed.")
    run([article], tmp_path / "out")
    (outcome,) = outcomes([other], tmp_path / "out")
    assert "is the report of" in outcome.error
    assert "--force" in outcome.error
    assert outcomes([other], tmp_path / "out", force=True)[0].path


@pytest.mark.parametrize("values", [{"aliases": "/nonexistent"}, {"scorer": "hub:/nonexistent"}])
def test_unusable_parameters_are_told_from_failures(made, article, tmp_path, values):
    (outcome,) = outcomes([article], tmp_path / "out", values=values)
    assert outcome.unusable
    assert "expected" in outcome.error
    assert not (tmp_path / "out" / "run.json").exists()


def test_two_runs_on_one_folder_do_not_collide(made, article, tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "LOCK_TIMEOUT", 0.1)
    out = tmp_path / "out"
    out.mkdir()
    with FileLock(out / batch.LOCK), pytest.raises(ReportError, match="another run at work"):
        run([article], out)
    assert made == []
    assert run([article], out).failed == []


def test_a_second_run_waits_a_little_for_the_first(made, article, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    lock = FileLock(out / batch.LOCK, thread_local=False)
    lock.acquire()
    threading.Timer(0.3, lock.release).start()
    assert run([article], out).failed == []


def test_leftovers_of_a_killed_run_are_removed_at_the_next_start(made, article, tmp_path):
    out = tmp_path / "out"
    left = out / f"{batch.UNFINISHED_REPORT}x" / "tables"
    left.mkdir(parents=True)
    (left / "half.csv").write_text("half")
    others = out / ".making-evaluation"
    others.mkdir()
    run([article], out)
    assert not left.parent.exists()
    assert others.exists(), "another command's, which may be at work"


def test_the_record_holds_every_article_and_is_whole_before_and_after(made, article, tmp_path):
    out = tmp_path / "out"
    dead = tmp_path / "dead.txt"
    dead.write_text("It rained.")
    during = []
    requests = requests_of([article, dead])
    batch.run(
        requests, out, Options(fork=False, jobs=1),
        tell=lambda _: during.append(json.loads((out / "run.json").read_text())),
    )  # fmt: skip
    assert during[0]["ended"] is None
    assert during[0]["counts"]["not reached"] == 2
    record = json.loads((out / "run.json").read_text())
    assert record["ended"]
    assert record["counts"] == {"made": 1, "up to date": 0, "failed": 1, "not reached": 0}
    by_name = {row["name"]: row for row in record["articles"]}
    assert by_name["a"]["why"] == ["new"]
    assert len(by_name["a"]["hashes"]["article"]) == 64
    assert "the kernel died" in by_name["dead"]["error"]
    since = by_name["dead"]["failing_since"]
    batch.run(requests, out, Options(fork=False))
    again = json.loads((out / "run.json").read_text())
    assert again["counts"]["up to date"] == 1
    assert {row["name"]: row for row in again["articles"]}["dead"]["failing_since"] == since
    assert sorted(p.name for p in out.iterdir() if not p.name.startswith(".")) == [
        "a", "a.html", "index.html", "method.html", "run.json", "summary.html",
    ]  # fmt: skip


def test_a_record_that_cannot_be_written_is_told(made, article, tmp_path):
    out = tmp_path / "out"
    (out / "run.json").mkdir(parents=True)
    done = run([article], out)
    assert done.outcomes[0].path
    assert "run.json: cannot be written" in done.faults[0]


def test_an_interrupted_run_keeps_what_is_finished(made, article, tmp_path):
    articles = [article.with_name(f"{n}.txt") for n in range(6)]
    for path in articles:
        path.write_text("It rained.")
    out = tmp_path / "out"

    def stop(outcome):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.run(requests_of(articles), out, Options(fork=False, jobs=1), tell=stop)
    record = json.loads((out / "run.json").read_text())
    assert record["ended"] is None
    assert 0 < record["counts"]["not reached"] < 6
    finished = len(list(out.glob("*.html"))) - 1  # the summary
    before = len(made)
    assert not run(articles, out).failed
    assert len(made) - before == 6 - finished


def test_an_interrupted_run_begins_no_other_report_while_its_kernels_go(
    made, article, tmp_path, monkeypatch
):
    """The report at work fails with its kernel, which leaves its worker free for the next."""
    texts = [article.with_name(f"{n}.txt") for n in range(4)]
    for path in texts:
        path.write_text("It rained.")
    stand_in, begun, gone = batch.report, threading.Event(), threading.Event()

    def report(params, *args, **kwargs):
        if params.article == str(texts[1]):
            begun.set()
            assert gone.wait(60)
            raise ReportError("the kernel died")
        return stand_in(params, *args, **kwargs)

    class Closing:
        usable = False

        def close(self):
            gone.set()
            time.sleep(0.3)  # as long as it takes the worker to turn to the next report

    waited, waits = batch.wait, []

    def wait(futures, **how):
        waits.append(len(futures))
        if len(waits) == 2:  # the first is finished and told, one is at work, one waits
            assert begun.wait(60)
            raise KeyboardInterrupt
        return waited(futures, **how)

    monkeypatch.setattr(batch, "report", report)
    monkeypatch.setattr(batch, "wait", wait)
    monkeypatch.setattr(batch._Runner, "_server", lambda *_: contextlib.nullcontext(Closing()))
    with pytest.raises(KeyboardInterrupt):
        batch.run(requests_of(texts), tmp_path / "out", Options(jobs=1))
    assert waits == [2, 2]
    assert made == [str(texts[0])]
    counts = json.loads((tmp_path / "out" / "run.json").read_text())["counts"]
    assert (counts["made"], counts["not reached"]) == (1, 3)


def test_memory_of_waiting_reports_is_bounded(made, article, tmp_path, monkeypatch):
    """Few reports are handed to the pool at a time, however many there are."""
    submitted = []
    real = batch.ThreadPoolExecutor.submit

    def submit(self, *args):
        submitted.append(self._work_queue.qsize())
        return real(self, *args)

    monkeypatch.setattr(batch.ThreadPoolExecutor, "submit", submit)
    articles = [article.with_name(f"{n}.txt") for n in range(30)]
    for path in articles:
        path.write_text("It rained.")
    run(articles, tmp_path / "out", jobs=2)
    assert len(submitted) == 30
    assert max(submitted) <= 4


def test_secrets_are_refused_as_parameters_before_anything_is_written(made, article, tmp_path):
    with pytest.raises(ParameterError, match="environment variable NEWS_KEY") as raised:
        run(
            [article],
            tmp_path / "out",
            values={"targets": ["hunter2hunter2"]},
            secrets={"NEWS_KEY": "hunter2hunter2"},
        )
    assert "hunter2" not in str(raised.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"article": "0"}, "input changed"),
        ({"parameters": {"seed": 3}}, "parameter changed: "),
        ({"parameters": None}, "parameter changed: all"),
        ({"notebook": "0"}, "notebook changed"),
        ({"code": "0"}, "package changed"),
        ({"versions": {"pandas": "1"}}, "version changed: "),
        ({"scorer": "lexicon 0"}, "weights changed"),
        ({"about": {"outlet": "x"}}, "grouping changed"),
        ({"base_url": "https://example.org/"}, "base URL changed"),
        ({"files": ["gone.csv"]}, "missing: gone.csv"),
        ({"page": "0"}, "a.html is not the page that was made"),
    ],
)
def test_plan_says_why(made, article, tmp_path, change, why):
    out = tmp_path / "out"
    (request,) = requests_of([article])
    assert reasons(request, out) == ["new"]
    run([article], out)
    assert plan.plan(request, out).why == ()
    manifest = out / "a" / MANIFEST
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | change))
    (reason,) = reasons(request, out)
    assert reason.startswith(why)
    assert reasons(request, out, force=True) == ["forced"]
    manifest.write_text("{")
    assert reasons(request, out) == ["its manifest is gone"]


def reasons(request, out, **options):
    return [str(change) for change in plan.plan(request, out, **options).why]


def test_plan_names_the_parameter_and_the_missing_page(made, article, tmp_path):
    out = tmp_path / "out"
    run([article], out)
    (request,) = requests_of([article], seed=4, targets=["NATO"])
    assert reasons(request, out) == ["parameter changed: targets, seed"]
    (out / "a.html").unlink()
    (request,) = requests_of([article])
    assert reasons(request, out) == ["missing: a.html"]


def test_an_article_that_would_take_the_index_pages_place_is_refused(made, article, tmp_path):
    index = article.rename(article.with_name("Index.txt"))
    (step,) = plan.plan_all(requests_of([index]), tmp_path / "out")
    assert "the place of the index page" in str(step.error)
    assert not (tmp_path / "out").exists()


def test_jobs_are_run_at_a_time(article, tmp_path, monkeypatch):
    together = threading.Barrier(2, timeout=20)

    def report(params, out, **_):
        together.wait()
        return out / "x.html"

    monkeypatch.setattr(batch, "report", report)
    other = article.with_name("b.txt")
    other.write_text("It rained.")
    assert run([article, other], tmp_path / "out", jobs=2).failed == []


def test_an_up_to_date_night_is_quick(made, article, tmp_path):
    """Counted and not timed: nothing is read twice that is the same for all articles."""
    articles = [article.with_name(f"{n}.txt") for n in range(50)]
    for path in articles:
        path.write_text("It rained.")
    run(articles, tmp_path / "out")
    plan.code.cache_clear()
    plan._versions.cache_clear()
    run(articles, tmp_path / "out")
    assert plan.code.cache_info().misses == 1
    assert plan._versions.cache_info().misses == 1


def test_cores_are_those_of_this_process():
    assert 1 <= batch.cores() <= batch.MAX_JOBS
    assert batch.cores() <= (os.cpu_count() or 1)


def test_lock_is_let_go_when_a_run_ends(made, article, tmp_path):
    run([article], tmp_path / "out")
    begun = time.monotonic()
    with FileLock(tmp_path / "out" / batch.LOCK, timeout=0):
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("scorer", "cached"),
    [("embedded", True), ("embedded-small", True), ("embedded:{}", True), ("lexicon", False)],
)
def test_only_scorers_with_a_cache_score_ahead(monkeypatch, tmp_path, tiny_folder, scorer, cached):
    params = report_params(article="a.txt", scorer=scorer.format(tiny_folder))
    assert not batch._keeps_scores(params), "the tests turn the cache off"
    monkeypatch.setenv("COUNTERPOINT_CACHE", str(tmp_path))
    assert batch._keeps_scores(params) == cached


def test_a_run_says_where_the_small_model_would_be_quicker(monkeypatch, made, article, tmp_path):
    class NoneAhead:
        def __init__(self, *_, **__): ...
        def wait(self, key): ...
        def close(self): ...

    asked, said = [], []

    def note(scorer, articles, *, explained):
        asked.append((scorer, articles, explained))
        return "embedded-small is there"

    monkeypatch.setattr(smaller, "smaller_model_note", note)
    monkeypatch.setattr(ahead, "ScoringAhead", NoneAhead)
    monkeypatch.setattr(batch, "_keeps_scores", lambda params: True)
    cold = ForkServer([])
    monkeypatch.setattr(batch._Runner, "_server", lambda *_: contextlib.nullcontext(cold))
    monkeypatch.setattr(Progress, "say", lambda self, line: said.append(line))
    others = [article.with_name(f"{n}.txt") for n in range(2)]
    for path in others:
        path.write_text("It rained.")
    requests = requests_of([article, *others], scorer="embedded")
    batch.run([*requests[:2], *requests_of(others[1:])], tmp_path / "out", Options())
    assert asked == [("embedded", 2, True)]
    assert said == ["embedded-small is there"]


def test_rows_of_a_recalibrated_folder_are_scored_ahead(
    monkeypatch, made, article, tmp_path, own_folder
):
    monkeypatch.setenv("COUNTERPOINT_CACHE", str(tmp_path / "scores"))

    cold = ForkServer([])  # never started, as where there is no Linux
    monkeypatch.setattr(batch._Runner, "_server", lambda *_: contextlib.nullcontext(cold))
    monkeypatch.setattr(batch, "MIN_FORKED", 1)
    monkeypatch.setattr(ahead, "PATIENCE", 600.0)  # however busy the machine is
    requests = requests_of([article], scorer=f"embedded:{own_folder}")
    batch.run(requests, tmp_path / "out", Options())
    scorer = EmbeddedScorer(own_folder)
    scorer.predict(Task.BIAS, [("It rained all day.",)])
    assert scorer.counts["cached"] == 1
    state = plan.read_manifest(tmp_path / "out" / "a")
    assert state["model"] == "tiny"
    assert state["scorer"] == f"embedded:{own_folder} {scorer.info.version}"


@pytest.mark.parametrize(
    ("why", "anew"),
    [
        ([Reason.NEW], True),
        ([Reason.INPUT], True),
        ([Reason.NOTEBOOK, Reason.MISSING], False),
        ([Reason.NOTEBOOK, Reason.WEIGHTS], True),
        ([Reason.PARAMETERS], True),
    ],
)
def test_a_report_scored_before_is_not_read_again(article, why, anew):
    (request,) = requests_of([article])
    assert batch._scores_anew(plan.Step(request, tuple(map(Change, why)))) is anew


@pytest.fixture
def compared(monkeypatch):
    """Stand in for the corpus notebook's run."""
    calls = []

    def publish(notebook, given, final, *, title, running, manifest):
        calls.append(given)
        if given["group_by"] == "broken":
            raise ReportError("corpus-report.ipynb: cell 3 failed")
        final.mkdir(exist_ok=True)
        page = final.with_suffix(".html")
        page.write_text("all")
        write_manifest(final, page, manifest)
        return page

    monkeypatch.setattr(corpus_page, "publish", publish)
    return calls


def test_the_corpus_report_is_made_once_and_again_when_a_report_is(
    made, compared, article, tmp_path
):
    out, corpus = tmp_path / "out", {"group_by": "outlet"}
    first = run([article], out, corpus=corpus)
    assert first.corpus == out / "corpus-report.html"
    assert compared == [
        {"reports": str(out), "before": str(out / "corpus-report"), "group_by": "outlet"}
    ]
    assert run([article], out, corpus=corpus).corpus == first.corpus
    assert len(compared) == 1, "nothing had changed"
    run([article], out, corpus={"group_by": "desk"})
    run([article], out, corpus={"group_by": "desk"}, force=True)
    assert len(compared) == 3
    (out / "corpus-report.html").unlink()
    run([article], out, corpus={"group_by": "desk"})
    assert len(compared) == 4
    assert run([article], out).corpus is None


def test_a_corpus_report_that_fails_is_told_and_the_reports_stay(made, compared, article, tmp_path):
    done = run([article], tmp_path / "out", corpus={"group_by": "broken"})
    assert done.failed == []
    assert done.corpus is None
    assert done.faults == ["corpus-report: corpus-report.ipynb: cell 3 failed"]
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert "cell 3 failed" in record["note"]


def test_no_reports_no_corpus_report(made, compared, tmp_path):
    broken = tmp_path / "broken.txt"
    broken.write_text("It rained.")
    assert run([broken], tmp_path / "out", corpus={"group_by": "outlet"}).corpus is None
    assert compared == []
