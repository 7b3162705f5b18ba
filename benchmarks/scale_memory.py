"""A large generated corpus on one machine: peak memory, completeness, equality with `score`.

Runs `counterpoint score-corpus` as a user would, reads from /proc the most memory that the
client and each worker ever held (VmHWM), counts what came out, and scores a sample of the
articles alone to compare. Every thousandth row is bad in one of several ways. Linux only.
Prints one JSON object. With --out, a run that was stopped goes on.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]
BAD_EVERY = 1000
BAD = (
    '{"article_id": "cut',
    json.dumps({"article_id": "empty", "text": " "}),
    json.dumps({"article_id": "number", "text": 7}),
    json.dumps({"article_id": "nul", "text": "a\0b"}),
    json.dumps({"article_id": "000000", "text": "An id that came before."}),
    json.dumps({"article_id": "elsewhere", "path": "/etc/hostname"}),
    json.dumps({"article_id": "long", "text": "word " * 300_000}),
)


def write(path: Path, count: int, seed: int) -> int:
    """Write articles and, among them, bad rows; return how many of these."""
    from make_corpus import articles

    bad = 0
    with path.open("w", encoding="utf-8") as file:
        for number, article in enumerate(articles(count, seed), start=1):
            file.write(json.dumps(article) + "\n")
            if number % BAD_EVERY == 0 or number == 2:
                file.write(BAD[bad % len(BAD)] + "\n")
                bad += 1
    return bad


def watched(command: list[str], seconds: float = 1.0) -> tuple[dict[str, list[float]], float]:
    """Run a command; return the peak memory in MiB of it and of each worker, and the seconds."""
    import psutil

    start, peaks = time.perf_counter(), {}
    running = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)})
    client = psutil.Process(running.pid)
    while running.poll() is None:
        for process in [client, *_children(client)]:
            if (held := _peak(process.pid)) is not None:
                peaks[process.pid] = held
        time.sleep(seconds)
    if running.returncode not in (0, 1):
        raise SystemExit(f"score-corpus ended with {running.returncode}")
    own = peaks.pop(client.pid)
    # Python's resource tracker is a child too, of some ten MiB.
    workers = sorted((held for held in peaks.values() if held > 50), reverse=True)
    return {"client": [own], "workers": workers}, time.perf_counter() - start


def _children(client) -> list:
    import psutil

    try:
        return client.children(recursive=True)
    except psutil.Error:
        return []


def _peak(pid: int) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), None)


def sample_equal(path: Path, out: Path, scorer: str, size: int, seed: int) -> int:
    """Score a sample alone, from files of their own; return how many are equal in every frame."""
    import pyarrow.compute as compute

    import analysis as cp
    from analysis.frames import SCHEMAS
    from analysis.scale.loading import read_corpus

    names = read_corpus(out, "articles", columns=["article_id"])["article_id"]
    chosen = set(random.Random(seed).sample(list(names), min(size, len(names))))
    some = compute.field("article_id").isin(sorted(chosen))
    frames = {name: read_corpus(out, name, where=some) for name in SCHEMAS}
    equal = 0
    with path.open(encoding="utf-8") as file, tempfile.TemporaryDirectory() as folder:
        for line in file:
            if not line.startswith('{"article_id": "') or line[16:].split('"', 1)[0] not in chosen:
                continue
            row = json.loads(line)
            if row["article_id"] not in chosen:
                continue
            chosen.remove(row["article_id"])  # a later row of that id is a bad one
            alone = Path(folder, f"{row['article_id']}.txt")
            alone.write_text(row["text"], encoding="utf-8", newline="")
            result = cp.score(cp.read(alone), scorer=scorer)
            equal += all(
                _hash(result.frames[name])
                == _hash(frames[name][frames[name]["article_id"] == row["article_id"]])
                for name in SCHEMAS
            )
    return equal


def _hash(frame) -> tuple[int, ...]:
    import pandas as pd

    plain = frame.astype(dict.fromkeys(frame.select_dtypes(["string", "str"]), object))
    return tuple(pd.util.hash_pandas_object(plain, index=False))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--scorer", default="embedded-small")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--partition", type=int, default=500, help="articles a partition")
    parser.add_argument("--sample", type=int, default=100, help="articles scored alone")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="a folder that is kept; none: a temporary one")
    parser.add_argument("--smoke", action="store_true", help="30 articles: only that it runs")
    args = parser.parse_args()
    if args.smoke:
        args.articles, args.partition, args.sample, args.scorer = 30, 10, 3, "lexicon"
    with tempfile.TemporaryDirectory() as folder:
        folder = args.out or Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        path, out = folder / "corpus.jsonl", folder / "scored.parquet"
        bad = write(path, args.articles, args.seed)
        command = [sys.executable, "-m", "analysis", "score-corpus", str(path), "--out", str(out)]
        command += ["--scorer", args.scorer, "--workers", str(args.workers)]
        command += ["--partition-articles", str(args.partition)]
        peaks, seconds = watched(command)
        manifest = json.loads((out / "_manifest.json").read_text())
        equal = sample_equal(path, out, args.scorer, args.sample, args.seed)
        found = {
            "articles": manifest["articles"],
            "rejected": manifest["rejected"],
            "complete": (manifest["articles"], manifest["rejected"]) == (args.articles, bad),
            "rows": manifest["rows"],
            "input_mib": round(path.stat().st_size / 2**20, 1),
            "client_peak_mib": round(peaks["client"][0]),
            "worker_peak_mib": [round(held) for held in peaks["workers"]],
            "seconds": round(seconds),
            "articles_per_s": round(args.articles / seconds, 2),
            "sample": min(args.sample, args.articles),
            "sample_equal": equal,
        }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
