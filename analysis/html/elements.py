"""Pieces of safe HTML: whatever is not `Markup` is escaped, so text never becomes markup."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from analysis.frames import csv_text
from analysis.html.page import environment

MANY = 60  # rows from which a table is folded away
SHORT, LONG = 20, 40  # characters: a cell of fewer stays on a line, of more is given room
Column = str | pd.Series | Sequence[Any]  # a column of the data by its name, or its cells


class Html(Markup):
    """Markup that a notebook cell shows as it stands."""

    def _repr_html_(self) -> str:
        return str(self)

    def __repr__(self) -> str:
        """Keep the text beside a notebook's output short."""
        return f"<Html, {len(self)} characters>"


EMPTY = Html()


def fragment(template: str, **values: Any) -> Html:
    """Return a part of a page made from one of our templates, where every value is escaped."""
    return Html(environment().get_template(template).render(**values))


def element(name: str, *children: object, **attributes: object) -> Html:
    """Return an element; texts and attribute values are escaped.

    Attributes that are None or False are left out, True stands for one without
    a value, and `_` in a name is written `-` (`class_` is `class`).
    """
    written = EMPTY.join(
        Markup(" {}").format(key) if value is True else Markup(' {}="{}"').format(key, value)
        for key, value in ((k.strip("_").replace("_", "-"), v) for k, v in attributes.items())
        if value is not None and value is not False
    )
    return Html("<{0}{1}>{2}</{0}>").format(name, written, EMPTY.join(children))


def isolated(text: object) -> Html:
    """Return a name in a `bdi`, so that its writing direction stays its own."""
    return element("bdi", text)


def nothing_shown(why: str) -> Html:
    """Return the sentence that stands where there is nothing to show."""
    return element("p", why, class_="cp cp-empty")


def download(frame: pd.DataFrame, name: str, label: str = "Data (CSV)") -> Html:
    """Return a link that saves a frame as `name`, carried inside the page."""
    data = base64.b64encode(csv_text(frame).encode()).decode()
    href = f"data:text/csv;charset=utf-8;base64,{data}"
    return element("a", label, class_="cp-download", href=href, download=name)


def table(
    data: pd.DataFrame,
    caption: str,
    *,
    name: str,
    columns: Mapping[str, Column] | Iterable[tuple[str, Column]],
) -> Html:
    """Return a table with a caption, headers with a scope, and its CSV.

    A table of more than `MANY` rows is folded away; of none, nothing is shown.

    Args:
        data: what the CSV holds.
        caption: what the table says.
        name: the CSV's file name.
        columns: what stands under each heading, the name of a column of the data or the cells, in
            order; the first column heads the rows. Pairs where two headings are the same.
    """
    pairs = columns.items() if isinstance(columns, Mapping) else columns
    shown = [(heading, data[c] if isinstance(c, str) else c) for heading, c in pairs]
    rows = list(zip(*(cells for _, cells in shown), strict=True))
    if not rows:
        return EMPTY
    return fragment(
        "table.html.j2",
        caption=caption,
        columns=[(heading, pd.Series(cells).dtype.kind in "iuf") for heading, cells in shown],
        rows=rows,
        folded=len(rows) > MANY,
        link=download(data, name),
        short=SHORT,
        long=LONG,
    )
