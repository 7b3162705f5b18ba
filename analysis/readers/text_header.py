"""The first line of a plain text, for what the text alone cannot hold: kinds and anchors.

    %counterpoint {"blocks": [["title", 0, 35, 0, 0], …], "anchors": […]}

Only `counterpoint convert` writes it. Spans count characters of the text below it.
"""

import json
from collections.abc import Sequence
from typing import Any

from analysis.errors import InputError
from analysis.readers.anchors import Anchor, AnnotatedArticle, Origin, Span, with_anchors
from analysis.readers.placement import block_at
from analysis.types import COMMENTS, Article, Block, Kind

MARK = "%counterpoint "
_LINE = MARK + "{"


def header_line(annotated: AnnotatedArticle) -> str:
    """Return the line that, over the article's raw text, gives the reading back."""
    article = annotated.article
    content = {
        "title": article.title,
        "language": article.language,
        "blocks": [[b.kind.value, b.start, b.end, b.lead, b.tail] for b in article.blocks],
        "anchors": [
            [a.block_id, a.answers, a.commentator, a.reply_to, a.unplaced]
            for a in annotated.anchors
        ],
        "about": dict(annotated.about),
    }
    return MARK + json.dumps(content) + "\n"


def with_header(text: str, origin: Origin) -> AnnotatedArticle | None:
    """Return the reading of a text that starts with such a line, None where it has none.

    Raises:
        InputError: the line does not fit the text.
    """
    if not text.startswith(_LINE):
        return None
    line, _, raw = text.partition("\n")
    try:
        content = json.loads(line.removeprefix(MARK))
        blocks = _blocks(content["blocks"], raw)
        leads = {b.block_id for b in blocks if b.kind is Kind.COMMENTARY and b.lead}
        blocks = with_anchors(blocks, [_anchor(row, leads, blocks) for row in content["anchors"]])
        title, language = _text(content["title"]), _text(content["language"])
        about = tuple((_text(key), _text(value)) for key, value in content["about"].items())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError(
            f"{origin.path}: line 1: found a {MARK.strip()} line that does not fit the text below "
            "it; expected the text as it was written, take the line out to have it read anew"
        ) from None
    return AnnotatedArticle(
        Article(
            origin.article_id, title, raw, blocks, origin.path, language, origin.sha256, about
        )
    )  # fmt: skip


def _text(value: Any) -> str:
    """Return a text that can be written; anything else does not fit."""
    if not isinstance(value, str):
        raise TypeError
    value.encode()
    return value


def _blocks(rows: Any, raw: str) -> tuple[Block, ...]:
    blocks: list[Block] = []
    at = 0
    for kind, start, end, lead, tail in rows:
        numbers = (start, end, lead, tail)
        fits = all(type(number) is int for number in numbers) and at <= start < end <= len(raw)
        text = raw[start:end] if fits else ""
        if (
            not fits
            or raw[at:start].strip()
            or text != text.strip()
            or min(lead, tail) < 0
            or lead + tail > len(text)
        ):
            raise ValueError
        blocks.append(Block(f"b{len(blocks):04d}", Kind(kind), start, end, text, lead, tail))
        at = end
    if not blocks or raw[at:].strip():
        raise ValueError
    return tuple(blocks)


def _anchor(row: Any, leads: set[str], blocks: Sequence[Block]) -> Anchor:
    block_id, answers, commentator, reply_to, *more = row
    if len(more) > 1 or not all(type(flag) is bool for flag in more):  # absent in older files
        raise ValueError
    spans: list[Span] = []
    for start, end in answers:
        if type(start) is not int or type(end) is not int or start >= end:
            raise ValueError
        block = block_at(blocks, start)
        if not block.start <= start < end <= block.end or block.kind in COMMENTS:
            raise ValueError
        spans.append((start, end))
    unplaced = more == [True]
    if unplaced and (spans or reply_to):
        raise ValueError
    if block_id not in leads or reply_to not in {"", *leads}:
        raise ValueError
    return Anchor(block_id, tuple(spans), _text(commentator), reply_to, unplaced)
