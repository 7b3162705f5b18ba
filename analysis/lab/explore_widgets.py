"""The controls of the exploring notebook: file, targets, scorers, thresholds, a sentence."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from os.path import expanduser
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from markupsafe import Markup

from analysis.errors import AnalysisError, InputError, one_line
from analysis.html.display import count
from analysis.html.elements import element, nothing_shown
from analysis.lab.edition_widget import EditionWidget
from analysis.lab.explore import Explorer, seeds, sentence, side_by_side, views
from analysis.paths import GOLD, resolve
from analysis.report.provenance import shown_path
from analysis.scorers import load
from analysis.types import DEFAULT_SCORER, SCORERS, Task

NONE = "none"
PAUSE = 0.4  # seconds after the last keystroke before a sentence is scored
CHOSEN = (Task.RELATION, Task.STANCE)
ROW = widgets.Layout(flex_flow="row wrap", align_items="center")
WIDE = widgets.Layout(width="98%")


class Explore(widgets.VBox):
    """The controls and what they show; every change redraws.

    It also works without a front end: set a control's `value`, and read `figure.value`,
    `relations.value`, `edition.value`, `compared.value` or `scored.value`, each HTML.
    """

    def __init__(
        self,
        article: str,
        *,
        targets: Sequence[str] = (),
        scorer: str = DEFAULT_SCORER,
        second: str = NONE,
        annotator: str = "",
        folder: str | Path = GOLD,
    ) -> None:
        """Open an article and draw it.

        Args:
            article: a file.
            targets: names or short propositions; by default those found in the text.
            scorer: name of the scorer.
            second: name of a scorer to compare with, or `none`.
            annotator: whose labels are kept; by default the login name.
            folder: folder of people's labels, relative to the project's root.

        Raises:
            AnalysisError: the article cannot be read, a scorer not be loaded, or the annotator's
                name not be that of a log.
        """
        self.explorer = Explorer(
            article, targets=targets, scorer=scorer, annotator=annotator, folder=folder
        )
        self._filling = False
        self._timer: asyncio.TimerHandle | None = None
        self._make(article, scorer, second)
        super().__init__([self._controls(), self.message, self._pages(), self._own()])
        self._fill()
        self.redraw()
        self._watch()

    def _make(self, article: str, scorer: str, second: str) -> None:
        listed, article = seeds(), article if "://" in article else str(resolve(article))
        listed += [] if article in [path for _, path in listed] else [(article, article)]
        text = {"style": {"description_width": "initial"}}
        self.file = widgets.Dropdown(options=listed, value=article, description="Article", **text)
        self.path = widgets.Text(
            placeholder="or a file of your own: path, then Enter",
            continuous_update=False,
            layout=widgets.Layout(width="20em"),
        )
        self.upload = widgets.FileUpload(description="or upload", multiple=False)
        self.targets = widgets.TagsInput(allow_duplicates=False, layout=WIDE)
        self.another = widgets.Text(placeholder="add a target, then Enter", continuous_update=False)
        self.another.layout = widgets.Layout(width="16em")
        self.add = widgets.Button(description="Add", layout=widgets.Layout(width="5em"))
        names = dict.fromkeys((*(name for name in SCORERS if ":" not in name), scorer))
        self.scorer = widgets.Dropdown(
            options=list(names), value=scorer, description="Scorer", **text
        )
        others = dict.fromkeys((NONE, *names, second))
        self.second = widgets.Dropdown(
            options=list(others), value=second, description="Compare with", **text
        )
        self.thresholds = {
            task: widgets.FloatSlider(
                min=0, max=1, step=0.01, continuous_update=False, description=f"{task} threshold"
            )
            for task in CHOSEN
        }
        for slider in self.thresholds.values():
            slider.style.description_width = "initial"
        self.message, self.figure, self.relations, self.compared, self.scored = (
            widgets.HTML() for _ in range(5)
        )
        self.edition = EditionWidget(self._label)
        self.sentence = widgets.Textarea(
            placeholder="Type a sentence; it is scored as you pause", rows=2, layout=WIDE
        )
        self.toward = widgets.Combobox(
            placeholder="a target", description="Stance toward", continuous_update=False, **text
        )
        self.answers = widgets.Dropdown(
            options=[("no passage", "")], description="As a comment on", layout=WIDE, **text
        )

    def _controls(self) -> widgets.Widget:
        label = widgets.Label("Targets (if empty: those found in the text)")
        return widgets.VBox(
            [
                widgets.Box([self.file, self.path, self.upload], layout=ROW),
                label,
                self.targets,
                widgets.Box([self.another, self.add], layout=ROW),
                widgets.Box([self.scorer, self.second, *self.thresholds.values()], layout=ROW),
            ]
        )

    def _pages(self) -> widgets.Widget:
        pages = widgets.Tab([self.figure, self.edition, self.relations, self.compared])
        pages.titles = ("Targets", "Annotated article", "Comments", "Side by side")
        return pages

    def _own(self) -> widgets.Widget:
        head = widgets.HTML("<b>A sentence of your own</b>")
        return widgets.VBox([head, self.sentence, self.toward, self.answers, self.scored])

    def _watch(self) -> None:
        def on(control: widgets.Widget, act: Callable[[Any], None]) -> None:
            control.observe(
                lambda change: None if self._filling else act(change["new"]), names="value"
            )

        on(self.file, lambda path: self._open(lambda: self.explorer.open(path)))
        on(
            self.path,
            lambda path: path and self._open(lambda: self.explorer.open(expanduser(path.strip()))),
        )
        on(self.upload, self._uploaded)
        on(self.targets, lambda _: self._set_targets())
        # The value arrives when typing ends: on Enter, or on leaving for the button.
        on(self.another, lambda _: self._add_target())
        self.add.on_click(lambda _: self._add_target())
        for control in (self.scorer, self.second):
            on(control, lambda _: self._set_scorer())
        for slider in self.thresholds.values():
            on(slider, lambda _: self.redraw())
        for control in (self.sentence, self.toward, self.answers):
            on(control, lambda _: self._later(self.score_sentence))

    def _open(self, opens: Callable[[], Any]) -> None:
        try:
            opens()
        except AnalysisError as error:
            self._say(error)
            return
        self._fill()
        self.redraw()

    def _uploaded(self, files: Sequence[Any]) -> None:
        for file in files:
            self._open(
                lambda file=file: self.explorer.open_upload(file["name"], bytes(file["content"]))
            )

    def _set_targets(self) -> None:
        self.explorer.targets = tuple(t.strip() for t in self.targets.value if t.strip())
        self.redraw()

    def _add_target(self) -> None:
        """Add the typed target to the list, which redraws."""
        name, self.another.value = self.another.value.strip(), ""
        if name and name not in self.targets.value:
            self.targets.value = [*self.targets.value, name]

    def _set_scorer(self) -> None:
        self.explorer.scorer = self.scorer.value
        self._fill_thresholds()
        self.redraw()
        self.score_sentence()

    def _fill(self) -> None:
        """Set the controls to the open article's values without redrawing."""
        try:
            result = self.explorer.result()
        except AnalysisError:
            return  # `redraw` reports it
        with self._unwatched():
            self._choose_file()
            self.targets.value = [target.name for target in result.targets]
            self.toward.options = self.targets.value
            self.toward.value = self.targets.value[0] if self.targets.value else ""
            passages = result.relations[result.relations.passage_end > 0]
            self.answers.options = [("no passage", "")] + [
                (f"{n}: {text[:90]}", text) for n, text in enumerate(passages.passage, 1)
            ]
        self._fill_thresholds()

    def _choose_file(self) -> None:
        """Have the list of articles name the open one, so that each of its others can be chosen."""
        source = self.explorer.article.source
        path = source if source in dict(self.file.options).values() else str(resolve(source))
        if path not in dict(self.file.options).values():
            path = source
            self.file.options = [*self.file.options, (source, source)]
        self.file.value, self.path.value = path, ""

    def _fill_thresholds(self) -> None:
        """Set the sliders to the scorer's thresholds; disable those of uncalibrated tasks."""
        try:
            info = load(self.explorer.scorer).info
        except AnalysisError:
            return
        with self._unwatched():
            for task, slider in self.thresholds.items():
                slider.disabled = task not in info.calibrated
                slider.value = info.threshold(task)

    @contextmanager
    def _unwatched(self) -> Iterator[None]:
        """Set controls without acting on the change."""
        self._filling = True
        try:
            yield
        finally:
            self._filling = False

    def redraw(self) -> None:
        """Redraw everything from the controls; errors are shown above."""
        began = time.perf_counter()
        self.explorer.thresholds = {
            task.value: slider.value
            for task, slider in self.thresholds.items()
            if not slider.disabled
        }
        try:
            result = self.explorer.result()
            for name, markup in views(result).items():
                getattr(self, name).value = str(markup)
            targets = [target.name for target in result.targets]
            self.edition.show(self.explorer.edition(), targets, result.article.sha256)
            beside = self.second.value
            if beside == NONE:
                self.compared.value = str(nothing_shown("Choose a scorer under “Compare with”."))
            else:
                self.compared.value = str(side_by_side(result, self.explorer.result(beside)))
        except AnalysisError as error:
            self._say(error)
            return
        self.seconds = time.perf_counter() - began
        sizes = {"segment": result.segments, "comment": result.relations, "target": result.targets}
        facts = [count(len(rows), noun) for noun, rows in sizes.items()]
        facts += [f"{result.scorer.name} scorer", f"drawn in {self.seconds:.1f} s"]
        self.message.value = str(element("p", " · ".join(facts), class_="cp-drawn"))

    def _label(self, comment: str, task: Task, target: str, label: str) -> tuple[str, str]:
        """Keep a label; return the edition with it, and what to say.

        Raises:
            AnalysisError: see `Explorer.label`, or another article is open than the one on show.
        """
        if self.explorer.article.sha256 != self.edition.article:
            raise InputError("the article on show is no longer open; nothing was saved")
        path = self.explorer.label(comment, label, task=task, target=target)
        return self.explorer.edition(), f"Saved as {label} in {shown_path(str(path))}."

    def score_sentence(self) -> None:
        """Score the typed sentence under each chosen scorer, with explanations."""
        names = [self.scorer.value, *([self.second.value] if self.second.value != NONE else [])]
        if not self.sentence.value.strip():
            self.scored.value = ""
            return
        texts = (self.sentence.value, self.toward.value, self.answers.value or "")
        try:
            self.scored.value = str(sentence(*texts, scorers=list(dict.fromkeys(names))))
        except AnalysisError as error:
            self._say(error)

    def _later(self, act: Callable[[], None]) -> None:
        """Act once typing pauses; at once where no event loop runs."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            act()
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_later(PAUSE, act)

    def _say(self, error: Exception) -> None:
        text = element("b", one_line(error))
        self.message.value = str(element("p", Markup("⚠ "), text, role="alert"))
