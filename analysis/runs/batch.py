"""Many reports: only what is out of date, some at a time, and none stops the others.

plan -> score all -> make the reports -> corpus report and index -> the run's record
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from analysis.atomic import UNFINISHED
from analysis.errors import AnalysisError, ParameterError, ReportError, one_line
from analysis.params import ReportParams
from analysis.paths import NOTEBOOKS
from analysis.report.provenance import MANIFEST
from analysis.runs import runlog
from analysis.runs.index import write_index
from analysis.runs.plan import (
    Item,
    Reason,
    Step,
    code,
    file_hash,
    plan,
    read_manifest,
    refuse_shared_names,
)
from analysis.runs.progress import Progress
from analysis.runs.publish import Running, publish, remove, report
from analysis.runs.redaction import Secrets, refuse_in_parameters
from analysis.scorers import load, onnx_runtime
from analysis.scorers.cache import ScoreCache

if TYPE_CHECKING:
    from analysis.runs.fork_server import ForkServer

LOCK = ".counterpoint.lock"
OURS = f"{UNFINISHED}run-"
PATIENCE = 5.0  # seconds that a second run waits for the first, then it says so
FEW = 2  # reports from which a fork server costs less than it saves
MOST_JOBS = 8
CORPUS = NOTEBOOKS / "corpus-report.ipynb"
CORPUS_NAME = "corpus-report"
SCORES_KEPT = (
    Reason.NOTEBOOK, Reason.MISSING, Reason.FORCED, Reason.GROUPING, Reason.NO_MANIFEST,
)  # fmt: skip


@dataclass(frozen=True)
class Options:
    """How a run is done.

    Attributes:
        jobs: reports made at a time; 0: one a core, at most `MOST_JOBS`.
        force: whether what is up to date is made again.
        seconds: that a report may take; 0: no bound.
        memory: bytes that a kernel may take beyond what it starts with; 0: no bound.
        fork: whether kernels are forked from one whose imports are done, where that can be.
        secrets: values that no output may show, by the variable's name.
        corpus: the corpus report's parameters; none: it is not made.
    """

    jobs: int = 0
    force: bool = False
    seconds: float = 900
    memory: int = 4096 * 2**20
    fork: bool = True
    secrets: Secrets = field(default_factory=dict, repr=False)
    corpus: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one article: the report's path, or the error in one line."""

    step: Step
    path: Path | None = None
    error: str = ""
    unusable: bool = False
    fresh: bool = False
    seconds: float = 0.0

    @property
    def article(self) -> str:
        """The article as messages name it."""
        return self.step.item.label

    @property
    def state(self) -> str:
        """One of `runlog.STATES`."""
        return "failed" if self.path is None else "up to date" if self.fresh else "made"

    def row(self) -> dict[str, Any]:
        """Return what the run's record keeps of it."""
        return _row(self.step, self.state, self.error, self.seconds)


@dataclass
class Run:
    """What became of a run.

    Attributes:
        outcomes: of the articles, in the order in which they were known.
        corpus: the corpus report's page.
        faults: what went wrong beside the articles, a line each.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    corpus: Path | None = None
    faults: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[Outcome]:
        """The outcomes of the articles that have no report."""
        return [outcome for outcome in self.outcomes if outcome.path is None]


def plan_all(items: Sequence[Item], out: Path, *, force: bool = False) -> list[Step]:
    """Say for each report whether it would be made and why; nothing is written.

    Raises:
        ParameterError: two articles would share a name.
    """
    refuse_shared_names(items)
    return [plan(item, out, force=force) for item in items]


def run(
    items: Sequence[Item],
    out: Path,
    options: Options = Options(),
    *,
    tell: Callable[[Outcome], None] = lambda outcome: None,
    progress: Progress | None = None,
) -> Run:
    """Make the reports that are out of date, then what is made of all of them.

    A report is up to date, and left as it is, if the input, the parameters, the
    notebook, our code, the packages and the scorer's version are those of its manifest.
    A folder has one run at a time; what a killed run left in it is removed.

    Args:
        items: the reports.
        out: their folder; made where missing.
        options: how.
        tell: is called with each outcome as it is known.
        progress: where the run shows itself.

    Raises:
        ParameterError: a parameter is wrong for all, two articles would share a name, or
            the folder cannot be written to.
        ReportError: another run works on the folder.
    """
    refuse_shared_names(items)
    for item in items:
        refuse_in_parameters(item.params.model_dump(exclude={"article"}), options.secrets)
    with _locked(out), progress or Progress(len(items), shown=False) as shown:
        for left in out.glob(f"{UNFINISHED}*"):
            if left.name.startswith(OURS) or left.is_file():
                remove(left)
        return _Runner(out, options, tell, shown).run(items)


@contextlib.contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Hold a folder's lock, which the system lets go of when the process ends in any way."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = FileLock(out / LOCK)
        lock.acquire(timeout=PATIENCE)
    except Timeout:
        raise ReportError(
            f"{out}: found another run at work on it; expected one at a time, wait for its end "
            "or use another --out"
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
        self.begun, self.started = time.monotonic(), runlog.stamp()
        self.before = runlog.read_record(out)
        self.result = Run()
        self.steps: list[Step] = []

    def run(self, items: Sequence[Item]) -> Run:
        self.steps = [plan(item, self.out, force=self.options.force) for item in items]
        todo = [step for step in self.steps if step.why]
        ended = False
        if todo:
            self._write_record(ended=False)
        try:
            for step in self.steps:
                if step.error is not None:
                    self._done(_failed(step, step.error))
                elif not step.why:
                    self._done(Outcome(step, self._page(step), fresh=True))
            with self._server(todo) as server:
                if server is not None:
                    self._score(todo, server)
                self._make(todo, server)
                self._corpus(server)
            self._index()
            ended = True
        finally:
            self._write_record(ended=ended)
        return self.result

    def _page(self, step: Step) -> Path:
        return self.out / f"{step.item.name}.html"

    def _running(self, server: "ForkServer | None") -> Running:
        return Running(
            server=server,
            seconds=self.options.seconds,
            secrets=self.options.secrets,
            keep_failed=True,
            making=OURS,
        )

    def _done(self, outcome: Outcome) -> None:
        self.result.outcomes.append(outcome)
        self.progress.finished(
            outcome.article, outcome.state, outcome.seconds, len(self.result.failed)
        )
        self._tell(outcome)

    @contextlib.contextmanager
    def _server(self, todo: Sequence[Step]) -> "Iterator[ForkServer | None]":
        """Start the fork server where it pays; the corpus report alone has no use for it."""
        if not self.options.fork or len(todo) < FEW:
            yield None
            return
        from analysis.runs.fork_server import ForkServer

        notebooks = [step.item.notebook for step in todo]
        if self.options.corpus is not None:
            notebooks.append(CORPUS)
        self.progress.phase("starting")
        with ForkServer(notebooks, memory=self.options.memory) as server:
            yield server

    def _score(self, todo: Sequence[Step], server: "ForkServer") -> None:
        """Score all rows first, in a forked process; a failure there fails no report."""
        every = [step.item.params for step in todo if _scores_anew(step)]
        every = [params for params in every if _keeps_scores(params)]
        if not every:
            return
        self.progress.phase("scoring", 0, len(every))
        given = {"params": [params.model_dump(mode="json") for params in every]}
        if not server.usable:
            from analysis.runs.prescore import run as score_here

            with contextlib.suppress(Exception):
                score_here(given | {"told": os.devnull})
            return
        told = server.scratch("scored")
        try:
            scoring = server.call("analysis.runs.prescore:run", given | {"told": str(told)})
        except OSError:
            return
        shown = 0
        while (code := scoring.wait(1.0)) is None:
            done = _last_number(told)
            if done != shown:
                shown = done
                self.progress.phase("scoring", done, len(every))
        if code:
            self.progress.phase("scoring first failed; each report scores its own rows")

    def _make(self, todo: Sequence[Step], server: "ForkServer | None") -> None:
        """Make the reports, some at a time, each outcome told as it is known."""
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
                    waiting.add(pool.submit(_report_one, step, self.out, running))
                if not waiting:
                    break
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                while done:
                    self._done(done.pop().result())
        finally:
            # where some wait the run is being ended: none may begin while its kernels go
            pool.shutdown(wait=False, cancel_futures=True)
            if waiting and server is not None:
                server.close()
            pool.shutdown()
            ended = [f.result() for f in (*done, *waiting) if f.done() and not f.cancelled()]
            self.result.outcomes += [outcome for outcome in ended if outcome.path is not None]

    def _corpus(self, server: "ForkServer | None") -> None:
        """Make the report on all reports of the folder, if any of them has changed."""
        given = self.options.corpus
        if given is None:
            return
        folder = self.out / CORPUS_NAME
        state = _corpus_state(self.out, given)
        before = read_manifest(folder) or {}
        page = folder.with_suffix(".html")
        same = page.exists() and all(before.get(name) == value for name, value in state.items())
        if not state["reports"] or (same and not self.options.force):
            self.result.corpus = page if same else None
            return
        self.progress.phase("comparing all")
        parameters = {"reports": str(self.out), "before": str(folder)} | given
        try:
            self.result.corpus = publish(
                CORPUS, parameters, folder, title="All articles compared",
                running=self._running(server), manifest=state,
            )  # fmt: skip
        except AnalysisError as error:
            self.result.faults.append(f"{CORPUS_NAME}: {one_line(error)}")

    def _index(self) -> None:
        """Write the page of all reports, where there is one."""
        try:
            if self.result.corpus or any(outcome.path for outcome in self.result.outcomes):
                write_index(self.out)
        except AnalysisError as error:
            self.result.faults.append(one_line(error))

    def _write_record(self, *, ended: bool) -> None:
        if all(step.error is not None for step in self.steps):
            return  # nothing could be used: that is said, and nothing written
        known = {outcome.step.item.name: outcome.row() for outcome in self.result.outcomes}
        rows = [
            known.get(step.item.name) or _row(step, "not reached", "", 0.0) for step in self.steps
        ]
        runlog.with_since(rows, self.before, self.started)
        what = runlog.record(
            rows,
            started=self.started,
            seconds=time.monotonic() - self.begun,
            ended=ended,
            note=" ".join(self.result.faults),
        )
        try:
            runlog.write(self.out, what)
        except OSError as error:
            said = (
                f"{self.out / runlog.RECORD}: cannot be written ({error.strerror}); expected a "
                "folder with room that you may write to"
            )
            if said not in self.result.faults:
                self.result.faults.append(said)


def cores() -> int:
    """Return how many reports are made at a time where nobody says it."""
    return min(onnx_runtime.cores(), MOST_JOBS)


def _report_one(step: Step, out: Path, running: Running) -> Outcome:
    begun = time.monotonic()
    item = step.item
    try:
        path = report(
            item.params, out, notebook=item.notebook, stem=item.name, running=running,
            manifest=step.state,
        )  # fmt: skip
        return Outcome(step, path, seconds=time.monotonic() - begun)
    except Exception as error:  # one article's fault, whatever it is, must not end the night
        return _failed(step, error, time.monotonic() - begun)


def _failed(step: Step, error: Exception, seconds: float = 0.0) -> Outcome:
    ours = isinstance(error, AnalysisError)
    said = one_line(error) if ours else f"{type(error).__name__}: {one_line(error)}"
    article = step.item.label
    named = said if step.item.params.article in said else f"{article}: {said}"
    unusable = ours and not isinstance(error, ReportError)
    return Outcome(step, error=named, unusable=unusable, seconds=seconds)


def _row(step: Step, state: str, error: str, seconds: float) -> dict[str, Any]:
    return {
        "article": step.item.label,
        "name": step.item.name,
        "state": state,
        "why": [str(change) for change in step.why],
        "seconds": round(seconds, 2),
        "error": error,
        "hashes": {
            name: value for name, value in step.state.items() if isinstance(value, str) and value
        },
    }


def _keeps_scores(params: ReportParams) -> bool:
    """Return whether a kernel will find the scores that are made before it."""
    return load(params.scorer).info.cached and ScoreCache.default().folder is not None


def _scores_anew(step: Step) -> bool:
    """Return whether a report may ask for scores that its last making did not leave behind."""
    return any(change.reason not in SCORES_KEPT for change in step.why)


def _last_number(told: Path) -> int:
    try:
        lines = told.read_text(encoding="utf-8").split()
    except OSError:
        return 0
    return int(lines[-1]) if lines else 0


def _corpus_state(out: Path, given: dict[str, Any]) -> dict[str, Any]:
    """Return what decides whether the corpus report is up to date."""
    reports = {
        manifest.parent.name: found["page"]
        for manifest in sorted(out.glob(f"*/{MANIFEST}"))
        if (found := read_manifest(manifest.parent)) and "article" in found and "page" in found
    }
    return {"reports": reports, "given": given, "code": code(), "notebook": file_hash(CORPUS)}
