"""What a run was made from: kept beside its checkpoints, and then beside the weights."""

import json
from argparse import Namespace
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from training import model
from training.checksums import digest
from training.config import TrainConfig


def write_run(args: Namespace, config: TrainConfig) -> None:
    """Write `run.json` into the run's folder: its configuration, base and checkpoints used."""
    base = model.BASES[config.base]
    content = {
        "config": config.model_dump(),
        "base": base._asdict(),
        "init": lineages(args.init),
        "start": lineage(args.start) if args.start else None,
        "teacher": [lineage(path) for path in args.teacher],
    }
    args.work.mkdir(parents=True, exist_ok=True)
    path = args.work / "run.json"
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def lineage(checkpoint: Path) -> dict:
    """Return a checkpoint's name and SHA-256, and what is known of the run that wrote it."""
    out: dict = {"file": checkpoint.name, "sha256": digest(checkpoint)}
    for name in ("run", "drawn"):
        path = checkpoint.with_name(f"{name}.json")
        if path.is_file():
            out[name] = json.loads(path.read_text("utf-8"))
    return out


def lineages(checkpoints: Sequence[Path]) -> list[dict]:
    """Return the lineage of each checkpoint of a mean, once, with the `times` it is counted."""
    return [lineage(path) | {"times": times} for path, times in Counter(checkpoints).items()]


def training_record(configs: Sequence[Path], checkpoints: Sequence[Path]) -> dict:
    """Return what `training.json` says of weights that are the mean of checkpoints.

    Returns:
        `rows_drawn` by source in all phases that lead to the weights, and `rows_drawn_by_phase`,
        from what the trainer noted (a phase that two runs share counts once), or from
        the configurations where there are no notes; `teacher_bases`, the encoders of the teachers,
        if there were any, and their rows; `runs`, the configurations; `checkpoints`, each
        with the runs and checkpoints that it comes from.
    """
    settings = [TrainConfig.model_validate_json(path.read_text("utf-8")) for path in configs]
    entries = lineages(checkpoints)
    planned = {phase.name: phase.rows for config in settings for phase in config.phases}
    phases = planned | _phases(entries)
    teachers = [teacher for entry in _all(entries) for teacher in _run(entry, "teacher")]
    taught = _phases(teachers)
    bases = [teacher["run"]["base"] for teacher in teachers if "run" in teacher]
    return {
        "rows_drawn": _sum(phases),
        "rows_drawn_by_phase": phases,
        "teacher_bases": [base for i, base in enumerate(bases) if base not in bases[:i]],
        "teacher_rows_drawn": _sum(taught),
        "teacher_rows_drawn_by_phase": taught,
        "runs": [config.model_dump() for config in settings],
        "checkpoints": entries,
    }


def _run(entry: dict, name: str) -> list[dict]:
    """Return the checkpoints that an entry's run began from or was taught by."""
    found = entry.get("run", {}).get(name) or []
    return [found] if isinstance(found, dict) else found


def _all(entries: Sequence[dict]) -> Iterator[dict]:
    """Yield checkpoints and those that they were trained on from, teachers left out."""
    for entry in entries:
        yield from _all(_run(entry, "init") + _run(entry, "start"))
        yield entry


def _phases(entries: Iterable[dict]) -> dict[str, dict[str, int]]:
    """Return the noted rows of all phases that lead to checkpoints."""
    out: dict[str, dict[str, int]] = {}
    for entry in _all(list(entries)):
        out |= entry.get("drawn", {})
    return out


def _sum(phases: dict[str, dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for counts in phases.values():
        total.update(counts)
    return dict(sorted(total.items()))
