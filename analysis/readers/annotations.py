"""W3C Web Annotation and Hypothes.is JSON: comments with selectors over a text.

The text stands in the file itself, as `counterpoint convert` writes it, or beside it
in a file of the same name (`flood.json` and `flood.txt`, `.md` or `.html`).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from analysis.errors import InputError
from analysis.readers.anchors import AnnotatedArticle, Origin
from analysis.readers.assembly import assemble_blocks
from analysis.readers.html_tree import text_of
from analysis.readers.placement import Comment
from analysis.readers.plain_text import plain_blocks
from analysis.readers.quote_search import QuoteFinder
from analysis.readers.selectors import anchor_of, as_list, as_text, positions_in, targets_of
from analysis.types import Block, Kind

ARTICLE = "counterpoint:article"
PART = "counterpoint:kind"

TextBeside = Callable[[Sequence[str]], AnnotatedArticle | None]


def read_annotations(
    data: bytes,
    origin: Origin,
    *,
    text_beside: TextBeside | None = None,
) -> AnnotatedArticle:
    """Read the comments of an annotation file and the text that they are on.

    Args:
        data: the file.
        origin: where it comes from.
        text_beside: returns the text, from the names of the sources that the file states,
            where the file itself does not hold it.

    Raises:
        InputError: it is no JSON, holds no annotations or too many, its text is not
            there, or replies run in a circle.
    """
    content = load_json(data, origin.path)
    rows = [row for row in _rows(content, origin.path) if isinstance(row, dict)]
    origin.check_limit("annotations", len(rows), "annotations", "split the file")
    head = content.get(ARTICLE) if isinstance(content, dict) else None
    if isinstance(head, dict):
        body, named, tag = (as_text(head.get(key)) for key in ("text", "title", "language"))
        blocks, rows = _stated_blocks(body, rows, origin)
        anchors = ()
        about = {k: as_text(head[k]) for k in ("url", "date", "outlet", "author") if head.get(k)}
    else:
        text = text_beside(_sources(rows)) if text_beside else None
        if text is None:
            raise origin.error(
                "annotations without their text",
                "a file of the same name that ends in .txt, .md or .html beside it, save the "
                "article there",
            )
        article = text.article
        body, named, tag, blocks = article.raw, "", article.language, list(article.blocks)
        about, anchors = {**text.about, **_page_address(rows)}, text.anchors
        origin.left_out.update(dict(article.left_out))
    comments = _comments(rows, QuoteFinder(body, origin), origin)
    return assemble_blocks(
        body, blocks, comments, origin, anchors=anchors, in_order=isinstance(head, dict),
        title=named, tag=tag, about=about,
    )  # fmt: skip


def load_json(data: bytes, where: str) -> Any:
    """Return the content of a JSON file in any Unicode encoding.

    Raises:
        InputError: it is no JSON or nested too deeply.
    """
    try:
        return json.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except json.JSONDecodeError as error:
        raise InputError(
            f"{where}: line {error.lineno}: found no JSON ({error.msg}); expected annotations, "
            "check the file"
        ) from None
    except (ValueError, RecursionError) as error:  # bytes, a number of 5,000 digits, nesting
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)[:80]
        raise InputError(
            f"{where}: found no JSON that can be read ({reason}); expected annotations in UTF-8, "
            "check the file"
        ) from None


def _rows(content: Any, where: str) -> list[Any]:
    """Return the annotations of any of the layouts that they are exported in."""
    if isinstance(content, list):
        return content
    if isinstance(content, dict):
        first = content.get("first")
        for holder in (content, first if isinstance(first, dict) else {}):
            for name in ("items", "rows", "annotations"):
                if isinstance(holder.get(name), list):
                    return holder[name]
        if "target" in content:
            return [content]
    raise InputError(
        f"{where}: found JSON without annotations; expected a list of them under items, rows or "
        "annotations, export it again"
    )


def _sources(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the sources that the annotations name, each once."""
    found = {}
    for row in rows:
        for target in targets_of(row):
            source = target.get("source") if isinstance(target, dict) else target
            source = source.get("id") if isinstance(source, dict) else source
            found[as_text(source)] = None
    return [source for source in found if source]


def _page_address(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the address of the page that Hypothes.is names."""
    addresses = (as_text(row.get("uri")) or as_text(row.get("url")) for row in rows)
    address = next((a for a in addresses if a.startswith(("http://", "https://"))), "")
    return {"url": address} if address else {}


def _stated_blocks(
    body: str, rows: Sequence[dict[str, Any]], origin: Origin
) -> tuple[list[Block], list[dict[str, Any]]]:
    """Return the blocks that annotations of motivation `classifying` name, and the others."""
    blocks, others = [], []
    for row in rows:
        kind = as_text(row.get(PART))
        if row.get("motivation") != "classifying" or kind not in set(Kind):
            others.append(row)
            continue
        span = next((s for t in targets_of(row) for s in positions_in(t, len(body))), None)
        last = blocks[-1].end if blocks else 0
        if span is None or span[0] < last or not body[slice(*span)].strip():
            raise InputError(
                f"{origin.path}: {as_text(row.get('id'))[:40] or 'a block'}: found a span that is "
                "outside of the text or out of order; expected blocks in the order of the text, "
                "convert the article again"
            )
        blocks.append(Block("", Kind(kind), *span, body[slice(*span)]))
    covered = "".join(body[b.start : b.end] for b in blocks)
    if blocks and "".join(covered.split()) == "".join(body.split()):
        return blocks, others
    if blocks:
        raise origin.error(
            "text that lies in no block", "a block for each paragraph, convert the article again"
        )
    return plain_blocks(body, markers=origin.markers, run_on=origin.run_on), others


def _comments(
    rows: Sequence[Mapping[str, Any]], text: QuoteFinder, origin: Origin
) -> list[Comment]:
    """Return the comments, each with its place and the comment that it replies to."""
    numbers: dict[str, int] = {}
    for number, row in enumerate(rows):
        for name in (as_text(row.get("id")), as_text(row.get("@id"))):
            if name:
                numbers.setdefault(name, number)
    comments = []
    for row in rows:
        words, blocks = _body_of(row, origin)
        at, after = anchor_of(row, text)
        parents = [r for r in as_list(row.get("references")) if isinstance(r, str)][-1:]
        parents += [
            t if isinstance(t, str) else t.get("id", t.get("source"))
            for t in targets_of(row)
            if isinstance(t, str | dict)
        ]
        parent = next((numbers[p] for p in parents if isinstance(p, str) and p in numbers), None)
        comments.append(Comment(words, _commentator(row), at, after, parent, blocks))
    return comments


def _body_of(row: Mapping[str, Any], origin: Origin) -> tuple[str, tuple[Block, ...]]:
    """Return the text of an annotation, and its blocks where the file states them."""
    bodies = [b for b in as_list(row.get("body")) if isinstance(b, dict | str)]
    bodies += [b for b in as_list(row.get("bodyValue")) if isinstance(b, str)]
    bodies = [b for b in bodies if isinstance(b, str) or b.get("purpose") != "tagging"]
    if not bodies:
        return as_text(row.get("text")), ()
    texts = [_words(b, origin) for b in bodies]
    stated = [
        b for b in bodies if isinstance(b, dict) and b.get(PART) in ("commentary", "citation")
    ]
    blocks = tuple(_part(b) for b in stated)
    if len(stated) == len(bodies) and all(blocks) and blocks[0].lead:
        return "\n".join(texts), blocks
    if stated:
        raise InputError(
            f"{origin.path}: {as_text(row.get('id'))[:40]}: found a comment whose parts do not "
            "fit; expected parts as they were written, convert the article again"
        )
    return "\n".join(t for t in texts if t.strip()), ()


def _words(body: Mapping[str, Any] | str, origin: Origin) -> str:
    """Return the words of a body, without the marks where it is HTML."""
    if isinstance(body, str):
        return body
    words = as_text(body.get("value", body.get("chars")))
    return text_of(words, origin) if body.get("format") == "text/html" else words


def _part(body: Mapping[str, Any]) -> Block | None:
    text = as_text(body.get("value"))
    lead, tail = (body.get(f"counterpoint:{end}", 0) for end in ("lead", "tail"))
    whole = type(lead) is int and type(tail) is int and lead >= 0 and tail >= 0
    if not text or text != text.strip() or not whole or lead + tail > len(text):
        return None
    return Block("", Kind(body[PART]), 0, len(text), text, lead, tail)


def _commentator(row: Mapping[str, Any]) -> str:
    """Return the name of an annotation's author."""
    for creator in as_list(row.get("creator")):
        name = creator.get("name") if isinstance(creator, dict) else creator
        if as_text(name):
            return as_text(name)
    info = row.get("user_info")
    shown = as_text(info.get("display_name")) if isinstance(info, dict) else ""
    return shown or as_text(row.get("user")).removeprefix("acct:").partition("@")[0]
