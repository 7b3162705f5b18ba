"""What starts a commentary in one file: its markers, and which of their weak forms count.

A *sure* form (`Comment:`, `Editor's note:`, `Response (Jonas):`) is commentary wherever it stands.
A *weak* one (`Note:`, `Reply:`, `[Anna: …]`) counts only where the file has a sure one, or where it
follows at least `REPEATED` different paragraphs and no other speaker's line alternates with it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from analysis.readers.marker_forms import BARE, Heads, Marker, named_heads, read_marker

REPEATED = 3
TITLE_WORDS = 20
BRACKETS = {"[": "]", "(": ")", "{": "}", "<": ">", "【": "】"}

_STATEMENT_END = re.compile(r"[.…][\"'”’»)\]]*$")
_LINE_ENDS = re.compile(r"[\r\n\x0b\x0c\x85\u2028\u2029]+")
_BYLINE = re.compile(r"by\s|https?://|©|photo", re.IGNORECASE)
_ASKS = re.compile(r"\W*(?:q\d*|question(?:\s\d+)?|interviewer|reporter)\s?[:.)]", re.IGNORECASE)
_SPEAKS = re.compile(
    r"[^\w\"“„«'‘]{0,8}(?P<words>[^\W\d_][\w.'’-]*(?:\s[\w.'’()-]+){0,3})[*_\])]*\s?[:：][*_]*(?:\s|$)"
)
_ANSWERS = ("reply", "response")


@dataclass(frozen=True)
class Markers:
    """The markers of one file.

    Attributes:
        named: those that a user named, such as `Rebuttal:`.
        builtin: whether the built-in forms count.
        weak: keys of the weak forms that count in the file; None: not decided yet.
        passed_over: lines that start like a comment and are none: the title, a turn of a talk.
    """

    named: tuple[str, ...] = ()
    builtin: bool = True
    weak: frozenset[str] | None = None
    passed_over: frozenset[str] = frozenset()

    def match(self, text: str, start: int = 0, end: int | None = None) -> Marker | None:
        """Return the marker that a text starts with, or its part from `start` to `end`."""
        if self._heads and (found := read_marker(text, start, end, self._heads)):
            return found
        found = read_marker(text, start, end) if self.builtin else None
        if found is None or (found.weak and found.key not in (self.weak or ())):
            return None
        whole = self.passed_over and start == 0
        return None if whole and _first_line(text) in self.passed_over else found

    @cached_property
    def _heads(self) -> Heads:
        return named_heads(self.named)

    @property
    def prefix(self) -> str:
        """What a comment that stands beside the text gets where it has no marker of its own."""
        return "Comment:" if self.builtin or not self.named else self.named[0]

    @property
    def of_comments(self) -> "Markers":
        """The markers of a text that is known to be a comment."""
        weak = (self.weak or frozenset()) | {"note"}
        return replace(self, builtin=True, weak=weak, passed_over=frozenset())

    def of_text(self, paragraphs: Iterable[str]) -> "Markers":
        """Decide what counts in a file of these paragraphs; what is decided stays."""
        if self.weak is not None:
            return self
        lines = [part.strip() for text in paragraphs for part in _LINE_ENDS.split(text)]
        lines = [line for line in lines if line]
        found = [self.match(line) or read_marker(line) for line in lines]
        if not self.builtin or not lines:
            return replace(self, weak=frozenset())
        passed_over = {lines[0]} if _is_headline(lines, found) else set()
        passed_over |= {lines[n] for n in _lone_turn(lines, found)}
        found = [None if line in passed_over else m for line, m in zip(lines, found, strict=True)]
        weak = _weak_that_count(lines, found)
        return replace(self, weak=weak, passed_over=frozenset(passed_over))


def _first_line(text: str) -> str:
    return _LINE_ENDS.split(text.strip(), maxsplit=1)[0].strip()


BUILTIN_MARKERS = Markers()


def is_title_like(line: str) -> bool:
    """Return whether a line is short and no statement."""
    return len(line.split()) <= TITLE_WORDS and not _STATEMENT_END.search(line)


def _is_headline(lines: Sequence[str], found: Sequence[Marker | None]) -> bool:
    """Return whether the first line is the title for all that it starts with a marker.

    A fact check's title says so (`Fact check: …`), and so do some of opinion pieces (`Comment: …`):
    a short line that is no statement, with no such line after it that could be the title.
    """
    first = found[0]
    if first is None or first.key == "named" or first.opened:
        return False
    following = next((line for line, m in zip(lines, found, strict=True) if m is None), "")
    if first.key == "fact check":
        return len(lines[0].split()) <= TITLE_WORDS and bool(following)
    other = is_title_like(following) and not _BYLINE.match(following)
    return is_title_like(lines[0]) and bool(following) and not other


def _lone_turn(lines: Sequence[str], found: Sequence[Marker | None]) -> list[int]:
    """Return the number of the only comment of a file, where it is a turn of a talk.

    Such a `Comment:` names nobody and stands between the lines of two speakers.
    """
    sure = [n for n, marker in enumerate(found) if marker and not marker.weak]
    if len(sure) != 1 or not 0 < sure[0] < len(lines) - 1:
        return []
    n, marker = sure[0], found[sure[0]]
    turn = marker.key == "comment" and not (marker.commentator or marker.opened)
    return sure if turn and opening(lines[n - 1]) and opening(lines[n + 1]) else []


def _weak_that_count(lines: Sequence[str], found: Sequence[Marker | None]) -> frozenset[str]:
    """Return the keys of the weak forms that count, from the lines' own markers."""
    sure = False
    above: dict[str, set[str]] = {}  # the different paragraphs that each form follows
    names: dict[str, Counter[str]] = {}
    paragraph = ""
    for line, marker in zip(lines, found, strict=True):
        paragraph = paragraph if marker else line
        for each in (marker, *_inside(line)):
            if each and each.weak:
                above.setdefault(each.key, set()).update({paragraph} - {""})
                names.setdefault(each.key, Counter())[each.commentator] += 1
            sure = sure or bool(each and not each.weak)
    speakers = Counter(opening(line) for line, m in zip(lines, found, strict=True) if not m)
    counting = set()
    for key, paragraphs in above.items():
        asked = any(_ASKS.match(text) for text in paragraphs)
        spoken = asked or any(speakers[o] > 1 for text in paragraphs if (o := opening(text)))
        same = max(names[key].values()) >= (2 if key == "[name]" else REPEATED)
        alone = len(paragraphs) >= REPEATED and same and not spoken
        bare = key.endswith(BARE)  # a button of a page reads `Comment` too
        if alone or (sure and not bare and not (asked and key in _ANSWERS)):
            counting.add(key)
    return frozenset(counting)


def _inside(line: str) -> list[Marker]:
    """Return the markers behind brackets within a line."""
    places = (match.start() for match in re.finditer(r"(?<=\s)[\[({]", line))
    found = (read_marker(line, at) for at in places)
    return [marker for marker in found if marker and within(marker)]


def within(marker: Marker) -> bool:
    """Return whether a marker counts within a line; in round brackets authors put their own."""
    return bool(marker.opened) and (not marker.weak or marker.opened[0] == "[")


def opening(line: str) -> str:
    """Return the few words and the colon that a line opens with, folded; empty where it does not.

    Numbers are no part of it, so that `Claim 1:` and `Claim 2:` are one.
    """
    found = _SPEAKS.match(line)
    return re.sub(r"[\W\d_]+", " ", found["words"]).casefold().strip() if found else ""
