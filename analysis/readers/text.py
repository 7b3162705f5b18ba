"""Decode the bytes of a file to text, and name files and articles."""

import codecs
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from analysis.errors import InputError

MAX_BYTES = 1_000_000  # about 160,000 words; parsing more would take minutes and gigabytes
CONTROL_SHARE = 0.005

ENOUGH = 40  # bytes beyond ASCII from which an encoding can be detected
GUESSED_FROM = 100_000

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LIKELY = """cp1252 cp1250 cp1251 cp1253 cp1254 cp1255 cp1256 cp1257 iso8859_2 iso8859_5 iso8859_7
koi8_r koi8_u mac_roman big5 gb18030 euc_jp shift_jis euc_kr""".split()
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
    except ValueError:  # a NUL in the name
        raise InputError(
            f"{str(path)[:80]!r}: found a name that no file can have; expected a text file, check "
            "the name"
        ) from None
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


def decode(data: bytes, *, where: str, declared: str = "", page: bool = False) -> str:
    """Return the text of bytes, by the first that fits.

    A byte order mark, the encoding that the file declares, UTF-8, UTF-16 told by its
    NUL bytes, what charset-normalizer tells from at least `ENOUGH` bytes beyond ASCII,
    Windows-1252, Latin-1. Line ends are kept; a byte order mark is not part of the text. In a web
    `page`, a few stray NUL characters become blanks, as browsers pass over them.

    Raises:
        InputError: the bytes hold NUL or too many control characters to be text.
    """
    return decoded(data, where=where, declared=declared, page=page)[0]


def decoded(data: bytes, *, where: str, declared: str = "", page: bool = False) -> tuple[str, str]:
    """Return the text of bytes as `decode` does, and the name of the encoding.

    Raises:
        InputError: as `decode`.
    """
    marked = next((name for bom, name in _BOMS if data.startswith(bom)), None)
    for name in [marked] if marked else _encodings(data, declared):
        try:
            text = data.decode(name)
            break
        except UnicodeError:
            continue
    else:  # Latin-1 takes any bytes
        raise InputError(f"{where}: found bytes that are not {marked}; save it as UTF-8")
    if page and text.count("\0") <= max(2, CONTROL_SHARE * len(text)):
        text = text.replace("\0", " ")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise InputError(f"{where}: line {line}: found NUL bytes; expected text, save it as UTF-8")
    controls = _CONTROL.findall(text)
    if len(controls) > max(2, CONTROL_SHARE * len(text)):
        raise InputError(
            f"{where}: found {len(controls):,} control characters; expected text, save it as UTF-8"
        )
    return text, name


def _encodings(data: bytes, declared: str) -> Iterator[str]:
    """Yield the encodings to try on bytes without a byte order mark, in order."""
    head = data[:4000]
    for name, zeros in (("utf-16-be", head[::2]), ("utf-16-le", head[1::2])):
        if len(data) % 2 == 0 and len(zeros) > 1 and zeros.count(0) > 0.4 * len(zeros):
            yield name
    if declared and _is_text_encoding(declared):
        yield declared
    yield "utf-8"
    if len(head.translate(None, bytes(range(128)))) >= ENOUGH and (guess := _guessed(data)):
        yield guess
    yield from ("cp1252", "latin-1")


def _is_text_encoding(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False


def _guessed(data: bytes) -> str:
    """Return what charset-normalizer takes the bytes for, nothing where it cannot tell."""
    from charset_normalizer import from_bytes

    found = from_bytes(data[:GUESSED_FROM], cp_isolation=_LIKELY).best()
    return found.encoding if found else ""


def repaired(text: str) -> tuple[str, dict[str, str]]:
    """Return a text with its mojibake undone, and what was done, for `AnnotatedArticle.about`.

    Text that was UTF-8 and was read as something else ("donâ€™t") is put right line by
    line, and only where ftfy takes a line for broken; spans count in the repaired text.
    Source: Robyn Speer, ftfy.
    """
    if text.isascii():
        return text, {}
    from ftfy import fix_encoding
    from ftfy.badness import is_bad

    lines = text.split("\n")
    mended = [fix_encoding(line) if is_bad(line) else line for line in lines]
    changed = sum(a != b for a, b in zip(lines, mended, strict=True))
    if not changed:
        return text, {}
    return "\n".join(mended), {"repaired": f"mojibake in {changed} of {len(lines)} lines (ftfy)"}


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
