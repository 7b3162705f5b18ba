"""A web page's metadata: title, address, date, outlet, author and language."""

import re
from typing import Any

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_LONGEST = 500

_METAS = {
    "title": ("og:title", "twitter:title", "dc.title", "citation_title"),
    "url": ("og:url",),
    "date": (
        "article:published_time", "datepublished", "dc.date", "date", "pubdate",
        "citation_publication_date",
    ),
    "outlet": ("og:site_name", "application-name", "citation_journal_title", "dc.publisher"),
    "author": ("author", "article:author", "dc.creator", "citation_author"),
}  # fmt: skip


def read_metadata(root: Any) -> dict[str, str]:
    """Return the metadata that a page has, by name.

    `title` comes without the outlet's name behind it, `url` is http(s) only,
    `language` is a BCP 47 tag.
    """
    metas = _metas(root)
    facts = {}
    for fact, keys in _METAS.items():
        facts[fact] = next((metas[key] for key in keys if metas.get(key)), "")
    title = root.find(".//title")
    if title is not None and not facts["title"]:
        facts["title"] = _clean("".join(title.itertext()))
    facts["title"] = _without_outlet(facts["title"], facts["outlet"])
    facts["url"] = _canonical(root) or facts["url"]
    if not facts["url"].lower().startswith(("http://", "https://")):
        facts["url"] = ""
    if not facts["date"]:
        stamp = root.find(".//time[@datetime]")
        facts["date"] = _clean(stamp.get("datetime")) if stamp is not None else ""
    tag = (root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip()
    facts["language"] = tag if _TAG.fullmatch(tag) else ""
    return {fact: value for fact, value in facts.items() if value}


def _metas(root: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in root.iterfind(".//meta"):
        key = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        found.setdefault(key.lower(), _clean(meta.get("content") or ""))
    return found


def _canonical(root: Any) -> str:
    for link in root.iterfind(".//link"):
        if (link.get("rel") or "").lower() == "canonical":
            return _clean(link.get("href") or "")
    return ""


def _clean(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]


def _without_outlet(title: str, outlet: str) -> str:
    """Take ` | The Harbour Gazette` off a title that ends so."""
    found = re.fullmatch(r"(.+)\s[|–—-]\s([^|–—]+)", title)
    return found[1] if found and outlet and found[2].strip().lower() == outlet.lower() else title
