"""Bound what libxml2 cannot read in linear time or at all: attributes of an element, and depth."""

import re
from html import escape
from typing import Any

DEEPEST = 100  # of nested elements; libxml2 itself loses what lies deeper than 256
BLOCKS = frozenset(
    """address article aside blockquote body caption center dd details dialog div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main ol option p pre
    section summary table tbody td tfoot th thead tr ul""".split()
)
# The head is not: where a page leaves out its tags, libxml2 takes the article for a part of it.
SILENT = frozenset(
    """applet audio base button canvas datalist embed frame frameset iframe input link map
    math meta nav noscript object script select style svg template textarea title video""".split()
)
_RAW = frozenset(("script", "style"))  # their text is no markup
_MOST_ATTRIBUTES = 2_000  # of one element; libxml2 looks through all of them for each
_ATTRIBUTE = r"""(?>[\s/]*+=?[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'>][^\s>]*+)?+)?+)"""
_LONG_TAG = re.compile(
    rf"(<[a-z][^\s/>]*+{_ATTRIBUTE}{{{_MOST_ATTRIBUTES}}}){_ATTRIBUTE}++", re.IGNORECASE
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def is_hidden(attributes: Any) -> bool:
    """Return whether an element, or its attributes, say that it is not shown."""
    return (
        attributes.get("hidden") is not None
        or (attributes.get("aria-hidden") or "").lower() == "true"
        or bool(_HIDDEN.search(attributes.get("style") or ""))
    )


def bounded(html: str) -> str:
    """Return an HTML text of which every word can be read in time linear in its length.

    Of each element the first 2,000 attributes are kept. Where elements are nested more than 100
    deep, the text is written anew: block elements that lie deeper stand side by side at that depth,
    others are their words, and what is not shown is left out.
    """
    from lxml import etree

    html = _LONG_TAG.sub(r"\1", html)
    flat = _Flattener()
    parser = etree.HTMLParser(target=flat, encoding="utf-8", no_network=True)
    try:
        etree.fromstring(html.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:  # no element
        return html
    return "".join(flat.parts) if flat.deepest > DEEPEST else html


class _Flattener:
    """Takes the events of a parser, which have no bound of depth, and writes shallow HTML."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.depth = self.deepest = 0
        self._block = ""  # the block element that is open below the deepest level
        self._silent = 0  # the depth of the element there whose content is not shown; 0: none
        self._raw = False

    def start(self, tag: str, attributes: Any) -> None:
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)
        if self._silent:
            return
        if self.depth <= DEEPEST:
            self._raw = tag in _RAW
            self._open(tag, attributes)
        elif tag in SILENT or is_hidden(attributes):
            self._silent = self.depth
        elif tag in BLOCKS:
            self._close_block()
            self._open(tag, attributes)
            self._block = tag
        elif tag == "br":
            self.parts.append("<br>")

    def end(self, tag: str) -> None:
        if self.depth == self._silent:
            self._silent = 0
        elif self._silent:
            pass
        elif self.depth <= DEEPEST:
            self._close_block()
            self.parts.append(f"</{tag}>")
            self._raw = False
        elif tag in BLOCKS:
            self._close_block()
        self.depth -= 1

    def data(self, text: str) -> None:
        if not self._silent:
            self.parts.append(text if self._raw else escape(text, quote=False))

    def close(self) -> None:
        self._close_block()

    def _open(self, tag: str, attributes: Any) -> None:
        said = "".join(f' {name}="{escape(value or "")}"' for name, value in attributes.items())
        self.parts.append(f"<{tag}{said}>")

    def _close_block(self) -> None:
        if self._block:
            self.parts.append(f"</{self._block}>")
            self._block = ""
