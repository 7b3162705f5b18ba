"""The results of a run, article by article."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError, ReportError, one_line
from analysis.runs.plan import Step


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one article.

    Attributes:
        step: what was planned.
        path: the report; none: there is none.
        error: why there is none, in one line.
        unusable: whether the input is at fault, not the making.
        fresh: whether the report was up to date and left as it is.
        seconds: that it took.
    """

    step: Step
    path: Path | None = None
    error: str = ""
    unusable: bool = False
    fresh: bool = False
    seconds: float = 0.0

    @property
    def article(self) -> str:
        """The article as messages name it."""
        return self.step.request.label

    @property
    def state(self) -> str:
        """One of `runlog.STATES`."""
        return "failed" if self.path is None else "up to date" if self.fresh else "made"


@dataclass
class Run:
    """The result of a run.

    Attributes:
        outcomes: of the articles, in the order in which they were known.
        corpus: the corpus report's page.
        faults: what went wrong beside the articles, a line each.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    corpus: Path | None = None
    faults: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[Outcome]:
        """The outcomes of the articles that have no report."""
        return [outcome for outcome in self.outcomes if outcome.path is None]


def failure(step: Step, error: Exception, seconds: float = 0.0) -> Outcome:
    """Return the outcome of an article whose report could not be made."""
    ours = isinstance(error, AnalysisError)
    message = one_line(error) if ours else f"{type(error).__name__}: {one_line(error)}"
    if step.request.params.article not in message:
        message = f"{step.request.label}: {message}"
    unusable = ours and not isinstance(error, ReportError)
    return Outcome(step, error=message, unusable=unusable, seconds=seconds)


def record_row(step: Step, outcome: Outcome | None) -> dict[str, Any]:
    """Return what the run's record keeps of an article; no outcome: it was not reached."""
    return {
        "article": step.request.label,
        "name": step.request.name,
        "state": outcome.state if outcome else "not reached",
        "why": [str(change) for change in step.why],
        "seconds": round(outcome.seconds, 2) if outcome else 0.0,
        "error": outcome.error if outcome else "",
        "hashes": {
            name: value for name, value in step.state.items() if isinstance(value, str) and value
        },
    }
