"""A result for people and programs: one JSON object, or plain tables for a terminal."""

import json
from typing import Any

import pandas as pd

from analysis.html.display import language, languages
from analysis.scoring.pipeline import Result

BLOCK = ("block_id", "kind", "start", "end", "text")


def as_object(result: Result) -> dict[str, Any]:
    """Return `article`, `scorer`, `model` and the five frames, lists of records.

    A missing number is None. `scorer.vouched` is true where the scorer is validated for the
    article's language.
    """
    article = result.article
    described = {
        "id": article.article_id,
        "title": article.title,
        "source": article.source,
        "language": article.language,
        "about": dict(article.about),
        "left_out": [{"what": what, "count": count} for what, count in article.left_out],
        "blocks": [{name: getattr(block, name) for name in BLOCK} for block in article.blocks],
    }
    scorer = {
        "name": result.scorer.name,
        "model": result.scorer.model,
        "version": result.scorer.version,
        "languages": list(result.scorer.languages),
        "vouched": result.scorer.validated_for(article.language),
    }
    described = {"article": described, "scorer": scorer, "model": result.scorer.model}
    return described | {n: _records(f) for n, f in result.frames.items()}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    text = frame.to_json(orient="records", double_precision=15, force_ascii=True)
    return json.loads(text)


def as_text(result: Result) -> str:
    """Return relations and comparison as plain tables, each under its name."""
    columns = ["commentary_id", "commentator", "reply_to", "label", "alignment", "commentary"]
    relations = result.relations[columns].copy()
    for name in ("commentator", "reply_to"):
        relations[name] = relations[name].map(shown)
        if not (relations[name] != "").any():
            relations = relations.drop(columns=name)
    relations["label"] = relations["label"].mask(result.relations["abstained"], "unclear")
    relations["commentary"] = relations["commentary"].map(shown).str.slice(0, 60)
    comparison = result.comparison.drop(columns=["article_id", "scorer"])
    comparison["target"] = comparison["target"].map(shown)
    tables = {"relations": relations, "comparison": comparison.round(2)}
    title = f"{shown(result.article.title)} ({result.scorer.name})"
    if not result.scorer.validated_for(result.article.language):
        title += (
            f"\nlanguage {shown(language(result.article.language))}: the figures are validated "
            f"only in {languages(result.scorer.languages) or 'no language'}"
        )
    return "\n\n".join([title, *(f"{name}\n{_plain(table)}" for name, table in tables.items())])


def shown(text: str) -> str:
    """Return a text for a terminal: on one line, with nothing that a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text)


def _plain(table: pd.DataFrame) -> str:
    return table.to_string(index=False) if len(table) else "(none)"
