"""What a command writes: JSON on standard output, messages on standard error."""

import json
import sys
from typing import Any

from analysis.errors import one_line


def json_text(value: Any) -> str:
    """Return a value as JSON that is indented."""
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)


def note(message: object) -> None:
    """Write one line to standard error."""
    print(f"counterpoint: {one_line(message)}", file=sys.stderr)
