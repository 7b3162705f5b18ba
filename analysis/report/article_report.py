"""The report of one article as an object: a method a section, in the notebook's order."""

from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from analysis.frames import write_csv
from analysis.html.elements import Html, element
from analysis.html.figure import Figure
from analysis.params import ReportParams
from analysis.report import against_gold, plots, scorer_limits, second_opinion, sections, share_card
from analysis.report.base_report import BaseReport
from analysis.report.commentators import commentators
from analysis.report.cue_figure import rates
from analysis.report.edition import edition
from analysis.report.flow import flow
from analysis.report.jsonld import ANNOTATIONS, annotation_page
from analysis.report.provenance import SUMMARY, reading
from analysis.report.second_opinion import SecondOpinion, both_named, compare_results
from analysis.report.summary import summary, write_json
from analysis.report.version_marks import Marks
from analysis.scorers import load
from analysis.scoring.explain import explanations
from analysis.scoring.explanation import Explanations
from analysis.scoring.pipeline import Result, result_of


class Report(BaseReport):
    """The report of one article; see `BaseReport`.

    >>> import analysis as cp
    >>> article = cp.read("seeds/000_9da5be969268c11d.txt")
    >>> report = cp.Report(cp.score(article, targets=["NATO"], scorer="lexicon"))
    >>> report.figures["targets"].title
    'targets'
    """

    style = staticmethod(sections.style)
    headings: ClassVar[dict[str, tuple[str, str]]] = {
        "toward": (
            "Stance toward each target",
            "Where the author’s own sentences stand, and where the comments do.",
        ),
        "wording": ("Voices and wording", "A loaded sentence is not necessarily a false one."),
        "sentences": (
            "The clearest stances",
            "A heavier line under a word: more support for the label; a dotted line: against it.",
        ),
        "second": (
            "A second opinion",
            "A second scorer read the same text. The opening counts only labels that both give.",
        ),
        "method": (
            "How far to trust this",
            "Every label comes from one scorer, and it has limits.",
        ),
    }

    def __init__(self, result: Result) -> None:
        """Keep the result that the report is made of."""
        self.result = result
        self.params = result.params or ReportParams(
            article=result.article.source or result.article.article_id,
            targets=tuple(target.name for target in result.targets),
            scorer=result.scorer.name,
            confidence_level=result.confidence_level,
            seed=result.seed,
        )

    @cached_property
    def explanations(self) -> Explanations:
        """The words that carry each relation and the clearest stances.

        Raises:
            ScorerError: the scorer cannot be loaded.
        """
        return explanations(self.result, self.params.scorer)

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """The figures by title: targets, flow, voices, loaded and cues."""
        drawn = (plots.targets, flow, plots.voices, plots.loaded, rates)
        return {figure.title: figure for figure in (draw(self.result) for draw in drawn)}

    def contents(self) -> dict[str, dict[str, Any]]:
        """Return what each section below the article shows, as `sections.section` takes it."""
        result, figures = self.result, self.figures
        return {
            "toward": {
                "figures": [figures["targets"], figures["flow"]],
                "tables": {
                    "Who comments": commentators(result),
                    "Numbers by target": sections.comparison(result),
                    "Everyone who mentions a target": scorer_limits.speakers(result),
                },
            },
            "wording": {
                "figures": [figures[title] for title in ("voices", "loaded", "cues")],
                "tables": {"Words found": sections.cues(result)},
            },
            "sentences": {"parts": [sections.sentences(result, self.explanations)]},
            "second": {
                "parts": [second_opinion.agreement(self.opinion)] if self.opinion else [],
                "tables": second_opinion.tables(self.opinion) if self.opinion else {},
            },
            "method": {
                "parts": [scorer_limits.limits(result)],
                "tables": {
                    "Measured quality": scorer_limits.measured(result.scorer),
                    "Does it lean?": sections.paragraph(
                        scorer_limits.leaning(result.scorer, result.seed)
                    ),
                    "Against reference labels": against_gold.section(result, self.gold),
                },
            },
        }

    @cached_property
    def opinion(self) -> SecondOpinion | None:
        """The second scorer beside the first; none where no second one is named.

        Raises:
            ScorerError: it cannot be loaded or reached.
        """
        if not self.params.second:
            return None
        result = self.result
        other = result_of(
            result.requests, load(self.params.second), confidence_level=result.confidence_level,
            seed=result.seed,
        )  # fmt: skip
        return compare_results(result, other)

    @cached_property
    def found(self) -> Result:
        """The result that counts as found: with a second scorer, what both name."""
        return self.result if self.opinion is None else both_named(self.result, self.opinion)

    @cached_property
    def gold(self) -> pd.DataFrame:
        """Reference labels of this article beside the program's; see `against_gold.beside`."""
        return against_gold.beside(self.result)

    def opening(self) -> Html:
        """Return the title, the finding in plain words, and what to know before reading on."""
        contents = {"article": "The article and its comments"} | self.shown_headings()
        second = second_opinion.sentence(self.opinion) if self.opinion is not None else ""
        checked = against_gold.agreed(self.gold)
        return sections.opening(self.found, contents, checked, second)

    def edition(self) -> Html:
        """Return the article with its commentary in the margin, and a card of each sentence."""
        notes = second_opinion.beside(self.opinion) if self.opinion else {}
        given = against_gold.given(self.result)
        return edition(
            self.result, self.explanations, given, Marks(notes=notes), reading(self.params)
        )

    def sentences(self) -> Html:
        """Return the sentences with the clearest stances, and the words that carry these."""
        return self.sections["sentences"]

    def second_opinion(self) -> Html:
        """Return where a second scorer differs; empty where none is named."""
        return self.sections["second"]

    def relations(self) -> Html:
        """Return the table of comments, which the page shows on paper."""
        return element("div", sections.relations(self.result), class_="cp-paper")

    def provenance(self) -> Html:
        """Return the input's hash, the scorer, parameters, versions, date and command."""
        return sections.provenance(self.result, self.params)

    def save(self, tables: str | Path) -> None:
        """Write what lies beside the page into a folder; an empty name writes nothing.

        Each figure as SVG, PNG and CSV, the share card as `card.png` and `card.svg`,
        `speakers.csv`, `against-gold.csv` where the article has gold labels, `second-….csv` where
        there is a second scorer, `summary.json`, and the relations as `annotations.jsonld`.
        `Result.write` writes the five frames.
        """
        if tables == "":
            return
        folder = Path(tables)
        for figure in self.figures.values():
            figure.save(folder)
        share_card.save(self.found, folder)
        write_csv(self.result.speakers, folder / "speakers.csv")
        if not self.gold.empty:
            write_csv(self.gold, folder / "against-gold.csv")
        if (opinion := self.opinion) is not None:
            for name in ("relations", "stances", "targets"):
                write_csv(getattr(opinion, name), folder / f"second-{name}.csv")
        result = self.result
        write_json(
            folder, {SUMMARY: summary(result, self.found), ANNOTATIONS: annotation_page(result)}
        )
