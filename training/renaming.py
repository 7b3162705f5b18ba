"""Copies of rows with names of states, parties, people and firms replaced by others of their kind.

The same name becomes the same other name in both texts of a row and in all its forms, so that
the label stays true while the name itself foretells nothing. What the world knows of a name's
bearer may no longer fit; such copies therefore only stand beside the rows themselves.
"""

import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml

from training.data import Row, text_key

NAMES = Path(__file__).with_name("names.yaml")
PLURAL = "states"  # the kind whose adjective has a plural in -s


class Form(NamedTuple):
    """One form of a name: its kind, the number of the name within it, that of the form."""

    kind: str
    name: int
    form: int


@cache
def _names() -> dict[str, list[list[str]]]:
    """Return for each kind its names, each a list of forms."""
    kinds = yaml.safe_load(NAMES.read_text("utf-8"))
    kinds[PLURAL] = [[*forms, *(f"{adjective}s" for adjective in forms[1:])]
                     for forms in kinds[PLURAL]]  # fmt: skip
    return kinds


@cache
def _forms() -> tuple[re.Pattern, dict[str, Form]]:
    """Return a pattern that finds every form, the longest first, and what each stands for."""
    found: dict[str, Form] = {}
    for kind, names in _names().items():
        for number, forms in enumerate(names):
            for place, form in enumerate(forms):
                found.setdefault(form, Form(kind, number, place))
    longest_first = sorted(map(re.escape, found), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(longest_first)})\b"), found


def rename(row: Row, *, seed: int) -> Row | None:
    """Return the row with all its names exchanged; None if it has no name on the lists.

    The choice depends on `seed` and the row's texts alone.
    """
    pattern, forms = _forms()
    used: dict[tuple[str, int], set[int]] = defaultdict(set)
    for match in pattern.finditer(f"{row.first}\n{row.second}"):
        form = forms[match[0]]
        used[form.kind, form.name].add(form.form)
    if not used:
        return None
    others = _others(used, np.random.default_rng([seed, *text_key(row).encode()[:64]]))

    def other(match: re.Match) -> str:
        form = forms[match[0]]
        return _names()[form.kind][others[form.kind, form.name]][form.form]

    first, second = (pattern.sub(other, text) for text in (row.first, row.second))
    return row._replace(first=first, second=second, original=(row.first, row.second))


def _others(
    used: dict[tuple[str, int], set[int]], rng: np.random.Generator
) -> dict[tuple[str, int], int]:
    """Choose for each name another of its kind that has the forms in use, no two the same."""
    out: dict[tuple[str, int], int] = {}
    for (kind, name), places in used.items():
        taken = {chosen for (of, _), chosen in out.items() if of == kind}
        fitting = [
            number
            for number, forms in enumerate(_names()[kind])
            if number not in taken | {name} and len(forms) > max(places)
        ]
        out[kind, name] = int(rng.choice(fitting)) if fitting else name
    return out
