"""A web page's metadata: titles, address, date, outlet, author, language, and text in JSON-LD."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from analysis.readers.dates import iso_date

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_LONGEST = 500
_MOST_NODES = 10_000  # of JSON-LD
_ARTICLE_TYPE = re.compile(r".*Article|.*Posting|Report|Review|WebPage")
_WRAPPING = re.compile(r"\A\s*(?:<!--|(?://)?\s*<!\[CDATA\[)|(?:-->|(?://)?\s*\]\]>)\s*\Z")

_METAS = {
    "title": ("og:title", "twitter:title", "dc.title", "citation_title"),
    "url": ("og:url",),
    "date": (
        "article:published_time", "datepublished", "dc.date", "date", "pubdate",
        "citation_publication_date",
    ),
    "outlet": ("og:site_name", "application-name", "citation_journal_title", "dc.publisher"),
    "author": ("author", "article:author", "dc.creator", "citation_author"),
    "language": ("og:locale", "content-language", "dc.language"),
}  # fmt: skip
_LINKED = {
    "title": ("headline", "name"),
    "date": ("datePublished", "dateCreated"),
    "outlet": ("publisher",),
    "author": ("author", "creator"),
    "language": ("inLanguage",),
}


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page says of itself.

    Attributes:
        about: `url` (http(s) only), `date`, `outlet` and `author` where it has them.
        titles: what it calls the article, the likeliest first, without the outlet's name.
        language: a BCP 47 tag; empty: it names none.
        body: the article's text where JSON-LD holds it, which may be HTML.
    """

    about: Mapping[str, str]
    titles: Sequence[str]
    language: str
    body: str


def read_metadata(root: Any) -> PageFacts:
    """Return the metadata of a page, from its head and from JSON-LD."""
    linked = list(_linked_articles(root))
    stated = {fact: [*_metas(root, fact), *_of_linked(linked, fact)] for fact in _METAS}
    language = _language(root, stated["language"])
    outlet = next(iter(stated["outlet"]), "")
    titles = [*stated["title"], *(_clean("".join(t.itertext())) for t in root.iter("title"))]
    dates = [
        *stated["date"],
        *(_clean(t.get("datetime")) for t in root.iterfind(".//time[@datetime]")),
    ]
    address = next((a for a in (_canonical(root), *stated["url"]) if _is_address(a)), "")
    about = {
        "url": address,
        "date": next((d for d in dates if iso_date(d, language)), next(iter(dates), "")),
        "outlet": outlet,
        "author": _authors(root, linked),
    }
    return PageFacts(
        {fact: value for fact, value in about.items() if value},
        [title for text in titles if (title := _without_outlet(text, outlet))],
        language,
        next((b for a in linked if isinstance(b := a.get("articleBody"), str) and b.strip()), ""),
    )


def _metas(root: Any, fact: str) -> list[str]:
    """Return what the page's head says of a fact, under the usual names in their order."""
    found: dict[str, list[str]] = {}
    for meta in root.iterfind(".//meta"):
        names = (meta.get(name) for name in ("property", "name", "itemprop", "http-equiv"))
        key = next(filter(None, names), "").lower()
        if key in _METAS[fact] and (value := _clean(meta.get("content") or "")):
            found.setdefault(key, []).append(value)
    return [value for key in _METAS[fact] for value in found.get(key, ())]


def _linked_articles(root: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the articles that JSON-LD describes, a page's own entry last."""
    todo: list[Any] = []
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            try:
                todo.append(json.loads(_WRAPPING.sub("", script.text or ""), strict=False))
            except (ValueError, RecursionError):
                continue
    pages = []
    for _ in range(_MOST_NODES):
        if not todo:
            break
        node = todo.pop(0)
        if isinstance(node, list):
            todo[:0] = node[:_MOST_NODES]
        elif isinstance(node, dict):
            kinds = [k for k in _as_list(node.get("@type")) if isinstance(k, str)]
            if "WebPage" in kinds:
                pages.append(node)
            elif any(_ARTICLE_TYPE.fullmatch(kind) for kind in kinds):
                yield node
            todo[:0] = [node[key] for key in ("@graph", "mainEntity") if key in node]
    yield from pages


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _of_linked(articles: Sequence[Mapping[str, Any]], fact: str) -> list[str]:
    """Return what JSON-LD says of a fact, of each article its first."""
    keys = _LINKED.get(fact, ())
    return [names[0] for a in articles for key in keys if (names := _names(a.get(key)))]


def _names(value: Any) -> list[str]:
    """Return the texts of a value of JSON-LD: its own, or the names of things."""
    texts = [v.get("name") if isinstance(v, dict) else v for v in _as_list(value)]
    return [clean for t in texts if isinstance(t, str) and (clean := _clean(unescape(t)))]


def _authors(root: Any, linked: Sequence[Mapping[str, Any]]) -> str:
    """Return the names of the authors, of the first place that has any."""
    places = [
        _metas(root, "author"),
        *(_names(a.get(k)) for a in linked for k in _LINKED["author"]),
    ]
    people = ([name for name in names if not _is_address(name)] for names in places)
    return ", ".join(dict.fromkeys(next(filter(None, people), ())))[:_LONGEST]


def _language(root: Any, stated: Sequence[str]) -> str:
    own = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    tags = (tag.strip().replace("_", "-") for tag in (own, *stated))
    return next((tag for tag in tags if _TAG.fullmatch(tag)), "")


def _canonical(root: Any) -> str:
    for link in root.iterfind(".//link"):
        if (link.get("rel") or "").lower() == "canonical":
            return _clean(link.get("href") or "")
    return ""


def _is_address(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def _clean(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]


def _without_outlet(title: str, outlet: str) -> str:
    """Take ` | The Harbour Gazette` off a title that ends so."""
    found = re.fullmatch(r"(.+)\s[|–—-]\s([^|–—]+)", title)
    return found[1] if found and outlet and found[2].strip().lower() == outlet.lower() else title
