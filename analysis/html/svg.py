"""From a drawing to SVG that fits the page, and to PNG: the same bytes each time.

The SVG holds no font and no id twice.
"""

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure as Canvas
from matplotlib.image import imsave
from matplotlib.text import Text

from analysis.html.fonts import families

# One hue a side, the lighter tone for whom it quotes: told apart by lightness as well.
PALETTE = {
    "author": "#2f4a75",
    "quoted": "#7189b3",
    "commentator": "#a33a78",
    "cited": "#bd74a0",
    "agree": "#0a6b5e",
    "disagree": "#a63c0e",
    "neutral": "#5d5a66",
    "abstained": "#6b5d2e",
    "ink": "#2b2926",
    "muted": "#6b655c",
    "rule": "#d8d2c6",
    "paper": "#fdfcf9",
}
FONT = "system-ui, sans-serif"
DPI, MARGIN = 144, 18  # of a PNG; the margin in pixels

_NAMESPACE = "http://www.w3.org/2000/svg"
_LINK = "{http://www.w3.org/1999/xlink}href"
_STYLE = {
    "font.family": "DejaVu Sans",  # measured with what matplotlib brings, shown in the page's font
    "font.size": 10,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.edgecolor": PALETTE["rule"],
    "axes.labelcolor": PALETTE["muted"],
    "axes.labelsize": 9,
    "axes.unicode_minus": True,
    "xtick.color": PALETTE["rule"],
    "xtick.labelcolor": PALETTE["muted"],
    "xtick.labelsize": 9,
    "ytick.labelcolor": PALETTE["ink"],
    "text.color": PALETTE["ink"],
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "counterpoint",
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing as SVG, and its canvas, of which a PNG is made where one is wanted."""

    svg: str = field(repr=False)
    canvas: Canvas = field(repr=False, compare=False)

    def png(self, dpi: int = DPI, margin: int = MARGIN) -> bytes:
        """Return the drawing as PNG, on paper; letters come from any installed font."""
        with styled():
            self.canvas.set_layout_engine("none")  # its parts lie where the SVG has them
            self.canvas.set(facecolor=PALETTE["paper"], dpi=dpi)
            for axes in self.canvas.axes:
                axes.patch.set_visible(False)
            for text in self.canvas.findobj(Text):
                if len(needed := families(text.get_text())) > 1:
                    text.set_family(needed)
            drawn = FigureCanvasAgg(self.canvas)
            drawn.draw()  # once: `savefig` would draw it twice
        pixels = np.asarray(drawn.buffer_rgba())
        height, width, _ = pixels.shape
        paper = np.round(to_rgba_array(PALETTE["paper"])[0] * 255).astype(pixels.dtype)
        framed = np.tile(paper, (height + 2 * margin, width + 2 * margin, 1))
        framed[margin : margin + height, margin : margin + width] = pixels
        written = io.BytesIO()
        imsave(written, framed, format="png", metadata={"Software": None})
        return written.getvalue()


@contextlib.contextmanager
def styled() -> Iterator[None]:
    """Draw in our style."""
    with rc_context(_STYLE), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a script that the measuring font lacks is no fault
        yield


def drawing(
    draw: Callable[[Canvas, pd.DataFrame], None], data: pd.DataFrame, width: float
) -> Drawing:
    """Return what `draw` makes of the data, `width` inches wide.

    The canvas is matplotlib's own figure and never pyplot's, so nothing is shared.
    """
    with styled():
        canvas = Canvas(figsize=(width, width), layout="constrained")
        draw(canvas, data.reset_index(drop=True))
        return Drawing(svg_of(canvas), canvas)


def svg_of(canvas: Canvas) -> str:
    """Return a canvas as SVG, without a date."""
    written = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    canvas.savefig(written, format="svg", transparent=True, metadata=nothing)
    return written.getvalue()


def for_page(svg: str, prefix: str) -> str:
    """Return an SVG for inside a page: ids under a prefix, colors and fonts the page's own."""
    root = _parsed(svg, prefix)
    for color, value in PALETTE.items():
        _restyle(root, value, f"var(--cp-{color}, {value})")
    _restyle(root, FONT, f"var(--cp-sans, {FONT})")
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    return ElementTree.tostring(root, encoding="unicode")


def for_file(svg: str) -> str:
    """Return an SVG for a file of its own: on paper, as a viewer may be dark."""
    root = _parsed(svg, "figure")
    paper = ElementTree.Element("rect", width="100%", height="100%", fill=PALETTE["paper"])
    root.insert(0, paper)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _parsed(svg: str, prefix: str) -> ElementTree.Element:
    root = ElementTree.fromstring(svg)
    linked = {e.get(_LINK, "")[1:] for e in root.iter()}
    for parent in list(root.iter()):
        for child in [c for c in parent if c.tag.endswith(("metadata", "}style"))]:
            parent.remove(child)
    for e in root.iter():
        e.tag = e.tag.removeprefix(f"{{{_NAMESPACE}}}")
        if "id" in e.attrib and e.tag != "clipPath" and e.get("id") not in linked:
            del e.attrib["id"]
        elif "id" in e.attrib:
            e.set("id", f"{prefix}-{e.get('id')}")
        if _LINK in e.attrib:
            e.set("href", f"#{prefix}-{e.attrib.pop(_LINK)[1:]}")
        if "clip-path" in e.attrib:
            e.set("clip-path", e.get("clip-path").replace("url(#", f"url(#{prefix}-"))
    _restyle(root, "'DejaVu Sans'", FONT)
    for side in ("width", "height"):
        root.set(side, str(round(float(root.get(side).removesuffix("pt")) * 4 / 3)))
    root.set("style", "stroke-linejoin: round; stroke-linecap: butt")  # not for the whole page
    root.set("xmlns", _NAMESPACE)
    return root


def _restyle(root: ElementTree.Element, old: str, new: str) -> None:
    for e in root.iter():
        for attribute in ("style", "fill", "stroke"):
            if old in e.get(attribute, ""):
                e.set(attribute, e.get(attribute).replace(old, new))
