"""The page of all reports in a folder: one table that can be sorted and filtered.

It is made from the `summary.json` and `manifest.json` beside each report. Those files are
untrusted: the page names those that do not match the schema, and never shows their content.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.atomic import write_atomically
from analysis.errors import ReportError, one_line, unwritten
from analysis.html.display import count, interval, listed, name, number
from analysis.html.page import render, script
from analysis.paths import read_object
from analysis.report.provenance import MANIFEST, SUMMARY, SUMMARY_VERSION, stated, stated_date
from analysis.types import Relation

PAGE = "index.html"
MAX_BYTES = 4_000_000  # of a summary
MAX_TARGETS = 3  # in a row of the table
MAX_CHOICES = 200  # of a filter; the most frequent
TITLE_LENGTH = 160  # characters
TEXTS = {"kind": "Kind", "outlet": "Outlet", "target": "Target"}  # filters of texts
SORTS = {
    "title": "title",
    "byOutlet": "outlet",
    "comments": "number of comments",
    "disagree": "share of comments that disagree",
    "divergence": "largest difference",
    "warnings": "number of warnings",
    "date": "date of the article",
    "made": "date of the report",
}
METHOD, CORPUS = "method.html", "corpus-report.html"
KNOWN_PAGES = {
    CORPUS: "All articles compared",
    METHOD: "Method, and how to cite",
    "summary.html": "The last run",
}

Text = Annotated[str, Field(max_length=20_000)]
Count = Annotated[int, Field(ge=0)]
Number = Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)]


# Of comments: the word that a reader sees.
KINDS = {
    Relation.DISAGREE: "disagree",
    Relation.AGREE: "agree",
    Relation.NEUTRAL: "neutral",
    "abstained": "unclear",
}
VERBS = {
    Relation.DISAGREE: ("disagrees with what it answers", "disagree with what they answer"),
    Relation.AGREE: ("agrees", "agree"),
    Relation.NEUTRAL: ("is neutral", "are neutral"),
    "abstained": ("is unclear", "are unclear"),
}


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

    @property
    def at(self) -> dict[str, float]:
        """Where the divergence and its interval lie on the scale from −2 to 2; per cent."""
        low, high = self.ci_low, self.ci_high
        ends = {} if low is None or high is None else {"low": low, "high": high}
        return {
            key: round(25 * (value + 2), 1)
            for key, value in ({"at": self.divergence} | ends).items()
        }

    def __str__(self) -> str:
        """Return the row in words, for a reader who does not see the plot."""
        words = f"{name(self.target, 30)} {number(self.divergence, signed=True)}"
        if self.ci_low is not None and self.ci_high is not None:
            words += f" ({interval(self.ci_low, self.ci_high)})"
        return words if self.shown else f"{words}, no difference can be shown"


class Entry(BaseModel):
    """One report of the page, in the form that `summary.summary` returns.

    Another kind of report than an article's names its kind and leaves out what it lacks.
    """

    model_config = ConfigDict(extra="ignore", strict=True)

    version: Annotated[int, Field(ge=SUMMARY_VERSION, le=SUMMARY_VERSION)]
    article_id: Text
    title: Text
    kind: Text = "article"
    scorer: Text
    made: Text
    finding: list[Text]
    warnings: list[Text]
    comments: dict[str, Count] = {}
    targets: list[TargetRow] = []
    outlet: Text = ""
    date: Text = ""  # when the article appeared, as YYYY-MM-DD

    @property
    def kinds(self) -> list[tuple[str, int]]:
        """The numbers of comments by relation, without zeros."""
        return [(kind, self.comments[kind]) for kind in KINDS if self.comments.get(kind)]

    @property
    def tally(self) -> str:
        """The numbers of comments in words."""
        return ", ".join(f"{n} {KINDS[kind]}" for kind, n in self.kinds)

    @property
    def total(self) -> int:
        """The number of comments."""
        return sum(self.comments.values())

    @property
    def disagreeing(self) -> float | str:
        """The share of labeled comments that disagree; empty where there are none."""
        labeled = self.total - self.comments.get("abstained", 0)
        return self.comments.get(Relation.DISAGREE, 0) / labeled if labeled else ""

    @property
    def compared(self) -> list[TargetRow]:
        """The targets that both sides speak of: differences that are shown first, then by size."""
        rows = [row for row in self.targets if row.divergence is not None]
        return sorted(rows, key=lambda row: (not row.shown, -abs(row.divergence)))

    @property
    def largest(self) -> float | str:
        """The largest absolute divergence; empty where there is none."""
        return max((abs(row.divergence) for row in self.compared), default="")

    @property
    def minute(self) -> str:
        """When the report was made, as digits that sort."""
        return "".join(c for c in self.made if c.isascii() and c.isdigit())[:12]


def write_index(folder: str | Path) -> Path:
    """Write `index.html`, the page of all reports in a folder, whole or not at all.

    Raises:
        ReportError: the folder cannot be read or written.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ReportError(f"{folder}: found no folder; expected the folder of the reports")
    path = folder / PAGE
    try:
        write_atomically(path, index_page(*read_entries(folder)))
    except OSError as error:
        raise ReportError(unwritten(path, error, "the index could not be written")) from None
    return path


def links(folder: Path, *, corpus: bool) -> dict[str, str]:
    """Return the pages that lie beside a report: what each is, by its file name.

    Args:
        folder: of the reports.
        corpus: whether the run makes a corpus report.
    """
    others = [CORPUS] if corpus or (folder / CORPUS).exists() else []
    return {PAGE: "All reports"} | {page: KNOWN_PAGES[page] for page in (*others, METHOD)}


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
    if file.stat().st_size > MAX_BYTES:
        raise ValueError(f"its {SUMMARY} is larger than {MAX_BYTES} bytes")
    entry = Entry.model_validate_json(file.read_bytes())
    manifest = read_object(page.with_suffix("") / MANIFEST)
    if entry.article_id != page.stem and manifest is None:
        raise ValueError(f"its {SUMMARY} is of another report")
    about = stated(manifest or {})  # a site file may name reports
    of_article = {"outlet": about.get("outlet", ""), "date": stated_date(about)}
    return entry.model_copy(update={"article_id": page.stem} | of_article)


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"it has no {SUMMARY}; make it again"
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return f"its {SUMMARY} does not match its schema ({name(where)}: {name(first['msg'])})"
    return one_line(error)


def index_page(
    entries: Sequence[Entry], left_out: Sequence[tuple[str, str]], others: Sequence[str] = ()
) -> str:
    """Return the page; every text in it is escaped.

    Args:
        entries: the reports.
        left_out: pages that are not listed, each with the reason.
        others: other pages.
    """
    finding = _finding(entries)
    known = {page: KNOWN_PAGES[page] for page in others if page in KNOWN_PAGES}
    return render(
        "reports.html.j2",
        title="Reports: article and commentary",
        description=" ".join(finding),
        code=script("index"),
        entries=entries,
        finding=finding,
        filters=(filters := _filters(entries)),
        chosen=[_chosen(entry, filters) for entry in entries],
        headings=TEXTS,
        sorts=SORTS,
        published=any(entry.outlet or entry.date for entry in entries),
        words=KINDS,
        left_out=left_out,
        known=known,
        others=[(page, "") for page in others if page not in known],
        title_length=TITLE_LENGTH,
        most=MAX_TARGETS,
    )


def _filters(entries: Sequence[Entry]) -> dict[str, list[str]]:
    """Return for each filter whose choices tell reports apart the texts, most frequent first."""
    filters = {}
    for key in TEXTS:
        found = Counter(text for entry in entries for text in _texts(entry, key))
        choices = sorted(found, key=lambda text: (-found[text], text.casefold()))[:MAX_CHOICES]
        if len(choices) > 1:
            filters[key] = choices
    return filters


def _chosen(entry: Entry, filters: dict[str, list[str]]) -> dict[str, str]:
    """Return which choices fit a report: numbers, as the texts come from outside."""
    return {
        key: " ".join(str(choices.index(t)) for t in _texts(entry, key) if t in choices)
        for key, choices in filters.items()
    }


def _texts(entry: Entry, key: str) -> dict[str, None]:
    found = {"kind": [entry.kind], "outlet": [entry.outlet]}.get(key)
    return dict.fromkeys(filter(None, found or [row.target for row in entry.targets]))


def _finding(entries: Sequence[Entry]) -> list[str]:
    """Return how many comments were read, and in how many reports a difference is shown."""
    if not entries:
        return ["Make a report to see it listed here: counterpoint report ARTICLES."]
    totals = {kind: sum(e.comments.get(kind, 0) for e in entries) for kind in KINDS}
    tally = listed([f"{n} {VERBS[kind][n != 1]}" for kind, n in totals.items() if n])
    lines = [f"Of {count(total, 'comment')}, {tally}." if (total := sum(totals.values())) else ""]
    articles = [e for e in entries if e.kind == "article"]
    if shown := sum(any(t.shown for t in e.targets) for e in articles):
        where = f"In {shown} of {count(len(articles), 'report')}"
        lines.append(f"{where} the comments clearly differ from the article toward someone.")
    elif articles:
        lines.append("No report can show that comments and article differ toward anyone.")
    if pairs := len(entries) - len(articles):
        lines.append(
            f"{count(pairs, 'report')} {'compares' if pairs == 1 else 'compare'} two texts."
        )
    if careful := sum(bool(e.warnings) for e in entries):
        carry = "carries" if careful == 1 else "carry"
        lines.append(f"{count(careful, 'report')} {carry} a warning.")
    return list(filter(None, lines))
