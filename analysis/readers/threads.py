"""Threads of replies: who answers whom, and that nobody answers himself by way of others."""

from collections.abc import Sequence

from analysis.errors import InputError


def threads(parents: Sequence[int | None], *, where: str) -> tuple[dict[int, list[int]], list[int]]:
    """Return the replies of each comment and the comments that start a thread, in order.

    Raises:
        InputError: replies run in a circle.
    """
    children: dict[int, list[int]] = {}
    roots = []
    for number, parent in enumerate(parents):
        if parent is None:
            roots.append(number)
        else:
            children.setdefault(parent, []).append(number)
    reached, stack = set(), list(roots)
    while stack:
        number = stack.pop()
        reached.add(number)
        stack += children.get(number, [])
    if len(reached) < len(parents):
        lost = next(n for n in range(len(parents)) if n not in reached)
        raise InputError(
            f"{where}: comment {lost + 1}: found replies that run in a circle; expected threads "
            "that start at a comment, remove one of the references"
        )
    return children, roots
