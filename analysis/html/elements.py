"""Pieces of safe HTML: whatever is not `Markup` is escaped, so text never becomes markup."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from analysis.frames import csv_text
from analysis.html.display import number
from analysis.html.page import environment

EMPTY = Markup("")
MANY = 60  # rows from which a table is folded away
SHORT, LONG = 20, 40  # characters: a cell of fewer stays on a line, of more is given room


class Html:
    """Markup that a notebook cell shows as it stands."""

    def __init__(self, markup: Markup):
        """Keep `markup`, escaped already."""
        self.markup = markup

    def _repr_html_(self) -> str:
        return str(self.markup)

    def __html__(self) -> Markup:
        """Let `markupsafe` take it as escaped already."""
        return self.markup

    def __str__(self) -> str:
        """Return the markup as text."""
        return str(self.markup)

    def __repr__(self) -> str:
        """Keep the text beside a notebook's output short."""
        return f"<Html, {len(self.markup)} characters>"


def fragment(template: str, **values: Any) -> Html:
    """Return a part of a page made from one of our templates, where every value is escaped."""
    return Html(Markup(environment().get_template(template).render(**values)))


def element(name: str, *children: object, **attributes: object) -> Markup:
    """Return an element; texts and attribute values are escaped.

    Attributes that are None or False are left out, True stands for one without
    a value, and `_` in a name is written `-` (`class_` is `class`).
    """
    written = EMPTY.join(
        Markup(" {}").format(key) if value is True else Markup(' {}="{}"').format(key, value)
        for key, value in ((k.strip("_").replace("_", "-"), v) for k, v in attributes.items())
        if value is not None and value is not False
    )
    return Markup("<{0}{1}>{2}</{0}>").format(name, written, join(children))


def join(children: Iterable[object]) -> Markup:
    """Return children one after the other, each escaped unless it is markup."""
    return EMPTY.join(escape(child) for child in children)


def isolated(text: object) -> Markup:
    """Return a name in a `bdi`, so that its writing direction stays its own."""
    return element("bdi", text)


def download(frame: pd.DataFrame, name: str, label: str = "Data (CSV)") -> Markup:
    """Return a link that saves a frame as `name`, carried inside the page."""
    data = base64.b64encode(csv_text(frame).encode()).decode()
    href = f"data:text/csv;charset=utf-8;base64,{data}"
    return element("a", label, class_="cp-download", href=href, download=name)


def table(
    frame: pd.DataFrame,
    caption: str,
    *,
    name: str,
    headings: Mapping[str, str],
    data: pd.DataFrame | None = None,
) -> Html:
    """Return a frame as a table with a caption, headers with a scope, and its CSV.

    A table of more than `MANY` rows is folded away.

    Args:
        frame: what is shown; its first column heads the rows.
        caption: what the table says.
        name: the CSV's file name.
        headings: the columns shown and their headings, in order.
        data: what the CSV holds, where that is more than what is shown.
    """
    numbers = frame.select_dtypes("number").columns
    head = element("tr", *(_heading(h, c in numbers) for c, h in headings.items()))
    shown = frame.loc[:, list(headings)].itertuples(index=False)
    rows = [_row(values, list(headings.values())) for values in shown]
    body = element(
        "table",
        element("caption", caption),
        element("thead", head),
        element("tbody", *rows),
    )
    scroller = element(
        "div", body, class_="cp-scroll", role="region", tabindex="0", aria_label=caption
    )
    if len(rows) > MANY:
        summary = element("summary", f"{len(rows)} rows. {caption}")
        scroller = element("details", summary, scroller, class_="cp-fold")
    link = element("p", download(frame if data is None else data, name), class_="cp-downloads")
    return Html(element("div", scroller, link, class_="cp cp-table"))


def _heading(text: str, of_numbers: bool) -> Markup:
    return element("th", text, scope="col", class_="cp-number" if of_numbers else None)


def _row(values: tuple, headings: Sequence[str]) -> Markup:
    """Return a row; each cell names its column, as a phone shows a row as a card."""
    first, *others = values
    cells = map(_cell, others, headings[1:])
    return element("tr", element("th", isolated(first), scope="row"), *cells)


def _cell(value: object, heading: str) -> Markup:
    if isinstance(value, int | float):
        return element("td", number(value), class_="cp-number", data_label=heading)
    size = "cp-long" if len(value) > LONG else "cp-short" if len(value) < SHORT else None
    return element("td", isolated(value), class_=size, data_label=heading)
