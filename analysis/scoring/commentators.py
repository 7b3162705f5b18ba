"""Who comments: how each commentator responds to the article, and how far they agree."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.gold.agreement import alpha, alpha_interval
from analysis.types import Relation

LABELS = [label.value for label in Relation]


class Agreement(NamedTuple):
    """How far commentators agree over the passages that at least two of them answer.

    Attributes:
        passages: how many there are.
        same: on how many all say the same.
        alpha: Krippendorff's (nominal), empty for fewer than ten passages or where all labels
            are one.
        low: low end of its 95% bootstrap interval over passages.
        high: high end.
    """

    passages: int
    same: int
    alpha: float
    low: float
    high: float


def on_article(relations: pd.DataFrame) -> pd.DataFrame:
    """Return the relations of comments on the article; replies answer a comment.

    Tables of earlier versions have no column `reply_to`, and no such rows.
    """
    replies = relations.get("reply_to")
    return relations if replies is None else relations[replies == ""]


def by_article(relations: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Count the comments on articles and their labels.

    Args:
        relations: rows of several articles, without replies; see `on_article`.
        names: the articles' ids.

    Returns:
        A row for each name, in their order: comments, and of these agree, disagree, neutral.
    """
    comments = relations["article_id"].value_counts().reindex(names, fill_value=0)
    labeled = relations[~relations["abstained"].astype(bool)]
    labels = pd.crosstab(labeled["article_id"], labeled["label"])
    labels = labels.reindex(index=names, columns=LABELS, fill_value=0)
    counts = {label: labels[label].to_numpy() for label in LABELS}
    return pd.DataFrame({"comments": comments.to_numpy(), **counts})


def by_commentator(relations: pd.DataFrame) -> pd.DataFrame:
    """Count each commentator's labels, in the order of their first comments.

    Returns:
        Columns commentator, comments (on the article), agree, disagree, neutral, abstained (of
        these), replies.
    """
    if relations.empty:
        return pd.DataFrame(columns=["commentator", "comments", *LABELS, "abstained", "replies"])
    answers = relations["reply_to"] == ""
    named = relations["label"].where(~relations["abstained"], "abstained")
    flags = {label: answers & (named == label) for label in (*LABELS, "abstained")}
    counted = relations[["commentator"]].assign(comments=answers, **flags, replies=~answers)
    return counted.groupby("commentator", sort=False).sum().astype(int).reset_index()


def agreement(relations: pd.DataFrame, *, seed: int = 0) -> Agreement:
    """Return how far the named commentators agree; see `Agreement`.

    Passages that overlap are one. Of several comments of one commentator on a passage the mean
    probabilities decide. Abstained relations, replies and comments on no passage do not count.

    Args:
        relations: the `relations` frame of one article.
        seed: of the bootstrap.
    """
    rows = on_article(relations)
    rows = rows[~rows["abstained"] & (rows["commentator"] != "") & (rows["passage"] != "")]
    rows = rows.sort_values(["passage_start", "passage_end"], kind="stable")
    reach = rows["passage_end"].cummax().shift(fill_value=-1)
    rows = rows.assign(passage_number=(rows["passage_start"] >= reach).cumsum())
    figures = [f"p_{label}" for label in LABELS]
    means = rows.groupby(["passage_number", "commentator"])[figures].mean()
    said = pd.DataFrame(
        np.eye(len(LABELS), dtype=int)[means.to_numpy().argmax(axis=1)] if len(means) else [],
        index=means.index, columns=LABELS,
    )  # fmt: skip
    counts = said.groupby("passage_number").sum()
    shared = counts[counts.sum(axis=1) > 1].to_numpy(int)
    low, high = alpha_interval(shared, seed=seed)
    value = float("nan") if np.isnan(low) else alpha(shared)
    same = int((np.count_nonzero(shared, axis=1) == 1).sum()) if len(shared) else 0
    return Agreement(len(shared), same, value, low, high)
