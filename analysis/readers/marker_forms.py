"""The table of the forms that mark commentary, and how a marker is read off a text.

A marker is what may stand before it (a quote sign, a bullet, bold, a bracket), a head of the table,
then in any order a number, a name and whom it answers, and what ends it: a colon, a dash, or the
end of its bracket or bold.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from analysis.readers.person_names import NAME, person

_MARKS = "\"“”„«»‘’'‹›"
_ROLE = (
    r"(?:the\s+)?(?:author|writer|translator|publisher|reader|reviewer|moderator|annotator|expert|"
    r"staff|journalist|columnist|site|side|guest|user|further|brief|short|additional)"
    r"(?:['’]s|s['’]?)?"
)
_KIND_OF = (
    r"(?:(?:an?|one|this|another|our|my|own|short|brief|quick|small|critical|final|last|first|"
    r"second|third|further|additional)\s+){1,2}"
)
_EDITOR = r"(?:editor(?:['’]s|s['’]?|ial)?|eds?\.?|ed['’]s)"
_OWNER = rf"(?P<name>{NAME}?)['’]s?\s+"
_ASIDE = rf"(?P<name>{NAME})\s*(?:[,/|(\[]|\s[–—-])"


@dataclass(frozen=True, slots=True)
class Form:
    """One head of the table.

    A weak one counts only where the file shows it (`markers`); `by_name`, it is sure where a name
    stands after it. `colon`: nothing but a colon, or the end of its bracket or bold, ends it.
    """

    key: str
    head: str
    weak: bool = True
    by_name: bool = False
    colon: bool = False


TABLE = (  # the first that fits is taken
    Form("comment", r"(?i:(?:our\s+)?comment(?:ary)?|our\s+view)", weak=False),
    Form(
        "comment",
        rf"(?i:(?:{_KIND_OF}|(?:{_ROLE}|editorial)\s+)comment(?:ary)?)",
        weak=False,
        colon=True,
    ),
    Form("comment", rf"{_OWNER}(?i:comment(?:ary)?)", weak=False, colon=True),
    Form(
        "comment",
        rf"(?i:(?:the\s+)?{_EDITOR}\s*(?:note|comment|remark|reply|response)s?)",
        weak=False,
    ),
    Form(
        "fact check",
        r"(?i:(?:our\s+)?fact[\s-]?check(?:er)?(?:['’]s)?(?:\s+(?:note|comment|verdict))?)",
        weak=False,
    ),
    Form("note", r"(?i:note)", by_name=True),
    Form("author's note", rf"(?i:{_ROLE}\s+(?:note|remark)s?)", by_name=True),
    Form("remark", r"(?i:remark|annotation|annotator|commentator|commenter)", by_name=True),
    Form("reply", r"(?i:repl(?:y|ies))", by_name=True),
    Form("response", r"(?i:response)", by_name=True),
    Form(
        "our take",
        r"(?i:(?:in\s+)?our\s+(?:own\s+)?(?:view|opinion)|what\s+we\s+think)",
        colon=True,
    ),
    Form("note", rf"(?i:(?:{_KIND_OF}note)|note\s+(?:to|for)\s+(?:(?:the|our)\s+)?readers?)"),
    Form("our take", r"(?i:our\s+(?:take|note|response|reply|remark|verdict|assessment))"),
    Form("editor", r"(?i:editors?|eds?\.?)", colon=True),
    Form("name's", rf"{_OWNER}(?i:note|view|take|reply|response|remark|verdict)", colon=True),
    Form(
        "name says", rf"(?P<name>{NAME})\s+(?i:comments|replies|responds|notes|remarks)", colon=True
    ),
    Form("comment", rf"{_ASIDE}\s*(?i:comment(?:ary|ing)?)", weak=False, colon=True),
    Form(
        "name, reply",
        rf"{_ASIDE}(?:\s*(?i:reply(?:ing)?|responding)|(?=\s+(?i:in\s+reply\s)))",
        colon=True,
    ),
)

Heads = tuple[tuple[Form, re.Pattern[str]], ...]

# What stands before a marker: quote signs, bullets, bold, heading signs, an emoji, a number.
_BEFORE = re.compile(
    rf"(?:[^\w\[\](){{}}<【{_MARKS}]|_){{0,12}}(?:\(?\d{{1,3}}[.)]\s+)?"
    r"(?P<opened>\[\[?|\(\(?|\{\{?|<<?|【)?[\s*_#]*"
)
_HINT = re.compile(  # some word of every head, to pass over most lines at once
    r"comment|check|note|remark|annotat|repl|respon|view|take|editor|\beds?\b|opinion|think|verdict|"
    r"assessment",
    re.IGNORECASE,
)
_BEHIND = {  # a head
    "number": re.compile(
        r"[ \u00a0](?:[A-Z]|[IVX]+|(?i:one|two|three|four|five|six|seven|eight|nine|ten))"
        r"(?=[*_]*\s?[:.—–])"
        r"|\s*(?:#|№|(?i:no|nr)\.?\s*)?(?P<number>\d{1,3})(?:\s*(?:/|of)\s*\d{1,3})?[a-z]?(?!\w)"
        r"|\s*[(\[]\s*#?(?P<boxed>\d{1,3})(?:\s*(?:/|of)\s*\d{1,3})?\s*(?:[)\]]|(?=[,;]))"
    ),
    "place": re.compile(
        r"\s+(?i:(?:on|to)\s+(?:(?:the|this|that)\s+)?(?:\w+\s+)?(?:above|paragraph|para|passage|"
        r"quote|quotation|claim|sentence|headline|section|title|line)(?:\s+(?:above|\d{1,3}))?)"
        r"(?!\w)"
    ),
    "answered": re.compile(
        r",?\s+(?i:in\s+(?:reply|response|answer)\s+|replying\s+|responding\s+|answering\s+)?"
        rf"(?i:to)\s+(?P<answered>(?i:comment)\s*#?\d{{1,3}}|{NAME})"
    ),
    "name": re.compile(
        rf"\s+(?i:by|from|of|via)\s+(?:(?i:the|our|an?)\s+)?"
        rf"(?P<by>(?:[a-z-]+[ ]){{0,3}}{NAME}|@?[a-z](?:\w|\.(?=\w))*(?:[ ][a-z]+)?)"
        r"|\s*[(\[<{]\s*(?P<boxed>(?:[^()\[\]<>{}:]|(?<=\d):(?=\d)){1,60}?)\s*[)\]>}]"
        rf"|\s*(?:[,/|–—]|\s-)\s*(?P<dash>{NAME})(?=\s*[)\]]?[*_]*\s?[:：])"
        rf"|[ \u00a0](?P<bare>{NAME})(?=[*_]*\s*[:：])"
    ),
}
_CLOSED = r"[)\]}>】]{1,2}"
_COLON = re.compile(rf"[)\]]?(?P<colon>[*_]*\s?[:：∶][*_]*)(?P<closed>{_CLOSED}[*_]*)?")
_DASH = re.compile(r"[*_]*(?:\s*[—–]|\s+--?(?=\s)|\s+\|(?=\s)|\s*(?:→|=>|->))[*_]*")
_PERIOD = re.compile(r"\.[*_]*(?=\s)")
_CLOSES = re.compile(rf"[*_]*{_CLOSED}[*_]*(?:\s?[:：]|\s*[—–])?")
_SIGNS = re.compile(r"[^\w\s]{2,}(?=\s*$)")  # that stand on both sides of a marker
_BOLD_ENDS = re.compile(r"\.?(?:\*\*?|__?)")
_SPACE = re.compile(r"\s*")
_BRACKETED_NAME = re.compile(
    rf"(?P<name>{NAME})(?:\s*\([^()]{{1,40}}\))?[*_]*(?:\s?[:：]|\s+[—–-](?=\s))[*_]*"
)
_TO = re.compile(
    r"\s*(?:,?\s*(?:in\s+(?:reply|response|answer)|replying|responding|answering)\s+to|\bto|→|->)\s+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Marker:
    """The marker that a text starts with.

    Attributes:
        key: the form that it has.
        weak: whether it counts only where the file shows it.
        length: in characters, with the white space around it.
        opened: the bracket that it leaves open, such as `[`.
        commentator: the name in it; empty where there is none.
        answered: the name or number of the comment that it says it answers.
        number: of the comment, where it has one.
    """

    key: str
    weak: bool
    length: int
    opened: str = ""
    commentator: str = ""
    answered: str = ""
    number: str = ""

    @property
    def says_reply(self) -> bool:
        """Whether its word is a reply's."""
        return self.key in ("reply", "name, reply")


def read_marker(
    text: str, start: int = 0, end: int | None = None, heads: Heads = ()
) -> Marker | None:
    """Return the marker that starts at `start`, of the given heads, else of a built-in form."""
    whole = start == 0 and end in (None, len(text)) and not heads
    return (
        _of_whole(text) if whole else _read(text, start, len(text) if end is None else end, heads)
    )


@lru_cache(maxsize=16_384)  # the paragraphs of a long article, or a step in the time appears
def _of_whole(text: str) -> Marker | None:
    """Return the marker of a text; a reader asks for the same one several times in a row."""
    return _read(text, 0, len(text), ())


def _read(text: str, start: int, end: int, heads: Heads) -> Marker | None:
    before = _BEFORE.match(text, start, end)
    if not heads and not before["opened"] and not _HINT.search(text, start, min(end, start + 200)):
        return None
    for form, pattern in heads or BUILTIN:
        head = pattern.match(text, before.end(), end)
        if head and (found := _from_head(text, start, end, before, form, head)):
            return found
    return None if heads else _bracketed_name(text, start, end, before)


def _bracketed_name(text: str, start: int, end: int, before: re.Match[str]) -> Marker | None:
    """Return the marker `[Anna: `."""
    found = _BRACKETED_NAME.match(text, before.end(), end) if before["opened"] == "[" else None
    if not found or not (name := person(found["name"])):
        return None
    return Marker("[name]", True, _SPACE.match(text, found.end(), end).end() - start, "[", name)


def _from_head(
    text: str, start: int, end: int, before: re.Match[str], form: Form, head: re.Match[str]
) -> Marker | None:
    """Return the marker that a head and what stands after it make; None where nothing ends it."""
    if form.key == LITERAL:
        length = _SPACE.match(text, head.end(), end).end() - start
        return Marker(form.key, False, length, before["opened"] or "")
    at, parts = _behind(text, head.end(), end)
    own = person(head.groupdict().get("name") or "")
    if "name" in head.groupdict() and form.weak and not own:
        return None
    named, answered = _who(parts)
    boxed = "name" in parts and bool(parts["name"]["boxed"])
    ended = _ended(text, at, end, before, form, boxed=boxed)
    if ended is None:
        return None
    at, opened = ended
    weak = form.weak and not (form.by_name and named)
    key = form.key
    if at == 0:  # nothing but the line's end ends it
        key, weak, at = f"{key}{BARE}", True, _behind(text, head.end(), end)[0]
    numbered = parts.get("number")
    number = (numbered["number"] or numbered["boxed"] or "") if numbered else ""
    length = _SPACE.match(text, at, end).end() - start
    return Marker(key, weak, length, opened, named or own, answered, number)


def _behind(text: str, at: int, end: int) -> tuple[int, dict[str, re.Match[str]]]:
    """Return what stands after a head, each part once, and where it ends."""
    parts: dict[str, re.Match[str]] = {}
    while True:
        for kind, pattern in _BEHIND.items():
            found = None if kind in parts else pattern.match(text, at, end)
            if found and kind == "name" and (guess := found["dash"] or found["bare"]):
                found = found if person(guess) else None
            if found:
                parts[kind], at = found, found.end()
                break
        else:
            return at, parts


def _who(parts: dict[str, re.Match[str]]) -> tuple[str, str]:
    """Return the name of the commentator and of whom the comment answers, as far as stated."""
    answered = parts["answered"]["answered"] if "answered" in parts else ""
    if "name" not in parts:
        return "", answered
    found = parts["name"]
    name, *to = _TO.split(found["by"] or found["boxed"] or found["dash"] or found["bare"])
    return person(name), answered or (to[0] if to else "")


def _ended(
    text: str, at: int, end: int, before: re.Match[str], form: Form, *, boxed: bool
) -> tuple[int, str] | None:
    """Return where a marker ends, and the bracket that it leaves open; 0 at the end of a line."""
    opened = before["opened"] or ""
    if opened and (found := _CLOSES.match(text, at, end)):
        return found.end(), ""
    if found := _COLON.match(text, at, end):
        closed = found["closed"] is not None
        return (found.end(), "") if closed and opened else (found.end("colon"), opened)
    behind = _SPACE.match(text, at, end).end()
    if (signs := _SIGNS.search(before[0])) and text.startswith(signs[0], behind, end):
        return behind + len(signs[0]), opened
    if before[0].rstrip().endswith(("*", "_")) and (found := _BOLD_ENDS.match(text, at, end)):
        return found.end(), opened
    if (not form.colon or opened) and (found := _DASH.match(text, at, end)):
        return found.end(), opened
    if not form.weak and not form.colon and (found := _PERIOD.match(text, at, end)):
        return found.end(), opened
    if boxed and not form.weak and re.compile(r"\s+\S").match(text, at, end):
        return at, opened
    if not opened and re.compile(r"[*_]*[^\S\r\n]*(?:[\r\n]|$)").match(text[at:end]):
        return 0, ""
    return None


def heads_of(forms: Iterable[Form]) -> Heads:
    """Return forms with the patterns of their heads."""
    return tuple((form, re.compile(form.head)) for form in forms)


def named_heads(names: Sequence[str]) -> Heads:
    """Return the heads of markers that a user named; one that ends with its word ends a word."""
    given = {name.strip().removeprefix("[").strip() for name in names} - {""}
    return heads_of(_named(name) for name in sorted(given, key=lambda name: (-len(name), name)))


def _named(name: str) -> Form:
    word = re.escape(name.removesuffix(":").rstrip()).replace("'", "['’]")
    if name.endswith(":"):
        return Form("named", rf"(?i:{word})(?!\w)", weak=False, colon=True)
    last = r"(?!\w)" if name[-1].isalnum() else ""
    return Form(LITERAL, rf"(?i:{word}){last}[*_]*", weak=False)


LITERAL = "literal"
BARE = ", alone in its line"
BUILTIN = heads_of(replace(form, head=rf"{form.head}(?![^\W_])") for form in TABLE)
