"""The commands that make reports: of articles, of two texts, and the index page."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.cli import making, options
from analysis.cli.options import report_parameters
from analysis.errors import ParameterError
from analysis.scorers.run_settings import allow


def report(
    articles: Annotated[
        list[str] | None,
        typer.Argument(
            help="Articles with comments: files, folders, or patterns such as my/*.txt; "
            "default: seeds/."
        ),
    ] = None,
    site: Annotated[
        Path | None, typer.Option(help="A site file (YAML), see docs/scheduling.md.")
    ] = None,
    out: options.Out = None,
    parameter: options.Parameters = None,
    jobs: Annotated[
        int | None, typer.Option(min=0, help="Reports to make at once; 0: one per core, at most 8.")
    ] = None,
    force: options.Force = False,
    dry_run: options.DryRun = False,
    timeout: options.Timeout = None,
    memory: options.Memory = None,
    corpus: Annotated[
        bool | None, typer.Option(help="Also compare all reports in the folder on one page.")
    ] = None,
    pdf: options.Pdf = False,
    xlsx: options.Xlsx = None,
    base_url: Annotated[
        str | None,
        typer.Option(help="The reports' web address, such as https://example.org/reports."),
    ] = None,
    allow_remote: options.AllowRemote = False,
    max_requests: options.MaxRequests = None,
    open_page: options.OpenPage = False,
    quiet: options.Quiet = False,
    allow_download: options.AllowDownload = False,
    downloads: options.Downloads = Path("downloads"),
) -> None:
    """Write a report on each article."""
    overrides = {
        "jobs": jobs, "timeout": timeout, "memory": memory, "corpus": corpus, "xlsx": xlsx,
        "allow_remote": allow_remote or None, "max_requests": max_requests,
    }  # fmt: skip
    values = report_parameters(parameter)
    content = _content(site, overrides)
    requests = _report_requests(
        articles or [], site, content, values, out, downloads if allow_download else None
    )
    if base_url is not None:
        requests = [replace(request, base_url=_base_url(base_url)) for request in requests]
    how = _run_options(requests, content, force=force)
    folder = out or (site.parent if site is not None else Path()) / content.out
    if dry_run:
        making.dry_run(requests, folder, max_requests, force=force)
    making.make(requests, folder, how, quiet=quiet, pdf=pdf, open_page=open_page)


def compare(
    original: Annotated[str, typer.Argument(help="The article as first published, a file.")],
    republished: Annotated[
        str, typer.Argument(help="The republished article, with its comments, a file.")
    ],
    same_event: Annotated[
        bool,
        typer.Option("--same-event", help="The two are different outlets' stories of one event."),
    ] = False,
    out: options.Out = None,
    parameter: options.Parameters = None,
    force: options.Force = False,
    dry_run: options.DryRun = False,
    timeout: options.Timeout = None,
    memory: options.Memory = None,
    pdf: options.Pdf = False,
    xlsx: options.Xlsx = None,
    allow_remote: options.AllowRemote = False,
    max_requests: options.MaxRequests = None,
    open_page: options.OpenPage = False,
    quiet: options.Quiet = False,
    allow_download: options.AllowDownload = False,
    downloads: options.Downloads = Path("downloads"),
) -> None:
    """Write a report on what a republisher changed, or on two stories of one event."""
    from analysis.params import pair_params
    from analysis.readers.inputs import local_file
    from analysis.runs.sitefile import pair_request

    overrides = {
        "timeout": timeout, "memory": memory, "xlsx": xlsx,
        "allow_remote": allow_remote or None, "max_requests": max_requests,
    }  # fmt: skip
    values = report_parameters(parameter) | ({"same_event": True} if same_event else {})
    named = {"original": original, "republished": republished}
    if given := sorted(named.keys() & values):
        raise ParameterError(f"-p {given[0]}: give the two articles as arguments")
    params = pair_params(**values | named)
    kept = downloads if allow_download else None
    files = {side: local_file(name, params, downloads=kept) for side, name in named.items()}
    requests = [pair_request(values | files)]
    content = _content(None, overrides)
    how = _run_options(requests, content, force=force)
    folder = out or Path(content.out)
    if dry_run:
        making.dry_run(requests, folder, max_requests, force=force)
    making.make(requests, folder, how, quiet=quiet, pdf=pdf, open_page=open_page)


def index(
    folder: Annotated[Path, typer.Argument(help="The folder of reports.")] = Path("reports"),
) -> None:
    """Rewrite the index page of a folder of reports."""
    from analysis.runs.index import write_index

    print(write_index(folder))


def _content(site: Path | None, overrides: Mapping[str, Any]) -> Any:
    """Return a site file's content, its defaults where there is none, under what is overridden."""
    from analysis.runs.sitefile import Site, read_site

    content = read_site(site) if site is not None else Site(corpus=False)
    return content.model_copy(update={k: v for k, v in overrides.items() if v is not None})


def _report_requests(
    articles: Sequence[str],
    site: Path | None,
    content: Any,
    values: dict[str, Any],
    out: Path | None,
    downloads: Path | None,
) -> list:
    """Return the requested reports; the command line overrides the site file."""
    from analysis.params import report_params
    from analysis.paths import SEEDS
    from analysis.readers.inputs import expand_inputs
    from analysis.runs.plan import ReportRequest
    from analysis.runs.reading import table_ids
    from analysis.runs.sitefile import site_requests

    if site is not None and articles:
        raise ParameterError(f"--site {site}: found articles as well; expected one or the other")
    ids = partial(table_ids, seconds=content.timeout, memory=content.memory * 2**20)
    if site is not None:
        return site_requests(content, site.parent, values, out=out, ids=ids)
    chosen = expand_inputs(
        articles or [str(SEEDS)], values, out=out or Path(content.out), downloads=downloads, ids=ids
    )
    return [ReportRequest(report_params(**values | own)) for own in chosen.values()]


def _base_url(text: str) -> str:
    from analysis.runs.sitefile import web_address

    try:
        return web_address(text) if text else ""
    except ValueError as error:
        raise ParameterError(
            f"--base-url: found {text!r} ({error}); expected the reports' web address, such "
            "as https://example.org/reports"
        ) from None


def _run_options(requests: Sequence[Any], content: Any, *, force: bool) -> Any:
    """Return how a run is done; the corpus report takes parameters of the first article."""
    from analysis.runs.batch import Options
    from analysis.runs.redaction import secrets

    allow(remote=content.allow_remote, most=content.max_requests)
    first = requests[0].params
    corpus = {
        "targets": list(first.targets),
        "group_by": content.group_by,
        "confidence_level": first.confidence_level,
        "seed": first.seed,
    }
    return Options(
        jobs=content.jobs,
        force=force,
        seconds=content.timeout,
        memory=content.memory * 2**20,
        xlsx=content.xlsx,
        secrets=secrets(content.secrets),
        corpus=corpus if content.corpus else None,
    )
