"""Which topics of an article become its targets, under which names, and why."""

import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import log1p
from typing import Any

from analysis.text.aliases import Aliases, read_aliases
from analysis.text.marks import Span, name_key
from analysis.text.nouns import ACTORS, POLICIES, STAND_INS
from analysis.text.references import references
from analysis.text.speakers import names_in
from analysis.text.targets import mention_pattern, targets_named
from analysis.text.topics import ARTICLE_KINDS, Topic, topics
from analysis.types import Article, Kind, Target

MOST = 6  # targets; readers do not compare more
PASSING = 3  # mentions under which a name outside the title is passing
FILLED = 3  # targets up to which names in passing fill the list
CONSIDERED = 300  # topics, the likeliest first: each is looked for in the whole text
LEAST = -0.5  # log-odds of a target
BOTH_SIDES = 2.0  # log-odds added for each log(1 + mentions on the side that has fewer); by hand
OFFICES = (
    "mayor|minister|secretary|president|governor|senator|judge|bishop|chairman|chairwoman|"
    "chancellor|councillor|commissioner|prosecutor|king|queen"
)
_OFFICE = re.compile(rf"((?:\w{{1,40}} )?(?i:{OFFICES})),? ")


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


def targets(
    article: Article, names: Sequence[str] = (), *, aliases: Aliases | None = None
) -> tuple[Target, ...]:
    """Return the named targets with their aliases; without names, those found in the text.

    A name keeps its spelling and takes the aliases of its table entry. An alias shared by several
    names in the article ("the bloc", where two are named) is dropped.
    """
    table = read_aliases() if aliases is None else aliases
    found = targets_named(names, aliases=table) or find_targets(article, aliases=table)
    shared = _shared_aliases(article, table)
    return tuple(
        replace(t, aliases=tuple(a for a in t.aliases if name_key(a) not in shared)) for t in found
    )


def _shared_aliases(article: Article, table: Aliases) -> set[str]:
    """Return the keys of the aliases that several names in the article share."""
    claimed: Counter[str] = Counter()
    owners: Counter[str] = Counter(name_key(a) for group in table.values() for a in set(group))
    for name, group in table.items():
        common = [a for a in group if owners[name_key(a)] > 1]
        own = Target(name, tuple(a for a in group if owners[name_key(a)] == 1))
        if common and mention_pattern(own).search(article.raw):
            claimed.update(map(name_key, common))
    return {alias for alias, count in claimed.items() if count > 1}


def find_targets(article: Article, *, aliases: Aliases | None = None) -> tuple[Target, ...]:
    """Return what an article and its comments are about, the likeliest target first.

    Names and noun phrases are ranked by `topics`; see `found_targets`.
    """
    return tuple(each.target for each in found_targets(article, aliases=aliases))


def found_targets(article: Article, *, aliases: Aliases | None = None) -> tuple[FoundTarget, ...]:
    """Return an article's targets, the likeliest first, six at most.

    Left out are what only the title names, mere sources, and words that stand for a policy named
    before ("the plan"). In an article with a title, what is mentioned once and names outside the
    title that are mentioned twice only fill the list up to three, but people whom both sides name
    are kept. One topic a head: "ban" and "ban on cars" are one.
    """
    table = read_aliases() if aliases is None else aliases
    ranked, names = topics(article, table), names_in(article)
    people = set(names.full.values())
    offices, titled = _offices(article, people), bool(article.of_kind(Kind.TITLE))
    chosen: list[tuple[Topic, Target]] = []
    passing: list[tuple[Topic, Target]] = []
    taken: set[str] = set()
    for topic in sorted(ranked, key=_rank)[:CONSIDERED]:
        key = topic.name if topic.known or topic.name in people else topic.head
        if key in taken or topic.score < LEAST or _stands_in(topic) or not _below_title(topic):
            continue
        target = Target(_shown(topic, article), _aliases(topic, ranked, table, offices, people))
        sides = _counts(article, target, ())
        if any(sides) and not _only_source(topic, ranked, people):
            taken |= {key, topic.head}
            kept = not titled or (sum(sides) > 1 and _kept(topic, sides, topic.name in people))
            (chosen if kept else passing).append((topic, target))
        if len(chosen) == MOST:
            break
    chosen = (chosen + passing[: max(0, FILLED - len(chosen))])[:MOST]
    meant = references(article, [target for _, target in chosen])
    found = ((topic, t, _counts(article, t, meant[t.name])) for topic, t in chosen)
    return tuple(FoundTarget(t, _why(topic, *sides), *sides) for topic, t, sides in found)


def _rank(topic: Topic) -> tuple[float, str]:
    """Return the order of topics: the likeliest first; what both sides speak of gains."""
    both = min(topic.count(commentary=False), topic.count(commentary=True))
    return -(topic.score + BOTH_SIDES * log1p(both)), topic.name


def _below_title(topic: Topic) -> bool:
    return any(m.block.kind is not Kind.TITLE for m in topic.mentions)


def _only_source(topic: Topic, ranked: Sequence[Topic], people: set[str]) -> bool:
    """Return whether a name only stands where news names its sources; whoever speaks is none."""
    same = [m for other in ranked if other.head == topic.head for m in other.mentions]
    speaks = topic.name in people and any(m.role == "nsubj" for m in topic.mentions)
    return topic.proper and not speaks and all(m.source for m in same)


def _kept(topic: Topic, sides: tuple[int, int], person: bool) -> bool:
    """Return whether a topic is more than a name in passing."""
    return topic.in_title or not topic.proper or sum(sides) >= PASSING or (person and all(sides))


def _stands_in(topic: Topic) -> bool:
    """Return whether it only stands for a policy: "the plan", "the mayor's plan"."""
    owned = any(re.search(r"['’]s?\b|['’]$", m.phrase.text) for m in topic.mentions)
    return topic.head in STAND_INS and (len(topic.words) == 1 or owned)


def _shown(topic: Topic, article: Article) -> str:
    """Return a topic's name; what the text also writes in small letters keeps them."""
    if topic.known or topic.proper:
        return topic.name
    written = Counter(m.phrase.text for m in topic.mentions)
    name = next((text for text, _ in written.most_common() if text[0].islower()), topic.name)
    small = name[0].lower() + name[1:]
    return small if re.search(rf"\b{re.escape(small)}", article.raw) else name


def _aliases(
    topic: Topic, ranked: Sequence[Topic], table: Aliases, offices: dict, people: set[str]
) -> tuple[str, ...]:
    """Return the other forms of a topic's name: of the table, of the text, an office held."""
    name = topic.name
    if topic.known:
        return tuple(a for a in table[name] if a != name)
    if name in people:
        forms = {name.split()[-1], *offices.get(name, ())}
    else:
        forms = {m.phrase.text for m in topic.mentions} | {
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
    raw, lengths, at = article.raw, {len(person) for person in people}, 0
    while lengths and (match := _OFFICE.search(raw, at)):
        ends = (match.end() + length for length in lengths)
        named = {raw[match.end() : end] for end in ends if not re.match(r"\w", raw[end : end + 1])}
        words = match[1].lower().split()
        for person in named & people:
            held.setdefault(person, set()).update({f"the {words[-1]}", f"the {' '.join(words)}"})
        at = match.end(1) if named & people else match.start() + 1
    shared = Counter(form for forms in held.values() for form in forms)
    return {who: {f for f in forms if shared[f] == 1} for who, forms in held.items()}


def _counts(article: Article, target: Target, meant: Iterable[Span]) -> tuple[int, int]:
    """Return how often article and comments mention a target, by name or by reference."""
    spans = {m.span() for m in mention_pattern(target).finditer(article.raw)} | set(meant)
    sides = []
    for kinds in (ARTICLE_KINDS, (Kind.COMMENTARY,)):
        blocks = sorted(b.body for b in article.of_kind(*kinds))
        last = [bisect(blocks, (start, len(article.raw))) - 1 for start, _ in spans]
        sides.append(
            sum(n >= 0 and y <= blocks[n][1] for n, (_, y) in zip(last, spans, strict=True))
        )
    return sides[0], sides[1]


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
