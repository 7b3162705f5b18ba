"""Train, export, calibrate and measure a model, and write its card.

`python -m training CONFIG --corpora DIR --out DIR`. A run that was cut off goes
on where its state was last saved.
"""

import argparse
import sys
from pathlib import Path

from training.command import exit_code
from training.held_out import MARGINALIA

HERE = Path(__file__).parent


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    out = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    out.add_argument("config", type=Path, help="training/small.yaml, training/base.yaml or another")
    out.add_argument("--corpora", type=Path, required=True, help="folder of the labeled sets")
    out.add_argument("--marginalia", type=Path, default=MARGINALIA, help="folder of its blocks")
    out.add_argument("--out", type=Path, required=True, help="folder for the exported model")
    out.add_argument("--articles", type=Path, help="folder with dev-relations.jsonl, to measure on")
    out.add_argument("--work", type=Path, help="folder for states and weights of the phases")
    out.add_argument("--base", type=Path, help="folder of the base encoder; else downloaded")
    out.add_argument("--init", type=Path, help="begin with these weights (the path before .json)")
    out.add_argument("--phase", action="append", help="train only this phase; may be repeated")
    out.add_argument("--answers", type=Path, help="answers of a larger model, to learn from too")
    out.add_argument("--steps", type=int, help="at most so many steps a phase; 0 trains nothing")
    out.add_argument("--epochs", type=int, help="so many epochs a phase, for a trial")
    out.add_argument("--rows", type=int, help="at most so many rows per source, for a trial")
    out.add_argument(
        "--beside", type=Path, help="folder of another model, to show the figures beside its own"
    )
    out.add_argument(
        "--compared", type=int, help="compare int8 with float32 on at most so many rows of a set"
    )
    return out


def train(args: argparse.Namespace) -> None:
    """Run the phases of a configuration and publish the result."""
    import torch

    from training import answers, weights
    from training.adapters import merge_adapters
    from training.bases import BASES, fetch, from_base
    from training.bases import read_config as read_base
    from training.card import read_beside
    from training.config import read_config
    from training.encode import PairEncoder
    from training.held_out import dev_sets, held_out_keys, own_rows
    from training.loop import Trainer, device, prepare
    from training.publish import Made, publish

    config = read_config(args.config)
    beside = read_beside(args.beside) if args.beside else None
    work = args.work or args.out.with_name(f"{args.out.name}-work")
    phases = _chosen(config, args)
    sets, own = dev_sets(args.corpora, args.marginalia), own_rows(args.articles)
    base = args.base or fetch(BASES[config.base], work / config.base)
    torch.manual_seed(phases[0].seed if phases else 0)
    model = from_base(
        base,
        BASES[config.base],
        dropout=config.head_dropout,
        layer_dropout=config.layer_dropout,
    )
    prepare(model, config)
    if args.init:
        weights.load(model, args.init)
    padding = read_base(base)["pad_token_id"]
    encoder = PairEncoder(base / "tokenizer.json", config.training_length, padding)
    record = _record(config, args)
    trained = bool(phases) and args.steps != 0
    if trained:
        taught = answers.read(args.answers) if args.answers else {}
        names = {name for phase in phases for name in phase.sources} | set(config.answered)
        names |= set(config.taught if taught else ())
        sources = _sources(names, args, held_out_keys(sets, args.articles))
        trainer = Trainer(model, config, encoder, work)
        for phase in phases:
            trainer.run(phase, sources, taught, steps=args.steps)
        record["rows"] = {name: len(found) for name, found in sorted(sources.items())}
    if config.adapter_rank:
        merge_adapters(model)
    made = Made(config, base, record, args.compared, beside)
    publish(model, made, sets, own, args.out, args.marginalia)
    if trained and config.answered:
        rows = [row for name in sorted(sources) for row in sources[name]]
        found = answers.predict(model.to(device()), rows, encoder)
        answers.write(work / "answers.npz", rows, found)


def _chosen(config, args: argparse.Namespace) -> list:
    """Return the phases to train, as the options change them.

    Raises:
        InputError: there is no phase of a name that was given.
    """
    from analysis.errors import InputError

    known = [phase.name for phase in config.phases]
    if lacking := [name for name in args.phase or () if name not in known]:
        raise InputError(f"--phase {lacking[0]}: no such phase; expected {', '.join(known)}")
    more = {"epochs": args.epochs} if args.epochs else {}
    return [
        phase.model_copy(update=more)
        for phase in config.phases
        if not args.phase or phase.name in args.phase
    ]


def _sources(names: set[str], args: argparse.Namespace, held_out: set[str]) -> dict:
    """Read sources without any held-out text."""
    from training.data import read_source, without

    out = {}
    for name in sorted(names):
        rows = read_source(name, args.corpora, args.marginalia)
        out[name] = without(rows, held_out)[: args.rows]
    return out


def _record(config, args: argparse.Namespace) -> dict:
    """Return how the weights were made, for `training.json`."""
    from training import weights

    begun = {"file": args.init.name, "sha256": weights.sha256(args.init)} if args.init else None
    options = {"phase": args.phase, "steps": args.steps, "epochs": args.epochs, "rows": args.rows}
    return {
        "recipe": args.config.name,
        "config": config.model_dump(),
        "init": begun,
        "options": options,
    }


def main(argv: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    args = parser().parse_args(argv)
    return exit_code(lambda: train(args))


if __name__ == "__main__":
    sys.exit(main())
