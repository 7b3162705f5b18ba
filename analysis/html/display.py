"""Names and numbers as a reader sees them."""

import contextlib
import itertools
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

NAME_LENGTH = 60
TEASER = 110  # characters of a text of which a table or the opening shows the beginning
WORDS = "no one two three four five six seven eight nine ten".split()

_LONG_WORD = re.compile(r"\w{4,}")
_UNDRAWABLE = ("Cc", "Cn", "Cs")  # what XML, and so a drawing, may not hold is among them
_DIRECTIONS = dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def name(text: str, length: int = NAME_LENGTH) -> str:
    """Return a name from outside for use in a sentence: short, on a line, its direction its own."""
    plain = "".join(" " if unicodedata.category(c) in _UNDRAWABLE else c for c in text)
    short = " ".join(plain.translate(_DIRECTIONS).split())
    short = short if len(short) <= length else short[: length - 1].rstrip() + "…"
    leftward = any(unicodedata.bidirectional(c) in ("R", "AL") for c in short)
    return f"\u2068{short}\u2069" if leftward else short


def quoted(text: str) -> str:
    """Return a name as `name` does, quoted where it starts small: no sentence can stand it bare."""
    return f"“{name(text)}”" if text[:1].islower() else name(text)


def teaser(text: str) -> str:
    """Return the beginning of a text, cut at a word."""
    if len(text) <= TEASER:
        return text
    return text[:TEASER].rsplit(" ", 1)[0].rstrip(",;: ") + "\u00a0…"


def excerpt(text: str, about: str) -> str:
    """Return the part of a text that shares most words with another, cut at words.

    Among parts that share as many, one that starts a sentence wins, then the last; where none
    shares any, the beginning.
    """
    if len(text.strip()) <= TEASER:
        return text
    wanted = set(_LONG_WORD.findall(about.casefold()))
    words = [match.span() for match in re.finditer(r"\S+", text)]
    held = [wanted & set(_LONG_WORD.findall(text[a:b].casefold())) for a, b in words]
    best, last = (-1, False, 0, 0), 0
    for first, (start, _) in enumerate(words):
        last = max(last, first + 1)
        while last < len(words) and words[last][1] - start <= TEASER:
            last += 1
        begins = first == 0 or text[words[first - 1][1] - 1] in ".!?”"
        shared = len(set().union(*held[first:last]))
        if shared or first == 0:
            best = max(best, (shared, begins, first, last))
    _, begins, first, last = best
    while not begins and last == len(words) and len(text) - words[first - 1][0] <= TEASER:
        first -= 1  # an end so short has room for more before it
    shown = text[words[first][0] : words[last - 1][1]][: 2 * TEASER].rstrip(",;: ")
    before = "…\u00a0" if first else ""
    return before + shown + ("\u00a0…" if last < len(words) else "")


def anchor_of(heading: str) -> str:
    """Return the anchor that JupyterLab gives a heading, so that links to it work there as well."""
    return heading.replace(" ", "-")


def count(n: int, noun: str) -> str:
    """Return a number with its noun: `1 comment`, `1,200 comments`."""
    return f"{n} {noun}" if n == 1 else f"{n:,} {noun}s"


def word(n: int) -> str:
    """Return a number as a sentence has it: in a word up to ten."""
    return WORDS[n] if n < len(WORDS) else f"{n:,}"


def capitalized(text: str) -> str:
    """Return a sentence with its first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def language(tag: str) -> str:
    """Return the English name of a language, such as `German` for `de`; else the tag itself."""
    from babel import Locale, UnknownLocaleError

    with contextlib.suppress(UnknownLocaleError, ValueError):
        return Locale.parse(tag, sep="-").get_display_name("en") or name(tag)
    return name(tag)


def languages(tags: Iterable[str]) -> str:
    """Return the English names of languages as a list in a sentence."""
    return listed([language(tag) for tag in tags])


def listed(items: list[str], conjunction: str = "and") -> str:
    """Return items as a list in a sentence: `a, b and c`."""
    parts = [", ".join(items[:-1]), items[-1]] if len(items) > 1 else items
    return f" {conjunction} ".join(parts)


def number(value: float, *, signed: bool = False) -> str:
    """Return a number as a reader writes it: two decimals, a real minus, a dash for none."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if _missing(value):
        return "–"
    value = round(value, 2) + 0.0  # no minus before a zero
    return f"{value:{'+' if signed and value else ''}.2f}".replace("-", "−")


def interval(low: float, high: float) -> str:
    """Return the ends of an interval as `number` writes them, a dash where there is none."""
    return number(low) if _missing(low) else f"{number(low)} to {number(high)}"


def estimate(value: float, low: float, high: float, *, signed: bool = False) -> str:
    """Return a value with the ends of its interval, if there is one: `0.30 (0.12 to 0.48)`."""
    ends = "" if _missing(low) else f" ({interval(low, high)})"
    return number(value, signed=signed) + ends


def intervals(rows: Any, shown: Iterable[bool] | None = None) -> list[str]:
    """Return the intervals of a frame's rows, by `ci_low` and `ci_high`; a dash if not shown."""
    flags = itertools.repeat(True) if shown is None else shown
    ends = zip(rows.ci_low, rows.ci_high, flags, strict=False)
    return [interval(low, high) if show else "–" for low, high, show in ends]


def _missing(value: float | None) -> bool:
    return value is None or value != value  # NaN alone differs from itself
