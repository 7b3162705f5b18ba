"""Download a web page to a file: only on request, bounded, and only from the public web.

A note of its address and date is kept beside it (`page.html.source`), so that the report can
be made again without the network and states the source of its text.
"""

import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256 as sha256_of
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from analysis.atomic import write_atomically
from analysis.errors import InputError, one_line
from analysis.readers.addresses import RequestTarget, is_url, resolve_target
from analysis.readers.limits import DEFAULT_LIMITS, Limits, in_time
from analysis.readers.text import slug

NOTE = ".source"
REDIRECTS = 5
CHUNK = 65_536  # bytes

# Content types and the ending of the file that is kept; anything else is refused.
TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".xhtml",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
}
_MOVED = frozenset({301, 302, 303, 307, 308})


def refuse_address(path: str | Path) -> None:
    """Refuse an address where a file is expected.

    Raises:
        InputError: it is one.
    """
    if is_url(path):
        raise InputError(
            f"{str(path)[:200]}: found an address; expected a file, save the page or give "
            "--allow-download to get it"
        )


def download(url: str, folder: str | Path, limits: Limits = DEFAULT_LIMITS) -> Path:
    """Get a page and keep it in a folder, with a note of its address and the date.

    Redirects are followed up to `REDIRECTS` times, each address checked anew; no proxy,
    cookie or password is used. A file that this function wrote before is replaced.

    Args:
        url: an http or https address of the public web.
        folder: made where missing.
        limits: `download_bytes`, and `download_seconds` for all of it together.

    Returns:
        The file, which `read` then reads like any other.

    Raises:
        InputError: the address may not be asked, does not answer, or what it answers is
            too large, too slow or of a type that is not read; one line says which.
    """
    data, ending, final = _fetch_in_time(url, limits)
    path = Path(folder) / f"{slug(_name(final))}{ending}"
    note = path.with_name(path.name + NOTE)
    if path.exists() and not note.exists():
        raise InputError(
            f"{path}: found a file that was not downloaded; expected a free name, move it away"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    note_content = {
        "url": final.url,
        "asked": url,
        "retrieved": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "sha256": sha256_of(data).hexdigest(),
    }
    write_atomically(note, json.dumps(note_content, indent=1) + "\n")
    write_atomically(path, data)
    return path


def _name(target: RequestTarget) -> str:
    """Return a file's name for an address: the host and what tells its pages apart."""
    path = re.sub(r"\.(?:html?|xhtml|txt|md|pdf|docx|xlsx|csv|tsv)$", "", target.path)
    short = re.sub(r"\W+", "-", f"{target.host}{path}").strip("-")
    if len(short) <= 80 and "?" not in target.path:
        return short
    return f"{short[:70]}-{sha256_of(target.url.encode()).hexdigest()[:8]}"


def download_source(path: Path, sha256: str) -> dict[str, str]:
    """Return the address and date of a file that was downloaded, nothing for any other.

    A note that is damaged, or of other bytes than the file's, says nothing.
    """
    try:
        with path.with_name(path.name + NOTE).open("rb") as file:
            note = json.loads(file.read(10_000))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(note, dict) or note.get("sha256") != sha256:
        return {}
    url, date = note.get("url"), note.get("retrieved")
    if not (isinstance(url, str) and re.fullmatch(r"https?://[!-~]{1,2000}", url)):
        return {}
    if not (isinstance(date, str) and re.fullmatch(r"[\d:TZ-]{10,25}", date)):
        return {}
    return {"url": url, "retrieved": date}


def _fetch_in_time(url: str, limits: Limits) -> tuple[bytes, str, RequestTarget]:
    """Return what `_fetch` does, or refuse once the time is over, whatever it is spent on.

    A socket's timeout starts anew with each byte, and resolving a name has none.
    """
    ends = time.monotonic() + limits.download_seconds
    try:
        return in_time(partial(_fetch, url, limits, ends), limits.download_seconds)
    except TimeoutError as error:
        raise _no_answer(url, error) from None


def _fetch(url: str, limits: Limits, ends: float) -> tuple[bytes, str, RequestTarget]:
    """Return the bytes of a page, the ending for its type, and the address that had it."""
    requested = url
    for _ in range(REDIRECTS + 1):
        target = resolve_target(url)
        response = _response(target, ends)
        try:
            if response.status in _MOVED and response.headers.get("Location"):
                url = _redirected(target, response.headers["Location"])
                continue
            if response.status != 200:
                raise InputError(
                    f"{target.url[:200]}: found the answer {response.status}; expected a page, "
                    "open it in a browser and save it"
                )
            ending = _ending(response.headers, target)
            return _read_body(response, target, limits, ends), ending, target
        finally:
            response.close()
    raise InputError(
        f"{requested[:200]}: found more than {REDIRECTS} redirects; expected a page, give the "
        "address that the browser shows"
    )


def _redirected(target: RequestTarget, location: str) -> str:
    try:
        return urljoin(target.url, location)
    except ValueError:
        raise InputError(
            f"{target.url[:200]}: found a redirect to {location[:200]!r}, which is no address; "
            "expected one, open the page in a browser and save it"
        ) from None


def _response(target: RequestTarget, ends: float) -> Any:
    """Send one request to the address that was checked, under the name that was asked for."""
    import urllib3
    from requests.certs import where

    left = max(0.1, ends - time.monotonic())
    timeout = urllib3.Timeout(connect=min(10.0, left), read=min(20.0, left))
    named: dict[str, Any] = {"timeout": timeout, "retries": False, "maxsize": 1}
    if target.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            target.address, target.port, cert_reqs="CERT_REQUIRED", ca_certs=where(),
            server_hostname=target.host, assert_hostname=target.host, **named,
        )  # fmt: skip
    else:
        pool = urllib3.HTTPConnectionPool(target.address, target.port, **named)
    headers = {
        "Host": target.netloc,
        "User-Agent": "counterpoint (reads one page for its user)",
        "Accept": ", ".join([*TYPES, "*/*;q=0.1"]),
        "Accept-Encoding": "identity",
    }
    try:
        return pool.urlopen(
            "GET", target.path, headers=headers, redirect=False, preload_content=False
        )
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise _no_answer(target.url, error) from None


def _no_answer(url: str, error: Exception) -> InputError:
    slow = "Timeout" in type(error).__name__ or isinstance(error, TimeoutError)
    reason = "no answer in time" if slow else one_line(error)[:120]
    return InputError(
        f"{url[:200]}: found no page ({reason}); expected one, try again or save it as a file"
    )


def _ending(headers: Mapping[str, str], target: RequestTarget) -> str:
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise InputError(
            f"{target.url[:200]}: found a packed answer that was not asked for; expected a plain "
            "one, save the page as a file"
        )
    if kind not in TYPES:
        raise InputError(
            f"{target.url[:200]}: found the content type {kind[:60] or 'none'!r}; expected one of "
            f"{', '.join(TYPES)}, save the page as a file"
        )
    return TYPES[kind]


def _read_body(response: Any, target: RequestTarget, limits: Limits, ends: float) -> bytes:
    """Read an answer until it ends, or refuse it once it is too large or too slow."""
    import urllib3

    too_large = InputError(
        f"{target.url[:200]}: found more than {limits.download_bytes:,} bytes; expected an "
        "article's page, save its text"
    )
    stated = response.headers.get("Content-Length", "")
    length = int(stated[:20]) if stated.isascii() and stated.isdecimal() else 0
    if length > limits.download_bytes:
        raise too_large
    parts: list[bytes] = []
    size = 0
    try:
        while part := response.read1(CHUNK, decode_content=False):
            size += len(part)
            parts.append(part)
            if size > limits.download_bytes:
                raise too_large
            if time.monotonic() > ends:
                raise TimeoutError
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise _no_answer(target.url, error) from None
    if size < length:
        raise _no_answer(target.url, ValueError("it broke off"))
    return b"".join(parts)
