"""The report on two versions of one article: what the republisher changed, and what that does."""

from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from analysis.html.display import capitalized, teaser
from analysis.html.elements import EMPTY, Html, fragment, table
from analysis.html.figure import Figure
from analysis.report import version_findings as findings
from analysis.report.edition import edition, notes_of
from analysis.report.findings import name
from analysis.report.jsonld import ANNOTATIONS, annotation_page
from analysis.report.pair_report import PairReport, glosses
from analysis.report.version_counts import loaded_words, stance_counts
from analysis.report.version_figures import stances_changed, who, words_changed
from analysis.report.version_marks import WORDS, marks
from analysis.types import ChangeKind
from analysis.versions.compare import VersionsResult
from analysis.versions.cuts import DRAWS


class VersionsReport(PairReport):
    """The report on two versions; see `PairReport`."""

    kind = "versions"
    kicker = "What the republisher changed"
    how_to_read = (
        "A program paired the paragraphs of both versions and compared their words. Added words "
        "are underlined and deleted words struck through; paragraphs that were left out are folded "
        "where they stood. The program also judged where each sentence stands, often wrongly, and "
        "tested whether a random cut of the same size would do the same. It reads wording, not "
        "intent."
    )
    headings: ClassVar[dict[str, tuple[str, str]]] = {
        "text": (
            "The republished text",
            "As republished, with the changes marked. Each comment stands beside its passage.",
        ),
        "voices": (
            "Whose words",
            "Quotations and speakers are found by marks and grammar; some are missed.",
        ),
        "toward": (
            "Stance toward each target",
            "Where sentences left out and sentences kept stand, the author’s and those quoted.",
        ),
        "wording": ("Loaded language", "A loaded sentence is not necessarily a false one."),
        "comments": (
            "Comments on what was changed",
            "These comments answer a passage that was reworded, shortened, moved or added.",
        ),
        "method": ("How far to trust this", "What was compared, and how."),
    }
    glosses = glosses(
        **{
            "random cut": "as many paragraphs, and parts of paragraphs, left out at random",
            "adjusted p": "how often a random cut does as much, raised as several tests were made",
        }
    )
    result: VersionsResult

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """The figures by their section's anchor."""
        return {"voices": words_changed(self.result), "toward": stances_changed(self.result)}

    def finding(self) -> list[str]:
        """Return what was changed and what that does, in plain sentences."""
        return findings.finding(self.result)

    def warnings(self) -> list[str]:
        """Return what must be known before the figures."""
        return findings.warnings((self.original, self.republished))

    def front(self) -> dict[str, Any]:
        """Return what the opening shows: the headline's change first, then the finding."""
        result, change = self.result, self.result.headline
        changed = change.kind is not ChangeKind.KEPT
        return {
            "other": "",
            "headline": [(run.op.value, run.text) for run in change.runs] if changed else [],
            "headline_word": findings.headline(result),
            "lead": [findings.paragraphs(result)],
            "answers": {
                "Headline": "" if changed else findings.headline(result),
                "Whose words were kept?": findings.voices(result),
                "Was one side cut?": findings.toward(result),
                "Was loaded language cut or added?": findings.wording(result),
                "Comments": findings.comments(result),
                "How reliable is this?": findings.sure(result),
            },
        }

    def contents(self) -> dict[str, dict[str, Any]]:
        """Return what each section shows, as `sections.section` takes it, by anchor."""
        counts = stance_counts(self.result)
        toward = self.with_table("toward", "Labels by target", self._labels(counts), len(counts))
        return {
            "text": {"parts": [self._edition()]},
            "voices": self.with_table("voices", "Words by voice", self._voices()),
            "toward": toward | {"tables": toward["tables"] | {"Tests by target": self._stances()}},
            "wording": {"parts": [self._language(), self._loaded_words()]},
            "comments": {"parts": [self._comments()]},
            "method": self._method(),
        }

    def exports(self) -> dict[str, Any]:
        """Return what is written as JSON beside the page, by file name."""
        return super().exports() | {ANNOTATIONS: annotation_page(self.republished)}

    def _edition(self) -> Html:
        over = marks(self.result, findings.notes(self.result))
        return edition(self.republished, marks=over)

    def _voices(self) -> Html:
        rows = self.result.voices_changed
        columns = {
            "Who": [who(r.voice, r.speaker) for r in rows.itertuples()],
            "In the original": "original_words", "Kept": "kept", "Lost": "lost", "New": "gained",
            "Republished": "republished_words",
        }  # fmt: skip
        caption = "Words in the paragraphs of both versions, by speaker."
        return table(rows, caption, name="voices_changed.csv", columns=columns)

    def _stances(self) -> Html:
        rows = self.result.stance_changed
        columns = {
            "Target": rows.target.map(name), "Sentences left out": "left_out_n",
            "Their mean": "left_out_score", "Kept": "kept_n", "Their mean ": "kept_score",
            "Taken out": "removed", "By a random cut": "expected", "Adjusted p": "p_adjusted",
            "Added": "added_n", "Mean of added": "added_score",
        }  # fmt: skip
        caption = (
            "Mean stance score (−1 against, 1 in favor) of sentences left out, kept and added. "
            "Taken out: sentences in favor minus those against, weighted by confidence, beside the "
            f"average of {DRAWS:,} random cuts of the same size. No p value: too few."
        )
        return table(rows, caption, name="stance_changed.csv", columns=columns)

    def _labels(self, counts: pd.DataFrame) -> Html:
        columns = {
            "Target": counts.target.map(name), "Part": counts.part.map(_done_in_a_word),
            "Sentences": "n", "In favor": "favor", "Against": "against", "No side": "none",
            "Unclear": "unclear",
        }  # fmt: skip
        caption = "Labels of the sentences of the author and of people quoted."
        return table(counts, caption, name="stance-labels.csv", columns=columns)

    def _language(self) -> Html:
        rows = self.result.language_changed
        if not rows.n.sum():
            return EMPTY
        against = {"left_out": "Kept", "added": "Kept", "reworded": "Before"}
        columns = {
            "Sentences": rows.kind.map(_done_in_a_word),
            "Loaded": [_of(r.share, r.n) for r in rows.itertuples()],
            "Compared with": [
                f"{against[r.kind]}: {_of(r.compared_share, r.compared_n)}"
                for r in rows.itertuples()
            ],
            "Adjusted p": "p_adjusted",
        }
        caption = "Loaded sentences of the author and of people quoted."
        return table(rows, caption, name="language_changed.csv", columns=columns)

    def _loaded_words(self) -> Html:
        taken, put = loaded_words(self.result)
        if not (taken or put):
            return EMPTY
        return fragment("loaded-words.html.j2", taken=taken, put=put)

    def _comments(self) -> Html:
        rows = self.result.comments_on_changes
        numbers = {note.commentary_id: note for note in notes_of(self.republished)}
        columns = {
            "Comment": [str(numbers[c].number) for c in rows.commentary_id],
            "Commentator": rows.commentator.map(name).replace("", "–"),
            "Response": [numbers[c].word for c in rows.commentary_id],
            "Its passage": [_done(r) for r in rows.itertuples()],
            **_wordings(rows),
        }
        if (columns["Commentator"] == "–").all():
            del columns["Commentator"]
        caption = "Comments on passages that were changed; one row for each changed sentence."
        return table(rows, caption, name="comments_on_changes.csv", columns=columns)

    def _method(self) -> dict[str, Any]:
        found = self.method_contents(fragment("versions-method.html.j2", draws=DRAWS))
        return found | {"tables": {"Every paragraph": self._paragraphs()} | found["tables"]}

    def _paragraphs(self) -> Html:
        rows = self.result.paragraph_changes
        columns = {
            "No.": [str(n) for n in range(1, len(rows) + 1)],
            "What happened": [_done(r) for r in rows.itertuples()],
            **_wordings(rows),
            "Words in common": "similarity",
        }
        caption = "Every paragraph of both versions, in the order of the republished text."
        return table(rows, caption, name="paragraph_changes.csv", columns=columns)


def _done_in_a_word(kind: str) -> str:
    return capitalized(WORDS[ChangeKind(kind)])


def _wordings(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the columns that show both versions' wording."""
    sides = {"Original": rows.original, "Republished": rows.republished}
    return {heading: texts.map(teaser).replace("", "–") for heading, texts in sides.items()}


def _of(share: float, n: int) -> str:
    return f"{round(share * n)} of {n}" if n else "–"


def _done(row: Any) -> str:
    """Return what happened to a paragraph or sentence, in a word or two."""
    kept_in_place = row.kind == ChangeKind.KEPT.value and row.moved
    return " and ".join(
        [WORDS[ChangeKind(row.kind)]] * (not kept_in_place) + ["moved"] * bool(row.moved)
    )
