"""Characters that stand in a text for the place of a comment while the text is being read."""

import re
from collections.abc import Sequence

from analysis.readers.anchors import Span
from analysis.readers.assembly import BLANK_LINE, Paragraph
from analysis.readers.placement import Comment

OPEN, CLOSE, _NOTE, _END = "\ue000\ue001\ue002\ue003"  # around the words, around the number
_STAND_INS = re.compile(f"[{OPEN}{CLOSE}]|{_NOTE}(\\d+){_END}")


def has_stand_ins(text: str) -> bool:
    """Return whether a text has such characters of its own, so that none can be put in."""
    return any(char in text for char in (OPEN, CLOSE, _NOTE, _END))


def note_mark(number: int) -> str:
    """Return what stands for the comment of a number."""
    return f"{_NOTE}{number}{_END}"


def with_notes(
    pieces: Sequence[Paragraph], notes: Sequence[str]
) -> tuple[list[Paragraph], list[Comment]]:
    """Take the stand-ins out of the pieces again, and put the comments where they stood.

    Args:
        pieces: the document's, with stand-ins.
        notes: the words of the comments, by number.

    Returns:
        The pieces, and the comments: on the words between `OPEN` and `CLOSE` right before the
        comment's mark, else at its place; one without a mark has none.
    """
    kept: list[Paragraph] = []
    comments: dict[int, Comment] = {}
    opened: int | None = None
    passage: Span | None = None
    length = 0
    for piece in pieces:
        parts, at, offset = [], 0, length
        end = length + len(_STAND_INS.sub("", piece.text).strip())
        for found in _STAND_INS.finditer(piece.text):
            words = piece.text[at : found.start()]
            words = words if parts or at else words.lstrip()
            parts.append(words)
            offset, at = min(end, offset + len(words)), found.end()
            if words.strip():
                passage = None
            if found[0] == OPEN:
                opened = offset
            elif found[0] == CLOSE:
                passage = (opened, offset) if opened is not None and opened < offset else None
                opened = None
            elif int(found[1]) < len(notes):
                note = notes[int(found[1])]
                comments[int(found[1])] = Comment(note, "", passage, None if passage else offset)
        text = "".join([*parts, piece.text[at:]]).strip()
        if text:
            kept.append(Paragraph(text, piece.kind, piece.continues))
            length += len(text) + len(BLANK_LINE)
    lost = [Comment(note) for number, note in enumerate(notes) if number not in comments]
    return kept, [*comments.values(), *lost]
