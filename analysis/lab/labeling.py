"""The labeling notebook's calls: start, agreement of annotators, and their disputes."""

import getpass
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

import analysis
from analysis.errors import InputError, ParameterError
from analysis.gold.agreement import agreement, labeled_items
from analysis.gold.labels import ADJUDICATED, LONGEST, LabelLog, annotators, item
from analysis.html.display import intervals, number
from analysis.html.elements import Html, nothing_shown, table
from analysis.lab.questions import disputes, questions
from analysis.lab.review import Review
from analysis.params import ReportParams
from analysis.paths import GOLD, ROOT, resolve
from analysis.readers import read, read_options
from analysis.scoring.requests import requests_for
from analysis.types import DEFAULT_SCORER, Article, Commentary, Passage, Task


def start(
    articles: Iterable[str],
    *,
    task: str = Task.RELATION.value,
    targets: Sequence[str] = (),
    scorer: str = DEFAULT_SCORER,
    second: str = "",
    annotator: str = "",
    blind: bool = True,
    adjudicate: bool = False,
    folder: str | Path = GOLD,
) -> Review:
    """Return one annotator's review, resumed from the log.

    Args:
        articles: files, or patterns of files.
        task: `relation`, `stance`, `bias` or `voice`.
        targets: targets of the stances; by default those found in each text.
        scorer: scorer whose uncertainty sets the order.
        second: another scorer; what the two differ on comes first. Empty for none.
        annotator: name of the log; by default the login name.
        blind: whether the program's label is shown only after the annotator's.
        adjudicate: whether to settle the annotators' disputes in `adjudicated.jsonl` instead.
        folder: folder of the logs, relative to the project's root.

    Raises:
        ParameterError: a parameter is not allowed.
        AnalysisError: an article, a log or the scorer cannot be used.
    """
    folder = ROOT / folder
    if adjudicate:
        return Review(disputes(folder), LabelLog(folder, ADJUDICATED))
    log = annotator_log(resolve(folder), annotator)
    asked = questions(articles, task, targets=targets, scorer=scorer, second=second)
    return Review(asked, log, blind=blind)


def annotator_log(folder: str | Path, annotator: str = "") -> LabelLog:
    """Return the log of one annotator, by default of who is logged in.

    Raises:
        ParameterError: the name cannot be that of a log, or is that of the settled disputes.
    """
    name = annotator or login_name()
    if name == ADJUDICATED:
        raise ParameterError(
            f"annotator: found {name!r}, which settles disputes; expected another name, or "
            "adjudicate = True in review-labels.ipynb"
        )
    return LabelLog(folder, name)


def label_comment(
    params: ReportParams,
    comment: str,
    label: str,
    *,
    annotator: str = "",
    folder: str | Path = GOLD,
    **about: Any,
) -> Path:
    """Log one person's label of a comment of a report's article; see `keep_label`.

    Args:
        params: a report's; its article and how that is read count.
        comment: a commentary_id, or the comment's number on the page.
        label: one of the task's.
        annotator: name of the log; by default the login name.
        folder: folder of the logs.
        about: task and target.

    Returns:
        The log.

    Raises:
        AnalysisError: the article cannot be read, or as `keep_label` says.
    """
    log = annotator_log(folder, annotator)
    article = read(params.article, read_options(params))
    answered = requests_for(article, params.targets).commentaries
    return keep_label(log, article, answered, comment, label, **about)


def keep_label(
    log: LabelLog,
    article: Article,
    answered: Sequence[tuple[Commentary, Passage]],
    comment: str,
    label: str,
    *,
    task: Task = Task.RELATION,
    target: str = "",
) -> Path:
    """Log one person's label of a comment, given after the program's answer was seen.

    Args:
        log: the annotator's.
        article: what the comment is in.
        answered: its comments, each with its passage.
        comment: a commentary_id, or the comment's number on the page.
        label: one of the task's.
        task: `relation` or `stance`.
        target: what a stance is toward.

    Returns:
        The log.

    Raises:
        ParameterError: there is no such comment or label, or a stance has no target.
        InputError: the article is in no file, or the log cannot be written.
    """
    if "://" not in article.source and not resolve(article.source).is_file():
        raise InputError(
            f"{article.source}: found no such file, which a label has to name; expected an article "
            "that is opened by its path"
        )
    commentary, passage = _comment(article, answered, comment)
    if (task is Task.STANCE) != bool(target):
        raise ParameterError("--target: expected with --task stance, and with that alone")
    spans = [(commentary.start, commentary.end)]
    if task is Task.RELATION:
        if passage.start >= passage.end:
            raise ParameterError(
                f"{article.source}: {comment} answers no passage; expected one that does"
            )
        spans.insert(0, (passage.start, passage.end))
    question = item(article, task, spans, target=target)
    log.label(question, label, counterpoint=analysis.__version__, seen_program=True)
    return log.path


def _comment(
    article: Article, answered: Sequence[tuple[Commentary, Passage]], name: str
) -> tuple[Commentary, Passage]:
    """Return the comment of that id or number, and its passage."""
    found = {c.commentary_id: (c, passage) for c, passage in answered}
    found |= {str(n): both for n, both in enumerate(answered, 1)}
    if name not in found:
        known = ", ".join(c.commentary_id for c, _ in answered) or "none, it has no comment"
        raise ParameterError(
            f"{article.source}: found no comment {name!r}; expected its number or one of {known}"
        )
    return found[name]


def login_name() -> str:
    """Return the login name as an annotator's name; `annotator` where there is none."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):
        user = ""
    plain = re.sub("[^a-z0-9]+", "-", user.lower()).strip("-")[:LONGEST].strip("-")
    return "annotator" if plain in ("", ADJUDICATED) else plain


def agreement_table(folder: str | Path = GOLD) -> Html:
    """Return Krippendorff's alpha with its interval by task, or say how to get one."""
    folder = ROOT / folder
    found = agreement(labeled_items(folder)) if annotators(folder) else pd.DataFrame()
    if found.empty:
        text = "Agreement needs two annotators who labeled the same items; there are none yet."
        return nothing_shown(text)
    columns = {
        "Task": "task", "Annotators": "annotators", "Items": "items",
        "Same label": found.agreed.map("{:.0%}".format),
        "Krippendorff’s alpha": found.alpha.map(number), "95% interval": intervals(found),
        "Disputes": "disputes",
    }  # fmt: skip
    caption = (
        "How far annotators agree: 1 is full agreement, 0 what chance would give, a dash where "
        "every label is the same. Below 0.67, draw no conclusion from the labels."
    )
    return table(found, caption, name="agreement.csv", columns=columns)


def disputes_table(folder: str | Path = GOLD) -> Html:
    """Return the items on which annotators differ, with their labels and the settled one."""
    folder = ROOT / folder
    found = labeled_items(folder) if annotators(folder) else []
    rows = [
        {
            "task": reading.item.task,
            "target": reading.item.target or "–",
            "article": Path(reading.item.article).name,
            "where": ", ".join(f"{start} to {end}" for start, end in reading.item.spans),
            "said": "; ".join(f"{n}: {said.label}" for n, said in sorted(reading.labels.items())),
            "settled": reading.settled.label if reading.settled else "not yet",
        }
        for reading in found
        if reading.disputed
    ]
    if not rows:
        return nothing_shown("There are no disputes.")
    columns = {
        "Task": "task", "Target": "target", "Article": "article", "Characters": "where",
        "Labels": "said", "Settled as": "settled",
    }  # fmt: skip
    caption = "Items on which annotators differ. With adjudicate = True they are asked here."
    return table(pd.DataFrame(rows), caption, name="disputes.csv", columns=columns)
