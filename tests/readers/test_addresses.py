import ipaddress
import socket

import pytest

from analysis.errors import InputError
from analysis.readers import addresses
from analysis.readers.addresses import is_public, is_url, resolve_target

PUBLIC = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
OURS = """
    127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 255.255.255.255
    224.0.0.1 240.0.0.1 192.0.2.1 198.18.0.1 :: ::1 fe80::1 fe80::1%1 fd00::1 fec0::1 ff02::1
    2001:db8::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1
    2002:7f00:1:: 2002:a00:1:: 2001:0:808:808:0:0:80ff:fffe
""".split()


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", OURS)
def test_addresses_inside_a_network_are_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


def resolving(monkeypatch, *found):
    asked = []

    def getaddrinfo(host, port, **named):
        asked.append(host)
        return [(0, 0, 0, "", (address, port)) for address in found]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", getaddrinfo)
    return asked


def test_target_is_the_address_that_was_checked(monkeypatch):
    asked = resolving(monkeypatch, "8.8.8.8", "8.8.4.4")
    target = resolve_target("https://Example.org/a/b?c=d#e")
    assert target.address == "8.8.8.8"
    assert (target.scheme, target.host, target.port) == ("https", "example.org", 443)
    assert target.netloc == "example.org"
    assert target.url == "https://example.org/a/b?c=d"
    assert asked == ["example.org"], "a name is resolved once"
    assert resolve_target("http://example.org:8080").url == "http://example.org:8080/"


@pytest.mark.parametrize("found", [("10.0.0.1",), ("8.8.8.8", "10.0.0.1"), ("::1", "8.8.8.8")])
def test_one_private_address_of_a_name_is_enough_to_refuse_it(monkeypatch, found):
    resolving(monkeypatch, *found)
    with pytest.raises(InputError, match="a private, local or reserved network address"):
        resolve_target("https://example.org/")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://[::1]:80/",
            "http://[::ffff:127.0.0.1]/", "http://0/", "https://localhost/"],
)  # fmt: skip
def test_numbers_that_are_this_machine(url):
    with pytest.raises(InputError, match="a private, local or reserved network address"):
        resolve_target(url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("file:///etc/passwd", "found file; expected an http or https address"),
        ("ftp://example.org/a", "found ftp; expected an http or https address"),
        ("https:///a", "expected an http or https address"),
        ("https://user:secret@example.org/", "a name or password in the address"),
        ("https://example.org/a b", "characters that no address has"),
        ("https://example.org/\r\nHost: x", "characters that no address has"),
        ("https://exämple.org/", "characters that no address has"),
        ("https://example.org:99999/", "found no address"),
        ("https://[::1/", "found no address"),
    ],
)
def test_addresses_that_are_refused_unasked(monkeypatch, url, said):
    asked = resolving(monkeypatch, "8.8.8.8")
    with pytest.raises(InputError, match=said) as caught:
        resolve_target(url)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert not asked


def test_name_that_nobody_knows(monkeypatch):
    def getaddrinfo(*given, **named):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(addresses.socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(InputError, match=r"found no address of 'nowhere\.example'"):
        resolve_target("https://nowhere.example/")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("https://a.org/b", True), ("HTTP://a", True), ("https:/a.org/b", True), ("ftp://a", True),
     ("a.txt", False), ("/a/b.txt", False), ("C:/a.txt", False), ("a:b.txt", False)],
)  # fmt: skip
def test_addresses_are_told_from_paths(text, is_one):
    assert is_url(text) is is_one
