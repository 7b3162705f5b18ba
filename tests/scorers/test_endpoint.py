"""Nothing leaves loopback without consent, and a connection goes to the checked address."""

import ipaddress
import socket
import ssl

import httpx2
import pytest

from analysis.errors import ScorerError
from analysis.scorers import endpoint
from analysis.scorers.cache import MemoryCache
from analysis.scorers.endpoint import CheckedTransport, Endpoint, is_loopback, spend_request
from analysis.scorers.llm import LlmScorer
from analysis.types import Task
from tests.chat_server import serving

ROWS = [("The dam is safe.", "That is wrong.")]
KEY = "sk-a-key-that-nobody-may-see"


@pytest.fixture
def no_network(monkeypatch):
    """Fail the test on any name that is looked up and any connection that leaves loopback."""
    connect = socket.socket.connect

    def refuse(*args, **kwargs):
        raise AssertionError(f"looked up {args[0]}")

    def checked(self, address):
        host = address[0] if isinstance(address, tuple) else ""
        assert is_loopback(ipaddress.ip_address(host)), f"connected to {address}"
        return connect(self, address)

    def literal_only(host, *args, **kwargs):
        # `socket.create_connection` goes through here also with an address
        assert is_loopback(ipaddress.ip_address(host)), f"looked up {host}"
        return found(host, *args, **kwargs)

    found = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", literal_only)
    monkeypatch.setattr(socket, "gethostbyname", refuse)
    monkeypatch.setattr(socket.socket, "connect", checked)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1",
        "http://ollama:11434/v1",
        "http://192.168.0.7:11434/v1",
        "http://0.0.0.0:11434/v1",
        "http://[::ffff:127.0.0.1]:11434/v1",
        "http://[::]:11434/v1",
        "http://127.1:11434/v1",
        "http://2130706433:11434/v1",
        "http://128.0.0.1:11434/v1",
        "http://localhost.evil.example/v1",
        "http://127.0.0.1.evil.example/v1",
    ],
)
@pytest.mark.usefixtures("no_network")
def test_another_machine_is_refused_without_consent_and_without_a_lookup(monkeypatch, url):
    monkeypatch.setenv("COUNTERPOINT_LLM_URL", url)
    monkeypatch.setenv("COUNTERPOINT_LLM_KEY", KEY)
    with pytest.raises(ScorerError, match=r"nothing was sent.*--allow-remote") as raised:
        LlmScorer("tiny", cache=MemoryCache()).predict(Task.RELATION, ROWS)
    assert KEY not in str(raised.value)


@pytest.mark.usefixtures("no_network")
def test_no_proxy_is_used_and_no_variable_of_another_program_is_read(monkeypatch):
    with serving() as elsewhere, serving() as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
            monkeypatch.setenv(name, elsewhere.url.removesuffix("/v1"))
        monkeypatch.setenv("OPENAI_API_KEY", "sk-another-key")
        monkeypatch.setenv("OPENAI_BASE_URL", elsewhere.url)
        monkeypatch.setenv("OPENAI_ORG_ID", "org-of-somebody")
        monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Leak: yes\nAuthorization: Bearer other")
        monkeypatch.setenv("COUNTERPOINT_LLM_URL", server.url)
        LlmScorer("tiny", cache=MemoryCache()).predict(Task.RELATION, ROWS)
    assert not elsewhere.bodies
    assert server.headers[0]["authorization"] == "Bearer none"
    assert set(server.headers[0]) == {
        "host", "accept", "accept-encoding", "authorization", "content-length", "content-type",
        "user-agent",
    }  # fmt: skip
    assert server.headers[0]["user-agent"] == "counterpoint"


@pytest.mark.usefixtures("no_network")
def test_a_redirect_is_not_followed(monkeypatch):
    for target in ("http://api.example/v1/chat/completions", "OTHER"):
        with serving() as elsewhere:
            where = target.replace("OTHER", f"{elsewhere.url}/chat/completions")
            with serving(redirect=where) as server:
                monkeypatch.setenv("COUNTERPOINT_LLM_URL", server.url)
                with pytest.raises(ScorerError, match="redirect, not followed"):
                    LlmScorer("tiny", cache=MemoryCache()).predict(Task.RELATION, ROWS)
            assert not elsewhere.bodies


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch):
    """A name that answers differently the second time (DNS rebinding) changes nothing."""
    lookups, connected = [], []
    found, connect = socket.getaddrinfo, socket.socket.connect

    def rebinding(host, *args, **kwargs):
        if host != "llm.example":
            return found(host, *args, **kwargs)
        lookups.append(host)
        address = "127.0.0.1" if len(lookups) == 1 else "203.0.113.9"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, args[0]))]

    def recorded(self, address):
        connected.append(address[0])
        return connect(self, address)

    with serving() as server:
        port = server.url.split(":")[2].removesuffix("/v1")
        monkeypatch.setenv("COUNTERPOINT_LLM_URL", f"http://llm.example:{port}/v1")
        monkeypatch.setenv("COUNTERPOINT_LLM_ALLOW_REMOTE", "1")
        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        monkeypatch.setattr(socket.socket, "connect", recorded)
        scorer = LlmScorer("tiny", cache=MemoryCache())
        transport = CheckedTransport(Endpoint.from_environment(), seconds=5, connections=1)
        with httpx2.Client(transport=transport) as client:
            answer = client.get(f"http://llm.example:{port}/v1/models", headers={"X-Extra": "no"})
        assert answer.status_code == 200
        assert scorer.info.sent_to == f"http://llm.example:{port}"
    assert lookups == ["llm.example"]
    assert set(connected) == {"127.0.0.1"}
    assert server.headers[0]["host"] == f"llm.example:{port}"


def test_a_certificate_must_be_for_the_name_and_not_the_address(monkeypatch):
    names = []

    class Context(ssl.SSLContext):
        def wrap_socket(self, sock, server_hostname=None, **kwargs):
            names.append(server_hostname)
            raise ssl.SSLError("no certificate here")

    address = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]
    found = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda h, *a, **k: address if h == "llm.example" else found(h, *a, **k),
    )
    monkeypatch.setenv("COUNTERPOINT_LLM_ALLOW_REMOTE", "1")
    with serving() as server:
        port = server.url.split(":")[2].removesuffix("/v1")
        monkeypatch.setenv("COUNTERPOINT_LLM_URL", f"https://llm.example:{port}/v1")
        transport = CheckedTransport(Endpoint.from_environment(), seconds=5, connections=1)
        transport._inner._pool._ssl_context = Context(ssl.PROTOCOL_TLS_CLIENT)
        with httpx2.Client(transport=transport) as client, pytest.raises(httpx2.ConnectError):
            client.get(f"https://llm.example:{port}/v1/models")
    assert set(names) == {"llm.example"}


def test_a_request_for_another_place_is_not_sent(monkeypatch):
    with serving() as elsewhere, serving() as server:
        monkeypatch.setenv("COUNTERPOINT_LLM_URL", server.url)
        transport = CheckedTransport(Endpoint.from_environment(), seconds=5, connections=1)
        with httpx2.Client(transport=transport) as client, pytest.raises(ScorerError):
            client.get(f"{elsewhere.url}/models")
    assert not elsewhere.bodies


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.8.8.8"])
def test_loopback_needs_no_consent_and_no_lookup(monkeypatch, host):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: pytest.fail("looked up"))
    monkeypatch.setenv("COUNTERPOINT_LLM_URL", f"http://{host}:11434/v1")
    place = Endpoint.from_environment()
    assert not place.remote
    assert all(is_loopback(ipaddress.ip_address(a)) for a in place.addresses())


def test_ollama_on_this_machine_is_the_default(monkeypatch):
    monkeypatch.delenv("COUNTERPOINT_LLM_URL", raising=False)
    assert str(Endpoint.from_environment().url) == "http://127.0.0.1:11434/v1"


@pytest.mark.parametrize(
    "url",
    [
        f"http://user:{KEY}@127.0.0.1/v1", f"http://127.0.0.1/v1?key={KEY}", f"ftp://{KEY}/v1",
        f"http://127.0.0.1/v1#{KEY}", f"file:///{KEY}", "http://", f"{KEY}", f"http://[{KEY}/v1",
    ],
)  # fmt: skip
def test_an_address_that_may_hold_a_secret_is_refused_and_not_shown(monkeypatch, url):
    monkeypatch.setenv("COUNTERPOINT_LLM_URL", url)
    with pytest.raises(ScorerError, match="expected http") as raised:
        Endpoint.from_environment()
    assert KEY not in str(raised.value)


@pytest.mark.parametrize("key", ["two words", f"{KEY}\nX-Header: yes", "schlüssel"])
def test_a_key_that_would_break_the_header_is_refused_and_not_shown(monkeypatch, key):
    monkeypatch.setenv("COUNTERPOINT_LLM_KEY", key)
    with pytest.raises(ScorerError, match="characters that no key has") as raised:
        Endpoint.from_environment()
    assert key not in str(raised.value)
    assert KEY not in repr(Endpoint(httpx2.URL("http://127.0.0.1/v1"), KEY))


def test_an_answer_is_bounded_in_size_and_never_unpacked(monkeypatch):
    with serving(raw=b" " * (endpoint.MAX_BYTES + 1)) as server:
        monkeypatch.setenv("COUNTERPOINT_LLM_URL", server.url)
        with pytest.raises(ScorerError, match="an answer over"):
            LlmScorer("tiny", cache=MemoryCache()).predict(Task.RELATION, ROWS)


def test_processes_of_a_run_share_one_bound_of_requests(monkeypatch, tmp_path):
    monkeypatch.setenv("COUNTERPOINT_LLM_MAX_REQUESTS", "3")
    monkeypatch.setenv("COUNTERPOINT_LLM_BUDGET", str(tmp_path / "spent"))
    for _ in range(3):
        spend_request()
    with pytest.raises(ScorerError, match="3 requests that --max-requests"):
        spend_request()
