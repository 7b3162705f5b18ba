"""How often the right paragraph is found, on articles whose commentators said what they answer.

A file is JSON lines, one article per line: `paragraphs`, a list of texts, and `commentaries`, a
list of `{"commentary": text, "answers": the number of the paragraph, from 0}`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.alignment.align import align, similarities
from analysis.alignment.ranking import features, names, weights
from analysis.errors import InputError
from analysis.paths import resolve
from analysis.quality.evaluate import numbered_lines
from analysis.types import Article, Block, Kind

MIN_ARTICLES = 10  # to measure weights that are fitted to the other articles
L2_PENALTY = 2.0
MARKER = "Comment: "
FORM = '{"paragraphs": ["…"], "commentaries": [{"commentary": "…", "answers": NUMBER}]}'
EXPECTED = f"expected {FORM}"


@dataclass(frozen=True, slots=True)
class AnchoredArticle:
    """One article: its paragraphs, its comments, and the paragraph that each answers."""

    paragraphs: tuple[str, ...]
    comments: tuple[str, ...]
    answers: tuple[int, ...]


def read_anchored_articles(path: str | Path) -> list[AnchoredArticle]:
    """Read articles whose comments are anchored.

    Raises:
        InputError: the file cannot be read, holds no row, or a line is not such an object.
    """
    path = resolve(path)
    return [_anchored(line, f"{path}: line {n}") for n, line in numbered_lines(path, FORM)]


def _anchored(line: str, where: str) -> AnchoredArticle:
    try:
        row = json.loads(line)
        paragraphs = tuple(row["paragraphs"])
        comments = tuple(c["commentary"] for c in row["commentaries"])
        answers = tuple(c["answers"] for c in row["commentaries"])
        texts = all(isinstance(t, str) and t.strip() for t in (*paragraphs, *comments))
        places = all(type(n) is int and 0 <= n < len(paragraphs) for n in answers)
    except (ValueError, KeyError, TypeError, RecursionError):
        texts = places = False
    if not texts or not places or not comments:
        raise InputError(f"{where}: found something else; {EXPECTED}")
    return AnchoredArticle(paragraphs, comments, answers)


def alignment_accuracy(articles: Sequence[AnchoredArticle]) -> pd.DataFrame:
    """Measure how often the right paragraph is found, first and among the first three.

    Returns:
        A row a method: `method`, `n` (comments), `articles`, `first` and `first_three` (shares;
        the latter empty where a method gives one paragraph only). The methods: `tf-idf`, the
        baseline; `text`, the shipped weights; `text, encoded`, those of all features, the encoder's
        too; either with `others' weights`, each article with weights fitted to the other
        articles, where there are at least `MIN_ARTICLES`: the ones to trust for articles that the
        shipped weights were fitted to; `position`, what `align` finds where each comment stands
        after the paragraph that it answers; `gathered`, what it finds where all comments of an
        article stand after its last paragraph.
    """
    answers = [np.array(a.answers) for a in articles]
    ranked = {"tf-idf": [similarities(a.comments, a.paragraphs) for a in articles]}
    every = [features(a.comments, a.paragraphs, encoded=True) for a in articles]
    order = names(encoded=True)
    for name, encoded in (("text", False), ("text, encoded", True)):
        tables = [table[..., [order.index(n) for n in names(encoded=encoded)]] for table in every]
        ranked[name] = [table @ weights(encoded=encoded) for table in tables]
        if len(articles) >= MIN_ARTICLES:
            ranked[f"{name}, others' weights"] = leave_one_out_scores(tables, answers)
    rows = [{"method": name, **_hits(articles, scores)} for name, scores in ranked.items()]
    for name, aligned in (("position", _in_place), ("gathered", _behind)):
        right = [hit for a in articles for hit in aligned(a)]
        rows.append({"method": name, "first": float(np.mean(right)), "first_three": np.nan})
    count = {"n": sum(len(a.comments) for a in articles), "articles": len(articles)}
    columns = ["method", "n", "articles", "first", "first_three"]
    return pd.DataFrame([count | row for row in rows])[columns]


def leave_one_out_scores(
    tables: Sequence[np.ndarray], answers: Sequence[np.ndarray]
) -> list[np.ndarray]:
    """Return each article's log-odds by weights fitted to all the others; see `fit_weights`."""
    tables, answers = list(tables), list(answers)
    return [
        table @ fit_weights(tables[:n] + tables[n + 1 :], answers[:n] + answers[n + 1 :])
        for n, table in enumerate(tables)
    ]


def _hits(articles: Sequence[AnchoredArticle], scores: Sequence[np.ndarray]) -> dict[str, float]:
    """Return how often the right paragraph ranks first, and among the first three."""
    ranks = np.array(
        [
            (row > row[answer]).sum() + (row[:answer] == row[answer]).sum()
            for article, table in zip(articles, scores, strict=True)
            for row, answer in zip(table, article.answers, strict=True)
        ]
    )
    return {"first": float((ranks < 1).mean()), "first_three": float((ranks < 3).mean())}


def _in_place(article: AnchoredArticle) -> list[bool]:
    """Tell for comments placed after the paragraphs that they answer whether `align` is right."""
    order = sorted(range(len(article.comments)), key=lambda n: article.answers[n])
    return _aligned_right(article, [(article.answers[n], n) for n in order])


def _behind(article: AnchoredArticle) -> list[bool]:
    """Tell for comments placed after the article whether `align` is right."""
    last = len(article.paragraphs) - 1
    return _aligned_right(article, [(last, n) for n in range(len(article.comments))])


def _aligned_right(article: AnchoredArticle, places: Sequence[tuple[int, int]]) -> list[bool]:
    """Align comments, given as (paragraph that each stands after, its number) in text order."""
    parts: list[tuple[Kind, str]] = []
    for number, text in enumerate(article.paragraphs):
        parts.append((Kind.PARAGRAPH, text))
        here = (article.comments[comment] for place, comment in places if place == number)
        parts += ((Kind.COMMENTARY, text) for text in here)
    made = annotated("article", parts)
    passages = align(made, ())
    paragraphs = made.of_kind(Kind.PARAGRAPH)
    wanted = [paragraphs[article.answers[comment]] for _, comment in places]
    return [
        block.start <= passage.start < block.end
        for block, passage in zip(wanted, passages, strict=True)
    ]


def annotated(article_id: str, parts: Sequence[tuple[Kind, str]]) -> Article:
    """Return an article of paragraphs and comments, each comment after a marker."""
    blocks: list[Block] = []
    start = 0
    for kind, text in parts:
        lead = MARKER if kind is Kind.COMMENTARY else ""
        end = start + len(lead) + len(text)
        blocks.append(Block(f"b{len(blocks):04d}", kind, start, end, lead + text, len(lead)))
        start = end + 2
    raw = "\n\n".join(block.text for block in blocks)
    return Article(article_id, "", raw, tuple(blocks))


def fit_weights(tables: Sequence[np.ndarray], answers: Sequence[np.ndarray]) -> np.ndarray:
    """Return the weights of a conditional logit with an L2 penalty, one a feature.

    Args:
        tables: for each article its features, shape (comments, paragraphs, features).
        answers: for each article the paragraph that each comment answers, from 0.
    """
    from scipy.optimize import minimize
    from scipy.special import softmax

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = L2_PENALTY * w @ w / 2, L2_PENALTY * w
        for table, right in zip(tables, answers, strict=True):
            odds = softmax(table @ w, axis=1)
            rows = np.arange(len(right))
            total -= np.log(odds[rows, right] + 1e-12).sum()
            slope = slope + np.einsum("cp,cps->s", odds, table) - table[rows, right].sum(axis=0)
        return float(total), slope

    return minimize(loss, np.zeros(tables[0].shape[-1]), jac=True, method="L-BFGS-B").x
