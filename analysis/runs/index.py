"""The page of all reports in a folder: what each found, its warnings, and a small dot plot.

It is made from the `summary.json` beside each report. Those files are taken as foreign: what
is not of their form is told of on the page and never shown.
"""

import contextlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.errors import ReportError, one_line
from analysis.html.display import count, interval, listed, name, number
from analysis.html.elements import EMPTY, element, isolated, join
from analysis.html.page import policy, script, style
from analysis.report.provenance import MANIFEST
from analysis.report.summary import SUMMARY, VERSION
from analysis.types import Relation

PAGE = "index.html"
LARGEST = 4_000_000  # bytes of a summary that are read
DRAWN = 6  # targets in a small dot plot
TITLE = 160  # characters
WIDTH, LEFT, STEP = 384, 126, 20  # of a dot plot, of its names, of a row; CSS pixels

Text = Annotated[str, Field(max_length=20_000)]
Count = Annotated[int, Field(ge=0)]
Number = Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)]


class TargetRow(BaseModel):
    """One target's divergence, commentary minus author, in [−2, 2], with its interval."""

    model_config = ConfigDict(extra="ignore", strict=True)

    target: Text
    author_n: Count
    commentator_n: Count
    divergence: Number | None
    ci_low: Number | None
    ci_high: Number | None
    shown: bool


class Entry(BaseModel):
    """What the page says of one report, of the form that `summary.summary` gives."""

    model_config = ConfigDict(extra="ignore", strict=True)

    version: Annotated[int, Field(ge=VERSION, le=VERSION)]
    article_id: Text
    title: Text
    scorer: Text
    made: Text
    confidence_level: Text
    finding: list[Text]
    warnings: list[Text]
    comments: dict[str, Count]
    stances: dict[str, Count]
    targets: list[TargetRow]


def write_index(folder: str | Path) -> Path:
    """Write `index.html`, the page of all reports in a folder, whole or not at all.

    Raises:
        ReportError: the folder cannot be read or written.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ReportError(f"{folder}: found no folder; expected the one that the reports lie in")
    path = folder / PAGE
    try:
        text = index_page(*read_entries(folder))
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=folder, prefix=".index-", suffix=".tmp", delete=False
        ) as aside:
            aside.write(text)
        try:
            os.chmod(aside.name, 0o666 & ~_umask())
            os.replace(aside.name, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(aside.name)
            raise
    except OSError as error:
        raise ReportError(
            f"{path}: the index could not be written ({error.strerror or error}); expected a "
            "folder with room that you may write to"
        ) from None
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_entries(folder: Path) -> tuple[list[Entry], list[tuple[str, str]], list[str]]:
    """Return the reports of a folder by title, what could not be listed and why, and others.

    Returns:
        The entries; the names of reports without a usable summary, each with the reason; the
        names of other pages, such as evaluations.
    """
    entries, left_out, others = [], [], []
    for page in sorted(folder.glob("*.html")):
        if page.name == PAGE:
            continue
        if not any((page.with_suffix("") / name).exists() for name in (SUMMARY, "relations.csv")):
            others.append(page.name)
            continue
        try:
            entries.append(_entry(page))
        except (OSError, ValueError) as error:
            left_out.append((page.name, _reason(error)))
    entries.sort(key=lambda e: (e.title.casefold(), e.article_id))
    return entries, left_out, others


def _entry(page: Path) -> Entry:
    file = page.with_suffix("") / SUMMARY
    if file.stat().st_size > LARGEST:
        raise ValueError(f"its {SUMMARY} is larger than {LARGEST} bytes")
    entry = Entry.model_validate_json(file.read_bytes())
    if entry.article_id != page.stem and not (page.with_suffix("") / MANIFEST).exists():
        raise ValueError(f"its {SUMMARY} is of another report")
    return entry.model_copy(update={"article_id": page.stem})  # a site file may name reports


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"it has no {SUMMARY}; make it again"
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return f"its {SUMMARY} is not of our form ({name(where)}: {name(first['msg'])})"
    return one_line(error)


def index_page(
    entries: Sequence[Entry], left_out: Sequence[tuple[str, str]], others: Sequence[str] = ()
) -> str:
    """Return the page; every text in it is escaped."""
    title = "Reports: article and commentary"
    code = script("index")
    head = [
        element("p", "Articles and their commentary", class_="cp-kicker"),
        element("h1", count(len(entries), "report") if entries else "No report yet"),
        element("div", *(element("p", s) for s in _finding(entries)), class_="cp-finding"),
    ]
    body = [
        element("header", *head, class_="cp-opening"),
        element("p", _READING, class_="cp-reading") if entries else EMPTY,
        _sorting() if len(entries) > 1 else EMPTY,
        element("ol", *map(_item, entries), class_="cp-reports") if entries else EMPTY,
        _links("Reports that are not listed", left_out),
        _links("Other pages", [(page, "") for page in others]),
    ]
    main = element("main", element("div", *body, class_="cp cp-index"), id="report", tabindex="-1")
    return _PAGE.format(
        policy=policy(code),
        title=title,
        description=" ".join(_finding(entries)),
        style=style("report", "page", "index"),
        main=main,
        code=code,
    )


_PAGE = Markup("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="Counterpoint">
<meta name="description" content="{description}">
<meta property="og:title" content="{title}">
<meta property="og:type" content="website">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body class="cp-page">
<a class="cp-skip" href="#report">Skip to the reports</a>
{main}
<script>{code}</script>
</body>
</html>
""")


def _finding(entries: Sequence[Entry]) -> list[str]:
    """Say how many comments were read and in how many reports a difference is shown."""
    if not entries:
        return ["A report is listed here once it is made: counterpoint report ARTICLES."]
    totals = {r: sum(e.comments.get(r, 0) for e in entries) for r in (*Relation, "abstained")}
    comments = f"{count(sum(totals.values()), 'comment')}, as the scorers read them"
    said = listed(
        [f"{totals[r]} {_SAYS[r]}" for r in (*Relation, "abstained") if totals[r]] or ["none"]
    )
    shown = sum(any(t.shown for t in e.targets) for e in entries)
    careful = sum(bool(e.warnings) for e in entries)
    where = f"in {shown} of {count(len(entries), 'report')}" if len(entries) > 1 else "in it"
    found = f"A difference between author and commentary toward some target is shown {where}"
    found = found if shown else "In no report can a difference between author and commentary be"
    found += "." if shown else " shown."
    warned = f" {count(careful, 'report')} with a warning." if careful else ""
    return [f"{comments}: {said}.", found + warned]


_READING = (
    "Bars: what the comments say back. Dots: the divergence toward each target, commentary minus "
    "author, with its interval, on one scale for all reports; a hollow dot, where no difference "
    "can be shown."
)
_SAYS = {
    Relation.AGREE: "agree",
    Relation.DISAGREE: "disagree",
    Relation.NEUTRAL: "neutral",
    "abstained": "abstained",
}
_KEYS = {
    "title": "title",
    "comments": "comments",
    "disagree": "share that disagrees",
    "divergence": "largest divergence",
    "warnings": "warnings",
    "made": "date",
}


def _sorting() -> Markup:
    """Return the sort buttons; a script shows them, as they do nothing without it."""
    buttons = (
        element("button", label, type="button", data_key=key, aria_pressed="false")
        for key, label in _KEYS.items()
    )
    bar = element(
        "div", element("span", "Sort by"), *buttons, class_="cp-sort", role="group",
        aria_label="Sort by", hidden=True,
    )  # fmt: skip
    return join([bar, element("p", "", class_="cp-told", aria_live="polite")])


def _item(entry: Entry) -> Markup:
    total = sum(entry.comments.values())
    named = total - entry.comments.get("abstained", 0)
    found = [abs(t.divergence) for t in entry.targets if t.divergence is not None]
    facts = [
        isolated(name(entry.article_id)),
        f"{name(entry.scorer.partition(' ')[0])} scorer",
        f"{entry.stances.get('abstained', 0)} of {sum(entry.stances.values())} stances abstained",
        isolated(name(entry.made[:10])),
    ]
    careful = EMPTY
    if entry.warnings:
        items = element("ul", *(element("li", text) for text in entry.warnings))
        careful = element("div", items, class_="cp-careful", role="note", aria_label="Warnings")
    title = name(entry.title, TITLE)
    link = element("a", title, href=f"{quote(entry.article_id, safe='')}.html", dir="auto")
    words = element(
        "div",
        element("h2", link),
        element("p", Markup(" · ").join(facts), class_="cp-facts"),
        *(element("p", text, class_="cp-says") for text in entry.finding),
        careful,
    )
    return element(
        "li",
        words,
        element("div", _tally(entry, total), _small(entry)),
        class_="cp-entry",
        data_title=title.casefold(),
        data_comments=total,
        data_disagree=entry.comments.get(Relation.DISAGREE, 0) / named if named else "",
        data_divergence=max(found, default=""),
        data_warnings=len(entry.warnings),
        data_made="".join(c for c in entry.made if c.isascii() and c.isdigit())[:12],
    )


def _tally(entry: Entry, total: int) -> Markup:
    """Return how many comments say what, as words and as a bar of the same colours."""
    if not total:
        return element("p", "No comment.", class_="cp-tallied")
    kinds = [(r, entry.comments.get(r, 0)) for r in (*Relation, "abstained")]
    kinds = [(r, n) for r, n in kinds if n]
    bar = (element("i", class_=f"cp-{r}", style=f"--n: {n}") for r, n in kinds)
    said = listed([f"{n} {_SAYS[r]}" for r, n in kinds])
    words = element("p", f"{count(total, 'comment')}: {said}", class_="cp-tallied")
    return join([element("div", *bar, class_="cp-tally", aria_hidden="true"), words])


def _small(entry: Entry) -> Markup:
    """Return the divergences as a small dot plot; every report's has the same scale."""
    rows = [t for t in entry.targets if t.divergence is not None][:DRAWN]
    if not rows:
        return element("p", "No divergence: no target that both sides speak of.", class_="cp-quiet")
    alt = f"Divergence, commentary minus author, from −2 to 2: {'; '.join(map(_words, rows))}."
    bottom = STEP * len(rows) + 4
    marks = [element("line", x1=_x(v), x2=_x(v), y1=0, y2=bottom) for v in (-2, -1, 0, 1, 2)]
    for n, row in enumerate(rows):
        marks += _row(row, STEP * n + STEP / 2)
    for value, label in ((-2, "−2 less favorable"), (0, "0"), (2, "more 2")):
        anchor = {-2: "start", 0: "middle", 2: "end"}[value]
        marks.append(element("text", label, x=_x(value), y=bottom + 13, text_anchor=anchor))
    drawn = element(
        "svg", *marks, viewBox=f"0 0 {WIDTH} {bottom + 17}", aria_hidden="true", focusable="false"
    )
    rest = len(entry.targets) - len(rows)
    more = f"{count(rest, 'more target')} in the report." if rest else ""
    picture = element("div", drawn, class_="cp-small", role="img", aria_label=alt)
    return join([picture, element("p", more, class_="cp-tallied") if more else EMPTY])


def _words(row: TargetRow) -> str:
    said = f"{name(row.target, 30)} {number(row.divergence, signed=True)}"
    if row.ci_low is not None and row.ci_high is not None:
        said += f" ({interval(row.ci_low, row.ci_high)})"
    return said if row.shown else f"{said}, cannot be shown"


def _row(row: TargetRow, y: float) -> list[Markup]:
    marks = [element("text", name(row.target, 18), x=0, y=y + 4, class_="cp-name")]
    if row.ci_low is not None and row.ci_high is not None:
        ends = {"x1": _x(row.ci_low), "x2": _x(row.ci_high)}
        marks.append(element("line", **ends, y1=y, y2=y, class_="cp-range"))
    shown = "cp-shown" if row.shown else None
    return [*marks, element("circle", cx=_x(row.divergence or 0.0), cy=y, r=4, class_=shown)]


def _x(value: float) -> float:
    """Return where a divergence lies; the scale runs from −2 to 2."""
    return round(LEFT + 6 + (value + 2) / 4 * (WIDTH - LEFT - 12), 1)


def _links(title: str, pages: Sequence[tuple[str, str]]) -> Markup:
    """Return links to pages by file name, each with what is to be said of it."""
    if not pages:
        return EMPTY
    items = (
        element(
            "li", element("a", isolated(name(page, TITLE)), href=quote(page, safe="")),
            f": {why}" if why else "",
        )
        for page, why in pages
    )  # fmt: skip
    return element("section", element("h2", title), element("ul", *items), class_="cp-others")
