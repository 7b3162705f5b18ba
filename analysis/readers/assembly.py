"""Joins the pieces of a document and the comments on them into one article in plain text.

The article's blocks stand in their order, separated by blank lines. A comment follows
the block that its anchor ends in, its replies follow it, and each starts with a
marker, so that the text reads as one that was annotated inline.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from analysis.errors import one_line
from analysis.readers.anchors import Anchor, AnnotatedArticle, Origin, anchors_of, with_anchors
from analysis.readers.bylines import with_bylines
from analysis.readers.dates import iso_date
from analysis.readers.language_id import identify_language
from analysis.readers.placement import Comment, Placed, comments_by_block, continues
from analysis.readers.plain_text import plain_blocks
from analysis.readers.threads import with_replies
from analysis.types import COMMENTS, Article, Block, Kind

BLANK_LINE = "\n\n"
_WHOLLY_QUOTED = re.compile(
    r"\"[^\"]+\"\W*|“[^”]+”\W*|„[^“”]+[“”]\W*|«[^»]+»\W*|['‘].+['’]\W*", re.DOTALL
)
_LINE_ENDS = re.compile(r"\s*[\r\n\x0b\x0c\x85\u2028\u2029]\s*")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of a document; of no kind: the rules of plain text name it.

    A commentary that `continues` belongs to the commentary before it.
    """

    text: str
    kind: Kind | None = None
    continues: bool = False


@dataclass(slots=True)
class _Draft:
    """The text that grows, with the blocks and the anchors in it."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    blocks: list[Block] = field(default_factory=list)

    def add(self, block: Block, before: str) -> Block:
        before = before if self.blocks else ""
        start = self.length + len(before)
        own = f"b{len(self.blocks):04d}"
        block = replace(block, block_id=own, start=start, end=start + len(block.text))
        self.parts += [before, block.text]
        self.length = block.end
        self.blocks.append(block)
        return block


def with_title(pieces: Sequence[Paragraph], title: str) -> list[Paragraph]:
    """Return the pieces, under a title that is known otherwise where none of them is one."""
    if not title or any(piece.kind is Kind.TITLE for piece in pieces):
        return list(pieces)
    return [Paragraph(title, Kind.TITLE), *pieces]


def joined(pieces: Sequence[Paragraph]) -> str:
    """Return the text that the spans of comments count in."""
    return BLANK_LINE.join(piece.text for piece in pieces)


def _starts(piece: Paragraph) -> bool:
    return piece.kind is Kind.COMMENTARY and not piece.continues


def base_blocks(pieces: Sequence[Paragraph], origin: Origin) -> list[Block]:
    """Return the pieces' blocks, with spans in `joined(pieces)`.

    A first piece of no kind may be the title where no other piece is.
    """
    blocks: list[Block] = []
    offset = 0
    titled = any(piece.kind is Kind.TITLE for piece in pieces)
    first = not titled  # nothing but commentary so far: a title may come
    for piece in pieces:
        for block in _blocks_of(piece, origin, may_be_title=first):
            joins = block.kind in COMMENTS and not block.lead
            if joins and not (blocks and blocks[-1].kind in COMMENTS):
                block = replace(block, kind=Kind.PARAGRAPH, tail=0)  # of no commentary
            if piece.kind is not Kind.TITLE and _stands_alone(blocks) and not block.lead:
                block = replace(block, kind=Kind.COMMENTARY)  # its marker is the piece above
            first = first and block.kind in COMMENTS
            start, end = block.start + offset, block.end + offset
            blocks.append(replace(block, block_id=f"b{len(blocks):04d}", start=start, end=end))
        offset += len(piece.text) + len(BLANK_LINE)
    return blocks


def _stands_alone(blocks: Sequence[Block]) -> bool:
    """Return whether the last block is a marker without a comment."""
    return bool(blocks) and blocks[-1].lead == len(blocks[-1].text)


def _blocks_of(piece: Paragraph, origin: Origin, *, may_be_title: bool) -> list[Block]:
    found = plain_blocks(piece.text, markers=origin.markers, run_on=origin.run_on)
    if piece.kind is None:
        return [
            replace(b, kind=Kind.PARAGRAPH) if b.kind is Kind.TITLE and not may_be_title else b
            for b in found
        ]
    if not found:
        return []
    if _starts(piece):
        return _as_comment(piece.text, origin)
    start, end = found[0].start, found[-1].end
    return [Block("", piece.kind, start, end, piece.text[start:end])]


def _as_comment(text: str, origin: Origin) -> list[Block]:
    """Return the blocks of a marked comment.

    Its end is known, so only a line that is quoted as a whole is cited.
    """
    return [
        replace(b, kind=Kind.CITATION if _is_quoted(b) else Kind.COMMENTARY)
        for b in plain_blocks(text, markers=origin.markers.of_comments)
    ]


def _is_quoted(block: Block) -> bool:
    """Return whether a line of a comment starts with `>` or lies in marks from end to end."""
    if block.kind is not Kind.CITATION:
        return False
    return block.text.startswith(">") or _WHOLLY_QUOTED.fullmatch(block.text.strip()) is not None


def comment_blocks(parts: Sequence[tuple[str, bool]], origin: Origin) -> tuple[Block, ...]:
    """Return the blocks of a comment whose parts are known.

    Args:
        parts: its paragraphs, each with whether it is quoted. Where the first is, a marker
            stands alone above it.
        origin: where it comes from, and the markers.
    """
    prefix = origin.markers.prefix
    blocks = [] if parts[0][1] is False else [Block("", Kind.COMMENTARY, 0, 0, prefix, len(prefix))]
    for text, quoted in parts:
        if not blocks:
            blocks += _as_comment(with_marker(text, origin), origin)
        else:
            blocks.append(Block("", Kind.CITATION if quoted else Kind.COMMENTARY, 0, 0, text))
    return tuple(blocks)


def with_marker(text: str, origin: Origin) -> str:
    """Return a comment as lines that start with a marker, its own or `Comment:`."""
    lines = _LINE_ENDS.sub("\n", text.strip())
    marked = origin.markers.of_comments.match(lines)
    return lines if marked else f"{origin.markers.prefix} {lines}"


def assemble(
    pieces: Sequence[Paragraph], comments: Sequence[Comment], origin: Origin, **head: Any
) -> AnnotatedArticle:
    """Return the article that the paragraphs of a document and the comments on it make.

    Args:
        pieces: the document's paragraphs; one without text is left out.
        comments: what stands beside them; one without text is left out.
        origin: where the document comes from, and the markers.
        head: `title`, `tag` and `about` of `assemble_blocks`.

    Raises:
        InputError: there is no text, too much of it, or half characters and NUL in it;
            or replies run in a circle.
    """
    origin = origin.marking(piece.text for piece in pieces)
    pieces = [
        replace(p, text=with_marker(p.text, origin) if _starts(p) else p.text.strip())
        for p in pieces
        if p.text.strip()
    ]
    _refuse_unusable([joined(pieces)], comments, origin)
    blocks = base_blocks(pieces, origin)
    return assemble_blocks(joined(pieces), blocks, comments, origin, **head)


def assemble_blocks(
    body: str,
    blocks: Sequence[Block],
    comments: Sequence[Comment],
    origin: Origin,
    *,
    in_order: bool = False,
    title: str = "",
    tag: str = "",
    about: Mapping[str, str] | None = None,
) -> AnnotatedArticle:
    """Return the article that a text in blocks and the comments on it make.

    Args:
        body: the text.
        blocks: its blocks; spans count in `body`, those of what they answer too.
        comments: what stands beside it; spans count in `body`.
        origin: where it comes from, and the markers.
        in_order: whether comments after the same block keep the order given; else they
            stand in the order of the words that they are on.
        title: the title; empty: the block of that kind, else the article's id.
        tag: the language where the file names it, a BCP 47 tag.
        about: what else is known of the article, such as `author` and `url`; its `date` as the
            file has it, which becomes an ISO date, or `date_text` where it cannot be read.

    Raises:
        InputError: as `assemble`.
    """
    _refuse_unusable([body, title, tag, *(about or {}).values()], comments, origin)
    about = _dated(about or {}, tag, origin)
    empty = sum(not comment.text.strip() for comment in comments)
    origin.leave_out("comments and highlights without words", empty)
    origin = origin.marking([body])
    if not all(block.block_id for block in blocks):
        blocks = [replace(block, block_id=f"b{n:04d}") for n, block in enumerate(blocks)]
    blocks = with_replies(with_bylines(blocks), origin.markers)
    draft = _Draft()
    placed = Placed(blocks, {}, {})
    leads: list[tuple[int, Block]] = []  # number of a comment, and each block that it starts with
    replies = {number for number, block in enumerate(blocks) if block.reply_to}
    places = comments_by_block(blocks, comments, origin, replies=replies, in_order=in_order)
    for number in range(-1, len(blocks)):
        if number >= 0:
            gap = body[blocks[number - 1].end : blocks[number].start] if number else ""
            separate = places.get(number - 1) or not gap
            block = draft.add(blocks[number], BLANK_LINE if separate else gap)
            joins = number and continues(blocks, number)
            placed.ids[number] = placed.ids[number - 1] if joins else block.block_id
            placed.shifts[number] = block.start - blocks[number].start
        for which in places.get(number, ()):
            leads += [(which, b) for b in _add_comment(draft, comments[which], origin)]
    raw = "".join(draft.parts)
    title = title or next((b.text for b in draft.blocks if b.kind is Kind.TITLE), "")
    own = {anchor.block_id: anchor for anchor in _moved_anchors(placed)}
    anchors = [*own.values(), *_comment_anchors(comments, leads, placed, own)]
    article = Article(
        origin.article_id, title or origin.article_id, raw, with_anchors(draft.blocks, anchors),
        origin.path, tag or (identify_language(raw) if origin.identify_language else "und"),
        origin.sha256, tuple(about.items()), tuple(origin.left_out.items()),
    )  # fmt: skip
    return AnnotatedArticle(article)


def _dated(about: Mapping[str, str], language: str, origin: Origin) -> dict[str, str]:
    """Return what is known of an article with its date in ISO form, else as text."""
    known = dict(about)
    if stated := known.pop("date", ""):
        if read := iso_date(stated, language):
            return known | {"date": read}
        origin.leave_out("dates that are not clear")
        known["date_text"] = stated
    return known


_UNUSABLE = re.compile(r"[\ud800-\udfff\x00]")


def _refuse_unusable(texts: Sequence[str], comments: Sequence[Comment], origin: Origin) -> None:
    if not any(text.strip() for text in [*texts[:1], *(c.text for c in comments)]):
        raise origin.error("no text", "an article, check the file")
    texts = [*texts, *(c.text for c in comments), *(c.commentator for c in comments)]
    origin.check_limit("characters", sum(map(len, texts)), "characters", "split the article")
    for text in texts:
        if found := _UNUSABLE.search(text):
            what = "a NUL character" if found[0] == "\0" else "half of a surrogate pair"
            raise origin.error(f"{what} in {text[:40]!r}", "text, save it as UTF-8")


def _add_comment(draft: _Draft, comment: Comment, origin: Origin) -> Iterator[Block]:
    """Add a comment's blocks; yield those that start with a marker."""
    if not comment.text.strip():
        return
    before = BLANK_LINE
    for block in comment.blocks or _as_comment(with_marker(comment.text, origin), origin):
        added = draft.add(block, before)
        before = "\n"
        if added.lead:
            yield replace(added, commentator=block.commentator)


def _moved_anchors(placed: Placed) -> Iterator[Anchor]:
    """Yield the anchors of the text's own commentaries, with spans in the article."""
    ids = {block.block_id: placed.ids[number] for number, block in enumerate(placed.blocks)}
    for anchor in anchors_of(placed.blocks):
        answers, _ = placed.answered(*anchor.answers)
        reply_to = ids[anchor.reply_to] if anchor.reply_to else ""
        yield replace(anchor, block_id=ids[anchor.block_id], answers=answers, reply_to=reply_to)


def _comment_anchors(
    comments: Sequence[Comment],
    leads: Sequence[tuple[int, Block]],
    placed: Placed,
    own: Mapping[str, Anchor],
) -> Iterator[Anchor]:
    """Yield an anchor for each comment with an author, passage or thread, or without a place."""
    first = {which: block.block_id for which, block in reversed(leads)}
    for which, block in leads:
        root, parent = which, comments[which].parent
        while comments[root].parent is not None:
            root = comments[root].parent
        while parent is not None and parent not in first:  # a note without words, replied to
            parent = comments[parent].parent
        at = comments[root].at
        answers, commented = placed.answered(*([at] if at else []), *comments[root].more)
        if commented in own:
            answers = own[commented].answers
        reply_to = first[parent] if parent is not None else commented
        commentator = one_line(comments[which].commentator) or block.commentator
        unplaced = comments[root].unplaced and not reply_to
        anchor = Anchor(block.block_id, answers, commentator, reply_to, unplaced)
        if anchor != Anchor(block.block_id):
            yield anchor
