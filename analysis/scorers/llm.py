"""The `llm` scorer: any language model behind an OpenAI-compatible chat endpoint.

    llm:MODEL                 the model as the server names it, such as llm:qwen3:8b
    llm:MODEL?samples=5       answers to draw where the server gives no log-probabilities
    llm:MODEL?context=8192    tokens that the model takes; longer texts are cut at a sentence
    llm:MODEL?calibration=F   the file that `counterpoint recalibrate` wrote for it

`endpoint` says where the server is and what may leave this machine. A comment's relation is one
request, a text's stance toward all its targets another; loaded language is not asked about. If the
server gives log-probabilities, those of the labels' tokens are the probabilities; otherwise they
are shares of the samples. What a server refuses is left out from then on. A row without a valid
answer after `TRIES` attempts gets NaN; each answer is cached at once.
"""

import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import numpy as np

from analysis.errors import ScorerError
from analysis.scorers import llm_prompts as prompts
from analysis.scorers.base import ScorerInfo, Texts, certain, in_order
from analysis.scorers.cache import MemoryCache, ScoreCache, key_of
from analysis.scorers.endpoint import Endpoint
from analysis.scorers.llm_answers import NO_QUOTE, Answer, Span, likelihoods, parse
from analysis.scorers.llm_calibration import LlmCalibration, read_calibration
from analysis.scorers.llm_client import ANSWER_TOKENS, TARGET_TOKENS, Chat, Refused, parallel
from analysis.scorers.llm_prompts import Question
from analysis.types import Task

TASKS = frozenset({Task.RELATION, Task.STANCE})
TRIES = 3  # for a valid answer
MAX_SAMPLES = 50
CONTEXT = 4096  # tokens; Ollama's default
PROMPT_TOKENS = 900  # of instructions and examples, with room
RECENT = 50_000  # answers kept in memory, whatever the cache on disk does
SCORING_VERSION = "1"  # raise when the way of scoring changes
LIMITS = (
    (
        "This scorer is a language model: fluent, and sure of itself also where it is wrong. It "
        "may know the events, and judge by what it knows instead of by the text."
    ),
    (
        "Text that speaks to the model may change its labels; `counterpoint evaluation` measures "
        "how often. Loaded language was not asked of it."
    ),
)


class Outcome(NamedTuple):
    """What came of a question.

    Attributes:
        probabilities: shape (targets, labels); not numbers where there was no valid answer.
        quotes: span of the model's quotation for each target.
        cut: whether a text was cut to fit the context.
    """

    probabilities: np.ndarray
    quotes: tuple[Span, ...]
    cut: bool

    def pack(self) -> bytes:
        """Return it as bytes without any text."""
        spans = [place for span in self.quotes for place in span]
        numbers = self.probabilities.astype("<f8").tobytes()
        return numbers + struct.pack(f"<?{len(spans)}i", self.cut, *spans)

    @classmethod
    def unpack(cls, question: Question, data: bytes) -> "Outcome | None":
        """Return what `pack` made; None where it is something else."""
        shape = (question.size, len(question.task.labels))
        size = 8 * shape[0] * shape[1]
        if len(data) != size + 1 + 8 * question.size:
            return None
        probabilities = np.frombuffer(data[:size], "<f8").reshape(shape)
        if not np.allclose(probabilities.sum(axis=1), 1):
            return None
        cut, *spans = struct.unpack(f"<?{2 * question.size}i", data[size:])
        pairs = list(zip(spans[::2], spans[1::2], strict=True))
        inside = all(
            pair == NO_QUOTE or 0 <= pair[0] < pair[1] <= len(question.judged) for pair in pairs
        )
        return cls(probabilities, tuple(pairs), cut) if inside else None


class LlmScorer:
    """A language model behind the `Scorer` protocol; nothing is sent before `predict`.

    Attributes:
        counts: rows requested, questions, those found in the cache, and invalid answers.
    """

    def __init__(
        self,
        model: str,
        *,
        samples: int = 1,
        context: int = CONTEXT,
        calibration: str = "",
        name: str = "",
        cache: ScoreCache | None = None,
    ) -> None:
        """Choose the model.

        Args:
            model: as the server names it.
            samples: answers to draw where the server gives no log-probabilities.
            context: tokens that the model takes.
            calibration: a file of `counterpoint recalibrate`; empty for none.
            name: the value of `--scorer`; by default as `model` says.
            cache: where answers are kept; by default as `COUNTERPOINT_CACHE` says.
        """
        self.model, self.samples, self.context = model, samples, context
        self.name = name or f"llm:{model}"
        self.cache = ScoreCache.default() if cache is None else cache
        self.counts: Counter[str] = Counter()
        self._calibration, self._read = calibration, None
        self._recent = MemoryCache(RECENT)
        self._chat = Chat(model, self.name)

    @classmethod
    def from_name(cls, text: str) -> "LlmScorer":
        """Return the scorer for `MODEL[?samples=N&context=TOKENS&calibration=FILE]`.

        Raises:
            ScorerError: there is no model, or an option is unknown or out of range.
        """
        model, mark, options = text.partition("?")
        pairs = dict(parse_qsl(options, keep_blank_values=True))
        expected = "expected llm:MODEL[?samples=N&context=TOKENS&calibration=FILE]"
        if not model.strip() or not model.isprintable() or (mark and not pairs):
            raise ScorerError(f"llm: found {text!r}; {expected}")
        values: dict[str, Any] = {"calibration": pairs.pop("calibration", "")}
        for option, (low, high) in {"samples": (1, MAX_SAMPLES), "context": (1024, 2**21)}.items():
            if option in pairs:
                value = pairs.pop(option)
                if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
                    raise ScorerError(
                        f"llm: {option}: found {value!r}; expected a number from {low} to {high}"
                    )
                values[option] = int(value)
        if pairs:
            raise ScorerError(f"llm: found option {min(pairs)!r}; {expected}")
        return cls(model, name=f"llm:{text}", **values)

    @property
    def info(self) -> ScorerInfo:
        """What the scorer is; nothing is sent.

        Raises:
            ScorerError: the address or the calibration cannot be used.
        """
        place, calibration = Endpoint.from_environment(), self.calibration()
        remote = place.place if place.remote else ""
        settings = (self.model, str(place.url), *self._settings(), calibration.version)
        return ScorerInfo(
            name=self.name,
            version=key_of(*settings).hex()[:12],
            description=f"language model {self.model}, asked over its chat endpoint",
            model=self.model,
            cached=True,
            languages=(),
            limits=LIMITS,
            calibrated=calibration.tasks,
            tasks=TASKS,
            costly=True,
            explained_by="quotations",
            sent_to=remote,
        )

    def predict(self, task: Task, rows: Sequence[Texts]) -> np.ndarray:
        """Return label probabilities, shape (n, labels); see `Scorer.predict`.

        A row is not a number where the model gave no valid answer. A stance depends on the
        other targets that the same text is asked for.

        Raises:
            ScorerError: the server is not reached, refuses, or may not be asked.
        """
        if task not in TASKS:
            raise ScorerError(f"{self.name}: cannot answer {task}; it answers relation, stance")
        out: dict[Texts, np.ndarray] = {}
        for question, texts, outcome in self._outcomes(task, rows, ask=True):
            found = self.calibration().apply(question.task, outcome.probabilities)
            out |= dict(zip(texts, found, strict=True))
        sure = {row: known for row in map(tuple, rows) if (known := certain(task, row)) is not None}
        return in_order(task, rows, out | sure)

    def quotes(self, task: Task, rows: Sequence[Texts]) -> list[Span | None]:
        """Return where the words stand that the model quoted for each row; nothing is asked."""
        spans: dict[Texts, Span | None] = {}
        for _, texts, outcome in self._outcomes(task, rows, ask=False):
            found = [None if span == NO_QUOTE else span for span in outcome.quotes]
            spans |= dict(zip(texts, found, strict=True))
        return [spans.get(tuple(row)) for row in rows]

    def missing(self, task: Task, rows: Sequence[Texts]) -> int:
        """Return how many questions about rows are not in the cache; nothing is asked."""
        known = sum(1 for _ in self._outcomes(task, rows, ask=False))
        return len(self._questions(task, rows)) - known

    @property
    def requests(self) -> int:
        """How many requests were made so far, not counting those that were sent again."""
        return self._chat.counts["requests"]

    def remarks(self, rows: Mapping[Task, Sequence[Texts]]) -> tuple[str, ...]:
        """Return what a reader must know of these rows' scores; nothing is asked."""
        cut = total = answered = 0
        for task in TASKS & set(rows):
            total += len(self._questions(task, rows[task]))
            for _, _, outcome in self._outcomes(task, rows[task], ask=False):
                answered += 1
                cut += outcome.cut
        lines = []
        if cut:
            lines.append(
                f"{cut} of {total} questions held a text longer than the model takes "
                f"({self.context} tokens): it was cut at the end of a sentence."
            )
        if answered < total:
            lines.append(
                f"The model gave no valid answer to {total - answered} of {total} questions after "
                f"{TRIES} tries each; those are marked as abstained."
            )
        return tuple(lines)

    def calibration(self) -> LlmCalibration:
        """Return the calibration that is applied; read on first use."""
        if self._read is None:
            self._read = read_calibration(self._calibration, self.model)
        return self._read

    def _settings(self) -> tuple[str, ...]:
        return (SCORING_VERSION, prompts.version(), str(self.samples), str(self.context))

    def _questions(self, task: Task, rows: Sequence[Texts]) -> dict[Question, list[Texts]]:
        distinct = dict.fromkeys(map(tuple, rows))
        return prompts.questions(task, [row for row in distinct if certain(task, row) is None])

    def _outcomes(
        self, task: Task, rows: Sequence[Texts], *, ask: bool
    ) -> Iterator[tuple[Question, list[Texts], Outcome]]:
        """Give each question with its rows and its outcome; of those not cached where asked."""
        questions = self._questions(task, rows)
        place = Endpoint.from_environment()
        settings = ("llm", self.model, str(place.url), *self._settings(), task)
        keys = {q: key_of(*settings, *q.texts, *q.targets) for q in questions}
        stored = self._recent.get_many(keys.values())
        stored |= self.cache.get_many(key for key in keys.values() if key not in stored)
        new = []
        for question, key in keys.items():
            outcome = Outcome.unpack(question, stored[key]) if key in stored else None
            if outcome is None:
                new.append(question)
            else:
                yield question, questions[question], outcome
        if not ask:
            return
        self.counts.update(rows=len(rows), questions=len(keys), cached=len(keys) - len(new))
        for question, outcome in self._ask(new, place):
            if not np.isnan(outcome.probabilities).any():
                packed = {keys[question]: outcome.pack()}
                self._recent.set_many(packed)
                self.cache.set_many(packed)
            yield question, questions[question], outcome

    def _ask(self, new: Sequence[Question], place: Endpoint) -> Iterator[tuple[Question, Outcome]]:
        """Ask questions, some at once; each outcome is given as soon as it is known.

        The first request is sent alone, so that what the server refuses is learned only once.
        """
        if not new:
            return
        place.addresses()  # before anything is built: is that place allowed?
        cut = {question: self._fitted(question) for question in new}
        yield new[0], self._outcome(*cut[new[0]])
        left = iter(new[1:])
        most = parallel()
        pool = ThreadPoolExecutor(most, thread_name_prefix="llm")
        waiting: dict[Future[Outcome], Question] = {}
        try:
            while True:
                while len(waiting) < most and (question := next(left, None)):
                    waiting[pool.submit(self._outcome, *cut[question])] = question
                if not waiting:
                    break
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in sorted(done, key=lambda f: f.exception() is not None):
                    yield waiting.pop(future), future.result()
        except BaseException:
            self._chat.close()  # what is still under way would only be waited for
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _fitted(self, question: Question, share: float = 1.0) -> tuple[Question, Question, bool]:
        """Return a question, the same with its texts cut to fit, and whether they were."""
        targets = sum(map(prompts.estimated_tokens, question.targets))
        room = self.context - PROMPT_TOKENS - ANSWER_TOKENS - targets
        room = int(max(64, room - TARGET_TOKENS * question.size) * share)
        sizes = [prompts.estimated_tokens(text) for text in question.texts]
        if sum(sizes) <= room:
            return question, question, False
        even = room // len(sizes)
        spare = room - sum(min(size, even) for size in sizes)
        rooms = [size if size <= even else even + spare for size in sizes]
        texts = tuple(map(prompts.first_sentences, question.texts, rooms))
        return question, question._replace(texts=texts), True

    def _outcome(self, whole: Question, shown: Question, cut: bool) -> Outcome:
        """Ask one question until an answer is valid, at most `TRIES` times."""
        share, attempt = 1.0, 0
        while attempt < TRIES:
            try:
                outcome = self._attempt(whole, shown, cut, attempt)
            except Refused as refusal:
                if refusal.args:  # the text is too long for the model after all
                    share /= 2
                    _, shown, cut = self._fitted(whole, share)
                    attempt += 1
                continue
            if outcome is not None:
                return outcome
            attempt += 1
            self.counts["invalid"] += 1
        nothing = np.full((whole.size, len(whole.task.labels)), np.nan)
        return Outcome(nothing, (NO_QUOTE,) * whole.size, cut)

    def _attempt(self, whole: Question, shown: Question, cut: bool, attempt: int) -> Outcome | None:
        """Ask once, or draw the samples; None where no answer is valid."""
        drawing = self.samples > 1 and "logprobs" in self._chat.refused
        wanted = self.samples if drawing else 1
        answers: list[Answer] = []
        structured = "response_format" not in self._chat.refused
        while wanted > 0:
            found = self._chat.request(shown, attempt + len(answers), wanted, drawing)
            wanted -= max(1, len(found))
            for choice in found[: self.samples]:
                answer = parse(whole, choice.text, structured=structured)
                if answer is None:
                    continue
                answers.append(answer)
                if not drawing and "logprobs" not in self._chat.refused:
                    likely = likelihoods(whole, choice, answer)
                    if likely is not None:
                        return Outcome(likely, answer.quotes, cut)
                    self._chat.refuse("logprobs")  # the server took the field, gave nothing
                    if self.samples > 1:
                        raise Refused
        if not answers:
            return None
        counts = np.zeros((whole.size, len(whole.task.labels)))
        for answer in answers:
            for row, label in enumerate(answer.labels):
                counts[row, whole.task.labels.index(label)] += 1
        best = counts.argmax(axis=1)
        return Outcome(counts / len(answers), _quotes_for(whole, answers, best), cut)


def _quotes_for(
    question: Question, answers: Iterable[Answer], best: np.ndarray
) -> tuple[Span, ...]:
    """Return for each target the first quotation of an answer that gives its best label."""
    quotes = [NO_QUOTE] * question.size
    for answer in answers:
        for row, (label, span) in enumerate(zip(answer.labels, answer.quotes, strict=True)):
            if quotes[row] == NO_QUOTE and label == question.task.labels[best[row]]:
                quotes[row] = span
    return tuple(quotes)
