"""The labelling widget: shows a `Review` and passes it the keys."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from analysis.errors import AnalysisError, one_line
from analysis.lab.review import Review

HERE = Path(__file__).parent


class ReviewWidget(anywidget.AnyWidget):
    """A question, keys to answer it, and what was kept.

    The page sends `{"key", "asked", "note"}` or `{"note", "asked"}`; the answer is a new
    `view`, made only after the log is on disk. Texts travel as texts and become text nodes.
    """

    _esm = HERE / "review.js"
    _css = HERE / "review.css"
    view = traitlets.Dict().tag(sync=True)

    def __init__(self, review: Review, **options: Any) -> None:
        """Show a review as it stands."""
        super().__init__(**options)
        self.review = review
        self._turn = 0
        self.on_msg(self._told)
        self._show()

    def _told(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        asked, note = str(content.get("asked", "")), content.get("note")
        note = None if note is None else str(note)
        if "key" in content:
            self.review.press(str(content["key"]), asked, note)
        elif note is not None:
            self.review.error = ""
            try:
                self.review.note(asked, note)
            except AnalysisError as error:
                self.review.error = one_line(error)
        self._show()

    def _show(self) -> None:
        self._turn += 1
        self.view = self.review.view() | {"turn": self._turn}
