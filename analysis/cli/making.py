"""Reports as a command makes them: what would be made, what was, and the exit code."""

import itertools
import logging
import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import typer

from analysis.cli.output import note
from analysis.errors import AnalysisError, one_line


def dry_run(
    requests: Sequence[Any], folder: Path, max_requests: int | None, *, force: bool
) -> NoReturn:
    """Say what would be made and why, and exit as that asks for."""
    from analysis.runs.plan import plan_all
    from analysis.runs.prescore import requests_needed

    steps, total = plan_all(requests, folder, force=force), 0
    for number, step in enumerate(steps):
        needed = 0
        try:
            if step.why and step.error is None:
                needed = requests_needed(step.request.params)
        except AnalysisError as error:  # the others are listed all the same
            steps[number] = step = replace(step, error=error)
        total += needed
        print(_plan_line(step, needed))
    if total:
        are = "is" if total == 1 else "are"
        line = f"{_requests(total)} to language models {are} needed; cached answers are reused"
        few = max_requests and max_requests < total
        note(f"{line}; --max-requests allows {max_requests}" if few else line)
    raise typer.Exit(_exit_code([step.error is None for step in steps], steps, lambda s: True))


def _requests(n: int) -> str:
    return "1 request" if n == 1 else f"{n} requests"


def _plan_line(step: Any, requests: int = 0) -> str:
    """Return the line of a dry run on one report, with its requests to language models."""
    article = one_line(step.request.label)
    if step.error is not None:
        return f"cannot make {article}: {one_line(step.error)}"
    why = "; ".join(map(str, step.why))
    asked = f"; {_requests(requests)}" if requests else ""
    return f"would make {article}: {why}{asked}" if why else f"up to date {article}"


def make(
    requests: Sequence[Any], folder: Path, options: Any, *, quiet: bool, pdf: bool, open_page: bool
) -> None:
    """Make reports, say where they lie and what failed, and exit as that asks for."""
    from analysis.runs.batch import run
    from analysis.runs.progress import Progress

    shown = not quiet and (len(requests) > 1 or sys.stderr.isatty())
    for name in ("asyncio", "traitlets", "papermill"):  # the one line of a failure says it all
        logging.getLogger(name).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module="IPython")  # a home that cannot be written to
    with Progress(len(requests), shown=shown) as progress:

        def tell(outcome: Any) -> None:
            if outcome.path is None:
                progress.say(outcome.error)
                return
            progress.out(outcome.path)
            if outcome.fresh and len(requests) == 1:
                note(f"{outcome.article}: up to date, not made again (--force makes it anyway)")

        done = run(requests, folder, options, tell=tell, progress=progress)
    if done.corpus is not None:
        print(done.corpus)
    for fault in done.faults:
        note(fault)
    made = [outcome.path for outcome in done.outcomes if outcome.path is not None]
    lost = _add_each(made, pdf=pdf, xlsx=options.xlsx)
    well = [outcome.path is not None for outcome in done.outcomes]
    if open_page and made:
        typer.launch((folder / "index.html" if len(made) > 1 else made[0]).resolve().as_uri())
    code = _exit_code(well, done.failed, lambda outcome: outcome.unusable)
    if code or lost or done.faults:
        raise typer.Exit(code or 1)


def _exit_code(well: Sequence[bool], failed: Sequence[Any], unusable: Any) -> int:
    """Return the exit code: 0 all went well, 1 some did not, 2 none could be used at all."""
    if all(well):
        return 0
    return 2 if not any(well) and all(unusable(each) for each in failed) else 1


def _add_each(pages: Sequence[Path], *, pdf: bool, xlsx: bool) -> int:
    """Write what is wanted beside each page; report each failure and return their number."""
    if not (pdf or xlsx):
        return 0
    from analysis.report.workbook import add_workbook
    from analysis.runs.printing import print_page

    failed = 0
    adders = [print_page] * pdf + [lambda page: add_workbook(page.with_suffix(""))] * xlsx
    for add, page in itertools.product(adders, pages):
        try:
            print(add(page))
        except AnalysisError as error:
            note(error)
            failed += 1
    return failed
