"""Bytes of a file to text, the part that every reader of text shares."""

import codecs
import hashlib
import re
from pathlib import Path

from analysis.errors import InputError

MAX_BYTES = 20_000_000
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
    if not path.exists():
        raise InputError(f"{path}: no such file; expected a text file, check the name")
    if not path.is_file():
        raise InputError(f"{path}: found a folder; expected a text file, name one inside it")
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise InputError(
                f"{path}: found {size:,} bytes; expected at most {max_bytes:,}, split the file"
            )
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); expected a readable file, check its rights"
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
