"""The targets of an article for a person to choose from, each with why it was chosen."""

from collections.abc import Sequence
from typing import Any

from analysis.text.targets import ARTICLE_KINDS, mentions
from analysis.types import Article, Kind, Target


def target_listing(article: Article, targets: Sequence[Target]) -> list[dict[str, Any]]:
    """Return a row a target: name, aliases, why, article_mentions and comment_mentions."""
    rows = []
    for target in targets:
        titled, own, said = (
            _mentions(article, target, *kinds)
            for kinds in ((Kind.TITLE,), ARTICLE_KINDS, (Kind.COMMENTARY,))
        )
        rows.append(
            {
                "name": target.name,
                "aliases": list(target.aliases),
                "why": _why(titled=bool(titled), own=own, said=said),
                "article_mentions": own,
                "comment_mentions": said,
            }
        )
    return rows


def _mentions(article: Article, target: Target, *kinds: Kind) -> int:
    words = (article.raw[slice(*block.body)] for block in article.of_kind(*kinds))
    return sum(len(mentions(target, text)) for text in words)


def _why(*, titled: bool, own: int, said: int) -> str:
    sides = "article and comments" if own and said else "the article" if own else "the comments"
    verb = "speak" if (own and said) or said else "speaks"
    head = "in the title; " if titled else ""
    only = "" if own and said else "only "
    return f"{head}{only}{sides} {verb} of it"
