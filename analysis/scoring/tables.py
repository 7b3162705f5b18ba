"""The frames as they appear in a notebook: pandas tables that print well and draw.

A selection or copy of such a table is a plain pandas DataFrame, and so are the frames of
`Result.frames`, for libraries that require exactly that class.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import pandas as pd

from analysis.frames import SCHEMAS
from analysis.html.elements import fragment

ROWS = 40  # that a notebook shows
CUT = 240  # characters of a cell
MARKS = ("article_id", "scorer")  # the same in every row: named once, in the caption


class Table(pd.DataFrame):
    """One of the five frames of `frames.py`, which says in a notebook what its columns mean."""

    _metadata = ["_name", "_result"]  # noqa: RUF012 - pandas wants a list here
    _name = ""
    _result: Any = None

    @classmethod
    def of(cls, frame: pd.DataFrame, name: str, result: Any) -> "Table":
        """Return a frame as the table of that name in a result; the data are shared."""
        table = cls(frame)
        table._name, table._result = name, result
        return table

    def _repr_html_(self) -> str:
        schema = SCHEMAS[self._name]
        columns = [c for c in self.columns if c not in MARKS or self[c].nunique() > 1]
        same = ", ".join(
            f"{c.replace('_', ' ')} {self[c].iloc[0]}"
            for c in self.columns
            if c not in columns and len(self)
        )
        rows = f"{len(self)} row{'' if len(self) == 1 else 's'}"
        rest = f"; the first {ROWS} are shown" if len(self) > ROWS else ""
        return str(
            fragment(
                "frame.html.j2",
                caption="; ".join(filter(None, (f"{self._name}: {rows}", same))) + rest,
                columns={c: getattr(schema.columns.get(c), "description", "") for c in columns},
                rows=self[columns].head(ROWS).itertuples(index=False),
                cut=CUT,
            )
        )


class ComparisonTable(Table):
    """The `comparison` frame, which draws itself; the package sets `draw`."""

    draw: ClassVar[Callable[[Any], Any]]

    def plot(self) -> Any:
        """Return the figure of author against commentary, target by target.

        An `html.figure.Figure`, with an alternative text (`alt`), its numbers (`data`), and
        `save(folder)`.

        >>> import analysis as cp
        >>> article = cp.read("seeds/000_9da5be969268c11d.txt")
        >>> figure = cp.score(article, targets=["NATO"], scorer="lexicon").comparison.plot()
        >>> figure.title
        'targets'
        """
        return type(self).draw(self._result)
