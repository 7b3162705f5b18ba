"""The report's sentences, made from the numbers and never saying more than they carry."""

from collections.abc import Sequence

import pandas as pd

from analysis.alignment.align import unplaced
from analysis.html.display import count, estimate, language, languages, listed, name
from analysis.readers.openings import openings_line
from analysis.scorers import ScorerInfo
from analysis.scoring.commentators import on_article
from analysis.scoring.compare import interval_excludes_zero
from analysis.scoring.pipeline import Result
from analysis.text.orders import orders
from analysis.thresholds import MIN_TEXTS
from analysis.types import Alignment, Kind, Task, Voice

QUOTED = 100  # characters of a sentence that is quoted in a warning
UNSURE = 0.5  # share of stances without a label from which the reader is warned
BY_TEXT = "six"  # data/models/alignment/MODEL_CARD.md, all comments behind the article
NO_COMMENTARY = "This text has no comments; the report describes the article alone."
NO_ARTICLE = "This text contains only comments; there is no article to compare them with."
SIDES = ("author", "commentator")  # of a row of `comparison`
ONE_SIDED = (NO_COMMENTARY, NO_ARTICLE)

_QUESTION = {
    Task.RELATION: "how a comment responds",
    Task.STANCE: "stances",
    Task.BIAS: "loaded wording",
}


def level(result: Result) -> str:
    """Return the confidence level of a result's intervals, such as `95%`."""
    return f"{100 * result.confidence_level:g}%"


def comparison_finding(result: Result) -> str:
    """Say toward which targets the commentary differs from the author, if any can be shown."""
    comparison = result.comparison
    if comparison.empty:
        return "No target was given or found, so no stances are compared."
    if not comparison.commentator_n.any():
        return "No comment mentions a target, so there is nothing to compare."
    shown = comparison[difference_shown(comparison)]
    if shown.empty:
        return _nothing_shown(comparison)
    ranked = shown.loc[shown.divergence.abs().sort_values(ascending=False).index]
    differences = listed([_difference(row) for row in ranked.head(2).itertuples()])
    scale = f"{level(result)} intervals; the scale runs from −1 to 1"
    text = f"The commentary is {differences} ({scale})."
    rest = len(comparison) - min(len(shown), 2)
    if len(shown) > 2:
        text += f" {count(len(shown) - 2, 'more target')} of {len(comparison)} show a difference."
    elif rest:
        text += f" No difference can be shown toward the other {count(rest, 'target')}."
    return text


def enough_texts(rows: pd.DataFrame, sides: Sequence[str] = SIDES) -> pd.Series:
    """Return for each row whether both sides have `MIN_TEXTS` texts, by their columns `…_n`."""
    return rows[[f"{side}_n" for side in sides]].min(axis=1) >= MIN_TEXTS


def difference_shown(rows: pd.DataFrame, sides: Sequence[str] = SIDES) -> pd.Series:
    """Return for each row whether a difference is shown between two sides, such as of a target.

    It is where both sides have `MIN_TEXTS` texts and the interval, as printed, excludes zero.
    """
    return enough_texts(rows, sides) & interval_excludes_zero(rows)


def _difference(row) -> str:
    way = "more" if row.divergence > 0 else "less"
    return (
        f"{way} favorable toward {name(row.target)} than the author by "
        f"{estimate(abs(row.divergence), row.ci_low, row.ci_high)}"
    )


def _nothing_shown(comparison: pd.DataFrame) -> str:
    few = int((~enough_texts(comparison)).sum())
    zero = len(comparison) - few
    why = []
    if zero:
        why.append(f"the interval includes zero for {zero}")
    if few:
        have = f"{few} {'has' if few == 1 else 'have'}" if zero else "each has"
        why.append(f"{have} fewer than {MIN_TEXTS} sentences or comments on one side")
    if len(comparison) == 1:
        one = "one side has too few sentences or comments" if few else "the interval includes zero"
        target = name(comparison.target.iloc[0])
        return f"No difference between author and comments can be shown toward {target}: {one}."
    return (
        f"No difference between author and comments can be shown toward any of the "
        f"{len(comparison)} targets: {listed(why)}."
    )


def warnings(result: Result, *, two_scorers: bool = False) -> list[str]:
    """Return what a reader must know before the figures, most important first.

    Args:
        result: what was found.
        two_scorers: whether what two scorers do not both name counts as unclear.
    """
    segments, lines = result.segments, about_scorer(result)
    of_article = segments.voice.isin([Voice.AUTHOR.value, Voice.QUOTED.value])
    commentator = segments.voice == Voice.COMMENTATOR.value
    if not commentator.any():
        lines.append(NO_COMMENTARY)
    elif not of_article.any():
        lines.append(NO_ARTICLE)
    else:
        lines += _sides(segments, commentator)
    if line := openings_line(result.article):
        lines.insert(0, f"{line[0].upper()}{line[1:]}.")
    lines += about_language(result)
    lines += _without_place(result)
    return lines + _unclear(on_article(result.relations), two_scorers) + _stances(result)


def _unclear(relations: pd.DataFrame, two_scorers: bool) -> list[str]:
    """Say how many comments are marked unclear, and why."""
    unclear = relations[relations.abstained]
    if unclear.empty:
        return []
    answering = int((unclear.passage != "").sum())
    reasons = ["the program was not sure enough"] if answering else []
    reasons += ["the two scorers differ"] if answering and two_scorers else []
    if answering < len(unclear):
        reasons.append("it answers no passage" if len(unclear) == 1 else "they answer no passage")
    comments, are = count(len(relations), "comment"), "is" if len(unclear) == 1 else "are"
    why = listed(reasons, "or")
    return [f"{len(unclear)} of {comments} {are} marked unclear: {why}."]


def _stances(result: Result) -> list[str]:
    """Warn where there is no target, or the scorer abstains from most stances."""
    if not result.targets:
        return ["No target was given or found in this text; name some with -p targets."]
    n, abstained = len(result.stances), int(result.stances.abstained.sum())
    if not n or abstained / n < UNSURE:
        return []
    share = f"{abstained} of {count(n, 'stance')} toward a target"
    return [f"{share} could not be read clearly; they have no label and weigh little in averages."]


def _sides(segments: pd.DataFrame, commentator: pd.Series) -> list[str]:
    lines = []
    length = segments.text.str.split().str.len()
    commentary = segments.kind.isin([Kind.COMMENTARY.value, Kind.CITATION.value])
    share = length[commentary].sum() / max(length.sum(), 1)
    if share > 0.5:
        lines.append(
            f"Most of this text is commentary ({share:.0%} of its words); the article's "
            "figures rest on the smaller part."
        )
    if (n := int(commentator.sum())) < MIN_TEXTS:
        lines.append(
            f"The comments have only {count(n, 'sentence')} in all; their figures are fragile."
        )
    if (n := int((segments.voice == Voice.AUTHOR.value).sum())) < MIN_TEXTS:
        lines.append(
            f"The author has only {count(n, 'sentence')}; the author's figures are fragile."
        )
    return lines


def _without_place(result: Result) -> list[str]:
    """Warn of comments whose place does not tell what they answer, and say what was done."""
    relations, article = on_article(result.relations), result.article
    nowhere, behind = unplaced(article), result.requests.trailing
    lost = relations[relations.commentary_id.isin(nowhere | behind)]
    by_text = lost[lost.alignment == Alignment.SIMILARITY.value]
    why = []
    if nowhere.intersection(by_text.commentary_id):
        why.append(
            "The file does not say what some comments answer, or quotes words that were not found."
        )
    if behind.intersection(by_text.commentary_id):
        why.append(
            "Comments stand together after the article, so their place does not show what they "
            "answer."
        )
    lines = [f"{' '.join(why)} {_by_text(result, by_text)}"] if why else []
    n = int((lost.alignment == Alignment.POSITION.value).sum())
    if n and len(article.of_kind(Kind.PARAGRAPH)) > 1:
        what = f"{n} of {count(len(relations), 'comment')} {'answers' if n == 1 else 'answer'}"
        lines.append(f"Nothing shows what {what}; the last paragraph is assumed.")
    return lines


def _by_text(result: Result, placed: pd.DataFrame) -> str:
    """Say how many comments, rows of the relations, have their passage by the words alone."""
    article, n = result.article, len(placed)
    right = ""
    if article.language != "en":
        right = "; how many are right here is not known"
    elif n >= MIN_TEXTS:
        right = f"; here about {placed.alignment_score.sum():.0f} of {n} should be right"
    return (
        f"For {n} of {count(len(on_article(result.relations)), 'comment')} the passage was found "
        f"by wording alone. In English tests, this was right for {BY_TEXT} in ten comments on a "
        f"single passage{right}."
    )


def about_scorer(result: Result) -> list[str]:
    """Warn where a text was sent elsewhere to be scored, and of what the scorer remarks."""
    sent = f"This text was sent to another machine, {name(result.scorer.sent_to)}, to be scored."
    return [sent] * bool(result.scorer.sent_to) + list(result.scorer.notes) + _orders(result)


def _orders(result: Result) -> list[str]:
    """Warn where the text tells a model what to answer."""
    found = [b.text[start:end] for b in result.article.blocks for start, end in orders(b.text)]
    if not found:
        return []
    tells = "tells" if len(found) == 1 else "tell"
    told = (
        f"{count(len(found), 'sentence')} of this text {tells} a model what to answer, such as "
        f"“{name(found[0], QUOTED)}”. The models that come with this program skip such sentences; "
        "another model may obey them."
    )
    return [told]


def about_language(result: Result, text: str = "text") -> list[str]:
    """Warn where the scorer is not validated for the language of an article, called `text`."""
    tag, tested = result.article.language, languages(result.scorer.languages)
    if result.scorer.validated_for(tag):
        return []
    if not tested:
        return ["Readings by this scorer are not validated in any language."]
    scorer = f"readings are validated only in {tested}"
    if tag == "und":
        return [f"The {text}'s language could not be identified; {scorer}."]
    return [f"The {text} seems to be in {language(tag)}; {scorer}."]


def measure(info: ScorerInfo, task: Task) -> str:
    """Return what a figure of this scorer is called: only a calibrated one is a confidence."""
    return "confidence" if task in info.calibrated else "score"


def scorer(info: ScorerInfo) -> str:
    """Return a scorer's name with its model, or with why a smaller model is used."""
    model = info.fallback or name(info.model)
    return f"{name(info.name)} scorer" + (f" ({model})" if model else "")


def limits(info: ScorerInfo) -> list[str]:
    """Return what a scorer cannot do, for the report."""
    lines = list(info.limits)
    uncalibrated = [_QUESTION[task] for task in Task if task in info.tasks - info.calibrated]
    if uncalibrated:
        lines.append(
            f"Its figures for {listed(uncalibrated)} are not calibrated: they are scores, not "
            "probabilities of being right."
        )
    lines.append(
        f"Its figures are validated only in {languages(info.languages)}."
        if info.languages
        else "Its figures are not validated in any language."
    )
    if not info.metrics:
        lines.append("It comes with no measurements of its quality.")
    return lines
