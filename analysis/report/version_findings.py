"""What a republisher's changes do, in sentences that say no more than the figures carry.

Counts come first and tests second. No sentence on a side rests on unclear stances alone.
"""

from collections.abc import Iterable, Mapping

import pandas as pd

from analysis.html.display import capitalized, count, listed, name, number, word
from analysis.report.edition import ABSTAINED, RELATION_VERBS
from analysis.report.findings import about_language, about_scorer
from analysis.report.opening import all_comments, some
from analysis.report.version_counts import (
    UNCLEAR,
    counted_paragraphs,
    cut_tail,
    shown_targets,
    stance_counts,
)
from analysis.scoring.commentators import on_article
from analysis.scoring.pipeline import Result
from analysis.types import ChangeKind, Voice
from analysis.versions.compare import VersionsResult
from analysis.versions.cuts import DRAWS

FEW = 5  # paragraphs; of fewer nothing is tested that could be shown

_DONE = {
    ChangeKind.REWORDED: "reworded",
    ChangeKind.ADDED: "added",
    ChangeKind.LEFT_OUT: "shortened",
}


def finding(result: VersionsResult) -> list[str]:
    """Return what was changed and what that does, in plain sentences."""
    return [s for s in (headline(result), paragraphs(result), toward(result)) if s]


def headline(result: VersionsResult) -> str:
    """Say what happened to the headline."""
    change = result.headline
    if not (change.original or change.republished):
        return ""
    return {
        ChangeKind.KEPT: "The headline was kept.",
        ChangeKind.REWORDED: "The headline was rewritten.",
        ChangeKind.ADDED: "The headline is new; the original had none.",
        ChangeKind.LEFT_OUT: "The headline was left out.",
    }[change.kind]


def paragraphs(result: VersionsResult) -> str:
    """Say how many paragraphs of the original were kept, reworded and left out, and how many new.

    Paragraphs are counted as the original has them; new ones as the republished text does.
    """
    counts, moved, total = counted_paragraphs(result)
    done = [
        (counts[ChangeKind.KEPT], "keeps {} {}"),
        (counts[ChangeKind.REWORDED], "rewords {}"),
        (counts[ChangeKind.LEFT_OUT], "leaves out {}"),
    ]
    said = [does.format(_paragraphs(n, total), _as_before(n)) for n, does in done if n]
    of = f"Of {total} paragraphs, the" if total > 1 else "The"
    lines = [f"{of} republished text {listed(said)}."] if said else []
    extra = []
    if n := counts[ChangeKind.ADDED]:
        extra.append(f"{word(n)} {'is' if n == 1 else 'are'} new")
    if moved:
        extra.append(f"{word(moved)} {'was' if moved == 1 else 'were'} moved")
    return " ".join([*lines, *([f"{capitalized(listed(extra))}."] if extra else [])])


def _paragraphs(n: int, total: int) -> str:
    if total == 1:
        return "the one paragraph"
    return "all" if n == total else word(n)


def _as_before(n: int) -> str:
    return "as it was" if n == 1 else "as they were"


def voices(result: VersionsResult) -> str:
    """Say how many words of the author and of people quoted are left, and who is heard no more."""
    rows = result.voices_changed
    said = []
    for voice, whose in ((Voice.QUOTED, "people quoted"), (Voice.AUTHOR, "the author")):
        own = rows[rows.voice == voice.value]
        if total := int(own.original_words.sum()):
            kept = int(own.kept.sum())
            said.append(f"{kept:,} of {count(total, 'word')} of {whose} ({kept / total:.0%})")
    gained = int(rows.gained.sum())
    new = f"; {count(gained, 'word')} {'is' if gained == 1 else 'are'} new" if gained else ""
    lines = [f"The republished text has {listed(said)}{new}."] if said else []
    people = rows[(rows.voice == Voice.QUOTED.value) & (rows.speaker != "")]
    for who, does in (
        (people[(people.original_words > 0) & (people.republished_words == 0)], "no longer quoted"),
        (people[(people.original_words == 0) & (people.gained > 0)], "newly quoted"),
    ):
        if len(who):
            are = "is" if len(who) == 1 else "are"
            lines.append(f"{capitalized(some(list(map(name, who.speaker))))} {are} {does}.")
    return " ".join(lines)


def toward(result: VersionsResult) -> str:
    """Say toward which targets the cut takes out more of one side than chance would."""
    rows = result.stance_changed
    if rows.empty:
        return "No target was given or found in the original, so no stances are compared."
    if not any(change.kind is ChangeKind.LEFT_OUT for change in result.sentences):
        return "No sentence was left out, so no side was cut."
    shown, tested = shown_targets(result), rows[rows.p_adjusted.notna()]
    lines = [_slanted(row, stance_counts(result)) for row in shown.itertuples()]
    rest = tested[~tested.target.isin(shown.target)]
    if len(rest):
        other = " other" if lines else ""
        least = rest.p_adjusted.min()
        or_more = " or more" if len(rest) > 1 and least < 1 else ""
        whom = name(rest.target.iloc[0]) if len(rest) == 1 else f"{len(rest)}{other} targets"
        lines.append(
            f"It cannot be shown, for {whom if len(rest) == 1 else f'any of {whom}'}, that the cut "
            "takes out more of one side than a random cut of the same size would (adjusted p "
            f"{_p(least)}{or_more})."
        )
    if few := list(map(name, rows[rows.p_adjusted.isna()].target)):
        lines.append(f"Too few sentences mention {some(few, 'or')} to tell.")
    return " ".join(lines)


def _slanted(row, counts: pd.DataFrame) -> str:
    """Say that what was left out takes a side, with the counts first."""
    own = counts[counts.target == row.target].set_index("part")
    said = []
    for part, done in (("left_out", "left out"), ("kept", "kept")):
        if part in own.index:
            n = int(own.n[part])
            were = "was" if n == 1 else "were"
            said.append(f"of {_sentences(n)} on it that {were} {done}, {_labels(own.loc[part])}")
    side = "more favorable toward" if row.removed > row.expected else "more critical of"
    return (
        f"What was left out is {side} {name(row.target)} than a random cut of the same size would "
        f"be: {'; '.join(said)} (adjusted p {_p(row.p_adjusted)})."
    )


def _labels(row: Mapping[str, int]) -> str:
    """Say how many of some sentences have which label."""
    verbs = {  # of one sentence and of several
        "favor": ("favors it", "favor it"),
        "against": ("is against it", "are against it"),
        "none": ("takes no side", "take no side"),
        UNCLEAR: ("is unclear", "are unclear"),
    }
    return listed([f"{word(n)} {verbs[k][n != 1]}" for k in verbs if (n := int(row[k]))])


def _p(value: float) -> str:
    """Return a p value as one reads it: two decimals, and no false zero."""
    return "below 0.01" if value < 0.01 else number(float(value))


def wording(result: VersionsResult) -> str:
    """Say how many sentences left out, added and reworded are loaded, against the others."""
    if all(change.kind is ChangeKind.KEPT for change in result.sentences):
        return "No sentence was left out, added or reworded."
    rows = {row.kind: row for row in result.language_changed.itertuples()}
    if not sum(row.n for row in rows.values()):
        return "No sentence that was left out, added or reworded has a loaded-language score."
    before = rows[ChangeKind.REWORDED.value].compared_share
    if not before > 0 and not any(row.n and row.share for row in rows.values()):
        return "The program found no loaded wording in what was left out, added or reworded."
    lines = []
    for kind, what in ((ChangeKind.LEFT_OUT, "left out"), (ChangeKind.ADDED, "added")):
        row = rows[kind.value]
        if row.n:
            lines.append(
                f"Of {_sentences(row.n)} {what}, {_loaded(row.share, row.n)} loaded; of "
                f"{row.compared_n} kept, {_number(row.compared_share, row.compared_n)}"
                f"{_judged(row, result.alpha)}."
            )
    row = rows[ChangeKind.REWORDED.value]
    if row.n:
        before = _number(row.compared_share, row.compared_n)
        lines.append(
            f"Of {_sentences(row.n)} reworded, {_loaded(row.share, row.n)} loaded; in the "
            f"original wording, {before} of {row.compared_n}."
        )
    return " ".join(lines)


def _sentences(n: int) -> str:
    return f"{word(n)} sentence{'s' * (n != 1)}"


def _number(share: float, n: int) -> str:
    return word(round(share * n)) if n and round(share * n) else "none"


def _loaded(share: float, n: int) -> str:
    return f"{_number(share, n)} {'is' if round(share * n) < 2 else 'are'}"


def _judged(row, alpha: float) -> str:
    """Say what the test of a row of `language_changed` comes to."""
    if pd.isna(row.p_adjusted):
        return "; too few to test"
    if row.p_adjusted > alpha:
        return f"; no difference can be shown (adjusted p {_p(row.p_adjusted)})"
    more = "more" if row.difference > 0 else "fewer"
    return f": {more} than chance would give (adjusted p {_p(row.p_adjusted)})"


def notes(result: VersionsResult) -> dict[str, str]:
    """Return by commentary what was done to the passage that it answers, in a few words."""
    rows = result.comments_on_changes
    found = {}
    for comment, own in rows.groupby("commentary_id", sort=False):
        kinds = set(own.kind)
        done = [said for kind, said in _DONE.items() if kind.value in kinds]
        done += ["moved"] if own.moved.any() else []
        what = "The headline" if (own.change_id == "").all() else "Its passage"
        found[comment] = f"{what} was {listed(done)}"
    return found


def comments(result: VersionsResult) -> str:
    """Say how many comments answer a passage that was changed, and how they respond."""
    answering = on_article(result.republished.relations)
    if answering.empty:
        return ""
    touched = set(result.comments_on_changes.commentary_id)
    total, n = len(answering), len(touched)
    if not n:
        which = f"None of {total} comments" if total > 1 else "The one comment"
        return f"{which} answers a passage that was {'changed' if total > 1 else 'kept'}."
    own = answering[answering.commentary_id.isin(touched)]
    labels = own.label.mask(own.abstained, ABSTAINED).value_counts()
    verbs = RELATION_VERBS.items()
    tally = listed(
        [f"{word(int(labels[k]))} {said[labels[k] > 1]}" for k, said in verbs if k in labels]
    )
    answers = "answers" if n == 1 else "answer"
    if n == total:
        which = all_comments(total) if total > 1 else "The one comment"
    else:
        which = f"{capitalized(word(n))} of {count(total, 'comment')}"
    return f"{which} {answers} a passage that was changed: {tally}."


def sure(result: VersionsResult) -> str:
    """Say what the tests are and what else would leave the same traces."""
    tests = pd.concat([result.stance_changed.p_adjusted, result.language_changed.p_adjusted])
    lines = []
    if n := int(tests.notna().sum()):
        lines.append(
            f"Each p value compares the cut with {DRAWS:,} random cuts of the same size"
            f"{f', adjusted for the {n} tests on this page (Holm)' if n > 1 else ''}."
        )
    total = counted_paragraphs(result)[2]
    if n and total < 2 * FEW:
        lines.append(
            f"With only {count(total, 'paragraph')}, a random cut can look like almost anything."
        )
    if tail := cut_tail(result):
        lines.append(
            f"All {word(tail)} left out stood at the end of the original; a cut for length would "
            "look the same."
        )
    return " ".join(lines)


def warnings(results: Iterable[Result], *, stories: bool = False) -> list[str]:
    """Return what must be known of two texts before the figures, each line once.

    Comments are compared of the republished text alone, and of two `stories` not at all.
    """
    original, republished = results
    lines = [*about_scorer(original), *about_scorer(republished)]
    lines += [*about_language(original, "first text"), *about_language(republished, "second text")]
    for what, side in (("first", original), ("second", republished)):
        if n := len(side.relations) if side is original or stories else 0:
            are = "is" if n == 1 else "are"
            lines.append(f"{count(n, 'comment')} in the {what} file {are} not compared.")
        if line := side.article.left_out_line:
            lines.append(
                f"Not read in the {what} file: {line}. What these contain counts as missing there."
            )
    return list(dict.fromkeys(lines))
