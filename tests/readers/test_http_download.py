"""Pages from a server of our own on this machine; only here may its address be asked."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from analysis.cli import main
from analysis.errors import InputError
from analysis.readers import addresses, download, read
from analysis.readers.limits import Limits

PAGE = (
    b"<!doctype html><title>The bridge opens</title><article><h1>The bridge opens</h1>"
    b"<p>The bridge over the harbour opened on Monday.</p>"
    b"<p>Comment: It opened a year late.</p></article>"
)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        try:
            getattr(self, f"do_{self.path.strip('/').partition('?')[0].partition('.')[0]}")()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, *given):
        pass

    def _send(self, body=PAGE, status=200, kind="text/html; charset=utf-8", **more):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": len(body), **more}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def do_page(self):
        self._send()

    def do_moved(self):
        self._send(b"", 302, Location="/page.html")

    def do_inside(self):
        self._send(b"", 301, Location="http://10.0.0.7/secret")

    def do_file(self):
        self._send(b"", 301, Location="file:///etc/passwd")

    def do_round(self):
        self._send(b"", 307, Location="/round")

    def do_gone(self):
        self._send(status=404)

    def do_picture(self):
        self._send(kind="image/png")

    def do_packed(self):
        self._send(Content_Encoding="gzip")

    def do_large(self):
        self._send(b"a" * 50_000)

    def do_endless(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while not self.server.closing.is_set():
            self.wfile.write(b"400\r\n" + b"a" * 1024 + b"\r\n")

    def do_slow(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"a")
            self.wfile.flush()
            if self.server.closing.wait(0.1):
                break

    def _trickle(self, what):
        self.close_connection = True
        while not self.server.closing.wait(0.1):
            self.wfile.write(what)
            self.wfile.flush()

    def do_statusline(self):
        self._trickle(b"H")

    def do_headers(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        self._trickle(b"a")

    def do_continued(self):
        self._trickle(b"HTTP/1.1 100 Continue\r\n\r\n")

    def do_silent(self):
        self._trickle(b"")

    def do_malformed(self):
        self._send(b"", 302, Location="http://[half/page")

    def do_highport(self):
        self._send(b"", 302, Location="http://example.org:99999999/page")

    def do_broken(self):
        self._send(PAGE, Content_Length=len(PAGE) + 100)
        self.close_connection = True


@pytest.fixture(scope="module")
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.asked, server.closing = [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def at(server, monkeypatch):
    """Let this server's address through, and no other."""
    public = addresses.is_public
    monkeypatch.setattr(
        addresses, "is_public", lambda a: str(a) in ("127.0.0.1", "::ffff:127.0.0.1") or public(a)
    )
    server.asked.clear()
    return lambda path: f"http://127.0.0.1:{server.server_port}/{path}"


def test_page_is_kept_with_its_address_and_date(at, server, tmp_path):
    path = download(at("page.html?a=1#b"), tmp_path / "kept")
    assert path.parent == tmp_path / "kept"
    assert path.suffix == ".html"
    assert path.read_bytes() == PAGE
    article = read(path)
    assert article.title == "The bridge opens"
    assert [b.kind.value for b in article.blocks] == ["title", "paragraph", "commentary"]
    about = dict(article.about)
    assert about["url"] == at("page.html?a=1")
    assert about["retrieved"].startswith("20")
    ((asked, headers),) = server.asked
    assert asked == "/page.html?a=1"
    assert headers["Host"] == f"127.0.0.1:{server.server_port}"
    assert not {"Cookie", "Authorization", "Referer"} & set(headers)
    assert sorted(p.name for p in path.parent.iterdir()) == [path.name, path.name + ".source"]


def test_a_page_that_was_changed_since_has_no_source(at, tmp_path):
    path = download(at("page.html"), tmp_path)
    path.write_bytes(PAGE.replace(b"Monday", b"Friday"))
    assert "retrieved" not in dict(read(path).about)
    note = path.with_name(path.name + ".source")
    path.write_bytes(PAGE)
    for damaged in ("", "[1]", json.dumps(json.loads(note.read_text()) | {"url": "javascript:a"})):
        note.write_text(damaged)
        assert "retrieved" not in dict(read(path).about)


def test_only_what_was_downloaded_is_written_over(at, tmp_path):
    path = download(at("page.html"), tmp_path)
    assert download(at("page.html"), tmp_path) == path
    path.with_name(path.name + ".source").unlink()
    with pytest.raises(InputError, match="a file that was not downloaded"):
        download(at("page.html"), tmp_path)


def test_redirect_is_followed_and_told(at, tmp_path):
    article = read(download(at("moved"), tmp_path))
    assert dict(article.about)["url"] == at("page.html")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("inside", "a private, local or reserved network address"),
        ("file", "found file; expected an http or https address"),
        ("round", "found more than 5 redirects"),
        ("gone", "found the answer 404"),
        ("picture", "the content type 'image/png'"),
        ("packed", "a packed answer"),
        ("large", "found more than 20,000 bytes"),
        ("endless", "found more than 20,000 bytes"),
        ("broken", "found no page"),
        ("malformed", r"found a redirect to 'http://\[half/page', which is no address"),
        ("highport", "found no address; expected https"),
    ],
)
def test_answers_that_are_refused(at, tmp_path, path, said):
    with pytest.raises(InputError, match=said) as caught:
        download(at(path), tmp_path / "kept", Limits(download_bytes=20_000))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("path", ["slow", "statusline", "headers", "continued", "silent"])
def test_slow_answer_is_given_up(at, tmp_path, path):
    began = time.monotonic()
    with pytest.raises(InputError, match="no answer in time"):
        download(at(path), tmp_path, Limits(download_seconds=1))
    assert time.monotonic() - began < 8


def test_a_name_that_is_not_resolved_in_time_is_given_up(at, server, tmp_path, monkeypatch):
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: server.closing.wait(60))
    with pytest.raises(InputError, match="no answer in time"):
        download("http://slow.example/page", tmp_path, Limits(download_seconds=1))


def test_a_server_that_does_not_answer_is_one_line(at, tmp_path, server):
    with pytest.raises(InputError, match="found no page"):
        download("http://127.0.0.1:1/", tmp_path)


def test_this_machine_is_refused_without_the_test_s_leave(server, tmp_path):
    with pytest.raises(InputError, match="a private, local or reserved network address"):
        download(f"http://127.0.0.1:{server.server_port}/page.html", tmp_path)
    with pytest.raises(InputError, match="a private, local or reserved network address"):
        download(f"http://localhost:{server.server_port}/page.html", tmp_path)


def test_the_name_is_not_resolved_again_to_connect(server, at, tmp_path, monkeypatch):
    answers = [["127.0.0.1"], ["10.0.0.1"], ["10.0.0.1"]]
    resolve = addresses.socket.getaddrinfo

    def getaddrinfo(host, port, *given, **named):
        if host == "rebinding.example":
            return [(0, 0, 0, "", (a, port)) for a in answers.pop(0)]
        return resolve(host, port, *given, **named)

    monkeypatch.setattr(addresses.socket, "getaddrinfo", getaddrinfo)
    path = download(f"http://rebinding.example:{server.server_port}/page", tmp_path)
    assert path.read_bytes() == PAGE
    assert len(answers) == 2, "asked for once, and the connection went where it was checked"
    assert server.asked[0][1]["Host"] == f"rebinding.example:{server.server_port}"


def test_command_downloads_only_where_allowed(at, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    url = at("page.html")
    with pytest.raises(SystemExit) as ended:
        main(["convert", url, "a.txt"])
    assert ended.value.code == 2
    assert "found an address; expected a file" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["convert", url, "a.txt", "--allow-download"])
    assert ended.value.code == 0
    assert "It opened a year late." in (tmp_path / "a.txt").read_text()
    assert len(list((tmp_path / "downloads").glob("*.html"))) == 1


def test_score_and_provenance_name_the_address(at, tmp_path, capsys, monkeypatch):
    from analysis.params import report_params
    from analysis.report.sections import provenance
    from analysis.scoring.pipeline import run

    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["score", at("page.html"), "--scorer", "lexicon", "--json", "--allow-download"])
    assert ended.value.code == 0
    about = json.loads(capsys.readouterr().out)["article"]["about"]
    assert about["url"] == at("page.html")
    (path,) = (tmp_path / "downloads").glob("*.html")
    params = report_params(article=str(path), scorer="lexicon")
    page = str(provenance(run(params), params))
    assert about["url"] in page
    assert about["retrieved"] in page
