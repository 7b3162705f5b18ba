"""How a text is put to the model about a target: clause by clause, names of states withheld.

A small model that has read the news believes the names: asked about "Y is trying to provoke
X", it blames whichever of the two is mostly blamed. So the names of states and alliances
(`data/entity_masking.yaml`) are replaced by letters, the target's own by X, and who does what to
whom is all that is left to go by. Exchanging two such names in a text then exchanges their
scores and nothing else. Connectives ("except that", "that's why") and what vouches for a
clause ("documents show that ...") are left out too, since they colour whatever follows them,
and of a long sentence only the clauses that speak of the target are read. What this costs and
brings on labelled data is in the model card.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache

from analysis.paths import PACKAGE_DATA
from analysis.scorers.windows import MOST, spread
from analysis.text.marks import name_key

NAMES = PACKAGE_DATA / "entity_masking.yaml"
WAY = b"1"  # raise when the same names come to be read in another way
LONG = 35  # words of a sentence that is read clause by clause
SHORT = 4  # words below which a clause is no clause
TARGET, OTHERS = "X", "YWVUTSRQPONMLKJHGFEDCB"  # letters; "A" and "I" are words

Asked = tuple[str, str]

_WORD = re.compile(r"\w+")
_SENTENCES = re.compile(r"(?<=[.?!])[\"”’)]*\s+(?=[A-Z“\"‘])")
_CONNECTIVE = (
    r"(?:except(?: that)?|but|and|or|so(?: that)?(?! (?:far|long|many|much|few)\b)|yet|because|"
    r"whereas|although|though|however|indeed|actually|of course|in fact|after all|also|"
    r"at the very least|(?:that|this|which)(?:['’]s| is) why)"
)
_LEAD = re.compile(rf"(?:{_CONNECTIVE},?\s+)+", re.IGNORECASE)
# No part begins with a run of white space, which would be tried from each of its places.
_CLAUSES = re.compile(rf";\s+|(?<=\s)[—–-]+\s+|,\s+(?={_CONNECTIVE}\s)", re.IGNORECASE)
_VOUCHED = re.compile(
    r".*?\b(?:shows?|showed|shown|reveals?|revealed|proves?|proved|proven|demonstrates?|"
    r"demonstrated|confirms?|confirmed|knows?|knew)\s+that\s+",
    re.IGNORECASE | re.DOTALL,
)
_UNSURE = re.compile(
    r"\b(?:no|not|never|nothing|nobody|none|neither|nor|hardly|without|if|whether|unless|fails?|"
    r"failed|may|might|could|would|should|will)\b|n['’]t\b|\?",
    re.IGNORECASE,
)


def readings(text: str, target: str) -> list[Asked]:
    """Return what the model is asked instead of a text and a target; the answers are averaged.

    Returns:
        One pair of text and target or more, `MOST` at most: clauses where the target is a
        withheld name, the whole text where no clause speaks of it or where the target only
        holds such a name ("NATO expansion"). Any other pair (a person, a party, a topic) comes
        back as it is.
    """
    own = _owner(target)
    if own:
        return [_masked(clause, target, own) for clause in spread(_clauses(text, own), MOST)]
    if any(_named(target)):
        return [_masked(text, target, own)]
    return [(text, target)]


def _clauses(text: str, own: str) -> list[str]:
    found = [
        clause[0].upper() + clause[1:]
        for sentence in _SENTENCES.split(text)
        if _speaks_of(sentence, own)
        for part in _parts(sentence)
        if len((clause := _bare(part, own)).split()) >= SHORT and _speaks_of(clause, own)
    ]
    return found or [text]


def _parts(sentence: str) -> list[str]:
    return _CLAUSES.split(sentence) if len(sentence.split()) >= LONG else [sentence]


def _bare(clause: str, own: str) -> str:
    """Return a clause without what opens it and what vouches for it."""
    clause = clause.strip()
    lead = _LEAD.match(clause)
    clause = clause[lead.end() :] if lead else clause
    vouched = _VOUCHED.match(clause)
    if vouched and not _UNSURE.search(vouched[0]) and not _speaks_of(vouched[0], own):
        clause = clause[vouched.end() :]
    return clause


def _speaks_of(text: str, own: str) -> bool:
    return any(name == own for _, _, name in _named(text))


def _masked(text: str, target: str, own: str) -> Asked:
    """Return both with a letter for each withheld name, the same for all that mean the same."""
    free = (letter for letter in OTHERS if not _has(text, letter))
    letters: dict[str, str] = {}
    if own:
        letters[own] = TARGET if not _has(text, TARGET) else next(free, TARGET)

    def lettered(words: str) -> str:
        parts, done = [], 0
        for start, end, name in _named(words):
            if name not in letters:
                letters[name] = next(free, "")
            parts += [words[done:start], letters[name] or words[start:end]]
            done = end
        return "".join([*parts, words[done:]])

    return lettered(text), letters[own] if own else lettered(target)


def _has(text: str, letter: str) -> bool:
    return re.search(rf"(?<!\w){letter}(?!\w)", text) is not None


def _named(text: str) -> Iterator[tuple[int, int, str]]:
    """Give where a text names what is withheld, in order, and the one name for it."""
    patterns, index = _table()
    done = 0
    for word in _WORD.finditer(text):
        pattern = patterns.get(word[0].casefold()) if word.start() >= done else None
        if pattern and (match := pattern.match(text, word.start())):
            done = match.end()
            yield match.start(), done, index[name_key(match[0])]


@lru_cache(maxsize=1)
def version() -> str:
    """Return what changes whenever a reading may change: this way's number and the names."""
    found = hashlib.sha256(WAY)
    for name in (NAMES.name, "aliases.yaml", "lookalikes.yaml"):
        found.update((PACKAGE_DATA / name).read_bytes())
    return found.hexdigest()


def _owner(target: str) -> str:
    """Return the one name of a target that is withheld; nothing where it is not."""
    return _table()[1].get(name_key(re.sub(r"^the\s+(?=[A-Z])", "", target)), "")


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, re.Pattern[str]], dict[str, str]]:
    """Return by its first word a pattern of the withheld names, and by form the one name."""
    import yaml

    from analysis.text.targets import mention_pattern, read_aliases
    from analysis.types import Target

    known = read_aliases()
    listed = yaml.safe_load(NAMES.read_text(encoding="utf-8"))
    names = {name: known[name] for name in listed["of aliases.yaml"]} | listed["others"]
    index: dict[str, str] = {}
    begins: dict[str, list[str]] = {}
    for name, forms in names.items():
        for form in (name, *forms):
            index.setdefault(name_key(form), name)
            begins.setdefault(_WORD.search(form)[0].casefold(), []).append(form)
    patterns = {
        first: mention_pattern(Target(forms[0], tuple(forms[1:])))
        for first, forms in begins.items()
    }
    return patterns, index
