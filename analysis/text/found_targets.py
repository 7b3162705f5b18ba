"""Which topics of an article become its targets, under which names, and why."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.text.aliases import Aliases, read_aliases
from analysis.text.nouns import ACTORS, POLICIES, STAND_INS
from analysis.text.references import references
from analysis.text.speakers import Names
from analysis.text.targets import mention_pattern
from analysis.text.topics import ARTICLE_KINDS, Topic, topics
from analysis.types import Article, Kind, Target

MOST = 6  # targets; readers do not compare more
PASSING = 3  # mentions under which a name outside the title is passing
REACH = 4.0  # log-odds below the likeliest topic at which the list ends
OFFICES = (
    "mayor|minister|secretary|president|governor|senator|judge|bishop|chairman|chairwoman|"
    "chancellor|councillor|commissioner|prosecutor|king|queen"
)


@dataclass(frozen=True, slots=True)
class FoundTarget:
    """A target, why it was chosen, and how often article and comments mention it."""

    target: Target
    why: str
    article_mentions: int
    comment_mentions: int

    def as_dict(self) -> dict[str, Any]:
        """Return its name, aliases, why and both counts, as `targets --json` prints them."""
        return {
            "name": self.target.name,
            "aliases": list(self.target.aliases),
            "why": self.why,
            "article_mentions": self.article_mentions,
            "comment_mentions": self.comment_mentions,
        }


def found_targets(article: Article, *, aliases: Aliases | None = None) -> tuple[FoundTarget, ...]:
    """Return an article's targets, the likeliest first, six at most.

    Left out are what is mentioned once, names mentioned once or twice (but people whom both sides
    name, and names in the title), names that are only sources, and words that stand for a policy
    named before ("the plan"). One topic a head: "ban" and "ban on cars" are one.
    """
    table = read_aliases() if aliases is None else aliases
    ranked, names = topics(article, table), Names(article)
    people = set(names.full.values())
    offices = _offices(article, people)
    found: list[FoundTarget] = []
    taken: set[str] = set()
    best = None
    for topic in ranked:
        key = topic.name if topic.known or topic.name in people else topic.head
        if key in taken or _stands_in(topic):
            continue
        best = topic.score if best is None else best
        if topic.score < best - REACH or len(found) == MOST:
            break
        target = Target(_shown(topic), _aliases(topic, ranked, table, offices, people))
        each = _counted(article, topic, target)
        if _kept(topic, each, topic.name in people):
            taken.add(key)
            found.append(each)
    return tuple(found)


def _kept(topic: Topic, each: FoundTarget, person: bool) -> bool:
    both = each.article_mentions and each.comment_mentions
    total = each.article_mentions + each.comment_mentions
    if topic.in_title:
        return True
    if all(m.source for m in topic.mentions) and not person:
        return False
    if topic.proper:
        return total >= PASSING or bool(person and total > 1 and both)
    return total > 1


def _stands_in(topic: Topic) -> bool:
    """Return whether it only stands for a policy: "the plan", "the mayor's plan"."""
    owned = any(re.search(r"['’]s?\b|['’]$", m.phrase.text) for m in topic.mentions)
    return topic.head in STAND_INS and (len(topic.words) == 1 or owned)


def _shown(topic: Topic) -> str:
    """Return a topic's name, a common noun's in small letters."""
    if topic.known or topic.proper:
        return topic.name
    written = Counter(m.phrase.text for m in topic.mentions)
    name = next((text for text, _ in written.most_common() if text[0].islower()), topic.name)
    plain = name[1:] == name[1:].lower()
    return name[0].lower() + name[1:] if plain else name


def _aliases(
    topic: Topic, ranked: Sequence[Topic], table: Aliases, offices: dict, people: set[str]
) -> tuple[str, ...]:
    """Return the other forms of a topic's name: of the table, of the text, an office held."""
    name = _shown(topic)
    if topic.known:
        return tuple(a for a in table[topic.name] if a != name)
    forms = {m.phrase.text for m in topic.mentions} if topic.name not in people else set()
    if topic.name in people:
        forms = {name.split()[-1], *offices.get(name, ())}
    else:
        forms |= {
            mention.phrase.text
            for other in ranked
            if other.head == topic.head
            and not other.known
            and other.name not in people
            and (other.words <= topic.words or topic.words <= other.words)
            for mention in other.mentions
        }
    own = {form.casefold(): form for form in sorted(forms)} if not topic.proper else {}
    kept = own.values() if own else forms
    return tuple(sorted(f for f in kept if f.casefold() != name.casefold()))


def _offices(article: Article, people: set[str]) -> dict[str, set[str]]:
    """Return for each person "the mayor" and "the interior minister", where nobody else is one."""
    held: dict[str, set[str]] = {}
    for person in people:
        pattern = rf"((?:\w+ )?(?i:{OFFICES})),? {re.escape(person)}\b"
        for match in re.finditer(pattern, article.raw):
            words = match[1].lower().split()
            held.setdefault(person, set()).update({f"the {words[-1]}", f"the {' '.join(words)}"})
    shared = Counter(form for forms in held.values() for form in forms)
    return {who: {f for f in forms if shared[f] == 1} for who, forms in held.items()}


def _counted(article: Article, topic: Topic, target: Target) -> FoundTarget:
    """Return a target with its mentions, by name and by reference, and why it was chosen."""
    spans = {m.span() for m in mention_pattern(target).finditer(article.raw)}
    spans |= set(references(article, [target])[target.name])
    sides = []
    for kinds in (ARTICLE_KINDS, (Kind.COMMENTARY,)):
        blocks = [b.body for b in article.of_kind(*kinds)]
        sides.append(sum(any(s <= x and y <= e for s, e in blocks) for x, y in spans))
    return FoundTarget(target, _why(topic, *sides), *sides)


def _why(topic: Topic, in_article: int, in_comments: int) -> str:
    kind = "a policy or measure" if topic.head in POLICIES else ""
    kind = "a group or body" if topic.head in ACTORS and not topic.proper else kind
    kind = "a name" if topic.proper else kind
    parts = (
        "in the title" if topic.in_title else "",
        f"{in_article} in the article and {in_comments} in comments",
        kind or "a noun phrase",
    )
    return ", ".join(filter(None, parts))
