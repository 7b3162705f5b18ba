"""Export of the seed's executed notebook, against nbconvert's plain HTML of the same one.

Both run in this process, in turns, after one round each that loads what they need; the
medians are compared. Prints one JSON object.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from nbconvert import HTMLExporter

from analysis.params import report_params
from analysis.runs.execution import execute
from analysis.runs.publish import NOTEBOOK, export

SEED = Path(__file__).resolve().parents[1] / "seeds" / "000_9da5be969268c11d.txt"


def seconds(make: Callable[[], str]) -> float:
    """Return the seconds that one call takes."""
    start = time.perf_counter()
    make()
    return time.perf_counter() - start


def main() -> None:
    """Measure, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="one round: only that it runs")
    rounds = 1 if parser.parse_args().smoke else 7
    notebook = execute(NOTEBOOK, report_params(article=str(SEED)).model_dump(mode="json"))
    sides = {
        "ours": lambda: export(notebook, "Seed"),
        "plain": lambda: HTMLExporter().from_notebook_node(notebook)[0],
    }
    sizes = {name: len(make().encode()) for name, make in sides.items()}
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, make in sides.items():
            taken[name].append(seconds(make))
    medians = {name: statistics.median(values) for name, values in taken.items()}
    found = {
        "seconds": medians,
        "bytes": sizes,
        "seconds_ratio": medians["ours"] / medians["plain"],
        "bytes_ratio": sizes["ours"] / sizes["plain"],
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
