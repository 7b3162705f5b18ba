"""Requests to a language model; remembers what a server refuses, reports a failure in one line."""

import logging
import os
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx2

from analysis.errors import ScorerError
from analysis.scorers import endpoint as endpoints
from analysis.scorers import llm_prompts as prompts
from analysis.scorers.endpoint import Endpoint
from analysis.scorers.llm_answers import choices
from analysis.scorers.llm_prompts import Question

RETRIES = 2  # of a request that the server could not take: 429, 5xx, broken connection
PARALLEL = "COUNTERPOINT_LLM_PARALLEL"
DEFAULT_PARALLEL = 4  # requests at once
TOP = 20  # alternatives of each token, the most that OpenAI and vLLM give
ANSWER_TOKENS, TARGET_TOKENS = 80, 60  # room for an answer, and for each target in it
THINKING_TOKENS = 4096  # more room, where the first answer was not valid

log = logging.getLogger(__name__)

# What a request may do without, in the order in which it is left out where a server refuses a
# request without saying why; the words are those by which servers name it.
FEATURES = {
    "thinking": ("chat_template_kwargs", "enable_thinking"),
    "seed": ("seed",),
    "logprobs": ("logprobs", "logprob", "log_prob"),
    "n": ("'n'", '"n"', "`n`", "n > 1", "n>1", "number of choices", "multiple choices"),
    "response_format": ("response_format", "json_schema", "json schema", "grammar", "structured"),
    "temperature": ("temperature",),
    "max_tokens": ("max_tokens", "max_completion_tokens"),
    "system": ("system role", "system message", "role 'system'", "'system'"),
}
_CONTEXT_WORDS = ("context length", "context size", "context window", "maximum context",
                  "too many tokens", "too long", "n_ctx", "max_model_len")  # fmt: skip


class Refused(Exception):
    """The server refuses a field that can be left out, or a text that does not fit."""


class Chat:
    """One model behind the endpoint of the environment.

    Attributes:
        refused: names of `FEATURES` that the server refuses.
        counts: requests, not counting those that the client sent again.
    """

    def __init__(self, model: str, name: str) -> None:
        """Choose the model, and the scorer's name for messages."""
        self.model, self.name = model, name
        self.refused: set[str] = set()
        self.counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._client: tuple[Endpoint, Any] | None = None

    def refuse(self, feature: str) -> None:
        """Leave a feature out from now on."""
        with self._lock:
            self.refused.add(feature)

    def request(self, question: Question, attempt: int, wanted: int, drawing: bool) -> list:
        """Send one request and return its choices.

        Raises:
            Refused: the server refuses a field, which is left out from now on, or the length.
            ScorerError: it cannot be reached or refuses altogether.
        """
        place = Endpoint.from_environment()
        refused = frozenset(self.refused)
        fields = _fields(question, refused, attempt, wanted, drawing)
        failure = None
        with self._lock:
            self.counts["requests"] += 1
        try:
            completion = self._chat(place).create(model=self.model, **fields)
        except ScorerError:
            raise
        except Exception as error:  # the client's, and whatever an answer may cause in it
            failure = Failure.of(error)
        if failure is None and hasattr(completion, "choices"):
            return choices(completion)
        failure = failure or Failure("no completion", 0, "")
        self._learn(failure, fields, refused, place)
        raise Refused(*(["too long"] if failure.too_long else []))

    def _learn(self, failure: "Failure", fields: dict, refused: frozenset, place: Endpoint) -> None:
        """Leave out what the server refuses; raise where nothing is left to leave out."""
        if failure.too_long:
            return
        with self._lock:
            if self.refused - refused:
                return  # another thread has learned something in the meantime
            used = [name for name in FEATURES if _uses(name, fields)]
            named = [name for name in used if any(w in failure.said for w in FEATURES[name])]
            if "messages" in failure.said:  # it may have repeated the whole request
                named = named[:1] if failure.refusal else []
            if failure.field and (named or (failure.refusal and used)):
                self.refused.update(named or used[:1])
                log.info("%s: the server refuses %s", self.name, ", ".join(named or used[:1]))
                return
        raise ScorerError(failure.message(self.name, self.model, place))

    def close(self) -> None:
        """Break off what is under way; the next request opens connections anew."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client[1].close()

    def _chat(self, place: Endpoint) -> Any:
        with self._lock:
            if self._client is None or self._client[0] != place:
                made = endpoints.client(place, retries=RETRIES, connections=parallel())
                self._client = (place, made)
            return self._client[1].chat.completions


def parallel() -> int:
    """Return how many requests run at once, as the environment says.

    Raises:
        ScorerError: it says something else than a number.
    """
    text = os.environ.get(PARALLEL, "").strip() or str(DEFAULT_PARALLEL)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 64):
        raise ScorerError(f"{PARALLEL}: found {text[:20]!r}; expected a number from 1 to 64")
    return int(text)


def _fields(
    question: Question, refused: frozenset[str], attempt: int, wanted: int, drawing: bool
) -> dict[str, Any]:
    """Return the fields of a request, without what the server refuses."""
    structured = "response_format" not in refused
    room = ANSWER_TOKENS + TARGET_TOKENS * question.size
    fields: dict[str, Any] = {
        "messages": prompts.messages(
            question, structured=structured, system="system" not in refused
        ),
        "temperature": 1.0 if drawing else (0.0, 0.5, 1.0)[min(attempt, 2)],
        "seed": attempt,
        "max_tokens": room if attempt == 0 or drawing else THINKING_TOKENS,
        "logprobs": True,
        "top_logprobs": TOP,
        "n": wanted,
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": question.task.value, "strict": True, "schema": prompts.schema(question)
            },
        },
        "extra_body": {"chat_template_kwargs": {"enable_thinking": False}},
    }  # fmt: skip
    names = {"thinking": ("extra_body",), "logprobs": ("logprobs", "top_logprobs")}
    for feature in refused:
        for name in names.get(feature, (feature,)):
            fields.pop(name, None)
    if drawing:
        fields.pop("logprobs", None)
        fields.pop("top_logprobs", None)
    if fields.get("n") == 1:
        del fields["n"]
    return fields


def _uses(feature: str, fields: Mapping[str, Any]) -> bool:
    if feature == "system":
        return fields["messages"][0]["role"] == "system"
    return ("extra_body" if feature == "thinking" else feature) in fields


class Failure(NamedTuple):
    """Why a request failed; the server's own words are only searched, never shown.

    Attributes:
        kind: the class of the client's error.
        status: of HTTP; 0 where there was no answer.
        said: the server's words in lower case.
    """

    kind: str
    status: int
    said: str

    @classmethod
    def of(cls, error: Exception) -> "Failure":
        """Return the failure of an error, which holds the request with its texts."""
        response = getattr(error, "response", None)
        said = ""
        if isinstance(response, httpx2.Response):
            said = response.content[:20_000].decode("utf-8", "replace").lower()
        return cls(type(error).__name__, int(getattr(error, "status_code", 0) or 0), said)

    @property
    def refusal(self) -> bool:
        """Whether the server calls the request itself wrong."""
        return self.status in (400, 422)

    @property
    def field(self) -> bool:
        """Whether what it says may be about a field; some servers fail over one."""
        return self.refusal or self.status in (500, 501)

    @property
    def too_long(self) -> bool:
        """Whether the text does not fit the model's context."""
        return self.status in (400, 413, 422, 500) and any(w in self.said for w in _CONTEXT_WORDS)

    def message(self, scorer: str, model: str, place: Endpoint) -> str:
        """Return the failure in one line, with nothing that the server said."""
        where = f"{scorer}: {place.place}"
        if self.kind == "APITimeoutError":
            return (
                f"{where}: no answer in time; try a smaller model, or allow more seconds in "
                f"{endpoints.TIMEOUT}"
            )
        if not self.status and self.kind != "APIConnectionError":
            return f"{where}: gave no chat completion; expected a path of /v1 in {endpoints.URL}"
        if not self.status:
            return (
                f"{where}: no server answers ({self.kind}); start it, or name another address in "
                f"{endpoints.URL}"
            )
        reasons = {
            401: f"the key is refused; expected the right one in {endpoints.KEY}",
            403: f"the key may not use this model; expected one that may in {endpoints.KEY}",
            404: f"found no model {model!r}, or no chat there; expected a model that it has",
            429: f"too many requests, also after waiting; try later, or fewer in {PARALLEL}",
        }
        reason = reasons.get(self.status, "the request is refused; expected a chat endpoint")
        if 300 <= self.status < 400:
            final = f"expected the final address in {endpoints.URL}"
            reason = f"found a redirect, not followed; {final}"
        elif self.status >= 500:
            reason = "the server fails; its own log may say why"
        return f"{where}: {reason} (status {self.status})"
