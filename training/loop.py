"""The training loop: phases of mixed rows, averaged weights, states that a run resumes from."""

import copy
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from analysis.errors import InputError
from training import weights
from training.adapters import add_adapters
from training.answers import answers_of
from training.config import Phase, TrainConfig
from training.data import Row
from training.encode import Encoded, PairEncoder, arrays, batches, shares
from training.model import Model
from training.tasks import TASKS

FIRST_WORD = 1000  # pieces below are marks and single letters and are never masked
NUMBERS = {task: number for number, task in enumerate(TASKS)}


def device() -> str:
    """Return `cuda` where there is a GPU, else `cpu`."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def report(text: str) -> None:
    """Print a line of progress to standard error."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def draw(
    sources: Mapping[str, Sequence[Row]], mixture: Mapping[str, float], rng: np.random.Generator
) -> list[Row]:
    """Return one epoch's rows: each source's share of its rows, whole passes before repeats."""
    out: list[Row] = []
    for name, share in mixture.items():
        rows = sources[name]
        wanted = max(1, round(share * len(rows))) if rows else 0
        passes = [rng.permutation(len(rows)) for _ in range(-(-wanted // max(1, len(rows))))]
        out += [rows[n] for n in np.concatenate([*passes, []]).astype(int)[:wanted]]
    return [out[n] for n in rng.permutation(len(out))]


def prepare(model: Model, config: TrainConfig) -> None:
    """Let a model learn what the configuration says: its adapters, or all but the frozen layers.

    The embeddings learn where no layer is frozen and there are no adapters; the heads always.

    Raises:
        InputError: no layer would be left to learn.
    """
    encoder, depth, frozen = model.encoder, len(model.encoder.layers), config.frozen_layers
    if frozen >= depth:
        raise InputError(
            f"frozen_layers: found {frozen}; expected fewer than the {depth} layers of the encoder"
        )
    if config.adapter_rank:
        add_adapters(model, config.adapter_rank, frozen)
        model.heads.requires_grad_(True)
        return
    encoder.requires_grad_(not frozen)
    encoder.layers[frozen:].requires_grad_(True)


def parameter_groups(model: Model, config: TrainConfig) -> list[dict]:
    """Return the optimizer's groups: lower layers learn more slowly, heads faster."""
    depth, groups = len(model.encoder.layers), {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        level = int(name.split(".")[2]) + 1 if name.startswith("encoder.layers.") else 0
        scale = config.layer_decay ** (depth - level)
        if name.startswith("heads."):
            scale = config.head_rate
        decay = config.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((scale, decay), []).append(parameter)
    return [
        {"params": parameters, "scale": scale, "weight_decay": decay}
        for (scale, decay), parameters in groups.items()
    ]


def loss_of(
    logits: Sequence[Tensor], tasks: Tensor, labels: Tensor, answers: Tensor, config: TrainConfig
) -> Tensor:
    """Return the mean loss of a batch over all tasks.

    Cross-entropy with smoothed labels; where a row has the answer of a larger model, the
    divergence from it as well (Hinton et al. 2015), alone where the row has no label.

    Args:
        logits: one tensor (n, labels) a task.
        tasks: each row's task number, (n,).
        labels: shares of the labels, (n, 3), all 0 without a label.
        answers: logits of the larger model, (n, 3), not a number where there are none.
        config: smoothing, temperature and the answers' share of the loss.
    """
    total = logits[0].new_zeros((), dtype=torch.float32)
    for number, task_logits in enumerate(logits):
        mine = tasks == number
        scores = task_logits[mine].float()
        count = scores.shape[1]
        known = labels[mine].sum(-1)
        wanted = (1 - config.smoothing) * labels[mine, :count]
        wanted = wanted + config.smoothing / count * known[:, None]
        each = -(wanted * F.log_softmax(scores, -1)).sum(-1)
        given = answers[mine, :count]
        answered = torch.isfinite(given[:, 0])
        gaps = F.kl_div(
            F.log_softmax(scores / config.temperature, -1),
            F.log_softmax(given.nan_to_num() / config.temperature, -1),
            reduction="none",
            log_target=True,
        ).sum(-1)
        weight = torch.where(known > 0, config.taught_share, 1.0) * answered
        total = total + ((1 - weight) * each + weight * config.temperature**2 * gaps).sum()
    return total / len(tasks)


class Trainer:
    """Trains a model phase by phase; the run's folder holds its results and state."""

    def __init__(
        self, model: Model, config: TrainConfig, encoder: PairEncoder, folder: Path
    ) -> None:
        """Keep the prepared model and the folder for its results; nothing is read yet."""
        self.model, self.config, self.encoder = model.to(device()), config, encoder
        self.state_path = folder / "state.pt"
        self.folder = folder

    def run(
        self,
        phase: Phase,
        sources: Mapping[str, Sequence[Row]],
        answers: Mapping[int, np.ndarray] | None = None,
        *,
        steps: int | None = None,
    ) -> None:
        """Train one phase and leave its averaged weights in the model and in the folder.

        A phase whose weights are there is read; one that was cut off goes on.

        Args:
            phase: what to train on.
            sources: the rows of each of its sources.
            answers: of a larger model, by the key of a row.
            steps: at most so many steps, for a trial.
        """
        done = self.folder / f"{phase.name}.f16"
        if Path(f"{done}.json").is_file():
            report(f"{phase.name}: done before")
            weights.load(self.model, done)
            return
        mixture = phase.sources | (self.config.taught if answers else {})
        rng = np.random.default_rng(phase.seed)
        rows = [row for _ in range(phase.epochs) for row in draw(sources, mixture, rng)]
        encoded = self.encoder.encode(rows)
        plan = batches(
            [len(row.ids) for row in encoded],
            range(len(rows)),
            tokens=self.config.batch_tokens,
            most=self.config.batch_rows,
            seed=phase.seed,
        )[: phase.steps][:steps]
        report(f"{phase.name}: {len(plan)} steps, {sum(map(len, plan))} rows, {device()}")
        taught = answers_of(rows, answers or {})
        self._train(phase, plan, encoded, rows, taught)
        weights.save(self.model, done)
        self.state_path.unlink(missing_ok=True)

    def _train(
        self,
        phase: Phase,
        plan: list[list[int]],
        encoded: list[Encoded],
        rows: list[Row],
        taught: np.ndarray,
    ) -> None:
        model = self.model
        groups = parameter_groups(model, self.config)
        optimizer = torch.optim.AdamW(groups, lr=phase.rate, betas=(0.9, 0.98))
        average = copy.deepcopy(model)
        start = self._resume(phase, model, average, optimizer)
        labels, warm = shares(rows), max(1, min(max(20, len(plan) // 20), len(plan)))
        model.train()
        for step in range(start, len(plan)):
            torch.manual_seed(phase.seed * 1_000_003 + step)  # a resumed run masks alike
            left = (1 - step / len(plan)) / phase.falling
            factor = min(1.0, (step + 1) / warm, max(0.02, left))
            for group in optimizer.param_groups:
                group["lr"] = phase.rate * factor * group["scale"]
            numbers = plan[step]
            loss = self._loss([encoded[n] for n in numbers], [rows[n] for n in numbers],
                              labels[numbers], taught[numbers])  # fmt: skip
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            pull = 1 - min(phase.average, (step + 1) / (step + 10))
            with torch.no_grad():
                torch._foreach_lerp_(
                    list(weights.learned(average).values()),
                    list(weights.learned(model).values()),
                    pull,
                )
            if (step + 1) % self.config.save_every == 0:
                report(f"{phase.name}: step {step + 1} of {len(plan)}, loss {loss.item():.4f}")
                self._save(phase, step + 1, model, average, optimizer)
        model.load_state_dict(average.state_dict())
        model.eval()

    def _loss(
        self, encoded: list[Encoded], rows: list[Row], labels: np.ndarray, taught: np.ndarray
    ) -> Tensor:
        """Return the loss of one batch, with some tokens of the judged text masked."""
        where = device()
        batch = {
            name: torch.from_numpy(array).to(where)
            for name, array in arrays(encoded, self.encoder.padding).items()
        }
        tasks = torch.tensor([NUMBERS[row.task] for row in rows], device=where)
        ids, single = batch["input_ids"], (tasks == NUMBERS["bias"])[:, None]
        judged = (batch["token_type_ids"] == 1) | (single & (batch["attention_mask"] == 1))
        hidden = (
            judged & (ids > FIRST_WORD) & (torch.rand(ids.shape, device=where) < self.config.masked)
        )
        batch["input_ids"] = torch.where(hidden, self.encoder.mask, ids)
        with torch.autocast(where, torch.bfloat16, enabled=where == "cuda"):
            logits = self.model(**batch)
        return loss_of(
            logits,
            tasks,
            torch.from_numpy(labels).to(where),
            torch.from_numpy(taught).to(where),
            self.config,
        )

    def _save(
        self,
        phase: Phase,
        step: int,
        model: Model,
        average: Model,
        optimizer: torch.optim.Optimizer,
    ) -> None:
        """Write the state of a run beside the old one, then replace it."""
        state = {
            "phase": phase.name,
            "step": step,
            "model": weights.learned(model),
            "average": weights.learned(average),
            "optimizer": optimizer.state_dict(),
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        aside = self.state_path.with_suffix(".new")
        torch.save(state, aside)
        os.replace(aside, self.state_path)

    def _resume(
        self, phase: Phase, model: Model, average: Model, optimizer: torch.optim.Optimizer
    ) -> int:
        """Load the state of this phase, if there is one; returns the steps done."""
        if not self.state_path.is_file():
            return 0
        state = torch.load(self.state_path, map_location=device(), weights_only=True)
        if state["phase"] != phase.name:
            return 0
        model.load_state_dict(state["model"], strict=False)
        average.load_state_dict(state["average"], strict=False)
        optimizer.load_state_dict(state["optimizer"])
        report(f"{phase.name}: goes on after step {state['step']}")
        return state["step"]
