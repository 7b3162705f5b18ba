"""`python -m analysis` is the command `counterpoint`."""

import sys

from analysis.interruption import EXIT_CODE, interrupted_by_signals


def main() -> None:
    """Run the command; it can be interrupted while it is imported too."""
    with interrupted_by_signals():
        try:
            from analysis.cli import main as run

            run()
        except KeyboardInterrupt:
            print("counterpoint: interrupted; nothing was done", file=sys.stderr)
            sys.exit(EXIT_CODE)


if __name__ == "__main__":
    main()
