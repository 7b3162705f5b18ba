"""The configuration of a model: what it is made from and on what it is trained."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.errors import InputError, one_line
from analysis.scorers.base import EXPLAINED_TEXTS


class Phase(BaseModel):
    """A stretch of training on one mixture, its rate falling to zero at the end.

    Attributes:
        sources: the rows that a source gives to each epoch, as a share of its train rows.
        steps: cuts the plan short after so many batches.
        falling: share of the steps, the last ones, in which the rate falls; before, it is steady.
        average: decay of the moving average of the weights, which is what a phase results in.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    rate: float = Field(gt=0)
    seed: int = 0
    epochs: int = Field(1, ge=1)
    steps: int | None = Field(None, ge=1)
    falling: float = Field(1.0, gt=0, le=1)
    average: float = Field(0.995, ge=0, lt=1)
    sources: dict[str, float]


class TrainConfig(BaseModel):
    """Everything that determines what a model learns and how it is served."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    base: Literal["minilm", "mpnet"]
    provenance: str = ""  # a paragraph for the card
    phases: list[Phase] = Field(min_length=1)
    # Sources to learn from as well where a larger model's answers are given.
    taught: dict[str, float] = {}
    # Sources that are answered for a smaller model once trained, besides the phases' own.
    answered: list[str] = []
    taught_share: float = Field(0.7, ge=0, le=1)  # of the loss, on rows that have a label
    temperature: float = Field(2.0, gt=0)  # of those answers
    explained_texts: int = Field(EXPLAINED_TEXTS, ge=10)  # see `ScorerInfo`
    training_length: int = Field(160, ge=16, le=512)  # tokens
    served_length: int = Field(256, ge=16, le=512)  # tokens
    batch_tokens: int = Field(4000, ge=1)
    batch_rows: int = Field(200, ge=1)
    layer_decay: float = 0.9
    head_rate: float = 3.0  # times the rate
    frozen_layers: int = Field(0, ge=0)  # the lowest ones, with the embeddings, learn nothing
    adapter_rank: int = Field(0, ge=0)  # 0: the layers learn themselves, without adapters
    weight_decay: float = 0.01
    smoothing: float = Field(0.03, ge=0, lt=1)
    masked: float = Field(0.08, ge=0, lt=1)  # share of the masked tokens
    head_dropout: float = Field(0.1, ge=0, lt=1)
    layer_dropout: float = Field(0.0, ge=0, lt=1)
    save_every: int = Field(100, ge=1)  # steps
    calibration_prior: float = Field(0.05, ge=0)  # pulls the class biases to 0

    def sources(self) -> set[str]:
        """Return the names of all sources to learn from."""
        return {name for phase in self.phases for name in phase.sources} | set(self.taught)


def read_config(path: Path) -> TrainConfig:
    """Read a configuration in YAML.

    Raises:
        InputError: the file is missing, no YAML, or has an unknown or unfit field.
    """
    try:
        return TrainConfig.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise InputError(f"{path}: cannot be read as a configuration ({one_line(error)})") from None
