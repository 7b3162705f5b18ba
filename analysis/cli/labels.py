"""The commands on people's labels: to keep one, and how far annotators agree."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from analysis.atomic import write_atomically
from analysis.cli import options
from analysis.cli.options import report_parameters
from analysis.cli.output import note
from analysis.errors import ParameterError, one_line
from analysis.types import Task


def agreement(
    folder: Annotated[Path, typer.Argument(help="The annotators' label files, such as data/gold.")],
    out: Annotated[
        Path | None,
        typer.Option(help="Write the labels that are agreed on or settled to this file, as gold."),
    ] = None,
    force: options.Overwrite = False,
    seen: options.Seen = False,
    as_json: options.Json = False,
) -> None:
    """Measure how far annotators agree, and turn agreed labels into gold."""
    from analysis.gold.agreement import agreement as measure
    from analysis.gold.agreement import gold_text, labeled_items
    from analysis.gold.labels import annotators

    items = labeled_items(folder, seen=seen)
    note_seen(annotators(folder).values(), seen)
    table = measure(items)
    if as_json:
        print(table.to_json(orient="records", indent=1, double_precision=15))
    else:
        print(table.round(3).to_string(index=False) if len(table) else "no item has two labels")
    if out is not None:
        if out.exists() and not force:
            raise ParameterError(f"--out {out}: already exists; --force overwrites it")
        from analysis.html.display import count

        text = gold_text(items)
        write_atomically(out, text)
        disputes = sum(item.disputed and not item.gold for item in items)
        kept, left = count(len(text.splitlines()), "label"), count(disputes, "unsettled dispute")
        note(f"{out}: {kept}; {left} left out")


def label(
    article: options.ArticleFile,
    comment: Annotated[
        str,
        typer.Argument(
            metavar="COMMENTARY_ID",
            help="The comment's number on the report page, such as 3, or its id, such as b0005.",
        ),
    ],
    label: Annotated[
        str,
        typer.Argument(
            help="Your label: agree, disagree or neutral; with --task stance: favor, against "
            "or none."
        ),
    ],
    task: Annotated[Task, typer.Option(help="What you label: relation or stance.")] = Task.RELATION,
    target: Annotated[str, typer.Option(help="With --task stance: its target, such as NATO.")] = "",
    annotator: Annotated[
        str, typer.Option(help="Your name, in lowercase; default: login name.")
    ] = "",
    folder: Annotated[Path, typer.Option(help="The folder to keep labels in.")] = Path("data/gold"),
    parameter: options.Parameters = None,
) -> None:
    """Record your label of a comment; the next report shows it beside the program's."""
    from analysis.lab.labeling import label_comment
    from analysis.params import report_params

    if task is Task.BIAS:
        raise ParameterError("--task bias: a comment has none; expected relation or stance")
    params = report_params(article=article, **report_parameters(parameter))
    about = {"task": task, "target": target, "annotator": annotator, "folder": folder}
    log = label_comment(params, comment, label, **about)
    toward = f" toward {target}" if target else ""
    note(one_line(f"{article}: comment {comment} labeled {label}{toward}"))
    print(log)


def note_seen(logs: Iterable[Path], seen: bool) -> None:
    """Say how many labels are left out, as the program's answer had been seen before."""
    from analysis.gold.labels import seen_labels

    if not seen and (n := seen_labels(*logs)):
        what = "1 label was" if n == 1 else f"{n} labels were"
        why = "given after the program's answer was seen; --seen includes such labels"
        note(f"{what} left out, {why}")
