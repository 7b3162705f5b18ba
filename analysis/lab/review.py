"""An annotator's queue of questions; each answer is logged before the next question shows."""

from collections.abc import Mapping, Sequence
from typing import Any

import analysis
from analysis.errors import AnalysisError, one_line
from analysis.gold.labels import VOICE, LabelLog
from analysis.lab.questions import Question
from analysis.types import Task

KEYS: dict[str, dict[str, str]] = {
    Task.RELATION.value: {"a": "agree", "d": "disagree", "n": "neutral"},
    Task.STANCE.value: {"f": "favor", "a": "against", "n": "none"},
    Task.BIAS.value: {"b": "biased", "n": "unbiased"},
    VOICE: {"a": "author", "q": "quoted", "c": "commentator", "e": "cited"},
}
UNDO, SKIP, NOTE = "u", "s", "m"
ASKS = {
    Task.RELATION.value: "How does the comment respond to the passage?",
    Task.STANCE.value: "Where does this speaker stand toward {target}?",
    Task.BIAS.value: "Is this worded in a biased way?",
    VOICE: "Who speaks here?",
}
ROLES = {Task.RELATION.value: ("Passage", "Comment")}


class Review:
    """A queue of questions and the log of their answers.

    Questions with a label in the log are done; skipped ones come last.

    >>> import tempfile
    >>> from analysis.lab.questions import questions
    >>> asked = questions(["seeds/*.txt"], "relation", scorer="lexicon")
    >>> folder = tempfile.TemporaryDirectory()
    >>> review = Review(asked, LabelLog(folder.name, "anna"))
    >>> review.press("d", review.current.item.item_id)
    >>> review.done, review.total
    (1, 4)
    >>> folder.cleanup()
    """

    def __init__(self, questions: Sequence[Question], log: LabelLog, *, blind: bool = True) -> None:
        """Resume from the log.

        Args:
            questions: the questions, in order.
            log: the annotator's log.
            blind: whether the program's label is shown only after the annotator's.

        Raises:
            InputError: the log cannot be read.
        """
        self.log, self.blind = log, blind
        self.error = self.told = ""
        self._questions = {q.item.item_id: q for q in questions}
        # after a label the program's is told, also where the label was undone later
        self._revealed = log.labeled()
        self._labels: dict[str, str] = {}
        self._notes: dict[str, str] = {}
        self._passed: set[str] = set()
        for key, found in log.labels().items():
            if key in self._questions:
                self._notes[key] = found.note
                if found.label:
                    self._labels[key] = found.label
                else:
                    self._passed.add(key)
        again, self._passed = self._passed, set()
        waiting = [key for key in self._questions if key not in self._labels]
        self._waiting = [k for k in waiting if k not in again] + [k for k in waiting if k in again]

    @property
    def total(self) -> int:
        """Number of questions."""
        return len(self._questions)

    @property
    def done(self) -> int:
        """Number of questions with a label in the log."""
        return len(self._labels)

    @property
    def skipped(self) -> int:
        """Number of questions skipped in this review."""
        return len(self._passed)

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels by item id."""
        return dict(self._labels)

    @property
    def current(self) -> Question | None:
        """The current question; None when all are done or skipped."""
        return self._questions[self._waiting[0]] if self._waiting else None

    def press(self, key: str, asked: str, note: str | None = None) -> None:
        """Act on a key: label, skip or undo.

        A key pressed for an earlier question is ignored. Failures are kept in `error`, and the
        question stays.

        Args:
            key: a key of `KEYS`, `u` (undo) or `s` (skip).
            asked: id of the item shown when the key was pressed; empty where none was.
            note: the note as shown; None if unchanged.
        """
        self.error = ""
        try:
            if asked != (self.current.item.item_id if self.current is not None else ""):
                return
            if key == UNDO:
                self._undo()
            elif self.current is not None:
                if note is not None:
                    self.note(asked, note)
                self._answer(key)
        except AnalysisError as error:
            self.error = one_line(error)

    def note(self, asked: str, text: str) -> None:
        """Log a note on an item unless it is unchanged.

        Raises:
            InputError: the log cannot be written.
        """
        if asked in self._questions and text != self._notes.get(asked, ""):
            self.log.note(self._questions[asked].item, text)
            self._notes[asked] = text

    def _answer(self, key: str) -> None:
        question = self.current
        asked = question.item
        if key == SKIP:
            self.log.skip(asked, **self._about(question))
            self._labels.pop(asked.item_id, None)
            self._passed.add(asked.item_id)
            self.told = "Skipped."
        elif (label := KEYS[asked.task].get(key)) is not None:
            self.log.label(asked, label, **self._about(question))
            self._labels[asked.item_id] = label
            self._revealed.add(asked.item_id)
            self.told = f"Kept: {label}."
            if question.guess:
                self.told += f" The program says: {question.guess}."
        else:
            return
        self._waiting.pop(0)

    def _undo(self) -> None:
        taken = self.log.undo(among=self._questions, counterpoint=analysis.__version__)
        if taken is None:
            self.told = "There is nothing to undo."
            return
        key = taken.item_id
        self._labels.pop(key, None)
        self._passed.discard(key)
        self.told = "Undone."
        standing = self.log.labels().get(key)
        if standing is not None and standing.label:
            self._labels[key] = standing.label
            self.told = f"Undone: {standing.label} applies again until you give another label."
        self._waiting = [key, *(k for k in self._waiting if k != key)]

    def _about(self, question: Question) -> dict[str, Any]:
        """Return a record's circumstances: versions, and what the annotator had seen."""
        key = question.item.item_id
        shown = bool(question.guess) and (not self.blind or key in self._revealed)
        return {
            "counterpoint": analysis.__version__,
            **question.versions,
            "seen_program": shown,
            **({"seen_others": True} if question.said else {}),
        }

    def view(self) -> dict[str, Any]:
        """Return what a front end shows, as plain text."""
        question = self.current
        shown: dict[str, Any] = {
            "annotator": self.log.annotator,
            "done": self.done,
            "total": self.total,
            "skipped": self.skipped,
            "told": self.told,
            "error": self.error,
            "question": None,
        }
        if question is not None:
            asked = question.item
            seen = not self.blind or asked.item_id in self._revealed
            shown["question"] = {
                "id": asked.item_id,
                "asks": ASKS[asked.task].format(target=asked.target),
                "title": question.title,
                "texts": self._texts(question),
                "keys": [[key, label] for key, label in KEYS[asked.task].items()],
                "note": self._notes.get(asked.item_id, ""),
                "guess": question.guess if seen else "",
                "said": list(question.said),
            }
        return shown

    @staticmethod
    def _texts(question: Question) -> list[dict[str, str]]:
        """Return the texts with their roles; a single text with its context."""
        roles = ROLES.get(question.item.task, ("Text",))
        texts = [
            {"role": role, "before": "", "text": text, "after": ""}
            for role, text in zip(roles, question.texts, strict=True)
        ]
        if len(texts) == 1:  # passage and comment are each other's context
            texts[0] |= {"before": question.before, "after": question.after}
        return texts
