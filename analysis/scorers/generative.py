"""Generative transformers models as scorers: each label by the likelihood of its text.

After the prompt that `llm` sends as well, the log-probabilities of a label's tokens add up; the
softmax over the labels is the probability (as in Holtzman et al. 2021, without a correction for
how common a label is). Nothing is generated, and nothing is calibrated.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.errors import ScorerError
from analysis.scorers import llm_prompts as prompts
from analysis.scorers.base import Texts, certain
from analysis.scorers.calibration import softmax
from analysis.scorers.llm_prompts import Question
from analysis.types import Task

TASKS = frozenset({Task.RELATION, Task.STANCE})
KINDS = ("ForCausalLM", "LMHeadModel")
CONTEXT = 4096  # tokens, where the model takes no fewer


def is_generative(config: Any) -> bool:
    """Return whether a model's configuration is that of a text generator."""
    return any(name.endswith(KINDS) for name in getattr(config, "architectures", None) or ())


def label_likelihoods(
    torch: Any, tokenizer: Any, model: Any, task: Task, rows: Sequence[Texts]
) -> np.ndarray:
    """Return label probabilities of rows, shape (n, labels); see `Scorer.predict`.

    Raises:
        ScorerError: the task is not one of `TASKS`.
    """
    if task not in TASKS:
        raise ScorerError(f"hub: a generative model cannot answer {task}; relation and stance")
    out = np.empty((len(rows), len(task.labels)))
    for number, row in enumerate(rows):
        known = certain(task, row)
        out[number] = _likelihoods(torch, tokenizer, model, task, row) if known is None else known
    return out


def _likelihoods(torch: Any, tokenizer: Any, model: Any, task: Task, row: Texts) -> np.ndarray:
    label_ids = [
        tokenizer(_answer(task, label), add_special_tokens=False)["input_ids"]
        for label in task.labels
    ]
    room = _context(model) - max(map(len, label_ids))
    prompt = _prompt(tokenizer, task, row, room)
    logs = []
    with torch.inference_mode():
        for ids in label_ids:
            inputs = torch.tensor([[*prompt, *ids]], device=model.device)
            logits = model(input_ids=inputs).logits[0, len(prompt) - 1 : -1].double()
            steps = torch.log_softmax(logits, -1)[range(len(ids)), ids]
            logs.append(float(steps.sum()))
    return softmax(np.array([logs]))[0]


def _answer(task: Task, label: str) -> str:
    return f" {label}" if task is Task.RELATION else f" 1: {label}"


def _prompt(tokenizer: Any, task: Task, row: Texts, room: int) -> list[int]:
    """Return the prompt's tokens; texts that do not fit are cut at the end of a sentence."""
    question = Question(task, row) if task is Task.RELATION else Question(task, row[:1], row[1:])
    ids = _encoded(tokenizer, question)
    share = 1.0
    while len(ids) > room and share > 0.02:
        share /= 2
        sizes = [int(share * prompts.estimated_tokens(text)) for text in question.texts]
        texts = tuple(map(prompts.first_sentences, question.texts, sizes))
        ids = _encoded(tokenizer, question._replace(texts=texts))
    return ids[-room:]


def _encoded(tokenizer: Any, question: Question) -> list[int]:
    asked = prompts.messages(question, structured=False, system=False)
    if not tokenizer.chat_template:
        return tokenizer(asked[0]["content"])["input_ids"]
    text = tokenizer.apply_chat_template(
        asked, tokenize=False, add_generation_prompt=True, enable_thinking=False
    )
    return tokenizer(text, add_special_tokens=False)["input_ids"]


def _context(model: Any) -> int:
    return int(min(CONTEXT, getattr(model.config, "max_position_embeddings", None) or CONTEXT))
