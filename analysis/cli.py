"""The command line: parse, build the parameters, one call.

Results go to standard output, progress and messages to standard error. Exit
codes: 0 all went well, 1 some article failed (the others are done), 2 wrong use
or unusable input.
"""

import itertools
import json
import logging
import os
import sys
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import yaml
from typer.exceptions import TyperException

from analysis.atomic import write_atomically
from analysis.errors import AnalysisError, ParameterError, one_line
from analysis.interruption import EXIT_CODE, interrupted_by_signals
from analysis.params import PairParams, ReportParams
from analysis.scorers import DEFAULT_SCORER
from analysis.scorers.run_settings import allow, run_settings
from analysis.types import SCORERS, Task
from analysis.yaml_files import YamlError, parse_yaml

INTERRUPTED = "interrupted; what was not printed above was not done"
EXAMPLES = """
**Examples**

`counterpoint report my/article.txt --open`

`counterpoint report my/folder --jobs 4 --xlsx`

`counterpoint score my/article.txt --targets NATO --json`

`counterpoint compare my/original.txt my/republished.txt`

`counterpoint label my/article.txt 3 agree`
"""


def _listed_parameters(model: type[ReportParams], *hidden: str) -> str:
    """Return the help on a report's parameters but those that are hidden."""
    return "\n\n".join([
        "**Parameters**, each given with -p NAME VALUE; a list by giving it again",
        *(
            f"`{name}`: {field.description}"
            for name, field in model.model_fields.items()
            if name not in ("article", "tables", *hidden)
        ),
    ])  # fmt: skip


PARAMETERS = _listed_parameters(ReportParams)
PAIR_PARAMETERS = _listed_parameters(PairParams, "original", "same_event", "second")


class _Group(typer.core.TyperGroup):
    """The commands; one that is interrupted says so in a line."""

    def invoke(self, context: typer.Context) -> Any:
        """Call a command."""
        try:
            return super().invoke(context)
        except KeyboardInterrupt as error:
            _note(str(error) or INTERRUPTED)
            sys.exit(EXIT_CODE)


app = typer.Typer(
    name="counterpoint",
    cls=_Group,
    help="What comments inside news articles say of them, and toward whom both take sides.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
READ, MEASURE, LABELS = "Reports and scores", "How far to trust them", "People's labels"
LOOK = "Look and convert"

EvaluationTask = StrEnum(
    "EvaluationTask",
    [(task.name, task.value) for task in Task]
    + [(n.upper(), n) for n in ("alignment", "marginalia", "targets", "versions")],
)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Scorer = Annotated[str, typer.Option(help=f"One of {', '.join(SCORERS)}.")]
Targets = Annotated[
    list[str] | None, typer.Option(help="What the stances are toward; again for more.")
]
Parameters = Annotated[
    list[str] | None,
    typer.Option("-p", metavar="NAME VALUE", help="A parameter of the report; again for more."),
]
Seen = Annotated[
    bool,
    typer.Option("--seen", help="Also labels given after the program's answer was seen."),
]
AllowDownload = Annotated[
    bool, typer.Option("--allow-download", help="Get an article that is named by its address.")
]
AllowRemote = Annotated[
    bool,
    typer.Option("--allow-remote", help="Let a language model on another machine read the texts."),
]
MaxRequests = Annotated[
    int | None, typer.Option(min=1, help="Requests to language models that the run may make.")
]
Out = Annotated[Path | None, typer.Option(help="The folder of the reports; else reports.")]
Force = Annotated[bool, typer.Option("--force", help="Also what is up to date.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be made, and why.")]
Timeout = Annotated[
    float | None, typer.Option(min=0, help="Seconds that a report may take; 0: no bound.")
]
Memory = Annotated[int | None, typer.Option(min=0, help="MiB that a report may take; 0: no bound.")]
Pdf = Annotated[bool, typer.Option("--pdf", help="Print each page as PDF too.")]
Xlsx = Annotated[
    bool | None, typer.Option("--xlsx", help="Also each report's tables as an Excel workbook.")
]
OpenPage = Annotated[
    bool, typer.Option("--open", help="Open the page in the browser when it is made.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress; results and errors alone.")]
Downloads = Annotated[Path, typer.Option(help="The folder that a downloaded page is kept in.")]


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command; every error a user can cause is one line and exit code 2."""
    if sys.stderr is None:  # closed by the caller
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    if sys.stdout is None:
        _note("standard output is closed; expected it open, at least to /dev/null")
        sys.exit(2)
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    warnings = logging.StreamHandler()
    warnings.setFormatter(logging.Formatter("counterpoint: %(message)s"))
    logging.getLogger("analysis").handlers[:] = [warnings]
    words = _join_parameters(sys.argv[1:] if argv is None else argv) or ["--help"]
    try:
        with interrupted_by_signals(), run_settings():
            code = app(args=words, prog_name="counterpoint", standalone_mode=False)
        sys.stdout.flush()
    except typer.Abort:  # before or after the command itself
        _note(INTERRUPTED)
        sys.exit(EXIT_CODE)
    except BrokenPipeError:
        # the reader of our output has gone, so there is nobody to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (AnalysisError, TyperException) as error:
        _note(error if isinstance(error, AnalysisError) else f"{error.format_message()} Try --help")
        sys.exit(2)
    except OSError as error:
        _note(
            f"output cannot be written ({error.strerror or error}); expected room and rights for it"
        )
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


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
            "--version", callback=_print_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    """Hold the options of the command itself."""


@app.command(rich_help_panel=READ, epilog=PARAMETERS)
def report(
    articles: Annotated[
        list[str] | None,
        typer.Argument(help="Annotated articles, folders or patterns; none given: seeds/."),
    ] = None,
    site: Annotated[
        Path | None, typer.Option(help="A site file, YAML: articles, parameters, grouping.")
    ] = None,
    out: Out = None,
    parameter: Parameters = None,
    jobs: Annotated[
        int | None, typer.Option(min=0, help="Reports made at a time; 0: one a core.")
    ] = None,
    force: Force = False,
    dry_run: DryRun = False,
    timeout: Timeout = None,
    memory: Memory = None,
    corpus: Annotated[
        bool | None, typer.Option(help="Also one report that compares all of the folder.")
    ] = None,
    pdf: Pdf = False,
    xlsx: Xlsx = None,
    base_url: Annotated[
        str | None, typer.Option(help="Where the reports will lie on the web, for share cards.")
    ] = None,
    allow_remote: AllowRemote = False,
    max_requests: MaxRequests = None,
    open_page: OpenPage = False,
    quiet: Quiet = False,
    allow_download: AllowDownload = False,
    downloads: Downloads = Path("downloads"),
) -> None:
    """Write a comparison report for each article, and for each one of a table."""
    overrides = {
        "jobs": jobs, "timeout": timeout, "memory": memory, "corpus": corpus, "xlsx": xlsx,
        "allow_remote": allow_remote or None, "max_requests": max_requests,
    }  # fmt: skip
    values = _report_parameters(parameter)
    settings = _settings(site, overrides)
    requests = _report_requests(
        articles or [], site, out, values, downloads if allow_download else None, settings
    )
    if base_url is not None:
        requests = [replace(request, base_url=_base_url(base_url)) for request in requests]
    folder, options = _run_options(requests, site, out, settings, force=force)
    if dry_run:
        _dry_run(requests, folder, max_requests, force=force)
    _make(requests, folder, options, quiet=quiet, pdf=pdf, open_page=open_page)


@app.command(rich_help_panel=READ, epilog=PAIR_PARAMETERS)
def compare(
    original: Annotated[str, typer.Argument(help="The article as first published, in any form.")],
    republished: Annotated[
        str, typer.Argument(help="The republished article, with its comments, in any form.")
    ],
    same_event: Annotated[
        bool,
        typer.Option("--same-event", help="They are two outlets' stories of one event."),
    ] = False,
    out: Out = None,
    parameter: Parameters = None,
    force: Force = False,
    dry_run: DryRun = False,
    timeout: Timeout = None,
    memory: Memory = None,
    pdf: Pdf = False,
    xlsx: Xlsx = None,
    allow_remote: AllowRemote = False,
    max_requests: MaxRequests = None,
    open_page: OpenPage = False,
    quiet: Quiet = False,
    allow_download: AllowDownload = False,
    downloads: Downloads = Path("downloads"),
) -> None:
    """Write a report on what a republisher changed in an article, or on two stories of an event."""
    from analysis.params import pair_params
    from analysis.readers.inputs import local_file
    from analysis.runs.sitefile import pair_request

    overrides = {
        "timeout": timeout, "memory": memory, "xlsx": xlsx,
        "allow_remote": allow_remote or None, "max_requests": max_requests,
    }  # fmt: skip
    values = _report_parameters(parameter) | ({"same_event": True} if same_event else {})
    named = {"original": original, "republished": republished}
    if given := sorted(named.keys() & values):
        raise ParameterError(f"-p {given[0]}: give the two articles as arguments")
    params = pair_params(**values | named)
    kept = downloads if allow_download else None
    files = {side: local_file(name, params, downloads=kept) for side, name in named.items()}
    requests = [pair_request(values | files)]
    folder, options = _run_options(requests, None, out, _settings(None, overrides), force=force)
    if dry_run:
        _dry_run(requests, folder, max_requests, force=force)
    _make(requests, folder, options, quiet=quiet, pdf=pdf, open_page=open_page)


def _dry_run(
    requests: Sequence[Any], folder: Path, max_requests: int | None, *, force: bool
) -> NoReturn:
    """Say what would be made, and why."""
    from analysis.runs.plan import plan_all

    steps = plan_all(requests, folder, force=force)
    needed = 0
    for step in steps:
        requests_needed = _requests_needed(step)
        needed += requests_needed
        print(_plan_line(step, requests_needed))
    if needed:
        _note(_needed_line(needed, max_requests))
    raise typer.Exit(_exit_code([step.error is None for step in steps], steps, lambda s: True))


def _make(
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
                _note(f"{outcome.article}: up to date, left as it is (--force writes it again)")

        done = run(requests, folder, options, tell=tell, progress=progress)
    if done.corpus is not None:
        print(done.corpus)
    for fault in done.faults:
        _note(fault)
    made = [outcome.path for outcome in done.outcomes if outcome.path is not None]
    lost = _add_each(made, pdf=pdf, xlsx=options.xlsx)
    well = [outcome.path is not None for outcome in done.outcomes]
    if open_page and made:
        typer.launch((folder / "index.html" if len(made) > 1 else made[0]).resolve().as_uri())
    code = _exit_code(well, done.failed, lambda outcome: outcome.unusable)
    if code or lost or done.faults:
        raise typer.Exit(code or 1)


@app.command(rich_help_panel=READ)
def score(
    article: Annotated[str, typer.Argument(help="An annotated article in any form.")],
    targets: Targets = None,
    scorer: Scorer = DEFAULT_SCORER,
    as_json: Json = False,
    xlsx: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write them as an Excel workbook.")
    ] = None,
    parameter: Parameters = None,
    allow_download: AllowDownload = False,
    downloads: Downloads = Path("downloads"),
    allow_remote: AllowRemote = False,
    max_requests: MaxRequests = None,
) -> None:
    """Score one article and print its tables."""
    allow(remote=allow_remote, most=max_requests or 0)
    from analysis.params import report_params
    from analysis.readers import warn_of_reading
    from analysis.readers.inputs import local_file
    from analysis.report.views import as_object, as_text
    from analysis.scoring.pipeline import run

    values = {"scorer": scorer, "targets": tuple(targets or ())} | _report_parameters(parameter)
    params = report_params(article=article, **values)
    path = local_file(article, params, downloads=downloads if allow_download else None)
    result = run(params.model_copy(update={"article": path}))
    warn_of_reading(result.article)
    if xlsx is not None:
        from analysis.report.workbook import write_workbook

        write_workbook(result.frames, xlsx)
    print(_json(as_object(result)) if as_json else as_text(result))


@app.command(rich_help_panel=READ)
def score_corpus(
    inputs: Annotated[
        list[Path],
        typer.Argument(help="JSON lines, CSV or Parquet, an article a row; files or folders."),
    ],
    out: Annotated[Path, typer.Option(help="The folder of the Parquet files.")],
    targets: Targets = None,
    scorer: Scorer = DEFAULT_SCORER,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE=NAME", help="A column's name, as text=Body; again for more."),
    ] = None,
    parameter: Parameters = None,
    cluster: Annotated[
        str | None, typer.Option(help="A Dask scheduler, tcp://host:8786; none: this machine.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes on this machine; none: one a core.")
    ] = None,
    partition_articles: Annotated[int, typer.Option(min=1, help="Articles a partition.")] = 500,
    force: Annotated[bool, typer.Option("--force", help="Score anew what is there.")] = False,
    as_json: Json = False,
    allow_remote: AllowRemote = False,
    max_requests: MaxRequests = None,
) -> None:
    """Score every article of a corpus over Dask; a run that was aborted goes on."""
    from analysis.scale.corpus import score_corpus as run
    from analysis.scale.sources import sources
    from analysis.scorers.smaller import CHARACTERS_AN_ARTICLE, smaller_model_note

    allow(remote=allow_remote, most=max_requests or 0)
    values = _parameters(parameter or [])
    if wrong := {"article", "tables", "targets", "scorer"} & set(values):
        raise ParameterError(f"-p {min(wrong)}: it is no parameter of a corpus, see --help")
    columns = dict(map(_column_role, column or []))
    if cluster is None:
        characters = sum(source.size for source in sources(inputs, columns))
        about = characters // CHARACTERS_AN_ARTICLE
        if line := smaller_model_note(scorer, about, workers=workers or 0):
            _note(line)
    outcome = run(
        inputs,
        out,
        columns=columns,
        cluster=cluster,
        workers=workers,
        articles=partition_articles,
        force=force,
        targets=tuple(targets or ()),
        scorer=scorer,
        **values,
    )
    for line in outcome.failed.values():
        _note(line)
    _note(outcome)
    print(_json(outcome.manifest) if as_json else out)
    if outcome.failed or outcome.counts["rejected"]:
        raise typer.Exit(1)


def _column_role(item: str) -> tuple[str, str]:
    role, equals, name = item.partition("=")
    if not equals or not name:
        raise ParameterError(f"--column {item}: found no name; expected ROLE=NAME, as text=Body")
    return role, name


@app.command(rich_help_panel=MEASURE)
def evaluate(
    task: Annotated[EvaluationTask, typer.Argument(help="What the labels are of.")],
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Labelled rows, JSON lines, or of versions a folder of pairs; none for "
            "marginalia, targets and versions: ours."
        ),
    ] = None,
    scorer: Scorer = DEFAULT_SCORER,
    rows: Annotated[
        Path | None,
        typer.Option(help='Only these rows or blocks: JSON, {"rows_from_0": [numbers]}.'),
    ] = None,
    seen: Seen = False,
    as_json: Json = False,
    allow_remote: AllowRemote = False,
    max_requests: MaxRequests = None,
) -> None:
    """Measure a scorer on labelled rows, or how comments, targets and edits are found."""
    allow(remote=allow_remote, most=max_requests or 0)
    if task == "marginalia":
        from analysis.quality.marginalia import DEV, bench

        named = {"task": "marginalia", "scorer": scorer} | _model(scorer)
        measured = iter(bench([scorer], file or DEV, rows).items())
        _, own = next(measured)
        _print_measures(named | own | {"baselines": dict(measured)}, as_json)
        return
    if task == "targets":
        from analysis.quality import targets as found
        from analysis.quality.marginalia import DEV, read_blocks

        blocks = read_blocks(file or DEV, rows)
        _print_measures({"task": "targets"} | found.evaluate(blocks), as_json)
        return
    if task == "versions":
        from analysis.quality.versions import GOLD
        from analysis.quality.versions import bench as measured

        _print_measures({"task": "versions"} | measured(file or GOLD, scorer), as_json)
        return
    if file is None:
        raise ParameterError(f"evaluate {task}: found no file; expected labelled rows, JSON lines")
    if task == "alignment":
        _print_alignment(file, as_json)
        return
    from analysis.quality.evaluate import evaluate as measure
    from analysis.quality.evaluate import pick_rows
    from analysis.quality.evaluation import read_rows
    from analysis.scorers import load

    kind = Task(task.value)
    _note_seen([file], seen)
    texts, gold = read_rows(file, kind, seen=seen)
    if rows is not None:
        texts, gold = pick_rows(texts, gold, rows)
    named = {"task": kind.value, "scorer": scorer} | _model(scorer)
    _print_measures(named | measure(load(scorer), kind, texts, gold), as_json)


def _model(scorer: str) -> dict[str, str]:
    """Return the model that a scorer uses."""
    from analysis.scorers import load

    return {"model": load(scorer).info.model}


def _print_measures(measures: dict[str, Any], as_json: bool) -> None:
    print(_json(measures) if as_json else yaml.safe_dump(measures, sort_keys=False).rstrip())


@app.command(rich_help_panel=MEASURE)
def evaluation(
    data: Annotated[
        list[str] | None, typer.Argument(help="Labelled rows, each TASK:FILE; none: our examples.")
    ] = None,
    scorer: Annotated[
        list[str] | None,
        typer.Option(help=f"One of {', '.join(SCORERS)}; again for more, side by side."),
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder of the page.")] = Path("reports"),
    allow_remote: AllowRemote = False,
    max_requests: MaxRequests = None,
) -> None:
    """Write the page that says how far to trust scorers: baselines, calibration, swap audit."""
    from analysis.runs.publish import evaluation as write

    allow(remote=allow_remote, most=max_requests or 0)
    print(write(scorer or [DEFAULT_SCORER], data or [], out))


@app.command(rich_help_panel=LABELS)
def agreement(
    folder: Annotated[Path, typer.Argument(help="Annotators' logs, NAME.jsonl each.")],
    out: Annotated[
        Path | None, typer.Option(help="Write what is agreed on or settled here, as gold.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,
    seen: Seen = False,
    as_json: Json = False,
) -> None:
    """Measure how far annotators agree, and make gold of their labels."""
    from analysis.gold.agreement import agreement as measure
    from analysis.gold.agreement import gold_text, labelled_items
    from analysis.gold.labels import annotators

    items = labelled_items(folder, seen=seen)
    _note_seen(annotators(folder).values(), seen)
    table = measure(items)
    if as_json:
        print(table.to_json(orient="records", indent=1, double_precision=15))
    else:
        print(table.round(3).to_string(index=False) if len(table) else "no item has two labels")
    if out is not None:
        if out.exists() and not force:
            raise ParameterError(f"--out {out}: is there already; --force writes over it")
        text = gold_text(items)
        write_atomically(out, text)
        disputes = sum(item.disputed and not item.gold for item in items)
        _note(
            f"{out}: {len(text.splitlines())} labels; {disputes} disputes are not settled, left out"
        )


@app.command(rich_help_panel=LABELS)
def recalibrate(
    task: Annotated[Task, typer.Argument(help="Whose calibration.")],
    file: Annotated[Path, typer.Argument(help="Labelled rows, as `evaluate` reads them.")],
    out: Annotated[
        Path, typer.Option(help="A new folder for the model, or of llm:MODEL a new file.")
    ],
    scorer: Annotated[
        str, typer.Option(help="embedded, embedded-small, embedded:FOLDER or llm:MODEL.")
    ] = DEFAULT_SCORER,
    force: Annotated[bool, typer.Option("--force", help="Also if no gain can be shown.")] = False,
    seen: Seen = False,
    as_json: Json = False,
    allow_remote: AllowRemote = False,
    max_requests: MaxRequests = None,
) -> None:
    """Fit a model's confidence to people's labels, and write it as a new folder or file."""
    from analysis.quality import recalibrate as calibration
    from analysis.quality.evaluate import read_gold
    from analysis.scorers import load
    from analysis.scorers.embedded import EmbeddedScorer
    from analysis.scorers.llm import LlmScorer

    allow(remote=allow_remote, most=max_requests or 0)
    calibration.refuse_existing(out)
    model = load(scorer)
    if not isinstance(model, EmbeddedScorer | LlmScorer):
        raise ParameterError(
            f"--scorer {scorer}: expected embedded, embedded-small, embedded:FOLDER or llm:MODEL"
        )
    _note_seen([file], seen)
    fitted = calibration.measure(model, task, *read_gold(file, task, seen=seen))
    print(_json(fitted.as_dict()) if as_json else "\n".join(calibration.lines(fitted)))
    if not (fitted.helps or force):
        raise ParameterError(
            f"{task}: nothing was written, as no gain can be shown; label more, or --force"
        )
    language = isinstance(model, LlmScorer)
    write = calibration.write_llm if language else calibration.write
    print(write(model, fitted, out), file=sys.stderr if as_json else sys.stdout)
    again = f"llm:{model.model}?calibration={out}" if language else f"embedded:{out}"
    _note(f"use it with --scorer {again}; the model that it was made from is as it was")


@app.command(rich_help_panel=LOOK)
def targets(
    article: Annotated[str, typer.Argument(help="An annotated article in any form.")],
    as_json: Json = False,
    parameter: Parameters = None,
) -> None:
    """Print the targets found in an article, each with its aliases and why it was chosen."""
    from analysis.params import report_params
    from analysis.readers import read, read_options, warn_of_reading
    from analysis.text.aliases import read_aliases
    from analysis.text.found_targets import found_targets

    params = report_params(article=article, **_report_parameters(parameter))
    read_article = read(article, read_options(params))
    warn_of_reading(read_article)
    found = found_targets(read_article, aliases=read_aliases(params.aliases))
    if as_json:
        print(_json([each.as_dict() for each in found]))
        return
    for each in found:
        listed = ", ".join(each.target.aliases)
        print(f"{each.target.name}{f' ({listed})' if listed else ''}: {each.why}")


@app.command(rich_help_panel=LOOK)
def check(
    files: Annotated[
        list[str], typer.Argument(help="Annotated articles, folders, patterns or tables.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False,
    parameter: Parameters = None,
    allow_download: AllowDownload = False,
    downloads: Downloads = Path("downloads"),
) -> None:
    """Show how files are read: title, paragraphs, quotations, comments, and what looks wrong."""
    from analysis.params import report_params
    from analysis.readers import read, read_options
    from analysis.readers.inputs import expand_inputs
    from analysis.report.check import check as examine
    from analysis.report.check import preview
    from analysis.runs.reading import table_ids

    values = _report_parameters(parameter)
    chosen = expand_inputs(
        files, values, out=Path("reports"), downloads=downloads if allow_download else None,
        ids=partial(table_ids, seconds=0, memory=0),
    )  # fmt: skip
    found, unread = [], False
    for label, own in chosen.items():
        params = report_params(**values | own)
        try:
            found.append(examine(read(params.article, read_options(params)), label))
        except AnalysisError as error:
            unread = True
            _note(error)
            continue
        if not as_json:
            for line in preview(found[-1], lambda text, colour: typer.style(text, fg=colour)):
                typer.echo(line)
    if as_json:
        print(_json([each.as_object() for each in found]))
    if unread or any(each.suspicions for each in found):
        raise typer.Exit(2 if unread else 1)


@app.command(rich_help_panel=LABELS)
def label(
    article: Annotated[str, typer.Argument(help="An annotated article in any form.")],
    comment: Annotated[
        str, typer.Argument(metavar="COMMENTARY_ID", help="Its id in the tables, or its number.")
    ],
    label: Annotated[str, typer.Argument(help="Your label of it, one of the task's.")],
    task: Annotated[Task, typer.Option(help="relation or stance.")] = Task.RELATION,
    target: Annotated[str, typer.Option(help="What a stance is toward.")] = "",
    annotator: Annotated[str, typer.Option(help="Your name; else the login name.")] = "",
    folder: Annotated[Path, typer.Option(help="The folder of the labels.")] = Path("data/gold"),
    parameter: Parameters = None,
) -> None:
    """Keep your label of a comment beside the program's; the report shows both."""
    from analysis.lab.labelling import label_comment
    from analysis.params import report_params

    if task is Task.BIAS:
        raise ParameterError("--task bias: a comment has none; expected relation or stance")
    params = report_params(article=article, **_report_parameters(parameter))
    about = {"task": task, "target": target, "annotator": annotator, "folder": folder}
    print(label_comment(params, comment, label, **about))


@app.command(rich_help_panel=READ)
def index(
    folder: Annotated[Path, typer.Argument(help="The folder of the reports.")] = Path("reports"),
) -> None:
    """Write the page of all reports in a folder anew."""
    from analysis.runs.index import write_index

    print(write_index(folder))


@app.command(rich_help_panel=LOOK)
def convert(
    source: Annotated[str, typer.Argument(help="An annotated article in any form.")],
    out: Annotated[Path, typer.Argument(help="A .txt (plain text) or .json (Web Annotation).")],
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,
    parameter: Parameters = None,
    allow_download: AllowDownload = False,
    downloads: Downloads = Path("downloads"),
) -> None:
    """Write an article as the project's own plain text or as Web Annotation JSON."""
    from analysis.params import report_params
    from analysis.readers.conversion import convert as write
    from analysis.readers.inputs import local_file
    from analysis.readers.options import read_options

    params = report_params(article=source, **_report_parameters(parameter))
    path = local_file(source, params, downloads=downloads if allow_download else None)
    for written in write(path, out, read_options(params), force=force):
        print(written)


@app.command(rich_help_panel=LOOK)
def models(as_json: Json = False) -> None:
    """Print the scorers that can be named."""
    lines = (f"{name}: {description}" for name, description in SCORERS.items())
    print(_json(SCORERS) if as_json else "\n".join(lines))


def _note_seen(logs: Iterable[Path], seen: bool) -> None:
    """Say how many labels are left out, as the program's answer had been seen before."""
    from analysis.gold.labels import seen_labels

    if not seen and (n := seen_labels(*logs)):
        what = "label was" if n == 1 else "labels were"
        _note(f"{n} {what} given after the program's was seen, left out; --seen counts them")


def _print_alignment(file: Path, as_json: bool) -> None:
    """Print how often the right paragraph is found, first and among three, a row a method."""
    from analysis.quality.alignment import alignment_accuracy, read_anchored_articles

    table = alignment_accuracy(read_anchored_articles(file))
    if as_json:
        rows = json.loads(table.to_json(orient="records"))
        print(_json({"task": "alignment", "methods": rows}))
    else:
        print(table.round(3).to_string(index=False, na_rep="-"))


def _report_requests(
    articles: Sequence[str],
    site: Path | None,
    out: Path | None,
    values: dict[str, Any],
    downloads: Path | None,
    settings: dict[str, Any],
) -> list:
    """Return the requested reports; the command line overrides the site file."""
    from analysis.params import report_params
    from analysis.paths import SEEDS
    from analysis.readers.inputs import expand_inputs
    from analysis.runs.plan import ReportRequest
    from analysis.runs.reading import table_ids
    from analysis.runs.sitefile import read_site, site_requests

    if site is not None and articles:
        raise ParameterError(f"--site {site}: found articles beside it; expected one or the other")
    ids = partial(table_ids, seconds=settings["timeout"], memory=settings["memory"] * 2**20)
    if site is not None:
        return site_requests(read_site(site), site.parent, values, out=out, ids=ids)
    chosen = expand_inputs(
        articles or [str(SEEDS)], values, out=out or Path("reports"), downloads=downloads, ids=ids
    )
    return [ReportRequest(report_params(**values | own)) for own in chosen.values()]


def _base_url(text: str) -> str:
    from analysis.runs.sitefile import web_address

    try:
        return web_address(text) if text else ""
    except ValueError as error:
        raise ParameterError(
            f"--base-url: found {text!r} ({error}); expected where the reports will lie, such as "
            "https://example.org/reports"
        ) from None


def _settings(site: Path | None, overrides: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a run; those given override the site file's."""
    from analysis.runs.sitefile import read_site

    settings = {
        "jobs": 0, "timeout": 900.0, "memory": 4096, "corpus": False, "xlsx": False,
        "allow_remote": False, "max_requests": 0,
    }  # fmt: skip
    if site is not None:
        site_file = read_site(site)
        settings = {name: getattr(site_file, name) for name in settings}
    return settings | {name: value for name, value in overrides.items() if value is not None}


def _run_options(
    requests: Sequence[Any], site: Path | None, out: Path | None, settings: dict, *, force: bool
) -> tuple[Path, Any]:
    """Return the reports' folder and the run's options."""
    from analysis.runs.batch import Options
    from analysis.runs.redaction import secrets
    from analysis.runs.sitefile import read_site

    site_file = read_site(site) if site is not None else None
    allow(remote=settings["allow_remote"], most=settings["max_requests"])
    options = Options(
        jobs=settings["jobs"],
        force=force,
        seconds=settings["timeout"],
        memory=settings["memory"] * 2**20,
        xlsx=bool(settings["xlsx"]),
        secrets=secrets(site_file.secrets if site_file is not None else ()),
        corpus=_corpus_parameters(requests, site_file) if settings["corpus"] else None,
    )
    default = site.parent / site_file.out if site_file is not None else Path("reports")
    return out or default, options


def _corpus_parameters(requests: Sequence[Any], site_file: Any) -> dict[str, Any]:
    """Return the corpus report's parameters, taken from the first article and the site file."""
    first = requests[0].params
    return {
        "targets": list(first.targets),
        "group_by": site_file.group_by if site_file is not None else "outlet",
        "confidence_level": first.confidence_level,
        "seed": first.seed,
    }


def _requests_needed(step: Any) -> int:
    """Return how many requests to language models a report needs, 0 where it is not made."""
    from analysis.runs.prescore import requests_needed

    return requests_needed(step.request.params) if step.why and step.error is None else 0


def _needed_line(needed: int, most: int | None) -> str:
    line = f"{needed} requests to language models are needed; what is cached is not asked again"
    return f"{line}; --max-requests allows {most}" if most and most < needed else line


def _plan_line(step: Any, requests: int = 0) -> str:
    """Return the line of a dry run on one report, with its requests to language models."""
    article = one_line(step.request.label)
    if step.error is not None:
        return f"cannot make {article}: {one_line(step.error)}"
    why = "; ".join(map(str, step.why))
    asked = f"; {requests} requests" if requests else ""
    return f"would make {article}: {why}{asked}" if why else f"up to date {article}"


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
            _note(error)
            failed += 1
    return failed


def _join_parameters(argv: Sequence[str]) -> list[str]:
    """Join `-p NAME VALUE`, papermill's form, into the single word that typer takes."""
    words, joined = list(argv), []
    while words:
        word = words.pop(0)
        joined.append(word)
        if word in ("-p", "--parameter") and len(words) > 1 and "=" not in words[0]:
            joined.append(f"{words.pop(0)}={words.pop(0)}")
            joined[-2] = "-p"
    return joined


def _parameters(options: Sequence[str]) -> dict[str, Any]:
    """Return `NAME=VALUE` texts by name; a name given again makes a list."""
    values: dict[str, Any] = {}
    for item in options:
        name, equals, text = item.partition("=")
        if not equals:
            raise ParameterError(f"-p {item}: found no value; expected -p NAME VALUE")
        value = _parse_list(text)
        if name in values:
            before = values[name] if isinstance(values[name], list) else [values[name]]
            value = [*before, *(value if isinstance(value, list) else [value])]
        values[name] = value
    return values


def _report_parameters(options: Sequence[str] | None) -> dict[str, Any]:
    """Return the report's parameters; refuse those that have an argument or option of their own."""
    values = _parameters(options or [])
    if "article" in values:
        raise ParameterError("-p article: give the article as an argument")
    if "tables" in values:
        raise ParameterError("-p tables: the tables of a report lie beside it, see --out")
    return values


def _parse_list(text: str) -> str | list[str]:
    """Read `[a, b]` as a list; anything else stays text for the parameters to check."""
    if not text.startswith("["):
        return text
    try:
        value, _ = parse_yaml(text, only_text=True)
    except YamlError as error:
        if text.endswith("]"):
            raise ParameterError(
                f"-p: found {text!r:.60} ({error.problem}); expected a list such as [NATO, Russia]"
            ) from None
        return text
    return [str(item) for item in value] if isinstance(value, list) else text


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)


def _note(message: object) -> None:
    print(f"counterpoint: {one_line(message)}", file=sys.stderr)
