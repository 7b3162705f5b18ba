"""The command line: parse, build the parameters, one call.

A user's command line comes in, calls to the other subpackages go out. Each module holds a group of
commands. Results go to standard output, progress and messages to standard error. Exit codes: 0
success, 1 some article failed (the others are done), 2 wrong use or unusable input.
"""

import logging
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from analysis.cli import labels, look, measures, reports, scores
from analysis.cli.options import join_parameters, listed_parameters
from analysis.cli.output import note
from analysis.errors import AnalysisError
from analysis.interruption import EXIT_CODE, interrupted_by_signals
from analysis.params import PairParams, ReportParams
from analysis.scorers.run_settings import run_settings

INTERRUPTED = "interrupted; only what is printed above was done"
EXAMPLES = """
**Examples**

`counterpoint report my/article.txt --open`

`counterpoint report my/folder --jobs 4 --xlsx`

`counterpoint score my/article.txt --targets NATO --json`

`counterpoint compare my/original.txt my/republished.txt`

`counterpoint label my/article.txt 3 agree`
"""
COMMANDS = {  # by the panel of the help
    "Reports and scores": (
        reports.report, reports.compare, scores.score, scores.score_corpus, reports.index,
    ),
    "How far to trust them": (measures.evaluate, measures.evaluation),
    "People's labels": (labels.agreement, measures.recalibrate, labels.label),
    "Check and convert": (look.targets, look.check, look.convert, look.models),
}  # fmt: skip
EPILOGS = {
    reports.report: listed_parameters(ReportParams),
    reports.compare: listed_parameters(PairParams, "original", "same_event", "second"),
}


class _Group(typer.core.TyperGroup):
    """The commands; an interrupted one says so in one line."""

    def invoke(self, context: typer.Context) -> Any:
        """Call a command."""
        try:
            return super().invoke(context)
        except KeyboardInterrupt as error:
            note(str(error) or INTERRUPTED)
            sys.exit(EXIT_CODE)


app = typer.Typer(
    name="counterpoint",
    cls=_Group,
    help="Find which passage each inline comment of an article answers, how it responds, and where "
    "article and comments stand.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
for panel, commands in COMMANDS.items():
    for command in commands:
        app.command(rich_help_panel=panel, epilog=EPILOGS.get(command))(command)


def _print_version(wanted: bool) -> None:
    if wanted:
        from analysis import __version__

        print(f"counterpoint {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Hold the options of the command itself."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command; every error a user can cause is one line and exit code 2."""
    if sys.stderr is None:  # closed by the caller
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    if sys.stdout is None:
        note("standard output is closed; expected it open, at least to /dev/null")
        sys.exit(2)
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    warnings = logging.StreamHandler()
    warnings.setFormatter(logging.Formatter("counterpoint: %(message)s"))
    logging.getLogger("analysis").handlers[:] = [warnings]
    words = join_parameters(sys.argv[1:] if argv is None else argv) or ["--help"]
    try:
        with interrupted_by_signals(), run_settings():
            code = app(args=words, prog_name="counterpoint", standalone_mode=False)
        sys.stdout.flush()
    except typer.Abort:  # before or after the command itself
        note(INTERRUPTED)
        sys.exit(EXIT_CODE)
    except BrokenPipeError:
        # the reader of our output has gone, so there is nobody to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (AnalysisError, TyperException) as error:
        note(error if isinstance(error, AnalysisError) else f"{error.format_message()} Try --help")
        sys.exit(2)
    except OSError as error:
        note(f"output cannot be written ({error.strerror or error}); check space and permissions")
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
