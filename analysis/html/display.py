"""Names and numbers as a reader sees them."""

import unicodedata

NAME_LENGTH = 60

_UNDRAWABLE = ("Cc", "Cn", "Cs")  # what XML, and so a drawing, may not hold is among them
_DIRECTIONS = dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def name(text: str, length: int = NAME_LENGTH) -> str:
    """Return a name from outside for use in a sentence: short, on a line, its direction its own."""
    plain = "".join(" " if unicodedata.category(c) in _UNDRAWABLE else c for c in text)
    short = " ".join(plain.translate(_DIRECTIONS).split())
    short = short if len(short) <= length else short[: length - 1].rstrip() + "…"
    leftward = any(unicodedata.bidirectional(c) in ("R", "AL") for c in short)
    return f"\u2068{short}\u2069" if leftward else short


def count(n: int, noun: str) -> str:
    """Return a number with its noun: `1 comment`, `3 comments`."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def listed(items: list[str]) -> str:
    """Return items as a list in a sentence: `a, b and c`."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


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


def _missing(value: float | None) -> bool:
    return value is None or value != value  # NaN alone differs from itself
