"""Answers of a language model: labels, how likely each was, and the words that it quotes."""

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from analysis.scorers.llm_prompts import Question

Span = tuple[int, int]
NO_QUOTE: Span = (-1, -1)
MIN_QUOTE = 3  # characters; a shorter quotation stands in any text
_THINKING = re.compile(r"\A\s*<(think|thinking|reasoning)>.*?</\1>", re.DOTALL)
_LABEL = re.compile(r'"label"\s*:\s*"([a-z]+)"')


class Answer(NamedTuple):
    """A valid answer: for each label of the question what it is, where it stands, and a quotation.

    Attributes:
        labels: one for each target, or the relation.
        starts: where each label begins in the answer's text, in characters.
        quotes: span of each quotation in the judged text; `NO_QUOTE` where there is none.
    """

    labels: tuple[str, ...]
    starts: tuple[int, ...]
    quotes: tuple[Span, ...]


class Choice(NamedTuple):
    """One choice of a completion, of an untrusted server.

    Attributes:
        text: what the model wrote; empty where it refused.
        tokens: of `text`, each with its alternatives and their log-probabilities; may be empty.
        cut: whether the answer ran out of room.
    """

    text: str
    tokens: tuple[tuple[bytes, tuple[tuple[bytes, float], ...]], ...]
    cut: bool


def choices(completion: Any) -> list[Choice]:
    """Return the choices of a completion; none where it has not the form of one."""
    found = getattr(completion, "choices", None)
    return [_choice(item) for item in found] if isinstance(found, list) else []


def _choice(item: Any) -> Choice:
    message = getattr(item, "message", None)
    text = getattr(message, "content", None)
    content = getattr(getattr(item, "logprobs", None), "content", None)
    try:
        tokens = tuple(_token(entry) for entry in content or ())
    except (AttributeError, TypeError, ValueError):
        tokens = ()
    cut = getattr(item, "finish_reason", "") == "length"
    return Choice(text if isinstance(text, str) else "", tokens, cut)


def _token(entry: Any) -> tuple[bytes, tuple[tuple[bytes, float], ...]]:
    alternatives = [(_bytes(other), float(other.logprob)) for other in entry.top_logprobs or ()]
    own = _bytes(entry)
    if all(token != own for token, _ in alternatives):
        alternatives.append((own, float(entry.logprob)))
    return own, tuple(alternatives)


def _bytes(entry: Any) -> bytes:
    return bytes(entry.bytes) if entry.bytes else str(entry.token).encode("utf-8", "replace")


def parse(question: Question, text: str, *, structured: bool) -> Answer | None:
    """Return the labels of an answer; None where it is not valid.

    Thinking aloud before the answer is skipped. A structured answer is one JSON object as
    `schema` describes it; a plain one names each label once. Some servers take the field that
    asks for structure and pass over it: an answer without any object is read as a plain one.
    """
    skipped = _THINKING.match(text)
    offset = skipped.end() if skipped else 0
    rest = text[offset:]
    return (_parse_object if structured and "{" in rest else _parse_words)(question, rest, offset)


def _parse_object(question: Question, text: str, offset: int) -> Answer | None:
    try:
        start = text.index("{")
        value, length = json.JSONDecoder().raw_decode(text[start:])
    except (ValueError, RecursionError):
        return None
    if question.targets:
        parts = [value.get(str(n)) for n in range(1, question.size + 1)]
        ordered = list(value) == [str(n) for n in range(1, question.size + 1)]
    else:
        parts, ordered = [value], True
    found = list(_LABEL.finditer(text, start, start + length))
    labels = [part.get("label") if isinstance(part, dict) else None for part in parts]
    if not ordered or [match[1] for match in found] != labels:
        return None
    if not set(labels) <= set(question.task.labels):
        return None
    quotes = tuple(quoted_span(question.judged, part.get("quote")) for part in parts)
    starts = tuple(offset + match.start(1) for match in found)
    return Answer(tuple(labels), starts, quotes)


def _parse_words(question: Question, text: str, offset: int) -> Answer | None:
    named = "|".join(question.task.labels)
    if question.size > 1:
        lines = re.finditer(rf"^\W*(\d+)\W+({named})\b", text, re.IGNORECASE | re.MULTILINE)
        found = {int(match[1]): match for match in reversed(list(lines))}
        if not set(range(1, question.size + 1)) <= set(found):
            return None
        matches = [found[n] for n in range(1, question.size + 1)]
        group = 2
    else:
        matches = list(re.finditer(rf"\b({named})\b", text, re.IGNORECASE))
        if len({match[1].lower() for match in matches}) != 1:
            return None
        matches, group = matches[:1], 1
    labels = tuple(match[group].lower() for match in matches)
    starts = tuple(offset + match.start(group) for match in matches)
    return Answer(labels, starts, (NO_QUOTE,) * question.size)


def quoted_span(text: str, quote: object) -> Span:
    """Return where a quotation stands in a text, whatever its white space and case.

    >>> quoted_span("It was a  Bad idea.", "a bad idea")
    (7, 18)
    >>> quoted_span("It was a bad idea.", "a good idea")
    (-1, -1)
    """
    words = quote.split() if isinstance(quote, str) else []
    if sum(map(len, words)) < MIN_QUOTE:
        return NO_QUOTE
    match = re.search(r"\s+".join(map(re.escape, words)), text, re.IGNORECASE)
    return match.span() if match else NO_QUOTE


def likelihoods(question: Question, choice: Choice, answer: Answer) -> np.ndarray | None:
    """Return how likely each label was at its place in an answer, by its tokens' alternatives.

    The probability of a label is that of the alternatives that begin it, among all that begin
    some label: what the model would have written if it could write nothing else.

    Returns:
        Shape (targets, labels), rows summing to 1; None where the tokens do not tell.
    """
    joined = b"".join(token for token, _ in choice.tokens)
    base = joined.rfind(choice.text.encode("utf-8", "replace"))
    if base < 0 or not choice.text:
        return None
    places = [base + len(choice.text[:start].encode("utf-8", "replace")) for start in answer.starts]
    rows = [_at(question.task.labels, choice.tokens, place) for place in places]
    return None if any(row is None for row in rows) else np.array(rows)


def _at(labels: Sequence[str], tokens: Sequence, place: int) -> np.ndarray | None:
    """Return the probabilities of labels at a byte of the joined tokens."""
    begin = 0
    for token, alternatives in tokens:
        if begin + len(token) > place:
            mass = np.zeros(len(labels))
            for number, logprob in _beginning(labels, token[: place - begin], alternatives):
                mass[number] += math.exp(min(logprob, 0.0))
            total = mass.sum()
            return mass / total if np.isfinite(total) and total > 0 else None
        begin += len(token)
    return None


def _beginning(
    labels: Sequence[str], before: bytes, alternatives: Sequence[tuple[bytes, float]]
) -> Iterator[tuple[int, float]]:
    """Give the alternatives that begin one label, after what the token holds before it."""
    for token, logprob in alternatives:
        rest = token[len(before) :].decode("utf-8", "ignore").lower()
        if not token.startswith(before) or not rest:
            continue
        fits = [n for n, label in enumerate(labels) if _fits(label, rest)]
        if len(fits) == 1 and not math.isnan(logprob):
            yield fits[0], logprob


def _fits(label: str, rest: str) -> bool:
    return label.startswith(rest) or re.match(rf"{label}\b", rest) is not None
