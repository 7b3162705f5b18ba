"""Feed the readers what nobody meant to write; nothing but AnalysisError may be raised.

    python tools/fuzz_readers.py --seconds 600 --seed 1

Each input is a fixture of `tests/seeds/` with bytes, tokens or packed parts changed, or a file
that `fuzz_grammar.py` makes, half of them changed too. It depends only on the seed, the reader's
name and its number, so that one failure can be made again with `--reader NAME --from NUMBER
--inputs 1`. What is read must be lossless: each block's span gives back its text, and all is in one
block.
"""

import argparse
import faulthandler
import io
import random
import sys
import time
import traceback
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fuzz_grammar import KINDS, made

from analysis.errors import AnalysisError
from analysis.readers.anchors import AnnotatedArticle, Origin
from analysis.readers.formats import read_data
from analysis.readers.limits import Limits
from analysis.readers.plain_text import read_plain_text

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "tests" / "seeds" / "formats"
CASES = ROOT / "tests" / "seeds" / "cases"

READERS = {
    "plain": ("bridge.txt", "mojibake.txt", "windows_1251.txt", "typed_oddly.txt"),
    "html": (
        "bridge.html", "no_article_element.html", "html/gdocs_export.html", "html/jsonld_body.html",
        "html/jsonld.html", "html/wp_commentlist.html",
    ),
    "markdown": ("bridge.md",),
    "annotations": (
        "bridge.json", "converted.json", "annotations/w3c_page.json", "annotations/h_export.json",
        "annotations/recogito.json",
    ),
    "made-annotations": (),
    "word": ("bridge.docx", "word/altchunk_part.docx", "word/gdocs_assigned.docx"),
    "made-word": (),
    "pdf": ("bridge.pdf", "pdf/replace_text.pdf", "pdf/review_state.pdf", "pdf/rich_only.pdf"),
    "made-pdf": (),
    "csv": ("long.csv", "tables/hypothesis_export.csv", "tables/excel_trailing.csv"),
    "tsv": ("wide.tsv",),
    "hypothesis": ("tables/hypothesis_export.txt",),
    "jsonl": ("text_and_quotes.jsonl",),
    "parquet": ("long.parquet",),
    "excel": ("own_columns.xlsx",),
    "merged": ("merged_cells.xlsx",),
    "notes": ("tables/cell_notes.xlsx", "tables/wrong_dimension.xlsx"),
    "header": ("converted.txt",),
}  # fmt: skip
NAMES = {"made-pdf": "made.pdf", "made-word": "made.docx", "made-annotations": "made.json"}
COLUMNS = {"excel": {"passage": "Absatz", "comment": "Kommentar", "date": "Datum"}}
LIMITS = Limits(file_bytes=2_000_000, unpacked_bytes=5_000_000, fuzzy_work=100_000_000)

TOKENS = [
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc2\xad", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\r",
    b"\n\n", b'"', b"'", b"<", b">", b"&", b"&#0;", b"&#xD800;", b"]]>", b"<!DOCTYPE a>", b"<!--",
    b"-->", b"<p>", b"</p>", b"<div class='comment'>", b"<blockquote>", b"<h1>", b"<br>",
    b"<table>", b"<tr><td>", b"{", b"}", b"[", b"]", b"null", b"-1", b"1e999",
    b"99999999999999999999", b'"\\ud800"', b"true", b"{}", b"[]", b",", b";", b"\t", b"> ", b"# ",
    b"{>>", b"<<}", b"{==", b"==}", b"Comment: ", b"[Comment: ", b"Note:", b"|", b"-|-", b"```",
    b"0 R", b"obj", b"endobj", b"stream", b"/IRT", b"/Annots", b"(", b")", b"<<", b">>",
    b'w:id="0"', b"<w:p>", b"</w:p>", b"w:commentRangeStart", b"w:commentRangeEnd",
    b'w15:paraIdParent="00000000"', b'"references":["h1"]', b'"start":',
]  # fmt: skip

MOST_TOLD = 20  # failures of a reader that are printed and kept

Mutation = Callable[[random.Random, bytes], bytes]


@dataclass(slots=True)
class Count:
    """How many inputs a reader was fed, and what became of them."""

    inputs: int = 0
    read: int = 0
    refused: int = 0
    failed: int = 0
    seconds: float = 0.0
    slowest: float = 0.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the fuzzing; return 1 where a reader raised anything but AnalysisError."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=600, help="time for all readers together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--inputs", type=int, default=20_000, help="most inputs for a reader")
    parser.add_argument(
        "--from", dest="first", type=int, default=0, help="the first input's number"
    )
    parser.add_argument("--reader", choices=READERS, action="append", help="again for more")
    parser.add_argument("--keep", type=Path, help="a folder for the inputs that failed")
    given = parser.parse_args(argv)
    faulthandler.enable()
    names = given.reader or list(READERS)
    failed, left = 0, given.seconds
    for place, name in enumerate(names):
        share = left / (len(names) - place)  # what a quick reader leaves goes to the others
        numbers = range(given.first, given.first + given.inputs)
        count = fuzz(name, given.seed, numbers, seconds=share, keep=given.keep)
        left -= count.seconds
        failed += count.failed
        print(
            f"{name:12} {count.inputs:7,} inputs  {count.read:7,} read  {count.refused:7,} "
            f"refused  {count.failed:3} failed  {count.seconds:6.1f} s  "
            f"slowest {count.slowest:.2f} s",
            flush=True,
        )
    return 1 if failed else 0


def fuzz(
    name: str, seed: int, numbers: range, *, seconds: float, keep: Path | None = None
) -> Count:
    """Feed one reader inputs until the numbers or the time run out."""
    seeds = [(file, _fixture(file)) for file in READERS[name]]
    count, start = Count(), time.monotonic()
    for number in numbers:
        if time.monotonic() - start > seconds:
            break
        chance = random.Random(f"{seed} {name} {number}")
        if name in KINDS:
            file, data = NAMES[name], made(name, chance)
            data = data if chance.random() < 0.5 else mutated(chance, data)
        else:
            file, data = chance.choice(seeds)
            data = mutated(chance, data)
        began = time.monotonic()
        try:
            for reading in _read(name, file, data, chance):
                check(reading)
            count.read += 1
        except AnalysisError as error:
            count.refused += 1
            if "\n" in str(error):
                _failed(count, name, number, data, keep)
        except Exception:
            _failed(count, name, number, data, keep)
        count.inputs += 1
        count.slowest = max(count.slowest, time.monotonic() - began)
    count.seconds = time.monotonic() - start
    return count


def _fixture(file: str) -> bytes:
    """Return a fixture; `converted` ones are what `convert` writes of the Word file."""
    if not file.startswith("converted"):
        return ((CASES if "/" in file else FIXTURES) / file).read_bytes()
    from analysis.readers.conversion import to_json, to_plain

    (reading,) = read_data((FIXTURES / "bridge.docx").read_bytes(), Origin("bridge.docx", "bridge"))
    return (to_json if file.endswith(".json") else to_plain)(reading).encode()


def _read(name: str, file: str, data: bytes, chance: random.Random) -> tuple[AnnotatedArticle, ...]:
    origin = Origin(file, "fuzzed", run_on=chance.random() < 0.2, limits=LIMITS)
    text = (FIXTURES / "bridge.txt").read_bytes()
    text = text if chance.random() < 0.7 else mutated(chance, text)

    def beside(sources: Sequence[str]) -> AnnotatedArticle:
        return read_plain_text(text, replace(origin, path="bridge.txt"))

    return read_data(data, origin, columns=COLUMNS.get(name), text_beside=beside)


def check(reading: AnnotatedArticle) -> None:
    """Assert that nothing is lost and that the anchors are of this article.

    Raises:
        ValueError: it is not so.
    """
    article, at = reading.article, 0
    for block in article.blocks:
        if article.raw[at : block.start].strip():
            raise ValueError(f"text in no block at {at}")
        if article.raw[block.start : block.end] != block.text or not block.text.strip():
            raise ValueError(f"{block.block_id}: the span does not give back the text")
        at = block.end
    if article.raw[at:].strip():
        raise ValueError(f"text in no block at {at}")
    ids = {block.block_id for block in article.blocks}
    for anchor in reading.anchors:
        if anchor.block_id not in ids or not {anchor.reply_to} <= {"", *ids}:
            raise ValueError(f"{anchor.block_id}: an anchor of no block")
        if any(not 0 <= start < end <= len(article.raw) for start, end in anchor.answers):
            raise ValueError(f"{anchor.block_id}: an anchor outside of the text")
    article.raw.encode()
    article.title.encode()


def _failed(count: Count, name: str, number: int, data: bytes, keep: Path | None) -> None:
    count.failed += 1
    if count.failed > MOST_TOLD:
        return
    said = traceback.format_exc().strip().splitlines()
    print(f"{name} {number}: {' | '.join(line.strip() for line in said[-5:])}", file=sys.stderr)
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{name}-{number}").write_bytes(data)


def mutated(chance: random.Random, data: bytes) -> bytes:
    """Return bytes with a few changes; in a packed file mostly within its parts."""
    if data.startswith(b"PK") and chance.random() < 0.85:
        return _repacked(chance, data)
    for _ in range(chance.choice((0, 1, 1, 2, 3, 5, 8, 20))):
        data = chance.choice(_MUTATIONS)(chance, data)
    return data


def _repacked(chance: random.Random, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        members = {name: pack.read(name) for name in pack.namelist()}
    for _ in range(chance.choice((1, 1, 2))):
        name = chance.choice(sorted(members))
        if chance.random() < 0.05:
            del members[name]
        else:
            for _ in range(chance.choice((1, 1, 2, 4))):
                members[name] = chance.choice(_MUTATIONS)(chance, members[name])
        if not members:
            break
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as pack:
        for name, part in members.items():
            pack.writestr(name, part)
    return out.getvalue()


def _span(chance: random.Random, data: bytes) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + int(chance.expovariate(1 / 20)))


def _flip(chance: random.Random, data: bytes) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _insert(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data) + 1)
    times = chance.choice((1, 1, 1, 2, 30, 300))
    return data[:at] + chance.choice(TOKENS) * times + data[at:]


def _delete(chance: random.Random, data: bytes) -> bytes:
    start, end = _span(chance, data)
    return data[:start] + data[end:]


def _double(chance: random.Random, data: bytes) -> bytes:
    start, end = _span(chance, data)
    return data[:end] + data[start:end] * chance.choice((1, 2, 10)) + data[end:]


def _move(chance: random.Random, data: bytes) -> bytes:
    start, end = _span(chance, data)
    rest = data[:start] + data[end:]
    at = chance.randrange(len(rest) + 1)
    return rest[:at] + data[start:end] + rest[at:]


def _noise(chance: random.Random, data: bytes) -> bytes:
    start, end = _span(chance, data)
    return data[:start] + chance.randbytes(end - start) + data[end:]


def _cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)] if chance.random() < 0.2 else data


def _number(chance: random.Random, data: bytes) -> bytes:
    digits = [at for at, byte in enumerate(data) if 48 <= byte <= 57]
    if not digits:
        return data
    at = chance.choice(digits)
    return data[:at] + chance.choice((b"0", b"9", b"-1", b"255", b"65536", b"1.5")) + data[at + 1 :]


_MUTATIONS: tuple[Mutation, ...] = (
    _flip, _insert, _insert, _delete, _double, _move, _noise, _cut, _number,
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
