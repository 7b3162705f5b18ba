"""Which form a file has, by its first bytes and its name, and the reader of each."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from analysis.errors import InputError
from analysis.readers.anchors import AnnotatedArticle, Origin
from analysis.readers.options import DEFAULT_OPTIONS, ReadOptions

SUFFIXES = {
    ".txt": "plain", ".text": "plain", "": "plain",
    ".md": "markdown", ".markdown": "markdown",
    ".html": "html", ".htm": "html", ".xhtml": "html",
    ".json": "annotations", ".jsonld": "annotations",
    ".docx": "word", ".pdf": "pdf",
    ".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".parquet": "parquet", ".xlsx": "excel",
}  # fmt: skip
TEXTS = frozenset({"plain", "markdown"})
TABLES = frozenset({"csv", "tsv", "jsonl", "parquet", "excel"})

_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:!doctype html|html)\b",
    re.IGNORECASE | re.DOTALL,
)

Beside = Callable[[Sequence[str]], AnnotatedArticle | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader is asked beyond the bytes: the options, and the text beside a file."""

    options: ReadOptions = DEFAULT_OPTIONS
    beside: Beside | None = None


def is_table(path: str) -> bool:
    """Tell by its name whether a file is a table, which may hold many articles."""
    return SUFFIXES.get(PurePath(path).suffix.lower()) in TABLES


def detect_format(data: bytes, path: str) -> str:
    """Return the form of a file, by its content where that says it, else by its name.

    Raises:
        InputError: the content is of a form that no reader takes.
    """
    named = SUFFIXES.get(PurePath(path).suffix.lower(), "plain")
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"PAR1"):
        return "parquet"
    if data.startswith(b"PK\x03\x04"):
        return _packed_form(data, named)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(
            f"{path}: found an old Office file or one with a password; expected .docx or .xlsx "
            "without a password, save it as one"
        )
    if named in ("word", "excel", "pdf", "parquet"):
        kinds = {"word": ".docx", "excel": ".xlsx", "pdf": "PDF", "parquet": "Parquet"}
        raise InputError(
            f"{path}: found no {kinds[named]} file in it; expected what its name says, save it "
            "again or rename it"
        )
    if named == "plain" and _HTML.match(data[:2048]):
        return "html"
    return named


def _packed_form(data: bytes, named: str) -> str:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(data)).namelist()[:5_000])
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        names = set()
    if any(name.startswith("word/") for name in names):
        return "word"
    if any(name.startswith("xl/") for name in names):
        return "excel"
    return named if named in ("word", "excel") else "word"


def read_data(data: bytes, origin: Origin, asked: Asked = Asked()) -> tuple[AnnotatedArticle, ...]:
    """Read the articles in a file's bytes.

    Raises:
        InputError: it cannot be read as an annotated article; one line says why.
    """
    form = detect_format(data, origin.path)
    limits = asked.options.limits
    most = limits.page_bytes if form == "html" else limits.text_bytes
    if (form in TEXTS or form == "html") and len(data) > most:
        raise InputError(
            f"{origin.path}: found {len(data):,} bytes; expected at most {most:,}, split the file"
        )
    if form in TABLES:
        return _table(form, data, origin, asked)
    return (_document(form, data, origin, asked),)


def _document(form: str, data: bytes, origin: Origin, asked: Asked) -> AnnotatedArticle:
    limits = asked.options.limits
    if form == "html":
        from analysis.readers.html_page import read_html

        return read_html(data, origin, limits=limits)
    if form == "markdown":
        from analysis.readers.markdown import read_markdown

        return read_markdown(data, origin, limits=limits)
    if form == "annotations":
        from analysis.readers.annotations import read_annotations

        return read_annotations(data, origin, beside=asked.beside, limits=limits)
    if form == "word":
        from analysis.readers.word import read_word

        return read_word(data, origin, limits=limits)
    if form == "pdf":
        from analysis.readers.pdf import read_pdf

        return read_pdf(data, origin, limits=limits)
    from analysis.readers.plain_text import read_plain_text

    return read_plain_text(data, origin)


def _table(form: str, data: bytes, origin: Origin, asked: Asked) -> tuple[AnnotatedArticle, ...]:
    from analysis.readers import table_rows
    from analysis.readers.table import read_table

    limits = asked.options.limits
    if form in ("csv", "tsv"):
        rows = table_rows.csv_rows(data, origin, limits=limits, tabs=form == "tsv")
    elif form == "jsonl":
        rows = table_rows.json_rows(data, origin)
    elif form == "parquet":
        rows = table_rows.parquet_rows(data, origin, limits=limits)
    else:
        rows = table_rows.excel_rows(data, origin, limits=limits)
    return read_table(rows, origin, columns=asked.options.columns, limits=limits)
