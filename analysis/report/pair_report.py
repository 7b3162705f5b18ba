"""The report on two texts as an object: a method a section, in the notebook's order."""

from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from analysis.frames import Frames
from analysis.html.elements import EMPTY, Html, fragment
from analysis.html.figure import Figure
from analysis.params import PairParams
from analysis.report import scorer_limits, sections, share_card
from analysis.report.base_report import BaseReport
from analysis.report.findings import name
from analysis.report.glossary import GLOSSES
from analysis.report.provenance import SUMMARY, shown_path
from analysis.report.summary import about, head, write_json
from analysis.scoring.pipeline import Result

MAX_BESIDE = 8  # rows of a table that stands beside its figure


class PairReport(BaseReport):
    """The report on two texts; see `BaseReport`.

    `VersionsReport` and `StoriesReport` say what it shows.
    """

    kind: ClassVar[str]  # as the index page and `summary.json` name it
    kicker: ClassVar[str]
    how_to_read: ClassVar[str]
    glosses: ClassVar[dict[str, str]]

    def __init__(self, result: Frames, params: PairParams) -> None:
        """Keep the result that the report is made of."""
        self.result, self.params = result, params

    @property
    def original(self) -> Result:
        """The scored original, or first story."""
        return self.result.original

    @property
    def republished(self) -> Result:
        """The scored republished text, or second story."""
        return self.result.republished

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """The figures by their section's anchor."""
        raise NotImplementedError

    def finding(self) -> list[str]:
        """Return what the comparison comes to, in plain sentences."""
        raise NotImplementedError

    def warnings(self) -> list[str]:
        """Return what must be known before the figures."""
        raise NotImplementedError

    def front(self) -> dict[str, Any]:
        """Return what the opening shows besides title, facts, contents and warnings."""
        raise NotImplementedError

    def with_table(
        self, anchor: str, label: str, table: Html, rows: int | None = None
    ) -> dict[str, Any]:
        """Return a section's figure with its table: a small one beside it, a long one folded away.

        `rows` are the table's, where these are not those of the figure's data.
        """
        figure = self.figures[anchor]
        near = (len(figure.data) if rows is None else rows) <= MAX_BESIDE
        return {
            "figures": [figure],
            "beside": [table] * near,
            "tables": {label: table} if not near else {},
        }

    def method_contents(self, *parts: Html) -> dict[str, Any]:
        """Return what the section on method and limits shows."""
        scorer = self.republished.scorer
        return {
            "parts": [*parts, scorer_limits.limits(self.republished)],
            "tables": {"Measured quality": scorer_limits.measured(scorer)},
        }

    def opening(self) -> Html:
        """Return the titles, the finding in plain words, and what to know before reading on."""
        texts = [r.article for r in (self.original, self.republished)]
        abouts = [dict(article.about) for article in texts]
        return fragment(
            "pair-opening.html.j2",
            kicker=self.kicker,
            title=texts[1].title,
            facts=[shown_path(article.source) for article in texts]
            + [
                name(about[key]) for about in abouts for key in ("outlet", "date") if about.get(key)
            ],
            how_to_read=self.how_to_read,
            glosses=self.glosses,
            warnings=self.warnings(),
            contents=self.shown_headings(),
            **self.front(),
        )

    def text(self) -> Html:
        """Return the republished text with what was changed; nothing of two stories."""
        return self.sections.get("text", EMPTY)

    def voices(self) -> Html:
        """Return whose words the texts hold."""
        return self.sections["voices"]

    def comments(self) -> Html:
        """Return the comments that answer what was changed; nothing of two stories."""
        return self.sections.get("comments", EMPTY)

    def provenance(self) -> Html:
        """Return the inputs' hashes, the scorer, parameters, versions, date and command."""
        return sections.provenance(self.republished, self.params, self.original)

    def save(self, tables: str | Path) -> None:
        """Write what lies beside the page into a folder; an empty name writes nothing.

        Each frame as CSV and Parquet, each figure as SVG, PNG and CSV, the share card as `card.png`
        and `card.svg`, and `summary.json`.
        """
        if tables == "":
            return
        folder = Path(tables)
        self.result.write(folder)
        for figure in self.figures.values():
            figure.save(folder)
        share_card.save(self.republished, folder, " ".join(self.finding()[:1]))
        write_json(folder, self.exports())

    def exports(self) -> dict[str, Any]:
        """Return what is written as JSON beside the page, by file name."""
        return {SUMMARY: self.summary()}

    def summary(self) -> dict[str, Any]:
        """Return what the index page lists; as `summary.summary`, with `kind` and `original`."""
        made = head(self.republished, self.finding(), self.warnings())
        return made | {"kind": self.kind, "original": about(self.original.article)}


def glosses(**own: str) -> dict[str, str]:
    """Return the glossary of a page on two texts, with words of its own."""
    return {word: gloss for word, gloss in GLOSSES.items() if word not in ("difference",)} | own
