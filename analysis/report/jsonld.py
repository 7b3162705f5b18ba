"""The relations as linked data: W3C Web Annotations, with schema.org for who and what.

Each comment is an annotation of its passage; the relation is a second annotation, of the
first one, made by software and marked as such, so that a reading is never taken for
something that a person said (Web Annotation Data Model, W3C 2017; PROV-O for the maker).
"""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.report.edition import notes_of
from analysis.scoring.pipeline import Result

LINKED = "annotations.jsonld"
CONTEXT = 32  # characters of prefix and suffix of a quotation

_NAMES = {
    "schema": "https://schema.org/",
    "counterpoint": "urn:counterpoint:",
    "confidence": "counterpoint:confidence",
    "score": "counterpoint:score",
    "abstained": "counterpoint:abstained",
    "alignment": "counterpoint:alignment",
}


def linked(result: Result) -> dict[str, Any]:
    """Return an AnnotationPage: each comment on its passage, and how the scorer reads it.

    Positions count characters of the raw text, whose SHA-256 and title stand in `partOf`.
    """
    article = result.article
    base = f"urn:counterpoint:{article.article_id}"
    if article.sha256:
        base = f"urn:sha256:{article.sha256}"
    items: list[dict[str, Any]] = []
    for note in notes_of(result):
        row = note.row
        if "commentary_id" not in row.index:
            continue
        comment = f"{base}#{row.commentary_id}"
        items.append(
            {
                "id": comment,
                "type": "Annotation",
                "motivation": "commenting",
                "body": {"type": "TextualBody", "format": "text/plain", "value": row.commentary},
                "target": _target(base, article.raw, *note.passage, row),
            }
        )
        items.append(_reading(comment, row, result))
    return {
        "@context": ["http://www.w3.org/ns/anno.jsonld", _NAMES],
        "id": f"{base}#relations",
        "type": "AnnotationPage",
        "partOf": {
            "id": f"{base}#collection",
            "type": "AnnotationCollection",
            "label": f"What the comments say back: {article.title}",
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


def _target(base: str, raw: str, start: int, end: int, row: pd.Series) -> dict[str, Any] | str:
    if start >= end:
        return base
    quote = {
        "type": "TextQuoteSelector",
        "exact": raw[start:end],
        "prefix": raw[max(0, start - CONTEXT) : start],
        "suffix": raw[end : end + CONTEXT],
    }
    position = {"type": "TextPositionSelector", "start": start, "end": end}
    return {"source": base, "selector": [quote, position], "alignment": row.alignment}


def _reading(comment: str, row: pd.Series, result: Result) -> dict[str, Any]:
    """Return the scorer's relation as an annotation of the comment, never as its words."""
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


def save(result: Result, folder: str | Path) -> None:
    """Write `annotations.jsonld` into a folder; an empty name writes nothing."""
    if folder != "":
        text = json.dumps(linked(result), ensure_ascii=True, indent=1, allow_nan=False)
        (Path(folder) / LINKED).write_text(text + "\n", encoding="utf-8")
