"""Train the embedded model: `python -m training --corpora DIR --base DIR --out DIR`."""

import argparse
import sys
from pathlib import Path

from training.command import exit_code
from training.data import Row, babe_held_out, phase_rows, read_rows, read_source, without

HERE = Path(__file__).parent


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    out = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    out.add_argument("--corpora", type=Path, required=True, help="folder of the labelled sets")
    out.add_argument("--base", type=Path, required=True, help="folder of the base encoder")
    out.add_argument("--out", type=Path, required=True, help="folder for the exported model")
    out.add_argument("--config", type=Path, default=HERE / "config.json", help="what to learn")
    out.add_argument("--articles", type=Path, help="folder with dev-relations.jsonl, for dev only")
    out.add_argument("--work", type=Path, default=Path("trainwork"), help="checkpoints go here")
    out.add_argument("--start", type=Path, help="checkpoint to branch from, another run's")
    out.add_argument("--init", type=Path, nargs="*", default=[], help="begin at their mean")
    out.add_argument("--teacher", type=Path, nargs="*", default=[], help="its checkpoints")
    out.add_argument("--teacher-base", type=Path, help="folder of its base encoder")
    out.add_argument("--merge", type=Path, nargs="*", default=[], help="average these as well")
    out.add_argument("--merge-configs", type=Path, nargs="*", default=[], help="of those runs")
    out.add_argument("--fresh", action="store_true", help="start anew beside old checkpoints")
    out.add_argument("--no-export", action="store_true", help="stop after training")
    return out


def held_out_rows(corpora: Path) -> list[Row]:
    """Return all rows of the corpora that are kept for evaluation."""
    rows: list[Row] = []
    for source in ("relation/subreddit_agreement", "stance/newsmtsc", "stance/vast"):
        rows += read_rows(corpora / source / "dev.jsonl", source.split("/")[0], source)
    babe = read_source(corpora, "bias/babe")
    return rows + [babe[i] for i in babe_held_out(babe)]


def load_sources(corpora: Path, names: set[str], *, made: int, seed: int) -> dict[str, list[Row]]:
    """Read the named sources, made ones included, without any held-out text."""
    held_out = held_out_rows(corpora)
    out = {}
    for name in sorted(names):
        if "/made_" in name or name.endswith("_unlabelled"):
            from training.synthetic import make

            rows = make(name, corpora, count=made, seed=seed)
        else:
            rows = read_source(corpora, name)
        out[name] = without(rows, held_out)
    return out


def train(args: argparse.Namespace) -> Path:
    """Run all phases of the configuration and return the last checkpoint."""
    import torch

    from training.encode import PairEncoder
    from training.loop import Trainer, read_config
    from training.model import BASES, freeze, from_base, mean_weights
    from training.record import write_run
    from training.soft import answers_of, taught

    config = read_config(args.config)
    torch.manual_seed(config.seed)
    model = from_base(args.base, dropout=config.dropout, sha256=BASES[config.base].sha256)
    freeze(model, config.frozen_layers)
    if args.init:
        model.load_state_dict(mean_weights(args.init))
    trainer = Trainer(model, config, args.work)
    write_run(args, config)
    last = args.work / "last.pt"
    if last.is_file() and not args.fresh:
        trainer.resume(last)
    elif args.start:
        trainer.resume(args.start)
    names = {name for phase in config.phases[trainer.phase :] for name in phase.rows}
    sources = load_sources(args.corpora, names, made=config.synthetic_rows, seed=config.seed)
    encoder = PairEncoder(args.base / "tokenizer.json", config.max_length)
    answers = answers_of(args, config)
    done: dict[str, int] = {}
    for number, phase in enumerate(config.phases):
        if number >= trainer.phase:
            rows = phase_rows(sources, phase.rows, done, config.seed)
            for by, answer in answers.items():
                rows = taught(rows, {s for s, who in config.soft.items() if who == by}, answer)
            trainer.run_phase(phase, rows, encoder)
        for name, count in phase.rows.items():
            done[name] = done.get(name, 0) + count
    return last


def train_and_publish(args: argparse.Namespace) -> None:
    """Train, then export, measure and describe the model."""
    last = train(args)
    if not args.no_export:
        from training.publish import publish

        publish(
            [last, *args.merge],
            args.out,
            base=args.base,
            corpora=args.corpora,
            articles=args.articles,
            configs=[args.config, *args.merge_configs],
        )


def main(argv: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    args = parser().parse_args(argv)
    return exit_code(lambda: train_and_publish(args))


if __name__ == "__main__":
    sys.exit(main())
