"""Bytes of a file to text, the part that every reader of text shares."""

import codecs
import hashlib
import os
import re
import stat
from pathlib import Path

from analysis.errors import InputError

MAX_BYTES = 1_000_000  # about 160,000 words; parsing more would take minutes and gigabytes
CONTROL_SHARE = 0.005

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")


def read_bytes(path: Path, *, max_bytes: int = MAX_BYTES) -> tuple[bytes, str]:
    """Return a file's bytes and their SHA-256 as a hex digest.

    Raises:
        InputError: the file is missing, a folder, unreadable, too large or empty.
    """
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            raise InputError(f"{path}: found a folder; expected a text file, name one inside it")
        if not stat.S_ISREG(found.st_mode):
            raise InputError(
                f"{path}: found a device or pipe; expected a text file, save it as one"
            )
        if found.st_size > max_bytes:
            raise InputError(
                f"{path}: found {found.st_size:,} bytes; expected at most {max_bytes:,}, "
                "split the file"
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; expected a text file, check the name") from None
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); expected a readable file, check its "
            "name and rights"
        ) from None
    if not data.strip():
        raise InputError(f"{path}: line 1: found no text; expected an article, check the file")
    return data, hashlib.sha256(data).hexdigest()


def decode(data: bytes, *, where: str) -> str:
    """Return the text of bytes: by byte order mark, else UTF-8, else Windows-1252, else Latin-1.

    Line ends are kept; a byte order mark is not part of the text.

    Raises:
        InputError: the bytes hold NUL or too many control characters to be text.
    """
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), None)
    text = _decoded(data, [encoding] if encoding else ["utf-8", "cp1252", "latin-1"])
    if text is None:
        raise InputError(f"{where}: found bytes that are not {encoding}; save it as UTF-8")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise InputError(f"{where}: line {line}: found NUL bytes; expected text, save it as UTF-8")
    controls = _CONTROL.findall(text)
    if len(controls) > max(2, CONTROL_SHARE * len(text)):
        raise InputError(
            f"{where}: found {len(controls):,} control characters; expected text, save it as UTF-8"
        )
    return text


def _decoded(data: bytes, encodings: list[str]) -> str | None:
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def slug(name: str) -> str:
    """Return a name for file names, addresses and HTML ids: ASCII letters, digits, - and _.

    Where letters are lost on the way, a hash of the name keeps two names apart.
    """
    kept = re.sub(r"[^\w-]+", "-", name, flags=re.ASCII).strip("-")[:100]
    lost = [c for c in name if c.isalnum() and not c.isascii()] or len(name) > 100
    mark = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8] if lost else ""
    return "-".join(part for part in (kept, mark) if part) or "article"


def article_id(path: str | Path) -> str:
    """Return the id of an article, a slug of its file's name."""
    return slug(Path(path).stem)
