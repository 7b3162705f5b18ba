"""The expected tables of the seed and our small articles; `make golden` writes them anew."""

import os
from pathlib import Path

import pandas as pd
import pytest

import analysis as cp

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
ARTICLES = [*(ROOT / "seeds").glob("*.txt"), *(ROOT / "tests" / "seeds").glob("*.txt")]
FRAMES = ("segments", "relations", "comparison")


@pytest.mark.parametrize("path", sorted(ARTICLES), ids=lambda p: p.stem)
def test_tables_are_as_expected(path):
    result = cp.score(cp.read(path), scorer="lexicon")
    for name in FRAMES:
        expected = GOLDEN / f"{path.stem}.{name}.csv"
        frame = result.frames[name]
        if os.environ.get("COUNTERPOINT_GOLDEN") == "write":
            GOLDEN.mkdir(exist_ok=True)
            frame.to_csv(expected, index=False, float_format="%.6f")
        wanted = pd.read_csv(expected, keep_default_na=False, na_values={}, dtype=str)
        found = frame.to_csv(index=False, float_format="%.6f")
        assert found == wanted.to_csv(index=False), f"{expected.name}: `make golden` writes it anew"
