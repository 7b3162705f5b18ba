"""How the time for one article grows with its length, for texts made of one thing repeated.

Each text has a title, a paragraph, what is repeated, and a comment. It is read, parsed, aligned and
scored by the word lists, from 20 to 200 thousand characters, in this process. Prints one JSON
object: seconds of CPU time at both ends and the exponent, log of their ratio by log of the lengths'
(1 is linear). Reading that takes less than a second is measured three times, of which the best
counts. A text that is refused has no exponent. `--only 'md: '` measures one format, and may be
repeated.
"""

import argparse
import gc
import json
import math
import runpy
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from analysis.errors import AnalysisError  # noqa: E402
from analysis.readers import read  # noqa: E402
from analysis.scorers.lexicon import LexiconScorer  # noqa: E402
from analysis.scoring.requests import requests_for  # noqa: E402
from analysis.scoring.score_frames import score_requests  # noqa: E402

# What is repeated; of three texts the second, between the others; "%d" is its number.
REPEATED = {
    "txt": {
        "straight marks": '"', "opening marks": "“", "names in hyphens": "NATO-",
        "ampersands": "&lt", "bylines": "By A B\n", "parentheses": "(",
        "brackets": "[", "dashes": "—", "letters": "a",
        "addresses": "http://a.", "short words": "a ", "speech": "he said ",
        "attributed quotations": '"A," says B. ', "comments": "Comment: x\n\n",
        "signed comments": "[Anna: x]\n\n", "notes": "Note: x\n\n", "questions": "Q: a\n\nA: b\n\n",
        "list items": "- a\n", "empty lines": "\n", "sentences": "The mayor blamed NATO. ",
        "editor's notes": "[Editor's note: x]\n\n", "asides": "(Ed.: x) ", "quote lines": "> a\n",
        "short paragraphs": "a\n\n", "names": "NATO. ", "people": "Anna%d said no to Ole Berg%d. ",
        "offices": "Mayor Anna Holt%d left. ", "emojis": "😀", "names in of": "of Anna ",
        "one comment of emojis": ("Comment: ", "😀", ""),
        "one comment of quotations": ("Comment: ", '"a b c" ', ""),
        "one comment of lines": ("Comment: ", "a\n", ""),
        "one comment that agrees": ("Comment: ", "I agree, ", ""),
        "replies": "Comment (Anna%d): no\n\nReply to Anna%d: yes\n\n",
    },
    "md": {
        "stars": "*", "emphasis": "**a *b ", "underscores": "_a ", "quotes": "> ",
        "quote lines": ">>>> a\n", "critic marks": "{>>a<<}", "code": "`", "links": "[a](b",
        "whole links": "[a](b) ", "brackets": "[", "pictures": "![", "references": "[a%d]: b\n",
        "footnotes": "[^%d]\n\n[^%d]: x\n\n", "addresses": "<a@b.c>", "entities": "&amp;",
        "escapes": "\\*", "hard breaks": "a  \n", "tables": "|a|b|\n|-|-|\n",
        "rows": ("|a|b|\n|-|-|\n", "|x|y|\n", ""), "headings": "# a\n", "rules": "---\n",
        "lists": "- a\n", "fences": "```\n", "indented": "    a\n", "strikes": "~~a",
        "elements": "<b>", "remarks": "<!-- a --> ", "open remarks": "<!--", "breaks": "a<br>",
        "quoted comments": "> Comment: x\n\n", "bold comments": "**Comment:** x\n\n",
        "linked pictures": "[![a](b)](c)", "front matter": ("---\n", "a: b\n", "---\n"),
    },
    "html": {
        "ampersands": "&lt", "paragraphs": "<p>a", "elements": "<b>a</b>", "open tags": "<",
        "attributes": '<a b="', "attributes of one": ("<p ", "a%d=b ", ">x</p>"),
        "classes": ("<p class='", "a%d ", "'>x</p>"), "hyphens": ("<p class='", "share-",
        "'>x</p>"),
        "styles": ("<p style='", "display:", "'>x</p>"),
        "boxes": "<div>" * 90 + "a" + "</div>" * 90,
        "spans": "<span>" * 90 + "a" + "</span>" * 90, "crossed": "<b><i>a</b></i>",
        "open boxes": "<div>a ", "open spans": "<span>a ", "open quotes": "<blockquote>a ",
        "open lists": "<ul><li>a ", "open tables": "<table><tr><td>a ",
        "quotes": "<blockquote>" * 90 + "<p>Comment: a</p>" + "</blockquote>" * 90,
        "one quote": ("<blockquote>" * 90, "<p>Comment: a</p>", "</blockquote>" * 90),
        "rows": ("<table>", "<tr><td>a</td><td>b</td></tr>", "</table>"),
        "cells": ("<table><tr>", "<td>a", "</tr></table>"), "items": "<li>a", "breaks": "a<br>",
        "links": "<a href='#a%d'>x</a> ", "remarks": "<!-- a -->", "open remarks": "<!--",
        "entities": "&amp;", "numbers": "&#65;", "closing tags": "</p>",
        "scripts": "<script>a</script>",
        "comments": "<div class='comment'>x</div>",
        "editor's notes": "<p class='editors-note'>x</p>",
        "readers": "<div class='comment' id='comment-%d'><p>x</p></div>",
        "captions": "<figcaption>a</figcaption>",
        "articles": "<article>a</article>", "hidden": "<p hidden>a</p>", "titles": "<h1>a</h1>",
        "JSON-LD": "<script type='application/ld+json'>{\"@type\": \"NewsArticle\"}</script>",
        "nested JSON-LD": ("<script type='application/ld+json'>", '{"a":', "</script>"),
    },
    "json": {
        "annotations": ("", '{"body": "No.", "target": {"selector": {"exact": "the mayor%d"}}}',
        ""),
        "bodies": ('{"body": [', '{"value": "No %d."}', '], "target": "a"}'),
        "targets": ('{"body": "No.", "target": [', '{"selector": {"start": %d, "end": 30}}', "]}"),
        "replies": (
            '{"id": "a", "body": "So.", "target": {"selector": {"start": 0, "end": 9}}}, ',
            '{"body": "No %d.", "target": "a"}', "",
        ),
    },
}  # fmt: skip
NOTED = {"pdf": {"notes": ""}, "docx": {"notes": ""}}
SENTENCE = "The mayor of Springfield spoke on Monday about NATO, and nobody answered. "
ANNOTATED = '{{"counterpoint:article": {{"text": "{}", "title": "A title"}}, "items": [{}]}}'
BEFORE = "A title\n\nThe mayor of Springfield spoke on Monday about NATO.\n\n"
BEHIND = "\n\nComment: No, he did not.\n"
PAGE = "<html><body><h1>A title</h1><p>The mayor spoke on Monday about NATO.</p>{}<p>{}</p></body>"


def text_of(ending: str, what: str | tuple[str, str, str], length: int) -> str:
    """Return a text of about a length."""
    opening, unit, closing = ("", what, "") if isinstance(what, str) else what
    units = [unit.replace("%d", str(n)) for n in range(length // len(unit))]
    if ending == "json":
        return ANNOTATED.format(SENTENCE * 40, f"{opening}{', '.join(units)}{closing}")
    body = f"{opening}{''.join(units)}{closing}"
    return PAGE.format(body, BEHIND) if ending == "html" else f"{BEFORE}{body}{BEHIND}"


def noted(ending: str, length: int) -> bytes:
    """Return a PDF or a Word file with notes throughout, as `readers.py` makes them."""
    made = runpy.run_path(str(ROOT / "benchmarks" / "readers.py"))
    build = runpy.run_path(str(ROOT / "tests" / "readers" / "conftest.py"))
    if ending == "pdf":
        return made["pdf_file"](max(1, length // 3_500), build)
    return made["word_file"](length // 150, build)


def seconds(
    folder: Path, ending: str, what: str | tuple[str, str, str], length: int, *, reading: bool
) -> float | None:
    """Return the CPU time for a text of a length; None where it is refused."""
    path = folder / f"a.{ending}"
    made = noted(ending, length) if ending in ("pdf", "docx") else text_of(ending, what, length)
    path.write_bytes(made if isinstance(made, bytes) else made.encode())
    best = math.inf
    for _ in range(3 if reading else 1):  # a second parse would come from a cache
        gc.collect()  # what was made before is not to count
        begun = time.process_time()
        try:
            article = read(path)
            if not reading:
                score_requests([requests_for(article)], LexiconScorer())
        except AnalysisError:
            return None
        best = min(best, time.process_time() - begun)
        if best > 1:
            break
    return best


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small texts, only that it runs")
    parser.add_argument("--reading", action="store_true", help="only read, do not score")
    parser.add_argument("--only", action="append", help="only texts whose name has this in it")
    args = parser.parse_args(argv)
    low, high = (500, 2_000) if args.smoke else (20_000, 200_000)
    found = {}
    with tempfile.TemporaryDirectory() as name:
        for ending, units in (REPEATED | NOTED).items():
            what = next(iter(units.values()))
            seconds(Path(name), ending, what, 8_000, reading=args.reading)  # imports and models
            for what, unit in units.items():
                if args.only and not any(part in f"{ending}: {what}" for part in args.only):
                    continue
                first, last = (
                    seconds(Path(name), ending, unit, length, reading=args.reading)
                    for length in (low, high)
                )
                both = first is not None and last is not None
                found[f"{ending}: {what}"] = {
                    "low_s": first and round(first, 2),
                    "high_s": last and round(last, 2),
                    "exponent": round(math.log(last / first, high / low), 2) if both else None,
                }
                print(f"{ending}: {what}: {found[f'{ending}: {what}']}", file=sys.stderr)
    exponents = [row["exponent"] for row in found.values() if row["exponent"] is not None]
    print(json.dumps({"largest_exponent": max(exponents), "texts": found}, indent=1))


if __name__ == "__main__":
    main()
