"""What the elements of a web page are: commentary, readers' comments, boilerplate, the article.

An element is judged by its class, id, tag and role, and by how much of the page's prose it
holds: one that holds most of it, or the title with a good part, is never boilerplate.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from analysis.readers.html_tree import Chunk, class_names

SIGNED_WITHIN = 100  # elements from the start of a comment
LONGEST_TITLE = 500  # characters
LEAST_ARTICLE = 200  # characters of an element that is taken for the whole article, or half of all
MOST_PROSE = 0.5  # of the page's prose: an element with as much is not boilerplate
TITLED_PROSE = 0.2  # the same for one that holds the title as well
WHOLE_PAGE = 0.95
LEAST_SHARE = 0.4  # of the prose that is no boilerplate: less is not the whole article

_EDITORS = re.compile(
    r"(?:editors?|editorial|ed|our|inline|site)-?(?:s-)?(?:note|comment|remark)s?|"
    r"commentary(?:-(?:body|text|box|block|inline))?|annotation|annotator-note"
)
_COMMENT = re.compile(r"comment(?:-(?:body|text|box|block|inline))?")
_OTHERWISE = r"(?!(?:has|no|not|with|without|tag|category|hide|is)-)"  # `no-share` shares nothing
_READERS = re.compile(
    _OTHERWISE
    + r"(?:.*-)?(?:comments|commentlist|comment-?(?:list|area|section|thread|container|wrapper|"
    r"form|feed)|disqus|respond)(?:-(?:list|area|section|thread|container|wrapper|template|block))*"
)
_ONE_READER = re.compile(
    r"(?:even|odd|depth-\d+|thread-.*|by(?:user|postauthor)|(?:li-|div-)?comment-\d+|"
    r"(?:user|reader)s?-comment.*)"
)
_SIGNED = re.compile(
    r"comment-?(?:author|meta|metadata|header|reply-link|date|user)|commenter|vcard"
)
_BOILERPLATE = re.compile(
    _OTHERWISE
    + r"(?:.*-)?(?:share|sharing|social|related|recommend(?:ed|ations?)?|promo|newsletter|"
    r"subscribe|cookies?|consent|advert(?:s|isement|ising)?|ads?|sponsor(?:ed)?|breadcrumbs?|sidebar|"
    r"footer|navbar|menu|most-read|toolbar|popup|modal|skip-link|tags|pagination)"
    r"(?:-(?:list|bar|box|links?|buttons?|section|thread|banner|nav|widget|container|area|"
    r"articles?|stories|form|signup))*"
)
_BODY = re.compile(r"(?:article|story|entry|post)-?(?:body|content|text)|articlebody")
_CODE = frozenset(("pre", "code", "kbd", "samp"))
_FORM = frozenset(("label", "legend", "fieldset", "textarea", "input", "button"))
_SENTENCE = re.compile(r"[.!?…。！？][\"'”’»)\]]*(?:\s|\Z)")
LEAST_PROSE = 80  # characters of a text without the end of a sentence


def weight(text: str) -> int:
    """Return how much a chunk counts as prose: its length, an eighth of it for mere labels."""
    return len(text) if is_prose(text) else len(text) // 8


def is_prose(text: str) -> bool:
    """Return whether a chunk is more than a label: it is long or ends a sentence."""
    return len(text) >= LEAST_PROSE or _SENTENCE.search(text) is not None


class Roles:
    """The roles of a page's elements, each judged once."""

    def __init__(self, chunks: Sequence[Chunk], titles: Sequence[str]) -> None:
        """Measure the elements around chunks; `titles` is what the page calls the article."""
        names = {fold(title) for title in titles}
        self._prose: dict[Any, int] = {}
        self._titled: set[Any] = set()
        self._known: dict[tuple[Callable[[Any], bool], Any], bool] = {}
        self._total = self._all = sum(weight(chunk.text) for chunk in chunks)
        for chunk in chunks:
            for element in chunk.around:
                self._prose[element] = self._prose.get(element, 0) + weight(chunk.text)
            named = len(chunk.text) <= LONGEST_TITLE and fold(chunk.text) in names
            if named or any(e.tag == "h1" for e in chunk.around):
                self._titled.update(chunk.around)
        self._total -= sum(
            weight(c.text) for c in chunks if any(self.is_readers(e) for e in c.around[1:])
        )

    def _once(self, test: Callable[[Any], bool], element: Any) -> bool:
        key = (test, element)
        if key not in self._known:
            self._known[key] = test(element)
        return self._known[key]

    def is_editors(self, element: Any) -> bool:
        """Return whether an element is an editor's comment, and not the whole page."""
        return self._once(is_editors, element) and not self._is_page(element)

    def is_readers(self, element: Any) -> bool:
        """Return whether an element holds comments that readers of the page left."""
        return self._once(_is_readers, element) and not self._is_page(element)

    def _is_page(self, element: Any) -> bool:
        """Return whether an element holds the title, or nearly all of the prose."""
        whole = self._prose.get(element, 0) >= max(LEAST_ARTICLE, WHOLE_PAGE * self._all)
        return element.tag == "body" or element in self._titled or whole

    def is_boilerplate(self, element: Any) -> bool:
        """Return whether an element is no part of the article."""
        if self.is_readers(element):
            return True
        return self._once(_is_boilerplate, element) and not self._is_protected(element)

    def is_apart(self, element: Any) -> bool:
        """Return whether an element stands beside the article."""
        beside = element.tag == "aside" or (element.get("role") or "").lower() == "complementary"
        return beside and not self._is_protected(element)

    def _is_protected(self, element: Any) -> bool:
        titled = element in self._titled
        asks = (element.get("role") or "").lower() in ("dialog", "alertdialog")
        least = max(LEAST_ARTICLE, (TITLED_PROSE if titled else MOST_PROSE) * self._total)
        return (titled or not asks) and self._prose.get(element, 0) >= least

    def bodies(self, kept: Sequence[Chunk]) -> list[Any]:
        """Return the elements that say that they are the article's body, none where none does.

        Args:
            kept: the chunks that are no boilerplate.
        """
        sizes: dict[Any, int] = {}
        for chunk in kept:
            for element in chunk.around:
                sizes[element] = sizes.get(element, 0) + weight(chunk.text)
        total = sum(weight(chunk.text) for chunk in kept)
        least = min(LEAST_ARTICLE, max(sizes.values(), default=0) / 2)
        for test in _ARTICLES:
            found = {e for e, size in sizes.items() if size >= least and test(e)}
            outer = [e for e in found if not any(a in found for a in e.iterancestors())]
            outer = self._one_of(outer, sizes, several=test in _ARTICLES[:2])
            if outer and sum(sizes[e] for e in outer) >= LEAST_SHARE * total:
                return outer
        return []

    def _one_of(self, found: list[Any], sizes: dict[Any, int], *, several: bool) -> list[Any]:
        """Return the one that is far the longest or holds the title, else all or none."""
        by_size = sorted(found, key=sizes.__getitem__, reverse=True)
        if len(found) < 2 or sizes[by_size[0]] >= 2 * sizes[by_size[1]]:
            return by_size[:1]
        titled = [e for e in found if e in self._titled]
        return titled if len(titled) == 1 else found if several else []


_ARTICLES: tuple[Callable[[Any], bool], ...] = (
    lambda e: "articlebody" in (e.get("itemprop") or "").lower(),
    lambda e: any(_BODY.fullmatch(name) for name in class_names(e)),
    lambda e: e.tag == "article",
    lambda e: e.tag == "main" or (e.get("role") or "").lower() == "main",
)


def fold(text: str) -> str:
    """Return a title without case, white space and signs, to compare it by."""
    return "".join(char for char in text.casefold() if char.isalnum())


def _within(element: Any) -> Iterator[Any]:
    yield element
    yield from element.iterancestors()


def is_editors(element: Any) -> bool:
    """Return whether an element is an editor's comment, and no reader's, label or code."""
    names = class_names(element)
    if any(_EDITORS.fullmatch(name) for name in names):
        return True
    return any(_COMMENT.fullmatch(name) for name in names) and not (
        _is_reader(element) or any(e.tag in _CODE or e.tag in _FORM for e in _within(element))
    )


def _is_reader(element: Any) -> bool:
    """Return whether a comment is one reader's: numbered, threaded or signed as such are."""
    kind = f"{element.get('itemprop') or ''} {element.get('itemtype') or ''}".lower()
    if any(_ONE_READER.fullmatch(name) for name in class_names(element)) or "comment" in kind:
        return True
    signed = any(
        _SIGNED.fullmatch(name)
        for inner in islice(element.iterdescendants(), SIGNED_WITHIN)
        if isinstance(inner.tag, str)
        for name in class_names(inner)
    )
    return signed and not any(map(_is_prose, islice(element.itersiblings(), 10)))


def _is_prose(element: Any) -> bool:
    """Return whether an element is text between which only an editor can have put a comment."""
    if not isinstance(element.tag, str) or any(map(_COMMENT.fullmatch, class_names(element))):
        return False
    return len("".join(element.itertext()).strip()) >= LEAST_PROSE


def _is_readers(element: Any) -> bool:
    if element.tag in _CODE:
        return False
    names = class_names(element)
    if any(_READERS.fullmatch(name) for name in names):
        return True
    return any(_COMMENT.fullmatch(name) for name in names) and _is_reader(element)


def _is_boilerplate(element: Any) -> bool:
    if element.tag in ("head", "body", *_CODE):
        return False
    role = (element.get("role") or "").lower()
    return (
        element.tag == "footer"
        or role in ("navigation", "dialog", "alertdialog", "search", "contentinfo")
        or any(_BOILERPLATE.fullmatch(name) for name in class_names(element))
    )
