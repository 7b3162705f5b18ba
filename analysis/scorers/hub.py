"""The `hub` scorer: any transformers classifier or generative model, by name or by folder.

    hub:NAME            the newest revision, which may change without notice
    hub:NAME@REVISION   a branch, tag or commit
    hub:./folder        a local folder with safetensors weights
    …?A=agree&B=against the model's label A means agree, B means against

Models of natural language inference (NLI) and of stance both work. For a relation an NLI
model gets passage (premise) and comment (hypothesis), for a stance the text (premise) and
`HYPOTHESIS` (Yin et al. 2019, zero-shot by entailment). Any other model gets passage and
comment, or text and target, as its pair. Texts longer than the model's input are truncated
at the end, the longer of a pair first. Nothing is calibrated, so nothing is called a
confidence. The model's own code is never run, and no pickle is opened. A generative model is
scored by the likelihood of each label's text; see `generative`.

The environment variable `COUNTERPOINT_DEVICE` names the device as torch does (`cuda`,
`cuda:1`, `mps`); by default the CPU.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, urlencode

import numpy as np

from analysis.errors import ScorerError, one_line
from analysis.scorers import generative
from analysis.scorers import llm_prompts as prompts
from analysis.scorers.base import ScorerInfo, Texts, in_order
from analysis.scorers.label_mapping import is_nli, mapping_matrix
from analysis.types import Task

HYPOTHESIS = "The author of this text is in favor of {target}."
INSTALL = "pip install -e '.[hub]'"
DEVICE = "COUNTERPOINT_DEVICE"
MAX_LENGTH = 512  # tokens, where the model has no limit or a larger one
BATCH_TOKENS = 4096
BATCH_ROWS = 32
CHUNK = 2048  # rows held as tokens at once


class HubScorer:
    """A transformers sequence classifier behind the `Scorer` protocol, loaded on first use."""

    def __init__(
        self,
        name: str,
        revision: str | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        hypothesis: str = HYPOTHESIS,
    ) -> None:
        """Choose the model.

        Args:
            name: a model's name on the hub, or a folder.
            revision: a branch, tag or commit of a named model.
            labels: the model's label -> ours, where its own names do not tell.
            hypothesis: the hypothesis for an NLI model and a stance, with `{target}` in it.

        Raises:
            ScorerError: the hypothesis does not contain `{target}`.
        """
        if "{target}" not in hypothesis:
            raise ScorerError(f"hub: found hypothesis {hypothesis!r}; expected {{target}} in it")
        self.name, self.revision = name, revision
        self.labels, self.hypothesis = dict(labels or {}), hypothesis
        self._mapping = f"?{urlencode(self.labels)}" if self.labels else ""

    @classmethod
    def from_name(cls, text: str) -> "HubScorer":
        """Return the scorer for `NAME[@REVISION][?LABEL=MEANING&…]`.

        Raises:
            ScorerError: there is no name, or no list of labels after `?`.
        """
        place, mark, mapping = text.partition("?")
        labels = dict(parse_qsl(mapping, keep_blank_values=True))
        if mark and (not labels or not all(labels.values())):
            raise ScorerError(
                f"hub: found {mapping!r} after '?'; expected LABEL=MEANING&LABEL=MEANING"
            )
        name, _, revision = (place, "", "") if Path(place).is_dir() else place.partition("@")
        if not name:
            raise ScorerError(f"hub: found {text!r}; expected NAME[@REVISION] or a folder")
        scorer = cls(name, revision or None, labels=labels)
        scorer._mapping = mark + mapping
        return scorer

    @cached_property
    def info(self) -> ScorerInfo:
        """What the scorer is; loads the model, as its commit or weights' hash is the version."""
        model = f"{self.name}@{self.revision}" if self.revision else self.name
        info = ScorerInfo(
            name=f"hub:{model}{self._mapping}",
            version=self._version,
            description=f"transformers classifier {model}; not calibrated",
            model=model,
        )
        if not self._generative:
            return info
        return replace(
            info,
            version=f"{self._version} {prompts.version()}",
            description=f"generative model {model}, by the likelihood of each label",
            languages=(),
            tasks=generative.TASKS,
            costly=True,
            explained_by="nothing",
        )

    def predict(self, task: Task, rows: Sequence[Texts]) -> np.ndarray:
        """Return label probabilities, shape (n, labels); see `Scorer.predict`.

        Raises:
            ScorerError: a package or the model is missing, or its labels do not fit the task.
        """
        distinct = list(dict.fromkeys(map(tuple, rows)))
        found = (self._likelihoods if self._generative else self._classified)(task, distinct)
        return in_order(task, rows, dict(zip(distinct, found, strict=True)))

    def _classified(self, task: Task, rows: list[Texts]) -> np.ndarray:
        matrix = self._matrix(task)
        inputs = [self._input(task, row) for row in rows]
        chunks = (inputs[i : i + CHUNK] for i in range(0, len(inputs), CHUNK))
        return np.concatenate([matrix[:0], *(self._probabilities(c) @ matrix for c in chunks)])

    def _likelihoods(self, task: Task, rows: list[Texts]) -> np.ndarray:
        torch = _package("torch")
        return generative.label_likelihoods(torch, self._tokenizer, self._model, task, rows)

    @cached_property
    def _generative(self) -> bool:
        return generative.is_generative(self._loaded("AutoConfig"))

    def _matrix(self, task: Task) -> np.ndarray:
        names = [self._model.config.id2label[i] for i in range(self._model.config.num_labels)]
        return mapping_matrix(task, names, self.labels, f"hub:{self.name}")

    def _input(self, task: Task, row: Texts) -> Texts:
        """Return the model's text or pair for a row."""
        if task is Task.STANCE and is_nli(list(self._model.config.id2label.values())):
            text, target = row
            return text, self.hypothesis.replace("{target}", target)
        return row

    def _probabilities(self, inputs: list[Texts]) -> np.ndarray:
        """Return the model's own probabilities, float64 (n, labels of the model)."""
        torch = _package("torch")
        sides = [list(side) for side in zip(*inputs, strict=True)]
        encoded = self._tokenizer(*sides, truncation="longest_first", max_length=self._max_length)
        lengths = [len(ids) for ids in encoded["input_ids"]]
        out = np.empty((len(inputs), self._model.config.num_labels))
        for batch in token_batches(lengths, BATCH_TOKENS, BATCH_ROWS):
            unpadded = {key: [values[i] for i in batch] for key, values in encoded.items()}
            padded = self._tokenizer.pad(unpadded, return_tensors="pt").to(self._model.device)
            with torch.inference_mode():
                logits = self._model(**padded).logits.cpu().double()
            out[batch] = torch.softmax(logits, -1).numpy()
        return out

    @cached_property
    def _max_length(self) -> int:
        positions = getattr(self._model.config, "max_position_embeddings", MAX_LENGTH)
        return int(min(MAX_LENGTH, positions or MAX_LENGTH, self._tokenizer.model_max_length))

    @cached_property
    def _tokenizer(self) -> Any:
        return self._loaded("AutoTokenizer")

    @cached_property
    def _model(self) -> Any:
        torch = _package("torch")
        kind = "CausalLM" if self._generative else "SequenceClassification"
        model = self._loaded(f"AutoModelFor{kind}", use_safetensors=True, dtype=torch.float32)
        device = os.environ.get(DEVICE, "").strip() or "cpu"
        try:
            return model.to(device).eval()
        except (RuntimeError, AssertionError) as error:  # no such device, or torch without it
            raise ScorerError(
                f"{DEVICE}: found {device!r} ({one_line(error)[:120]}); expected a device that "
                "torch has here, such as cuda or cpu"
            ) from None

    def _loaded(self, kind: str, **options: Any) -> Any:
        _package("torch")
        transformers = _package("transformers")
        transformers.logging.set_verbosity_error()
        if self.revision:
            options["revision"] = self.revision
        try:
            auto = getattr(transformers, kind)
            return auto.from_pretrained(self.name, trust_remote_code=False, **options)
        except Exception as error:  # OSError, ValueError and the hub's own
            raise ScorerError(
                f"hub:{self.name}: cannot be loaded ({one_line(error)[:300]}); expected a sequence "
                "classifier or generative model with safetensors weights, in a folder or on a hub"
            ) from None

    @cached_property
    def _version(self) -> str:
        if commit := getattr(self._model.config, "_commit_hash", None):
            return str(commit)
        digest = hashlib.sha256()
        for path in sorted(Path(self.name).glob("*.safetensors")):
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()[:12]


def _package(name: str) -> ModuleType:
    """Import torch or transformers on first use.

    Raises:
        ScorerError: it is not installed.
    """
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise ScorerError(
            f"hub: found no package {name}; expected it beside counterpoint; run {INSTALL}"
        ) from None


def token_batches(lengths: Sequence[int], tokens: int, rows: int) -> Iterator[list[int]]:
    """Yield batches of row numbers, the shortest rows first, so that little is padding.

    Args:
        lengths: tokens of each row.
        tokens: at most as many in a batch, padding included; a longer row is alone.
        rows: at most as many in a batch.
    """
    batch: list[int] = []
    for number in sorted(range(len(lengths)), key=lengths.__getitem__):
        full = len(batch) == rows or (len(batch) + 1) * lengths[number] > tokens
        if batch and full:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch
