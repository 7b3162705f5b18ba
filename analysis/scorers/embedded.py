"""The `embedded` scorer: a shipped model under ONNX Runtime, without torch or network access.

Each distinct row is scored once. Windows run one at a time and unpadded, one on each core:
dynamic int8 quantization takes one scale for a whole input, so in a padded batch a row's scores
would depend on its neighbors; on a CPU this is also faster (see benchmarks/). The logits of a
row's windows are averaged, then calibrated. A row with an empty comment, text or target is
`neutral`, `none` or `unbiased` with probability 1; an empty passage is scored. Sentences that tell
a model what to answer are left out of a text that has others.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from analysis.errors import ScorerError
from analysis.paths import MODELS
from analysis.scorers import onnx_runtime
from analysis.scorers.base import ScorerInfo, Texts, certain, in_order
from analysis.scorers.cache import ScoreCache, key_of
from analysis.scorers.model_config import Head
from analysis.scorers.onnx_folder import ModelFolder
from analysis.scorers.onnx_runtime import map_longest_first, token_ids
from analysis.scorers.windows import MAX_WINDOWS, OVERLAP, mean_logits, windows
from analysis.text.orders import without_orders
from analysis.types import Task

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

BASE, SMALL = MODELS / "counterpoint-base", MODELS / "counterpoint-small"
CHUNK_ROWS = 512  # rows, and
CHUNK_CHARACTERS = 2_000_000  # characters that are held as tokens at once
# Part of the cache's keys; raise the first number when the way of scoring changes.
SCORING_VERSION = f"2 {MAX_WINDOWS} {OVERLAP}"
LIMITS = (
    (
        "This scorer is often wrong, as the table shows. It misses irony, and comments that "
        "contradict without a word of disagreement."
    ),
    (
        "It reads how hostile a sentence sounds better than whom the hostility is aimed at: "
        "whoever is named in an angry sentence may come out worse than its writer thinks of them."
    ),
)


def shipped_folder(name: str) -> tuple[Path, str]:
    """Return the model folder of `embedded` or `embedded-small`, and why it is not the larger.

    `embedded` is the larger of the models that are installed. A folder that is there counts,
    complete or not: an incomplete one is an error when it is read.
    """
    if name == "embedded-small":
        return SMALL, ""
    if BASE.exists():
        return BASE, ""
    return SMALL, f"{BASE.name} is not installed; {SMALL.name} is used instead"


class EmbeddedScorer:
    """A model folder behind the `Scorer` protocol; files are read on first use.

    Attributes:
        counts: rows requested, distinct rows, rows found in the cache, windows run.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        cache: ScoreCache | None = None,
        threads: int | None = None,
        name: str = "embedded",
    ) -> None:
        """Set the model folder, the cache and the number of threads.

        Args:
            folder: a folder as `ModelFolder` describes it; by default the shipped one of
                that name.
            cache: where scores are kept; by default as `COUNTERPOINT_CACHE` says;
                `ScoreCache(None)` keeps none.
            threads: by default as `COUNTERPOINT_THREADS` says, else all cores of this process.
            name: the value of `--scorer` for this folder.
        """
        path, self._fallback = (folder, "") if folder else shipped_folder(name)
        self.name = name
        self.folder = ModelFolder(path)
        self.cache = ScoreCache.default() if cache is None else cache
        self.threads = threads or onnx_runtime.threads()
        self.counts: Counter[str] = Counter()

    @cached_property
    def info(self) -> ScorerInfo:
        """What the scorer is; reads the folder's configuration, not the weights.

        Raises:
            ScorerError: the folder is missing, incomplete, damaged or of another format.
        """
        config = self.folder.config
        return ScorerInfo(
            name=self.name,
            version=self.folder.version,
            description=f"{config.name}, a model that runs on this machine, without a network",
            model=config.name,
            fallback=self._fallback,
            cached=True,
            limits=LIMITS,
            calibrated=frozenset(t for t, h in config.heads.items() if h.temperature is not None),
            thresholds={task: head.threshold for task, head in config.heads.items()},
            languages=config.languages,
            metrics=self.folder.metrics,
            explained_texts=config.explained_texts,
        )

    def predict(self, task: Task, rows: Sequence[Texts]) -> np.ndarray:
        """Return calibrated label probabilities, shape (n, labels); see `Scorer.predict`.

        A row's scores depend neither on the other rows nor on their order.

        Raises:
            ScorerError: a row has too many or too few texts, or the folder is unusable.
        """
        head = self._head(task)
        scores: dict[Texts, np.ndarray] = {}
        distinct = list(dict.fromkeys(map(tuple, rows)))
        self.counts.update(rows=len(rows), distinct=len(distinct))
        for chunk in _chunks(task, distinct):
            asked = {row: tuple(map(without_orders, row)) for row in chunk}
            found = self._scores(task, head, list(dict.fromkeys(asked.values())))
            scores |= {row: found[own] for row, own in asked.items()}
        return in_order(task, rows, scores)

    @cached_property
    def _session(self) -> "InferenceSession":
        return self.folder.session()

    def _head(self, task: Task) -> Head:
        heads = self.folder.config.heads
        if task not in heads:
            raise ScorerError(
                f"{self.folder.path}: cannot answer {task}; it answers {', '.join(heads)}"
            )
        return heads[task]

    def _scores(self, task: Task, head: Head, rows: list[Texts]) -> dict[Texts, np.ndarray]:
        """Return the probabilities of distinct rows, from the cache where it has them."""
        scores = {row: known for row in rows if (known := certain(task, row)) is not None}
        settings = (task, self.folder.version, SCORING_VERSION)
        keys = {row: key_of(*settings, *row) for row in rows if row not in scores}
        stored = self.cache.get_many(keys.values())
        new = []
        for row, key in keys.items():
            data = stored.get(key, b"")
            if len(data) == 8 * len(task.labels) and abs(np.frombuffer(data).sum() - 1) < 1e-6:
                scores[row] = np.frombuffer(data)
            else:
                new.append(row)
        self.counts["cached"] += len(keys) - len(new)
        if new:
            probabilities = head.probabilities(self._logits(task, head, new))
            scores |= dict(zip(new, probabilities, strict=True))
            self.cache.set_many({keys[row]: scores[row].tobytes() for row in new})
        return scores

    def _logits(self, task: Task, head: Head, rows: list[Texts]) -> np.ndarray:
        """Return each row's logits, the mean over its windows, shape (n, labels)."""
        texts = list({text: None for row in rows for text in row})
        ids = token_ids(self.folder.tokenizer, texts)
        tokens = {t: np.array(i, np.int64) for t, i in zip(texts, ids, strict=True)}
        form = self.folder.input_form(len(head.texts))
        room = self.folder.config.max_length - form.special
        owners, inputs = [], []
        for number, row in enumerate(rows):
            sides = [tokens[row[place]] for place in head.texts]
            for window in windows(sides, room, head.whole):
                owners.append(number)
                inputs.append(form.join(window))
        return mean_logits(self._run(task, inputs), owners, len(rows))

    def _run(self, task: Task, inputs: list[dict[str, np.ndarray]]) -> np.ndarray:
        """Run every window by itself; return logits, shape (windows, labels)."""
        session = self._session
        names = [node.name for node in session.get_inputs()]  # MPNet's has no token types
        self.counts["windows"] += len(inputs)

        def run(number: int) -> np.ndarray:
            return session.run([task.value], {name: inputs[number][name] for name in names})[0][0]

        lengths = [window["input_ids"].size for window in inputs]
        logits = map_longest_first(run, lengths, self.threads)
        return np.array(logits, float).reshape(-1, len(task.labels))


def _chunks(task: Task, rows: list[Texts]) -> Iterator[list[Texts]]:
    """Split rows into chunks of at most `CHUNK_CHARACTERS`, or of one row.

    Raises:
        ScorerError: a row has not the texts that the task asks for.
    """
    chunk, characters = [], 0
    for row in rows:
        if len(row) != len(task.fields) or not all(isinstance(text, str) for text in row):
            types = ", ".join(type(text).__name__ for text in row) or "nothing"
            raise ScorerError(f"{task}: found a row of {types}; expected {', '.join(task.fields)}")
        size = sum(map(len, row))
        if chunk and (len(chunk) == CHUNK_ROWS or characters + size > CHUNK_CHARACTERS):
            yield chunk
            chunk, characters = [], 0
        chunk.append(row)
        characters += size
    if chunk:
        yield chunk
