"""An article with its anchors as the annotations of a W3C AnnotationPage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.readers.anchors import Anchor, AnnotatedArticle, Span
from analysis.readers.annotations import ARTICLE, PART
from analysis.readers.placement import COMMENTS, block_at
from analysis.types import Article, Block

CONTEXT = 32  # characters of prefix and suffix of a quotation


def to_annotation_page(annotated: AnnotatedArticle) -> dict[str, Any]:
    """Return what gives the reading back, as `read_annotations` reads it.

    Each block of the article is an annotation that classifies its span, each
    commentary one that comments on or replies; `counterpoint:article` holds the text.
    """
    article = annotated.article
    text, spans = _article_text(article)
    items = [
        _classified(block, spans[block.block_id])
        for block in article.blocks
        if block.block_id in spans
    ]
    head = {"title": article.title, "language": article.language, "text": text}
    return {
        "@context": ["http://www.w3.org/ns/anno.jsonld", {"counterpoint": "urn:counterpoint:"}],
        "type": "AnnotationPage",
        ARTICLE: {**{k: v for k, v in annotated.about.items() if k not in head}, **head},
        "items": items + _commented(annotated, text, spans),
    }


def _article_text(article: Article) -> tuple[str, dict[str, Span]]:
    """Return the text without commentary, and where each block stands in it."""
    parts, spans, at = [], {}, 0
    commented = {block.block_id for group in _groups(article) for block in group}
    for block in article.blocks:
        if block.block_id not in commented:
            spans[block.block_id] = (at, at + len(block.text))
            parts.append(block.text)
            at += len(block.text) + 2
    return "\n\n".join(parts), spans


def _groups(article: Article) -> list[list[Block]]:
    groups: list[list[Block]] = []
    before: Block | None = None
    for block in article.blocks:
        if block.kind in COMMENTS:
            if block.lead:
                groups.append([block])
            elif groups and before is groups[-1][-1]:
                groups[-1].append(block)
        before = block
    return groups


def _classified(block: Block, span: Span) -> dict[str, Any]:
    return {
        "id": f"urn:counterpoint:{block.block_id}",
        "type": "Annotation",
        "motivation": "classifying",
        PART: block.kind.value,
        "target": {"source": ARTICLE, "selector": [_position(*span)]},
    }


def _position(start: int, end: int) -> dict[str, Any]:
    return {"type": "TextPositionSelector", "start": start, "end": end}


@dataclass(frozen=True, slots=True)
class _Placed:
    anchor: Anchor | None
    after: int


def _commented(
    annotated: AnnotatedArticle, text: str, spans: Mapping[str, Span]
) -> list[dict[str, Any]]:
    """Return the commentaries as annotations, each after the ones before it."""
    article = annotated.article
    anchors = {anchor.block_id: anchor for anchor in annotated.anchors}
    members = {block.block_id: group for group in _groups(article) for block in group}
    after, items = 0, []
    for block in article.blocks:
        if block.block_id in spans:
            after = spans[block.block_id][1]
        group = members.get(block.block_id)
        if group and group[0] is block:
            placed = _Placed(anchors.get(block.block_id), after)
            items.append(_comment(article, group, placed, text, spans))
    return items


def _comment(
    article: Article, group: Sequence[Block], placed: _Placed, text: str, spans: Mapping[str, Span]
) -> dict[str, Any]:
    anchor = placed.anchor
    reply = anchor.reply_to if anchor else ""
    item: dict[str, Any] = {
        "id": f"urn:counterpoint:{group[0].block_id}",
        "type": "Annotation",
        "motivation": "replying" if reply else "commenting",
    }
    if anchor and anchor.commentator:
        item["creator"] = {"type": "Person", "name": anchor.commentator}
    item["body"] = [_part(block) for block in group]
    if reply:
        item["target"] = f"urn:counterpoint:{reply}"
    elif anchor and anchor.unplaced:
        item["target"] = {"source": ARTICLE}
    else:
        moved = [_moved(article, span, spans) for span in (anchor.answers if anchor else ())]
        item["target"] = {
            "source": ARTICLE,
            "selector": _selectors(moved, placed.after, text),
        }
    return item


def _part(block: Block) -> dict[str, Any]:
    return {
        "type": "TextualBody", "format": "text/plain", "value": block.text, PART: block.kind.value,
        "counterpoint:lead": block.lead, "counterpoint:tail": block.tail,
    }  # fmt: skip


def _moved(article: Article, span: Span, spans: Mapping[str, Span]) -> Span:
    """Return an answered span in the characters of the text without commentary."""
    block = block_at(article.blocks, span[0])
    shift = spans[block.block_id][0] - block.start
    return span[0] + shift, span[1] + shift


def _selectors(answers: Sequence[Span], after: int, text: str) -> list[dict[str, Any]]:
    if not answers:
        return [_position(after, after)]
    start, end = answers[0][0], answers[-1][1]
    quote = {
        "type": "TextQuoteSelector",
        "exact": text[start:end],
        "prefix": text[max(0, start - CONTEXT) : start],
        "suffix": text[end : end + CONTEXT],
    }
    return [quote, _position(start, end)]
