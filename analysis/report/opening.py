"""The opening in plain words: what the comments do, toward whom, and how sure that is.

Counts come first and intervals second. No sentence rests on what is unclear or derived alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.html.display import capitalized, estimate, excerpt, listed, name, word
from analysis.report.edition import Note, notes_of
from analysis.report.findings import difference_shown, level
from analysis.report.naming import spoken
from analysis.scoring.commentators import by_commentator
from analysis.scoring.compare import measured
from analysis.scoring.pipeline import Result
from analysis.thresholds import CLEAR, LOADED, MIN_TEXTS
from analysis.types import Article, Relation, Stance, Task, Voice

MAX_NAMED = 3  # targets or commentators that a sentence names
MIN_NAMING = 3  # comments from which their unclear side toward a target is worth a sentence

_DO = {
    Relation.DISAGREE: ("disagrees with the article", "disagree with the article"),
    Relation.AGREE: ("agrees with the article", "agree with the article"),
    Relation.NEUTRAL: ("is neutral", "are neutral"),
}
DIVIDED = "divided over"
# Comments that take a side toward a target, the target, and comments that name it.
_Tally = tuple[int, str, int, int]  # on that side, target, that name it, on the other side
_SIDES = {Stance.AGAINST: "critical of", Stance.FAVOR: "favorable toward"}


@dataclass(frozen=True, slots=True)
class Disputed:
    """The passage that most comments contradict, or the most clearly where one contradicts each.

    Attributes:
        passage: its text, or the part of it that the comments speak of.
        comments: the numbers of those comments.
        others: how many comments contradict other passages.
        level: how many other passages as many comments contradict.
    """

    passage: str
    comments: tuple[int, ...]
    others: int = 0
    level: int = 0


def finding(result: Result) -> list[str]:
    """Return what the comments do, toward whom, and whether the article takes sides."""
    return [s for s in (comments(result), toward(result), article(result)) if s]


def comments(result: Result) -> str:
    """Say how many comments contradict the article, agree with it or do neither."""
    answering = result.relations[result.relations.reply_to == ""]
    if result.relations.empty:
        return "This text has no comments; the report describes the article alone."
    lines = [_counted(answering), *_who(answering)] if len(answering) else []
    if n := len(result.relations) - len(answering):
        more = " more" if lines else ""
        other = "answers another comment" if n == 1 else "answer other comments"
        lines.append(f"{capitalized(word(n))}{more} {other}.")
    return " ".join(lines)


def _counted(answering: pd.DataFrame) -> str:
    total, named = len(answering), answering[~answering.abstained]
    counts = {r: n for r in _DO if (n := int((named.label == r.value).sum()))}
    if not counts:
        they = "the one comment agrees" if total == 1 else "any comment agrees"
        return (
            f"No finding: the program could not tell whether {they} or disagrees with the article."
        )
    clear = int((named.confidence >= CLEAR).sum())  # without calibration there is no confidence
    if list(counts.values()) == [total]:
        (relation,) = counts
        one = total == 1
        who = "The one comment" if one else all_comments(total)
        surely = f", {_of_them(clear, total)} clearly" if clear and not one else ""
        return f"{who} {'clearly ' if one and clear else ''}{_DO[relation][not one]}{surely}."
    parts = [f"{word(n)} {_DO[r][n != 1]}" for r, n in counts.items()]
    if unclear := total - len(named):
        parts.append(f"{word(unclear)} {'is' if unclear == 1 else 'are'} unclear")
    first, *rest = parts
    parts = [first, *(part.replace("the article", "it") for part in rest)]
    return f"Of {word(total)} comment{'s' * (total > 1)}, {listed(parts)}."


def _who(answering: pd.DataFrame) -> list[str]:
    """Say what each of two or three named commentators mostly does; nothing of more or fewer."""
    rows = by_commentator(answering)
    if not 2 <= len(rows) <= MAX_NAMED or (rows.commentator == "").any():
        return []
    parts, unclear = [], []
    for row in rows.itertuples():
        relation = max(_DO, key=lambda r: getattr(row, r.value))
        most, who = getattr(row, relation.value), name(row.commentator)
        if 2 * most > row.comments:
            does = _DO[relation][0].removesuffix(" with the article")
            parts.append(f"{who} {does} ({most} of {row.comments})")
        elif 2 * row.abstained < row.comments:
            parts.append(f"{who} answers in different ways")
        else:
            unclear.append(f"{who} ({row.abstained} of {row.comments})")
    lines = [f"{listed(parts)}."] if parts else []
    if unclear:
        lines.append(f"At least half of the comments by {listed(unclear)} are unclear.")
    return lines


def all_comments(n: int) -> str:
    """Return the words for all of some comments, more than one."""
    return "Both comments" if n == 2 else f"All {word(n)} comments"


def _of_them(part: int, whole: int) -> str:
    if part < whole:
        return f"{word(part)} of them"
    return "both" if whole == 2 else "all of them"


def toward(result: Result) -> str:
    """Say toward whom the comments are critical, favorable or divided; empty without comments."""
    if result.relations.empty:
        return ""
    own = measured(result.stances)
    own = own[own.voice == Voice.COMMENTATOR.value]
    speaking, unclear = own.groupby("target").size(), own.groupby("target").abstained.mean()
    if speaking.empty:
        return "They name none of the article’s targets: the people, groups or ideas it is about."
    named = own[~own.abstained]
    sides, singles, claimed = _sides(named, speaking, result.article)
    claims = [f"Comments are {listed(_several(sides))}."] if sides else []
    if singles:
        claims.append(f"{capitalized(listed([_single(*item) for item in singles.items()]))}.")
    most_named = speaking.idxmax()
    if not claims:
        claims.append(_no_claim(own, result.article))
    elif speaking.max() >= MIN_NAMING and most_named not in claimed:
        labels = named[named.target == most_named].label
        shown = spoken(most_named, result.article)
        claims.append(_most_named(labels, shown, speaking.max(), unclear[most_named]))
    if sides or singles:
        claims += _no_such_side(named)
    return " ".join([*claims, *_differences(result)])


def _no_claim(own: pd.DataFrame, article: Article) -> str:
    """Say why no side is claimed toward any target, from all stances of whole comments."""
    named = own[~own.abstained]
    about = some([spoken(target, article) for target in own.groupby("target").size().index], "or")
    none = int((named.label == Stance.NONE.value).sum())
    if 2 * none > len(own):
        return f"The program read most comments that name {about} as taking no side."
    if 2 * len(named) < len(own):
        return f"Too few could be read clearly to say where they stand on {about}."
    sided = named[named.label != Stance.NONE.value].target
    if sided.empty:
        return (
            f"Of the comments that name {about}, the program read half as taking no side; the "
            "others could not be read clearly."
        )
    target = sided.value_counts().idxmax()
    about_it, labels = own[own.target == target], named[named.target == target].label
    unclear = float(about_it.abstained.mean())
    return _most_named(labels, spoken(target, article), len(about_it), unclear)


def _no_such_side(named: pd.DataFrame) -> list[str]:
    """Say that no comment is read as critical of any target, or as favorable toward one."""
    absent = [words for side, words in _SIDES.items() if not (named.label == side.value).any()]
    return [f"The program read none as {absent[0]} any target."] if absent else []


def _sides(
    named: pd.DataFrame, speaking: pd.Series, article: Article
) -> tuple[dict[str, list[_Tally]], dict[str, list[tuple[str, str]]], set[str]]:
    """Return which side comments take toward which targets.

    Args:
        named: the stances of whole comments that have a label and are not derived.
        speaking: how many comments name each target.
        article: that the comments are on.

    Returns:
        By side, the targets toward which several comments take it; by side, those toward which one
        does, each with that comment's id; and the targets toward which at least half take a side.
    """
    sides: dict[str, list[_Tally]] = {}
    singles: dict[str, list[tuple[str, str]]] = {}
    claimed = set()
    for target, about in named.groupby("target", sort=False):
        n, shown = speaking[target], spoken(target, article)
        against, favor = (int((about.label == side.value).sum()) for side in _SIDES)
        most = max(against, favor)
        claimed |= {target} if 2 * most >= n else set()
        if against == favor and most and against + favor >= n / 2:
            sides.setdefault(DIVIDED, []).append((most, shown, n, most))
        elif 2 * most >= n:
            side = _SIDES[Stance.AGAINST if against > favor else Stance.FAVOR]
            if most == 1:
                taking = about.label.isin([s.value for s in _SIDES])
                singles.setdefault(side, []).append((shown, about.commentary_id[taking].iloc[0]))
            else:
                sides.setdefault(side, []).append((most, shown, n, min(against, favor)))
    return sides, singles, claimed


def _several(sides: dict[str, list[_Tally]]) -> list[str]:
    """Say toward which targets several comments take each side, and how many of how many."""
    claims, that = [], " that name it"
    for side, targets in sides.items():
        told = []
        for most, target, n, other in sorted(targets, key=lambda item: -item[0]):
            of = f"{most} of the {n}{that}" if that else f"{most} of {n}"
            if other:
                of += f"; {other} {'in favor' if side == _SIDES[Stance.AGAINST] else 'against'}"
            tally = f"{most} against, {most} in favor" if side == DIVIDED else of
            that = that if side == DIVIDED else ""
            told.append(f"{target} ({tally})")
        claims.append(f"{side} {some(told)}")
    return claims


def _single(side: str, targets: Sequence[tuple[str, str]]) -> str:
    """Say that one comment takes a side toward each of some targets, the same one or not."""
    shown = [target for target, _ in targets]
    if len({comment for _, comment in targets}) > 1:
        preposition = side.rpartition(" ")[2]
        shown = [shown[0], *(f"one {preposition} {target}" for target in shown[1:])]
    return f"one comment is {side} {some(shown)}"


def _most_named(labels: pd.Series, target: str, n: int, unclear: float) -> str:
    """Say how few of the comments that name the target named most take a side toward it."""
    counts = {side: int((labels == side.value).sum()) for side in _SIDES}
    parts = [
        f"{word(k)} {'is' if k == 1 else 'are'} {_SIDES[side]} it"
        for side, k in counts.items()
        if k
    ]
    more = " more" if parts else " where they stand"
    rest = (
        f"too few could be read clearly to say{more}"
        if unclear > 0.5
        else f"{'most' if 2 * sum(counts.values()) < n else 'the others'} take no clear side"
    )
    taken = f"{listed(parts)}; " if parts else ""
    return f"Of the {word(n)} that name {target}, {taken}{rest}."


def some(items: Sequence[str], conjunction: str = "and") -> str:
    """List the first items and count the rest; say `or other targets` of them."""
    rest = len(items) - MAX_NAMED
    more = [f"{word(rest)} more" if conjunction == "and" else "other targets"] if rest > 0 else []
    return listed([*items[:MAX_NAMED], *more], conjunction)


def _differences(result: Result) -> list[str]:
    """Say toward whom the comments differ from the article by more than chance."""
    comparison = result.comparison
    shown = comparison[difference_shown(comparison)]
    ranked = shown.loc[shown.divergence.abs().sort_values(ascending=False).index]
    parts = [
        f"{'more' if row.divergence > 0 else 'less'} favorable toward "
        f"{spoken(row.target, result.article)} by "
        f"{estimate(abs(row.divergence), row.ci_low, row.ci_high)}"
        for row in ranked.head(MAX_NAMED - 1).itertuples()
    ]
    scale = f"{level(result)} interval, on a scale from −1 to 1"
    return [f"On average they are {listed(parts)} than the article; {scale}."] if parts else []


def article(result: Result) -> str:
    """Say which side the article's own sentences take, and how many are loaded."""
    bias = result.bias[result.bias.voice == Voice.AUTHOR.value].p_biased
    if bias.empty:
        return "This text contains only comments; there is no article to compare them with."
    loaded = int((bias >= LOADED).sum())
    if len(bias) == 1:
        found = f"{'' if loaded else 'no '}loaded wording in the author’s one sentence"
    else:
        many = word(loaded) if loaded else "none"
        found = f"loaded wording in {many} of the author’s {len(bias):,} sentences"
    worded = f"The program found {found}."
    return f"{_slant(result)} {worded}".strip()


def _slant(result: Result) -> str:
    """Say toward whom the author takes sides, toward whom not, and where too few sentences do.

    No side is said only where at least `MIN_TEXTS` sentences have a label and the interval
    holds 0.
    """
    own = result.speakers[result.speakers.voice == Voice.AUTHOR.value]
    own = own.assign(named=own.n - own.abstained).sort_values("n", ascending=False, kind="stable")
    if own.empty:
        return "The author’s own sentences name none of the targets." if result.targets else ""
    enough = (own.named >= MIN_TEXTS) & own.ci_low.notna()
    low, high = own.ci_low.round(2), own.ci_high.round(2)
    groups = {
        "criticize": own[enough & (high < 0)],
        "favor": own[enough & (low > 0)],
        "show no clear side on": own[enough & (low <= 0) & (high >= 0)],
    }
    claims = [
        f"{does} {some([spoken(target, result.article) for target in rows.target])}"
        for does, rows in groups.items()
        if len(rows)
    ]
    few = [spoken(target, result.article) for target in own.target[~enough]]
    if not claims:
        return (
            "Too few of the article’s own sentences could be read clearly to tell whether it "
            "takes sides."
        )
    rest = f"; too few could be read clearly to say anything about {some(few)}" if few else ""
    return f"The article’s own sentences {listed(claims)}{rest}."


def sure(result: Result) -> str:
    """Say how far the readings can be trusted: those of the comments, else of the article."""
    relations, stances = result.relations, measured(result.stances)
    task, what = (Task.STANCE, "sentence") if relations.empty else (Task.RELATION, "comment")
    read = stances[stances.voice == Voice.AUTHOR.value] if relations.empty else relations
    named, lines = read[~read.abstained], []
    if 0 < len(relations) < MIN_TEXTS:
        few = "so few comments" if len(relations) > 1 else "one comment"
        lines.append(
            f"With {few}, this describes the text; it is not an estimate of anything wider."
        )
    if task not in result.scorer.calibrated:
        lines.append(
            "Unknown: its scores are not calibrated, so they do not say how often it is right."
        )
    elif not result.scorer.validated_for(result.article.language):
        lines.append("Unknown: the program has not been tested in the language of this text.")
    elif named.empty:
        tells = "how it responds" if task is Task.RELATION else "which side it takes"
        lines.append(f"Not reliable: no {what} could be read clearly enough to say {tells}.")
    else:
        right = round(10 * named.confidence.mean())
        often = f"about {word(right)}" if right < 10 else "more than nine"
        lines.append(
            f"In tests, when the program was this confident, it read {often} in ten {what}s "
            "correctly."
        )
    return " ".join(lines)


def disputed(result: Result) -> Disputed | None:
    """Return the passage with most comments that are named `disagree`, ties by confidence.

    Comments answer one passage where their spans of the article overlap.
    """
    against = [
        note
        for note in notes_of(result)
        if note.relation == Relation.DISAGREE and note.answers and not note.row.reply_to
    ]
    groups: list[list[Note]] = []
    for note in sorted(against, key=lambda n: n.passage):
        if groups and note.passage[0] < max(n.passage[1] for n in groups[-1]):
            groups[-1].append(note)
        else:
            groups.append([note])
    if not groups:
        return None
    best = max(groups, key=lambda g: (len(g), sum(n.probability or 0 for n in g)))
    longest = max(best, key=lambda n: n.passage[1] - n.passage[0])
    return Disputed(
        excerpt(str(longest.row.passage), str(longest.row.commentary)),
        tuple(n.number for n in best),
        len(against) - len(best),
        sum(len(group) == len(best) for group in groups) - 1,
    )
