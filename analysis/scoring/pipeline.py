"""An article, its targets and a scorer -> the five frames."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from markupsafe import Markup

from analysis import frames
from analysis.alignment.align import align, commentaries
from analysis.frames import conform
from analysis.html.elements import element, isolated
from analysis.params import ReportParams
from analysis.readers import read, read_options
from analysis.scorers import DEFAULT_SCORER, Scorer, ScorerInfo, load
from analysis.scoring.compare import comparison_rows
from analysis.scoring.tables import ComparisonTable, Table
from analysis.text.loaded_language import cues, format_cues
from analysis.text.marks import words
from analysis.text.segment import attributions, segments
from analysis.text.targets import Aliases, mentions, names_any, read_aliases
from analysis.text.targets import targets as targets_of
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


@dataclass(frozen=True, eq=False)
class Asked:
    """What one article asks of a scorer; everything but the answers.

    Attributes:
        article: the article.
        targets: what the stances are toward.
        parts: its segments.
        answers: its commentaries, each with the passage that it answers.
        stances: a segment, a target that it speaks of, in whose words, and whether inherited.
        cues: by segment id its cues of loaded language, as the column `cues` has them.
    """

    article: Article
    targets: tuple[Target, ...]
    parts: tuple[Segment, ...]
    answers: tuple[Answer, ...]
    stances: tuple[tuple[Segment, Target, str, bool], ...]
    cues: dict[str, str]


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
    asked = ask(article, targets, aliases=aliases)
    return Result(
        article=article,
        targets=asked.targets,
        scorer=scorer.info,
        confidence_level=confidence_level,
        seed=seed,
        **answer([asked], scorer, confidence_level=confidence_level, seed=seed),
    )


def ask(article: Article, targets: Sequence[str] = (), *, aliases: Aliases | None = None) -> Asked:
    """Parse an article and return what it asks of a scorer; see `score`."""
    found = targets_of(article, targets, aliases=aliases)
    parts = segments(article)
    answers = tuple(zip(commentaries(article), align(article, parts), strict=True))
    spoken = _spoken_of(parts, answers, found)
    attributing = attributions(parts)  # "Moscow denies that" is nobody's stance
    stances = tuple(
        (part, target, form, inherited)
        for part in _scored(parts)
        if part.segment_id not in attributing
        for target, form, inherited in spoken[part.segment_id]
    )
    texts = {segment_id: format_cues(found) for segment_id, found in cues(article, parts).items()}
    return Asked(article, found, parts, answers, stances, texts)


def answer(
    asked: Sequence[Asked], scorer: Scorer, *, confidence_level: float = 0.95, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """Return the five frames of several articles, one article's rows below the other's.

    The scorer is asked once a task for all of them, so that its batches fill across
    articles and the same words are scored once.
    """
    stances = stance_frame(asked, scorer)
    return {
        "segments": conform([row for a in asked for row in _segment_rows(a)], frames.SEGMENTS),
        "relations": relation_frame(asked, scorer),
        "stances": stances,
        "bias": bias_frame(asked, scorer),
        "comparison": comparison_frame(asked, stances, scorer, confidence_level, seed),
    }


def segment_frame(article: Article, parts: Sequence[Segment]) -> pd.DataFrame:
    """Return the `segments` frame of one article."""
    return conform(_part_rows(article, parts), frames.SEGMENTS)


def _segment_rows(asked: Asked) -> list[dict]:
    return _part_rows(asked.article, asked.parts)


def _part_rows(article: Article, parts: Sequence[Segment]) -> list[dict]:
    return [
        {"article_id": article.article_id}
        | {name: getattr(part, name) for name in list(frames.SEGMENTS.columns)[1:]}
        for part in parts
    ]


def relation_frame(asked: Sequence[Asked], scorer: Scorer) -> pd.DataFrame:
    """Return the `relations` frame, a row a commentary.

    Where the passage or the commentary holds no word there is nothing to answer or
    nothing said: the row is abstained.
    """
    answers = [(a.article, comment, passage) for a in asked for comment, passage in a.answers]
    pairs = [(passage.text, comment.text) for _, comment, passage in answers]
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
        for (article, comment, passage), label in zip(
            answers, _labelled(scorer, Task.RELATION, pairs), strict=True
        )
    ]
    return conform(rows, frames.RELATIONS)


def stance_frame(asked: Sequence[Asked], scorer: Scorer) -> pd.DataFrame:
    """Return the `stances` frame, a row for each segment and each target that it speaks of.

    The scorer is asked in the segment's own words: with the target's name where that
    stands in it, else with the alias that does. A commentary that names no target at all
    is asked about those that its passage speaks of, and its rows are marked as inherited.
    """
    stances = [(a.article, *stance) for a in asked for stance in a.stances]
    labelled = _labelled(
        scorer, Task.STANCE, [(part.text, form) for _, part, _, form, _ in stances]
    )
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
        for (article, part, target, _, inherited), label in zip(stances, labelled, strict=True)
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


def bias_frame(asked: Sequence[Asked], scorer: Scorer) -> pd.DataFrame:
    """Return the `bias` frame, a row a segment that holds a word."""
    spoken = [(a, part) for a in asked for part in _scored(a.parts) if words(part.text)]
    probabilities = _predicted(scorer, Task.BIAS, [(part.text,) for _, part in spoken])
    rows = [
        {
            "article_id": a.article.article_id,
            "segment_id": part.segment_id,
            "voice": part.voice.value,
            "p_biased": float(row[0]),
            "cues": a.cues[part.segment_id],
            "scorer": scorer.info.name,
        }
        for (a, part), row in zip(spoken, probabilities, strict=True)
    ]
    return conform(rows, frames.BIAS)


def comparison_frame(
    asked: Sequence[Asked],
    stances: pd.DataFrame,
    scorer: Scorer,
    confidence_level: float,
    seed: int,
) -> pd.DataFrame:
    """Return the `comparison` frame: each article's targets, its author against its commentator."""
    of_article = dict(iter(stances.groupby("article_id", sort=False)))
    rows = [
        row
        for a in asked
        for row in comparison_rows(
            of_article.get(a.article.article_id, stances.iloc[:0]),
            [target.name for target in a.targets],
            article_id=a.article.article_id,
            scorer=scorer.info.name,
            confidence_level=confidence_level,
            seed=seed,
        )
    ]
    return conform(rows, frames.COMPARISON)


def _scored(parts: Sequence[Segment]) -> list[Segment]:
    return [part for part in parts if part.kind not in UNSCORED]


def _labelled(scorer: Scorer, task: Task, rows: Sequence[tuple[str, ...]]) -> list[dict]:
    """Return for each row its label, probabilities, confidence and whether it is abstained."""
    info = scorer.info
    probabilities = _predicted(scorer, task, rows)
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


def _predicted(scorer: Scorer, task: Task, rows: Sequence[tuple[str, ...]]) -> np.ndarray:
    """Ask a scorer for each distinct row once; shape (n, labels), in [0, 1]."""
    places: dict[tuple[str, ...], int] = {}
    where = [places.setdefault(row, len(places)) for row in rows]
    found = np.asarray(scorer.predict(task, list(places)), dtype=float)
    return np.clip(found.reshape(len(places), len(task.labels)), 0, 1)[where]
