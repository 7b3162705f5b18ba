"""W3C Web Annotation and Hypothes.is JSON: comments with selectors over a text.

The text stands in the file itself, as `counterpoint convert` writes it, or beside it
in a file of the same name (`flood.json` and `flood.txt`, `.md` or `.html`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from analysis.errors import InputError
from analysis.readers.anchors import AnnotatedArticle, Origin, TextBeside
from analysis.readers.assembly import assemble_blocks
from analysis.readers.html_tree import text_of
from analysis.readers.language_id import identify_language
from analysis.readers.markdown import rendered_comment
from analysis.readers.placement import Comment
from analysis.readers.plain_text import plain_blocks
from analysis.readers.quote_search import QuoteFinder
from analysis.readers.selectors import anchor_of, as_list, as_text, positions_in, targets_of
from analysis.types import Block, Kind

ARTICLE = "counterpoint:article"
PART = "counterpoint:kind"

_SEVERAL = frozenset(("Choice", "Composite", "List", "Independents"))


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
    shown = [row for row in rows if row.get("hidden") is not True]
    origin.leave_out("annotations that a moderator hid", len(rows) - len(shown))
    rows = shown
    origin.check_limit("annotations", len(rows), "annotations", "split the file")
    head = content.get(ARTICLE) if isinstance(content, dict) else None
    if isinstance(head, dict):
        body, named, tag = (as_text(head.get(key)) for key in ("text", "title", "language"))
        blocks, rows = _stated_blocks(body, rows, origin)
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
        about = {**text.about, **_page_address(rows)}
        origin.left_out.update(dict(article.left_out))
    comments = _comments(rows, QuoteFinder(body, origin), origin, tag or identify_language(body))
    return assemble_blocks(
        body, blocks, comments, origin, in_order=isinstance(head, dict), title=named, tag=tag,
        about=about,
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
    rows: Sequence[Mapping[str, Any]], text: QuoteFinder, origin: Origin, language: str
) -> list[Comment]:
    """Return the comments, each with its place and the comment that it replies to."""
    said = [_bodies(row, origin, language) for row in rows]
    firsts = [0, *accumulate(map(len, said))]
    numbers: dict[str, int] = {}
    for row, first in zip(rows, firsts, strict=False):
        for name in (as_text(row.get("id")), as_text(row.get("@id"))):
            if name and first < firsts[-1]:
                numbers.setdefault(name, first)
    comments: list[Comment] = []
    for row, bodies, first in zip(rows, said, firsts, strict=False):
        anchor = anchor_of(row, text)
        for what in anchor.unread:
            origin.leave_out(what)
        at, more = (anchor.spans[-1], anchor.spans[:-1]) if anchor.spans else (None, ())
        parent = next((numbers[p] for p in _replied_to(row) if p in numbers), None)
        for number, body in enumerate(bodies):
            above = first if body.replies and number else parent
            place = anchor.after if above is None else None
            comments.append(Comment(body.text, body.who, at, place, above, body.blocks, more))
    return comments


def _replied_to(row: Mapping[str, Any]) -> list[str]:
    """Return the ids of the annotations that one may reply to."""
    parents = as_list(row.get("references"))[-1:]
    parents += [
        t if isinstance(t, str) else t.get("id", t.get("source"))
        for t in targets_of(row)
        if isinstance(t, str | dict)
    ]
    return [parent for parent in parents if isinstance(parent, str)]


@dataclass(frozen=True, slots=True)
class _Said:
    """One comment of an annotation: its words, who says them, and its blocks where stated."""

    text: str
    who: str
    blocks: tuple[Block, ...] = ()
    replies: bool = False  # to the annotation's first


def _bodies(row: Mapping[str, Any], origin: Origin, language: str) -> list[_Said]:
    """Return an annotation's comments: one, but where its bodies are of several people."""
    who = _names(row.get("creator")) or _user(row)
    given = [b for b in as_list(row.get("body")) if isinstance(b, dict | str)]
    given += [b for b in as_list(row.get("bodyValue")) if isinstance(b, str)]
    if not given:
        text, blocks = rendered_comment(as_text(row.get("text")), origin)
        return [_Said(text, who, blocks)]
    bodies = [b for body in given for b in _chosen(body, language)]
    bodies = [b for b in bodies if isinstance(b, str) or b.get("purpose") != "tagging"]
    linked = [b for b in bodies if isinstance(b, dict) and b.get("source") and not _value(b)]
    origin.leave_out("comments that are kept elsewhere", len(linked))
    bodies = [b for b in bodies if b not in linked]
    if stated := _stated_parts(bodies, row, origin):
        return [_Said("\n".join(map(_value, bodies)), who, stated)]
    found: list[_Said] = []
    for body in bodies:
        own = _names(body.get("creator")) if isinstance(body, dict) else ""
        replies = isinstance(body, dict) and body.get("purpose") == "replying"
        text, blocks = _words(body, origin)
        last = found[-1] if found else None
        if last is not None and not replies and own in ("", last.who):
            joined = "\n".join(filter(str.strip, (last.text, text)))
            found[-1] = replace(last, text=joined, blocks=())
        else:
            found.append(_Said(text, own or who, blocks, bool(found)))
    return found or [_Said("", who)] * (not linked)


def _chosen(body: Mapping[str, Any] | str, language: str) -> list[Mapping[str, Any] | str]:
    """Return a body; of a `Choice` the item in the article's language, else the first."""
    if isinstance(body, str) or as_text(body.get("type")).rpartition(":")[2] not in _SEVERAL:
        return [body]
    items = [item for item in as_list(body.get("items")) if isinstance(item, dict | str)]
    if body["type"] != "Choice":
        return items
    own = (item for item in items if isinstance(item, dict) and _is_in(item, language))
    return [next(own, items[0])] if items else []


def _is_in(item: Mapping[str, Any], language: str) -> bool:
    names = (as_text(tag).partition("-")[0].lower() for tag in as_list(item.get("language")))
    return language.partition("-")[0].lower() in names


def _stated_parts(
    bodies: Sequence[Mapping[str, Any] | str], row: Mapping[str, Any], origin: Origin
) -> tuple[Block, ...]:
    """Return the blocks of a comment that `counterpoint convert` wrote; none where it did not."""
    stated = [
        b for b in bodies if isinstance(b, dict) and b.get(PART) in ("commentary", "citation")
    ]
    blocks = tuple(_part(b) for b in stated)
    if stated and not (len(stated) == len(bodies) and all(blocks) and blocks[0].lead):
        raise InputError(
            f"{origin.path}: {as_text(row.get('id'))[:40]}: found a comment whose parts do not "
            "fit; expected parts as they were written, convert the article again"
        )
    return blocks


def _value(body: Mapping[str, Any] | str) -> str:
    return body if isinstance(body, str) else as_text(body.get("value", body.get("chars")))


def _words(body: Mapping[str, Any] | str, origin: Origin) -> tuple[str, tuple[Block, ...]]:
    """Return the words of a body as its format has them, and its blocks where it quotes."""
    words, form = _value(body), "" if isinstance(body, str) else as_text(body.get("format"))
    if form == "text/html":
        return text_of(words, origin), ()
    return rendered_comment(words, origin) if form == "text/markdown" else (words, ())


def _part(body: Mapping[str, Any]) -> Block | None:
    text = as_text(body.get("value"))
    lead, tail = (body.get(f"counterpoint:{end}", 0) for end in ("lead", "tail"))
    whole = type(lead) is int and type(tail) is int and lead >= 0 and tail >= 0
    if not text or text != text.strip() or not whole or lead + tail > len(text):
        return None
    return Block("", Kind(body[PART]), 0, len(text), text, lead, tail)


def _names(creators: Any) -> str:
    """Return the names of the creators of an annotation or a body."""
    names = []
    for creator in as_list(creators):
        known = creator if isinstance(creator, dict) else {"name": creator}
        keys = ("name", "nickname", "id")
        values = (value for key in keys for value in as_list(known.get(key)))
        names.append(next(filter(None, map(as_text, values)), ""))
    return ", ".join(dict.fromkeys(filter(str.strip, names)))


def _user(row: Mapping[str, Any]) -> str:
    """Return the name of the user of Hypothes.is."""
    info = row.get("user_info")
    shown = as_text(info.get("display_name")) if isinstance(info, dict) else ""
    return shown or as_text(row.get("user")).removeprefix("acct:").partition("@")[0]
