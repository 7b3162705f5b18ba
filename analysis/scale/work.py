"""The worker of a corpus run: loads the scorer once, then scores partition by partition."""

import asyncio
import os
import time
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from distributed import WorkerPlugin

from analysis.errors import AnalysisError, InputError, ScorerError, one_line
from analysis.frames import ARTICLES, CORPUS, REJECTED, conform
from analysis.params import ReportParams
from analysis.readers import read_options
from analysis.readers.plain_text import parse_plain_text
from analysis.readers.table_rows import TableRow
from analysis.scale.articles import ABOUT, article_in, cell, clean, month_of
from analysis.scale.plan import Partition, fingerprint
from analysis.scale.store import Store
from analysis.scorers import Scorer, load
from analysis.scorers.cache import MEMORY, VARIABLE
from analysis.scorers.onnx_runtime import THREADS
from analysis.scoring.pipeline import score
from analysis.scoring.requests import ScoringRequests, requests_for
from analysis.scoring.score_frames import score_requests
from analysis.text.aliases import Aliases
from analysis.text.nlp import parse_memory_zone, parsed
from analysis.types import Article

WARM_UP_TEXT = (
    'Rain fell on Oslo.\n\nThe mayor said: "NATO must stay." Few agreed.\n\nComment: Why so?\n'
)


@dataclass(frozen=True, slots=True)
class Job:
    """What all partitions of a run share.

    Attributes:
        out: the output folder, under the same name on every machine.
        params: how articles are read and scored; its `article` is unused.
        aliases: the alias table, as `read_aliases` returns it.
        scorer_version: the version of the scorer, which must be the same on every machine.
        settings: the hash of all of this.
    """

    out: str
    params: ReportParams
    aliases: Aliases
    scorer_version: str
    settings: str

    def scorer(self) -> Scorer:
        """Return the scorer, loaded at most once a process.

        Raises:
            ScorerError: it cannot be loaded, or differs from the client's.
        """
        scorer = load(self.params.scorer)
        if (found := scorer.info.version) != self.scorer_version:
            raise ScorerError(
                f"scorer {self.params.scorer}: found version {found} on a worker; expected "
                f"{self.scorer_version} as here, install the same counterpoint there"
            )
        return scorer


class WarmUp(WorkerPlugin):
    """Loads weights and parser when a worker starts, before its first partition."""

    name = "counterpoint"

    def __init__(self, job: Job) -> None:
        """Keep the job whose scorer is loaded."""
        self.job = job

    async def setup(self, worker: Any) -> None:
        """Score a short text in a thread, so that the worker stays responsive.

        The scorer uses as many threads as Dask gave the worker, and caches scores in memory unless
        the environment names a folder: many machines would contend for one file.

        Raises:
            ScorerError: the scorer cannot be loaded.
        """
        os.environ.setdefault(THREADS, str(worker.state.nthreads))
        os.environ.setdefault(VARIABLE, MEMORY)
        await asyncio.to_thread(self._warm_up)

    def _warm_up(self) -> None:
        score(parse_plain_text(WARM_UP_TEXT, article_id="warm-up"), scorer=self.job.scorer())
        parsed.cache_clear()


def score_partition(partition: Partition, job: Job) -> dict[str, Any]:
    """Score a partition's articles, write its frames and return its counts.

    Returns:
        fingerprint, articles, rejected, rows (by frame), characters, seconds and
        cpu_seconds.

    Raises:
        InputError: the input has changed since it was partitioned.
        ScorerError: the scorer cannot be used.
        OSError: the output cannot be written.
    """
    wall, cpu = time.perf_counter(), time.process_time()
    rows = list(partition.rows())
    found = fingerprint(partition.source, rows, partition.repeated, job.settings)
    if found != partition.fingerprint:
        raise InputError(
            f"{partition.source.path}: changed while it was read; expected a file that stays as "
            "it is, run the command again"
        )
    tables = score_rows(partition, rows, job)
    state = {
        "fingerprint": found,
        "articles": len(tables["articles"]),
        "rejected": len(tables["rejected"]),
        "rows": {name: len(tables[name]) for name in CORPUS},
        "characters": int(tables["articles"]["characters"].sum()),
        "seconds": round(time.perf_counter() - wall, 3),
        "cpu_seconds": round(time.process_time() - cpu, 3),
    }
    Store(job.out).write(partition.number, tables, state)
    return state


def score_rows(partition: Partition, rows: list[TableRow], job: Job) -> dict[str, pd.DataFrame]:
    """Return the frames of a partition, each article's rows as `score` gives them."""
    scorer, params, options = job.scorer(), job.params, read_options(job.params)
    requests, articles, rejected = [], [], []
    known: dict[tuple, ScoringRequests] = {}
    with parse_memory_zone():
        for row in rows:
            place = f"{partition.source.name}: {partition.source.unit} {row.number}"
            try:
                if row.number in partition.repeated:
                    raise InputError("found an id that an earlier row has; expected one of its own")
                article = article_in(partition.source, row, options)
                one = _requests(article, job, known)
            except AnalysisError as error:
                rejected.append(_rejected(row, place, one_line(error)))
            except Exception as error:  # whatever is wrong with one article
                rejected.append(_rejected(row, place, f"{type(error).__name__}: {error}"))
            else:
                requests.append(one)
                articles.append(_known(row, one, place, scorer))
            parsed.cache_clear()
    tables = score_requests(
        requests, scorer, confidence_level=params.confidence_level, seed=params.seed
    )
    tables["articles"] = conform(articles, ARTICLES)
    tables["rejected"] = conform(rejected, REJECTED)
    return tables


def _requests(article: Article, job: Job, known: dict[tuple, ScoringRequests]) -> ScoringRequests:
    """Return an article's scoring requests; the same text under another id is parsed once."""
    text = (article.raw, article.blocks)
    if text not in known:
        known[text] = requests_for(article, job.params.targets, aliases=job.aliases)
    return replace(known[text], article=article)


def _known(row: TableRow, requests: ScoringRequests, place: str, scorer: Scorer) -> dict[str, Any]:
    """Return an article's row of the frame `articles`."""
    article, about = requests.article, dict(requests.article.about)
    return {
        "article_id": article.article_id,
        "title": clean(article.title),
        **{name: clean(about.get(name)) for name in ABOUT},
        "month": month_of(about.get("date", ""), article.language),
        "language": clean(article.language),
        "place": place,
        "sha256": article.sha256,
        "characters": len(article.raw),
        "commentaries": len(requests.commentaries),
        "targets": len(requests.targets),
        "scorer": scorer.info.name,
    }


def _rejected(row: TableRow, place: str, reason: str) -> dict[str, str]:
    return {"article_id": cell(row, "id"), "place": place, "reason": clean(reason)}
