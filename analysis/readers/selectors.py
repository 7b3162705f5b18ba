"""The selectors of Web Annotations: which words of a text an annotation is on."""

from collections.abc import Mapping
from typing import Any

from analysis.readers.anchors import Span
from analysis.readers.quote_search import QuoteFinder


def as_text(value: Any) -> str:
    """Return a text, nothing where it is something else."""
    return value if isinstance(value, str) else ""


def as_list(value: Any) -> list[Any]:
    """Return a value as a list; none is an empty one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def targets_of(row: Mapping[str, Any]) -> list[Any]:
    """Return what an annotation is on."""
    return as_list(row.get("target"))


def _selectors(target: Any) -> list[Mapping[str, Any]]:
    """Return a target's selectors, those that refine others after them."""
    found = []
    todo = [*as_list(target.get("selector"))] if isinstance(target, dict) else []
    while todo and len(found) < 100:
        selector = todo.pop(0)
        if isinstance(selector, dict):
            found.append(selector)
            todo += as_list(selector.get("refinedBy")) + as_list(selector.get("items"))
    return found


def positions_in(target: Any, length: int) -> list[Span]:
    """Return the spans that a target states and the text has."""
    found = []
    for selector in _selectors(target):
        start, end = selector.get("start"), selector.get("end")
        whole = type(start) is int and type(end) is int
        if selector.get("type") == "TextPositionSelector" and whole and 0 <= start <= end <= length:
            found.append((start, end))
    return found


def anchor_of(row: Mapping[str, Any], text: QuoteFinder) -> tuple[Span | None, int | None]:
    """Return the passage that an annotation is on, and where it stands without one.

    A position holds where the text there is the quotation, or where there is none.
    """
    for target in targets_of(row):
        positions = positions_in(target, len(text.text))
        quotes = [s for s in _selectors(target) if as_text(s.get("exact"))]
        for quote in quotes:
            exact = as_text(quote.get("exact"))
            at = next((p for p in positions if text.text[slice(*p)] == exact), None)
            context = {name: as_text(quote.get(name)) for name in ("prefix", "suffix")}
            hint = positions[0][0] if positions else None
            at = at or text.quote(exact, hint=hint, **context)
            if at:
                return at, None
        if positions:
            start, end = positions[0]
            return ((start, end), None) if start < end and not quotes else (None, end)
    return None, None
