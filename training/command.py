"""How a command of this package ends."""

import sys
from collections.abc import Callable

from analysis.errors import AnalysisError


def exit_code(run: Callable[[], object]) -> int:
    """Return 0 once `run` is through; 2 and one line where its input cannot be used."""
    try:
        run()
    except AnalysisError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0
