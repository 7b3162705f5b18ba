"""Many reports: one command of ours against shell loops of papermill and nbconvert.

Three ways to the same reports, one after the other, each with a score cache of its own
that is empty at the start:

    loop      for each article: papermill, then jupyter nbconvert --to html
    parallel  the same in two loops at a time, each over half of the articles
    ours      counterpoint report ARTICLES --jobs 2

The articles come from tools/make_corpus.py. Prints one JSON object; `cpu` are the seconds
that all processes of a way spent on a core, which a busy machine disturbs least.
"""

import argparse
import json
import os
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
sys.path.insert(0, str(ROOT / "tools"))

from make_corpus import write_folder  # noqa: E402

NOTEBOOK = ROOT / "notebooks" / "article-report.ipynb"


def loop(articles: Sequence[Path], out: Path, scorer: str) -> str:
    """Return the shell's loop over articles."""
    lines = []
    for article in articles:
        made = out / f"{article.stem}.ipynb"
        lines += [
            shlex.join([
                f"{BIN}/papermill", "--no-progress-bar", "--log-level", "ERROR", "-k", "python3",
                str(NOTEBOOK), str(made), "-p", "article", str(article), "-p", "scorer", scorer,
            ]),
            shlex.join([
                f"{BIN}/jupyter", "nbconvert", "--to", "html", "--log-level", "ERROR", str(made),
            ]),
        ]  # fmt: skip
    return "\n".join(lines)


def ours(articles: Sequence[Path], out: Path, scorer: str) -> str:
    """Return the command of ours."""
    words = [f"{BIN}/counterpoint", "report", *map(str, articles)]
    return shlex.join([*words, "--out", str(out), "--jobs", "2", "-p", "scorer", scorer])


def measured(scripts: Sequence[str], cache: Path) -> dict[str, float]:
    """Run shell scripts side by side; return the seconds and the seconds of CPU they took."""
    environment = os.environ | {"COUNTERPOINT_CACHE": str(cache), "PYTHONPATH": str(ROOT)}
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    running = [
        subprocess.Popen(
            ["bash", "-e", "-c", script], env=environment, cwd=ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for script in scripts
    ]  # fmt: skip
    codes = [process.wait() for process in running]
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    if any(codes):
        raise SystemExit(f"a way failed with exit codes {codes}")
    cpu = spent.ru_utime + spent.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": time.perf_counter() - begun, "cpu": cpu}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--scorer", default="embedded-small")
    parser.add_argument("--smoke", action="store_true", help="three articles: only that it runs")
    args = parser.parse_args()
    count = 3 if args.smoke else args.count
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        articles = write_folder(folder / "articles", count, seed=1)
        ways = {}
        for name in ("loop", "parallel", "ours"):
            out = folder / name
            out.mkdir()
            halves = [articles[::2], articles[1::2]] if name == "parallel" else [articles]
            write = ours if name == "ours" else loop
            scripts = [write(part, out, args.scorer) for part in halves]
            ways[name] = measured(scripts, folder / f"cache-{name}")
            pages = sum((out / f"{article.stem}.html").exists() for article in articles)
            if pages != count:
                raise SystemExit(f"{name} made {pages} pages of {count}")
            print(f"{name}: {ways[name]}", file=sys.stderr, flush=True)
    found = {
        "articles": count,
        "scorer": args.scorer,
        "load_average": os.getloadavg()[0],
        "ways": {n: {k: round(v, 1) for k, v in way.items()} for n, way in ways.items()},
        **{
            f"{name}_to_ours_{what}": round(ways[name][what] / ways["ours"][what], 2)
            for name in ("loop", "parallel")
            for what in ("seconds", "cpu")
        },
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
