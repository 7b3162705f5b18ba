"""PDF: the text with its highlights and notes, by PDFium.

The steps: pages -> lines -> paragraphs -> pieces; a highlight's rectangles -> the
words under them -> the span that its note answers.
"""

from collections.abc import Sequence
from contextlib import closing

import pypdfium2
import pypdfium2.raw as raw

from analysis.errors import InputError, one_line
from analysis.readers.anchors import AnnotatedArticle, Origin
from analysis.readers.assembly import assemble
from analysis.readers.pdf_lines import Line, PageText, Place, paragraphs, without_running_heads
from analysis.readers.pdf_notes import Note, page_notes, words_under
from analysis.readers.placement import Comment
from analysis.readers.progress import shown_progress


def read_pdf(data: bytes, origin: Origin) -> AnnotatedArticle:
    """Read a PDF with its annotations.

    Raises:
        InputError: it is damaged, has a password, has no text, is past one of the
            limits, or replies run in a circle.
    """
    try:
        with closing(pypdfium2.PdfDocument(data)) as document:
            return _reading(document, origin)
    except pypdfium2.PdfiumError as error:
        raise _unreadable(str(error), origin) from None


def _unreadable(message: str, origin: Origin) -> InputError:
    if "password" in message.lower():
        return origin.error("a password", "an open PDF, save it without")
    return origin.error(
        f"a PDF that cannot be read ({one_line(message)[:80]})", "a whole one, save it again"
    )


def _reading(document: pypdfium2.PdfDocument, origin: Origin) -> AnnotatedArticle:
    origin.check_limit("pages", len(document), "pages", "split the document")
    pages: list[list[Line]] = []
    notes: list[Note] = []
    size = boxes = 0
    limits = origin.limits
    for number in shown_progress(len(document), "page", origin.path):
        with closing(document[number]) as page, closing(PageText(page)) as text:
            pages.append(text.lines(number))
            size += sum(len(line.text) for line in pages[-1])
            if not pages[-1] and _has_image(page):
                origin.leave_out("pages that are images only")
            left = limits.annotations + 1 - len(notes)
            found = page_notes(page, text, number, len(notes), left, origin)
            notes += found
            boxes += sum(len(note.boxes) for note in found)
            many = len(notes) > limits.annotations or boxes > 10 * limits.annotations
            if many or size > limits.characters:
                raise InputError(
                    f"{origin.path}: page {number + 1}: found more than {limits.annotations:,} "
                    f"annotations or {limits.characters:,} characters; expected fewer, split the "
                    "document"
                )
            for note in found:
                note.words = words_under(text, pages[-1], note)
    if not size:
        said = sum(bool(note.text.strip()) for note in notes)
        raise origin.error(
            f"no text in {len(pages)} pages" + f" but {said:,} comments on them" * bool(said),
            "the text that the comments are on, run text recognition (OCR) on the pages alone"
            if said
            else "text and not pictures of it, run text recognition (OCR) first",
        )
    pieces, places = paragraphs(without_running_heads(pages), origin)
    comments = [_comment(note, places, pages) for note in notes]
    return assemble(pieces, comments, origin, about=_about(document))


def _has_image(page: pypdfium2.PdfPage) -> bool:
    return any(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4))


def _comment(note: Note, places: dict[Line, Place], pages: Sequence[list[Line]]) -> Comment:
    """Return a note as a comment on the words that it lies on, or after the line beside it."""
    starts, ends = [], []
    for line, low, high in note.words:
        if line in places:
            starts.append(places[line].start + low)
            ends.append(min(places[line].end, places[line].start + high))
    if starts and min(starts) < max(ends):
        return Comment(note.text, note.commentator, (min(starts), max(ends)), parent=note.parent)
    after = _beside(note, places, pages)
    return Comment(note.text, note.commentator, after=after, parent=note.parent)


def _beside(note: Note, places: dict[Line, Place], pages: Sequence[list[Line]]) -> int:
    """Return the end of the line nearest to a note, on its page or the last one before."""
    for number in range(note.page, -1, -1):
        lines = [line for line in pages[number] if line in places]
        if lines and number == note.page:
            return places[min(lines, key=lambda line: abs(line.middle - note.middle))].end
        if lines:
            return max(places[line].end for line in lines)
    return 0


def _about(document: pypdfium2.PdfDocument) -> dict[str, str]:
    facts = {"author": "Author", "date": "CreationDate"}
    found = {fact: document.get_metadata_value(key) for fact, key in facts.items()}
    clean = {
        fact: " ".join("".join(c for c in value if c.isprintable()).split())[:500]
        for fact, value in found.items()
    }
    return {fact: value for fact, value in clean.items() if value}
