"""Made PDF, Word and annotation files for `fuzz_readers.py`: sound in form, odd in what they hold.

Each file has the structures that programs write: annotations that are grouped, turned, rich or
states in PDF; embedded parts, tracked changes, boxes, notes and threads in Word; bodies, choices,
ranges and Markdown in annotations. References may lead nowhere, or round in a circle.
"""

import json
import random
import runpy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
WORDS = (
    "the council voted on Monday to close the old ferry for good, Mayor Holt said; Comment: no. "
    "“never” [Anna: so?] Note: > a * b & <i>c</i> Größe 渡し船 العبّارة \u00ad\u200b \u202e x\ny "
    "_Marked as resolved_ 05/11/2021"
).split(" ")
IDS = ("a", "b", "c", "", "urn:x", "zz")
TEXT = (
    "It rained.\n\nThe river rose, and nobody had asked for a dam.\n\nComment: So it did.\n\n"
    "It ended."
)


def made(name: str, chance: random.Random) -> bytes:
    """Return a made file of a kind of `KINDS`."""
    return KINDS[name](chance)


@cache
def _build() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "tests" / "readers" / "conftest.py"))


def _words(chance: random.Random, most: int = 12) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(chance.randrange(most + 1)))


# --- PDF


def made_pdf(chance: random.Random) -> bytes:
    """Return a PDF of a few pages."""
    return _build()["pdf"]([_pdf_page(chance) for _ in range(chance.choice((1, 1, 2, 4)))])


def _pdf_page(chance: random.Random) -> tuple:
    lines: list[Any] = []
    for _ in range(chance.randrange(9)):
        text = _words(chance).replace("\n", " ").encode("cp1252", "replace").decode("cp1252")
        sized = (text, chance.choice((6, 14, 20)))
        lines.append(chance.choice((text, text, text, None, sized)))
    lines = lines or [None]
    notes = [_pdf_note(chance, len(lines), n) for n in range(chance.choice((0, 1, 2, 3, 6)))]
    turns = {
        "rotate": chance.choice((0, 0, 90, 180, 270, 45, -90)),
        "turn": 90 * chance.randrange(4),
    }
    return lines, notes, turns if chance.random() < 0.4 else {}


def _pdf_note(chance: random.Random, lines: int, number: int) -> dict[str, Any]:
    kinds = "Highlight Underline Squiggly StrikeOut Caret Text FreeText Popup Link Stamp Ink Nope"
    raw = chance.sample(_PDF_ENTRIES, chance.randrange(4))
    note = {
        "subtype": chance.choice(kinds.split()),
        "contents": _words(chance) if chance.random() < 0.7 else "",
        "who": chance.choice(("Ana", "", "Bo \u202e")),
        "line": chance.randrange(lines),
        "from": chance.choice((0, 4, 200)),
        "to": chance.choice((1, 9, 40, -3)),
        "bare": chance.random() < 0.3,
        "raw": " ".join(raw),
    }
    if chance.random() < 0.4:
        note["reply"] = chance.choice((number, number - 1, number + 1, 0, 99, -4))
    return note


_PDF_ENTRIES = (
    "/RC (<?xml version=\"1.0\"?><body><p>It is <b>not</b></p><p>so</p></body>)", "/RC (<body)",
    "/RC 7", "/Popup << /Type /Annot /Subtype /Popup /Contents (Never.) >>", "/Popup 4 0 R",
    "/StateModel (Review) /State (Accepted)", "/StateModel /Marked", "/RT /Group", "/RT (Group)",
    "/RT /R", "/IT /Replace", "/F 30", "/F -1", "/IRT 5 0 R", "/QuadPoints [1 2 3]",
    "/QuadPoints [0 0 900 0 0 900 900 900 -1 -1 -1 -1 -1 -1 -1 -1]", "/Rect [9 9 1 1]", "/Rect []",
    "/Contents <FEFFD800>", "/Contents [1]", "/T 3", "/Parent 2 0 R",
)  # fmt: skip


# --- Word


def made_word(chance: random.Random, depth: int = 0) -> bytes:
    """Return a Word file, perhaps with others embedded in it."""
    build, comments = _build(), chance.randrange(5)
    paragraphs = [_word_block(chance, comments) for _ in range(chance.randrange(1, 7))]
    said = [
        (
            chance.choice((_words(chance), _words(chance), "_Assigned to Bo_", "No.\n_Re-opened_")),
            chance.choice(("Ana", "", "Bo")),
            _above(chance, number, comments),
        )
        for number in range(comments)
    ]
    notes = {
        kind: f'<w:{kind[:-1]} w:id="1">{_word_block(chance, comments)}</w:{kind[:-1]}>'
        for kind in ("footnotes", "endnotes")
        if chance.random() < 0.3
    }
    data = build["docx"](paragraphs, said, notes=notes)
    return _embedded(chance, data, depth) if chance.random() < 0.4 else data


def _above(chance: random.Random, number: int, count: int) -> int | None:
    """Return what a comment replies to: nothing, one before it, now and then any."""
    any_other = range(count) if chance.random() < 0.05 else range(number)
    return chance.choice((None, *any_other))


def _word_block(chance: random.Random, comments: int) -> str:
    kind = chance.random()
    if kind < 0.1:
        cells = "".join(f"<w:tc>{_word_paragraph(chance, comments)}</w:tc>" for _ in range(2))
        return f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    if kind < 0.2:
        space = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        return f'<w:altChunk xmlns:r="{space}" r:id="chunk{chance.randrange(4)}"/>'
    return _word_paragraph(chance, comments)


def _word_paragraph(chance: random.Random, comments: int, depth: int = 0) -> str:
    style = chance.choice(("Title", "Heading1", "Caption", "", "", "", ""))
    head = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    if chance.random() < 0.05:
        head = "<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>"
    parts = [_word_part(chance, comments, depth) for _ in range(chance.randrange(6))]
    return f"<w:p>{head}{''.join(parts)}</w:p>"


def _word_part(chance: random.Random, comments: int, depth: int) -> str:
    which = chance.randrange(comments + 1)
    run = f"<w:r><w:t>{escape(_words(chance))}</w:t></w:r>"
    box = _word_paragraph(chance, comments, depth + 1) if depth < 3 else ""
    return chance.choice((
        run, run, run, f'<w:commentRangeStart w:id="{which}"/>',
        f'<w:commentRangeEnd w:id="{which}"/>', f'<w:r><w:commentReference w:id="{which}"/></w:r>',
        f"<w:ins>{run}</w:ins>",
        f"<w:del>{run}</w:del>", "<w:r><w:br/><w:tab/><w:noBreakHyphen/></w:r>",
        '<w:r><w:footnoteReference w:id="1"/></w:r>', '<w:r><w:endnoteReference w:id="9"/></w:r>',
        f"<w:r><w:txbxContent>{box}</w:txbxContent></w:r>", f"<w:hyperlink>{run}</w:hyperlink>",
    ))  # fmt: skip


def _embedded(chance: random.Random, data: bytes, depth: int) -> bytes:
    """Return a Word file with parts that its body may refer to."""
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        members: dict[str, Any] = {name: pack.read(name) for name in pack.namelist()}
    inner = made_word(chance, depth + 1) if depth < 3 else b"PK\x03\x04"
    parts = [
        ("a.htm", f"<p>{_words(chance)}</p><div>{_words(chance)}<br>".encode("utf-8", "replace")),
        ("b.txt", _words(chance).encode("utf-8", "replace")), ("c.docx", inner),
        ("d.rtf", b"{\\rtf1 no}"), ("e.htm", b"\xff\x00<p>"), ("f.docx", b"PK\x03\x04 no"),
    ]  # fmt: skip
    related = ""
    for number, (name, part) in enumerate(chance.sample(parts, 4)):
        members[f"word/{name}"] = part
        target = chance.choice((name, name, name, f"../word/{name}", "../../x", "gone.htm"))
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk"
        related += f'<Relationship Id="chunk{number}" Type="{kind}" Target="{target}"/>'
    rels, end = "word/_rels/document.xml.rels", b"</Relationships>"
    members[rels] = members[rels].replace(end, related.encode() + end)
    return _build()["zipped"](members)


# --- annotations


def made_annotations(chance: random.Random) -> bytes:
    """Return a file of annotations, with its text in it or not."""
    rows = [_row(chance, number) for number in range(chance.randrange(7))]
    if chance.random() < 0.3:
        return json.dumps(rows).encode()
    head = {"text": TEXT, "language": chance.choice(("en", "de-AT", "", 7))}
    page = {chance.choice(("items", "rows", "annotations")): rows}
    return json.dumps(
        page | ({"counterpoint:article": head} if chance.random() < 0.5 else {})
    ).encode()


def _row(chance: random.Random, number: int) -> dict[str, Any]:
    own = f"r{number}" if chance.random() < 0.9 else chance.choice(IDS)
    row: dict[str, Any] = {"id": own, "target": _several(chance, _target)}
    above = (f"r{n}" for n in range(number + (chance.random() < 0.05)))
    if chance.random() < 0.6:
        row["body"] = _several(chance, _body)
    else:
        row["text"] = _markdown(chance)
    more = {
        "creator": _creator(chance), "hidden": chance.choice((True, False, "yes")),
        "references": [*chance.sample(IDS, chance.randrange(3)), *above],
        "user": chance.choice(("acct:ana@h", "", 5)), "bodyValue": _words(chance),
        "motivation": chance.choice(("commenting", "classifying", "replying")),
        "user_info": {"display_name": chance.choice(("Ana", None))},
    }  # fmt: skip
    return row | {key: more[key] for key in chance.sample(sorted(more), chance.randrange(5))}


def _several(chance: random.Random, make: Callable[[random.Random], Any]) -> Any:
    count = chance.choice((1, 1, 1, 0, 2, 3))
    return make(chance) if count == 1 else [make(chance) for _ in range(count)]


def _creator(chance: random.Random) -> Any:
    names = ("Ana", "", ["Bo", "Eve"], None, 3)
    known = {key: chance.choice(names) for key in ("name", "nickname", "id")}
    return chance.choice(("https://a.example/bo", [known, "Eve"], known, None, []))


def _body(chance: random.Random, depth: int = 0) -> Any:
    if chance.random() < 0.1:
        return chance.choice(("words", None, 4, [], {}))
    body: dict[str, Any] = {
        "type": chance.choice(("TextualBody", "Choice", "List", "SpecificResource", 1)),
        "value": _markdown(chance), "source": "https://a.example/x",
        "purpose": chance.choice(("commenting", "replying", "tagging", "linking")),
        "format": chance.choice(("text/html", "text/markdown", "text/plain", "")),
        "language": chance.choice(("en", ["de", "en-GB"], None)), "creator": _creator(chance),
    }  # fmt: skip
    if depth < 3:
        body["items"] = [_body(chance, depth + 1) for _ in range(chance.randrange(3))]
    return {key: body[key] for key in chance.sample(sorted(body), chance.randrange(2, len(body)))}


def _target(chance: random.Random) -> Any:
    if chance.random() < 0.2:
        return chance.choice((*IDS, None, 5, {}))
    target = {"source": chance.choice((*IDS, {"id": "x"})), "selector": _several(chance, _selector)}
    return target | ({"id": chance.choice(IDS)} if chance.random() < 0.3 else {})


def _selector(chance: random.Random, depth: int = 0) -> Any:
    start, length = chance.randrange(-2, len(TEXT) + 5), chance.randrange(-3, 40)
    quoted = TEXT[max(0, start) : max(0, start) + max(0, length)]
    found: dict[str, Any] = chance.choice((
        {"type": "TextQuoteSelector", "exact": chance.choice((quoted, quoted, _words(chance), ""))},
        {"type": "TextPositionSelector", "start": start, "end": start + length},
        {"type": "TextPositionSelector", "start": "1", "end": 1e30},
        {"type": "FragmentSelector", "value": f"char={start},{start + length}"},
        {"type": "FragmentSelector", "value": ":~:text=river"},
        {"type": "XPathSelector", "value": "/p"},
        {"type": "CssSelector", "value": "p"}, {"type": "RangeSelector", "startContainer": "/p[1]"},
        "nothing", None,
    ))  # fmt: skip
    if depth < 4 and chance.random() < 0.3:
        edges = {f"{edge}Selector": _selector(chance, depth + 1) for edge in ("start", "end")}
        return {"type": "RangeSelector", **edges}
    if depth < 4 and isinstance(found, dict) and chance.random() < 0.2:
        return found | {"refinedBy": _selector(chance, depth + 1)}
    return found


def _markdown(chance: random.Random) -> str:
    marks = (
        "> ", "\n\n", "- ", "1. ", "**", "[", "](x)", "![", "<a href='x'>", "`", "\n> ", "# ",
        "&amp;", "<!--", "$$", "|", "---\n",
    )  # fmt: skip
    count = chance.randrange(8)
    return "".join(
        chance.choice((chance.choice(marks), _words(chance, 4) + " ")) for _ in range(count)
    )


KINDS: dict[str, Callable[[random.Random], bytes]] = {
    "made-pdf": made_pdf,
    "made-word": made_word,
    "made-annotations": made_annotations,
}
