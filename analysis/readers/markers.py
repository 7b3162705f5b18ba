"""The markers that a commentary starts with."""

import re
from collections.abc import Sequence
from functools import lru_cache

from analysis.params import MARKERS

_INVISIBLE = "\u00ad\u200b-\u200f\u2060\ufeff"


def starts_with_marker(text: str, markers: Sequence[str] = MARKERS) -> bool:
    """Return whether a text starts with the marker of a commentary."""
    return bool(marker_pattern(tuple(markers)).match(text))


@lru_cache(maxsize=32)
def marker_pattern(markers: tuple[str, ...]) -> re.Pattern[str]:
    """Match any marker at the start of a line, as people and web pages write them.

    Straight or curly apostrophes, `[` or `>` or invisible characters before it, `*` or
    `_` around it, a space before its colon. A marker ends with its word: `Reply` is not
    in "Replying".
    """
    names = {marker.strip().removeprefix("[").strip() for marker in markers} - {""}
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    either = "|".join(_marker(name) for name in longest_first)
    before = rf"[>\s{_INVISIBLE}]*[*_]*(?P<open>\[?)\s*[*_]*"
    return re.compile(rf"{before}(?:{either})[*_]*\s*" if either else r"(?!)", re.IGNORECASE)


def _marker(name: str) -> str:
    word = re.escape(name.removesuffix(":").rstrip()).replace("'", "['’]")
    if name.endswith(":"):
        return rf"{word}[*_]*\s?[:：]"
    return word + (r"(?!\w)" if name[-1].isalnum() else "")
