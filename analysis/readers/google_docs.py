"""What Google Docs puts into its exports: states of comments, and comments in its HTML."""

import re
from typing import Any

from analysis.readers.html_tree import text_of_tree
from analysis.readers.stand_ins import CLOSE, OPEN, has_stand_ins, note_mark

_STATE = re.compile(r"\n?^_(?:Marked as (?:resolved|done)|Re-opened|Assigned to .{1,100})_$", re.M)


def without_states(comment: str) -> str:
    """Return a comment without the lines that only say that it was resolved or assigned."""
    return _STATE.sub("", comment).strip()


def take_comments(root: Any) -> list[str]:
    """Take the comments out of an exported page; a stand-in stays where each of them stood.

    The words before a reference, as far as the page holds them in one element, are what the
    comment is on.

    Returns:
        The comments' words; none where the page is no such export.
    """
    links = [(link, link.get("id") or "") for link in root.iter("a")]
    marks = {name: link for link, name in links if re.fullmatch(r"cmnt_ref\d+", name)}
    told = [
        (link, (link.get("href") or "").rpartition("#")[2])
        for link, name in links
        if re.fullmatch(r"cmnt\d+", name)
    ]
    if not marks or has_stand_ins("".join(root.itertext())):
        return []
    notes: list[str] = []
    for link, name in told:
        if name in marks and _in_paragraph(link, root):
            said = without_states(_taken(link))
            _mark(marks[name], note_mark(len(notes)) if said else "")
            notes += [said] if said else []
    return notes


def _in_paragraph(link: Any, root: Any) -> bool:
    """Return whether a link stands in a paragraph of the page that no comment has taken."""
    above = list(link.iterancestors())
    return root in above[1:] and above[0].tag not in ("html", "body")


def _taken(link: Any) -> str:
    """Take a comment's paragraphs out of the page, from the link back to the next such link."""
    first = link.getparent()
    tail = link.tail or ""
    first.remove(link)
    first.text = _clean((first.text or "") + tail)
    own = [first]
    for after in first.itersiblings():
        if any((a.get("id") or "").startswith("cmnt") for a in after.iter("a")):
            break
        own.append(after)
    text = "\n".join(filter(None, map(text_of_tree, own)))
    for element in own:
        element.getparent().replace(element, _gap(element))
    return text


def _gap(element: Any) -> Any:
    """Return what stands for an element that is taken out: nothing but the text after it."""
    gap = element.makeelement("span")
    gap.tail, element.tail = _clean(element.tail or ""), None
    return gap


def _clean(text: str) -> str:
    """Return a text with blanks for control characters, which lxml parses but does not set."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", " ", text)


def _mark(link: Any, mark: str) -> None:
    """Put a comment's mark in place of the reference to it, and stand-ins around the words.

    Of an empty mark, only the reference is taken out.
    """
    parent = link.getparent()
    place = parent if parent is not None and parent.tag == "sup" else link
    for child in list(place):
        place.remove(child)
    before = place.getprevious()
    place.text = mark
    if before is None:
        holder, words = place.getparent(), "text"
    else:
        holder, words = before, "tail" if (before.tail or "").strip() else "text"
    if holder is None or not mark:
        return
    if (text := getattr(holder, words) or "").strip() and not has_stand_ins(text):
        setattr(holder, words, _clean(OPEN + text))
        place.text = CLOSE + place.text
