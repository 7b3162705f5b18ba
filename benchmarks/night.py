"""A night with bad articles: does it last longer than they may take?

Makes the reports of good articles, then of as many with bad ones among them, in which a stage
(read, parse, align, score, draw) hangs or allocates without end; tests/hooks makes it so. The
second run may take the time of the first × 1.1 and the timeouts of the bad ones divided by the
jobs. It has to make every good report, to fail each bad one with a line and to end with exit code
1. Prints one JSON object, whose `held` says whether all of that is so, and exits with 1 where not.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOOKS = ROOT / "tests" / "hooks"
sys.path.insert(0, str(ROOT / "tools"))

from make_corpus import write_folder  # noqa: E402

WORDS = [
    f"{stage}{fault}"
    for fault in ("hangs", "allocates")
    for stage in ("read", "parse", "align", "score", "draw")
]


def make_bad(articles: Sequence[Path], words: Sequence[str]) -> list[Path]:
    """Write articles anew with a comment that has a word of `tests/hooks` in it."""
    for path, word in zip(articles, words, strict=True):
        text = path.read_text(encoding="utf-8")
        path.write_text(f"{text}\n\nComment: No, NATO is {word}.\n", encoding="utf-8")
    return list(articles)


def run(
    articles: Sequence[Path], out: Path, *, scorer: str, jobs: int, timeout: int, memory: int = 1024
) -> tuple[float, subprocess.CompletedProcess[str]]:
    """Run the command with the hooks and return the seconds it took and how it ended."""
    words = ["report", *map(str, articles), "--out", str(out), "-p", "scorer", scorer]
    limits = ["--jobs", str(jobs), "--timeout", str(timeout), "--memory", str(memory)]
    paths = os.pathsep.join(map(str, (HOOKS, ROOT)))
    environment = os.environ | {"PYTHONPATH": paths, "COUNTERPOINT_CACHE": str(out / "cache")}
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "analysis", *words, *limits],
        capture_output=True, text=True, env=environment,
    )  # fmt: skip
    return time.monotonic() - begun, done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--bad", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout", type=int, default=60)
    parser.add_argument("--scorer", default="lexicon")
    parser.add_argument("--smoke", action="store_true", help="three articles, one of them bad")
    args = parser.parse_args()
    count, bad = (3, 1) if args.smoke else (args.count, args.bad)
    how = {"scorer": args.scorer, "jobs": args.jobs, "timeout": args.timeout}
    with tempfile.TemporaryDirectory() as scratch:
        articles = write_folder(Path(scratch) / "articles", count)
        step = count // bad
        chosen = articles[::step][:bad]
        good = [path for path in articles if path not in chosen]
        alone, done = run(good, Path(scratch) / "good", **how)
        if done.returncode:
            raise SystemExit(f"the good articles: {done.stderr[-2000:]}")
        make_bad(chosen, [WORDS[n % len(WORDS)] for n in range(bad)])
        took, done = run(articles, Path(scratch) / "all", **how)
    messages = [line for line in done.stderr.splitlines() if line.startswith("counterpoint: ")]
    allowed = alone * 1.1 + bad * args.timeout / args.jobs
    found = {
        "good": len(good),
        "made": len(done.stdout.splitlines()),
        "bad": bad,
        "told": sum(any(str(path) in line for line in messages) for path in chosen),
        "exit_code": done.returncode,
        "good_alone_s": round(alone, 1),
        "took_s": round(took, 1),
        "allowed_s": round(allowed, 1),
        "ratio": round(took / allowed, 2),
        "held": took <= allowed and done.returncode == 1,
        "messages": messages,
    }
    found["held"] &= found["made"] == len(good) and found["told"] == bad
    print(json.dumps(found, indent=1))
    sys.exit(not (found["held"] or args.smoke))  # a single timeout cannot be shared among jobs


if __name__ == "__main__":
    main()
