"""Scoring the seed toward ten targets, against the model alone on the same rows.

What the line adds to the model - reading, parsing, segments, targets, alignment,
comparison - should cost less than the model itself. Both sides run in this process,
warm, in turns, without a cache; the medians are compared. Prints one JSON object.
"""

import argparse
import json
import statistics
import time
from dataclasses import replace
from pathlib import Path

import analysis as cp
from analysis.scorers.cache import ScoreCache
from analysis.scorers.embedded import EmbeddedScorer
from analysis.types import Task

ROOT = Path(__file__).resolve().parents[1]
SEED = ROOT / "seeds" / "000_9da5be969268c11d.txt"
TARGETS = [
    "NATO", "Russia", "United States", "Ukraine", "Vladimir Putin", "Jens Stoltenberg", "Crimea",
    "NATO expansion", "Emmanuel Macron", "European Union",
]  # fmt: skip


class Recorder:
    """A scorer that keeps what it was asked."""

    def __init__(self, scorer):
        """Wrap a scorer."""
        self.scorer, self.info, self.asked = scorer, scorer.info, []

    def predict(self, task: Task, rows):
        """Answer as the scorer does."""
        self.asked.append((task, list(rows)))
        return self.scorer.predict(task, rows)


def main() -> None:
    """Measure, and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="one round: only that it runs")
    rounds = 1 if parser.parse_args().smoke else 5
    model = EmbeddedScorer(cache=ScoreCache(None), name="embedded-small")
    recorder = Recorder(model)
    cp.score(cp.read(SEED), targets=TARGETS, scorer=recorder)
    whole, alone = [], []
    for number in range(rounds):
        start = time.perf_counter()
        # another id, so that the parse of the round before is not found again
        article = replace(cp.read(SEED), article_id=f"round-{number}")
        cp.score(article, targets=TARGETS, scorer=model)
        whole.append(time.perf_counter() - start)
        start = time.perf_counter()
        for task, rows in recorder.asked:
            model.predict(task, rows)
        alone.append(time.perf_counter() - start)
    found = {
        "rows": {task.value: len(rows) for task, rows in recorder.asked},
        "score_seconds": statistics.median(whole),
        "model_alone_seconds": statistics.median(alone),
        "ratio": statistics.median(whole) / statistics.median(alone),
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
