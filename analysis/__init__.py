"""Counterpoint: stance of news articles against their inline commentary.

>>> import analysis as cp
>>> article = cp.read("seeds/000_9da5be969268c11d.txt")
>>> result = cp.score(article, targets=["NATO", "Russia"], scorer="lexicon")
>>> len(result.relations)  # a frame is a pandas DataFrame
4
>>> result.comparison.plot().title  # and this one draws, in a notebook
'targets'

The names load their modules on first use: a scorer alone starts without pandas.
"""

import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.errors import AnalysisError
    from analysis.params import ReportParams, given, report_params
    from analysis.readers import read
    from analysis.score import Result, run, score
    from analysis.types import Article, Kind, Segment, Voice

__all__ = [
    "AnalysisError",
    "Article",
    "Kind",
    "ReportParams",
    "Result",
    "Segment",
    "Voice",
    "given",
    "read",
    "report_params",
    "run",
    "score",
]

_HOMES = {
    "AnalysisError": "errors",
    "ReportParams": "params",
    "report_params": "params",
    "given": "params",
    "read": "readers",
    "Article": "types",
    "Kind": "types",
    "Segment": "types",
    "Voice": "types",
    "Result": "score",
    "run": "score",
    "score": "score",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        try:
            value: Any = version("counterpoint")
        except PackageNotFoundError:  # run from a copy of the sources that was never installed
            value = "0+unknown"
    elif name in _HOMES:
        value = getattr(import_module(f"analysis.{_HOMES[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


class _Package(ModuleType):
    """Keeps `score` the function, where importing the module of that name would replace it."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name == "score" and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
