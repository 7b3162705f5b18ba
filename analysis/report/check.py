"""How a file was read, before anything is scored: what is what, and what looks wrong."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from analysis.alignment.align import align, commentaries
from analysis.html.display import count
from analysis.readers.openings import openings_line
from analysis.report.views import shown
from analysis.text.segment import segments
from analysis.types import Article, Block, Commentary, Kind, Passage, Voice

QUOTATION = "quotation"
COLORS = {
    Kind.TITLE.value: "bright_white", Kind.COMMENTARY.value: "green", Kind.CITATION.value: "cyan",
    QUOTATION: "yellow",
}  # fmt: skip
ANSWERED = 30  # characters of what a comment answers
WIDTHS = (40, 120)  # characters of a line of the preview


@dataclass(frozen=True, slots=True)
class Part:
    """A block of an article or a quotation in it, as it was read.

    Attributes:
        kind: of a block, or `quotation`.
        start: first character in the raw text.
        end: one past the last one.
        text: raw[start:end].
        commentator: of a comment, who wrote it, where the file says so.
        answers: of a comment, the span of raw that it answers; empty where it answers nothing.
        speaker: of a quotation, where found.
        reply: whether what it answers is a comment.
        lead: characters of its marker.
        tail: characters at its end that close the marker's bracket.
    """

    kind: str
    start: int
    end: int
    text: str
    commentator: str = ""
    answers: tuple[int, ...] = ()
    speaker: str = ""
    reply: bool = False
    lead: int = 0
    tail: int = 0


@dataclass(frozen=True)
class Check:
    """What was read of a file: its parts in text order, and what looks wrong.

    `label` names it for people: the file, and of a table the article in it.
    """

    label: str
    article: Article
    parts: tuple[Part, ...]
    suspicions: tuple[str, ...]

    def as_object(self) -> dict[str, Any]:
        """Return article, title, blocks, left_out and suspicions for JSON."""
        names = ("kind", "start", "end", "text", "commentator", "answers")
        return {
            "article": self.label,
            "title": self.article.title,
            "blocks": [{name: getattr(part, name) for name in names} for part in self.parts],
            "left_out": [{"what": what, "count": n} for what, n in self.article.left_out],
            "suspicions": list(self.suspicions),
        }


def check(article: Article, label: str = "") -> Check:
    """Return how an article was read; quotations follow the block that they stand in."""
    label = label or article.source or article.article_id
    spoken = segments(article)
    answered = {
        block_id: (comment, passage)
        for comment, passage in zip(commentaries(article), align(article, spoken), strict=True)
        for block_id in comment.block_ids
    }
    parts = []
    for block in article.blocks:
        comment, passage = answered.get(block.block_id, (None, None))
        parts.append(_part(block, comment, passage))
        parts += [
            Part(QUOTATION, s.start, s.end, s.text, speaker=s.speaker)
            for s in spoken
            if s.block_id == block.block_id and s.voice is Voice.QUOTED
        ]
    return Check(
        label, article, tuple(parts), tuple(_suspicions(article, len(commentaries(article))))
    )


def _part(block: Block, comment: Commentary | None, passage: Passage | None) -> Part:
    who = comment.commentator if comment else ""
    answers = (passage.start, passage.end) if passage and passage.text else ()
    reply = bool(comment and comment.reply_to)
    return Part(
        block.kind.value, block.start, block.end, block.text, who, answers, "", reply,
        block.lead, block.tail,
    )  # fmt: skip


def _suspicions(article: Article, comments: int) -> Iterator[str]:
    """Yield what looks wrong, a line each."""
    titled = article.of_kind(Kind.TITLE) or article.title != article.article_id
    if not titled:
        yield "no title was found"
    if not article.of_kind(Kind.PARAGRAPH):
        yield "no paragraph was found"
    if not comments:
        yield "no comment was found; use -p markers to say how comments begin"
    if line := openings_line(article):
        yield line
    if lost := sum(block.unplaced for block in article.blocks):
        yield f"{count(lost, 'comment')} without a place in the text"
    if article.left_out:
        yield f"not read: {article.left_out_line}"
    if article.language.partition("-")[0] not in ("en", "und"):
        yield f"the language is {article.language}; relations and stances are validated in English"


def preview(checked: Check, paint: Callable[[str, str], str]) -> Iterator[str]:
    """Yield the lines that show a person how a file was read.

    Args:
        checked: as `check` returns it.
        paint: gives a text the color of a name.
    """
    article, parts = checked.article, checked.parts
    numbers = {kind: sum(part.kind == kind for part in parts) for kind in ("paragraph", QUOTATION)}
    sizes = [count(len(commentaries(article)), "comment")]
    sizes += [count(n, kind) for kind, n in numbers.items()]
    yield f"{shown(checked.label)}: {', '.join(sizes)}; {article.language}"
    low, high = WIDTHS
    width = min(max(shutil.get_terminal_size().columns - 1, low), high)
    for part in parts:
        head = f"  {'  ' if part.kind == QUOTATION else ''}{_name(part)}"
        own = part.text[part.lead : len(part.text) - part.tail]
        line = f"{head:<14} {_said(article, part)}{_line(own)}"
        line = line if len(line) <= width else f"{line[: width - 1]}…"
        yield paint(line, COLORS[part.kind]) if part.kind in COLORS else line
    for suspicion in checked.suspicions:
        yield paint(f"  looks wrong: {shown(suspicion)}", "red")
    if not checked.suspicions:
        yield "  nothing looks wrong"


def _line(text: str) -> str:
    return " ".join(shown(text).split())


def _name(part: Part) -> str:
    return "comment" if part.kind == Kind.COMMENTARY else part.kind


def _said(article: Article, part: Part) -> str:
    """Return who speaks, and what a comment answers, before its words."""
    if part.kind == QUOTATION:
        return f"{shown(part.speaker) or 'speaker not found'}: "
    if part.kind != Kind.COMMENTARY:
        return ""
    answers = article.raw[slice(*part.answers)] if part.answers else ""
    words = _line(answers)
    words = words if len(words) <= ANSWERED else f"{words[:ANSWERED]}…"
    verb = "replying to" if part.reply else "on"
    what = f"{verb} “{words}”" if words else "on no passage"
    return f"{shown(part.commentator)}, {what}: " if part.commentator else f"{what}: "
