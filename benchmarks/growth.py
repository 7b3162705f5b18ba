"""How the time for one article grows with its length, for texts made of one thing repeated.

Each text has a title, a paragraph, what is repeated, and a comment. It is read, parsed, aligned and
scored by the word lists, from 20 to 200 thousand characters, in this process. Prints one JSON
object: seconds of CPU time at both ends and the exponent, log of their ratio by log of the lengths'
(1 is linear). A text that is refused has no exponent.
"""

import argparse
import json
import math
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

REPEATED = {
    "txt": {
        "straight marks": '"', "opening marks": "“", "names in hyphens": "NATO-",
        "ampersands": "&lt", "bylines": "By A B\n", "parentheses": "(",
        "brackets": "[", "dashes": "—", "letters": "a",
        "addresses": "http://a.", "short words": "a ", "speech": "he said ",
        "attributed quotations": '"A," says B. ', "comments": "Comment: x\n\n",
        "signed comments": "[Anna: x]\n\n", "notes": "Note: x\n\n", "questions": "Q: a\n\nA: b\n\n",
        "list items": "- a\n", "empty lines": "\n", "sentences": "The mayor blamed NATO. ",
    },
    "md": {"stars": "*", "quotes": "> ", "critic marks": "{>>a<<}", "code": "`", "links": "[a](b"},
    "html": {
        "ampersands": "&lt", "elements": "<b>", "paragraphs": "<p>a", "boxes": "<div>",
        "open tags": "<", "attributes": '<a b="',
    },
}  # fmt: skip
BEFORE = "A title\n\nThe mayor of Springfield spoke on Monday about NATO.\n\n"
BEHIND = "\n\nComment: No, he did not.\n"
PAGE = "<html><body><h1>A title</h1><p>The mayor spoke on Monday about NATO.</p>{}<p>{}</p></body>"


def seconds(folder: Path, ending: str, unit: str, length: int) -> float | None:
    """Return the CPU time for a text of a length; None where it is refused."""
    body = unit * (length // len(unit))
    text = PAGE.format(body, BEHIND) if ending == "html" else f"{BEFORE}{body}{BEHIND}"
    path = folder / f"a.{ending}"
    path.write_text(text, encoding="utf-8")
    begun = time.process_time()
    try:
        score_requests([requests_for(read(path))], LexiconScorer())
    except AnalysisError:
        return None
    return time.process_time() - begun


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small texts, only that it runs")
    parser.add_argument("--only", help="only the texts whose name has this in it")
    args = parser.parse_args(argv)
    low, high = (500, 2_000) if args.smoke else (20_000, 200_000)
    found = {}
    with tempfile.TemporaryDirectory() as name:
        seconds(Path(name), "txt", "The mayor blamed NATO. ", 500)  # imports and models
        for ending, units in REPEATED.items():
            for what, unit in units.items():
                if args.only and args.only not in what:
                    continue
                first, last = (seconds(Path(name), ending, unit, length) for length in (low, high))
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
