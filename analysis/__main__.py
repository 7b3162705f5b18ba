"""`python -m analysis` is the command `counterpoint`."""

import sys
from typing import NoReturn

from analysis.interruption import EXIT_CODE, interrupted_by_signals


def main() -> None:
    """Run the command; it can be interrupted while it is imported too."""
    with interrupted_by_signals():
        try:
            from analysis.cli import main as run

            run()
        except KeyboardInterrupt:
            _end("interrupted; nothing was done", EXIT_CODE)
        except (MemoryError, ImportError) as error:
            if isinstance(error, ImportError) and "failed to map" not in str(error):
                raise
            _end("memory ran out: at least 2 GB are needed; `ulimit -v` shows the limit", 1)


def _end(message: str, code: int) -> NoReturn:
    print(f"counterpoint: {message}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
