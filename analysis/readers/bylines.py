"""The line near the headline that says who wrote the article."""

import re
from collections.abc import Iterable
from dataclasses import replace

from analysis.readers.person_names import NAME, person
from analysis.types import COMMENTS, Block, Kind

_MOST_CHARACTERS = 120
_NEAR = 3  # blocks below the title, comments not counted: a standfirst and a picture may come first
_BYLINE = re.compile(
    rf"(?:(?:Story|Text|Words|Written) )?(?:[Bb]y|BY)\s+"
    rf"(?P<names>{NAME}(?:(?:,|\s+and)\s+{NAME})*?)"
    r"(?:(?:\s*[,|–—]|\s+-)\s+(?P<role>[^.!?:;]+)|\s+(?P<place>(?:for|in)\s+[^.!?:;,]+))?$"
)
_ROLES = re.compile(
    r"\b(?:analyst|author|bureau|chair(?:man|woman)?|chief|columnist|commentator|contributor"
    r"|correspondent|critic|desk|director|economist|editor|fellow|historian|journalist|lecturer"
    r"|mayor|member|minister|president|producer|professor|reporter|researcher|senator|staff|writer"
    r")s?\b",
    re.IGNORECASE,
)
_OUTLET = re.compile(
    r"(?:(?:for|in) )?(?:the )?[^\Wa-z][\w&.'’-]*(?: (?:[^\Wa-z][\w&.'’-]*|of|the))*$"
)


def is_byline(text: str) -> bool:
    """Return whether a line names its writer, as in "By Anna Holt, staff writer".

    After the name only a role, an outlet or a place may stand; a single name needs a role.
    """
    found = _BYLINE.match(text) if len(text) <= _MOST_CHARACTERS else None
    if not found or not person(found["names"]):
        return False
    behind = found["role"] or found["place"] or ""
    if _ROLES.search(found["role"] or ""):
        return True
    return " " in found["names"] and (not behind or bool(_OUTLET.match(behind)))


def with_bylines(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks of an article with a byline near its title as a credit."""
    found: list[Block] = []
    left = 0
    for block in blocks:
        if block.kind is Kind.TITLE:
            left = _NEAR
        elif block.kind not in COMMENTS:
            if left > 0 and block.kind is Kind.PARAGRAPH and is_byline(block.text):
                block = replace(block, kind=Kind.CREDIT)
            left -= 1
        found.append(block)
    return found
