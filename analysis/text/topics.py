"""What an article and its comments are about: names and noun phrases, ranked.

The weights are those of a logistic regression that tells the targets named for our own blocks of
news and comments (Marginalia, train) from all other phrases in them; `tools/fit_topics.py` fits
them. Rare words weigh more, by the number of those blocks that have them. Blocks have no titles, so
what a title adds is set by hand.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import log, log1p

from analysis.paths import PACKAGE_DATA
from analysis.text.aliases import Aliases, index_of
from analysis.text.marks import name_key
from analysis.text.nlp import parsed_blocks
from analysis.text.nouns import ACTORS, POLICIES
from analysis.text.phrases import NOUNS, Phrase, lemma, phrases
from analysis.text.reporting_verbs import CUES
from analysis.text.speakers import bare_name, names_in
from analysis.types import Article, Block, Kind
from analysis.yaml_files import package_yaml

ARTICLE_KINDS = (Kind.TITLE, Kind.CAPTION, Kind.PARAGRAPH)
TITLE = 1.5  # added to the log-odds of what the title names; by hand
PLACES = frozenset("in at from near to into across through outside around".split())
TOWNS = frozenset({"GPE", "LOC", "FAC"})  # no short form of a body that bears their name
BEFORE = 200  # characters before a name in which a journal may be named
JOURNALS = re.compile(
    r"\b(?:journal|magazine|(?:paper|study|article|report\w*|published)(?: \w+){0,3} in)"
    r"(?: the)?(?: journal)? (?:The )?$"
)

Site = tuple[str, int]  # block, character of the raw text of the head


@dataclass(frozen=True, slots=True)
class Mention:
    """One phrase in an article: its block, the site of its head, and its role in the sentence."""

    phrase: Phrase
    block: Block
    site: Site
    role: str
    place: bool
    source: bool

    @property
    def commentary(self) -> bool:
        """Whether it stands in a comment."""
        return self.block.kind is Kind.COMMENTARY


@dataclass(eq=False, slots=True)
class Topic:
    """What several phrases name; `score` is the log-odds that it is a target."""

    name: str
    head: str
    words: frozenset[str]
    known: bool  # in the alias table
    mentions: list[Mention] = field(default_factory=list)
    sites: frozenset[Site] = frozenset()  # of the head, in other phrases too
    score: float = 0.0

    @property
    def in_title(self) -> bool:
        """Whether the title names it; nearly all words of a title may have capitals."""
        return any(m.block.kind is Kind.TITLE for m in self.mentions)

    @property
    def proper(self) -> bool:
        """Whether it is a name, judged by the text below the title where there is any."""
        below = [m for m in self.mentions if m.block.kind is not Kind.TITLE]
        judged = [m.phrase.proper for m in below or self.mentions]
        return self.known or 2 * sum(judged) > len(judged)

    def count(self, *, commentary: bool) -> int:
        """Return how often article or commentary mention it."""
        return len({m.site for m in self.mentions if m.commentary is commentary})


def topics(article: Article, table: Aliases) -> list[Topic]:
    """Return all that an article's noun phrases name, the likeliest target first."""
    found = gathered(article, table)
    weights = package_yaml("topic_weights.yaml")
    for topic, row in zip(found, features(article, found), strict=True):
        topic.score = weights["intercept"] + sum(weights[n] * value for n, value in row.items())
        topic.score += TITLE * topic.in_title
    return sorted(found, key=lambda topic: (-topic.score, topic.name))


def gathered(article: Article, table: Aliases) -> list[Topic]:
    """Return the phrases of an article that name the same thing together, in text order."""
    index, names = index_of(table), names_in(article)
    people = sorted(set(names.full.values()))
    found: dict[object, Topic] = {}
    heads: dict[str, set[Site]] = defaultdict(set)
    for mention in _mentions(article):
        phrase = mention.phrase
        heads[phrase.head].add(mention.site)
        bare = bare_name(phrase.text) if phrase.proper else phrase.text
        entry = index.get(name_key(bare)) if bare != bare.lower() else None
        full = names.fullest(bare) if phrase.proper else ""
        person = next((who for who in people if full == who or full.endswith(f" {who}")), "")
        key = entry or person or (phrase.head, phrase.words)
        if key not in found:
            words = frozenset(w.lower() for w in person.split()) if person else phrase.words
            name = entry or person or phrase.text
            known = entry is not None
            found[key] = Topic(name, phrase.head, words, known)
        found[key].mentions.append(mention)
    gathered = _with_short_forms(list(found.values()))
    for topic in gathered:
        topic.sites = frozenset(heads[topic.head]) | {m.site for m in topic.mentions}
    return gathered


def _with_short_forms(found: list[Topic]) -> list[Topic]:
    """Join "Meridian" to "Meridian Capital", where only one longer name begins with it."""
    long: dict[str, list[Topic]] = defaultdict(list)
    for topic in found:
        if topic.proper and not topic.known and " " in topic.name:
            long[topic.name.split()[0]].append(topic)
    joined = {
        topic.name
        for topic in found
        if topic.proper and not topic.known and len(long.get(topic.name, ())) == 1
        if not any(m.phrase.token.ent_type_ in TOWNS for m in topic.mentions)
    }
    for topic in found:
        if topic.name in joined:
            long[topic.name][0].mentions += topic.mentions
    return [topic for topic in found if topic.name not in joined]


def _mentions(article: Article) -> Iterable[Mention]:
    for block, offset, doc in parsed_blocks(article, *ARTICLE_KINDS, Kind.COMMENTARY):
        text = doc.text
        for phrase in phrases(doc):
            top = phrase.token
            while top.dep_ in ("compound", "amod", "nmod") and top.head.i != top.i:
                top = top.head
            link = top.head.lower_ if top.dep_ == "pobj" else ""
            says = top.dep_ == "nsubj" and top.head.lemma_.lower() in CUES
            source = says or (link == "to" and top.head.head.lower_ == "according")
            before = text[max(0, phrase.start - BEFORE) : phrase.start]
            source |= bool(JOURNALS.search(before))
            site = (block.block_id, offset + phrase.token.idx)
            yield Mention(phrase, block, site, top.dep_, link in PLACES, source)


def features(article: Article, found: Sequence[Topic]) -> list[dict[str, float]]:
    """Return what speaks for each topic as a target, by name; counts are as log(1 + n)."""
    words = _word_counts(article)
    longest: dict[Site, int] = defaultdict(int)
    variants: dict[str, set[frozenset[str]]] = defaultdict(set)
    for topic in found:
        for mention in topic.mentions:
            longest[mention.site] = max(longest[mention.site], len(mention.phrase.words))
        variants[topic.head].add(topic.words)
    return [_features(topic, words, longest, variants[topic.head]) for topic in found]


def _features(
    topic: Topic, counts: dict[str, int], longest: dict[Site, int], variants: set[frozenset[str]]
) -> dict[str, float]:
    one = {m.site: m for m in topic.mentions}
    first = topic.mentions[0].phrase
    n, more = len(one), topic.words - {topic.head}
    whole = sum(longest[site] <= len(first.words) for site in one)
    spread = log1p(len({block for block, _ in topic.sites}))
    common = len(topic.words) == 1 and not topic.proper
    labels = [m.phrase.token.ent_type_ for m in topic.mentions]
    label = max(dict.fromkeys(labels), key=labels.count)  # the first in the text, of a tie
    policy = topic.head in POLICIES and not topic.proper
    return {
        "article": log1p(topic.count(commentary=False)),
        "comments": log1p(topic.count(commentary=True)),
        "spread": spread,
        "two_blocks": float(spread >= log1p(2)),
        "three_blocks": float(spread >= log1p(3)),
        "whole": log1p(whole),
        "whole_share": whole / n,
        "subject": log1p(sum(m.role in ("nsubj", "nsubjpass") for m in topic.mentions)),
        "rarity": rarity(topic.head),
        "rarity_of_modifiers": max((rarity(w) for w in more), default=0.0),
        "modifiers": log1p(max((counts.get(w, 0) for w in more), default=0)),
        "linked": float(all(m.phrase.linked for m in topic.mentions)),
        "common_word": float(common),
        "common_rarity": common * rarity(topic.head),
        "two_words": float(len(topic.words) == 2),
        "three_words": float(len(topic.words) == 3),
        "actor": float(topic.head in ACTORS),
        "policy": float(policy),
        "policy_spread": policy * spread,
        "name": float(topic.proper),
        "one_word_name": float(topic.proper and len(topic.words) == 1),
        "known_spread": topic.known * spread,
        "person": float(label == "PERSON"),
        "body": float(label == "ORG"),
        "people": float(label == "NORP"),
        "place": sum(m.place for m in one.values()) / n,
        "source": sum(m.source for m in one.values()) / n,
        "listed": sum(m.role == "conj" for m in one.values()) / n,
        "variants": log1p(sum(len(words) > 1 for words in variants)),
        "adjective": float(any(t.pos_ == "ADJ" for t in first.token.lefts)),
    }


def _word_counts(article: Article) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for _, _, doc in parsed_blocks(article, *ARTICLE_KINDS, Kind.COMMENTARY):
        for token in doc:
            if token.pos_ in NOUNS or token.pos_ == "ADJ":
                counts[lemma(token)] += 1
    return counts


def rarity(word: str) -> float:
    """Return the log of how many times fewer blocks than all have a word (a lemma)."""
    background = _background()
    return log((background["blocks"] + 1) / (background["counts"].get(word, 0) + 1))


@lru_cache(maxsize=1)
def _background() -> dict:
    return json.loads((PACKAGE_DATA / "background.json").read_text(encoding="utf-8"))
