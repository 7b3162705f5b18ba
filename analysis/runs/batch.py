"""Many reports: only what is out of date, some at a time, and none stops the others.

plan -> score all -> make the reports -> corpus report and index -> the run's record
"""

import contextlib
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from analysis.atomic import UNFINISHED
from analysis.errors import AnalysisError, ParameterError, ReportError, one_line, unwritten
from analysis.interruption import Interrupted
from analysis.params import ReportParams
from analysis.readers.formats import is_table
from analysis.runs import runlog
from analysis.runs.corpus_page import CORPUS, CORPUS_NAME, update_corpus_page
from analysis.runs.execution import Running
from analysis.runs.index import METHOD, links, write_index
from analysis.runs.outcomes import Outcome, Run, failure, record_row
from analysis.runs.plan import Reason, ReportRequest, Step, plan_all
from analysis.runs.progress import Progress
from analysis.runs.publish import remove, report
from analysis.runs.reading import table_ids
from analysis.runs.redaction import Secrets, refuse_in_parameters
from analysis.scorers import DEFAULT_SCORER, load, onnx_runtime
from analysis.scorers.cache import ScoreCache

if TYPE_CHECKING:
    from analysis.runs.ahead import ScoringAhead
    from analysis.runs.fork_server import ForkServer

LOCK = ".counterpoint.lock"
UNFINISHED_REPORT = f"{UNFINISHED}run-"
LOCK_TIMEOUT = 5.0  # seconds that a second run waits for the first
MIN_FORKED = 2  # reports from which a fork server costs less than it saves
MAX_JOBS = 8
LEAST_ADDRESSES = 2_000_000 * 1024  # bytes; a report took all of 1,600,000 KB and failed
SCORES_KEPT = (
    Reason.NOTEBOOK, Reason.MISSING, Reason.FORCED, Reason.GROUPING, Reason.NO_MANIFEST,
    Reason.ADDRESS,
)  # fmt: skip


@dataclass(frozen=True)
class Options:
    """How a run is done.

    Attributes:
        jobs: reports made at a time; 0: one per core, at most `MAX_JOBS`.
        force: whether what is up to date is made again.
        seconds: that a report may take; 0: no limit.
        memory: bytes that a kernel may take beyond what it starts with; 0: no limit.
        fork: whether kernels are forked from a server whose imports are done, where possible.
        xlsx: whether each report gets an Excel workbook of its tables.
        secrets: values that no output may show, by the variable's name.
        corpus: the corpus report's parameters; none: it is not made.
    """

    jobs: int = 0
    force: bool = False
    seconds: float = 900
    memory: int = 4096 * 2**20
    fork: bool = True
    xlsx: bool = False
    secrets: Secrets = field(default_factory=dict, repr=False)
    corpus: dict[str, Any] | None = None


def run(
    requests: Sequence[ReportRequest],
    out: Path,
    options: Options = Options(),
    *,
    tell: Callable[[Outcome], None] = lambda outcome: None,
    progress: Progress | None = None,
) -> Run:
    """Make the reports that are out of date, then the corpus report, the index and the record.

    A report is up to date, and left as it is, if the input, the parameters, the
    notebook, our code, the packages and the scorer's version are those of its manifest.
    A folder has one run at a time; what a killed run left in it is removed.

    Args:
        requests: the reports.
        out: their folder; made where missing.
        options: how.
        tell: called with each outcome as soon as it is known.
        progress: where the run's progress is shown.

    Raises:
        ParameterError: a parameter is wrong for all, the folder cannot be written to, or a process
            may have too little memory.
        ReportError: another run works on the folder.
    """
    _refuse_little_memory()
    for request in requests:
        given = request.params.model_dump(exclude={"article", "original"})
        refuse_in_parameters(given, options.secrets)
    with _locked(out), progress or Progress(len(requests), shown=False) as shown:
        for left in out.glob(f"{UNFINISHED}*"):
            if left.name.startswith(UNFINISHED_REPORT) or left.is_file():
                remove(left)
        return _Runner(out, options, tell, shown).run(requests)


def _refuse_little_memory() -> None:
    """Refuse a limit on addresses under which OpenBLAS asks for memory forever."""
    if sys.platform == "win32":
        return
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY and limit < LEAST_ADDRESSES:
        raise ParameterError(
            f"ulimit -v: found {limit // 1024:,} KB; expected at least "
            f"{LEAST_ADDRESSES // 1024:,} for a report, raise it or bound reports with --memory"
        )


@contextlib.contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Hold a folder's lock, which the system releases however the process ends."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = FileLock(out / LOCK)
        lock.acquire(timeout=LOCK_TIMEOUT)
    except Timeout:
        raise ReportError(
            f"{out}: found another run at work on it; wait until it ends or use another --out"
        ) from None
    except OSError as error:
        made = "written to" if out.is_dir() else "made a folder"
        raise ParameterError(
            f"{out}: cannot be {made} ({error.strerror}); give another one with --out"
        ) from None
    try:
        yield
    finally:
        lock.release()


class _Runner:
    """One run; its methods are the phases, in order."""

    def __init__(
        self, out: Path, options: Options, tell: Callable[[Outcome], None], progress: Progress
    ) -> None:
        self.out, self.options, self.progress = out, options, progress
        self._tell = tell
        self.begun, self.started = time.monotonic(), runlog.utc_now()
        self.before = runlog.read_record(out)
        self.result = Run()
        self.steps: list[Step] = []

    def run(self, requests: Sequence[ReportRequest]) -> Run:
        self.progress.reading()
        self.steps = plan_all(requests, self.out, force=self.options.force)
        todo = [step for step in self.steps if step.why]
        ended = False
        if todo:
            self._write_record(ended=False)
        try:
            for step in self.steps:
                if step.error is not None:
                    self._done(failure(step, step.error))
                elif not step.why:
                    self._done(Outcome(step, self.out / f"{step.request.name}.html", fresh=True))
            self._read_tables(todo)
            with self._server(todo) as server:
                with contextlib.closing(self._score(todo, server)) as ahead:
                    self._make(todo, server, ahead)
                self._corpus(server)
            self._index()
            ended = True
        except KeyboardInterrupt:
            raise Interrupted(self._interrupted()) from None
        finally:
            self._write_record(ended=ended)
        return self.result

    def _interrupted(self) -> str:
        """Return what was done and what was not, in one line."""
        states = Counter(outcome.state for outcome in self.result.outcomes)
        counts = ", ".join(f"{states[state]} {state}" for state in ("up to date", "failed"))
        left = len(self.steps) - states.total()
        return (
            f"interrupted: {states['made']} of {len(self.steps)} reports made, {counts}, {left} "
            "not reached; the same command makes the rest"
        )

    def _running(self, server: "ForkServer") -> Running:
        return Running(
            server=server,
            seconds=self.options.seconds,
            secrets=self.options.secrets,
            keep_failed=True,
            making=UNFINISHED_REPORT,
            links=links(self.out, corpus=self.options.corpus is not None),
        )

    def _done(self, outcome: Outcome) -> None:
        self.result.outcomes.append(outcome)
        self.progress.finished(
            outcome.article, outcome.state, outcome.seconds, len(self.result.failed)
        )
        self._tell(outcome)

    def _read_tables(self, todo: Sequence[Step]) -> None:
        """Read each table of which several articles are needed, unless it was read already."""
        sides = [side for step in todo for side in step.request.params.sides]
        needed = Counter(side.article for side in sides if is_table(side.article))
        several = [side for side in sides if needed[side.article] > 1]
        for whole in dict.fromkeys(side.model_copy(update={"article_id": ""}) for side in several):
            table_ids(
                whole.article, whole, seconds=self.options.seconds, memory=self.options.memory
            )

    def _forks(self, todo: Sequence[Step]) -> bool:
        return self.options.fork and len(todo) >= MIN_FORKED

    def _server(self, todo: Sequence[Step]) -> "ForkServer":
        """Return a fork server, cold where it saves no time: for the corpus report alone."""
        from analysis.runs.fork_server import ForkServer

        if not self._forks(todo):
            return ForkServer([], cold="there is no need")
        notebooks = [step.request.notebook for step in todo]
        if self.options.corpus is not None:
            notebooks.append(CORPUS)
        self.progress.phase("starting")
        return ForkServer(notebooks, memory=self.options.memory)

    def _score(self, todo: Sequence[Step], server: "ForkServer") -> "ScoringAhead":
        """Begin to score the reports' rows in a process of its own."""
        from analysis.runs.ahead import ScoringAhead
        from analysis.scorers.smaller import smaller_model_note

        every = {
            key: side
            for step in todo
            if self._forks(todo) and _scores_anew(step) and _keeps_scores(step.request.params)
            for key, side in step.request.sides.items()
        }
        if every:
            self.progress.phase("scoring", 0, len(every))
        embedded = sum(params.scorer == DEFAULT_SCORER for params in every.values())
        if line := smaller_model_note(DEFAULT_SCORER, embedded, explained=True):
            self.progress.say(line)
        return ScoringAhead(
            every,
            lambda given: server.prescore(given),
            self.out / f"{UNFINISHED}scored",
            seconds=self.options.seconds,
            tell=lambda done: self.progress.phase("scoring", done, len(every)),
            say=self.progress.say,
        )

    def _make(self, todo: Sequence[Step], server: "ForkServer", ahead: "ScoringAhead") -> None:
        """Make the reports, some at a time, and pass on each outcome as it is known.

        Args:
            todo: what to make.
            server: starts the kernels.
            ahead: scores their rows; a report waits for its own.
        """
        running = self._running(server)
        jobs = self.options.jobs or cores()
        pool = ThreadPoolExecutor(jobs, thread_name_prefix="report")
        done: set[Future[Outcome]] = set()
        waiting: set[Future[Outcome]] = set()
        left = iter(todo)
        try:
            while True:
                # few are handed over at a time, so that a run's memory does not grow with it
                while len(waiting) < 2 * jobs and (step := next(left, None)):
                    waiting.add(pool.submit(_report_one, step, self.out, running, ahead))
                if not waiting:
                    break
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                while done:
                    self._done(done.pop().result())
        finally:
            # where some wait the run is being ended: none may begin while its kernels go
            pool.shutdown(wait=False, cancel_futures=True)
            if waiting:
                server.close()
            ahead.close()
            pool.shutdown()
            ended = [f.result() for f in (*done, *waiting) if f.done() and not f.cancelled()]
            self.result.outcomes += [outcome for outcome in ended if outcome.path is not None]

    def _corpus(self, server: "ForkServer") -> None:
        """Make the report on all reports of the folder, if any of them has changed."""
        if self.options.corpus is None:
            return
        try:
            self.result.corpus = update_corpus_page(
                self.out,
                self.options.corpus,
                self._running(server),
                force=self.options.force,
                starting=lambda: self.progress.phase("comparing all"),
            )
        except AnalysisError as error:
            self.result.faults.append(f"{CORPUS_NAME}: {one_line(error)}")

    def _index(self) -> None:
        """Write the pages on the method and of all reports, where there is a report."""
        try:
            if self.result.corpus or any(outcome.path for outcome in self.result.outcomes):
                self._method()
                write_index(self.out)
        except AnalysisError as error:
            self.result.faults.append(one_line(error))

    def _method(self) -> None:
        """Write the page on the method, unless nothing was made since it was."""
        if (self.out / METHOD).exists() and all(o.fresh for o in self.result.outcomes):
            return
        from analysis.runs.method import write_method  # slow to import

        write_method(self.out)

    def _write_record(self, *, ended: bool) -> None:
        if all(step.error is not None for step in self.steps):
            return  # no input can be used: the errors are reported, and nothing is written
        known = {id(outcome.step): outcome for outcome in self.result.outcomes}
        rows = [record_row(step, known.get(id(step))) for step in self.steps]
        runlog.mark_failing_since(rows, self.before, self.started)
        record = runlog.record(
            rows,
            started=self.started,
            seconds=time.monotonic() - self.begun,
            ended=ended,
            note=" ".join(self.result.faults),
        )
        try:
            runlog.write(self.out, record)
        except OSError as error:
            fault = unwritten(self.out / runlog.RECORD, error)
            if fault not in self.result.faults:
                self.result.faults.append(fault)


def cores() -> int:
    """Return how many reports are made at a time by default."""
    return min(onnx_runtime.cores(), MAX_JOBS)


def _report_one(step: Step, out: Path, running: Running, ahead: "ScoringAhead") -> Outcome:
    request = step.request
    for key in request.sides:
        ahead.wait(key)
    begun = time.monotonic()
    try:
        path = report(
            request.params, out, notebook=request.notebook, stem=request.name,
            base_url=request.base_url, running=running, manifest=step.state,
        )  # fmt: skip
        return Outcome(step, path, seconds=time.monotonic() - begun)
    except Exception as error:  # whatever it is, the other articles go on
        return failure(step, error, time.monotonic() - begun)


def _keeps_scores(params: ReportParams) -> bool:
    """Return whether the scorer keeps a cache, so that a kernel finds what was scored ahead."""
    return load(params.scorer).info.cached and ScoreCache.default().folder is not None


def _scores_anew(step: Step) -> bool:
    """Return whether a report may need scores that were not cached when it was last made."""
    return any(change.reason not in SCORES_KEPT for change in step.why)
