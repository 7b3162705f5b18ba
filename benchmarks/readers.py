"""Reading a long annotated PDF and a Word file with many comments, against their bare library.

The library's side gives up the text and no more: PDFium's text of each page; for Word, lxml's
text of the document and of its comments. The sides take turns, each in a process of its own
that reads the same file `READS` times; the best CPU time of all rounds counts.
Prints one JSON object.
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
from pathlib import Path

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
    given = parser.parse_args()
    if given.child:
        form, side, file = given.child
        print(json.dumps(child(form, side, Path(file))))
        return
    pages, comments, rounds = (6, 40, 1) if given.smoke else (300, 2_000, 3)
    build = runpy.run_path(str(ROOT / "tests" / "readers" / "conftest.py"))
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
