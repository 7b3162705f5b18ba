"""The report's table of commentators, and how far they agree with one another."""

import numpy as np

from analysis.gold.agreement import MIN_ITEMS
from analysis.html.display import count, number
from analysis.html.elements import EMPTY, Html, element, table
from analysis.report.findings import name
from analysis.scoring.commentators import agreement, by_commentator
from analysis.scoring.pipeline import Result


def commentators(result: Result) -> Html:
    """Return who says what of the article, a row a commentator; nothing where nobody is named."""
    rows = by_commentator(result.relations)
    if not (rows["commentator"] != "").any():
        return EMPTY
    columns = {
        "Commentator": [name(who) or "Not named" for who in rows.commentator],
        "Comments": "comments", "agree": "agree", "disagree": "disagree", "neutral": "neutral",
        "unclear": "abstained", "Replies": "replies",
    }  # fmt: skip
    caption = (
        "How each commentator responds to the article. Replies to comments are counted separately."
    )
    counted = table(rows, caption, name="commentators.csv", columns=columns)
    said = element("p", agreement_line(result), class_="cp")
    return Html(counted + said)


def agreement_line(result: Result) -> str:
    """Say on how many passages commentators say the same; empty for fewer than two of them."""
    named = result.relations["commentator"].unique()
    if sum(who != "" for who in named) < 2:
        return ""
    found = agreement(result.relations, seed=result.seed)
    if not found.passages:
        return "No passage has clear comments from two commentators, so they cannot be compared."
    n, same = found.passages, found.same
    alike = f"on {'none' if not same else 'all' if same == n else same} of them"
    they = f"agree {alike}" if n > 1 else "agree on it" if same else "differ on it"
    text = f"Two or more commentators answer {count(n, 'passage')} clearly; they {they}"
    if found.passages < MIN_ITEMS:
        return f"{text}: too few to say how far they agree."
    if np.isnan(found.alpha):
        return (
            f"{text}. Nearly all labels are the same, so Krippendorff’s alpha is not informative."
        )
    ends = f"{number(found.low)} to {number(found.high)}"
    return f"{text}. Krippendorff’s alpha is {number(found.alpha)} (95% interval {ends})."
