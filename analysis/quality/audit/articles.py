"""The swap audit on whole articles: with the sides' names swapped, the divergence should turn."""

import re
from dataclasses import dataclass, replace

from analysis.errors import ParameterError
from analysis.scorers import Scorer
from analysis.scoring.pipeline import score
from analysis.text.targets import mention_pattern, targets_named
from analysis.types import Article, Block, Target, Voice


@dataclass(frozen=True, slots=True)
class SwappedArticle:
    """What became of an article's divergences when two sides changed names.

    Attributes:
        a: one side's name.
        b: the other's.
        contrast: divergence toward a minus divergence toward b, in [-4, 4].
        swapped_contrast: the same in the article with the names swapped; an even-handed
            scorer gives `-contrast`.
    """

    a: str
    b: str
    contrast: float
    swapped_contrast: float

    @property
    def turned(self) -> bool:
        """Whether the contrast changed its sign with the names."""
        return self.contrast * self.swapped_contrast < 0

    @property
    def lean(self) -> float:
        """How far the names alone move the contrast, in [-4, 4]: half the sum of the two.

        0 is even-handed; above 0 the scorer reads the commentary as kinder to a than the
        words alone say.
        """
        return (self.contrast + self.swapped_contrast) / 2


def audit_article(article: Article, a: str, b: str, scorer: str | Scorer) -> SwappedArticle:
    """Score an article as it stands and with two sides' names swapped.

    Raises:
        ParameterError: the article does not compare author and commentary toward both.
        ScorerError: the scorer is unknown or cannot be loaded.
    """
    contrasts = [
        _contrast(version, a, b, scorer) for version in (article, swap_names(article, a, b))
    ]
    return SwappedArticle(a, b, *contrasts)


def _contrast(article: Article, a: str, b: str, scorer: str | Scorer) -> float:
    result = score(article, targets=[a, b], scorer=scorer)
    toward = result.comparison.set_index("target")["divergence"]
    naming = {
        (request.voice, request.target.name)
        for request in result.requests.stances
        if mention_pattern(request.target).search(request.text)
    }
    sides = {(voice, name) for voice in (Voice.AUTHOR, Voice.COMMENTATOR) for name in (a, b)}
    if toward.isna().any() or not sides <= naming:
        raise ParameterError(
            f"{article.article_id}: found no stance of author and commentary toward both {a!r} "
            f"and {b!r}; expected two targets that both sides speak of"
        )
    return float(toward[a] - toward[b])


def swap_names(article: Article, a: str, b: str) -> Article:
    """Return an article in which every name of one side stands where the other's stood.

    Any alias becomes the other side's own name ("Moscow said" -> "NATO said"), so the
    text is only as good as that; blocks, markers and white space stay as they are.
    """
    sides = targets_named([a, b])
    blocks: list[Block] = []
    raw, done = "", 0
    for block in article.blocks:
        raw += article.raw[done : block.start]
        head, tail = block.text[: block.lead], block.text[len(block.text) - block.tail :]
        body = block.text[block.lead : len(block.text) - block.tail]
        text = head + _swapped(body, *sides) + tail
        blocks.append(replace(block, start=len(raw), end=len(raw) + len(text), text=text))
        raw += text
        done = block.end
    raw += article.raw[done:]
    return replace(article, raw=raw, blocks=tuple(blocks), title=_swapped(article.title, *sides))


def _swapped(text: str, a: Target, b: Target) -> str:
    either = re.compile(f"(?P<a>{mention_pattern(a).pattern})|(?P<b>{mention_pattern(b).pattern})")
    return either.sub(lambda match: b.name if match["a"] is not None else a.name, text)
