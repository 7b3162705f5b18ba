"""Stance targets: named by the user or found in the text.

Aliases ("Moscow", "Russian" -> Russia) are merged by a table that the user can replace, last names
with the full name in the article.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from analysis.text.aliases import Aliases, index_of, read_aliases
from analysis.text.marks import name_key
from analysis.types import Target
from analysis.yaml_files import package_yaml


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


def names_any(text: str) -> bool:
    """Return whether a text mentions any name of the shipped alias table."""
    table = read_aliases().items()
    return any(mention_pattern(Target(name, group)).search(text) for name, group in table)


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
    longer = package_yaml("lookalikes.yaml")
    after = [name[len(form) + 1 :] for name in longer if name.startswith(f"{form} ")]
    before = [name[: -len(form) - 1] for name in longer if name.endswith(f" {form}")]
    behind = "".join(rf"(?<!\b{re.escape(f'{word} {form}')})" for word in before)
    return behind + (rf"(?!\s+(?:{'|'.join(map(re.escape, after))})(?!\w))" if after else "")


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
