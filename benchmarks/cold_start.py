"""Cold start: import, load and first pair, against ONNX Runtime alone.

The yardstick is `import onnxruntime` and opening the same file with its defaults, which
no program that runs these weights can do without. Each side is timed inside a fresh
process from its first line on, in turns; the medians are compared. The embedded scorer
runs as users run it: files checked, cache on (an empty one). Prints one JSON object.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "data" / "models" / "counterpoint-small"
BARE = """
import time; start = time.perf_counter()
import sys, onnxruntime
onnxruntime.InferenceSession(sys.argv[1] + "/model.onnx", providers=["CPUExecutionProvider"])
print(time.perf_counter() - start)
"""
OURS = """
import time; start = time.perf_counter()
import sys
from pathlib import Path
from analysis.scorers.embedded import EmbeddedScorer
imported = time.perf_counter()
from analysis.types import Task
row = ("NATO has expanded to the east.", "It has, and it had promised not to.")
EmbeddedScorer(Path(sys.argv[1])).predict(Task.RELATION, [row])
print(time.perf_counter() - start, imported - start)
"""


def seconds(code: str, folder: Path, cache: str) -> list[float]:
    """Run code in a fresh process and return the seconds that it prints."""
    environment = os.environ | {"COUNTERPOINT_CACHE": cache, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [float(number) for number in done.stdout.split()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="the embedded model's folder")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--smoke", action="store_true", help="one round: does it run?")
    args = parser.parse_args()
    folder = args.folder.resolve()
    bare, ours, imports = [], [], []
    for _ in range(1 if args.smoke else args.rounds):
        with tempfile.TemporaryDirectory() as cache:
            bare += seconds(BARE, folder, cache)
            total, imported = seconds(OURS, folder, cache)
            ours.append(total)
            imports.append(imported)
    figures = {
        "rounds": len(bare),
        "bare_onnxruntime_s": round(statistics.median(bare), 3),
        "first_pair_s": round(statistics.median(ours), 3),
        "of_that_import_analysis_s": round(statistics.median(imports), 3),
        "ratio": round(statistics.median(ours) / statistics.median(bare), 2),
        "ratio_of_fastest": round(min(ours) / min(bare), 2),
    }
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
