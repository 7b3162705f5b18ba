"""The options that several commands share, and the parameters that `-p` gives."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.errors import ParameterError
from analysis.params import LONGEST_TIMEOUT, ReportParams
from analysis.types import SCORERS
from analysis.yaml_files import YamlError, parse_yaml

ArticleFile = Annotated[
    str, typer.Argument(help="An article with comments, in any supported format.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Scorer = Annotated[str, typer.Option(help=f"One of {', '.join(SCORERS)}.")]
Targets = Annotated[
    list[str] | None,
    typer.Option(help="A target, such as NATO; repeatable. Default: found in the text."),
]
Parameters = Annotated[
    list[str] | None,
    typer.Option(
        "-p", metavar="NAME VALUE", help="Set a parameter that `report --help` lists; repeatable."
    ),
]
Overwrite = Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")]
Seen = Annotated[
    bool, typer.Option("--seen", help="Include labels given after seeing the program's answer.")
]
AllowDownload = Annotated[
    bool,
    typer.Option("--allow-download", help="Accept web addresses, and download their pages."),
]
AllowRemote = Annotated[
    bool,
    typer.Option("--allow-remote", help="Let a language model on another machine read the texts."),
]
MaxRequests = Annotated[
    int | None, typer.Option(min=1, help="The limit of requests to language models in this run.")
]
Out = Annotated[Path | None, typer.Option(help="The folder to write to; default: reports.")]
Force = Annotated[
    bool, typer.Option("--force", help="Make reports again even if they are up to date.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="List what would be made and why, but make nothing.")
]
Timeout = Annotated[
    float | None,
    typer.Option(
        min=0, max=LONGEST_TIMEOUT, help="Time limit per report, in seconds; default: 900; 0: none."
    ),
]
Memory = Annotated[
    int | None,
    typer.Option(min=0, help="Memory limit per report, in MiB; default: 4096; 0: none."),
]
Pdf = Annotated[bool, typer.Option("--pdf", help="Also print each page to PDF.")]
Xlsx = Annotated[
    bool | None,
    typer.Option("--xlsx", help="Also write each report's tables to an Excel workbook."),
]
OpenPage = Annotated[bool, typer.Option("--open", help="Open the finished page in the browser.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show results and errors, but no progress.")]
Downloads = Annotated[Path, typer.Option(help="The folder to save downloaded pages in.")]


def listed_parameters(model: type[ReportParams], *hidden: str) -> str:
    """Return the help on a report's parameters but those that are hidden."""
    return "\n\n".join([
        "**Parameters**, each given as -p NAME VALUE; repeat it to give a list",
        *(
            f"`{name}`: {field.description}"
            for name, field in model.model_fields.items()
            if name not in ("article", "tables", *hidden)
        ),
    ])  # fmt: skip


def join_parameters(argv: Sequence[str]) -> list[str]:
    """Join `-p NAME VALUE`, papermill's form, into the single word that typer takes."""
    words, joined = list(argv), []
    while words:
        word = words.pop(0)
        joined.append(word)
        if word in ("-p", "--parameter") and len(words) > 1 and "=" not in words[0]:
            joined.append(f"{words.pop(0)}={words.pop(0)}")
            joined[-2] = "-p"
    return joined


def given_parameters(options: Sequence[str]) -> dict[str, Any]:
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


def report_parameters(options: Sequence[str] | None) -> dict[str, Any]:
    """Return the report's parameters; refuse those that have an argument or option of their own."""
    values = given_parameters(options or [])
    if "article" in values:
        raise ParameterError("-p article: give the article as an argument")
    if "tables" in values:
        raise ParameterError("-p tables: a report's tables are written beside it; see --out")
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
