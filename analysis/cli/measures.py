"""The commands that say how far to trust a scorer: metrics, the evaluation page, calibration."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from analysis.cli import options
from analysis.cli.labels import note_seen
from analysis.cli.output import json_text, note
from analysis.errors import ParameterError
from analysis.scorers import DEFAULT_SCORER
from analysis.scorers.run_settings import allow
from analysis.types import SCORERS, Task

EvaluationTask = StrEnum(
    "EvaluationTask",
    [(task.name, task.value) for task in Task]
    + [(n.upper(), n) for n in ("alignment", "marginalia", "targets", "versions")],
)


def evaluate(
    task: Annotated[
        EvaluationTask,
        typer.Argument(
            help="What to measure. relation, stance, bias: a scorer on labeled rows; marginalia: a "
            "scorer on the project's benchmark; alignment: the passages found for comments; "
            "targets: the targets found; versions: the edits found."
        ),
    ],
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Labeled rows as JSON lines; for versions, a folder of pairs. marginalia, targets "
            "and versions use the shipped data by default."
        ),
    ] = None,
    scorer: options.Scorer = DEFAULT_SCORER,
    rows: Annotated[
        Path | None,
        typer.Option(
            help='A JSON file that selects rows or blocks, counted from 0: {"rows_from_0": [0, 5]}.'
        ),
    ] = None,
    seen: options.Seen = False,
    as_json: options.Json = False,
    allow_remote: options.AllowRemote = False,
    max_requests: options.MaxRequests = None,
) -> None:
    """Measure a scorer on labeled rows, or how well comments, targets and edits are found."""
    allow(remote=allow_remote, most=max_requests or 0)
    if task not in OURS and file is None:
        raise ParameterError(f"evaluate {task}: found no file; expected labeled rows, JSON lines")
    if task == "alignment":
        _print_alignment(file, as_json)
        return
    if task in OURS:
        measures = {"task": task.value} | OURS[task](file, rows, scorer)
    else:
        measures = _labels_right(Task(task.value), file, rows, scorer, seen=seen)
    print(json_text(measures) if as_json else yaml.safe_dump(measures, sort_keys=False).rstrip())


def _marginalia(file: Path | None, rows: Path | None, scorer: str) -> dict[str, Any]:
    from analysis.quality.marginalia import DEV, bench

    named = _named(scorer)
    measured = iter(bench([scorer], file or DEV, rows).items())
    _, own = next(measured)
    return named | own | {"baselines": dict(measured)}


def _targets_found(file: Path | None, rows: Path | None, _scorer: str) -> dict[str, Any]:
    from analysis.quality import targets
    from analysis.quality.marginalia import DEV, read_blocks

    return targets.evaluate(read_blocks(file or DEV, rows))


def _edits_found(folder: Path | None, _rows: Path | None, scorer: str) -> dict[str, Any]:
    from analysis.quality.versions import GOLD, bench

    return bench(folder or GOLD, scorer)


# What is measured on data of ours where no file is given.
OURS = {"marginalia": _marginalia, "targets": _targets_found, "versions": _edits_found}


def _labels_right(
    task: Task, file: Path, rows: Path | None, scorer: str, *, seen: bool
) -> dict[str, Any]:
    from analysis.quality.evaluate import evaluate, pick_rows
    from analysis.quality.evaluation import read_rows
    from analysis.scorers import load

    note_seen([file], seen)
    texts, gold = read_rows(file, task, seen=seen)
    if rows is not None:
        texts, gold = pick_rows(texts, gold, rows)
    named = {"task": task.value} | _named(scorer)
    return named | evaluate(load(scorer), task, texts, gold)


def _named(scorer: str) -> dict[str, str]:
    """Return a scorer and the model that it uses."""
    from analysis.scorers import load

    return {"scorer": scorer, "model": load(scorer).info.model}


def _print_alignment(file: Path, as_json: bool) -> None:
    """Print how often the right paragraph ranks first or in the top three, a row per method."""
    from analysis.quality.alignment import alignment_accuracy, read_anchored_articles

    table = alignment_accuracy(read_anchored_articles(file))
    if as_json:
        rows = json.loads(table.to_json(orient="records"))
        print(json_text({"task": "alignment", "methods": rows}))
    else:
        print(table.round(3).to_string(index=False, na_rep="-"))


def evaluation(
    data: Annotated[
        list[str] | None,
        typer.Argument(
            help="Labeled rows, each as TASK:FILE, such as relation:labeled.jsonl; default: the "
            "shipped data."
        ),
    ] = None,
    scorer: Annotated[
        list[str] | None,
        typer.Option(help=f"One of {', '.join(SCORERS)}; repeat to compare several."),
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder to write the page to.")] = Path("reports"),
    allow_remote: options.AllowRemote = False,
    max_requests: options.MaxRequests = None,
) -> None:
    """Write a page on how far to trust scorers: baselines, calibration, swap audit."""
    from analysis.runs.publish import evaluation as write

    allow(remote=allow_remote, most=max_requests or 0)
    print(write(scorer or [DEFAULT_SCORER], data or [], out))


def recalibrate(
    task: Annotated[Task, typer.Argument(help="The task to recalibrate.")],
    file: Annotated[Path, typer.Argument(help="Labeled rows, as `evaluate` reads them.")],
    out: Annotated[
        Path, typer.Option(help="The new folder for the model; for llm:MODEL, the new JSON file.")
    ],
    scorer: Annotated[
        str, typer.Option(help="embedded, embedded-small, embedded:FOLDER or llm:MODEL.")
    ] = DEFAULT_SCORER,
    force: Annotated[
        bool, typer.Option("--force", help="Write it even if no gain can be shown.")
    ] = False,
    seen: options.Seen = False,
    as_json: options.Json = False,
    allow_remote: options.AllowRemote = False,
    max_requests: options.MaxRequests = None,
) -> None:
    """Fit a model's confidence to people's labels and write the result."""
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
    note_seen([file], seen)
    fitted = calibration.measure(model, task, *read_gold(file, task, seen=seen))
    print(json_text(fitted.as_dict()) if as_json else "\n".join(calibration.lines(fitted)))
    if not (fitted.helps or force):
        raise ParameterError(
            f"{task}: no gain can be shown, so nothing was written; label more, or use --force"
        )
    language = isinstance(model, LlmScorer)
    write = calibration.write_llm if language else calibration.write
    print(write(model, fitted, out), file=sys.stderr if as_json else sys.stdout)
    again = f"llm:{model.model}?calibration={out}" if language else f"embedded:{out}"
    note(f"use it with --scorer {again}; the original model is unchanged")
