"""The page of all reports in a folder: what each found, its warnings, and a small dot plot.

It is made from the `summary.json` beside each report. Those files are untrusted: the page names
those that do not match the schema, and never shows their content.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.atomic import write_atomically
from analysis.errors import ReportError, one_line
from analysis.html.display import count, interval, listed, name, number
from analysis.html.page import render, script
from analysis.report.provenance import MANIFEST, SUMMARY, SUMMARY_VERSION
from analysis.types import Relation

PAGE = "index.html"
MAX_BYTES = 4_000_000  # of a summary
MAX_TARGETS = 6  # in a small dot plot
TITLE_LENGTH = 160  # characters
PLOT_WIDTH, NAME_WIDTH, ROW_HEIGHT = 384, 126, 20  # of a dot plot; CSS pixels

Text = Annotated[str, Field(max_length=20_000)]
Count = Annotated[int, Field(ge=0)]
Number = Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)]


KINDS = (*Relation, "abstained")  # of comments


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

    def __str__(self) -> str:
        """Return the row in words, for a reader who does not see the plot."""
        words = f"{name(self.target, 30)} {number(self.divergence, signed=True)}"
        if self.ci_low is not None and self.ci_high is not None:
            words += f" ({interval(self.ci_low, self.ci_high)})"
        return words if self.shown else f"{words}, cannot be shown"


class Entry(BaseModel):
    """One report of the page, in the form that `summary.summary` returns."""

    model_config = ConfigDict(extra="ignore", strict=True)

    version: Annotated[int, Field(ge=SUMMARY_VERSION, le=SUMMARY_VERSION)]
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

    @property
    def kinds(self) -> list[tuple[str, int]]:
        """The numbers of comments by relation, without zeros."""
        return [(kind, self.comments[kind]) for kind in KINDS if self.comments.get(kind)]

    @property
    def tally(self) -> list[str]:
        """The numbers of comments in words."""
        return [f"{n} {kind}" for kind, n in self.kinds]

    @property
    def total(self) -> int:
        """The number of comments."""
        return sum(self.comments.values())

    @property
    def disagreeing(self) -> float | str:
        """The share of labelled comments that disagree; empty where there are none."""
        labelled = self.total - self.comments.get("abstained", 0)
        return self.comments.get(Relation.DISAGREE, 0) / labelled if labelled else ""

    @property
    def plotted(self) -> list[TargetRow]:
        """The targets of the small dot plot."""
        return [row for row in self.targets if row.divergence is not None][:MAX_TARGETS]

    @property
    def largest(self) -> float | str:
        """The largest absolute divergence; empty where there is none."""
        found = [abs(row.divergence) for row in self.targets if row.divergence is not None]
        return max(found, default="")

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
        raise ReportError(f"{folder}: found no folder; expected the one that the reports lie in")
    path = folder / PAGE
    try:
        write_atomically(path, index_page(*read_entries(folder)))
    except OSError as error:
        raise ReportError(
            f"{path}: the index could not be written ({error.strerror or error}); expected a "
            "folder with room that you may write to"
        ) from None
    return path


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
    if entry.article_id != page.stem and not (page.with_suffix("") / MANIFEST).exists():
        raise ValueError(f"its {SUMMARY} is of another report")
    return entry.model_copy(update={"article_id": page.stem})  # a site file may name reports


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
    return render(
        "reports.html.j2",
        title="Reports: article and commentary",
        description=" ".join(finding),
        code=script("index"),
        entries=entries,
        finding=finding,
        left_out=left_out,
        others=[(page, "") for page in others],
        title_length=TITLE_LENGTH,
        plot_width=PLOT_WIDTH,
        row_height=ROW_HEIGHT,
        x=_x,
    )


def _finding(entries: Sequence[Entry]) -> list[str]:
    """Return how many comments were read, and in how many reports a difference is shown."""
    if not entries:
        return ["A report is listed here once it is made: counterpoint report ARTICLES."]
    totals = {kind: sum(e.comments.get(kind, 0) for e in entries) for kind in KINDS}
    comments = f"{count(sum(totals.values()), 'comment')}, as the scorers read them"
    tally = listed([f"{n} {kind}" for kind, n in totals.items() if n] or ["none"])
    shown = sum(any(t.shown for t in e.targets) for e in entries)
    if shown:
        where = f"in {shown} of {count(len(entries), 'report')}" if len(entries) > 1 else "in it"
        result = f"A difference between author and commentary toward some target is shown {where}."
    else:
        result = "In no report can a difference between author and commentary be shown."
    careful = sum(bool(e.warnings) for e in entries)
    warned = f" {count(careful, 'report')} with a warning." if careful else ""
    return [f"{comments}: {tally}.", result + warned]


def _x(value: float) -> float:
    """Return where a divergence lies in a plot; the scale runs from −2 to 2."""
    return round(NAME_WIDTH + 6 + (value + 2) / 4 * (PLOT_WIDTH - NAME_WIDTH - 12), 1)
