"""The citable page on the method: how reports are made, how to cite them, and the model cards.

It is made from the method's Markdown, the glossary, and the model cards beside the weights.
"""

import re
from importlib.metadata import metadata
from itertools import pairwise
from pathlib import Path

from markupsafe import Markup

from analysis.atomic import write_atomically
from analysis.errors import ReportError, unwritten
from analysis.html.page import environment, render
from analysis.paths import MODELS
from analysis.report.glossary import GLOSSES
from analysis.report.provenance import now
from analysis.runs.index import METHOD, PAGE
from analysis.thresholds import CLEAR, LOADED, MIN_TEXTS, MIN_VALUES, RESAMPLES

CARD = "MODEL_CARD.md"
AUTHORS = "The Counterpoint authors"


def write_method(folder: Path, models: Path = MODELS) -> Path:
    """Write `method.html`, whole or not at all.

    Args:
        folder: of the reports.
        models: a folder with a model card in each of its folders; there may be none.

    Raises:
        ReportError: the folder cannot be written to.
    """
    path = folder / METHOD
    try:
        write_atomically(path, method_page(models))
    except OSError as error:
        raise ReportError(unwritten(path, error)) from None
    return path


def method_page(models: Path = MODELS) -> str:
    """Return the page; anchors are made of headings, so that they stay the same."""
    about, date = metadata("counterpoint"), now()[:10]
    version, title = about["Version"], f"Counterpoint: {about['Summary']}"
    method, contents = _rendered(_method_text(), "")
    contents |= {"words": "Terms", "cite": "How to cite"}
    cards = {}
    for path in sorted(models.glob(f"*/{CARD}")):
        name = path.parent.name
        card, headings = _rendered(path.read_text(encoding="utf-8"), f"{name}-", down=1)
        anchor, heading = next(iter(headings.items()))
        cards[anchor] = card
        contents[anchor] = f"Model card: {heading.partition(':')[0]}"
    return render(
        "method.html.j2",
        title="Method and limits of Counterpoint’s reports",
        description=about["Summary"],
        links={PAGE: "All reports"},
        version=version,
        date=date,
        contents=contents,
        method=method,
        glosses=GLOSSES,
        cards=cards,
        reference=f"{AUTHORS} ({date[:4]}). {title}. Version {version}, method page of {date}.",
        bibtex=_bibtex(title, version, date),
    )


def _method_text() -> str:
    template = environment().get_template("method.md.j2")
    return template.render(
        clear=CLEAR, resamples=RESAMPLES, fewest=MIN_VALUES, enough=MIN_TEXTS, loaded=LOADED
    )


def _bibtex(title: str, version: str, date: str) -> str:
    fields = {
        "title": f"{{{title}}}",
        "author": f"{{{AUTHORS}}}",
        "year": date[:4],
        "version": version,
        "note": f"Method page of {date}",
    }
    lines = (f"  {key:<7} = {{{value}}}," for key, value in fields.items())
    return "\n".join(["@software{counterpoint,", *lines, "}"])


def _rendered(text: str, prefix: str, down: int = 0) -> tuple[Markup, dict[str, str]]:
    """Return Markdown as HTML, and its chief headings by their anchors.

    Each heading gets an anchor made of its words; HTML in the text is escaped; a link to another
    file of the project, which is not beside the page, becomes its words.

    Args:
        text: Markdown.
        prefix: of the anchors.
        down: how many levels lower the headings stand.
    """
    from markdown_it import MarkdownIt  # slow to import

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens, headings = parser.parse(text), {}
    for opened, inline, closed in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if opened.type != "heading_open":
            continue
        words = re.sub(r"[`*_]", "", inline.content)
        anchor = prefix + re.sub(r"\W+", "-", words.casefold()).strip("-")
        level = min(int(opened.tag[1]) + down, 6)
        opened.tag = closed.tag = f"h{level}"
        opened.attrSet("id", anchor)
        if level == 2:
            headings[anchor] = words
    _label_cells(tokens)
    for inline in tokens:
        inline.children = _without_files(inline.children or [])
    html = parser.renderer.render(tokens, parser.options, {})
    html = html.replace(
        "<table>", '<div class="cp cp-table"><div class="cp-scroll" tabindex="0"><table>'
    )
    return Markup(html.replace("</table>", "</table></div></div>")), headings


def _label_cells(tokens: list) -> None:
    """Have each cell of a table name its column, as a phone shows a row as a card."""
    heads, at = [], 0
    for token, inline in pairwise(tokens):
        if token.type == "table_open":
            heads = []
        elif token.type == "tr_open":
            at = 0
        elif token.type == "th_open":
            heads.append(re.sub(r"[`*_]", "", inline.content))
        elif token.type == "td_open":
            token.attrSet("data-label", heads[at])
            at += 1


def _without_files(children: list) -> list:
    """Return inline tokens without links to files beside the text."""
    kept, inside = [], False
    for token in children:
        if token.type == "link_open":
            inside = not str(token.attrGet("href")).startswith("https://")
        dropped = inside and token.type in ("link_open", "link_close")
        if not dropped and token.type != "image":
            kept.append(token)
        if token.type == "link_close":
            inside = False
    return kept
