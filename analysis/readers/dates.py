"""Turns dates as files state them into ISO 8601, with dateparser."""

import re
import unicodedata
from datetime import date
from functools import lru_cache

_ISO = re.compile(r"(D:)?(\d{4})(-?)(\d\d)\3(\d\d)(?(1)|(?!\d))")  # D: as PDF writes it
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})[./\s-]+(\d{1,2})[./\s-]+\d{4}(?!\d)")
_YEARS = range(1400, 2201)  # beyond, it is a default value or another calendar
COMMON = 20  # languages, the most common first, that are tried where the page's own do not fit
_STRICT = {
    "STRICT_PARSING": True,
    "REQUIRE_PARTS": ["day", "month", "year"],
    "PARSERS": ["absolute-time"],  # none that fills in from today
}


@lru_cache(maxsize=4096)
def iso_date(text: str, language: str = "") -> str:
    """Return the date that a text states as `YYYY-MM-DD`, empty where it states none for sure.

    Day, month and year must stand there, the year in four digits; a time zone moves nothing.
    A date all in numbers is read in the language's order; where that is English without a
    region, or not known, only if one of its parts is over 12.

    Args:
        text: the text, such as `November 20, 2019 13:42` or `D:20260102`.
        language: of the page, a BCP 47 tag.
    """
    text = unicodedata.normalize("NFKC", text[:100])
    text = " ".join("".join(str(unicodedata.digit(c, c)) for c in text).split())
    if found := _ISO.match(text):
        return _iso(*(int(found[part]) for part in (2, 4, 5)))
    if not re.search(r"\d{4}", text):
        return ""
    where = _locale(language)
    order = ""
    if (found := _NUMBERS.search(text)) and where in ({}, {"languages": ["en"]}):
        first, second = int(found[1]), int(found[2])
        if first <= 12 and second <= 12 and first != second:
            return ""
        order = "DMY" if first > 12 else "MDY"
    from dateparser.data import languages_info

    common = {"languages": languages_info.language_order[:COMMON]}
    for tried in filter(None, (where, {"languages": ["en"]}, common)):
        if stated := _parsed(text, order, tried):
            return stated
    return ""


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat() if year in _YEARS else ""
    except ValueError:
        return ""


def _locale(language: str) -> dict[str, list[str]]:
    """Return what dateparser takes a language by; nothing where it does not know it."""
    from dateparser.data import languages_info

    tag = language.replace("_", "-")
    name, _, region = tag.partition("-")
    name, region = name.lower(), region.upper()
    if region and f"{name}-{region}" in languages_info.language_locale_dict.get(name, ()):
        return {"locales": [f"{name}-{region}"]}
    return {"languages": [name]} if name in languages_info.language_order else {}


def _parsed(text: str, order: str, where: dict[str, list[str]]) -> str:
    from dateparser import parse

    settings = _STRICT | ({"DATE_ORDER": order} if order else {})
    try:
        found = parse(text, settings=settings, **where)
    except (ValueError, OverflowError):  # of a time zone or a year that there is not
        return ""
    if found is None or str(found.year) not in text:
        return ""
    return _iso(found.year, found.month, found.day)
