"""An article with its anchors as the annotations of a W3C AnnotationPage."""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.readers.anchors import AnnotatedArticle, Span
from analysis.readers.annotations import ARTICLE, PART
from analysis.readers.assembly import BLANK_LINE
from analysis.readers.placement import block_at
from analysis.types import COMMENTS, Block

CONTEXT = 32  # characters of prefix and suffix of a quotation


def to_annotation_page(annotated: AnnotatedArticle) -> dict[str, Any]:
    """Return the page from which `read_annotations` reads the same article.

    Each block of the article is an annotation that classifies its span, each commentary one
    that comments or replies; `counterpoint:article` holds the text without commentary.
    """
    article = annotated.article
    spans: dict[str, Span] = {}  # of the article's own blocks, in the text without commentary
    commentaries: list[tuple[list[Block], int]] = []  # blocks, and the end of the text before
    group: list[Block] | None = None
    end = 0
    for block in article.blocks:
        if block.kind in COMMENTS and block.lead:
            group = [block]
            commentaries.append((group, end))
        elif block.kind in COMMENTS and group is not None:
            group.append(block)
        else:
            group, start = None, end + len(BLANK_LINE) if spans else 0
            end = start + len(block.text)
            spans[block.block_id] = (start, end)
    own = [block for block in article.blocks if block.block_id in spans]
    text = BLANK_LINE.join(block.text for block in own)
    items = [_classified(block, spans[block.block_id]) for block in own]
    for group, after in commentaries:
        moved = [_moved(article.blocks, span, spans) for span in group[0].answers]
        items.append(_comment(group, _targets(moved, after, text)))
    head = {"title": article.title, "language": article.language, "text": text}
    return {
        "@context": ["http://www.w3.org/ns/anno.jsonld", {"counterpoint": "urn:counterpoint:"}],
        "type": "AnnotationPage",
        ARTICLE: {**{k: v for k, v in annotated.about.items() if k not in head}, **head},
        "items": items,
    }


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


def _comment(group: Sequence[Block], targets: list[dict[str, Any]]) -> dict[str, Any]:
    first = group[0]
    item: dict[str, Any] = {
        "id": f"urn:counterpoint:{first.block_id}",
        "type": "Annotation",
        "motivation": "replying" if first.reply_to else "commenting",
    }
    if first.commentator:
        item["creator"] = {"type": "Person", "name": first.commentator}
    item["body"] = [_part(block) for block in group]
    if first.reply_to:
        item["target"] = f"urn:counterpoint:{first.reply_to}"
    else:
        placed = [{"source": ARTICLE}] if first.unplaced else targets
        item["target"] = placed[0] if len(placed) == 1 else placed
    return item


def _part(block: Block) -> dict[str, Any]:
    return {
        "type": "TextualBody", "format": "text/plain", "value": block.text, PART: block.kind.value,
        "counterpoint:lead": block.lead, "counterpoint:tail": block.tail,
    }  # fmt: skip


def _moved(blocks: Sequence[Block], span: Span, spans: Mapping[str, Span]) -> Span:
    """Return an answered span in the characters of the text without commentary."""
    block = block_at(blocks, span[0])
    shift = spans[block.block_id][0] - block.start
    return span[0] + shift, span[1] + shift


def _targets(answers: Sequence[Span], after: int, text: str) -> list[dict[str, Any]]:
    """Return a target for each passage, spans of paragraphs that follow each other being one."""
    if not answers:
        return [{"source": ARTICLE, "selector": [_position(after, after)]}]
    passages: list[Span] = []
    for start, end in answers:
        if passages and not text[passages[-1][1] : start].strip():
            passages[-1] = (passages[-1][0], end)
        else:
            passages.append((start, end))
    return [{"source": ARTICLE, "selector": quote_selectors(text, *span)} for span in passages]


def quote_selectors(text: str, start: int, end: int) -> list[dict[str, Any]]:
    """Return the selectors of a span of a text: its words with their surroundings, its position."""
    quote = {
        "type": "TextQuoteSelector",
        "exact": text[start:end],
        "prefix": text[max(0, start - CONTEXT) : start],
        "suffix": text[end : end + CONTEXT],
    }
    return [quote, _position(start, end)]
