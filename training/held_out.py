"""The held-out sets and their halves: `python -m training.held_out --corpora DIR`.

Each set is halved by group (Marginalia by block, replies by thread or post, BABE by
near-identical sentences, others by passage or target) through a hash. Half A serves to choose,
calibrate and set thresholds; half B only for the final figures. The command writes the row
numbers of both halves into `training/splits/`, as `counterpoint evaluate --rows` reads them;
for Marginalia a row is a block.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import NamedTuple

from analysis.paths import DATA
from training.command import exit_code
from training.data import (
    HELD_OUT,
    Row,
    babe_held_out,
    groups_of_alike,
    read_blocks,
    read_rows,
    text_key,
)

MARGINALIA = DATA / "marginalia"
SPLITS = Path(__file__).with_name("splits")
OWN_ARTICLES = "relation/dev-relations"  # measured as a whole, never fitted on


class DevSet(NamedTuple):
    """A held-out set.

    Attributes:
        file: its file, relative to the folder of the corpora or of Marginalia.
        lines: for each half the numbers (from 0) of the file's lines.
        rows: for each half the labeled rows.
    """

    file: str
    lines: dict[str, list[int]]
    rows: dict[str, list[Row]]


def half(group: str) -> str:
    """Return the half, `a` or `b`, of a group of rows."""
    return "ab"[hashlib.sha256(group.encode()).digest()[0] % 2]


def _halved(file: str, lines: dict[int, list[Row]]) -> DevSet:
    """Halve a file by the group of each line's rows."""
    numbers = {side: [n for n, rows in lines.items() if half(rows[0].group) == side]
               for side in "ab"}  # fmt: skip
    rows = {side: [row for n in found for row in lines[n]] for side, found in numbers.items()}
    return DevSet(file, numbers, rows)


def _babe(corpora: Path) -> DevSet:
    file = "bias/babe/all.jsonl"
    rows = read_rows(corpora / file, "bias", "bias/babe")
    numbers = groups_of_alike([row.first for row in rows]).tolist()
    firsts = [rows[numbers.index(number)].first for number in numbers]
    return _halved(file, {n: [rows[n]._replace(group=firsts[n])] for n in babe_held_out(rows)})


def dev_sets(corpora: Path, marginalia: Path) -> dict[str, DevSet]:
    """Return the held-out sets by name, in the order in which they are reported.

    Raises:
        InputError: a file is missing or damaged.
    """
    out = {}
    for name in sorted(HELD_OUT):
        task = name.split("/")[0]
        if name.endswith("/marginalia"):
            file, lines = "dev.jsonl", read_blocks(marginalia / "dev.jsonl", task)
        else:
            file = f"{name}/dev.jsonl"
            lines = [[row] for row in read_rows(corpora / file, task, name)]
        out[name] = _halved(file, dict(enumerate(lines)))
    return out | {"bias/babe": _babe(corpora)}


def held_out_keys(sets: dict[str, DevSet], articles: Path | None = None) -> set[str]:
    """Return the text keys of all held-out rows, those of this project's articles included."""
    rows = [row for one in sets.values() for side in one.rows.values() for row in side]
    return {text_key(row) for row in [*rows, *own_rows(articles)]}


def own_rows(articles: Path | None) -> list[Row]:
    """Return the rows of `dev-relations.jsonl` in a folder; without a folder none."""
    if articles is None:
        return []
    return read_rows(articles / "dev-relations.jsonl", "relation", OWN_ARTICLES)


def split_name(name: str) -> str:
    """Return how the split files of a set begin; Marginalia's tasks share theirs."""
    return "marginalia" if name.endswith("/marginalia") else name.replace("/", "-")


def write_splits(sets: dict[str, DevSet], folder: Path) -> None:
    """Write the line numbers of each half of each set, one file a half."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, one in sets.items():
        for side, numbers in one.lines.items():
            content = {"file": one.file, "half": side, "rows_from_0": numbers}
            path = folder / f"{split_name(name)}-{side}.json"
            path.write_text(json.dumps(content) + "\n", "utf-8")


def main(argv: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.held_out", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="folder of the labeled sets")
    parser.add_argument("--marginalia", type=Path, default=MARGINALIA, help="folder of its blocks")
    parser.add_argument("--out", type=Path, default=SPLITS, help="folder for the row numbers")
    args = parser.parse_args(argv)
    return exit_code(lambda: write_splits(dev_sets(args.corpora, args.marginalia), args.out))


if __name__ == "__main__":
    sys.exit(main())
