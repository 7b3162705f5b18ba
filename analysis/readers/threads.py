"""Which comment a comment replies to, where its marker says that it replies."""

from collections.abc import Sequence
from dataclasses import replace

from analysis.readers.markers import Markers
from analysis.types import COMMENTS, Block, Kind


def with_replies(blocks: Sequence[Block], markers: Markers) -> list[Block]:
    """Return a text's blocks, those of replies with the comment that they reply to.

    `Reply to Anna:` and `Reply to comment 2:` answer the nearest comment above by that name or
    number, `Reply:` the comment that it stands right under.
    """
    linked: list[Block] = []
    comments: dict[str, str] = {}  # the last one of a name, a part of a name, or a number
    last = ""
    for block, before in zip(blocks, (None, *blocks), strict=False):
        marker = markers.match(block.text) if block.kind is Kind.COMMENTARY and block.lead else None
        if marker is not None:
            if not block.reply_to:
                under = last if before is not None and before.kind in COMMENTS else ""
                stated = marker.answered.casefold().removeprefix("comment").strip(" #")
                answered = comments.get(stated) or (under if marker.says_reply else "")
                block = replace(block, reply_to=answered)
            last = block.block_id
            name = marker.commentator.casefold()
            comments |= dict.fromkeys(filter(None, (*name.split(), name, marker.number)), last)
        linked.append(block)
    return linked
