"""What a million articles would cost on rented machines, simulated from a measured run.

Each worker takes the next partition when it is free, for as long as partitions of the
measured run took in CPU time (drawn with replacement), divided by how fast its core is
against the measured one. Machines start late, may be taken away at any time (what their
workers were at is lost and done again, as Dask does) and are paid until the last
partition is done. Prices are what you pass: none is looked up. Prints one JSON object.

    python benchmarks/scale_cost.py corpus.parquet --price 4=0.20 --price 16=0.80
"""

import argparse
import heapq
import json
from pathlib import Path

import numpy as np

HOUR = 3600.0


def measured(out: Path) -> np.ndarray:
    """Return CPU seconds an article of each partition of a scored corpus, shape (n,)."""
    states = [json.loads(path.read_text()) for path in sorted((out / "_done").glob("*.json"))]
    found = [s["cpu_seconds"] / s["articles"] for s in states if s["articles"]]
    if not found:
        raise SystemExit(f"{out}: found no scored partition; run counterpoint score-corpus")
    return np.array(found)


def simulate(per_article: np.ndarray, vcpus: int, args, rng: np.random.Generator) -> dict:
    """Run one simulation; return hours from first to last, machine hours and partitions redone."""
    partitions = -(-args.articles // args.partition)
    cores = vcpus / args.vcpus_per_core * (args.smt if args.vcpus_per_core > 1 else 1)
    speed = args.speed * cores / vcpus  # of one worker, one a virtual CPU
    free = []  # (when, machine): a worker that can take a partition
    taken_away = []
    for machine in range(args.machines):
        up = args.start + rng.exponential(args.start_spread)
        taken_away.append(up + _until_taken(args, rng))
        free += [(up + args.load, machine)] * vcpus
    heapq.heapify(free)
    left, redone, end = partitions, 0, 0.0
    while left:
        when, machine = heapq.heappop(free)
        seconds = args.partition * rng.choice(per_article) / speed * (1 + args.overhead)
        gone = taken_away[machine]
        if when >= gone:  # a new machine came in its place
            up = gone + args.start + rng.exponential(args.start_spread)
            taken_away.append(up + _until_taken(args, rng))
            slots = [entry for entry in free if entry[1] == machine]
            free = [entry for entry in free if entry[1] != machine]
            new = len(taken_away) - 1
            free += [(up + args.load, new)] * (len(slots) + 1)
            heapq.heapify(free)
            continue
        if when + seconds > gone:
            redone += 1
            heapq.heappush(free, (gone, machine))
            continue
        left -= 1
        end = max(end, when + seconds)
        heapq.heappush(free, (when + seconds, machine))
    return {"hours": end / HOUR, "machine_hours": end / HOUR * args.machines, "redone": redone}


def _until_taken(args, rng: np.random.Generator) -> float:
    return rng.exponential(HOUR / args.taken) if args.taken else np.inf


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path, help="a folder that counterpoint score-corpus wrote")
    parser.add_argument("--price", action="append", required=True, metavar="VCPUS=PRICE",
                        help="of a machine an hour, in any currency; again for more")  # fmt: skip
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--partition", type=int, default=500)
    parser.add_argument("--machines", type=int, default=4)
    parser.add_argument("--speed", type=float, default=1.0, help="of a core, 1: as measured")
    parser.add_argument("--vcpus-per-core", type=int, default=2, help="2: hyper-threads are sold")
    parser.add_argument("--smt", type=float, default=1.2, help="work of a core's two threads")
    parser.add_argument("--start", type=float, default=60.0, help="seconds until a machine is up")
    parser.add_argument("--start-spread", type=float, default=30.0, help="mean delay on top")
    parser.add_argument("--load", type=float, default=15.0, help="seconds until a worker is warm")
    parser.add_argument("--overhead", type=float, default=0.1, help="of Dask, as a share")
    parser.add_argument("--taken", type=float, default=0.05, help="taken away, of machines an hour")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    per_article, found = measured(args.out), []
    for machine in args.price:
        vcpus, _, price = machine.partition("=")
        rng = np.random.default_rng(args.seed)
        runs = [simulate(per_article, int(vcpus), args, rng) for _ in range(args.runs)]
        cost = np.array([run["machine_hours"] for run in runs]) * float(price)
        found.append(
            {
                "vcpus": int(vcpus),
                "price_an_hour": float(price),
                "hours": round(float(np.mean([run["hours"] for run in runs])), 2),
                "machine_hours": round(float(np.mean([run["machine_hours"] for run in runs])), 1),
                "partitions_redone": round(float(np.mean([run["redone"] for run in runs])), 1),
                "cost": round(float(cost.mean()), 2),
                "cost_90_percent": [round(float(q), 2) for q in np.quantile(cost, [0.05, 0.95])],
            }
        )
    given = {name: value for name, value in vars(args).items() if name not in ("out", "price")}
    mean = float(1000 * per_article.mean())
    print(json.dumps({"cpu_ms_per_article": round(mean, 1), "assumed": given, "machines": found}))


if __name__ == "__main__":
    main()
