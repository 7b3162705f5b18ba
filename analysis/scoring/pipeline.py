"""Scores an article toward its targets: from file or `Article` to the five frames."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd
from markupsafe import Markup

from analysis import frames
from analysis.html.display import count
from analysis.html.elements import element, isolated
from analysis.params import ReportParams
from analysis.readers import read, read_options
from analysis.scorers import DEFAULT_SCORER, Scorer, ScorerInfo, load
from analysis.scoring.compare import by_speaker
from analysis.scoring.counts import cue_rates
from analysis.scoring.requests import ScoringRequests, requests_for
from analysis.scoring.score_frames import score_requests
from analysis.scoring.tables import ComparisonTable, Table
from analysis.text.aliases import Aliases, read_aliases
from analysis.types import Article, Target


@dataclass(frozen=True, eq=False, repr=False)
class Result(frames.Frames):
    """The five frames of one article (see `frames.py`), and what they were made from.

    Each frame is a pandas DataFrame; `comparison.plot()` draws. `requests` has the article's
    segments, commentaries with their passages, and cues.

    >>> import analysis as cp
    >>> result = cp.score(cp.read("seeds/000_9da5be969268c11d.txt"), ["NATO"], scorer="lexicon")
    >>> result
    <Result of '000_9da5be969268c11d': 44 segments, 4 comments, 1 target, lexicon scorer>
    >>> result.relations[["commentary_id", "alignment"]].iloc[0].tolist()
    ['b0005', 'quote']
    """

    schemas = frames.SCHEMAS
    article: Article
    targets: tuple[Target, ...]
    scorer: ScorerInfo
    confidence_level: float
    seed: int
    segments: pd.DataFrame = field(repr=False)
    relations: pd.DataFrame = field(repr=False)
    stances: pd.DataFrame = field(repr=False)
    bias: pd.DataFrame = field(repr=False)
    comparison: pd.DataFrame = field(repr=False)
    requests: ScoringRequests = field(repr=False)
    params: ReportParams | None = field(default=None, repr=False)  # as given to `run`

    def __post_init__(self) -> None:
        """Give each frame its name, so that it prints and draws accordingly."""
        for name in frames.SCHEMAS:
            kind = ComparisonTable if name == "comparison" else Table
            object.__setattr__(self, name, kind.of(getattr(self, name), name, self))

    def __repr__(self) -> str:
        """Return the numbers of segments, comments and targets on one line."""
        sizes = (
            count(len(self.segments), "segment"),
            count(len(self.relations), "comment"),
            count(len(self.targets), "target"),
        )
        return (
            f"<Result of {self.article.article_id!r}: {', '.join(sizes)}, "
            f"{self.scorer.name} scorer>"
        )

    def _repr_html_(self) -> str:
        tables = (Markup(frame._repr_html_()) for frame in (self.relations, self.comparison))
        head = element("p", element("b", isolated(self.article.title)), " ", repr(self))
        return str(element("div", head, *tables))

    @cached_property
    def cue_rates(self) -> pd.DataFrame:
        """How often each voice uses each kind of cue; see `counts.cue_rates`."""
        return cue_rates(self.segments, self.requests.cues, self.confidence_level)

    @cached_property
    def speakers(self) -> pd.DataFrame:
        """The mean stance of each voice and quoted speaker; see `compare.by_speaker`."""
        return by_speaker(
            self.stances,
            [target.name for target in self.targets],
            names=self.requests.speakers,
            confidence_level=self.confidence_level,
            seed=self.seed,
        )


def run(params: ReportParams) -> Result:
    """Read, score and compare one article; write the five frames if `params.tables` names a folder.

    Raises:
        AnalysisError: the input, a parameter or the scorer cannot be used.
    """
    result = score(
        read(params.article, read_options(params)),
        targets=params.targets,
        scorer=params.scorer,
        aliases=read_aliases(params.aliases),
        confidence_level=params.confidence_level,
        seed=params.seed,
    )
    if params.tables:
        result.write(params.tables)
    return replace(result, params=params)


def score(
    article: Article,
    targets: Sequence[str] = (),
    *,
    scorer: str | Scorer = DEFAULT_SCORER,
    aliases: Aliases | None = None,
    confidence_level: float = 0.95,
    seed: int = 0,
) -> Result:
    """Score how each commentary responds to its passage, and each segment's stance and wording.

    Args:
        article: as `read` gives it.
        targets: names or short propositions; none given: those found in the text.
        scorer: a scorer or its name.
        aliases: the targets' other names; none given: the shipped table.
        confidence_level: of the comparison's intervals, in (0.5, 1).
        seed: of the comparison's bootstrap.

    Raises:
        ScorerError: the scorer is unknown or cannot be loaded.
    """
    scorer = load(scorer) if isinstance(scorer, str) else scorer
    requests = requests_for(article, targets, aliases=aliases)
    return result_of(requests, scorer, confidence_level=confidence_level, seed=seed)


def result_of(
    requests: ScoringRequests, scorer: Scorer, *, confidence_level: float = 0.95, seed: int = 0
) -> Result:
    """Score one article's requests; for the other arguments see `score`."""
    scored = score_requests([requests], scorer, confidence_level=confidence_level, seed=seed)
    return Result(
        article=requests.article,
        targets=requests.targets,
        scorer=_noted(scorer, requests),
        confidence_level=confidence_level,
        seed=seed,
        **scored,
        requests=requests,
    )


def _noted(scorer: Scorer, requests: ScoringRequests) -> ScorerInfo:
    """Return what a scorer is, with its remarks on the scored rows where it has any."""
    info = scorer.info
    remarks = getattr(scorer, "remarks", None)
    rows = {task: requests.rows(task) for task in info.tasks}
    return replace(info, notes=remarks(rows)) if remarks else info
