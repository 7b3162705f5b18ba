"""The commands that score an article or a corpus and write tables alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from analysis.cli import options
from analysis.cli.options import given_parameters, report_parameters
from analysis.cli.output import json_text, note
from analysis.errors import ParameterError
from analysis.scorers import DEFAULT_SCORER
from analysis.scorers.run_settings import allow


def score(
    article: options.ArticleFile,
    targets: options.Targets = None,
    scorer: options.Scorer = DEFAULT_SCORER,
    as_json: options.Json = False,
    xlsx: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write the tables to an Excel workbook."),
    ] = None,
    parameter: options.Parameters = None,
    allow_download: options.AllowDownload = False,
    downloads: options.Downloads = Path("downloads"),
    allow_remote: options.AllowRemote = False,
    max_requests: options.MaxRequests = None,
) -> None:
    """Score one article and print its tables."""
    allow(remote=allow_remote, most=max_requests or 0)
    from analysis.params import report_params
    from analysis.readers import warn_of_reading
    from analysis.readers.inputs import local_file
    from analysis.report.views import as_object, as_text
    from analysis.scoring.pipeline import run

    values = {"scorer": scorer, "targets": tuple(targets or ())} | report_parameters(parameter)
    params = report_params(article=article, **values)
    path = local_file(article, params, downloads=downloads if allow_download else None)
    result = run(params.model_copy(update={"article": path}))
    warn_of_reading(result.article)
    if xlsx is not None:
        from analysis.report.workbook import write_workbook

        write_workbook(result.frames, xlsx)
    print(json_text(as_object(result)) if as_json else as_text(result))


def score_corpus(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            help="JSON lines, CSV or Parquet with one article per row; files or folders."
        ),
    ],
    out: Annotated[Path, typer.Option(help="The folder to write the Parquet files to.")],
    targets: options.Targets = None,
    scorer: options.Scorer = DEFAULT_SCORER,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE=NAME", help="The column for a role, such as text=Body; repeatable."
        ),
    ] = None,
    parameter: options.Parameters = None,
    cluster: Annotated[
        str | None,
        typer.Option(help="A Dask scheduler, such as tcp://host:8786; default: this machine."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes on this machine; default: one per core.")
    ] = None,
    partition_articles: Annotated[int, typer.Option(min=1, help="Articles per partition.")] = 500,
    force: Annotated[
        bool, typer.Option("--force", help="Score again what is already scored.")
    ] = False,
    as_json: options.Json = False,
    allow_remote: options.AllowRemote = False,
    max_requests: options.MaxRequests = None,
) -> None:
    """Score a corpus of any size with Dask; an interrupted run resumes."""
    from analysis.scale.corpus import score_corpus as run

    allow(remote=allow_remote, most=max_requests or 0)
    values = given_parameters(parameter or [])
    if wrong := {"article", "tables", "targets", "scorer"} & set(values):
        raise ParameterError(f"-p {min(wrong)}: not a parameter of a corpus; see --help")
    columns = dict(map(_column_role, column or []))
    if cluster is None:
        _note_smaller_model(scorer, inputs, columns, workers or 0)
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
        note(line)
    note(outcome)
    print(json_text(outcome.manifest) if as_json else out)
    if outcome.failed or outcome.counts["rejected"]:
        raise typer.Exit(1)


def _note_smaller_model(
    scorer: str, inputs: Sequence[Path], columns: Mapping[str, str], workers: int
) -> None:
    from analysis.scale.sources import sources
    from analysis.scorers.smaller import CHARACTERS_AN_ARTICLE, smaller_model_note

    articles = sum(source.size for source in sources(inputs, columns)) // CHARACTERS_AN_ARTICLE
    if line := smaller_model_note(scorer, articles, workers=workers):
        note(line)


def _column_role(item: str) -> tuple[str, str]:
    role, equals, name = item.partition("=")
    if not equals or not name:
        raise ParameterError(
            f"--column {item}: found no name; expected ROLE=NAME, such as text=Body"
        )
    return role, name
