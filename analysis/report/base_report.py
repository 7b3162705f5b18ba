"""What the report of one article and those of two texts share: sections, from one table of them."""

from functools import cached_property
from typing import Any, ClassVar

from analysis.html.display import anchor_of
from analysis.html.elements import Html
from analysis.report.sections import section

NOT_SHOWN = "What this does not show"  # heading of the text that closes each notebook


class BaseReport:
    """A report whose sections stand in one table; a notebook cell shows what a method returns.

    What several sections need is made once, on first use.

    Attributes:
        headings: by a section's anchor, in the order of the page, its heading and what a reader
            should know before it.
    """

    headings: ClassVar[dict[str, tuple[str, str]]]

    def contents(self) -> dict[str, dict[str, Any]]:
        """Return what each section shows, as `sections.section` takes it, by anchor."""
        raise NotImplementedError

    @cached_property
    def sections(self) -> dict[str, Html]:
        """The sections by anchor; one without anything to show is empty."""
        shown = self.contents()
        return {a: section(a, *heading, **shown.get(a, {})) for a, heading in self.headings.items()}

    def shown_headings(self) -> dict[str, str]:
        """Return the headings for the list of contents: of sections that show anything, by anchor.

        The notebook's closing text comes last.
        """
        shown = {a: self.headings[a][0] for a, made in self.sections.items() if str(made)}
        return shown | {anchor_of(NOT_SHOWN): NOT_SHOWN}

    def toward(self) -> Html:
        """Return the figures and tables of who stands where toward each target."""
        return self.sections["toward"]

    def wording(self) -> Html:
        """Return how loaded the language is, and of an article who gets to speak."""
        return self.sections["wording"]

    def method(self) -> Html:
        """Return how the report was made, and the limits and measured quality of the scorer."""
        return self.sections["method"]
