"""The site file: which articles, which notebook, which parameters, and how they are grouped.

articles:
  - articles/{outlet}/{date}-*.txt    # a name in braces is read off the path
parameters:
  targets: [NATO, Russia]
out: reports
"""

import glob
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from analysis.errors import ParameterError, one_line
from analysis.params import LONGEST_TIMEOUT, ReportParams, Texts, pair_params, report_params
from analysis.readers import article_id, articles_in
from analysis.readers.inputs import TableIds, expand_inputs, lies_in, table_ids
from analysis.readers.text import slug
from analysis.runs.plan import ReportRequest
from analysis.runs.publish import NOTEBOOK, PAIR
from analysis.yaml_files import YamlError, parse_yaml, read_regular

BRACES = re.compile(r"\{([a-z_]+)\}")
DATE = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"


class Pair(BaseModel):
    """Two texts that a report compares, and which of several a table's are meant."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    original: str = Field(min_length=1, description="the article as first published")
    republished: str = Field(min_length=1, description="the republished article")
    original_id: str = Field("", description="in a table of articles, the original's id")
    article_id: str = Field("", description="in a table, the republished article's id")
    same_event: bool = Field(
        False, description="true or false: whether the two are different stories of one event"
    )


class Site(BaseModel):
    """A site file's content; paths in it are meant from its own folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    articles: Annotated[
        Texts, Field(min_length=1, description="files, folders or patterns, a list")
    ] = ()
    pairs: tuple[Pair, ...] = Field(
        (),
        min_length=1,
        description="a list of {original: FILE, republished: FILE}, to which original_id, "
        "article_id and same_event may be added",
    )
    exclude: Texts = Field((), description="patterns of files to leave out")
    out: str = Field("reports", min_length=1, description="the folder of the reports")
    notebook: str = Field("", description="a notebook to use in place of the shipped one")
    parameters: dict[str, Any] = Field({}, description="parameters of every report, by name")
    sets: dict[str, dict[str, Any]] = Field(
        {}, description="named sets of parameters; each article gets a report for each set"
    )
    names: str = Field("", description="how reports are named, such as '{outlet}-{stem}'")
    corpus: bool = Field(True, description="true or false: whether to compare all articles")
    group_by: str = Field(
        "outlet", description="what to group articles by in the comparison, such as outlet"
    )
    jobs: int = Field(0, ge=0, description="reports to make at once; 0: one per core")
    timeout: float = Field(
        900,
        ge=0,
        le=LONGEST_TIMEOUT,
        description="the most seconds a report may take; 0: no limit",
    )
    memory: int = Field(4096, ge=0, description="the most MiB a report may use; 0: no limit")
    xlsx: bool = Field(
        False, description="true or false: whether to write an Excel workbook for each report"
    )
    base_url: str = Field(
        "", description="the reports' web address, such as https://example.org/reports"
    )
    allow_remote: bool = Field(
        False, description="true or false: whether texts may be sent to a model elsewhere"
    )
    max_requests: int = Field(
        0, ge=0, description="the most requests to language models per run; 0: no limit"
    )
    secrets: Texts = Field(
        (), description="names of environment variables whose values must not be shown"
    )

    @field_validator("base_url")
    @classmethod
    def _address_is_of_the_web(cls, value: str) -> str:
        return web_address(value) if value else value


def web_address(text: str) -> str:
    """Return the address of a folder on the web with a slash at its end.

    Raises:
        ValueError: it is none that starts with http:// or https:// and names a host, or it holds
            a user, a query, a fragment, white space or a quotation mark.
    """
    parts = urlsplit(text)  # raises ValueError where a host or port cannot be one
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError("no address that starts with http:// or https:// and names a host")
    if "@" in parts.netloc or parts.query or parts.fragment or re.search(r"[\s\"'<>\\?#]", text):
        raise ValueError("more than a host and folders")
    return f"{text.rstrip('/')}/"


def read_site(path: Path) -> Site:
    """Return a site file's content.

    Raises:
        ParameterError: the file cannot be read, is not YAML, or holds an unknown key or a
            wrong value; the message names the line.
    """
    try:
        found, node = parse_yaml(read_regular(path))
    except YamlError as error:
        raise ParameterError(
            f"{path}: line {error.line}: found no YAML ({error.problem}); expected "
            "lines of the form `name: value`"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(
            f"{path}: cannot be read ({one_line(error)}); expected a YAML file"
        ) from None
    if not isinstance(found, dict):
        raise ParameterError(
            f"{path}: line 1: found {type(found).__name__}; expected `articles:` and the like"
        )
    try:
        site = Site(**{str(key): value for key, value in found.items()})
    except ValidationError as error:
        errors = error.errors()
        inner = [e for e in errors if not any(_is_around(e["loc"], o["loc"]) for o in errors)]
        raise ParameterError("; ".join(_line(path, node, e) for e in inner)) from None
    if not (site.articles or site.pairs):
        expected = Site.model_fields["articles"].description
        raise ParameterError(
            f"{path}: line 1: found no 'articles'; expected {expected}, or 'pairs' to compare"
        )
    return site


def _is_around(outer: tuple, inner: tuple) -> bool:
    """Return whether a place in the file holds another: a list is wrong where its item is."""
    return len(outer) < len(inner) and inner[: len(outer)] == outer


def _line(path: Path, node: yaml.Node, error: Mapping[str, Any]) -> str:
    loc = error["loc"]
    where = f"{path}: line {_line_of(node, loc)}"
    of_pair = loc[0] == "pairs" and len(loc) > 2
    fields, name = (Pair.model_fields, loc[2]) if of_pair else (Site.model_fields, str(loc[0]))
    if error["type"] == "extra_forbidden":
        return f"{where}: found {name!r}; expected one of {', '.join(fields)}"
    expected = fields[name].description
    if error["type"] == "missing":
        return f"{where}: found no {name!r}; expected {expected}"
    # our own reasons are for users, the library's speak of its types
    why = f" ({error['ctx']['error']})" if error["type"] == "value_error" else ""
    return f"{where}: {name}: found {error['input']!r}{why}; expected {expected}"


def _line_of(node: yaml.Node, loc: tuple) -> int:
    """Return the line of the innermost part of `loc` that the file has, counted from 1."""
    line = node.start_mark.line
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            pairs = [(k, v) for k, v in node.value if k.value == str(part)]
            if not pairs:
                break
            line, node = pairs[0][0].start_mark.line, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line
    return line + 1


def site_requests(
    site: Site,
    folder: Path,
    overriding: Mapping[str, Any] | None = None,
    *,
    out: Path | None = None,
    ids: TableIds = table_ids,
) -> list[ReportRequest]:
    """Return the reports that a site file asks for, in the order of its patterns.

    Args:
        site: the content.
        folder: what its paths are meant from.
        overriding: parameters that take the place of the file's.
        out: the folder of the reports, where it is not the file's; its files are no articles.
        ids: returns the ids of a table's articles; see `expand_inputs`.

    Raises:
        ParameterError: no article is found, a parameter is wrong, or a name in braces is
            not given by a path.
    """
    kept = _articles(site, folder, out or folder / site.out)
    notebook = folder / site.notebook if site.notebook else NOTEBOOK
    if not notebook.is_file():
        raise ParameterError(f"notebook: {notebook}: no such file; expected a notebook")
    requests = []
    sets = {
        label: site.parameters | values | dict(overriding or {})
        for label, values in (site.sets or {"": {}}).items()
    }
    for path, about in kept.items():
        for label, values in sets.items():
            for found in expand_inputs([path], values, ids=ids).values():
                params = report_params(**values | found)
                stem = _name(site.names, params, about, label)
                requests.append(ReportRequest(params, stem, notebook, about))
    for pair in site.pairs:
        paths = {side: str(folder / getattr(pair, side)) for side in ("original", "republished")}
        for label, values in sets.items():
            one = {name: value for name, value in values.items() if name != "second"}
            requests.append(pair_request(one | pair.model_dump() | paths, label))
    return [replace(request, base_url=site.base_url) for request in requests]


def pair_request(values: Mapping[str, Any], label: str = "") -> ReportRequest:
    """Return the report on two texts, which is named after the republished one.

    Args:
        values: as `pair_params` takes them.
        label: of the set of parameters.

    Raises:
        ParameterError: a parameter is wrong.
    """
    params = pair_params(**values)
    *_, republished = params.sides
    stem = f"{ReportRequest(republished).name}-versions"
    return ReportRequest(params, f"{stem}-{slug(label)}" if label else stem, PAIR)


def _articles(site: Site, folder: Path, reports: Path) -> dict[str, dict[str, str]]:
    """Return the articles of a site file, each with what its path says of it.

    Raises:
        ParameterError: none is found where some are asked for.
    """
    listed: dict[str, dict[str, str]] = {}
    for pattern in site.articles:
        for path, about in _matches(pattern, folder):
            listed.setdefault(path, about)
    left_out = {path for pattern in site.exclude for path, _ in _matches(pattern, folder)}
    kept = {
        path: about
        for path, about in listed.items()
        if path not in left_out and not lies_in(path, reports)
    }
    if site.articles and not kept:
        raise ParameterError(
            f"articles: found no file that fits {', '.join(site.articles)} in {folder}; expected "
            "at least one, check the patterns"
        )
    return kept


def _name(names: str, params: ReportParams, about: Mapping[str, str], label: str) -> str:
    """Return the name of a report: as `names` says, else the article's id, then its set's."""
    parts = {"stem": params.article_id or article_id(params.article), "set": label} | dict(about)
    if not names:
        return slug(f"{parts['stem']}-{label}") if label else ""
    unknown = set(BRACES.findall(names)) - set(parts)
    if unknown:
        raise ParameterError(
            f"names: found {{{sorted(unknown)[0]}}}, which the pattern of {params.article} does "
            f"not give; expected one of {', '.join(sorted(parts))}"
        )
    made = BRACES.sub(lambda match: parts[match[1]], names)
    return slug(made if not label or "{set}" in names else f"{made}-{label}")


def _matches(pattern: str, folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Give the files that fit a pattern, sorted, each with what its path says in braces."""
    for name in sorted(glob.glob(BRACES.sub("*", pattern), root_dir=folder, recursive=True)):
        path = folder / name  # an absolute name stays what it is
        if path.is_dir():
            yield from ((str(inside), {}) for inside in articles_in(path))
            continue
        fits = re.fullmatch(_expression(pattern), name)
        if fits:
            yield str(path), fits.groupdict()


def _expression(pattern: str) -> str:
    """Return a pattern of files as a regular expression with a group a name in braces."""
    tokens = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\]|\{[a-z_]+\})", pattern)
    written, seen = [], set()
    for token in tokens:
        name = token[1:-1]
        if BRACES.fullmatch(token) and name not in seen:
            seen.add(name)
            written.append(f"(?P<{name}>{DATE if name == 'date' else '[^/]+?'})")
        elif BRACES.fullmatch(token):
            written.append(f"(?P={name})")
        elif token.startswith("[") and token.endswith("]"):
            written.append(token.replace("[!", "[^"))
        else:
            simple = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
            written.append(simple.get(token, re.escape(token)))
    return "".join(written)
