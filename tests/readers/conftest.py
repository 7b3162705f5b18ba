"""Builders of small files in the packed and binary forms, all text of our own."""

import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest

from analysis.errors import InputError
from analysis.readers.anchors import Origin
from analysis.types import Kind

FORMATS = Path(__file__).parents[1] / "seeds" / "formats"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
W15 = "http://schemas.microsoft.com/office/word/2012/wordml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"


def zipped(members):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, text in members.items():
            entry = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            pack.writestr(entry, text)
    return data.getvalue()


def run(text):
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def docx(paragraphs, comments=(), core="", notes=()):
    """Build a Word file.

    `paragraphs` are texts or body XML; `comments` are (text, author, parent number or
    None); the XML `<w:commentRangeStart w:id="0"/>` and its end set their anchors.
    `notes` are the XML within `footnotes` and `endnotes`.
    """
    body = "".join(p if p.startswith("<w:") else f"<w:p>{run(p)}</w:p>" for p in paragraphs)
    entries, extended = [], []
    for number, (text, author, parent) in enumerate(comments):
        lines = text.split("\n")
        inner = "".join(
            f'<w:p w14:paraId="{number:04X}{line:04X}">{run(words)}</w:p>'
            for line, words in enumerate(lines)
        )
        entries.append(
            f'<w:comment w:id="{number}" w:author={quoteattr(author)}>{inner}</w:comment>'
        )
        last = f"{number:04X}{len(lines) - 1:04X}"
        of = ""
        if parent is not None:
            of = (
                f' w15:paraIdParent="{parent:04X}{len(comments[parent][0].split(chr(10))) - 1:04X}"'
            )
        extended.append(f'<w15:commentEx w15:paraId="{last}"{of}/>')
    spaces = f'xmlns:w="{W}" xmlns:w14="{W14}" xmlns:w15="{W15}"'
    related = "".join(
        f'<Relationship Id="r{n}" Type="{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(
            [
                (f"{OFFICE}/comments", "comments.xml"),
                ("http://schemas.microsoft.com/office/2011/relationships/commentsExtended",
                 "commentsExtended.xml"),
                *((f"{OFFICE}/{name}", f"{name}.xml") for name in notes),
            ]
        )
    )  # fmt: skip
    members = {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"/>',
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r" '
        f'Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"<w:document {spaces}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{RELATIONS}">{related}'
        "</Relationships>",
        "word/comments.xml": f"<w:comments {spaces}>{''.join(entries)}</w:comments>",
        "word/commentsExtended.xml": f"<w15:commentsEx {spaces}>{''.join(extended)}"
        "</w15:commentsEx>",
    }
    for name in notes:
        members[f"word/{name}.xml"] = f"<w:{name} {spaces}>{notes[name]}</w:{name}>"
    if core:
        members["docProps/core.xml"] = core
    return zipped(members)


def anchored(number, text):
    """Return the XML of a run that a comment is anchored on."""
    return (
        f'<w:commentRangeStart w:id="{number}"/>{run(text)}<w:commentRangeEnd w:id="{number}"/>'
        f'<w:r><w:commentReference w:id="{number}"/></w:r>'
    )


def pdf_text(text):
    return "<FEFF" + text.encode("utf-16-be").hex() + ">"


def pdf(pages, size=11, left=72, top=760, leading=14):
    """Build a PDF; a page is (lines, annotations).

    A line is a text or (text, size) or None for a gap; an annotation is a dict of
    `subtype`, `contents`, `who`, `line`, `from`, `to`, `reply` (a number on the page), `bare`
    (no QuadPoints) and `raw` (further entries). A third part of a page may say how it is shown
    (`rotate`) and drawn (`turn`), in degrees.
    """
    objects = {1: "<< /Type /Catalog /Pages 2 0 R >>"}
    objects[3] = "<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>"
    kids, number = [], 4
    for lines, annotations, *more in pages:
        shown = {"rotate": 0, "turn": 0, **(more[0] if more else {})}

        def at(across, up, turn=shown["turn"]):
            return {0: (across, up), 90: (612 - up, across), 180: (612 - across, 792 - up),
                    270: (up, 792 - across)}[turn]  # fmt: skip

        matrix = {0: "1 0 0 1", 90: "0 1 -1 0", 180: "-1 0 0 -1", 270: "0 -1 1 0"}[shown["turn"]]
        page, content = number, number + 1
        number += 2
        drawn, y, places = [], top, []
        for line in lines:
            text, points = line if isinstance(line, tuple) else (line, size)
            places.append(y)
            if text is not None:
                safe = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
                x, up = at(left, y)
                drawn.append(f"BT /F1 {points} Tf {matrix} {x} {up} Tm ({safe}) Tj ET")
            y -= leading * max(1, points / size)
        references = []
        first = number
        for note in annotations:
            line_y = places[note.get("line", 0)]
            width = 0.6 * size
            text = lines[note.get("line", 0)]
            text = text[0] if isinstance(text, tuple) else text
            low = left + width * note.get("from", 0)
            high = left + width * note.get("to", len(text or ""))
            corners = [at(x, y) for y in (line_y + 9, line_y - 3) for x in (low, high)]
            across, up = zip(*corners, strict=True)
            box = f"{min(across):.2f} {min(up):.2f} {max(across):.2f} {max(up):.2f}"
            quads = " ".join(f"{x:.2f} {y:.2f}" for x, y in corners)
            quads = "" if note.get("bare") else f"/QuadPoints [{quads}]"
            reply = f"/IRT {first + note['reply']} 0 R" if "reply" in note else ""
            objects[number] = (
                f"<< /Type /Annot /Subtype /{note.get('subtype', 'Highlight')} /Rect [{box}] "
                f"{quads} /Contents {pdf_text(note.get('contents', ''))} "
                f"/T {pdf_text(note.get('who', ''))} {reply} {note.get('raw', '')} >>"
            )
            references.append(f"{number} 0 R")
            number += 1
        stream = "\n".join(drawn)
        objects[content] = (
            f"<< /Length {len(stream.encode('cp1252'))} >>\nstream\n{stream}\nendstream"
        )
        objects[page] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {content} 0 R "
            f"/Rotate {shown['rotate']} "
            f"/Resources << /Font << /F1 3 0 R >> >> /Annots [{' '.join(references)}] >>"
        )
        kids.append(f"{page} 0 R")
    objects[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    return _pdf_file(objects)


def _pdf_file(objects):
    out, offsets = bytearray(b"%PDF-1.7\n"), {}
    for number in sorted(objects):
        offsets[number] = len(out)
        out += f"{number} 0 obj\n{objects[number]}\nendobj\n".encode("cp1252")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    for number in sorted(objects):
        out += f"{offsets[number]:010d} 00000 n \n".encode()
    out += (
        f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    )
    return bytes(out)


class Make:
    """The builders, as one fixture."""

    docx = staticmethod(docx)
    pdf = staticmethod(pdf)
    zipped = staticmethod(zipped)
    anchored = staticmethod(anchored)
    run = staticmethod(run)


class Check:
    """What holds for the reading of any form."""

    @staticmethod
    def lossless(article):
        at = 0
        for block in article.blocks:
            assert not article.raw[at : block.start].strip()
            assert article.raw[block.start : block.end] == block.text
            assert block.start <= block.body[0] <= max(block.body) <= block.end
            at = block.end
        assert not article.raw[at:].strip()

    @classmethod
    def reading(cls, reading):
        """Check the spans and that each anchor is of a commentary and on the article."""
        article = reading.article
        cls.lossless(article)
        blocks = {block.block_id: block for block in article.blocks}
        assert len(blocks) == len(article.blocks)
        for anchor in reading.anchors:
            assert blocks[anchor.block_id].kind is Kind.COMMENTARY
            assert blocks[anchor.block_id].lead
            assert not anchor.reply_to or blocks[anchor.reply_to].lead
            for start, end in anchor.answers:
                (holder,) = [b for b in article.blocks if b.start <= start < b.end]
                assert start < end <= holder.end
                assert holder.kind not in (Kind.COMMENTARY, Kind.CITATION)
            if anchor.unplaced:
                assert not anchor.answers
                assert not anchor.reply_to
                behind = [b.kind for b in article.blocks if b.start > blocks[anchor.block_id].end]
                assert set(behind) <= {Kind.COMMENTARY, Kind.CITATION}

    @staticmethod
    def unless_empty(reader, *given):
        """Return what a reader gives, None where it says that there is no text."""
        try:
            return reader(*given)
        except InputError as error:
            if "found no text" in str(error) or "found no rows" in str(error):
                return None
            raise

    @staticmethod
    def told(reading):
        """Return each anchored comment as (words, answered texts, who, words replied to)."""
        raw = reading.article.raw
        said = {b.block_id: raw[slice(*b.body)] for b in reading.article.blocks}
        return [
            (
                said[a.block_id],
                [raw[s:e] for s, e in a.answers],
                a.commentator,
                said.get(a.reply_to, ""),
            )
            for a in reading.anchors
        ]

    @staticmethod
    def unplaced(reading):
        """Return the words of the comments to which the file gives no place."""
        said = {b.block_id: reading.article.raw[slice(*b.body)] for b in reading.article.blocks}
        return [said[anchor.block_id] for anchor in reading.anchors if anchor.unplaced]

    @staticmethod
    def kinds(reading):
        return [(block.kind.value, block.text) for block in reading.article.blocks]


@pytest.fixture(scope="session")
def make():
    return Make


@pytest.fixture(scope="session")
def check():
    return Check


@pytest.fixture(scope="session")
def origin():
    return Origin("a file", "a")


@pytest.fixture(scope="session")
def formats():
    return FORMATS
