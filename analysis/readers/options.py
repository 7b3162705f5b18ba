"""Reading options: one object for every format, built from keywords or from parameters."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from analysis.errors import ParameterError
from analysis.params import ReportParams
from analysis.readers.anchors import Origin
from analysis.readers.columns import ROLES, Columns
from analysis.readers.limits import DEFAULT_LIMITS, Limits
from analysis.readers.markers import Markers


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How a file is read.

    Attributes:
        markers: what a commentary starts with beside the built-in forms, in any case.
        builtin_markers: whether the built-in forms count (`readers/marker_forms.py`).
        run_on: whether a commentary may go on over blank lines where it shows that.
        columns: for tables: role -> column name, where a column is named otherwise than
            `ROLES` lists; `comment` may name several.
        article_id: of a table of many articles, the one that is meant; empty: any. For any
            other format, the article's id; empty: a slug of the file's name.
        limits: how much is read before a file is refused.
        identify_language: whether the language of a text that does not state it is identified;
            else it is `und`.
    """

    markers: Sequence[str] = ()
    builtin_markers: bool = True
    run_on: bool = False
    columns: Columns | None = None
    article_id: str = ""
    limits: Limits = DEFAULT_LIMITS
    identify_language: bool = True

    def origin(self, path: str, article_id: str, sha256: str = "") -> Origin:
        """Return the origin of a file that is read so."""
        markers = Markers(tuple(self.markers), self.builtin_markers)
        return Origin(
            path, article_id, sha256, markers, self.run_on, self.limits, self.identify_language
        )


DEFAULT_OPTIONS = ReadOptions()


def read_options(params: ReportParams) -> ReadOptions:
    """Return the reading options among a report's parameters.

    Raises:
        ParameterError: a column's role or a limit is unknown; the message lists what is.
    """
    columns: dict[str, list[str]] = {}
    for role, column in _pairs("columns", params.columns, tuple(ROLES)):
        columns.setdefault(role, []).append(column)
    if twice := next((r for r, c in columns.items() if len(c) > 1 and r != "comment"), None):
        raise ParameterError(
            f"parameter 'columns': found {twice!r} twice; expected it once, only comment may be "
            "several columns"
        )
    names = tuple(field.name for field in fields(Limits) if field.name != "links")
    limits = {}
    for name, value in _pairs("limits", params.limits, names):
        if not (value.isascii() and value.isdecimal() and 0 < int(value) < 2**63):
            raise ParameterError(
                f"parameter 'limits': found {name}={value[:40]}; expected a whole number above 0"
            )
        limits[name] = int(value)
    return ReadOptions(
        markers=params.markers,
        builtin_markers=params.builtin_markers,
        run_on=params.run_on,
        columns={r: c if r == "comment" else c[0] for r, c in columns.items()} or None,
        article_id=params.article_id,
        limits=replace(DEFAULT_LIMITS, **limits),
    )


def _pairs(parameter: str, given: Sequence[str], allowed: Sequence[str]) -> list[tuple[str, str]]:
    """Return `NAME=VALUE` texts as pairs."""
    pairs = []
    for text in given:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not value or name not in allowed:
            raise ParameterError(
                f"parameter {parameter!r}: found {text[:60]!r}; expected NAME=VALUE with a name "
                f"of {', '.join(allowed)}"
            )
        pairs.append((name, value))
    return pairs
