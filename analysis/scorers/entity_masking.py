"""Entity masking: a stance is asked clause by clause, without the names of states.

A small model that was trained on news has opinions on names: asked about "Y is trying to
provoke X", it blames whichever of the two is blamed more often. So the names of states and
alliances (`data/entity_masking.yaml`) are replaced by letters, the target's own by X, and the
model has only the wording to go by. Exchanging two such names in a text then exchanges their
scores and nothing else. Connectives ("except that", "that's why") and evidentials ("documents
show that ...") are left out too, since they colour the clause that follows, and of a long
sentence only the clauses that name the target are read. The model card gives the effect on
labelled data.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import cache

from analysis.paths import PACKAGE_DATA
from analysis.scorers.windows import MAX_WINDOWS, evenly_spaced
from analysis.text.marks import name_key

NAMES = PACKAGE_DATA / "entity_masking.yaml"
METHOD = b"1"  # raise when the same names are masked in another way
LONG_SENTENCE = 35  # words from which a sentence is read clause by clause
SHORTEST_CLAUSE = 4  # words
TARGET, OTHERS = "X", "YWVUTSRQPONMLKJHGFEDCB"  # letters; "A" and "I" are words

_WORD = re.compile(r"\w+")
_SENTENCES = re.compile(r"(?<=[.?!])[\"”’)]*\s+(?=[A-Z“\"‘])")
_CONNECTIVE = (
    r"(?:except(?: that)?|but|and|or|so(?: that)?(?! (?:far|long|many|much|few)\b)|yet|because|"
    r"whereas|although|though|however|indeed|actually|of course|in fact|after all|also|"
    r"at the very least|(?:that|this|which)(?:['’]s| is) why)"
)
_OPENING = re.compile(rf"(?:{_CONNECTIVE},?\s+)+", re.IGNORECASE)
# No alternative begins with a run of white space: it would be tried at each of its characters.
_CLAUSES = re.compile(rf";\s+|(?<=\s)[—–-]+\s+|,\s+(?={_CONNECTIVE}\s)", re.IGNORECASE)
_EVIDENTIAL = re.compile(
    r".*?\b(?:shows?|showed|shown|reveals?|revealed|proves?|proved|proven|demonstrates?|"
    r"demonstrated|confirms?|confirmed|knows?|knew)\s+that\s+",
    re.IGNORECASE | re.DOTALL,
)
_HEDGE = re.compile(
    r"\b(?:no|not|never|nothing|nobody|none|neither|nor|hardly|without|if|whether|unless|fails?|"
    r"failed|may|might|could|would|should|will)\b|n['’]t\b|\?",
    re.IGNORECASE,
)


def masked_requests(text: str, target: str) -> list[tuple[str, str]]:
    """Return what the model is asked instead of a text and a target; the logits are averaged.

    Returns:
        One to `MAX_WINDOWS` pairs of text and target: clauses where the target is a masked
        name, the whole text where no clause names it or where the target only contains such
        a name ("NATO expansion"). Any other pair (a person, a party, a topic) is returned
        unchanged.
    """
    own = _canonical(target)
    if own:
        clauses = evenly_spaced(_clauses(text, own), MAX_WINDOWS)
        return [_masked(clause, target, own) for clause in clauses]
    if any(_names(target)):
        return [_masked(text, target, own)]
    return [(text, target)]


def _clauses(text: str, own: str) -> list[str]:
    clauses = [
        clause[0].upper() + clause[1:]
        for sentence in _SENTENCES.split(text)
        if _mentions(sentence, own)
        for part in _parts(sentence)
        if len((clause := _bare(part, own)).split()) >= SHORTEST_CLAUSE and _mentions(clause, own)
    ]
    return clauses or [text]


def _parts(sentence: str) -> list[str]:
    return _CLAUSES.split(sentence) if len(sentence.split()) >= LONG_SENTENCE else [sentence]


def _bare(clause: str, own: str) -> str:
    """Return a clause without its opening connective and its evidential."""
    clause = clause.strip()
    opening = _OPENING.match(clause)
    clause = clause[opening.end() :] if opening else clause
    evidential = _EVIDENTIAL.match(clause)
    if evidential and not _HEDGE.search(evidential[0]) and not _mentions(evidential[0], own):
        clause = clause[evidential.end() :]
    return clause


def _mentions(text: str, own: str) -> bool:
    return any(name == own for _, _, name in _names(text))


def _masked(text: str, target: str, own: str) -> tuple[str, str]:
    """Return both with a letter for each masked name, one letter for all of its forms."""
    free = (letter for letter in OTHERS if not _has(text, letter))
    letters: dict[str, str] = {}
    if own:
        letters[own] = TARGET if not _has(text, TARGET) else next(free, TARGET)

    def lettered(words: str) -> str:
        parts, done = [], 0
        for start, end, name in _names(words):
            if name not in letters:
                letters[name] = next(free, "")
            parts += [words[done:start], letters[name] or words[start:end]]
            done = end
        return "".join([*parts, words[done:]])

    return lettered(text), letters[own] if own else lettered(target)


def _has(text: str, letter: str) -> bool:
    return re.search(rf"(?<!\w){letter}(?!\w)", text) is not None


def _names(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start and end of each masked name in a text, in order, and its canonical name."""
    forms, index = _table()
    done = 0
    for word in _WORD.finditer(text):
        first = word[0].casefold()
        if word.start() < done or first not in forms:
            continue
        if match := _pattern(first).match(text, word.start()):
            done = match.end()
            yield match.start(), done, index[name_key(match[0])]


@cache
def version() -> str:
    """Return a hash that changes whenever masking may change: with the method and the names."""
    digest = hashlib.sha256(METHOD)
    for name in (NAMES.name, "aliases.yaml", "lookalikes.yaml"):
        digest.update((PACKAGE_DATA / name).read_bytes())
    return digest.hexdigest()


def _canonical(target: str) -> str:
    """Return the canonical name of a target that is masked; empty where it is not."""
    return _table()[1].get(name_key(re.sub(r"^the\s+(?=[A-Z])", "", target)), "")


@cache
def _table() -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the masked forms by first word, and the canonical name by form."""
    import yaml

    from analysis.text.targets import read_aliases

    aliases = read_aliases()
    listed = yaml.safe_load(NAMES.read_text(encoding="utf-8"))
    names = {name: aliases[name] for name in listed["of aliases.yaml"]} | listed["others"]
    index: dict[str, str] = {}
    begins: dict[str, list[str]] = {}
    for name, forms in names.items():
        for form in (name, *forms):
            index.setdefault(name_key(form), name)
            begins.setdefault(_WORD.search(form)[0].casefold(), []).append(form)
    return begins, index


@cache  # compiled as texts need them: there are 600
def _pattern(first: str) -> re.Pattern[str]:
    """Return a pattern of the masked forms that begin with a word."""
    from analysis.text.targets import mention_pattern
    from analysis.types import Target

    name, *aliases = _table()[0][first]
    return mention_pattern(Target(name, tuple(aliases)))
