"""A model folder as the `embedded` scorer reads it: every file checked, then opened.

    model.onnx      inputs input_ids, attention_mask, token_type_ids, int64 (n, length);
                    one output of logits (n, labels) a task, named as the task
    tokenizer.json  of the tokenizers library, with [CLS] and [SEP]
    config.json     as `model_config` describes it
    metrics.json    measured quality (may be missing)
    SHA256SUMS      a line a file, as `sha256sum` writes it

The bytes that were checked are the bytes that are opened.
"""

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import ScorerError, one_line
from analysis.scorers.model_config import FORMAT, Config, parse_config
from analysis.scorers.onnx_runtime import open_session, open_tokenizer

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

SUMS = "SHA256SUMS"
NEEDED = ("model.onnx", "tokenizer.json", "config.json")
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
AGAIN = "get the folder anew"


class ModelFolder:
    """One folder with weights; nothing is read before it is asked for."""

    def __init__(self, path: Path) -> None:
        """Name the folder; it need not exist yet."""
        self.path = path

    @cached_property
    def sums(self) -> dict[str, str]:
        """The expected SHA-256 of each file, in hexadecimal, as `SHA256SUMS` lists them.

        Raises:
            ScorerError: the folder or a file is missing, or not listed.
        """
        if not self.path.is_dir():
            raise ScorerError(f"{self.path}: no such model folder; {AGAIN} or train the model")
        for name in (SUMS, *NEEDED):
            if not (self.path / name).is_file():
                expected = ", ".join((SUMS, *NEEDED))
                raise ScorerError(f"{self.path}: {name} is missing; expected {expected}; {AGAIN}")
        lines = (self.path / SUMS).read_text(encoding="utf-8", errors="replace").splitlines()
        pairs = [line.split(maxsplit=1) for line in lines if line.strip()]
        sums = {pair[-1].lstrip("*").strip(): pair[0].lower() for pair in pairs}
        for name in NEEDED:
            if name not in sums:
                raise ScorerError(f"{self.path / SUMS}: found no line for {name}; {AGAIN}")
        return sums

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits that change with weights, tokenizer or configuration."""
        together = " ".join(self.sums[name] for name in NEEDED)
        return hashlib.sha256(together.encode()).hexdigest()[:12]

    @cached_property
    def config(self) -> Config:
        """What the model was made for and how its figures are read.

        Raises:
            ScorerError: `config.json` is damaged, or of a format that is not known here.
        """
        where, found = self.path / "config.json", self._json("config.json")
        if found.get("format") != FORMAT:
            raise ScorerError(
                f"{where}: found format {found.get('format')!r}; expected {FORMAT}; "
                "use the version of counterpoint that the folder was made with"
            )
        try:
            return parse_config(found)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            said = f"{type(error).__name__}: {one_line(error)}"
            raise ScorerError(f"{where}: cannot be understood ({said}); {AGAIN}") from None

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """Measured quality; empty where the folder has none."""
        return self._json("metrics.json") if (self.path / "metrics.json").is_file() else {}

    def tokenizer(self) -> "Tokenizer":
        """Open the tokenizer, with its own cutting and padding turned off."""
        data = self.read("tokenizer.json")
        try:
            return open_tokenizer(data)
        except Exception as error:  # the library raises bare Exception
            raise ScorerError(
                f"{self.path / 'tokenizer.json'}: {one_line(error)}; {AGAIN}"
            ) from None

    def session(self) -> "InferenceSession":
        """Open the weights for runs of one thread each; many such runs may go on at once.

        Raises:
            ScorerError: the file is not the one that was published, or lacks an input or output.
        """
        data = self.read("model.onnx")
        try:
            session = open_session(data)
        except Exception as error:  # one class a failure, all private to the library
            raise ScorerError(f"{self.path / 'model.onnx'}: {one_line(error)}; {AGAIN}") from None
        have = {node.name for node in (*session.get_inputs(), *session.get_outputs())}
        if lacks := [n for n in (*INPUTS, *map(str, self.config.heads)) if n not in have]:
            raise ScorerError(
                f"{self.path / 'model.onnx'}: found {', '.join(sorted(have))}; "
                f"expected {', '.join(lacks)} too; {AGAIN}"
            )
        return session

    def read(self, name: str) -> bytes:
        """Return a file's bytes once they have the listed SHA-256.

        Raises:
            ScorerError: they have another: truncated, damaged or another model's.
        """
        expected = self.sums.get(name, "")
        try:
            data = (self.path / name).read_bytes()
        except OSError as error:
            raise ScorerError(f"{self.path / name}: {error.strerror}; {AGAIN}") from None
        found = hashlib.sha256(data).hexdigest()
        if found != expected:
            raise ScorerError(
                f"{self.path / name}: found SHA-256 {found[:12]}… ({len(data)} bytes), expected "
                f"{expected[:12] or 'none'}… as {SUMS} lists: truncated, changed or "
                f"another model's file; {AGAIN}"
            )
        return data

    def _json(self, name: str) -> dict[str, Any]:
        try:
            found = json.loads(self.read(name))
        except ValueError as error:
            raise ScorerError(
                f"{self.path / name}: not JSON ({one_line(error)}); {AGAIN}"
            ) from None
        if not isinstance(found, dict):
            raise ScorerError(f"{self.path / name}: found no JSON object; {AGAIN}")
        return found
