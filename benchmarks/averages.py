"""How often the difference of two groups of texts has the right sign, by way of averaging.

From labeled stance rows (`text`, `target`, `label`; JSON lines) pairs of groups are drawn, each
group with a balance of labels of its own, and the scorer's averages are compared with the
labels': of all rows by their confidence, as `compare` does; of all rows alike; and of those
only that the scorer does not abstain on, by confidence. Prints one JSON object.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from analysis.quality.evaluate import read_gold
from analysis.scorers import load
from analysis.scoring.compare import mean
from analysis.types import Task

SIZES = (3, 6, 12, 30)
CLEAR = 0.2  # a smaller difference of the labels' means has no sign to get right


def scored(path: Path, scorer: str) -> np.ndarray:
    """Return a row a text: its label as -1, 0 or 1, score, confidence, whether not abstained."""
    rows, labels = read_gold(path, Task.STANCE)
    model = load(scorer)
    found = model.predict(Task.STANCE, rows)
    favor, against, _ = found.T
    sure = found.max(axis=1)
    gold = [(label == "favor") - (label == "against") for label in labels]
    kept = sure >= model.info.threshold(Task.STANCE)
    return np.column_stack([gold, favor - against, sure, kept])


def averages(group: np.ndarray) -> dict[str, float]:
    """Return a group's mean stance in each way; not a number where no row is left."""
    kept = group[group[:, 3] > 0]
    return {
        "all_by_confidence": mean(group[:, 1:3]),
        "all_alike": float(group[:, 1].mean()),
        "only_sure": mean(kept[:, 1:3]),
    }


def signs_right(rows: np.ndarray, size: int, pairs: int, rng: np.random.Generator) -> dict:
    """Return by way of averaging how often the sign is right; no answer counts half."""
    place = (rows[:, 0] + 1).astype(int)
    right: dict[str, list[float]] = {}
    while not right or len(right["only_sure"]) < pairs:
        groups = []
        for _ in range(2):
            weights = rng.dirichlet([1, 1, 1])[place]
            groups.append(rows[rng.choice(len(rows), size, p=weights / weights.sum())])
        truth = groups[0][:, 0].mean() - groups[1][:, 0].mean()
        if abs(truth) < CLEAR:
            continue
        one, other = map(averages, groups)
        for name in one:
            difference = one[name] - other[name]
            hit = 0.5 if np.isnan(difference) else float(np.sign(difference) == np.sign(truth))
            right.setdefault(name, []).append(hit)
    return {name: round(float(np.mean(hits)), 3) for name, hits in right.items()}


def main() -> None:
    """Measure, and print what was found for each file and size of group."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", type=Path, nargs="*", help="labeled stance rows")
    parser.add_argument("--scorer", default="embedded-small")
    parser.add_argument("--pairs", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--smoke", action="store_true", help="made rows and a fixed scorer")
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    if args.smoke:
        rows = {"made": made(rng)}
        args.pairs = 20
    else:
        rows = {str(path): scored(path, args.scorer) for path in args.files}
    found = {
        name: {size: signs_right(mine, size, args.pairs, rng) for size in SIZES}
        for name, mine in rows.items()
    }
    print(json.dumps(found, indent=1))


def made(rng: np.random.Generator) -> np.ndarray:
    """Return rows as `scored` gives them, of an invented scorer that is right in most cases."""
    gold = rng.integers(-1, 2, 300)
    sure = rng.uniform(0.4, 1, 300)
    score = np.clip(gold * sure + rng.normal(0, 0.4, 300), -1, 1)
    return np.column_stack([gold, score, sure, sure > 0.68])


if __name__ == "__main__":
    main()
