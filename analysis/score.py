"""An article, its targets and a scorer -> the five frames."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from markupsafe import Markup

from analysis import frames
from analysis.align import align, commentaries
from analysis.compare import compare
from analysis.frames import conform
from analysis.html import element, isolated
from analysis.language import as_text, cues
from analysis.marks import words
from analysis.params import ReportParams
from analysis.readers import read, read_options
from analysis.scorers import DEFAULT_SCORER, Scorer, ScorerInfo, load
from analysis.segment import attributions, segments
from analysis.tables import ComparisonTable, Table
from analysis.targets import Aliases, mentions, names_any, read_aliases
from analysis.targets import targets as targets_of
from analysis.types import (
    Article,
    Commentary,
    Kind,
    Passage,
    Segment,
    Target,
    Task,
    Voice,
)

Answer = tuple[Commentary, Passage]
UNSCORED = (Kind.CREDIT,)  # a photographer's name or an address takes no stance


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """What one article came to: the five frames of `frames.py` and what they were made from.

    Each frame is a pandas DataFrame; `comparison.plot()` draws.

    >>> import analysis as cp
    >>> result = cp.score(cp.read("seeds/000_9da5be969268c11d.txt"), ["NATO"], scorer="lexicon")
    >>> result
    <Result of '000_9da5be969268c11d': 44 segments, 4 comments, 1 target, lexicon scorer>
    >>> result.relations[["commentary_id", "alignment"]].iloc[0].tolist()
    ['b0005', 'quote']
    """

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

    def __post_init__(self) -> None:
        """Let each frame know what it is, so that it prints and draws as such."""
        for name in frames.SCHEMAS:
            kind = ComparisonTable if name == "comparison" else Table
            object.__setattr__(self, name, kind.of(getattr(self, name), name, self))

    def __repr__(self) -> str:
        """Say how much there is of each, on one line."""
        said = (
            _counted(len(self.segments), "segment"),
            _counted(len(self.relations), "comment"),
            _counted(len(self.targets), "target"),
        )
        return (
            f"<Result of {self.article.article_id!r}: {', '.join(said)}, {self.scorer.name} scorer>"
        )

    def _repr_html_(self) -> str:
        tables = (Markup(frame._repr_html_()) for frame in (self.relations, self.comparison))
        head = element("p", element("b", isolated(self.article.title)), " ", repr(self))
        return str(element("div", head, *tables))

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """The five frames by name, in the order of the design, as plain DataFrames."""
        return {name: pd.DataFrame(getattr(self, name)) for name in frames.SCHEMAS}

    def write(self, folder: str | Path) -> None:
        """Write each frame as CSV and Parquet into a folder, which is made where missing."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name, frame in self.frames.items():
            frame.to_parquet(folder / f"{name}.parquet", index=False)
            frames.write_csv(frame, folder / f"{name}.csv")


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def run(params: ReportParams) -> Result:
    """Read, score and compare one article as the parameters say; write tables where asked.

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
    return result


def score(
    article: Article,
    targets: Sequence[str] = (),
    *,
    scorer: str | Scorer = DEFAULT_SCORER,
    aliases: Aliases | None = None,
    confidence_level: float = 0.95,
    seed: int = 0,
) -> Result:
    """Score what each commentary says back, and each segment's stance and wording.

    Args:
        article: as `read` gives it.
        targets: names or short propositions; none given: those found in the text.
        scorer: a scorer or its name.
        aliases: the targets' other names; none given: the shipped table.
        confidence_level: of the comparison's intervals.
        seed: of the comparison's bootstrap.

    Raises:
        ScorerError: the scorer is unknown or cannot be loaded.
    """
    scorer = load(scorer) if isinstance(scorer, str) else scorer
    found = targets_of(article, targets, aliases=aliases)
    parts = segments(article)
    answers = list(zip(commentaries(article), align(article, parts), strict=True))
    stances = stance_frame(article, parts, answers, found, scorer)
    return Result(
        article=article,
        targets=found,
        scorer=scorer.info,
        confidence_level=confidence_level,
        seed=seed,
        segments=segment_frame(article, parts),
        relations=relation_frame(article, answers, scorer),
        stances=stances,
        bias=bias_frame(article, parts, scorer),
        comparison=compare(
            stances,
            [target.name for target in found],
            article_id=article.article_id,
            scorer=scorer.info.name,
            confidence_level=confidence_level,
            seed=seed,
        ),
    )


def segment_frame(article: Article, parts: Sequence[Segment]) -> pd.DataFrame:
    """Return the `segments` frame."""
    rows = [
        {"article_id": article.article_id}
        | {name: getattr(part, name) for name in list(frames.SEGMENTS.columns)[1:]}
        for part in parts
    ]
    return conform(rows, frames.SEGMENTS)


def relation_frame(article: Article, answers: Sequence[Answer], scorer: Scorer) -> pd.DataFrame:
    """Return the `relations` frame, a row a commentary.

    Where the passage or the commentary holds no word there is nothing to answer or
    nothing said: the row is abstained.
    """
    pairs = [(passage.text, comment.text) for comment, passage in answers]
    labelled = _labelled(scorer, Task.RELATION, pairs)
    rows = [
        {
            "article_id": article.article_id,
            "commentary_id": comment.commentary_id,
            "passage_start": passage.start,
            "passage_end": passage.end,
            "passage": passage.text,
            "commentary": comment.text,
            **label,
            "abstained": label["abstained"] or not (words(passage.text) and words(comment.text)),
            "alignment": passage.alignment.value,
            "alignment_score": passage.alignment_score,
        }
        for (comment, passage), label in zip(answers, labelled, strict=True)
    ]
    return conform(rows, frames.RELATIONS)


def stance_frame(
    article: Article,
    parts: Sequence[Segment],
    answers: Sequence[Answer],
    targets: Sequence[Target],
    scorer: Scorer,
) -> pd.DataFrame:
    """Return the `stances` frame, a row for each segment and each target that it speaks of.

    The scorer is asked in the segment's own words: with the target's name where that
    stands in it, else with the alias that does. A commentary that names no target at all
    is asked about those that its passage speaks of, and its rows are marked as inherited.
    """
    spoken = _spoken_of(parts, answers, targets)
    attributing = attributions(parts)  # "Moscow denies that" is nobody's stance
    asked = [
        (part, target, forms, inherited)
        for part in _scored(parts)
        if part.segment_id not in attributing
        for target, forms, inherited in spoken[part.segment_id]
    ]
    labelled = _labelled(scorer, Task.STANCE, [(part.text, form) for part, _, form, _ in asked])
    rows = [
        {
            "article_id": article.article_id,
            "segment_id": part.segment_id,
            "voice": part.voice.value,
            "speaker": part.speaker,
            "target": target.name,
            "score": label["p_favor"] - label["p_against"],
            "inherited": inherited,
            **label,
        }
        for (part, target, _, inherited), label in zip(asked, labelled, strict=True)
    ]
    return conform(rows, frames.STANCES)


def _spoken_of(
    parts: Sequence[Segment], answers: Sequence[Answer], targets: Sequence[Target]
) -> dict[str, list[tuple[Target, str, bool]]]:
    """Return by segment the targets that it speaks of, in whose words, and whether inherited."""
    spoken: dict[str, list[tuple[Target, str, bool]]] = {}
    for part in parts:
        found = [(target, mentions(target, part.text)) for target in targets]
        spoken[part.segment_id] = [
            (target, target.name if target.name in forms else forms[0], False)
            for target, forms in found
            if forms
        ]
    for comment, passage in answers:
        own = [p for p in parts if p.block_id in comment.block_ids and p.voice is Voice.COMMENTATOR]
        if any(spoken[part.segment_id] for part in own) or names_any(comment.text):
            continue  # it has a topic of its own, though it may be none of the targets
        topics = [target for target in targets if mentions(target, passage.text)]
        for part in own:
            spoken[part.segment_id] = [(target, target.name, True) for target in topics]
    return spoken


def bias_frame(article: Article, parts: Sequence[Segment], scorer: Scorer) -> pd.DataFrame:
    """Return the `bias` frame, a row a segment that holds a word."""
    found = cues(article, parts)
    asked = [part for part in _scored(parts) if words(part.text)]
    probabilities = scorer.predict(Task.BIAS, [(part.text,) for part in asked])
    rows = [
        {
            "article_id": article.article_id,
            "segment_id": part.segment_id,
            "voice": part.voice.value,
            "p_biased": float(row[0]),
            "cues": as_text(found[part.segment_id]),
            "scorer": scorer.info.name,
        }
        for part, row in zip(asked, probabilities, strict=True)
    ]
    return conform(rows, frames.BIAS)


def _scored(parts: Sequence[Segment]) -> list[Segment]:
    return [part for part in parts if part.kind not in UNSCORED]


def _labelled(scorer: Scorer, task: Task, rows: Sequence[tuple[str, ...]]) -> list[dict]:
    """Return for each row its label, probabilities, confidence and whether it is abstained."""
    info = scorer.info
    probabilities = np.asarray(scorer.predict(task, rows), dtype=float)
    probabilities = np.clip(probabilities.reshape(len(rows), len(task.labels)), 0, 1)
    threshold = info.threshold(task)
    labelled = []
    for row in probabilities:
        best = int(row.argmax())
        confidence = float(row[best]) if task in info.calibrated else float("nan")
        labelled.append(
            {
                "label": task.labels[best],
                **{f"p_{name}": float(p) for name, p in zip(task.labels, row, strict=True)},
                "confidence": confidence,
                "abstained": confidence < threshold,
                "scorer": info.name,
            }
        )
    return labelled
