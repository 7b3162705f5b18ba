"""The exit code of a command of this package."""

import sys
from collections.abc import Callable

from analysis.errors import AnalysisError


def exit_code(run: Callable[[], object]) -> int:
    """Return 0 if `run` succeeds; print one line and return 2 if its input cannot be used."""
    try:
        run()
    except AnalysisError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0
