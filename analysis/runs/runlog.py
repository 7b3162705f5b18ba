"""The record of a run: `run.json`, and a summary that can be mailed."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analysis.atomic import write_atomically
from analysis.html.page import render
from analysis.paths import read_object
from analysis.report.provenance import versions
from analysis.runs.progress import duration

RECORD = "run.json"
SUMMARY = "summary.html"
MAX_LISTED = 100  # reports that a mail lists; the record holds all
STATES = ("made", "up to date", "failed", "not reached")


def utc_now() -> str:
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
        ended: whether the run is complete; false in the record of one that was killed.
        note: what else went wrong.
    """
    counted = Counter(row["state"] for row in rows)
    return {
        "started": started,
        "ended": utc_now() if ended else None,
        "seconds": round(seconds, 1),
        "counterpoint": versions().get("counterpoint", ""),
        "counts": {state: counted[state] for state in STATES},
        "note": note,
        "articles": [dict(row) for row in rows],
    }


def read_record(out: Path) -> dict[str, Any]:
    """Return the last run's record; nothing where there is none that can be read."""
    return read_object(out / RECORD) or {}


def mark_failing_since(rows: Sequence[dict[str, Any]], before: Mapping[str, Any], now: str) -> None:
    """Add to failed rows the time since which they have failed, as of the last record."""
    articles = before.get("articles")
    last = {
        row.get("article"): row.get("failing_since")
        for row in (articles if isinstance(articles, list) else [])
        if isinstance(row, dict)
        and isinstance(row.get("article"), str)
        and isinstance(row.get("failing_since"), str)
    }
    for row in rows:
        if row["state"] == "failed":
            row["failing_since"] = last.get(row["article"]) or now


def write(out: Path, run: Mapping[str, Any]) -> None:
    """Write the record and its summary.

    Raises:
        OSError: a file cannot be written; the old one is still there.
    """
    texts = {RECORD: json.dumps(run, indent=1, ensure_ascii=False) + "\n", SUMMARY: summary(run)}
    for name, text in texts.items():
        write_atomically(out / name, text.encode("utf-8", "backslashreplace"))


def summary(run: Mapping[str, Any]) -> str:
    """Return a run's summary as one HTML page that a mail can carry as its body."""
    rows = {state: [row for row in run["articles"] if row["state"] == state] for state in STATES}
    return render(
        "run-summary.html.j2",
        title=headline(run),
        run=run,
        duration=duration(run["seconds"]),
        failed=rows["failed"],
        made=rows["made"],
        listed=MAX_LISTED,
        record=RECORD,
    )


def headline(run: Mapping[str, Any]) -> str:
    """Return a run's outcome in a few words, which also serve as the subject of a mail."""
    counts = run["counts"]
    outcomes = [f"{counts[state]} {state}" for state in STATES if counts[state]]
    return f"Counterpoint: {', '.join(outcomes) or 'nothing to do'}"
