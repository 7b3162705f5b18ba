"""What one report comes to, as the small `summary.json` beside its tables.

The index page and the report's own head read it; nothing in it is more than the report says.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.report.findings import difference_shown, level, warnings
from analysis.report.opening import finding
from analysis.report.provenance import SUMMARY_VERSION, now, shown_path
from analysis.scoring.commentators import by_commentator, on_article
from analysis.scoring.pipeline import Result
from analysis.thresholds import LOADED
from analysis.types import Article, Relation, Voice


def head(result: Result, finding: list[str], warnings: list[str]) -> dict[str, Any]:
    """Return what the summary of any report begins with; see `summary`."""
    return {
        "version": SUMMARY_VERSION,
        **about(result.article),
        "language": result.article.language,
        "scorer": f"{result.scorer.name} {result.scorer.version}",
        "model": result.scorer.model,
        "made": now(),
        "finding": finding,
        "warnings": warnings,
        "confidence_level": level(result),
    }


def about(article: Article) -> dict[str, str]:
    """Return what identifies an article in a summary: article_id, title, source, sha256."""
    return {
        "article_id": article.article_id,
        "title": article.title,
        "source": shown_path(article.source),
        "sha256": article.sha256,
    }


def summary(result: Result, found: Result | None = None) -> dict[str, Any]:
    """Return what the report says in figures and words.

    Where given, `found` is what counts: the same result with less in it that is named.

    Returns:
        version, article_id, title, source, language, sha256, scorer, model, made (UTC), finding and
        warnings (sentences), confidence_level, comments (on the article, how many of each
        relation, and abstained), replies (to comments), commentators (rows of `by_commentator`),
        segments, stances (counted: labels named, abstained: labels withheld; the
        averages hold both), loaded (by side, [segments with a bias score of at least `LOADED`,
        segments]), and targets: for each the rows of `comparison` and whether a difference is
        shown.
    """
    relations, stances = result.relations, result.stances
    two_scorers, found = found is not None, found or result
    answering = on_article(found.relations)
    named = answering.loc[~answering.abstained, "label"].value_counts()
    rows = result.comparison.drop(columns=["article_id", "scorer"])
    rows = rows.assign(shown=difference_shown(found.comparison))
    sides = {
        voice.value: result.bias.loc[result.bias.voice == voice.value, "p_biased"] >= LOADED
        for voice in (Voice.AUTHOR, Voice.COMMENTATOR)
    }
    told = warnings(found, two_scorers=two_scorers)
    return head(result, finding(found), told) | {
        "comments": {r.value: int(named.get(r.value, 0)) for r in Relation}
        | {"abstained": int(answering.abstained.sum())},
        "replies": len(relations) - len(answering),
        "commentators": json.loads(by_commentator(found.relations).to_json(orient="records")),
        "segments": len(result.segments),
        "stances": {
            "counted": int((~stances.abstained).sum()),
            "abstained": int(stances.abstained.sum()),
        },
        "loaded": {side: [int(flags.sum()), len(flags)] for side, flags in sides.items()},
        "targets": json.loads(rows.to_json(orient="records", double_precision=15)),
    }


def write_json(folder: Path, contents: Mapping[str, Any]) -> None:
    """Write objects into a folder as JSON in ASCII, each under its file name."""
    for name, content in contents.items():
        text = json.dumps(content, ensure_ascii=True, indent=1, allow_nan=False)
        (folder / name).write_text(text + "\n", encoding="utf-8")
