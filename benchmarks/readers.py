"""Reading a long annotated PDF and a Word file with many comments, against their bare library.

The library's side gives up the text and no more: PDFium's text of each page; for Word, lxml's
text of the document and of its comments. The sides take turns, each in a process of its own
that reads the same file `READS` times; the best CPU time of all rounds counts.
Prints one JSON object.

With `--growth`: how the time to read made PDFs and pages grows with their length, from 50 to 900
thousand characters. Printed is, for each shape, the CPU time of each length and the exponent of the
power law fitted to them; 1 is linear, and more than `MOST_GROWTH` fails.
"""

import argparse
import io
import json
import resource
import runpy
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from math import log
from pathlib import Path

from numpy import polyfit

ROOT = Path(__file__).resolve().parents[1]
FORMS = {"pdf": "long.pdf", "word": "long.docx"}
SIDES = ("plain", "ours")
READS = 3
SENTENCE = "The council of the harbour town voted on the bridge again and {n} of them were absent."


def pdf_file(pages: int, build: dict) -> bytes:
    """Return a PDF of 45 lines a page, with two highlights that say something on each."""
    made = []
    for page in range(pages):
        lines = [
            None if number % 9 == 8 else SENTENCE.format(n=page * 45 + number)[:78]
            for number in range(45)
        ]
        notes = [
            {"contents": f"Nobody counted them, see {page}-{line}.", "who": "Ana", "line": line}
            for line in (3, 21)
        ]
        made.append((lines, [note | {"from": 4, "to": 40} for note in notes]))
    return build["pdf"](made)


def word_file(comments: int, build: dict) -> bytes:
    """Return a Word file with a comment on each paragraph, every fifth of them a reply."""
    paragraphs, said = [], []
    for number in range(comments):
        words = SENTENCE.format(n=number)
        reply = number % 5 == 4
        anchored = build["run"](words) if reply else build["anchored"](number, words)
        paragraphs.append(f"<w:p>{anchored}{build['run'](' ' + words)}</w:p>")
        said.append((f"Nobody counted them, see {number}.", "Ana", number - 1 if reply else None))
    return build["docx"](paragraphs, said)


LENGTHS = (50_000, 100_000, 200_000, 450_000, 900_000)  # characters
MOST_GROWTH = 1.2
A_PAGE = 3_200  # characters of a PDF's page, as `pdf_file` fills it


def unbroken_pdf(pages: int, build: dict) -> bytes:
    """Return a PDF whose lines nothing parts, so that they are one paragraph."""
    words = "the council of the harbour town voted on the bridge again, and some were absent"
    return build["pdf"]([([words] * 45, []) for _ in range(pages)])


def web_page(length: int, wrap: str) -> bytes:
    """Return a page of paragraphs with a comment after every fifth, and readers' comments."""
    parts, size = [], 0
    while size < length:
        number = len(parts)
        text = " ".join(SENTENCE.format(n=number + n) for n in range(4))
        parts.append(f"<p>{'Comment: ' if number % 5 == 4 else ''}{text}</p>")
        size += len(text)
    readers = "<div class='comment' id='comment-1'><p>It is a shame, all of it.</p></div>"
    body = wrap.format("".join(parts))
    return f"<html><body>{body}<div class='comments'>{readers * 50}</div></body></html>".encode()


SHAPES: dict[str, Callable[[int, dict], bytes]] = {
    "pdf": lambda length, build: pdf_file(length // A_PAGE + 1, build),
    "pdf of one paragraph": lambda length, build: unbroken_pdf(length // A_PAGE + 1, build),
    "page": lambda length, build: web_page(length, "<article><h1>The bridge</h1>{}</article>"),
    "page without an article": lambda length, build: web_page(length, "<div><h2>So</h2>{}</div>"),
}


def growth(lengths: Sequence[int], build: dict) -> dict[str, dict]:
    """Return for each shape the CPU seconds by characters read, and the exponent."""
    from analysis.readers.anchors import Origin
    from analysis.readers.formats import read_data

    found = {}
    for shape, made in SHAPES.items():
        seconds: dict[int, float] = {}
        name = "a.pdf" if shape.startswith("pdf") else "a.html"
        read_data(made(2_000, build), Origin(name, "a"))  # the libraries are loaded
        for length in lengths:
            data = made(length, build)
            taken = []
            for _ in range(READS):
                start = time.process_time()
                (reading,) = read_data(data, Origin(name, "a"))
                taken.append(time.process_time() - start)
            seconds[len(reading.article.raw)] = round(min(taken), 3)
        exponent = polyfit(
            *(list(map(log, axis)) for axis in zip(*seconds.items(), strict=True)), 1
        )
        found[shape] = {"cpu_seconds": seconds, "exponent": round(float(exponent[0]), 3)}
    return found


def plain_pdf(data: bytes) -> int:
    """Return how many characters PDFium gives up."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    size = 0
    for number in range(len(document)):
        page = document[number]
        text = page.get_textpage()
        size += len(text.get_text_range())
        text.close()
        page.close()
    document.close()
    return size


def plain_word(data: bytes) -> int:
    """Return how many characters lxml gives up."""
    from lxml import etree

    pack = zipfile.ZipFile(io.BytesIO(data))
    parts = ("word/document.xml", "word/comments.xml")
    return sum(len("".join(etree.fromstring(pack.read(name)).itertext())) for name in parts)


def ours(path: Path) -> int:
    """Return how many characters the article has."""
    from analysis.readers import read

    return len(read(path).raw)


def child(form: str, side: str, path: Path) -> dict[str, float]:
    """Read a file a few times in this process; return the best CPU time and the peak memory."""
    data = path.read_bytes()
    plain = plain_pdf if form == "pdf" else plain_word
    taken, size = [], 0
    for _ in range(READS):
        start = time.process_time()
        size = ours(path) if side == "ours" else plain(data)
        taken.append(time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu_seconds": min(taken), "peak_mb": peak, "characters": size}


def main() -> None:
    """Measure, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small files, only that it runs")
    parser.add_argument(
        "--child", nargs=3, metavar=("FORM", "SIDE", "FILE"), help=argparse.SUPPRESS
    )
    parser.add_argument("--growth", action="store_true", help="how time grows with length")
    given = parser.parse_args()
    build = runpy.run_path(str(ROOT / "tests" / "readers" / "conftest.py"))
    if given.growth:
        grown = growth(LENGTHS[:2] if given.smoke else LENGTHS, build)
        print(json.dumps(grown, indent=1))
        fast = all(shape["exponent"] <= MOST_GROWTH for shape in grown.values())
        raise SystemExit(0 if fast or given.smoke else 1)
    if given.child:
        form, side, file = given.child
        print(json.dumps(child(form, side, Path(file))))
        return
    pages, comments, rounds = (6, 40, 1) if given.smoke else (300, 2_000, 3)
    found: dict[str, dict] = {}
    with tempfile.TemporaryDirectory() as folder:
        files = {form: Path(folder) / name for form, name in FORMS.items()}
        files["pdf"].write_bytes(pdf_file(pages, build))
        files["word"].write_bytes(word_file(comments, build))
        runs: dict[tuple[str, str], list[dict]] = {}
        for _ in range(rounds):
            for form, path in files.items():
                for side in SIDES:
                    command = [sys.executable, __file__, "--child", form, side, str(path)]
                    done = subprocess.run(command, capture_output=True, text=True, check=True)
                    runs.setdefault((form, side), []).append(json.loads(done.stdout))
        for form in FORMS:
            best = {s: min(runs[form, s], key=lambda run: run["cpu_seconds"]) for s in SIDES}
            found[form] = best | {
                "bytes": files[form].stat().st_size,
                "cpu_ratio": best["ours"]["cpu_seconds"] / best["plain"]["cpu_seconds"],
            }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
