"""A few of the inputs of `tools/fuzz_readers.py`, which CI runs for ten minutes."""

import runpy
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture(scope="module")
def tool():
    sys.path.insert(0, str(TOOLS))
    try:
        return runpy.run_path(str(TOOLS / "fuzz_readers.py"))
    finally:
        sys.path.remove(str(TOOLS))


@pytest.mark.parametrize("name", ["made-pdf", "made-word", "made-annotations", "notes", "html"])
def test_made_and_changed_files_are_read_or_refused_in_one_line(tool, name, capsys):
    count = tool["fuzz"](name, 1, range(40), seconds=60)
    assert count.failed == 0, capsys.readouterr().err
    assert count.read >= 5
