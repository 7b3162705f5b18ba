"""Network addresses that pages may be requested from: public ones, checked once resolved."""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from analysis.errors import InputError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# One slash is what a `Path` leaves of the two.
_ADDRESS = re.compile(r"https?:/|[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")  # ::a.b.c.d, deprecated but routed by some


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """Where a request goes: the host named in the URL, and its address once checked."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def netloc(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL as requested, without a fragment."""
        return f"{self.scheme}://{self.netloc}{self.path}"


def is_url(text: object) -> bool:
    """Return whether a text is an address of the web, or of another scheme, and no file."""
    return bool(_ADDRESS.match(str(text)))


def is_public(address: Address) -> bool:
    """Return whether an address is one of the open internet, also where it wraps another one.

    Private, loopback, link-local, shared, reserved, multicast and unspecified addresses
    are not (IANA's special-purpose registries, as `ipaddress` holds them). IPv4 in IPv6
    (mapped, compatible, 6to4, Teredo, NAT64) is judged by the IPv4 address.
    """
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64 or address in _COMPATIBLE:
            wrapped.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        inner = [a for a in wrapped if a is not None]
        if inner:
            return all(map(is_public, inner))
        if address.scope_id or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def resolve_target(url: str) -> RequestTarget:
    """Return where to send the request for an address, the name resolved once and checked.

    Connecting to `RequestTarget.address` and not to the name again is what keeps a name from
    answering differently the second time (DNS rebinding).

    Raises:
        InputError: it is no http or https address, holds a password, its name is
            unknown, or one of the addresses that the name has is not public.
    """
    shown = url[:200]
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise InputError(f"{shown!r}: found no address; expected https://…, check it") from None
    if parts.scheme.lower() not in _PORTS or not host:
        raise InputError(
            f"{shown}: found {parts.scheme or 'no scheme'}; expected an http or https address, "
            "save the page as a file and name that"
        )
    if parts.username is not None or parts.password is not None:
        raise InputError(
            f"{parts.scheme}://…@{host}: found a name or password in the address; expected a "
            "public page, save it as a file and name that"
        )
    if not url.isascii() or not url.isprintable() or " " in url:
        raise InputError(
            f"{shown!r}: found characters that no address has; expected them percent-encoded, "
            "copy the address from the browser"
        )
    scheme = parts.scheme.lower()
    port = _PORTS[scheme] if port is None else port
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return RequestTarget(scheme, host, port, path, _checked(host, port, shown))


def _checked(host: str, port: int, shown: str) -> str:
    """Return the first address of a name, once all of them have been found public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise InputError(
            f"{shown}: found no address of {host[:100]!r}; expected a host that is known, check "
            "the name and the network"
        ) from None
    addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
    if not addresses or not all(map(is_public, addresses)):
        raise InputError(
            f"{shown}: found a private, local or reserved network address; expected a page of the "
            "public web, save it as a file and name that"
        )
    return str(addresses[0])
