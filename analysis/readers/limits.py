"""The limits above which a file is refused; each is a field with a safe default."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of what is read, so that no file can fill the memory or run for hours.

    Sizes are bytes, the rest are counts. `links` lets a symbolic link lead out of its
    folder; `ratio` is how many bytes a packed one may become, once past a megabyte.
    """

    text_bytes: int = 1_000_000  # of plain text and Markdown
    page_bytes: int = 10_000_000  # of a web page
    file_bytes: int = 50_000_000  # of any other format
    unpacked_bytes: int = 100_000_000
    ratio: int = 200
    members: int = 2_000  # files in a .docx or .xlsx
    elements: int = 100_000  # of a web page
    annotations: int = 20_000  # comments, replies and highlights of one article
    rows: int = 200_000  # of a table
    cells: int = 4_000_000
    pages: int = 2_000
    characters: int = 2_000_000  # of an article with its commentary
    fuzzy_work: int = 20_000_000_000  # characters of quotations times characters searched
    download_bytes: int = 10_000_000  # of a page that is got from an address
    download_seconds: int = 60  # for all of it, redirects included
    links: bool = False


DEFAULT_LIMITS = Limits()
