"""The report on two stories of one event: voices, stance and loaded language, on one scale.

Which facts the stories share, or only one of them has, is not compared and not claimed.
"""

from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from analysis.html.display import capitalized, count, estimate, interval, listed, name, number, word
from analysis.html.elements import Html, fragment, table
from analysis.html.figure import Figure
from analysis.report.findings import difference_shown, enough_texts, level
from analysis.report.opening import some
from analysis.report.pair_report import PairReport, glosses
from analysis.report.version_figures import shares_compared, stances_compared, who
from analysis.report.version_findings import warnings
from analysis.scoring.compare import measured
from analysis.scoring.counts import LABELS
from analysis.thresholds import MIN_TEXTS
from analysis.types import Stance, Voice
from analysis.versions.stories import SIDES, StoriesResult

NO_FACTS = "The facts that the stories report are not compared."
SIDED = (Stance.FAVOR.value, Stance.AGAINST.value)


class StoriesReport(PairReport):
    """The report on two stories; see `PairReport`."""

    kind = "stories"
    kicker = "Two stories of one event"
    how_to_read = (
        "A program judged whose words each sentence is, and where it stands toward the same names "
        "in both stories. It reads wording, not truth, and it is often wrong. " + NO_FACTS
    )
    headings: ClassVar[dict[str, tuple[str, str]]] = {
        "voices": (
            "Whose words",
            "Quotations and speakers are found by marks and grammar; some are missed.",
        ),
        "toward": (
            "Stance toward each target",
            "Both stories on one scale; the author and people quoted are kept apart.",
        ),
        "wording": ("Loaded language", "A loaded sentence is not necessarily a false one."),
        "method": ("How far to trust this", NO_FACTS),
    }
    glosses = glosses()
    result: StoriesResult

    @property
    def sides(self) -> tuple[str, str]:
        """What the stories are called: their outlets where these differ."""
        outlets = [
            dict(r.article.about).get("outlet", "") for r in (self.original, self.republished)
        ]
        if all(outlets) and outlets[0] != outlets[1]:
            return name(outlets[0], 24), name(outlets[1], 24)
        return "First story", "Second story"

    @property
    def names(self) -> tuple[str, str]:
        """The same within a sentence."""
        first, second = self.sides
        if first != "First story":
            return first, second
        return "the first story", "the second story"

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """The figures by their section's anchor."""
        return {
            "voices": shares_compared(self.result, self.sides),
            "toward": stances_compared(self.result, self.sides),
        }

    def finding(self) -> list[str]:
        """Return what the comparison comes to, in plain sentences."""
        return [self._sizes(), self._toward(), NO_FACTS]

    def warnings(self) -> list[str]:
        """Return what must be known before the figures."""
        return warnings((self.original, self.republished), stories=True)

    def front(self) -> dict[str, Any]:
        """Return what the opening shows besides title, facts, contents and warnings."""
        return {
            "other": self.original.article.title,
            "headline": [],
            "headline_word": "",
            "lead": [self._sizes()],
            "answers": {
                "Whose words": self._who_speaks(),
                "Stance toward each target": self._toward(),
                "Loaded language": self._wording(),
                "Facts": NO_FACTS,
            },
        }

    def _sizes(self) -> str:
        words = [int(self.result.voices_compared[f"{s}_words"].sum()) for s in SIDES]
        quoted = [int((self._quoted()[f"{side}_words"] > 0).sum()) for side in SIDES]
        said = [
            f"{side} has {count(n, 'word')} and quotes {_people(k)}"
            for side, n, k in zip(self.names, words, quoted, strict=True)
        ]
        return f"{capitalized('; '.join(said))}."

    def _quoted(self) -> pd.DataFrame:
        rows = self.result.voices_compared
        return rows[(rows.voice == Voice.QUOTED.value) & (rows.speaker != "")]

    def _who_speaks(self) -> str:
        rows = self._quoted()
        has = [rows[f"{side}_words"] > 0 for side in SIDES]
        groups = (
            ("Both quote", has[0] & has[1]),
            (f"{capitalized(self.names[0])} alone quotes", has[0] & ~has[1]),
            (f"{capitalized(self.names[1])} alone quotes", has[1] & ~has[0]),
        )
        said = [
            f"{does} {some(list(map(name, rows.speaker[which])))}."
            for does, which in groups
            if which.any()
        ]
        return " ".join(said) or "Neither story quotes anyone by name."

    def _toward(self) -> str:
        rows = self.result.stances_compared
        if rows.empty:
            return "No sentence of either story mentions a target."
        shown = rows[difference_shown(rows, SIDES) & self._labeled(rows)]
        lines = [
            f"{capitalized(self.names[1])} is {'more' if r.difference > 0 else 'less'} favorable "
            f"toward {name(r.target)} {_of_voice(r.voice)}: "
            f"{number(r.republished_score, signed=True)} "
            f"from {count(r.republished_n, 'sentence')} against "
            f"{number(r.original_score, signed=True)} from {r.original_n}, a difference of "
            f"{number(abs(r.difference))} ({interval(*sorted((abs(r.ci_low), abs(r.ci_high))))})."
            for r in shown.itertuples()
        ]
        enough = enough_texts(rows, SIDES)
        rest = rows[enough & ~rows.index.isin(shown.index)]
        if len(rest):
            told = set(shown.target)
            targets = list(
                dict.fromkeys(
                    f"{name(r.target)} {_of_voice(r.voice)}" if r.target in told else name(r.target)
                    for r in rest.itertuples()
                )
            )
            lines.append(f"No difference can be shown toward {some(targets, 'or')}.")
        if few := list(
            dict.fromkeys(map(name, rows.target[~rows.target.isin(rows.target[enough])]))
        ):
            lines.append(f"Too few sentences mention {some(few, 'or')} to compare.")
        if len(shown):
            lines.append(
                f"Intervals ({level(self.original)}) are not adjusted for the number of targets."
            )
        return " ".join(lines)

    def _labeled(self, rows: pd.DataFrame) -> pd.Series:
        """Return whether some sentence on a target has a label that takes a side."""
        named = {
            (row.target, row.voice)
            for result in (self.original, self.republished)
            for row in measured(result.stances).itertuples()
            if row.label in SIDED and not row.abstained
        }
        return pd.Series(
            [(r.target, r.voice) in named for r in rows.itertuples()], rows.index, dtype=bool
        )

    def _wording(self) -> str:
        rows = self.result.language_compared
        lines = []
        for row in rows.itertuples():
            said = [
                f"{word(n) if n else 'none'} of {getattr(row, f'{column}_segments')} in {side}"
                for column, side in zip(SIDES, self.names, strict=True)
                for n in [getattr(row, f"{column}_loaded")]
                if getattr(row, f"{column}_segments")
            ]
            lines.append(f"Loaded sentences {_of_voice(row.voice)}: {listed(said)}.")
        return " ".join(lines) or "No sentence has a loaded-language score."

    def contents(self) -> dict[str, dict[str, Any]]:
        """Return what each section shows, as `sections.section` takes it, by anchor."""
        return {
            "voices": self.with_table("voices", "Words by voice", self._voices()),
            "toward": self.with_table("toward", "Numbers by target", self._stances()),
            "wording": {"parts": [self._language()]},
            "method": self.method_contents(fragment("stories-method.html.j2", few=MIN_TEXTS)),
        }

    def _voices(self) -> Html:
        rows = self.result.voices_compared
        columns = [("Who", [who(r.voice, r.speaker) for r in rows.itertuples()])]
        for column, side in zip(SIDES, self.sides, strict=True):
            share = rows[f"{column}_share"].map("{:.0%}".format)
            columns += [(f"{side}, words", f"{column}_words"), ("Share", share)]
        caption = "Words of each story, by speaker; comments are left out."
        return table(rows, caption, name="voices_compared.csv", columns=columns)

    def _stances(self) -> Html:
        rows = self.result.stances_compared
        known = enough_texts(rows, SIDES) & rows.ci_low.notna()
        between = [
            estimate(r.difference, r.ci_low, r.ci_high, signed=True) if known[r.Index] else "–"
            for r in rows.itertuples()
        ]
        scores = [
            [
                f"{number(score, signed=True)} ({n})" if n else "–"
                for score, n in zip(rows[f"{column}_score"], rows[f"{column}_n"], strict=True)
            ]
            for column in SIDES
        ]
        columns = [
            ("Target", rows.target.map(name)),
            ("Who", [LABELS[Voice(voice)] for voice in rows.voice]),
            *zip(self.sides, scores, strict=True),
            ("Second minus first", between),
        ]
        caption = (
            "Mean stance score (−1 against, 1 in favor) by target and voice, with the number of "
            f"sentences. The difference has a {level(self.original)} interval where each story has "
            f"at least {word(MIN_TEXTS)} sentences."
        )
        return table(rows, caption, name="stances_compared.csv", columns=columns)

    def _language(self) -> Html:
        rows = self.result.language_compared
        columns = [("Who", [LABELS[Voice(voice)] for voice in rows.voice])]
        for column, side in zip(SIDES, self.sides, strict=True):
            figures = [f"{column}_{figure}" for figure in ("segments", "loaded", "low", "high")]
            counted = [*zip(*(rows[figure] for figure in figures), strict=True)]
            shares = [f"{loaded} of {n}" if n else "–" for n, loaded, _, _ in counted]
            ends = [
                f"{low:.0%} to {high:.0%}" if low == low and n >= MIN_TEXTS else "–"
                for n, _, low, high in counted
            ]
            columns += [(side, shares), ("Interval", ends)]
        caption = (
            f"Loaded sentences, with {level(self.original)} Wilson intervals of their share where "
            f"there are at least {MIN_TEXTS}. Treat the stories as alike where these overlap."
        )
        return table(rows, caption, name="language_compared.csv", columns=columns)


def _people(n: int) -> str:
    return f"{word(n)} {'person' if n == 1 else 'people'}" if n else "no one by name"


def _of_voice(voice: str) -> str:
    return "in people quoted" if voice == Voice.QUOTED.value else "in the author’s own words"
