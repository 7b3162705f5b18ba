"""Keep the seed's gold in data/gold/seed/: items, labels, agreement, and the adjudicated rows.

    python tools/write_seed_gold.py items > sheet.tsv    # the questions, to be filled in
    python tools/write_seed_gold.py take NAME sheet.tsv  # a filled sheet -> NAME.jsonl
    python tools/write_seed_gold.py disputes > sheet.tsv # for `take adjudicated`
    python tools/write_seed_gold.py [--check]            # agreement -> README.md, gold.jsonl

`items.jsonl` was made once, from the segments and passages of that time, and is kept: later
versions of the program are measured against the same spans. A sheet holds the article's
text and is never committed; what is kept of it are labels, spans and hashes.
"""

import csv
import json
import sys
from collections import Counter
from math import isnan
from pathlib import Path

import analysis
from analysis.alignment.align import align, commentaries
from analysis.gold.agreement import LabeledItem, agreement, gold_text, labeled_items
from analysis.gold.labels import (
    ADJUDICATED,
    LABELS,
    VOICE,
    Item,
    LabelLog,
    annotators,
    item,
    item_of,
    labels_in,
)
from analysis.paths import GOLD, SEEDS
from analysis.readers import read
from analysis.text.segment import segments
from analysis.types import Article, Kind, Task

FOLDER = GOLD / "seed"
SEED = SEEDS / "000_9da5be969268c11d.txt"
TARGETS = ("NATO", "Russia", "United States", "Ukraine", "Putin")
ITEMS = "items.jsonl"
START, END = "<!-- agreement -->", "<!-- end of agreement -->"
HEAD = ("number", "asked", "label", "note", "text", "answers")


def made_items(article: Article) -> list[Item]:
    """Return the questions about an article: relation, then voice and stances by segment."""
    parts = segments(article)
    found = [
        item(article, Task.RELATION, [(passage.start, passage.end), (comment.start, comment.end)])
        for comment, passage in zip(commentaries(article), align(article, parts), strict=True)
    ]
    for part in parts:
        if part.kind is not Kind.CREDIT:
            span = [(part.start, part.end)]
            found.append(item(article, VOICE, span))
            found += [item(article, Task.STANCE, span, target=target) for target in TARGETS]
    return found


def items() -> list[Item]:
    """Return the kept questions, made where there are none yet."""
    path = FOLDER / ITEMS
    if not path.exists():
        made = made_items(read(SEED))
        path.write_text("".join(f"{json.dumps(i.record())}\n" for i in made), encoding="utf-8")
    return [item_of(record) for record in map(json.loads, path.open(encoding="utf-8"))]


def sheet() -> None:
    """Print the questions as tab-separated values with an empty column for the labels."""
    writer = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
    writer.writerow(HEAD)
    raw = read(SEED).raw
    for number, asked in enumerate(items()):
        *before, text = asked.texts(raw)
        writer.writerow([number, asked.target or asked.task, "", "", text, *before])


def take(name: str, path: Path) -> None:
    """Keep a filled sheet as the log of an annotator.

    Raises:
        SystemExit: a line is of no item, a label is not allowed, an item has none, or the
            annotator has a log already.
    """
    log, asked = LabelLog(FOLDER, name), items()
    if log.path.exists():
        raise SystemExit(f"{log.path}: already exists; it is never written over")
    with path.open(encoding="utf-8", newline="") as file:
        rows = {int(row["number"]): row for row in csv.DictReader(file, delimiter="\t")}
    wanted = range(len(asked)) if name != ADJUDICATED else rows
    wrong = [
        f"{number}: found label {found!r}; expected {', '.join(LABELS[asked[number].task])}"
        for number in wanted
        if (found := rows.get(number, {}).get("label")) not in LABELS[asked[number].task]
    ]
    if wrong:
        raise SystemExit("\n".join(wrong))
    for number in wanted:
        told = {"note": note} if (note := rows[number].get("note")) else {}
        log.label(asked[number], rows[number]["label"], **told, counterpoint=analysis.__version__)
    print(f"{log.path}: {len(wanted)} labels")


def outputs() -> tuple[dict[Path, str], list[str]]:
    """Return every file to write with its text, and what is wrong with the labels."""
    asked = {i.item_id for i in items()}
    wrong = [
        f"{name}: {len(asked - set(labels_in(path)))} items without a label, "
        f"{len(set(labels_in(path)) - asked)} labels of no item"
        for name, path in annotators(FOLDER).items()
        if set(labels_in(path)) != asked
    ]
    found = labeled_items(FOLDER)
    for i in (reading.item for reading in found):
        i.texts(read(SEED).raw)  # raises where the text is not the one that was labeled
    card = FOLDER / "README.md"
    before, _, rest = card.read_text(encoding="utf-8").partition(f"{START}\n")
    after = rest.partition(f"{END}\n")[2]
    told = f"{before}{START}\n{measured(found)}{END}\n{after}"
    return {card: told, FOLDER / "gold.jsonl": gold_text(found)}, wrong


def measured(found: list[LabeledItem]) -> str:
    """Return the agreement and the disputes as Markdown."""
    table = agreement(found)
    if table.empty:
        return "One pass is there; agreement is measured once there are two.\n"
    lines = [
        "| task | items | same label | Krippendorff's alpha (95% interval) | disputes |",
        "|---|---|---|---|---|",
    ]
    for row in table.itertuples():
        alpha = "not defined: every label is the same" if isnan(row.alpha) else f"{row.alpha:.2f}"
        if not isnan(row.ci_low):
            alpha += f" ({row.ci_low:.2f} to {row.ci_high:.2f})"
        lines.append(f"| {row.task} | {row.items} | {row.agreed:.1%} | {alpha} | {row.disputes} |")
    disputed = [reading for reading in found if reading.disputed]
    settled = sum(reading.settled is not None for reading in disputed)
    gold = Counter((r.item.task, r.gold) for r in found if r.gold)
    shares = (f"{task}: {listed(gold, task)}" for task in LABELS if listed(gold, task))
    said = (
        f"`adjudicated.jsonl` settles {settled} of {len(disputed)} disputes; `gold.jsonl` holds "
        f"{gold.total()} labels ({'; '.join(shares)})."
    )
    return "\n".join([*lines, "", said]) + "\n"


def listed(gold: Counter, task: str) -> str:
    """Return how often each label of a task stands in the gold."""
    return ", ".join(f"{gold[task, label]} {label}" for label in LABELS[task] if gold[task, label])


def disputes() -> None:
    """Print the items on which annotators differ, as a sheet for `take adjudicated`."""
    writer = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
    writer.writerow([*HEAD, "said"])
    raw, numbers = read(SEED).raw, {i.item_id: n for n, i in enumerate(items())}
    for reading in labeled_items(FOLDER):
        if reading.disputed and reading.settled is None:
            asked, (*before, text) = reading.item, reading.item.texts(raw)
            said = "; ".join(
                f"{name}: {found.label}" + (f" ({found.note})" if found.note else "")
                for name, found in reading.labels.items()
            )
            where = [numbers[asked.item_id], asked.target or asked.task]
            writer.writerow([*where, "", "", text, before[0] if before else "", said])


def write(check: bool) -> int:
    """Write agreement and gold, or only check that they are up to date."""
    files, wrong = outputs()
    for path, text in files.items():
        if not check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            wrong.append(f"{path.name}: out of date, run tools/write_seed_gold.py")
    print(*wrong, sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return 1 if wrong else 0


def main(words: list[str]) -> int:
    """Run one of the commands above."""
    match words:
        case ["items"]:
            sheet()
        case ["take", name, path]:
            take(name, Path(path))
        case ["disputes"]:
            disputes()
        case [] | ["--check"]:
            return write(check=bool(words))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
