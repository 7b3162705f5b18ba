"""A chat endpoint in the standard library that speaks OpenAI's protocol, well or badly."""

import json
import math
import re
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LABELS = {"relation": ("agree", "disagree", "neutral"), "stance": ("favor", "against", "none")}
_ORDER = re.compile(
    r"\b(?:answer|say|label|return|mark it|class|choose|is|=|than|word|Prediction:|clearly)"
    r"\W*(agree|disagree|neutral|favor|against|none)\b",
    re.IGNORECASE,
)


def by_words(task: str, text: str, target: str = "") -> str:
    """Label a text by words that tests put there."""
    first, second, third = LABELS[task]
    lowered = text.lower()
    if "wrong" in lowered or "terrible" in lowered:
        return second
    return first if "right" in lowered or "splendid" in lowered else third


def obeying(task: str, text: str, target: str = "") -> str:
    """Do what a text says to the model; else label it by its words."""
    order = _ORDER.search(text)
    found = order[1].lower() if order else ""
    return found if found in LABELS[task] else by_words(task, text, target)


class ChatServer:
    """What the server does and what it was asked.

    Attributes:
        bodies: the request bodies, in order.
        headers: the headers of each.
        most: the most requests that were under way at once.
    """

    def __init__(
        self,
        label: Callable[..., str] = by_words,
        *,
        refuses: Iterable[str] = (),
        named: bool = True,
        status: int = 400,
        ignores: Iterable[str] = (),
        key: str = "",
        delay: float = 0.0,
        failing: Iterable[int] = (),
        redirect: str = "",
        models: Iterable[str] = ("tiny",),
        wrap: Callable[[str], str] = lambda text: text,
        sure: float = 0.8,
        raw: bytes | None = None,
        context: int = 10**9,
        dies_after: int = 10**9,
    ) -> None:
        self.label, self.refuses, self.named, self.status = label, set(refuses), named, status
        self.ignores, self.key, self.delay, self.failing = set(ignores), key, delay, list(failing)
        self.redirect, self.models, self.wrap, self.sure = redirect, set(models), wrap, sure
        self.raw, self.context, self.dies_after = raw, context, dies_after
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.most = self.under_way = 0
        self.lock = threading.Lock()
        self.url = ""

    def reply(self, body: dict[str, Any], headers: dict[str, str]) -> tuple[int, Any, dict]:
        """Return the status, the answer and the headers of a request."""
        if not body:
            return 200, {}, {}
        if self.redirect:
            return 302, {}, {"Location": self.redirect}
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            # as bad a server as there is: it repeats what it was sent
            return 401, {"error": {"message": f"bad key {headers.get('authorization')}"}}, {}
        with self.lock:
            failing = self.failing.pop(0) if self.failing else 0
        if failing:
            return failing, {"error": {"message": json.dumps(body)}}, {"Retry-After": "0.01"}
        if body["model"] not in self.models:
            return 404, {"error": {"message": f"no model {body['model']}"}}, {}
        if refused := self.refuses & set(body):
            names = ", ".join(sorted(refused)) if self.named else "something"
            return self.status, {"error": {"message": f"Unsupported field: {names}"}}, {}
        size = sum(len(m["content"]) for m in body["messages"]) // 4
        if size > self.context:
            told = f"This model's maximum context length is {self.context} tokens"
            return 400, {"error": {"message": told}}, {}
        if self.raw is not None:
            return 200, self.raw, {}
        found = range(1 if "n" in self.ignores else body.get("n", 1))
        return 200, {
            "id": "c", "object": "chat.completion", "created": 0, "model": body["model"],
            "choices": [self._choice(n, body) for n in found],
        }, {}  # fmt: skip

    def _choice(self, number: int, body: dict[str, Any]) -> dict[str, Any]:
        structured = "response_format" in body and "response_format" not in self.ignores
        texts = asked(body)
        task = "relation" if "comment" in texts else "stance"
        judged = texts.get("comment") or texts["text"]
        labels = [self.label(task, judged, target) for target in texts.get("targets", [""])]
        quote = " ".join(judged.split()[:3])
        ones = [{"label": label, "quote": quote} for label in labels]
        if structured:
            shown = ones[0] if task == "relation" else {str(n + 1): o for n, o in enumerate(ones)}
            content = json.dumps(shown)
        elif len(labels) > 1 or task == "stance":
            content = "\n".join(f"{n + 1}: {label}" for n, label in enumerate(labels))
        else:
            content = labels[0]
        content = self.wrap(content)
        choice = {
            "index": number, "finish_reason": "stop",
            "message": {"role": "assistant", "content": content},
        }  # fmt: skip
        if body.get("logprobs") and "logprobs" not in self.ignores:
            choice["logprobs"] = {"content": self._tokens(content, LABELS[task])}
        return choice

    def _tokens(self, content: str, labels: tuple[str, ...]) -> list[dict[str, Any]]:
        """Split an answer into words as tokens; a label's alternatives share what is left."""
        tokens = []
        for text in re.findall(r"\w+|\W+", content):
            likely = {text: 1.0}
            if text in labels:
                rest = (1 - self.sure) / 2
                likely = {label: self.sure if label == text else rest for label in labels}
            top = [
                {"token": t, "logprob": math.log(p), "bytes": list(t.encode())}
                for t, p in likely.items()
            ]
            tokens.append({**top[list(likely).index(text)], "top_logprobs": top})
        return tokens


def asked(body: dict[str, Any]) -> dict[str, Any]:
    """Return the texts of the last question of a request, as they stood in the article."""
    user = body["messages"][-1]["content"]
    lines = user.rsplit("\n\n", 1)[-1].splitlines()
    found: dict[str, Any] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if name.startswith("Target"):
            found.setdefault("targets", []).append(json.loads(value))
        elif name in ("Passage", "Comment", "Text"):
            found[name.lower()] = json.loads(value)
    return found


@contextmanager
def serving(server: ChatServer | None = None, **options: Any):
    """Serve on a free port of loopback; `url` of the server is its address."""
    chat = server or ChatServer(**options)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            data = self.rfile.read(int(headers.get("content-length", 0)))
            body = json.loads(data or b"{}")
            with chat.lock:
                chat.bodies.append(body)
                chat.headers.append(headers)
                chat.under_way += 1
                chat.most = max(chat.most, chat.under_way)
            time.sleep(chat.delay)
            with chat.lock:
                chat.under_way -= 1
            if len(chat.bodies) > chat.dies_after:
                self.close_connection = True
                self.connection.close()
                return
            status, answer, extra = chat.reply(body, headers)
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            for name, value in extra.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST

        def log_message(self, *args: Any) -> None:
            pass

        def handle(self) -> None:
            with suppress(OSError, ValueError):  # the client has gone
                super().handle()

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    chat.url = f"http://127.0.0.1:{listening.server_address[1]}/v1"
    thread = threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield chat
    finally:
        listening.shutdown()
        listening.server_close()
