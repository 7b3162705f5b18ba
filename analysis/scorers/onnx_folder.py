"""A model folder as the `embedded` scorer reads it: every file is checked, then opened.

    model.onnx      input_ids and, where the model has them, attention_mask and token_type_ids,
                    int64 (n, length); an output of logits (n, labels) for each task, named after
                    it. Weights of over 40 MB are byte parts: model.onnx.0, model.onnx.1, …
    tokenizer.json  of the tokenizers library; it decides the form of the input
    config.json     as `model_config` describes it
    metrics.json    measured quality (optional)
    SHA256SUMS      a line for each file, as `sha256sum` writes it

The bytes that are checked are the bytes that are opened.
"""

import hashlib
import json
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import ScorerError, one_line
from analysis.scorers.input_form import INPUTS, InputForm
from analysis.scorers.model_config import FORMAT, Config, parse_config
from analysis.scorers.onnx_runtime import open_session, open_tokenizer

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

CHECKSUMS = "SHA256SUMS"
WEIGHTS, TOKENIZER, CONFIG = "model.onnx", "tokenizer.json", "config.json"
AGAIN = "get the folder again"

_WEIGHTS = re.compile(rf"{re.escape(WEIGHTS)}(\.\d+)?")


class ModelFolder:
    """One folder with weights; each file is read on first use."""

    def __init__(self, path: Path) -> None:
        """Set the folder's path; it need not exist yet."""
        self.path = path

    @cached_property
    def checksums(self) -> dict[str, str]:
        """The expected SHA-256 of each file, in hexadecimal, as `SHA256SUMS` lists them.

        Raises:
            ScorerError: the folder or a file is missing, or not listed.
        """
        if not self.path.is_dir():
            raise ScorerError(f"{self.path}: no such model folder; {AGAIN} or train the model")
        self._require(CHECKSUMS, TOKENIZER, CONFIG)
        lines = (self.path / CHECKSUMS).read_text(encoding="utf-8", errors="replace").splitlines()
        pairs = [line.split(maxsplit=1) for line in lines if line.strip()]
        return {pair[-1].lstrip("*").strip(): pair[0].lower() for pair in pairs}

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The names of the files that decide the scores: weights in order, tokenizer, config.

        Raises:
            ScorerError: one is missing or not listed, or there is a part that is not listed.
        """
        listed = set(filter(_WEIGHTS.fullmatch, self.checksums))
        parts = tuple(f"{WEIGHTS}.{number}" for number in range(len(listed)))
        weights = (WEIGHTS,) if listed <= {WEIGHTS} else parts
        self._require(*weights)
        present = {path.name for path in self.path.iterdir()}
        for name in sorted(set(filter(_WEIGHTS.fullmatch, present)) - listed):
            raise ScorerError(f"{self.path / CHECKSUMS}: found no line for {name}; {AGAIN}")
        return (*weights, TOKENIZER, CONFIG)

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits that change with weights, tokenizer or configuration."""
        together = " ".join(self._checksum(name) for name in self.files)
        return hashlib.sha256(together.encode()).hexdigest()[:12]

    @cached_property
    def config(self) -> Config:
        """What the model was made for and how its output is read.

        Raises:
            ScorerError: `config.json` is damaged, or of an unknown format.
        """
        where, values = self.path / CONFIG, self._json(CONFIG)
        if values.get("format") != FORMAT:
            raise ScorerError(
                f"{where}: found format {values.get('format')!r}; expected {FORMAT}; "
                "use the version of counterpoint that the folder was made with"
            )
        try:
            return parse_config(values)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"{type(error).__name__}: {one_line(error)}"
            raise ScorerError(f"{where}: cannot be understood ({reason}); {AGAIN}") from None

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """Measured quality; empty where the folder has none."""
        return self._json("metrics.json") if (self.path / "metrics.json").is_file() else {}

    @cached_property
    def tokenizer(self) -> "Tokenizer":
        """The tokenizer, without truncation and padding of its own."""
        data = self.read(TOKENIZER)
        try:
            return open_tokenizer(data)
        except Exception as error:  # the library raises bare Exception
            raise self._unusable(TOKENIZER, error) from None

    def input_form(self, texts: int) -> InputForm:
        """Return how the tokenizer joins one text or two."""
        try:
            return InputForm.of(self.tokenizer, texts)
        except ValueError as error:
            raise self._unusable(TOKENIZER, error) from None

    def session(self) -> "InferenceSession":
        """Open the weights for single-threaded runs; many such runs may go on at once.

        Raises:
            ScorerError: a file is not the one that was published, or the model lacks an output
                or needs an input that is not known here.
        """
        data = b"".join(map(self.read, self.files[:-2]))
        try:
            session = open_session(data)
        except Exception as error:  # one class a failure, all private to the library
            raise self._unusable(WEIGHTS, error) from None
        inputs, outputs = (
            {node.name for node in nodes} for nodes in (session.get_inputs(), session.get_outputs())
        )
        tasks = set(map(str, self.config.heads))
        if not {INPUTS[0]} <= inputs <= set(INPUTS) or not tasks <= outputs:
            raise ScorerError(
                f"{self.path / WEIGHTS}: found inputs {', '.join(sorted(inputs))} and outputs "
                f"{', '.join(sorted(outputs))}; expected inputs {', '.join(INPUTS)} or some of "
                f"them, and outputs {', '.join(sorted(tasks))}; {AGAIN}"
            )
        return session

    def read(self, name: str) -> bytes:
        """Return a file's bytes if they have the listed SHA-256.

        Raises:
            ScorerError: they do not: the file is truncated, damaged or another model's.
        """
        expected = self._checksum(name)
        try:
            data = (self.path / name).read_bytes()
        except OSError as error:
            raise ScorerError(f"{self.path / name}: {error.strerror}; {AGAIN}") from None
        actual = hashlib.sha256(data).hexdigest()
        if actual != expected:
            raise ScorerError(
                f"{self.path / name}: found SHA-256 {actual[:12]}… ({len(data)} bytes), expected "
                f"{expected[:12]}… as {CHECKSUMS} lists: truncated, changed or "
                f"another model's file; {AGAIN}"
            )
        return data

    def _checksum(self, name: str) -> str:
        if name not in self.checksums:
            raise ScorerError(f"{self.path / CHECKSUMS}: found no line for {name}; {AGAIN}")
        return self.checksums[name]

    def _require(self, *names: str) -> None:
        for name in names:
            if not (self.path / name).is_file():
                raise ScorerError(f"{self.path}: {name} is missing; {AGAIN}")

    def _json(self, name: str) -> dict[str, Any]:
        try:
            values = json.loads(self.read(name))
        except ValueError as error:
            raise self._unusable(name, f"not JSON ({one_line(error)})") from None
        if not isinstance(values, dict):
            raise self._unusable(name, "found no JSON object")
        return values

    def _unusable(self, name: str, reason: object) -> ScorerError:
        return ScorerError(f"{self.path / name}: {one_line(reason)}; {AGAIN}")
