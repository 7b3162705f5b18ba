"""Audit the shipped model and keep what was found with its figures.

    python tools/write_audit.py [FOLDER]

Writes the swap audit's finding, and its summary by kind of name, into the folder's
metrics.json, for the reports, and the new sum of that file into SHA256SUMS. The weights'
version does not change by it.
"""

import json
import sys
from pathlib import Path

from analysis.paths import MODELS
from analysis.quality.audit import ALL, audit
from analysis.scorers.embedded import EmbeddedScorer
from analysis.scorers.onnx_folder import ModelFolder
from training.checksums import write_sums


def main(folder: Path) -> None:
    """Audit the model in a folder and rewrite its metrics.json and SHA256SUMS."""
    found = audit(EmbeddedScorer(folder, name=ModelFolder(folder).config.name))
    path = folder / "metrics.json"
    metrics = json.loads(path.read_text(encoding="utf-8"))
    kept = found.as_dict()
    kept["summary"] = [row for row in kept["summary"] if row["pair"] == ALL]
    metrics["audit"] = kept
    path.write_text(json.dumps(metrics, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_sums(folder)
    print(found.finding)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else MODELS / "counterpoint-small")
