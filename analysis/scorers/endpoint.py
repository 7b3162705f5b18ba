"""A chat endpoint and the only way to it: no request leaves this machine without consent.

The address comes from `COUNTERPOINT_LLM_URL`, the key from `COUNTERPOINT_LLM_KEY`. Before each
request the host is resolved and checked, and the connection goes to the checked address itself.
Without consent only loopback is allowed (127.0.0.0/8 and ::1), and no name is looked up, since
the lookup itself leaves the machine; `localhost` is loopback by definition (RFC 6761). Consent is
`COUNTERPOINT_LLM_ALLOW_REMOTE=1`, which `--allow-remote` and the site file's `allow_remote: true`
set; a notebook cannot give it. No proxy, redirect, cookie or `OPENAI_*` variable is used.
"""

import ipaddress
import os
import re
import socket
import time
from dataclasses import dataclass, field
from typing import Any

import httpx2

from analysis.errors import ScorerError
from analysis.scorers.run_settings import ALLOW_REMOTE, BUDGET, MAX_REQUESTS

URL, KEY = "COUNTERPOINT_LLM_URL", "COUNTERPOINT_LLM_KEY"
TIMEOUT = "COUNTERPOINT_LLM_TIMEOUT"
DEFAULT_URL = "http://127.0.0.1:11434/v1"  # Ollama
DEFAULT_TIMEOUT = 120.0  # seconds for one answer, from the connection to its last byte
CONNECT_TIMEOUT = 5.0
MAX_BYTES = 4 * 2**20  # of one answer
LOOPBACK = tuple(map(ipaddress.ip_network, ("127.0.0.0/8", "::1/128")))
LOCALHOST = ("127.0.0.1", "::1")
PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[A-Za-z0-9._-]{1,253}")
# The only headers that are sent; the client's own tell of the system, and of OPENAI_* variables.
KEPT = ("content-type", "retry-after")  # of an answer
HEADERS = ("accept", "content-type", "content-length", "transfer-encoding")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A chat endpoint; the key is in neither `repr` nor comparison.

    Attributes:
        url: the base address, such as `http://127.0.0.1:11434/v1`.
        key: the bearer token; empty for none.
    """

    url: httpx2.URL
    key: str = field(default="", repr=False, compare=False)

    @classmethod
    def from_environment(cls) -> "Endpoint":
        """Return the endpoint that the environment names, by default Ollama's on loopback.

        Raises:
            ScorerError: the address or the key cannot be used; the message shows neither a key
                nor what may hold one.
        """
        text = os.environ.get(URL, "").strip() or DEFAULT_URL
        expected = f"expected http(s)://HOST[:PORT]/v1, such as {DEFAULT_URL}"
        try:
            url = httpx2.URL(text)
            named = _NAME.fullmatch(url.host) or _literal(url.host) is not None
            usable = url.scheme in PORTS and named and url.port != 0
        except (httpx2.InvalidURL, ValueError):
            usable = False
        if not usable:
            raise ScorerError(f"{URL}: found no usable address; {expected}")
        if url.userinfo or url.query or url.fragment:
            raise ScorerError(
                f"{URL}: found a password, query or fragment in the address; {expected}, and a "
                f"key in {KEY}"
            )
        key = os.environ.get(KEY, "").strip()
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise ScorerError(f"{KEY}: found characters that no key has; expected letters, digits")
        return cls(url, key)

    @property
    def place(self) -> str:
        """The address without its path, as a message or a page may show it."""
        host = f"[{self.url.host}]" if ":" in self.url.host else self.url.host
        return f"{self.url.scheme}://{host}:{self.url.port or PORTS[self.url.scheme]}"

    @property
    def remote(self) -> bool:
        """Whether its host is not loopback; a name other than localhost counts as remote."""
        literal = _literal(self.url.host)
        if literal is not None:
            return not is_loopback(literal)
        return not _is_localhost(self.url.host)

    def addresses(self) -> tuple[str, ...]:
        """Return the addresses to connect to, in order, once each of them is allowed.

        Raises:
            ScorerError: it is remote and there is no consent, or the name is unknown.
        """
        host = self.url.host
        if not self.remote:
            return LOCALHOST if _literal(host) is None else (host,)
        if not remote_allowed():
            raise ScorerError(
                f"{URL}: {self.place} is not on this machine (127.0.0.0/8, ::1 or localhost); "
                "nothing was sent; expected consent to send the text there: --allow-remote, "
                f"`allow_remote: true` in the site file or {ALLOW_REMOTE}=1"
            )
        if _literal(host) is not None:
            return (host,)
        try:
            port = self.url.port or PORTS[self.url.scheme]
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            found = []
        if not found:
            raise ScorerError(f"{URL}: {self.place}: the name is not known; check the address")
        return tuple(dict.fromkeys(str(item[4][0]) for item in found))


def is_loopback(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Return whether an address is in 127.0.0.0/8 or ::1; IPv4 wrapped in IPv6 is not."""
    return any(address in network for network in LOOPBACK)


def remote_allowed() -> bool:
    """Return whether the environment gives consent to send texts to another machine."""
    return os.environ.get(ALLOW_REMOTE, "").strip().lower() in ("1", "true", "yes")


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_localhost(host: str) -> bool:
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")


class CheckedTransport(httpx2.BaseTransport):
    """Sends a request to the endpoint's checked address, and to nowhere else.

    The host's name stays in the Host header and is what a certificate must be for. Only the
    needed headers are sent, and an answer is bounded in size and time.
    """

    def __init__(self, endpoint: Endpoint, *, seconds: float, connections: int) -> None:
        """Set the endpoint, the seconds that one answer may take, and how many run at once."""
        self._endpoint, self._seconds = endpoint, seconds
        limits = httpx2.Limits(max_connections=connections)
        self._inner = httpx2.HTTPTransport(trust_env=False, limits=limits)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Check the address, count the request against the run's bound, and send it.

        Raises:
            ScorerError: the request is for another place, the address is not allowed, the run
                has made as many requests as it may, or the answer is too large or packed.
        """
        endpoint = self._endpoint
        ends = time.monotonic() + self._seconds
        asked, allowed = ((u.scheme, u.host, u.port) for u in (request.url, endpoint.url))
        if asked != allowed:
            raise ScorerError(f"{endpoint.place}: found a request for another place; nothing sent")
        addresses = endpoint.addresses()
        spend_request()
        for place, address in enumerate(addresses):
            try:
                response = self._inner.handle_request(self._pinned(request, address))
                return self._answer(response, ends)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                if place == len(addresses) - 1:
                    raise
        raise httpx2.ConnectError("no address", request=request)

    def _pinned(self, request: httpx2.Request, address: str) -> httpx2.Request:
        """Return the request to a checked address, under the name that was asked for."""
        headers = {n: request.headers[n] for n in HEADERS if n in request.headers}
        headers |= {
            "Host": request.url.netloc.decode("ascii"),
            "Authorization": f"Bearer {self._endpoint.key or 'none'}",
            "Accept-Encoding": "identity",
            "User-Agent": "counterpoint",
        }
        return httpx2.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": self._endpoint.url.host},
        )

    def _answer(self, response: httpx2.Response, ends: float) -> httpx2.Response:
        """Read an answer whole, within its bounds."""
        try:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise ScorerError(f"{self._endpoint.place}: found a packed answer; expected plain")
            parts, size = [], 0
            for part in response.stream:
                parts.append(part)
                size += len(part)
                if size > MAX_BYTES:
                    raise ScorerError(
                        f"{self._endpoint.place}: found an answer over {MAX_BYTES:,} bytes; "
                        "expected a label"
                    )
                if time.monotonic() > ends:
                    raise httpx2.ReadTimeout("too slow")
        finally:
            response.close()
        headers = [(name, value) for name, value in response.headers.items() if name in KEPT]
        return httpx2.Response(response.status_code, headers=headers, content=b"".join(parts))

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


def spend_request() -> None:
    """Count one request of the run, and refuse it where the run has had as many as it may.

    Processes of one run share the count: a byte a request, appended to a file.

    Raises:
        ScorerError: the bound is reached; what was scored is in the cache.
    """
    text = os.environ.get(MAX_REQUESTS, "").strip()
    if not text:
        return
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ScorerError(f"{MAX_REQUESTS}: found {text[:20]!r}; expected a whole number")
    most = int(text)
    if _spent() >= most:
        raise ScorerError(
            f"the run has made the {most} requests that --max-requests ({MAX_REQUESTS}) allows; "
            "what was scored is cached; run it again to continue"
        )


_COUNTED = {"requests": 0}


def _spent() -> int:
    """Return how many requests were made before this one, and count it."""
    path = os.environ.get(BUDGET)
    if not path:
        _COUNTED["requests"] += 1
        return _COUNTED["requests"] - 1
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, b".")
        return os.lseek(handle, 0, os.SEEK_CUR) - 1
    finally:
        os.close(handle)


def client(endpoint: Endpoint, *, retries: int, connections: int) -> Any:
    """Return the `openai` client of an endpoint; it retries 429, 5xx and broken connections."""
    from openai import OpenAI

    seconds = _seconds()
    timeout = httpx2.Timeout(seconds, connect=CONNECT_TIMEOUT)
    transport = CheckedTransport(endpoint, seconds=seconds, connections=connections)
    http = httpx2.Client(
        transport=transport, trust_env=False, follow_redirects=False, timeout=timeout
    )
    return OpenAI(
        base_url=endpoint.url, api_key="none", admin_api_key="", organization="", project="",
        webhook_secret="", max_retries=retries, timeout=timeout, http_client=http,
    )  # fmt: skip


def _seconds() -> float:
    text = os.environ.get(TIMEOUT, "").strip()
    try:
        seconds = float(text or DEFAULT_TIMEOUT)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 86_400:
        raise ScorerError(f"{TIMEOUT}: found {text[:20]!r}; expected a number of seconds above 0")
    return seconds
