"""The labeling widget: shows a `Review` and passes keys to it."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from analysis.errors import AnalysisError, one_line
from analysis.lab.review import Review

HERE = Path(__file__).parent


class ReviewWidget(anywidget.AnyWidget):
    """A question, the keys to answer it, and the last answer.

    The page sends `{"key", "asked", "note"}` or `{"note", "asked"}`; a new `view` follows once the
    log is on disk. Texts become text nodes, never markup.
    """

    _esm = HERE / "review.js"
    _css = HERE / "review.css"
    view = traitlets.Dict().tag(sync=True)

    def __init__(self, review: Review, **options: Any) -> None:
        """Show a review."""
        super().__init__(**options)
        self.review = review
        self._turn = 0
        self.on_msg(self._received)
        self._show()

    def _received(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
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
