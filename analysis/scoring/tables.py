"""The frames as a person meets them in a notebook: pandas tables that print well and draw.

What is taken from such a table (columns, rows, a copy) is a plain pandas DataFrame, and so are
the frames of `Result.frames`, for libraries that want exactly that.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import pandas as pd
from markupsafe import Markup

from analysis.frames import SCHEMAS
from analysis.html.display import number
from analysis.html.elements import element, isolated, join

ROWS = 40  # that a notebook shows
CUT = 240  # characters of a cell
MARKS = ("article_id", "scorer")  # the same in every row: named once, in the caption
WIDE = "text-align: left; white-space: normal; min-width: 14em; max-width: 30em"


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
        caption = join(["; ".join(filter(None, (f"{self._name}: {rows}", same))), rest])
        head = (
            element("th", c, scope="col", title=schema.columns[c].description)
            if c in schema.columns
            else element("th", c, scope="col")
            for c in columns
        )
        body = (
            element("tr", *(_cell(value) for value in row))
            for row in self[columns].head(ROWS).itertuples(index=False)
        )
        return str(
            element(
                "table",
                element("caption", caption, style="text-align: left; caption-side: top"),
                element("thead", element("tr", *head)),
                element("tbody", *body),
                class_="dataframe",
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


def _cell(value: Any) -> Markup:
    if isinstance(value, float):
        return element("td", number(value), style="text-align: right")
    if not isinstance(value, str):
        return element("td", "yes" if value is True else "no" if value is False else value)
    if len(value) <= CUT:
        return element("td", isolated(value), style=WIDE if len(value) > 30 else "text-align: left")
    return element("td", isolated(f"{value[:CUT]}…"), style=WIDE, title=value)
