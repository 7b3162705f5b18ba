"""The report of one article as an object: a method a section, in the notebook's order."""

import json
from functools import cached_property
from pathlib import Path

from analysis.frames import write_csv
from analysis.html.elements import Html
from analysis.html.figure import Figure
from analysis.params import ReportParams
from analysis.report import against_gold, plots, scorer_limits, sections
from analysis.report.commentators import commentators
from analysis.report.cue_figure import rates
from analysis.report.edition import edition
from analysis.report.flow import flow
from analysis.report.jsonld import ANNOTATIONS, annotation_page
from analysis.report.provenance import SUMMARY
from analysis.report.summary import summary
from analysis.scoring.explain import explanations
from analysis.scoring.explanation import Explanations
from analysis.scoring.pipeline import Result


class Report:
    """The report of one article; a notebook cell shows what a method returns.

    What several sections need is made once, on first use.

    >>> import analysis as cp
    >>> article = cp.read("seeds/000_9da5be969268c11d.txt")
    >>> report = cp.Report(cp.score(article, targets=["NATO"], scorer="lexicon"))
    >>> report.stances().title
    'targets'
    """

    style = staticmethod(sections.style)

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

    def opening(self) -> Html:
        """Return the title, the finding, and what must be known before reading on."""
        return sections.opening(self.result)

    def edition(self) -> Html:
        """Return the article with its commentary in the margin, and a card of each sentence."""
        return edition(self.result, self.explanations)

    def relations(self) -> Html:
        """Return the table of comments and how each responds to its passage, and who comments."""
        return sections.stacked(sections.relations(self.result), commentators(self.result))

    def stances(self) -> Figure:
        """Return the figure of author against commentary, target by target."""
        return self.figures["targets"]

    def comparison(self) -> Html:
        """Return the tables of targets and of everyone who speaks of them."""
        speakers = scorer_limits.speakers(self.result)
        return sections.stacked(sections.comparison(self.result), speakers)

    def flow(self) -> Figure:
        """Return the figure of the stance through the article."""
        return self.figures["flow"]

    def voices(self) -> Figure:
        """Return the figure of who gets to speak."""
        return self.figures["voices"]

    def loaded_language(self) -> Html:
        """Return the two figures of loaded language and the table of its cues."""
        figures = self.figures["loaded"], self.figures["cues"]
        return sections.stacked(*figures, sections.cues(self.result))

    def sentences(self) -> Html:
        """Return the sentences with the clearest stances, and the words that carry these."""
        return sections.sentences(self.result, self.explanations)

    def limits(self) -> Html:
        """Return the limits of the scorer, and the gold labels of the article where it has any."""
        gold = against_gold.section(self.result)
        return sections.stacked(scorer_limits.limits(self.result), gold)

    def provenance(self) -> Html:
        """Return the input's hash, the scorer, parameters, versions, date and command."""
        return sections.provenance(self.result, self.params)

    def save(self, tables: str | Path) -> None:
        """Write what lies beside the page into a folder; an empty name writes nothing.

        Each figure as SVG and CSV, `speakers.csv`, `against-gold.csv` where the article has gold
        labels, `summary.json`, and the relations as `annotations.jsonld`. `Result.write` writes
        the five frames.
        """
        if tables == "":
            return
        folder = Path(tables)
        for figure in self.figures.values():
            figure.save(folder)
        write_csv(self.result.speakers, folder / "speakers.csv")
        if not (gold := against_gold.beside(self.result)).empty:
            write_csv(gold, folder / "against-gold.csv")
        for name, made in ((SUMMARY, summary), (ANNOTATIONS, annotation_page)):
            text = json.dumps(made(self.result), ensure_ascii=True, indent=1, allow_nan=False)
            (folder / name).write_text(text + "\n", encoding="utf-8")
