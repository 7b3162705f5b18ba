"""Counterpoint: compares the stance of news articles with that of their inline comments.

>>> import analysis as cp
>>> article = cp.read("seeds/000_9da5be969268c11d.txt")
>>> result = cp.score(article, targets=["NATO", "Russia"], scorer="lexicon")
>>> len(result.relations)  # a pandas DataFrame
4
>>> result.comparison.plot().title  # a figure, which a notebook shows
'targets'

Each name loads its module on first use, so that a scorer alone starts without pandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.errors import AnalysisError
    from analysis.params import PairParams, ReportParams, given, pair_params, report_params
    from analysis.readers import read
    from analysis.report.article_report import Report
    from analysis.report.pairs import report_on_pair
    from analysis.scoring.pipeline import Result, run, score
    from analysis.types import Article, Kind, Segment, Voice

_HOMES = {
    "AnalysisError": "errors",
    "ReportParams": "params",
    "report_params": "params",
    "PairParams": "params",
    "pair_params": "params",
    "given": "params",
    "read": "readers",
    "Article": "types",
    "Kind": "types",
    "Segment": "types",
    "Voice": "types",
    "Report": "report.article_report",
    "report_on_pair": "report.pairs",
    "Result": "scoring.pipeline",
    "run": "scoring.pipeline",
    "score": "scoring.pipeline",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version  # slow to import

        try:
            value: Any = version("counterpoint")
        except PackageNotFoundError:  # run from a copy of the sources that was never installed
            value = "0+unknown"
    elif name in _HOMES:
        value = getattr(import_module(f"analysis.{_HOMES[name]}"), name)
        if _HOMES[name] == "scoring.pipeline":
            _hand_in_the_plot()
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def _hand_in_the_plot() -> None:
    """Let `result.comparison.plot()` draw; `scoring` stands above `report` and cannot import it."""

    def draw(result: "Result") -> Any:
        from analysis.report.plots import targets

        return targets(result)

    import_module("analysis.scoring.tables").ComparisonTable.draw = staticmethod(draw)
