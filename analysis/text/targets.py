"""Stance targets: named by the user or found in the text.

Aliases ("Moscow", "Russian" -> Russia) are merged by a table that the user can replace, last names
with the full name in the article.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

import yaml

from analysis.paths import PACKAGE_DATA
from analysis.text.aliases import Aliases, index_of, read_aliases
from analysis.text.marks import name_key
from analysis.text.nlp import parsed
from analysis.text.speakers import bare_name
from analysis.types import Article, Kind, Target

MAX_FOUND = 8  # targets; readers do not compare more
LABELS = frozenset({"PERSON", "ORG", "GPE", "NORP"})
ARTICLE_KINDS = (Kind.TITLE, Kind.CAPTION, Kind.PARAGRAPH)


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


def targets_named(names: Sequence[str], *, aliases: Aliases | None = None) -> tuple[Target, ...]:
    """Return the targets of the given names, each with the aliases of its table entry."""
    table = read_aliases() if aliases is None else aliases
    index = index_of(table)
    found = []
    for name in dict.fromkeys(names):
        canonical = index.get(name_key(name), name)
        group = (canonical, *table.get(canonical, ()))
        found.append(Target(name, tuple(a for a in group if a != name)))
    return tuple(found)


def find_targets(
    article: Article, *, aliases: Aliases | None = None, most: int = MAX_FOUND
) -> tuple[Target, ...]:
    """Return the names mentioned by both article and commentary, the most shared first.

    Named entities (spaCy) are merged by alias table and last name, and ranked by the smaller of
    the two sides' mention counts, then by their sum. Names mentioned once are left out; names of
    one side only are used where the sides share none.
    """
    table = read_aliases() if aliases is None else aliases
    entities = _entities(article)
    names = _merged(entities, table)
    candidates = [Target(name, tuple(sorted(forms - {name}))) for name, forms in names.items()]
    counted = []
    for target in candidates:
        mention = mention_pattern(target)
        sides = [_mentions(article, mention, kinds) for kinds in (ARTICLE_KINDS, _COMMENTARY)]
        if sum(sides) > 1:
            counted.append((min(sides), sum(sides), target))
    counted.sort(key=lambda row: (-row[0], -row[1], row[2].name))
    shared = [row for row in counted if row[0]]
    return tuple(row[2] for row in (shared or counted)[:most])


_COMMENTARY = (Kind.COMMENTARY,)


def names_any(text: str, aliases: Aliases | None = None) -> bool:
    """Return whether a text mentions any name of the alias table."""
    table = read_aliases() if aliases is None else aliases
    return any(mention_pattern(Target(n, group)).search(text) for n, group in table.items())


def mentions(target: Target, text: str) -> list[str]:
    """Return a text's mentions of a target, in order.

    A proposition ("NATO expansion") is mentioned, under its own name, where all its content words
    are, in any order: a name by any alias, another word by its stem.
    """
    found = [match[0] for match in mention_pattern(target).finditer(text)]
    if found or target.aliases:
        return found
    parts = _content_patterns(target.name)
    return [target.name] if len(parts) > 1 and all(p.search(text) for p in parts) else []


@lru_cache(maxsize=1024)
def _content_patterns(name: str) -> tuple[re.Pattern[str], ...]:
    from spacy.lang.en.stop_words import STOP_WORDS

    content = [word for word in re.findall(r"[\w.'-]+", name) if word.lower() not in STOP_WORDS]
    known = index_of(read_aliases())
    return tuple(
        mention_pattern(targets_named([word])[0])
        if name_key(word) in known
        else re.compile(rf"(?<!\w){re.escape(_stem(word))}", re.IGNORECASE)
        for word in content
    )


def _stem(word: str) -> str:
    """Return a word's crude stem: "expansion", "expand" and "expanding" share one."""
    return word[: max(4, min(len(word) - 3, 5))] if len(word) > 5 else word.rstrip("s")


@lru_cache(maxsize=1024)
def mention_pattern(target: Target) -> re.Pattern[str]:
    """Return a pattern for mentions of a target by name or alias."""
    forms = {form for form in (target.name, *target.aliases) if form.strip()}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    either = "|".join(rf"(?<!\w){_form(form)}(?!\w){_unless(form)}" for form in longest_first)
    return re.compile(either or "(?!)")


def _unless(form: str) -> str:
    """Rule out longer names that contain the form: "Washington Post", "George Washington"."""
    after = [name[len(form) + 1 :] for name in _lookalikes() if name.startswith(f"{form} ")]
    before = [name[: -len(form) - 1] for name in _lookalikes() if name.endswith(f" {form}")]
    behind = "".join(rf"(?<!\b{re.escape(f'{word} {form}')})" for word in before)
    return behind + (rf"(?!\s+(?:{'|'.join(map(re.escape, after))})(?!\w))" if after else "")


@lru_cache(maxsize=1)
def _lookalikes() -> tuple[str, ...]:
    path = PACKAGE_DATA / "lookalikes.yaml"
    return tuple(yaml.safe_load(path.read_text(encoding="utf-8")))


def _form(form: str) -> str:
    """Return a pattern for one form of a name.

    All-capital and dotted forms match exactly, so that "US" is not "us". One capitalized word also
    matches in capitals ("Rice", "RICE", not "rice"); any other form matches in any case and with
    any white space.
    """
    escaped = r"\s+".join(re.escape(word) for word in form.split())
    if form.isupper() or "." in form:
        return escaped
    if form[0].isupper() and len(form.split()) == 1:
        return f"(?:{escaped}|{re.escape(form.upper())})"
    return f"(?i:{escaped})"


def _mentions(article: Article, mention: re.Pattern[str], kinds: tuple[Kind, ...]) -> int:
    return sum(len(mention.findall(article.raw, *block.body)) for block in article.of_kind(*kinds))


def _entities(article: Article) -> Counter[tuple[str, str]]:
    """Count the named entities of article and commentary as (text, label)."""
    kinds = (*ARTICLE_KINDS, Kind.COMMENTARY)
    docs = parsed(article)
    return Counter(
        (_bare(entity.text), entity.label_)
        for block in article.of_kind(*kinds)
        for _, doc in docs[block.block_id]
        for entity in doc.ents
        if entity.label_ in LABELS and _bare(entity.text)
    )


def _bare(text: str) -> str:
    """Return an entity without article, title and possessive; empty where it is no name."""
    text = re.sub(r"^(?:the|a|an)\s+", "", " ".join(text.split()), flags=re.IGNORECASE)
    text = bare_name(re.sub(r"(?:['’]s?|(?:^|,? )(?:et )?al\.?)$", "", text))
    named = re.search(r"[^\W\d_]{2}", text) and text != text.lower()
    return text if named and name_key(text) not in _NO_NAMES else ""


_NO_NAMES = frozenset({"united", "time", "science", "nature", "fahrenheit", "celsius"})


def _merged(entities: Counter[tuple[str, str]], table: Aliases) -> dict[str, set[str]]:
    """Merge entity texts into names, each with its forms."""
    index = index_of(table)
    people = _full_names(text for text, label in entities if label == "PERSON")
    names: dict[str, set[str]] = {}
    for text, _ in sorted(entities):
        full = people.get(text, text)
        name = index.get(name_key(text)) or index.get(name_key(full)) or full
        names.setdefault(name, set()).update({text, full, *table.get(name, ())})
    for last, full in people.items():
        if full in names:
            names[full].add(last)
    return names


def _full_names(people: Iterable[str]) -> dict[str, str]:
    """Map each last name to the full name where the article has exactly one."""
    by_last: dict[str, set[str]] = {}
    for name in people:
        if len(name.split()) > 1:
            by_last.setdefault(name.split()[-1], set()).add(name)
    return {last: next(iter(names)) for last, names in by_last.items() if len(names) == 1}
