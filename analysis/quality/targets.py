"""How often the targets that people named are among those found, on Marginalia's blocks.

A block is read as an article: its passages are the paragraphs, its comments the commentary. A found
target matches a named one where both are one entry of the alias table, or by `phrases.same_parts`.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from analysis.quality.alignment import annotated
from analysis.quality.marginalia import Block
from analysis.text.aliases import index_of, read_aliases
from analysis.text.found_targets import find_targets
from analysis.text.nlp import parsed
from analysis.text.phrases import name_parts, phrases, same_parts
from analysis.text.speakers import plain_key
from analysis.types import Article, Kind

Parts = str | tuple[str, str, frozenset[str]]
FIRST = 3  # found targets that count


def as_article(block: Block) -> Article:
    """Return a block as an article whose paragraphs are its passages."""
    parts = [(Kind.PARAGRAPH, text.text) for text in block.passages]
    parts += [(Kind.COMMENTARY, text.text) for text in block.comments]
    return annotated(block.block, parts)


def is_named(found: Parts, named: str) -> bool:
    """Return whether a found target, by name or by name, head and words, is the named one."""
    index = _index()
    name, *parts = (found, *name_parts(found)) if isinstance(found, str) else found
    entry = index.get(plain_key(name))
    if entry is not None and entry == index.get(plain_key(named)):
        return True
    return same_parts(tuple(parts), name_parts(named))


@lru_cache(maxsize=1)
def _index() -> dict[str, str]:
    return index_of(read_aliases())


def top(heads: Sequence[str], scores: np.ndarray, most: int) -> list[int]:
    """Return the numbers of the highest scores, one a head, in falling order."""
    chosen: dict[str, int] = {}
    for number in np.argsort(-scores, kind="stable"):
        chosen.setdefault(heads[number], int(number))
    return list(chosen.values())[:most]


def in_text(article: Article, named: str) -> bool:
    """Return whether any noun phrase of an article or its comments matches a named target."""
    docs = (doc for own in parsed(article).values() for _, doc in own)
    return any(is_named((p.text, p.head, p.words), named) for doc in docs for p in phrases(doc))


def evaluate(blocks: Sequence[Block]) -> dict:
    """Measure found targets on blocks.

    Returns:
        `n`, the number of blocks; `matchable`, the share in which a noun phrase of the text matches
        at least one named target; `top3_recall`, of these the share with a named target among the
        first three found; `top3_target_recall`, the mean share of a block's matchable targets among
        them; `top6_recall`, the first over all found.
    """
    first, targets, all_found = [], [], []
    for block in blocks:
        article = as_article(block)
        possible = [name for name in block.targets if in_text(article, name)]
        if not possible:
            continue
        found = [target.name for target in find_targets(article)]
        hits = [any(is_named(name, n) for name in found[:FIRST]) for n in possible]
        first.append(any(hits))
        targets.append(sum(hits) / len(hits))
        all_found.append(any(is_named(name, n) for name in found for n in possible))
    recalls = {"top3_recall": first, "top3_target_recall": targets, "top6_recall": all_found}
    return {
        "n": len(blocks),
        "matchable": len(first) / len(blocks) if blocks else None,
        **{name: float(np.mean(values)) if values else None for name, values in recalls.items()},
    }
