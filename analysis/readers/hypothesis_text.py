"""The text that Hypothes.is exports: a page's annotations, one below the other."""

import re
from collections.abc import Iterator

from analysis.readers.anchors import Origin
from analysis.readers.text import decode

_HEAD = re.compile(
    r"[^\n]*\n(?P<title>[^\n]*)\n(?P<url>\w+:[^\n]*)\nGroup: [^\n]*\n"
    r"(?:[A-Z][a-z ]+:[^\n]*\n)+(?=\s*Annotation 1:\n)"
)
_ONE = re.compile(r"^Annotation \d+:\n", re.MULTILINE)
_ABOVE = re.compile(
    r"Created at: [^\n]*\nAuthor: (?P<author>[^\n]*)\n(?:Page: [^\n]*\n)?Type: (?P<type>[^\n]*)\n"
)
_QUOTE, _COMMENT = 'Quote: "', "Comment:"


def is_export(data: bytes) -> bool:
    """Return whether a text file is such an export, by its first lines."""
    head = data[:4_000].removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    return _HEAD.match(head.decode("utf-8", "replace")) is not None


def hypothesis_rows(data: bytes, origin: Origin) -> Iterator[dict[str, str]]:
    """Yield the annotations as rows with the columns of Hypothes.is' CSV export.

    Raises:
        InputError: it is no text.
    """
    text = decode(data, where=origin.path).removeprefix("\ufeff").replace("\r\n", "\n")
    head = _HEAD.match(text)
    facts = {"title": head["title"], "url": head["url"]} if head else {}
    for part in _ONE.split(text[head.end() :] if head else text)[1:]:
        fields = _ABOVE.match(part)
        quote, comment = _said(part[fields.end() :]) if fields else ("", None)
        if fields is None or comment is None:
            origin.leave_out("annotations in another form")
            continue
        yield {
            **facts, "Author": fields["author"], "Type": fields["type"],
            "Quote/description": quote, "Comment": comment,
        }  # fmt: skip


def _said(part: str) -> tuple[str, str | None]:
    """Return the quotation and the comment below an annotation's facts, none where neither is."""
    quote, at = "", 0
    if part.startswith(_QUOTE):
        end = part.find(f'"\n{_COMMENT}')
        if end < 0:
            return "", None
        quote, at = part[len(_QUOTE) : end], end + 2
    if not part.startswith(_COMMENT, at):
        return "", None
    comment = part[at + len(_COMMENT) :].strip()
    above, _, last = comment.rpartition("\n")
    return quote, above.rstrip() if last.startswith("Tags: ") else comment
