"""The format of a file, by its first bytes and its name, and the reader of each."""

import io
import re
import zipfile
from importlib import import_module
from pathlib import PurePath

from analysis.errors import InputError
from analysis.readers import hypothesis_text
from analysis.readers.anchors import AnnotatedArticle, Origin, TextBeside
from analysis.readers.columns import Columns

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

# The reader of each format that holds one article, loaded on first use.
_READERS = {
    "plain": ("plain_text", "read_plain_text"),
    "markdown": ("markdown", "read_markdown"),
    "html": ("html_page", "read_html"),
    "annotations": ("annotations", "read_annotations"),
    "word": ("word", "read_word"),
    "pdf": ("pdf", "read_pdf"),
}


def is_table(path: str) -> bool:
    """Tell by its name whether a file is a table, which may hold many articles."""
    return SUFFIXES.get(PurePath(path).suffix.lower()) in TABLES


def detect_format(data: bytes, path: str) -> str:
    """Return the format of a file, by its content where that is clear, else by its name.

    Raises:
        InputError: no reader takes the format of the content.
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
    if named == "plain" and hypothesis_text.is_export(data):
        return "hypothesis"
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


def read_data(
    data: bytes,
    origin: Origin,
    *,
    columns: Columns | None = None,
    text_beside: TextBeside | None = None,
) -> tuple[AnnotatedArticle, ...]:
    """Read the articles in a file's bytes.

    Args:
        data: the file.
        origin: where it comes from.
        columns: the columns of a table, as in `ReadOptions`.
        text_beside: returns the text that annotations are on, given the names of its sources.

    Raises:
        InputError: it cannot be read as an annotated article; one line says why.
    """
    format = detect_format(data, origin.path)
    if format in ("html", "hypothesis", *TEXTS):
        limit = "page_bytes" if format == "html" else "text_bytes"
        origin.check_limit(limit, len(data), "bytes", "split the file")
    if format in TABLES or format == "hypothesis":
        from analysis.readers.table import read_table
        from analysis.readers.table_rows import table_cells

        cells = table_cells(data, format, origin)
        return read_table(cells, origin, columns=columns)
    module, name = _READERS[format]
    reader = getattr(import_module(f"analysis.readers.{module}"), name)
    beside = {"text_beside": text_beside} if format == "annotations" else {}
    return (reader(data, origin, **beside),)
