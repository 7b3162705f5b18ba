"""Redrawing the exploring notebook for the seed after a target is added, with cached scores.

Every round adds a target that was not there before, so that all but the scores of the other
targets is made anew. CPU seconds are measured, which other processes disturb least. Prints
one JSON object.
"""

import argparse
import json
import statistics
import time

from analysis.lab.explore_widgets import Explore
from analysis.paths import SEEDS

SEED = SEEDS / "000_9da5be969268c11d.txt"
NAMES = ("Macron", "Blinken", "Europe", "Georgia", "Brussels", "Crimea", "Donbas")


def main() -> None:
    """Measure, and print the seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="one round: only that it runs")
    parser.add_argument("--scorer", default="embedded-small")
    given = parser.parse_args()
    names = NAMES[:1] if given.smoke else NAMES
    tool = Explore(str(SEED), scorer=given.scorer)
    every = list(tool.targets.value)
    taken = []
    for name in names:
        start = time.process_time()
        tool.targets.value = [*every, name]
        taken.append(time.process_time() - start)
    print(json.dumps({"cpu_seconds": statistics.median(taken), "rounds": len(taken)}, indent=1))


if __name__ == "__main__":
    main()
