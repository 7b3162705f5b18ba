"""The configuration of a training run, kept beside the weights that come of it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Phase(BaseModel):
    """A stretch of training on one mixture; `rows` counts the rows of each source.

    `steps` cuts the phase short, after so many of its shuffled batches;
    `mask_share` takes the place of the run's; `rounded` computes as int8 will (`rounding.py`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    rows: dict[str, int]
    rate_start: float = 1e-4
    rate_end: float = 1e-4
    warmup: int = 0
    steps: int | None = None
    mask_share: float | None = None
    rounded: bool = False


class TrainConfig(BaseModel):
    """All that decides what a run learns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    phases: list[Phase]
    base: Literal["minilm", "mpnet"] = "minilm"
    frozen_layers: int = Field(0, ge=0)  # so many lowest ones, with the embeddings, learn nothing
    seed: int = 20261124
    max_length: int = Field(160, ge=16, le=256)
    batch_tokens: int = 2560
    batch_rows: int = 64
    layer_decay: float = 0.9
    head_factor: float = 3.0
    weight_decay: float = 0.01
    smoothing: float = 0.05
    dropout: float = 0.1
    mask_share: float = 0.05
    mask_id: int = 103
    average_decay: float = 0.998
    task_weights: dict[str, float] = {"relation": 1.0, "stance": 1.0, "bias": 1.0}
    bfloat16: bool = True
    save_every_s: float = 300.0
    synthetic_rows: int = 12000
    # Whose answers the rows of a source are learnt from besides their labels: the teacher's, or
    # those of the weights that the run starts from, so that these are not unlearnt.
    soft: dict[str, Literal["teacher", "start"]] = {}
    soft_share: float = Field(0.7, ge=0.0, le=1.0)
    soft_temperature: float = Field(2.0, gt=0.0)
