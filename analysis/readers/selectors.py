"""The selectors of Web Annotations: which words of a text an annotation is on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.readers.anchors import Span
from analysis.readers.quote_search import QuoteFinder

_UNREAD = {
    "RangeSelector": "ranges given by XPath or CSS",
    "XPathSelector": "places given by XPath",
    "CssSelector": "places given by CSS",
    "SvgSelector": "places on pictures",
    "FragmentSelector": "places given by fragments of addresses",
    "DataPositionSelector": "places given in bytes",
}


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
    found = (_position(selector, length) for selector in _selectors(target))
    return [span for span in found if span]


def _position(selector: Mapping[str, Any], length: int) -> Span | None:
    kind, start, end = (selector.get(name) for name in ("type", "start", "end"))
    if kind == "FragmentSelector":  # RFC 5147
        told = re.fullmatch(r"char=(\d{1,9}),(\d{1,9})(?:;.*)?", as_text(selector.get("value")))
        start, end = (int(told[1]), int(told[2])) if told else (None, None)
    elif kind != "TextPositionSelector":
        return None
    whole = type(start) is int and type(end) is int
    return (start, end) if whole and 0 <= start <= end <= length else None


@dataclass(frozen=True, slots=True)
class Anchoring:
    """The passages that an annotation is on, where it stands without one, and what is not read."""

    spans: tuple[Span, ...] = ()
    after: int | None = None
    unread: tuple[str, ...] = ()


def anchor_of(row: Mapping[str, Any], text: QuoteFinder) -> Anchoring:
    """Return what an annotation is on: of each of its targets one passage.

    A position holds where the text there is the quotation, or where there is none. A range goes
    to the beginning of its end, as the Web Annotation model has it.
    """
    spans: list[Span] = []
    after, unread = None, []
    for target in targets_of(row):
        span, place = _anchored(target, text)
        spans += [span] if span else []
        after = place if after is None else after
        if span is None and place is None:
            kinds = (as_text(selector.get("type")) for selector in _selectors(target))
            unread += [_UNREAD[kind] for kind in kinds if kind in _UNREAD][:1]
    return Anchoring(tuple(sorted(set(spans))), None if spans else after, tuple(unread))


def _anchored(
    target: Any, text: QuoteFinder, *, ranges: bool = True
) -> tuple[Span | None, int | None]:
    selectors = _selectors(target)
    positions = positions_in(target, len(text.text))
    quotes = [s for s in selectors if as_text(s.get("exact"))]
    for quote in quotes:
        if at := _quoted(quote, positions, text):
            return at, None
    for selector in selectors:
        if ranges and selector.get("type") == "RangeSelector":
            edges = ({"selector": selector.get(f"{edge}Selector")} for edge in ("start", "end"))
            found = (_anchored(edge, text, ranges=False) for edge in edges)
            low, high = (span[0] if span else at for span, at in found)
            words = "" if low is None or high is None else text.text[low:high].rstrip()
            if words:
                return (low, low + len(words)), None
    if not positions:
        return None, None
    start, end = positions[0]
    return ((start, end), None) if start < end and not quotes else (None, end)


def _quoted(quote: Mapping[str, Any], positions: Sequence[Span], text: QuoteFinder) -> Span | None:
    exact = as_text(quote.get("exact"))
    context = {name: as_text(quote.get(name)) for name in ("prefix", "suffix")}
    hint = positions[0][0] if positions else None
    at = next((p for p in positions if text.text[slice(*p)] == exact), None)
    return at or text.quote(exact, hint=hint, **context)
