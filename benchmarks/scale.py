"""What Dask costs and what a second worker brings, on the same partitions in one run.

Three ways to score the same generated articles take turns: a plain loop over the
partitions in this process, Dask with one worker, Dask with two. Each worker is a process
with one thread; nothing is cached. The medians of the rounds are compared. Prints one
JSON object; with --profile, what one core spends its time on instead.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from functools import wraps
from pathlib import Path

# Before numpy is imported: BLAS threads would spin, and count twice as CPU time.
os.environ |= {"COUNTERPOINT_CACHE": "off", "COUNTERPOINT_THREADS": "1", "OMP_NUM_THREADS": "1"}
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]


def written(folder: Path, count: int, seed: int = 0) -> Path:
    """Write generated articles as JSON lines."""
    from make_corpus import articles

    path = folder / "corpus.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for article in articles(count, seed):
            file.write(json.dumps(article) + "\n")
    return path


def plain_loop(path: Path, out: Path, size: int, scorer: str) -> list[dict]:
    """Score every partition in this process, one after the other; return their counts."""
    from analysis.params import report_params
    from analysis.scale.corpus import job_of
    from analysis.scale.plan import partitions
    from analysis.scale.sources import sources
    from analysis.scale.store import Store
    from analysis.scale.work import score_partition

    job, settings = job_of(report_params(article="corpus", scorer=scorer), out, size)
    store = Store(out)
    with store.locked():
        store.prepare(settings, force=True)
        found = sources([path])
        return [
            score_partition(partition, job)
            for partition in partitions(found, articles=size, settings=job.settings)
        ]


def over_dask(path: Path, out: Path, size: int, scorer: str, address: str) -> None:
    from analysis.scale.corpus import score_corpus

    score_corpus(
        [path], out, cluster=address, articles=size, scorer=scorer, force=True, progress=False
    )


def compare(args) -> dict:
    from distributed import Client, LocalCluster

    from analysis.scorers.onnx_runtime import cores

    count, size, rounds = (8, 2, 1) if args.smoke else (args.articles, args.partition, args.rounds)
    seconds: dict[str, list[float]] = {"loop": [], "one": [], "two": []}
    inside = []  # seconds within tasks, of one worker
    cpu: dict[str, list[float]] = {"one": [], "two": []}  # seconds within tasks
    options = {"threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(n_workers=1, **options) as one,
        LocalCluster(n_workers=2, **options) as two,
        Client(one),
        Client(two),
    ):
        folder = Path(folder)
        path, few = written(folder, count), folder / "few.jsonl"
        few.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:4]), "utf-8")
        ways = {
            "loop": lambda path, out: plain_loop(path, out, size, args.scorer),
            "one": lambda path, out: over_dask(path, out, size, args.scorer, one.scheduler_address),
            "two": lambda path, out: over_dask(path, out, size, args.scorer, two.scheduler_address),
        }
        for name, way in ways.items():
            way(few, folder / f"warm-{name}")
        for _ in range(rounds):
            for name, way in ways.items():
                start = time.perf_counter()
                way(path, folder / name)
                seconds[name].append(time.perf_counter() - start)
            for name in cpu:
                states = [json.loads(p.read_text()) for p in (folder / name / "_done").iterdir()]
                cpu[name].append(sum(state["cpu_seconds"] for state in states))
                if name == "one":
                    inside.append(sum(state["seconds"] for state in states))
    loop, one, two = (statistics.median(seconds[name]) for name in ("loop", "one", "two"))
    return {
        "scorer": args.scorer,
        "articles": count,
        "partitions": -(-count // size),
        "cores": cores(),
        "load_average": round(os.getloadavg()[0], 1),
        "articles_per_s_loop": round(count / loop, 2),
        "articles_per_s_one_worker": round(count / one, 2),
        "articles_per_s_two_workers": round(count / two, 2),
        "overhead": round(one / loop - 1, 3),
        "outside_tasks": round(1 - statistics.median(inside) / one, 3),
        "speedup": round(one / two, 2),
        "cpu_ms_per_article_one": round(1000 * statistics.median(cpu["one"]) / count, 1),
        "cpu_ms_per_article_two": round(1000 * statistics.median(cpu["two"]) / count, 1),
    }


class Stages:
    """Exclusive CPU time by stage: a stage that is entered stops the clock of the outer one."""

    def __init__(self) -> None:
        self.seconds, self._open, self._since = Counter(), ["the rest"], time.process_time()

    def _switch(self) -> None:
        now = time.process_time()
        self.seconds[self._open[-1]] += now - self._since
        self._since = now

    def watch(self, owner, name: str, stage: str) -> None:
        """Time a function or method under the name of a stage."""
        real = getattr(owner, name)

        @wraps(real)
        def timed(*args, **kwargs):
            self._switch()
            self._open.append(stage)
            try:
                found = real(*args, **kwargs)
                return iter(list(found)) if name == "pipe" else found  # a generator does it later
            finally:
                self._switch()
                self._open.pop()

        setattr(owner, name, timed)


def profile(args) -> dict:
    """Return what share of one core's time each stage takes."""
    from spacy.language import Language

    from analysis.scale import work
    from analysis.scale.store import Store
    from analysis.scorers import load

    requests = sys.modules["analysis.scoring.requests"]
    scored = sys.modules["analysis.scoring.score_frames"]
    count, size = (8, 4) if args.smoke else (args.articles, args.partition)
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), count)
        plain_loop(path, Path(folder, "warm"), size, args.scorer)
        stages = Stages()
        for owner, name, stage in (
            (Language, "pipe", "parse (spaCy)"),
            (type(load(args.scorer)), "predict", "score (model)"),
            (requests, "targets_of", "targets"),
            (requests, "segments", "quotations and segments"),
            (requests, "cues", "cues"),
            (requests, "align", "align"),
            (requests, "_of_segments", "mentions"),
            (scored, "comparison_rows", "compare"),
            (scored, "conform", "frames"),
            (work, "conform", "frames"),
            (work, "article_in", "read"),
            (work, "fingerprint", "read"),
            (Store, "write", "write (Parquet)"),
        ):
            stages.watch(owner, name, stage)
        start, cpu = time.perf_counter(), time.process_time()
        states = plain_loop(path, Path(folder, "out"), size, args.scorer)
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    total = sum(stages.seconds.values())
    return {
        "scorer": args.scorer,
        "articles": count,
        "characters_per_article": round(sum(s["characters"] for s in states) / count),
        "cpu_ms_per_article": round(1000 * cpu / count, 1),
        "cpu_share": round(cpu / wall, 2),
        "share": {name: round(s / total, 3) for name, s in stages.seconds.most_common()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=600)
    parser.add_argument("--partition", type=int, default=50, help="articles a partition")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scorer", default="embedded-small")
    parser.add_argument("--profile", action="store_true", help="what one core's time goes to")
    parser.add_argument("--smoke", action="store_true", help="8 articles: only that it runs")
    args = parser.parse_args()
    print(json.dumps(profile(args) if args.profile else compare(args), indent=1))


if __name__ == "__main__":
    main()
