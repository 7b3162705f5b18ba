"""The questions that a language model is asked: templates beside this file, one per task.

Article text stands in a prompt as a JSON string, so that it cannot end its own quotation; what
could be one of a model's control tokens is escaped within it.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from analysis.scorers.base import Texts
from analysis.types import Task

FOLDER = Path(__file__).with_name("prompts")
MAX_TARGETS = 8  # of one request
_CONTROL = re.compile(r"[<>]|\[(?=/?[A-Z_]{2,}\])")


class Question(NamedTuple):
    """One request: a relation, or a text's stance toward several targets.

    Attributes:
        task: relation or stance.
        texts: the passage and the comment, or the text alone.
        targets: of a stance; a relation has none.
    """

    task: Task
    texts: tuple[str, ...]
    targets: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many labels the answer has."""
        return len(self.targets) or 1

    @property
    def judged(self) -> str:
        """The text that quotations must stand in: the comment, or the text."""
        return self.texts[-1]


def questions(task: Task, rows: Sequence[Texts]) -> dict[Question, list[Texts]]:
    """Return the requests that answer distinct rows, each with its rows in order.

    A comment's relation is one request, a text's stance toward all its targets another; more
    than `MAX_TARGETS` are asked in several.
    """
    if task is Task.RELATION:
        return {Question(task, row): [row] for row in rows}
    by_text: dict[str, list[str]] = {}
    for text, target in rows:
        by_text.setdefault(text, []).append(target)
    asked = {}
    for text, targets in by_text.items():
        targets.sort()
        for start in range(0, len(targets), MAX_TARGETS):
            part = tuple(targets[start : start + MAX_TARGETS])
            asked[Question(task, (text,), part)] = [(text, target) for target in part]
    return asked


def messages(question: Question, *, structured: bool, system: bool = True) -> list[dict[str, str]]:
    """Return the chat messages of a question.

    Args:
        question: what is asked.
        structured: whether the answer is a JSON object, else plain words.
        system: whether the instructions have a message of their own.
    """
    template = _environment().get_template(f"{question.task.value}.j2")
    values: dict[str, Any] = {"structured": structured, "targets": question.targets}
    names = question.task.fields if question.task is Task.RELATION else ("text",)
    values |= dict(zip(names, question.texts, strict=True))
    module: Any = template.make_module(values)
    parts = {"system": module.system().strip(), "user": module.user().strip()}
    if not system:
        return [{"role": "user", "content": f"{parts['system']}\n\n{parts['user']}"}]
    return [{"role": role, "content": parts[role]} for role in ("system", "user")]


def schema(question: Question) -> dict[str, Any]:
    """Return the JSON schema of a structured answer."""
    one = _object(
        {
            "label": {"type": "string", "enum": list(question.task.labels)},
            "quote": {"type": "string", "maxLength": 160},
        }
    )
    if not question.targets:
        return one
    return _object({str(n): one for n in range(1, question.size + 1)})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def fenced(text: str) -> str:
    """Return a text as a JSON string that holds no control token of a chat template."""
    escaped = json.dumps(text, ensure_ascii=False)
    return _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", escaped)


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text has, rather too many than too few."""
    plain = sum(character < "\u0250" for character in text)
    return plain // 3 + (len(text) - plain) + 1


def first_sentences(text: str, tokens: int) -> str:
    """Return as many whole sentences from the beginning as fit; at least some words of the first.

    Args:
        text: any text.
        tokens: how many fit, as `estimated_tokens` counts them.
    """
    from analysis.text.nlp import WINDOW, pipeline

    if estimated_tokens(text) <= tokens:
        return text
    beginning = text[: min(len(text), WINDOW, 3 * tokens)]
    ends = [sentence.end_char for sentence in pipeline()(beginning).sents][:-1]
    for end in reversed(ends):
        if estimated_tokens(text[:end]) <= tokens:
            return text[:end].rstrip()
    while beginning and estimated_tokens(beginning) > tokens:
        beginning = beginning[: len(beginning) * 3 // 4]
    return beginning.rsplit(" ", 1)[0].rstrip()


@lru_cache(maxsize=1)
def version() -> str:
    """Return the hash of the prompts, which is a part of the scorer's version."""
    files = sorted(FOLDER.glob("*.j2"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files))
    return digest.hexdigest()[:12]


@lru_cache(maxsize=1)
def _environment() -> Any:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, autoescape=False
    )
    environment.filters["fenced"] = fenced
    return environment
