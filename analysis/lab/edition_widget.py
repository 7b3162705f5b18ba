"""The annotated article as a widget: a click on a comment's badge agrees with it or corrects it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from analysis.errors import AnalysisError, InputError, ParameterError, one_line
from analysis.report.edition import RELATION_WORDS, STANCE_WORDS
from analysis.types import Relation, Task

HERE = Path(__file__).parent
LABELS = {  # by task, the labels that a comment can get, each with its word on the page
    Task.RELATION.value: [[r.value, RELATION_WORDS[r]] for r in Relation],
    Task.STANCE.value: [[label.value, word] for label, word in STANCE_WORDS.items()],
}
Keep = Callable[[str, Task, str, str], tuple[str, str]]


class EditionWidget(anywidget.AnyWidget):
    """The edition's HTML, whose badges and sides open a choice of labels.

    The page sends `{"article", "comment", "task", "target", "label"}`; once the label is kept, the
    edition is shown anew, and `told` says so beside that comment. A click on an article that is no
    longer on show keeps nothing: comments of two articles may have the same id.
    """

    _esm = HERE / "edition.js"
    _css = HERE / "edition.css"
    article = traitlets.Unicode().tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)
    targets = traitlets.List(traitlets.Unicode()).tag(sync=True)
    labels = traitlets.Dict(LABELS).tag(sync=True)
    told = traitlets.Dict().tag(sync=True)

    def __init__(self, keep: Keep, **options: Any) -> None:
        """Show nothing yet.

        Args:
            keep: keeps a label of a comment (its id, task, target, label); returns the edition
                with it and what to say, or raises AnalysisError.
            options: of the widget.
        """
        super().__init__(**options)
        self._keep = keep
        self.on_msg(self._received)

    def show(self, edition: str, targets: Sequence[str], article: str) -> None:
        """Show the edition of an article (its SHA-256), to be labeled toward these targets."""
        with self.hold_sync():
            self.article, self.value = article, edition
            self.targets, self.told = list(targets), {}

    def _received(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        comment, task, target, label = (
            str(content.get(name, "")) for name in ("comment", "task", "target", "label")
        )
        turn = self.told.get("turn", 0) + 1
        try:
            if task not in LABELS:
                raise ParameterError(f"task: found {task!r}; expected {' or '.join(LABELS)}")
            if content.get("article") != self.article:
                raise InputError("another article is on show now; nothing was saved")
            edition, said = self._keep(comment, Task(task), target, label)
        except AnalysisError as error:
            self.told = {"comment": comment, "error": one_line(error), "turn": turn}
            return
        with self.hold_sync():
            self.value, self.told = edition, {"comment": comment, "said": said, "turn": turn}
