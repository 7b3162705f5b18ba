"""The commands that show or convert what was read, before anything is scored."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from analysis.cli import options
from analysis.cli.options import report_parameters
from analysis.cli.output import json_text, note
from analysis.errors import AnalysisError
from analysis.types import SCORERS


def targets(
    article: options.ArticleFile,
    as_json: options.Json = False,
    parameter: options.Parameters = None,
) -> None:
    """Print the targets found in an article, their aliases, and why each was chosen."""
    from analysis.params import report_params
    from analysis.readers import read, read_options, warn_of_reading
    from analysis.text.aliases import read_aliases
    from analysis.text.found_targets import found_targets

    params = report_params(article=article, **report_parameters(parameter))
    read_article = read(article, read_options(params))
    warn_of_reading(read_article)
    found = found_targets(read_article, aliases=read_aliases(params.aliases))
    if as_json:
        print(json_text([each.as_dict() for each in found]))
        return
    for each in found:
        listed = ", ".join(each.target.aliases)
        print(f"{each.target.name}{f' ({listed})' if listed else ''}: {each.why}")


def check(
    files: Annotated[
        list[str],
        typer.Argument(
            help="Articles with comments: files, folders, or patterns such as my/*.txt."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    parameter: options.Parameters = None,
    allow_download: options.AllowDownload = False,
    downloads: options.Downloads = Path("downloads"),
) -> None:
    """Show how files are read, and what looks wrong, before anything is scored."""
    from analysis.params import report_params
    from analysis.readers import read, read_options
    from analysis.readers.inputs import expand_inputs
    from analysis.report.check import check as examine
    from analysis.report.check import preview
    from analysis.runs.reading import table_ids

    values = report_parameters(parameter)
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
            note(error)
            continue
        if not as_json:
            for line in preview(found[-1], lambda text, color: typer.style(text, fg=color)):
                typer.echo(line)
    if as_json:
        print(json_text([each.as_object() for each in found]))
    if unread or any(each.suspicions for each in found):
        raise typer.Exit(2 if unread else 1)


def convert(
    source: options.ArticleFile,
    out: Annotated[
        Path, typer.Argument(help="The file to write: .txt (plain text) or .json (Web Annotation).")
    ],
    force: options.Overwrite = False,
    parameter: options.Parameters = None,
    allow_download: options.AllowDownload = False,
    downloads: options.Downloads = Path("downloads"),
) -> None:
    """Convert an article to plain text or to Web Annotation JSON."""
    from analysis.params import report_params
    from analysis.readers.conversion import convert as write
    from analysis.readers.inputs import local_file
    from analysis.readers.options import read_options

    params = report_params(article=source, **report_parameters(parameter))
    path = local_file(source, params, downloads=downloads if allow_download else None)
    for written in write(path, out, read_options(params), force=force):
        print(written)


def models(as_json: options.Json = False) -> None:
    """List the scorers."""
    lines = (f"{name}: {description}" for name, description in SCORERS.items())
    print(json_text(SCORERS) if as_json else "\n".join(lines))
