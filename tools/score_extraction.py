"""Score how well the main text of saved pages is found, beside trafilatura's in the same run.

    python tools/score_extraction.py FOLDER

FOLDER holds `evaldata.json`, `{url: {"file": NAME, "with": [TEXT…], "without": [TEXT…]}}`, and
the pages in `cache/` or `eval/`: the form of trafilatura's own evaluation. Printed are the shares
of known passages that are kept and of known boilerplate that is left out, white space folded, and
the pages on which one side loses every passage that the other keeps.

trafilatura is called as `extract(fast=False, include_comments=False, include_tables=True)`.
"""

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analysis.errors import AnalysisError, InputError
from analysis.readers.anchors import Origin
from analysis.readers.html_page import read_html

FOLDERS = ("cache", "eval")


@dataclass(slots=True)
class Score:
    """The passages of all pages: kept, left out, known; and the pages that lost all of theirs."""

    kept: int = 0
    wanted: int = 0
    left_out: int = 0
    unwanted: int = 0
    refused: int = 0
    lost: set[str] = field(default_factory=set)

    def add(self, url: str, text: str, wanted: Sequence[str], unwanted: Sequence[str]) -> None:
        """Count the passages of one page."""
        folded = fold(text)
        kept = sum(fold(passage) in folded for passage in wanted)
        self.kept += kept
        self.wanted += len(wanted)
        self.left_out += sum(fold(passage) not in folded for passage in unwanted)
        self.unwanted += len(unwanted)
        if wanted and not kept:
            self.lost.add(url)

    @property
    def shares(self) -> tuple[float, float]:
        """The share of passages kept, and of boilerplate left out."""
        return self.kept / max(1, self.wanted), self.left_out / max(1, self.unwanted)


def fold(text: str) -> str:
    """Return a text with its white space folded."""
    return " ".join(text.split())


def ours(data: bytes, name: str) -> str:
    """Return the text of a page's article; none: the page is refused."""
    return read_html(data, Origin(name, "page", identify_language=False)).article.raw


def theirs(data: bytes, name: str) -> str:
    """Return the text that trafilatura takes for the article."""
    import trafilatura

    found = trafilatura.extract(data, fast=False, include_comments=False, include_tables=True)
    return found or ""


SIDES: dict[str, Callable[[bytes, str], str]] = {"counterpoint": ours, "trafilatura": theirs}


def score(folder: Path) -> dict[str, Score]:
    """Return the scores of both sides on the pages of a folder.

    Raises:
        InputError: the folder holds no known passages, or a page is missing.
    """
    listed = folder / "evaldata.json"
    try:
        pages = json.loads(listed.read_text(encoding="utf-8"))
        wanted = {url: (p["file"], p["with"], p["without"]) for url, p in pages.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{listed}: found no known passages ({error}); expected "
            '{url: {"file", "with", "without"}}'
        ) from None
    scores = {side: Score() for side in SIDES}
    for url, (name, passages, boilerplate) in wanted.items():
        data = _page(folder, name)
        for side, extract in SIDES.items():
            try:
                text = extract(data, name)
            except AnalysisError:
                text = ""
                scores[side].refused += 1
            scores[side].add(url, text, passages, boilerplate)
    return scores


def _page(folder: Path, name: str) -> bytes:
    for place in FOLDERS:
        path = folder / place / name
        if path.is_file():
            return path.read_bytes()
    raise InputError(f"{folder / FOLDERS[0] / name}: no such file; expected the saved page")


def main(argv: Sequence[str] | None = None) -> int:
    """Print both sides' shares; return 2 where the folder cannot be used."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="evaldata.json, and the pages in cache/ or eval/")
    parser.add_argument("--list", action="store_true", help="also name the pages that lost all")
    given = parser.parse_args(argv)
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        scores = score(given.folder)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    for side, found in scores.items():
        kept, left_out = found.shares
        print(
            f"{side:12}  kept {kept:6.1%} of {found.wanted:,} passages  left out {left_out:6.1%} "
            f"of {found.unwanted:,}  lost all on {len(found.lost):,} pages  refused "
            f"{found.refused:,}"
        )
    alone = scores["counterpoint"].lost - scores["trafilatura"].lost
    print(f"pages that only counterpoint loses: {len(alone):,}")
    if given.list:
        print("\n".join(sorted(alone)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
