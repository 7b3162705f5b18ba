"""Does the runner's memory grow with the number of reports? One run over many small articles.

The runner is this process; its resident memory is read as each report is finished, and
the mean over the last tenth is set against that over the second tenth (of 1,000: the last
hundred against the second hundred). The notebook is a small one, as the runner holds the
same of a large one: the notebook, its outputs and its page. Prints one JSON object.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

import psutil

from analysis.params import report_params
from analysis.runs.batch import Options, run
from analysis.runs.outcomes import Outcome
from analysis.runs.plan import ReportRequest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from make_corpus import write_folder  # noqa: E402

SMALL = ROOT / "tests" / "notebooks" / "small.ipynb"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--notebook", type=Path, default=SMALL)
    parser.add_argument("--smoke", action="store_true", help="20 articles: only that it runs")
    args = parser.parse_args()
    count = 20 if args.smoke else args.count
    process, held = psutil.Process(), []

    def note(outcome: Outcome) -> None:
        if outcome.path is None:
            raise SystemExit(outcome.error)
        held.append(process.memory_info().rss)
        if len(held) % 50 == 0:
            print(
                f"{len(held)} of {count}: {held[-1] / 2**20:.1f} MiB", file=sys.stderr, flush=True
            )

    with tempfile.TemporaryDirectory() as scratch:
        articles = write_folder(Path(scratch) / "articles", count)
        requests = [
            ReportRequest(
                report_params(article=str(path), scorer="lexicon"), notebook=args.notebook
            )
            for path in articles
        ]
        run(requests, Path(scratch) / "reports", Options(jobs=args.jobs), tell=note)
    tenth = count // 10
    second, last = (statistics.mean(part) for part in (held[tenth : 2 * tenth], held[-tenth:]))
    found = {
        "articles": count,
        "second_tenth_mib": round(second / 2**20, 1),
        "last_tenth_mib": round(last / 2**20, 1),
        "ratio": round(last / second, 3),
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
