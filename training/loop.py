"""The training loop: phases of mixed rows, batches by length, averaged weights, resume."""

import copy
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.config import Phase, TrainConfig
from training.data import Row
from training.encode import Encoded, PairEncoder, collate
from training.model import Model
from training.tasks import TASKS

SEQUENCE = tuple(TASKS)


def batches(
    rows: Sequence[Encoded], *, tokens: int, most: int, seed: tuple[int, ...], pool: int = 3072
) -> list[list[int]]:
    """Return batches of row numbers: like lengths together, order shuffled.

    A batch holds at most `most` rows and, padded, about `tokens` tokens.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(rows))
    out: list[list[int]] = []
    for start in range(0, len(order), pool):
        here: list[list[int]] = [[]]
        for number in sorted(order[start : start + pool], key=lambda i: len(rows[i].ids)):
            longest = len(rows[number].ids)
            if here[-1] and (longest * (len(here[-1]) + 1) > tokens or len(here[-1]) >= most):
                here.append([])
            here[-1].append(int(number))
        out += [here[i] for i in rng.permutation(len(here))]
    return out


def parameter_groups(model: Model, config: TrainConfig) -> list[dict]:
    """Return the optimiser's groups: lower layers learn more slowly, heads faster."""
    depth = len(model.encoder.layers)
    scales: dict[str, float] = {}
    for name, _ in model.named_parameters():
        if name.startswith("heads."):
            scales[name] = config.head_factor
        elif ".layers." in name:
            level = int(name.split(".")[2]) + 1
            scales[name] = config.layer_decay ** (depth - level)
        else:
            scales[name] = config.layer_decay**depth
    groups: dict[tuple[float, float], dict] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        decay = config.weight_decay if parameter.ndim > 1 else 0.0
        group = groups.setdefault(
            (scales[name], decay), {"params": [], "scale": scales[name], "weight_decay": decay}
        )
        group["params"].append(parameter)
    return list(groups.values())


def loss_of(logits: Sequence[Tensor], batch: dict[str, Tensor], config: TrainConfig) -> Tensor:
    """Return the mean loss of a mixed batch, each row by its own task's head.

    Cross-entropy with the labels; rows that have a teacher's logits mix it with the divergence
    from the teacher at a temperature, times its square (Hinton et al. 2015). A row without a label
    has that divergence alone.
    """
    total = torch.zeros(())
    for task, scores in zip(SEQUENCE, logits, strict=True):
        mine = batch["task"] == SEQUENCE.index(task)
        if not mine.any():
            continue
        scores = scores[mine].float()
        shares = batch["shares"][mine][:, : scores.shape[1]]
        known = shares.sum(-1, keepdim=True)
        shares = (1 - config.smoothing) * shares + known * config.smoothing / scores.shape[1]
        each = -(shares * torch.log_softmax(scores, -1)).sum(-1)
        if batch["is_taught"][mine].any():
            taught = batch["taught"][mine][:, : scores.shape[1]] / config.soft_temperature
            apart = torch.nn.functional.kl_div(
                torch.log_softmax(scores / config.soft_temperature, -1),
                torch.log_softmax(taught, -1),
                reduction="none",
                log_target=True,
            ).sum(-1)
            soft = torch.where(known[:, 0] > 0, config.soft_share, 1.0)
            soft = soft * batch["is_taught"][mine]
            each = (1 - soft) * each + soft * config.soft_temperature**2 * apart
        total = total + config.task_weights[task] * each.sum()
    return total / len(batch["task"])


def mask_tokens(batch: dict[str, Tensor], share: float, mask_id: int, rng: np.random.Generator):
    """Hide a share of the words of the last text in place, so that none is relied on."""
    last = batch["token_type_ids"].bool() | (batch["task"] == SEQUENCE.index("bias"))[:, None]
    words = last & (batch["input_ids"] >= 999)
    hide = torch.from_numpy(rng.random(tuple(words.shape), dtype=np.float32) < share)
    batch["input_ids"][words & hide] = mask_id


class Trainer:
    """Runs the phases of a configuration, keeping a moving average of the weights."""

    def __init__(self, model: Model, config: TrainConfig, folder: Path) -> None:
        """Make a trainer that keeps its checkpoints in `folder`."""
        self.model, self.config, self.folder = model, config, folder
        self.average = copy.deepcopy(model)
        self.optimizer = torch.optim.AdamW(parameter_groups(model, config), lr=0.0, fused=True)
        self.phase = self.step = self.updates = 0
        folder.mkdir(parents=True, exist_ok=True)

    def save(self, name: str = "last.pt") -> None:
        """Write everything that a resumed run needs, the old file replaced at the end."""
        state = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "at": (self.phase, self.step, self.updates),
        }
        part = self.folder / f"{name}.part"
        torch.save(state, part)
        part.replace(self.folder / name)

    def resume(self, path: Path) -> None:
        """Take up a checkpoint where it was written."""
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.phase, self.step, self.updates = state["at"]

    def run_phase(self, phase: Phase, rows: list[Row], encoder: PairEncoder) -> None:
        """Train on one phase's rows, from the step that a checkpoint left off at."""
        encoded = encoder.encode_all(rows)
        plan = batches(
            encoded,
            tokens=self.config.batch_tokens,
            most=self.config.batch_rows,
            seed=(self.config.seed, self.phase),
        )[: phase.steps]
        self.note_drawn(phase, [rows[i] for numbers in plan for i in numbers])
        started, said, saved, losses = time.time(), 0.0, time.time(), []
        self.model.train()
        self.model.encoder.rounded = phase.rounded
        for number in range(self.step, len(plan)):
            self.step, numbers = number, plan[number]
            losses.append(self._update(phase, len(plan), [encoded[i] for i in numbers]))
            now = time.time()
            if now - said > 30:
                said = now
                print(
                    f"{phase.name} step {self.step}/{len(plan)} loss {np.mean(losses[-100:]):.4f}"
                    f" {now - started:.0f} s",
                    file=sys.stderr,
                    flush=True,
                )
            if now - saved > self.config.save_every_s:
                saved = now
                self.step += 1
                self.save()
        self.phase, self.step = self.phase + 1, 0
        self.save()
        self.save(f"{phase.name}.pt")

    def note_drawn(self, phase: Phase, rows: list[Row]) -> None:
        """Keep how many rows of each source a phase is trained on, in `drawn.json`."""
        path = self.folder / "drawn.json"
        drawn = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        drawn[phase.name] = dict(sorted(Counter(row.source for row in rows).items()))
        path.write_text(json.dumps(drawn, indent=1), "utf-8")

    def _update(self, phase: Phase, steps: int, rows: list[Encoded]) -> float:
        """Take one optimiser step and return the loss."""
        config = self.config
        rng = np.random.default_rng((config.seed, self.phase, self.step))
        rate = _rate(phase, self.step, steps)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        batch = collate(rows)
        share = config.mask_share if phase.mask_share is None else phase.mask_share
        mask_tokens(batch, share, config.mask_id, rng)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config.bfloat16):
            logits = self.model(
                batch["input_ids"], batch["attention_mask"], batch["token_type_ids"]
            )
        loss = loss_of(logits, batch, config)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.updates += 1
        keep = min(config.average_decay, self.updates / (self.updates + 10))
        with torch.no_grad():
            pairs = zip(self.average.parameters(), self.model.parameters(), strict=True)
            ours, theirs = zip(*(pair for pair in pairs if pair[1].requires_grad), strict=True)
            torch._foreach_lerp_(list(ours), list(theirs), 1 - keep)
        return loss.item()


def _rate(phase: Phase, step: int, steps: int) -> float:
    """Return the learning rate: a warm-up, then a straight line between the phase's two."""
    if step < phase.warmup:
        return phase.rate_start * (step + 1) / phase.warmup
    done = step / max(1, steps)
    return phase.rate_start + (phase.rate_end - phase.rate_start) * done


def read_config(path: Path) -> TrainConfig:
    """Read a configuration; unknown names are errors."""
    return TrainConfig.model_validate(json.loads(path.read_text("utf-8")))
