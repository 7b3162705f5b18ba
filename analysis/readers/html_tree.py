"""Parse HTML safely, and split the tree into chunks of text with the elements around each."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from analysis.readers.anchors import Origin
from analysis.readers.html_bounds import BLOCKS, SILENT, bounded, is_hidden

LEAST_HIDDEN = 200  # characters of what is hidden and holds most of a page
_MAY_HOLD_ALL = frozenset(("nav", "button", "noscript", "object"))  # of the silent ones
_SPACE = re.compile(r"[ \t\r\n\f]+")  # what HTML folds; a non-breaking space is kept


@dataclass(frozen=True, slots=True)
class Chunk:
    """The text of one block element, and the elements around it, the innermost last."""

    text: str
    around: tuple[Any, ...]


def parse_html(html: str, origin: Origin) -> Any:
    """Return the root element of an HTML text that is `bounded`.

    Raises:
        InputError: there is no element, or too many.
    """
    root = _root(html, origin)
    if root is None:
        raise origin.error("no element", "a saved web page, check the file")
    return root


def _root(html: str, origin: Origin) -> Any:
    """Return the root element, None where there is no element."""
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(html.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None
    most = origin.limits.elements
    if root is not None and sum(1 for _ in islice(root.iter(), most + 1)) > most:
        raise origin.error(f"more than {most:,} elements", "an article's page, save its text")
    return root


def class_names(element: Any) -> frozenset[str]:
    """Return the words of an element's class and id, in small letters."""
    words = f"{element.get('class') or ''} {element.get('id') or ''}"
    return frozenset(words.lower().replace("_", "-").split())


def is_invisible(element: Any) -> bool:
    """Return whether an element shows no text of its own."""
    return not isinstance(element.tag, str) or element.tag in SILENT or is_hidden(element)


def show_main_text(root: Any) -> None:
    """Show an element that is hidden, or of a tag that is left out, though it holds most text.

    Pages are saved with a dialog open over them or before a script has shown them; and a `nav` that
    is not closed takes the rest of the page in.
    """
    hidden = [
        e
        for e in root.iter()
        if isinstance(e.tag, str) and (is_hidden(e) or e.tag in _MAY_HOLD_ALL)
    ]
    known, total = set(hidden), _size(root) if hidden else 0
    for element in hidden:
        outermost = not any(above in known for above in element.iterancestors())
        if outermost and _size(element) > max(LEAST_HIDDEN, total / 2):
            for name in ("hidden", "aria-hidden", "style"):
                element.attrib.pop(name, None)
            known.discard(element)
            element.tag = "div" if element.tag in _MAY_HOLD_ALL else element.tag


def _size(root: Any) -> int:
    return sum(
        len((e.text or "").strip()) * (e.tag not in SILENT) + len((e.tail or "").strip())
        for e in root.iter()
        if isinstance(e.tag, str)
    )


class _Flow:
    """Gathers the text between the borders of block elements."""

    def __init__(self) -> None:
        self.around: list[Any] = []
        self._parts: list[str] = []

    def add(self, text: str | None) -> None:
        if text:
            as_is = any(element.tag == "pre" for element in self.around)
            self._parts.append(text if as_is else _SPACE.sub(" ", text))

    def end_line(self) -> None:
        self._parts.append("\n")

    def flush(self) -> Iterator[Chunk]:
        lines = "".join(self._parts).split("\n")
        self._parts.clear()
        text = "\n".join(" ".join(part for part in line.split(" ") if part) for line in lines)
        if text.strip():
            yield Chunk(text.strip(), tuple(self.around))


def chunks(root: Any, is_block: Callable[[Any], bool] = lambda element: False) -> Iterator[Chunk]:
    """Yield the text of a tree block by block, in order.

    `is_block` tells of an element of no block tag whether it stands alone all the same.
    """
    flow = _Flow()
    yield from _chunks(root, flow, is_block)
    yield from flow.flush()


def _chunks(element: Any, flow: _Flow, is_block: Callable[[Any], bool]) -> Iterator[Chunk]:
    """Yield the chunks that end before or in an element; what follows its last is in the flow."""
    if is_invisible(element):
        return
    cell = element.tag in ("td", "th")  # a row is one chunk
    alone = not cell and (element.tag in BLOCKS or is_block(element))
    if alone:
        yield from flow.flush()
    if element.tag == "br":
        flow.end_line()
    flow.around.append(element)
    flow.add(element.text)
    for child in element:
        yield from _chunks(child, flow, is_block)
        flow.add(child.tail)
    if alone:
        yield from flow.flush()
    flow.around.pop()
    if cell:
        flow.add("\t")


def text_of_tree(root: Any) -> str:
    """Return the text of an element, one line per block element."""
    return "\n".join(chunk.text for chunk in chunks(root))


def text_of(html: str, origin: Origin) -> str:
    """Return the text of a piece of HTML, one line per block element; a comment alone has none.

    Raises:
        InputError: there are too many elements.
    """
    root = _root(bounded(html), origin) if html.strip() else None
    return "" if root is None else text_of_tree(root)
