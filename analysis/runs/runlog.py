"""What is left of a run for the morning: `run.json`, and a summary that can be mailed.

The summary has no script, no style sheet and nothing that is fetched: mail programs keep
only tables and inline styles.
"""

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup

from analysis.html.elements import element, isolated
from analysis.report.provenance import versions
from analysis.runs.progress import duration

RECORD = "run.json"
SUMMARY = "summary.html"
LISTED = 100  # reports that a mail lists; the record holds all
STATES = ("made", "up to date", "failed", "not reached")

_BODY = (
    "margin:0;padding:16px;background:#ffffff;color:#2b2926;"
    "font:15px/1.45 Georgia,'Times New Roman',serif"
)
_CELL = "padding:5px 14px 5px 0;border-bottom:1px solid #d8d2c6;text-align:left;vertical-align:top"
_HEAD = f"{_CELL};font-weight:normal;color:#6b655c;font-size:13px"
_TABLE = "border-collapse:collapse;width:100%;max-width:680px"


def stamp() -> str:
    """Return the time in UTC, as ISO 8601 writes it, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def record(
    rows: Sequence[Mapping[str, Any]], *, started: str, seconds: float, ended: bool, note: str = ""
) -> dict[str, Any]:
    """Return what `run.json` holds.

    Args:
        rows: for each article: article, name, state, why, seconds, error, page, hashes.
        started: when the run began.
        seconds: that it took.
        ended: whether it came to its end; a run that was killed leaves false behind.
        note: what else went wrong.
    """
    counted = Counter(row["state"] for row in rows)
    return {
        "started": started,
        "ended": stamp() if ended else None,
        "seconds": round(seconds, 1),
        "counterpoint": versions().get("counterpoint", ""),
        "counts": {state: counted[state] for state in STATES},
        "note": note,
        "articles": [dict(row) for row in rows],
    }


def read_record(out: Path) -> dict[str, Any]:
    """Return the last run's record; nothing where there is none that can be read."""
    try:
        found = json.loads((out / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def with_since(rows: Sequence[dict[str, Any]], before: Mapping[str, Any], now: str) -> None:
    """Note in failed rows since when they fail, as the last record tells."""
    articles = before.get("articles")
    last = {
        row.get("article"): row.get("failing_since")
        for row in (articles if isinstance(articles, list) else [])
        if isinstance(row, dict)
    }
    for row in rows:
        if row["state"] == "failed":
            row["failing_since"] = last.get(row["article"]) or now


def write(out: Path, what: Mapping[str, Any]) -> None:
    """Write the record and its summary, each whole or not at all.

    Raises:
        OSError: there is no room or no right to.
    """
    texts = {RECORD: json.dumps(what, indent=1, ensure_ascii=False) + "\n", SUMMARY: summary(what)}
    for name, text in texts.items():
        aside = out / f".{name}.tmp"
        try:
            aside.write_text(text, encoding="utf-8", errors="backslashreplace")
            os.replace(aside, out / name)
        except OSError:
            aside.unlink(missing_ok=True)
            raise


def summary(what: Mapping[str, Any]) -> str:
    """Return a run's summary as one HTML page that a mail can carry as its body."""
    rows = what["articles"]
    failed = [row for row in rows if row["state"] == "failed"]
    made = [row for row in rows if row["state"] == "made"]
    parts = [
        element("h1", headline(what), style="font-size:20px;margin:0 0 4px"),
        element("p", _facts(what), style="margin:0 0 16px;color:#6b655c;font-size:13px"),
    ]
    if what["note"]:
        parts.append(element("p", what["note"], style="margin:0 0 16px;color:#8a2b2b"))
    if failed:
        listed = [(row["article"], row["error"], _date(row)) for row in failed[:LISTED]]
        parts.append(_table("Failed", ("Article", "Cause", "Since"), listed, len(failed)))
    if made:
        listed = [
            (_link(row), ", ".join(row["why"]), f"{row['seconds']:.1f} s") for row in made[:LISTED]
        ]
        parts.append(_table("Made", ("Report", "Why", "Took"), listed, len(made)))
    body = element("body", *parts, style=_BODY)
    head = element(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", headline(what)),
    )
    return str(Markup("<!DOCTYPE html>\n") + element("html", head, body, lang="en")) + "\n"


def headline(what: Mapping[str, Any]) -> str:
    """Return a run's outcome in a few words, which also serve as the subject of a mail."""
    counts = what["counts"]
    said = [f"{counts[state]} {state}" for state in STATES if counts[state]]
    return f"Counterpoint: {', '.join(said) or 'nothing to do'}"


def _facts(what: Mapping[str, Any]) -> str:
    end = "" if what["ended"] else "; it did not come to its end"
    return f"Started {what['started']}, took {duration(what['seconds'])}{end}"


def _date(row: Mapping[str, Any]) -> str:
    return str(row.get("failing_since", ""))[:10]


def _link(row: Mapping[str, Any]) -> Markup:
    return element("a", isolated(row["name"]), href=f"{row['name']}.html", style="color:#2f4a75")


def _table(
    title: str, headings: Sequence[str], rows: Sequence[Sequence[object]], total: int
) -> Markup:
    head = element("tr", *(element("th", text, style=_HEAD, scope="col") for text in headings))
    body = [element("tr", *(element("td", value, style=_CELL) for value in row)) for row in rows]
    more = (
        element("p", f"and {total - len(rows)} more, see {RECORD}", style="color:#6b655c")
        if total > len(rows)
        else ""
    )
    return Markup("").join(
        [
            element("h2", f"{title}: {total}", style="font-size:16px;margin:16px 0 4px"),
            element("table", element("thead", head), element("tbody", *body), style=_TABLE),
            more,
        ]
    )
