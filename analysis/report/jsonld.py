"""The relations as JSON-LD: W3C Web Annotations, with schema.org for the article.

Each comment is an annotation of its passage, a reply one of the comment that it answers. Its
relation is a second annotation, of the comment, that names software as its creator, so that no
label is taken for a person's (Web Annotation Data Model, W3C 2017).
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.readers.annotation_writer import quote_selectors
from analysis.report.edition import notes_of
from analysis.scoring.pipeline import Result

ANNOTATIONS = "annotations.jsonld"

_NAMES = {
    "schema": "https://schema.org/",
    "counterpoint": "urn:counterpoint:",
    "confidence": "counterpoint:confidence",
    "score": "counterpoint:score",
    "abstained": "counterpoint:abstained",
    "alignment": "counterpoint:alignment",
}


def annotation_page(result: Result) -> dict[str, Any]:
    """Return an AnnotationPage: each comment on its passage, and its relation on the comment.

    Positions count characters of the raw text, whose SHA-256 and title stand in `partOf`.
    """
    article = result.article
    name = f"sha256:{article.sha256}" if article.sha256 else f"counterpoint:{article.article_id}"
    base = f"urn:{name}"
    items = list(_annotations(base, result))
    return {
        "@context": ["http://www.w3.org/ns/anno.jsonld", _NAMES],
        "id": f"{base}#relations",
        "type": "AnnotationPage",
        "partOf": {
            "id": f"{base}#collection",
            "type": "AnnotationCollection",
            "label": f"What the comments say: {article.title}",
            "total": len(items),
            "schema:about": {
                "id": base,
                "type": "schema:Article",
                "schema:headline": article.title,
                "schema:inLanguage": article.language,
                "schema:sha256": article.sha256,
            },
        },
        "items": items,
    }


def _annotations(base: str, result: Result) -> Iterator[dict[str, Any]]:
    """Yield each comment as an annotation of what it answers, and behind it its relation."""
    for note in notes_of(result):
        row = note.row
        if "commentary_id" not in row.index:
            continue
        comment, raw = f"{base}#{row.commentary_id}", result.article.raw
        answered = f"{base}#{row.reply_to}" if row.reply_to else ""
        yield {
            "id": comment,
            "type": "Annotation",
            "motivation": "replying" if row.reply_to else "commenting",
            **({"creator": _person(row.commentator)} if row.commentator else {}),
            "body": {"type": "TextualBody", "format": "text/plain", "value": row.commentary},
            "target": answered or _target(base, raw, *note.passage, row),
        }
        yield _relation(comment, row, result)


def _person(name: str) -> dict[str, str]:
    return {"type": "Person", "name": name}


def _target(base: str, raw: str, start: int, end: int, row: pd.Series) -> dict[str, Any] | str:
    if start >= end:
        return base
    selectors = quote_selectors(raw, start, end)
    return {"source": base, "selector": selectors, "alignment": row.alignment}


def _relation(comment: str, row: pd.Series, result: Result) -> dict[str, Any]:
    """Return the relation that the scorer names, as an annotation of the comment."""
    label = None if row.abstained else row.label
    value = row[f"p_{row.label}"]
    figure = "score" if pd.isna(row.confidence) else "confidence"
    body = {"type": "TextualBody", "purpose": "classifying", "value": label or "no relation named"}
    return {
        "id": f"{comment}-relation",
        "type": "Annotation",
        "motivation": "classifying",
        "creator": {
            "type": "Software",
            "name": f"Counterpoint, {result.scorer.name} scorer",
            "schema:softwareVersion": result.scorer.version,
        },
        "body": body,
        "abstained": bool(row.abstained),
        figure: round(float(value), 6),
        "target": comment,
    }
