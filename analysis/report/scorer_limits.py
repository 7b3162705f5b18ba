"""The report's section on the limits of the scorer, and the table of speakers' stances."""

import pandas as pd

from analysis.html.display import intervals, name
from analysis.html.elements import Html, fragment, table
from analysis.quality.audit import audit
from analysis.report import findings
from analysis.scorers import ScorerInfo
from analysis.scoring.counts import LABELS
from analysis.scoring.pipeline import Result
from analysis.thresholds import MIN_TEXTS
from analysis.types import Voice

NOT_AUDITED = (
    "Whether it leans was not measured here; `counterpoint evaluation --scorer {name}` does."
)


def limits(result: Result) -> Html:
    """Return what the scorer is and what it cannot do."""
    return fragment("limits.html.j2", info=result.scorer, limits=findings.limits(result.scorer))


def measured(info: ScorerInfo) -> Html:
    """Return the table of a scorer's measured quality; nothing where none is kept with it."""
    sets = info.metrics.get("sets", {})
    rows = [
        {"set": name.partition("/")[2] or name, "task": name.partition("/")[0], **shown}
        for name, kinds in sets.items()
        if isinstance(shown := kinds.get("int8", kinds), dict)
    ]
    columns = {
        "Data set": "set", "Task": "task", "Rows": "n", "Macro-F1": "macro_f1",
        "Accuracy": "accuracy", "Calibration error": "ece",
    }  # fmt: skip
    frame = pd.DataFrame(rows).reindex(columns=list(columns.values()))
    caption = "Measured on rows it was not trained on. 1 is perfect; for calibration error, 0 is."
    return table(frame, caption, name="quality.csv", columns=columns)


def leaning(info: ScorerInfo, seed: int = 0) -> str:
    """Return what the swap audit found, as kept with these very weights or measured now.

    Only a fast scorer is audited for each report.
    """
    kept = info.metrics.get("audit", {})
    if kept.get("version") == info.version:
        return kept["finding"]
    if info.fast:
        return audit(info.name, seed=seed).finding
    return NOT_AUDITED.format(name=name(info.name))


def speakers(result: Result) -> Html:
    """Return the table of who stands where: author, each quoted speaker, commentator, cited."""
    rows = result.speakers
    columns = {
        "Target": rows.target.map(name),
        "Who": [_who(r.voice, r.speaker) for r in rows.itertuples()],
        "Stance": "score", "Interval": intervals(rows, rows.n >= MIN_TEXTS), "Texts": "n",
        "Unclear": "abstained",
    }  # fmt: skip
    caption = (
        "Everyone who mentions a target: mean stance score (−1 against, 1 in favor) with its "
        f"{findings.level(result)} interval. Unclear texts have no label but count here, weighted "
        "by their confidence."
    )
    return table(rows, caption, name="speakers.csv", columns=columns)


def _who(voice: str, speaker: str) -> str:
    if voice == Voice.QUOTED.value:
        return f"{name(speaker)} (quoted)" if speaker else "Quoted, speaker not named"
    if voice == Voice.COMMENTATOR.value and speaker:
        return f"{name(speaker)} (comments)"
    return LABELS[Voice(voice)]
