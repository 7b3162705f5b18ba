"""The `embedded` scorer: the shipped model under ONNX Runtime, with no torch and no network.

Each distinct row is scored once. Windows are run one at a time, unpadded, as many at
once as there are cores: dynamic int8 takes one scale for a whole input, so that in a
padded batch a row's figures would hang on its neighbours; and on a CPU this is the
faster way as well (see benchmarks/). Where the folder says so, the names of states are
withheld from the model in a stance (`entity_masking`). The logits of a row's windows are averaged,
then calibrated. A row whose last field that is judged says nothing (an empty comment, text
or target) is `neutral`, `none` or `unbiased` for certain; an empty passage is scored.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from analysis.errors import ScorerError
from analysis.paths import MODELS
from analysis.scorers import entity_masking, onnx_runtime
from analysis.scorers.base import ScorerInfo, Texts
from analysis.scorers.cache import ScoreCache, key_of
from analysis.scorers.model_config import Head
from analysis.scorers.onnx_folder import INPUTS, ModelFolder
from analysis.scorers.onnx_runtime import each, sound
from analysis.scorers.windows import MOST, OVERLAP, averaged, windows
from analysis.types import Bias, Relation, Stance, Task

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

FOLDER = MODELS / "counterpoint-small"
CHUNK_ROWS = 512  # rows, and
CHUNK_CHARACTERS = 2_000_000  # characters that are held as tokens at once
SERVING = f"1 {MOST} {OVERLAP}"  # raise the first number when the way of scoring changes
# What a row says whose texts say nothing, and which of its texts must say something.
SILENT = {
    Task.RELATION: (Relation.NEUTRAL, ("comment",)),
    Task.STANCE: (Stance.NONE, ("text", "target")),
    Task.BIAS: (Bias.UNBIASED, ("text",)),
}


class EmbeddedScorer:
    """The model folder behind the `Scorer` protocol; files are read on first use.

    Attributes:
        counts: rows asked for, distinct rows, rows found in the cache, windows run.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        cache: ScoreCache | None = None,
        threads: int | None = None,
        name: str = "embedded",
    ) -> None:
        """Name the model folder, the cache and the number of cores to use.

        Args:
            folder: a folder as `ModelFolder` describes it; the shipped one by default.
            cache: where scores are kept; by default as `COUNTERPOINT_CACHE` says, and
                `ScoreCache(None)` keeps none.
            threads: by default as `COUNTERPOINT_THREADS` says, else all cores of this process.
            name: what a user writes after `--scorer` for this folder.
        """
        self.name = name
        self.folder = ModelFolder(folder or FOLDER)
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
            version=self.version,
            description=f"{config.name}: one small encoder with a head a task, ONNX Runtime int8"
            + (", not told the names of states" if self._withholds else ""),
            calibrated=frozenset(t for t, h in config.heads.items() if h.temperature is not None),
            thresholds={task: head.threshold for task, head in config.heads.items()},
            languages=config.languages,
            metrics=self.folder.metrics,
        )

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits that change whenever a score may change."""
        if not self._withholds:
            return self.folder.version
        together = f"{self.folder.version} {entity_masking.version()}"
        return hashlib.sha256(together.encode()).hexdigest()[:12]

    def predict(self, task: Task, rows: Sequence[Texts]) -> np.ndarray:
        """Return calibrated label probabilities, shape (n, labels); see `Scorer.predict`.

        A row's figures do not depend on the other rows nor on their order.

        Raises:
            ScorerError: a row has too many or too few texts, or the folder is unusable.
        """
        head = self._head(task)
        known: dict[Texts, np.ndarray] = {}
        distinct = list(dict.fromkeys(map(tuple, rows)))
        self.counts.update(rows=len(rows), distinct=len(distinct))
        for chunk in _chunks(task, distinct):
            known |= self._known_or_scored(task, head, chunk)
        if not rows:
            return np.empty((0, len(task.labels)))
        return np.array([known[tuple(row)] for row in rows])

    @property
    def _withholds(self) -> bool:
        return any(head.withholds for head in self.folder.config.heads.values())

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        return self.folder.tokenizer()

    @cached_property
    def _session(self) -> "InferenceSession":
        return self.folder.session()

    @cached_property
    def _special(self) -> tuple[int, int]:
        found = [self._tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]")]
        if None in found:
            raise ScorerError(f"{self.folder.path / 'tokenizer.json'}: expected [CLS] and [SEP]")
        return found[0], found[1]

    def _head(self, task: Task) -> Head:
        heads = self.folder.config.heads
        if task not in heads:
            raise ScorerError(
                f"{self.folder.path}: cannot answer {task}; it answers {', '.join(heads)}"
            )
        return heads[task]

    def _known_or_scored(
        self, task: Task, head: Head, rows: list[Texts]
    ) -> dict[Texts, np.ndarray]:
        """Score distinct rows, those that the cache knows by looking them up."""
        settings = (task, self.version, SERVING)
        keys = {row: key_of(*settings, *row) for row in rows if not _silent(task, row)}
        stored = self.cache.get_many(keys.values())
        known = {row: _silence(task) for row in rows if row not in keys}
        for row, key in keys.items():
            data = stored.get(key, b"")
            if len(data) == 8 * len(task.labels) and abs(np.frombuffer(data).sum() - 1) < 1e-6:
                known[row] = np.frombuffer(data)
        self.counts["cached"] += len(known) + len(keys) - len(rows)
        new = [row for row in rows if row not in known]
        if new:
            scores = head.probabilities(self._logits(task, head, new))
            known |= dict(zip(new, scores, strict=True))
            self.cache.set_many({keys[row]: known[row].tobytes() for row in new})
        return known

    def _logits(self, task: Task, head: Head, rows: list[Texts]) -> np.ndarray:
        """Return each row's logits, the mean over its windows, shape (n, labels)."""
        asked = [(n, one) for n, row in enumerate(rows) for one in _asked(head, row)]
        texts = list(dict.fromkeys(sound(text) for _, row in asked for text in row))
        coded = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        tokens = {t: np.array(c.ids, np.int64) for t, c in zip(texts, coded, strict=True)}
        room = self.folder.config.max_length - 1 - len(head.texts)
        owner, pieces = [], []
        for number, row in asked:
            sides = [tokens[sound(row[place])] for place in head.texts]
            for piece in windows(sides, room, head.whole):
                owner.append(number)
                pieces.append(piece)
        return averaged(self._run(task, pieces), owner, len(rows))

    def _run(self, task: Task, pieces: list[tuple[np.ndarray, ...]]) -> np.ndarray:
        """Run every window by itself; return logits, shape (windows, labels)."""
        session, ends = self._session, self._special
        self.counts["windows"] += len(pieces)

        def one(number: int) -> np.ndarray:
            return session.run([task.value], _inputs(pieces[number], *ends))[0][0]

        lengths = [sum(map(len, piece)) for piece in pieces]
        return np.array(each(one, lengths, self.threads), float).reshape(-1, len(task.labels))


def _asked(head: Head, row: Texts) -> list[Texts]:
    """Return what the model is asked for a row; a stance's row is a text and a target."""
    return entity_masking.readings(*row) if head.withholds else [row]


def _inputs(texts: tuple[np.ndarray, ...], cls: int, sep: int) -> dict[str, np.ndarray]:
    """Join a window's texts as [CLS] first [SEP] second [SEP], each array int64 (1, length)."""
    parts = [np.array([cls]), *(part for text in texts for part in (text, np.array([sep])))]
    ids = np.concatenate(parts)[None]
    segments = np.zeros_like(ids)
    if len(texts) == 2:
        segments[0, len(texts[0]) + 2 :] = 1
    return dict(zip(INPUTS, (ids, np.ones_like(ids), segments), strict=True))


def _chunks(task: Task, rows: list[Texts]) -> Iterator[list[Texts]]:
    """Part rows so that no more than `CHUNK_CHARACTERS` (or one row) is held at once.

    Raises:
        ScorerError: a row has not the texts that the task asks for.
    """
    chunk, characters = [], 0
    for row in rows:
        if len(row) != len(task.fields) or not all(isinstance(text, str) for text in row):
            found = ", ".join(type(text).__name__ for text in row) or "nothing"
            raise ScorerError(f"{task}: found a row of {found}; expected {', '.join(task.fields)}")
        size = sum(map(len, row))
        if chunk and (len(chunk) == CHUNK_ROWS or characters + size > CHUNK_CHARACTERS):
            yield chunk
            chunk, characters = [], 0
        chunk.append(row)
        characters += size
    if chunk:
        yield chunk


def _silent(task: Task, row: Texts) -> bool:
    fields = SILENT[task][1]
    return any(not row[task.fields.index(field)].strip() for field in fields)


def _silence(task: Task) -> np.ndarray:
    return np.array([float(label == SILENT[task][0]) for label in task.labels])
