"""Tables: rows of articles and comments, with columns that parameters name.

Long: one comment per row, with the passage it answers or the whole article beside it.
Wide: several comment columns, each a comment on the row's passage. Which columns
there are facts which of these it is.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from analysis.errors import InputError
from analysis.readers.anchors import AnnotatedArticle, Origin, Span
from analysis.readers.assembly import BLANK_LINE, assemble_blocks
from analysis.readers.columns import HYPOTHESIS, ROLES, exported_by_hypothesis, usual_columns
from analysis.readers.markdown import rendered_comment
from analysis.readers.placement import Comment
from analysis.readers.plain_text import plain_blocks
from analysis.readers.quote_search import QuoteFinder
from analysis.readers.text import slug
from analysis.types import Block, Kind

_ABOUT = ("author", "url", "date", "outlet")
_ARTICLE = ("title", "text", "url")  # that tell one article from another
_WHOLE = re.compile(r"^(\d+)\.0$")  # a number that was written as a float, as pandas does
_NUMBERED = re.compile(r"(.+?)[ _-]?\d{1,4}")

# What spreadsheets and data frames write where there is nothing; words that people write are none.
_EMPTY = frozenset(
    ("nan", "NaN", "NAN", "-nan", "<NA>", "NaT", "#N/A", "#N/A N/A", "#NA", "#NULL!", "#REF!",
     "#VALUE!", "#NAME?", "#DIV/0!")
)  # fmt: skip

Row = Mapping[str, str]


class MergedCell(str):
    """A cell's text that stands in a cell above and is merged with this one."""


@dataclass(frozen=True, slots=True)
class CellNote:
    """A note on a cell: its words and author, its id, and the id of the note it replies to."""

    text: str
    author: str = ""
    id: str = ""
    parent: str = ""


class NotedCell(str):
    """A cell's text with the notes on it."""

    notes: tuple[CellNote, ...]

    def __new__(cls, text: str, notes: Sequence[CellNote]) -> "NotedCell":
        """Return a text with notes."""
        cell = super().__new__(cls, text)
        cell.notes = tuple(notes)
        return cell


def _notes(text: str) -> tuple[CellNote, ...]:
    return text.notes if isinstance(text, NotedCell) else ()


@dataclass(frozen=True, slots=True)
class _Columns:
    """The column of each role that the table has, and its comment columns."""

    of: Mapping[str, str]
    comments: tuple[str, ...]

    def get(self, row: Row, role: str) -> str:
        return row.get(self.of.get(role, ""), "")


def read_table(
    rows: Iterable[Mapping[str, Any]],
    origin: Origin,
    *,
    columns: Mapping[str, str | Sequence[str]] | None = None,
) -> tuple[AnnotatedArticle, ...]:
    """Return the articles of a table, in the order in which each first appears.

    Args:
        rows: the rows, by column name.
        origin: where they come from.
        columns: role -> column name, where a column has another name than `ROLES`
            lists; `comment` may name several.

    Raises:
        InputError: a column is missing or unknown, the table is empty or too large.
    """
    kept = _bounded(rows, origin)
    if not kept:
        raise origin.error("no rows", "at least one, check the file")
    names = list(dict.fromkeys(name for row in kept for name in row))
    found = _columns(names, columns or {}, origin.path)
    groups = _grouped(kept, found)
    readings, used = [], set()
    for number, group in enumerate(groups, start=1):
        own = origin.article_id
        if len(groups) > 1:
            stated = "article" in found.of and group.name
            own = slug(f"{own}-{group.name}") if stated else f"{own}-{number}"
            own = own if own not in used else f"{own}-{number}"
        used.add(own)
        left_out = Counter() if readings else origin.left_out  # of the file, said of its first
        own_origin = replace(origin, article_id=own, left_out=left_out)
        annotated = _article(group.rows, found, own_origin)
        readings.append(annotated)
    return tuple(readings)


@dataclass(slots=True)
class _Group:
    """The rows of one article, its value in the key column, and its title, text and address."""

    name: str
    facts: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def may_have(self, facts: Mapping[str, str]) -> bool:
        """Return whether a row of these facts and no key may be of this article."""
        known = self.facts if self.name else {**facts, **self.facts}  # later rows may add facts
        return facts.items() <= known.items()


def _grouped(rows: Sequence[Row], columns: _Columns) -> list[_Group]:
    """Return the rows by article, in the order in which each first appears.

    A row without a key belongs to the article above, unless its title, text or address is
    another's: then to that article, or to a new one.
    """
    key = next((role for role in ("article", "text") if role in columns.of), "title")
    groups: list[_Group] = []
    named: dict[str, _Group] = {}
    by_fact: dict[tuple[str, str], _Group] = {}
    above: list[_Group] = []
    for row in rows:
        name = columns.get(row, key) if columns.get(row, key).strip() else ""
        facts = {role: text for role in _ARTICLE if (text := columns.get(row, role).strip())}
        near = (*above, *(by_fact[fact] for fact in facts.items() if fact in by_fact))
        group = named.get(name) if name else next((g for g in near if g.may_have(facts)), None)
        if group is None:
            group = _Group(name)
            groups.append(group)
            if name:
                named[name] = group
        group.facts = {**facts, **group.facts}
        group.rows.append(row)
        for fact in facts.items():
            by_fact.setdefault(fact, group)
        above = [group]
    return groups


def _bounded(rows: Iterable[Mapping[str, Any]], origin: Origin) -> list[Row]:
    kept: list[Row] = []
    limits = origin.limits
    cells = size = 0
    for number, row in enumerate(rows, start=1):
        cells += len(row)
        if number > limits.rows or cells > limits.cells:
            raise InputError(
                f"{origin.path}: found more than {number - 1:,} rows of {len(row):,} cells; "
                f"expected at most {limits.rows:,} rows and {limits.cells:,} cells, split the table"
            )
        texts = {str(name).strip(): cell_text(value) for name, value in row.items()}
        size += sum(len(text) for text in texts.values() if not isinstance(text, MergedCell))
        if size > limits.unpacked_bytes:
            raise InputError(
                f"{origin.path}: row {number:,}: found more than {limits.unpacked_bytes:,} "
                "characters; expected fewer, split the table"
            )
        if any(text.strip() or _notes(text) for text in texts.values()):
            kept.append(texts)
    return kept


def cell_text(value: Any) -> str:
    """Return a cell as text; what is not there is empty."""
    if isinstance(value, datetime):
        value = value.isoformat().removesuffix("T00:00:00")
    text = value if isinstance(value, str) else str(value)
    return "" if value is None or text in _EMPTY else text


def _columns(
    names: Sequence[str], given: Mapping[str, str | Sequence[str]], where: str
) -> _Columns:
    if unknown := sorted(set(given) - set(ROLES)):
        raise InputError(
            f"{where}: found columns for {unknown[0]!r}; expected one of {', '.join(ROLES)}"
        )
    if exported_by_hypothesis(names):
        given = {**HYPOTHESIS, **given}
    of: dict[str, str] = {}
    comments: list[str] = []
    for role, usual in ROLES.items():
        named = [given[role]] if isinstance(given.get(role), str) else list(given.get(role, ()))
        if missing := [name for name in named if name not in names]:
            raise InputError(
                f"{where}: found no column {missing[0]!r}; expected one of "
                f"{', '.join(map(repr, names[:20]))}"
            )
        free = usual_columns(names, usual, taken={*of.values(), *comments})
        if role == "comment":
            comments += named or free[:1] + _numbered(names, usual)
        elif named or free:
            of[role] = (named or free)[0]
    comments = list(dict.fromkeys(comments))
    if not comments and not {"text", "passage"} & set(of):
        raise InputError(
            f"{where}: found the columns {', '.join(map(repr, names[:20])) or 'none'}; expected "
            "one for the comment and one for the text or the passage, name them: "
            "-p columns comment=NAME -p columns passage=NAME"
        )
    return _Columns(of, tuple(comments))


def _numbered(names: Sequence[str], usual: Sequence[str]) -> list[str]:
    """Return the columns of a wide table: `comment_1`, `Comment 2`."""
    found = ((name, _NUMBERED.fullmatch(name.lower().replace(" ", "_"))) for name in names)
    return [name for name, match in found if match and match[1] in usual]


@dataclass(slots=True)
class _Gathered:
    """The comments of an article's rows so far."""

    columns: _Columns
    body: str
    origin: Origin
    rendered: bool  # the comments are in Markdown, as Hypothes.is has them
    comments: list[Comment] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)  # by id
    parents: list[str] = field(default_factory=list)  # ids
    last: dict[str, int] = field(default_factory=dict)  # by column
    on: dict[Span, int] = field(default_factory=dict)  # the comment that replies to a passage mean

    def add(self, comment: Comment, own: str = "", parent: str = "") -> None:
        if own:
            self.numbers.setdefault(own, len(self.comments))
        self.parents.append(parent)
        self.comments.append(comment)

    def take(self, row: Row, span: Span | None) -> None:
        """Add the comments and the notes of a row whose passage is `span`."""
        commented: dict[str, int] = {}
        for column in self.columns.comments:
            cell = row.get(column, "")
            if isinstance(cell, MergedCell):  # once, on the passages of all its rows
                above = self.comments[self.last[column]] if column in self.last else None
                if above is not None and above.text == cell:
                    both = replace(above, at=_with(above.at, span, self.body))
                    self.comments[self.last[column]] = both
            elif cell.strip():
                commented[column] = self.last[column] = len(self.comments)
                self._add_cell(row, cell, span)
        for column, cell in row.items():
            for note in _notes(cell):
                parent = commented.get(column)
                at = None if parent is not None else self._noted(column, cell, span)
                comment = Comment(note.text, note.author, at, parent=parent)
                self.add(comment, note.id, note.parent)

    def _add_cell(self, row: Row, cell: str, span: Span | None) -> None:
        above = self.on.get(span) if span and _replies(row, self.columns) else None
        if span and above is None:
            self.on[span] = len(self.comments)
        own, parent = (
            _WHOLE.sub(r"\1", self.columns.get(row, role).strip()) for role in ("id", "reply_to")
        )
        who = self.columns.get(row, "commentator")
        text, blocks = rendered_comment(cell, self.origin) if self.rendered else (cell, ())
        self.add(Comment(text, who, span, parent=above, blocks=blocks), own, parent)

    def _noted(self, column: str, cell: str, span: Span | None) -> Span | None:
        """Return the passage of a note: its cell's text, else that of the cell's row."""
        text = cell.strip()
        if column == self.columns.of.get("text") and (start := self.body.find(text)) >= 0:
            return start, start + len(text)
        return span

    def threaded(self) -> list[Comment]:
        """Return the comments with those that they reply to by id."""
        return [
            replace(c, parent=self.numbers.get(parent, c.parent)) if parent else c
            for c, parent in zip(self.comments, self.parents, strict=True)
        ]


def _replies(row: Row, columns: _Columns) -> bool:
    return columns.get(row, "type").strip().casefold() == "reply"


def _article(rows: Sequence[Row], columns: _Columns, origin: Origin) -> AnnotatedArticle:
    body, blocks, spans = _body(rows, columns, origin)
    gathered = _Gathered(columns, body, origin, exported_by_hypothesis(rows[0]))
    for row, span in zip(rows, spans, strict=True):
        gathered.take(row, span)
    comments = gathered.threaded()
    origin.check_limit("annotations", len(comments), "comments on one article", "split the table")

    def first(role: str) -> str:
        return next((v for row in rows if (v := columns.get(row, role).strip())), "")

    about = {role: " ".join(first(role).split())[:500] for role in _ABOUT if first(role)}
    return assemble_blocks(
        body, blocks, comments, origin, title=" ".join(first("title").split()),
        tag=first("language")[:35], about=about,
    )  # fmt: skip


def _with(at: Span | None, span: Span | None, body: str) -> Span | None:
    """Return a passage with the next one, where nothing stands between them."""
    if at is None or span is None:
        return at or span
    return (at[0], span[1]) if at[1] <= span[0] and not body[at[1] : span[0]].strip() else at


def _body(
    rows: Sequence[Row], columns: _Columns, origin: Origin
) -> tuple[str, list[Block], list[Span | None]]:
    """Return the article's text, its blocks, and for each row the passage in it.

    Where no column holds the text, the passages are its paragraphs, each once.
    """
    title = next((t for row in rows if (t := " ".join(columns.get(row, "title").split()))), "")
    texts = list(dict.fromkeys(t for row in rows if (t := columns.get(row, "text").strip())))
    parts = [title] if title else []
    if texts and title and texts[0].startswith(title):
        parts = []
    offset = len(title) + len(BLANK_LINE) if parts else 0
    blocks = [Block("", Kind.TITLE, 0, len(title), title)] if parts else []
    spans: list[Span | None] = []
    if texts:
        parts.append(BLANK_LINE.join(texts))
    else:
        at = offset
        known: dict[str, Span] = {}  # rows may be sorted by who comments
        for row in rows:
            passage = columns.get(row, "passage").strip()
            if passage and passage not in known:
                parts.append(passage)
                known[passage] = (at, at + len(passage))
                at += len(passage) + len(BLANK_LINE)
            spans.append(known[passage] if passage else None)
    body = BLANK_LINE.join(parts)
    for block in plain_blocks(body[offset:], markers=origin.markers, run_on=origin.run_on):
        start, end = block.start + offset, block.end + offset
        stays = block.kind is not Kind.TITLE or (texts and not title)
        blocks.append(
            replace(block, kind=block.kind if stays else Kind.PARAGRAPH, start=start, end=end)
        )
    if texts:
        text = QuoteFinder(body, origin)
        spans = [text.quote(columns.get(row, "passage")) for row in rows]
    return body, blocks, spans
