"""How a sentence of the report names a target."""

import re

from analysis.html.display import name, quoted
from analysis.text.targets import mention_pattern
from analysis.types import Article, Target

_THE = re.compile(r"\bthe\s+$", re.IGNORECASE)
# What follows a noun phrase that has ended; a noun would make the name part of a longer one.
_ENDS = re.compile(
    r"\s*(?:$|[^\w\s-]|\w+ed\b|(?:am|is|are|was|were|has|have|had|will|would|can|could|may|might|"
    r"must|shall|should|do|does|did|not|said|says|and|or|but|nor|of|in|on|at|to|for|from|with|by|"
    r"as|than|that|which|who|whose|when|where|while|if|because|before|after|over|under|into|"
    r"against|about|through|without|between|since|until|a|an|the|its|his|her|their)\b)"
)
_ROOM = 24  # characters on each side of a mention that are looked at


def spoken(target: str, article: Article) -> str:
    """Return a target's name as an English sentence has it.

    It stands after `the` where the text mostly puts it so: the United States, the sea wall. Another
    name in small letters is quoted: “late boat”.
    """
    raw, the, mentions = article.raw, 0, 0
    english = article.language.partition("-")[0] == "en"
    for match in mention_pattern(Target(target)).finditer(raw) if english else ():
        start, end = match.span()
        if _ENDS.match(raw, end, end + _ROOM):
            mentions += 1
            the += bool(_THE.search(raw, max(start - _ROOM, 0), start))
    if the and 2 * the >= mentions and not _THE.match(target[:4]):
        return f"the {name(target)}"
    return quoted(target)
