"""A night in which a stage of some articles hangs or allocates, as in benchmarks/night.py."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORDS = ["readhangs", "parsehangs", "alignallocates", "scoreallocates", "drawhangs"]
pytestmark = pytest.mark.slow


@pytest.fixture
def night():
    spec = importlib.util.spec_from_file_location("night", ROOT / "benchmarks" / "night.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_stage_that_hangs_or_allocates_fails_its_article_alone(night, tmp_path):
    articles = night.write_folder(tmp_path / "in", 7)
    bad = night.make_bad(articles[:5], WORDS)
    seconds, done = night.run(articles, tmp_path / "out", scorer="lexicon", jobs=2, timeout=60)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    made = {Path(line).stem for line in done.stdout.splitlines()}
    assert made == {path.stem for path in articles[5:]}
    told = [line for line in done.stderr.splitlines() if line.startswith("counterpoint: ")]
    assert len(told) == 5
    for path, word in zip(bad, WORDS, strict=True):
        (line,) = (line for line in told if str(path) in line)
        expected = "within 60 seconds" if word.endswith("hangs") else "more --memory"
        assert expected in line
    assert seconds < 600, "three hang, two at a time"
