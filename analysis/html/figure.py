"""A figure on a page: inline SVG with its alternative text, its caption and its CSV."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure as Canvas

from analysis.frames import write_csv
from analysis.html.elements import download, element, nothing_shown
from analysis.html.svg import Drawing, drawing, for_file, for_page

WIDE, NARROW = 6.66, 3.7  # inches: a desktop's column and a phone's
COLUMN = 4.0  # inches: a figure for any page, two or three abreast on a desktop
Draw = Callable[[Canvas, pd.DataFrame], None]


def drawn(
    draw: Draw, data: pd.DataFrame, widths: Sequence[float] = (COLUMN,)
) -> tuple[Drawing, ...]:
    """Return a figure's one drawing, which fits every page; nothing where there are no rows.

    Args:
        draw: draws rows onto a canvas; see `svg.drawing`.
        data: the rows.
        widths: of the drawings, in inches.
    """
    return tuple(drawing(draw, data, width) for width in widths if len(data))


def drawings(draw: Draw, data: pd.DataFrame) -> tuple[Drawing, ...]:
    """Return a figure's drawings for a wide page and for a narrow one; see `drawn`."""
    return drawn(draw, data, (WIDE, NARROW))


def is_wide(canvas: Canvas) -> bool:
    """Tell whether a canvas is a wide page's."""
    return canvas.get_figwidth() > COLUMN


@dataclass(frozen=True)
class Figure:
    """A figure with what it says in words and its numbers; a notebook cell shows it.

    `drawings` holds one, or one for a wide page and one for a narrow, or nothing where there
    is nothing to draw; then the alternative text stands alone.
    """

    title: str
    alt: str
    caption: str
    data: pd.DataFrame = field(repr=False)
    drawings: tuple[Drawing, ...] = field(default=(), repr=False)

    def _repr_html_(self) -> str:
        return str(self.__html__())

    def __html__(self) -> Markup:
        """Return the figure for the page; the picture is one image to a screen reader."""
        if not self.drawings:
            return nothing_shown(self.alt)
        versions = ("wide", "narrow") if len(self.drawings) > 1 else ("column",)
        pictures = (
            element(
                "span",
                Markup(for_page(drawing.svg, f"{self.title}-{version}")),
                class_=f"cp-{version}",
            )
            for version, drawing in zip(versions, self.drawings, strict=True)
        )
        image = element("div", *pictures, class_="cp-picture", role="img", aria_label=self.alt)
        link = download(self.data, f"figure-{self.title}.csv")
        caption = element("figcaption", self.caption, " ", link)
        return element("figure", image, caption, class_="cp cp-figure")

    def save(self, folder: str | Path) -> None:
        """Write the figure's SVG, PNG and CSV into a folder; an empty name writes nothing."""
        if folder == "":
            return
        stem = Path(folder) / f"figure-{self.title}"
        stem.parent.mkdir(parents=True, exist_ok=True)
        write_csv(self.data, stem.with_suffix(".csv"))
        if self.drawings:
            first = self.drawings[0]
            stem.with_suffix(".svg").write_text(for_file(first.svg), encoding="utf-8")
            stem.with_suffix(".png").write_bytes(first.png())
