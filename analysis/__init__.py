"""Counterpoint: stance of news articles against their inline commentary.

>>> import analysis as cp
>>> article = cp.read("seeds/000_9da5be969268c11d.txt")
>>> result = cp.score(article, targets=["NATO", "Russia"], scorer="lexicon")
>>> len(result.relations)
4
"""

from importlib.metadata import PackageNotFoundError, version

from analysis.errors import AnalysisError
from analysis.params import ReportParams, report_params
from analysis.readers import read
from analysis.score import Result, run, score

try:
    __version__ = version("counterpoint")
except PackageNotFoundError:  # run from a copy of the sources that was never installed
    __version__ = "0+unknown"

__all__ = ["AnalysisError", "ReportParams", "Result", "read", "report_params", "run", "score"]
