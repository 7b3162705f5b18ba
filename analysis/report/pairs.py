"""Two texts become a report: on two versions of one article, or on two stories of one event."""

from analysis.params import PairParams
from analysis.readers import read_sides
from analysis.report.pair_report import PairReport
from analysis.report.stories_report import StoriesReport
from analysis.report.versions_report import VersionsReport
from analysis.versions.compare import compare_versions
from analysis.versions.stories import compare_stories


def report_on_pair(params: PairParams) -> PairReport:
    """Read and compare two texts, and return the report on them.

    Raises:
        AnalysisError: a file, a parameter or the scorer cannot be used, or two versions have no
            paragraph in common.
    """
    original, republished = read_sides(params)
    if params.same_event:
        return StoriesReport(compare_stories(original, republished, params), params)
    return VersionsReport(compare_versions(original, republished, params), params)
