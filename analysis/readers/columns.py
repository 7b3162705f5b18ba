"""The columns of a table: their roles, the usual names of each, and the first row's names."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from analysis.errors import InputError

Columns = Mapping[str, str | Sequence[str]]

# The columns of Hypothes.is' own export whose usual names mean something else in other tables.
HYPOTHESIS = {"passage": "Quote/description", "commentator": "Author", "comment": "Comment"}

# The role of a column of a table, and the names by which it is recognized.
ROLES: dict[str, tuple[str, ...]] = {
    "article": ("article_id", "article", "doc_id", "document"),
    "title": ("title", "headline"),
    "text": ("text", "article_text", "body", "content"),
    "passage": ("passage", "paragraph", "quote", "anchor", "highlight"),
    "comment": ("comment", "commentary", "note", "annotation", "comment_text"),
    "commentator": ("commentator", "annotator", "user", "comment_author"),
    "id": ("comment_id", "id"),
    "type": ("type",),
    "reply_to": ("reply_to", "parent", "parent_id", "in_reply_to"),
    "author": ("author", "byline"),
    "url": ("url", "link", "uri"),
    "date": ("date", "published", "created"),
    "outlet": ("outlet", "source", "publisher"),
    "language": ("language", "lang"),
}


def exported_by_hypothesis(names: Collection[str]) -> bool:
    """Return whether a table with these columns is an export of Hypothes.is."""
    return set(HYPOTHESIS.values()) <= set(names)


def usual_columns(
    names: Sequence[str], usual: Iterable[str], taken: Collection[str] = ()
) -> list[str]:
    """Return the columns with one of the usual names, the most usual first; case is ignored."""
    folded = {name.lower().replace(" ", "_"): name for name in reversed(names)}
    return [folded[name] for name in usual if name in folded and folded[name] not in taken]


def column_names(cells: Iterable[Any], where: str) -> list[str]:
    """Return the names of a table's columns, from its first row.

    Empty cells at the end are no columns; one before the end is named by its number.

    Raises:
        InputError: two columns have the same name.
    """
    names = [str("" if cell is None else cell).strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if twice := next((name for name in names if name and names.count(name) > 1), None):
        raise InputError(
            f"{where}: line 1: found the column {twice[:40]!r} twice; expected each column once, "
            "rename one"
        )
    return [name or f"column {number}" for number, name in enumerate(names, start=1)]
