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
from analysis.report.pair_report import PairReport, beside_or_folded, glosses
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
            "These comments answer wording that is not in the original.",
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
        toward = beside_or_folded(
            self.figures["toward"], "Labels by target", self._labels(counts), len(counts)
        )
        return {
            "text": {"parts": [self._edition()]},
            "voices": beside_or_folded(
                self.figures["voices"],
                "Words by voice",
                self._voices(),
                len(self.result.voices_changed),
            ),
            "toward": toward | {"tables": toward["tables"] | {"Tests by target": self._stances()}},
            "wording": {"parts": [self._language(), self._loaded_words()]},
            "comments": {"parts": [self._comments()]},
            "method": self._method(),
        }

    def exports(self) -> dict[str, Any]:
        """Return what is written as JSON beside the page, by file name."""
        return super().exports() | {ANNOTATIONS: annotation_page(self.republished)}

    def _edition(self) -> Html:
        result = self.result
        over = marks(
            self.original.article,
            self.republished.article,
            result.paragraphs,
            result.sentences,
            findings.notes(result),
        )
        return edition(self.republished, marks=over)

    def _voices(self) -> Html:
        rows = self.result.voices_changed
        shown = rows.assign(who=[who(r.voice, r.speaker) for r in rows.itertuples()])
        headings = {
            "who": "Who", "original_words": "In the original", "kept": "Kept", "lost": "Lost",
            "gained": "New", "republished_words": "Republished",
        }  # fmt: skip
        caption = "Words in the paragraphs of both versions, by speaker."
        return table(shown, caption, name="voices_changed.csv", headings=headings, data=rows)

    def _stances(self) -> Html:
        rows = self.result.stance_changed
        headings = {
            "target": "Target", "left_out_n": "Sentences left out", "left_out_score": "Their mean",
            "kept_n": "Kept", "kept_score": "Their mean ", "removed": "Taken out",
            "expected": "By a random cut", "p_adjusted": "Adjusted p", "added_n": "Added",
            "added_score": "Mean of added",
        }  # fmt: skip
        caption = (
            "Mean stance score (−1 against, 1 in favor) of sentences left out, kept and added. "
            "Taken out: sentences in favor minus those against, weighted by confidence, beside the "
            f"average of {DRAWS:,} random cuts of the same size. No p value: too few."
        )
        shown = rows.assign(target=rows.target.map(name))
        return table(shown, caption, name="stance_changed.csv", headings=headings, data=rows)

    def _labels(self, counts: pd.DataFrame) -> Html:
        shown = counts.assign(target=counts.target.map(name), part=counts.part.map(_part))
        headings = {
            "target": "Target", "part": "Part", "n": "Sentences", "favor": "In favor",
            "against": "Against", "none": "No side", "unclear": "Unclear",
        }  # fmt: skip
        caption = "Labels of the sentences of the author and of people quoted."
        return table(shown, caption, name="stance-labels.csv", headings=headings, data=counts)

    def _language(self) -> Html:
        rows = self.result.language_changed
        if not rows.n.sum():
            return EMPTY
        against = {"left_out": "Kept", "added": "Kept", "reworded": "Before"}
        shown = rows.assign(
            what=[capitalized(WORDS[ChangeKind(kind)]) for kind in rows.kind],
            loaded=[_of(share, n) for share, n in zip(rows.share, rows.n, strict=True)],
            beside=[
                f"{against[r.kind]}: {_of(r.compared_share, r.compared_n)}"
                for r in rows.itertuples()
            ],
        )
        headings = {
            "what": "Sentences", "loaded": "Loaded", "beside": "Compared with",
            "p_adjusted": "Adjusted p",
        }  # fmt: skip
        caption = "Loaded sentences of the author and of people quoted."
        return table(shown, caption, name="language_changed.csv", headings=headings, data=rows)

    def _loaded_words(self) -> Html:
        taken, put = loaded_words(self.result)
        if not (taken or put):
            return EMPTY
        return fragment("loaded-words.html.j2", taken=taken, put=put)

    def _comments(self) -> Html:
        rows = self.result.comments_on_changes
        numbers = {note.commentary_id: note for note in notes_of(self.republished)}
        shown = pd.DataFrame(
            {
                "comment": [str(numbers[c].number) for c in rows.commentary_id],
                "by": rows.commentator.map(name).replace("", "–"),
                "answer": [numbers[c].word for c in rows.commentary_id],
                "what": [_done(r) for r in rows.itertuples()],
                "original": rows.original.map(teaser).replace("", "–"),
                "republished": rows.republished.map(teaser).replace("", "–"),
            }
        )
        headings = {
            "comment": "Comment", "by": "Commentator", "answer": "Response", "what": "Its passage",
            "original": "Original", "republished": "Republished",
        }  # fmt: skip
        if (shown.by == "–").all():
            del headings["by"]
        caption = "Comments on passages that were changed; one row for each changed sentence."
        return table(shown, caption, name="comments_on_changes.csv", headings=headings, data=rows)

    def _method(self) -> dict[str, Any]:
        found = self.method_contents(fragment("versions-method.html.j2", draws=DRAWS))
        return found | {"tables": {"Every paragraph": self._paragraphs()} | found["tables"]}

    def _paragraphs(self) -> Html:
        rows = self.result.paragraph_changes
        shown = pd.DataFrame(
            {
                "number": [str(n) for n in range(1, len(rows) + 1)],
                "what": [_done(r) for r in rows.itertuples()],
                "original": rows.original.map(teaser).replace("", "–"),
                "republished": rows.republished.map(teaser).replace("", "–"),
                "similarity": rows.similarity,
            }
        )
        headings = {
            "number": "No.", "what": "What happened", "original": "Original",
            "republished": "Republished", "similarity": "Words in common",
        }  # fmt: skip
        caption = "Every paragraph of both versions, in the order of the republished text."
        return table(shown, caption, name="paragraph_changes.csv", headings=headings, data=rows)


def _part(part: str) -> str:
    return capitalized(WORDS[ChangeKind(part)])


def _of(share: float, n: int) -> str:
    return f"{round(share * n)} of {n}" if n else "–"


def _done(row: Any) -> str:
    """Return what happened to a paragraph or sentence, in a word or two."""
    kept_in_place = row.kind == ChangeKind.KEPT.value and row.moved
    return " and ".join(
        [WORDS[ChangeKind(row.kind)]] * (not kept_in_place) + ["moved"] * bool(row.moved)
    )
