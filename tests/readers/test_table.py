import csv
import io
import json
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment

from analysis.alignment.align import commentaries
from analysis.errors import InputError
from analysis.readers import read, read_all, read_with_anchors
from analysis.readers.anchors import Origin
from analysis.readers.excel import _filled
from analysis.readers.formats import read_data
from analysis.readers.limits import Limits
from analysis.readers.table import MergedCell, read_table
from analysis.types import Kind

P = "The council voted on Monday to build a new bridge over the harbour. It will cost forty million"
TITLE = "Council approves the harbour bridge"


@pytest.mark.parametrize("name", ["long.csv", "long.parquet"])
def test_a_comment_a_row(formats, check, name):
    reading = read_all(formats / name)[0]
    check.reading(reading)
    told = check.told(reading)
    assert [(who, bool(reply)) for _, _, who, reply in told] == [
        ("Ana", False), ("Bo", True), ("Ana", False),
    ]  # fmt: skip
    assert told[0][1][0].startswith(P)
    assert reading.article.title == TITLE
    assert len(reading.article.of_kind("paragraph")) == 3, "a passage of many rows stands once"


def test_many_articles_and_one_of_them(formats):
    readings = read_all(formats / "long.csv")
    assert [r.article.article_id for r in readings] == ["long-bridge", "long-ferry"]
    assert read(formats / "long.csv", article_id="long-ferry").title == "The ferry stops"
    with pytest.raises(InputError, match=r"found 2 articles \(long-bridge, long-ferry\)"):
        read(formats / "long.csv")
    with pytest.raises(InputError, match="expected 'long-boat'"):
        read(formats / "long.csv", article_id="long-boat")


def test_several_comment_columns(formats, check):
    reading = read_with_anchors(formats / "wide.tsv")
    check.reading(reading)
    assert [len(answers) for _, answers, _, _ in check.told(reading)] == [1, 1, 1, 1]


def test_whole_text_and_quotations(formats, check):
    reading = read_with_anchors(formats / "text_and_quotes.jsonl")
    check.reading(reading)
    assert [answers for _, answers, _, _ in check.told(reading)] == [
        ["voted on Monday"], ["work to the whole coast"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("whole", "passages", "unplaced"),
    [
        ("", ["It rained.", "", "It rained."], ["B"]),
        ("It rained. The river rose.", ["", "The river rose.", "Nobody came by."], ["A", "C"]),
    ],
)
def test_a_comment_on_no_passage_has_no_place(origin, check, whole, passages, unplaced):
    said = zip(passages, "ABC", strict=True)
    rows = [{"text": whole, "passage": p, "comment": c} for p, c in said]
    if not whole:
        rows = [{name: row[name] for name in ("passage", "comment")} for row in rows]
    (reading,) = read_table(rows, origin)
    check.reading(reading)
    assert check.unplaced(reading) == unplaced


def test_own_names_of_columns(formats, check):
    columns = {"passage": "Absatz", "comment": "Kommentar", "date": "Datum"}
    reading = read_with_anchors(formats / "own_columns.xlsx", columns=columns)
    check.reading(reading)
    assert len(reading.anchors) == 2
    assert reading.about["date"] == "2024-03-04"
    with pytest.raises(InputError, match="found the columns 'Title', 'Absatz'"):
        read(formats / "own_columns.xlsx")
    with pytest.raises(InputError, match="found no column 'Text'; expected one of 'Title'"):
        read(formats / "own_columns.xlsx", columns={"text": "Text"})
    with pytest.raises(InputError, match="found columns for 'txt'; expected one of article"):
        read(formats / "own_columns.xlsx", columns={"txt": "Text"})


@pytest.mark.parametrize(
    ("names", "above"),
    [(("article", "text"), ("dam", "It rained.")), (("text",), ("It rained.",)),
     (("title", "passage"), ("The dam", "It rained."))],
    ids=["article", "text", "title"],
)  # fmt: skip
def test_a_cell_filled_once_counts_for_the_rows_below(origin, check, names, above):
    given = [(*above, "A"), (*("" for _ in names), "B"), (*("New." for _ in names), "C")]
    rows = [dict(zip((*names, "comment"), row, strict=True)) for row in given]
    readings = read_table(rows, origin)
    said = [[b.text for b in r.article.of_kind(Kind.COMMENTARY)] for r in readings]
    assert said == [["Comment: A", "Comment: B"], ["Comment: C"]]
    assert [check.unplaced(r) for r in readings] == (
        [["B"], []] if "passage" in names else [["A", "B"], ["C"]]
    )


@pytest.mark.parametrize(
    ("rows", "titles"),
    [
        ([{"title": "Rain", "text": "It rained.", "comment": "A"},
          {"title": "Quay", "text": "", "passage": "The mayor spoke.", "comment": "B"}],
         ["Rain", "Quay"]),
        ([{"article": "a", "title": "Rain", "passage": "It rained.", "comment": "A"},
          {"article": "", "title": "Quay", "passage": "The mayor spoke.", "comment": "B"},
          {"article": "", "title": "", "passage": "He left.", "comment": "C"}],
         ["Rain", "Quay"]),
        ([{"url": "http://a.b", "text": "It rained.", "passage": "It rained.", "comment": "A"},
          {"url": "http://c.d", "text": "", "passage": "The mayor spoke.", "comment": "B"}],
         ["a-1", "a-2"]),
        ([{"article": "a", "title": "Rain", "passage": "It rained.", "comment": "A"},
          {"article": "a", "title": "", "passage": "He left.", "comment": "B"},
          {"article": "", "title": "Rain", "passage": "It snowed.", "comment": "C"}],
         ["Rain"]),
        ([{"title": "Rain", "text": "It rained. It poured.", "comment": "A"},
          {"title": "Quay", "text": "The mayor spoke. He left.", "comment": "B"},
          {"title": "Rain", "text": "", "comment": "C"},
          {"title": "Quay", "text": "", "comment": "D"},
          {"title": "", "text": "", "comment": "E"}],
         ["Rain", "Quay"]),
        ([{"title": t, "text": "", "passage": p, "comment": "A"}
          for t, p in (("Rain", "It rained."), ("Quay", "He left."), ("Rain", "It poured."))],
         ["Rain", "Quay"]),
        ([{"url": u, "passage": p, "comment": "A"}
          for u, p in (("", "It rained."), ("http://a.b", "He left."), ("http://c.d", "No."))],
         ["a-1", "a-2"]),
        ([{"article": i, "title": t, "passage": f"Of {t}.", "comment": "A"}
          for i, t in (("a", "Rain"), ("", "Quay"), ("b", "Dam"), ("", "Ship"))],
         ["Rain", "Quay", "Dam", "Ship"]),
        ([{"article": i, "title": t, "passage": f"It is {n}.", "comment": "A"}
          for n, (i, t) in enumerate((("a", "Rain"), ("b", "Dam"), ("a", ""), ("", "Rain")))],
         ["Rain", "Dam"]),
        ([{"article": "a", "text": "It rained.", "comment": "A"},
          {"article": "", "text": "He left.", "comment": "B"}],
         ["a-a", "a-2"]),
        ([{"article": "a", "title": "", "passage": "It rained.", "comment": "A"},
          {"article": "", "title": "Quay", "passage": "He left.", "comment": "B"}],
         ["a-a", "Quay"]),
    ],
    ids=["title", "title and id", "address", "the same again", "back to the first", "no text",
         "addresses alone", "one after the other", "back by its title", "text",
         "a title of its own"],
)  # fmt: skip
def test_a_row_that_tells_of_another_article_is_of_none_above(origin, check, rows, titles):
    found = read_table(rows, origin)
    for reading in found:
        check.reading(reading)
    assert [reading.article.title for reading in found] == titles
    passages = {row["passage"] for row in rows if row.get("passage")}
    assert passages <= {b.text for r in found for b in r.article.blocks}


def sheet(rows, *merged):
    book = openpyxl.Workbook()
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            if value is not None:
                book.active.cell(number, column, value)
    for cells in merged:
        book.active.merge_cells(cells)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_names_of_columns_may_be_merged_with_the_row_below(origin, check):
    rows = [("passage", "comment"), (None, None), ("It rained.", "No.")]
    data = sheet(rows, "A1:A2", "B1:B2")
    (reading,) = read_data(data, replace(origin, path="a.xlsx"))
    assert check.told(reading) == [("No.", ["It rained."], "", "")]
    assert [b.text for b in reading.article.blocks] == ["It rained.", "Comment: No."]


def test_only_what_is_merged_on_the_first_sheet_counts(origin, check):
    book = openpyxl.load_workbook(io.BytesIO(sheet([("passage", "comment"), ("A.", "a")])))
    book.active.append((None, "b"))
    book.create_sheet("notes").merge_cells("A2:A3")
    data = io.BytesIO()
    book.save(data)
    (reading,) = read_data(data.getvalue(), replace(origin, path="a.xlsx"))
    assert check.told(reading) == [("a", ["A."], "", ""), ("b", [], "", "")]


def test_a_merged_comment_is_said_once_and_on_its_own_article(origin, check):
    rows = [("title", "passage", "comment", "note"),
            ("Rain", None, "Twice.", None), ("Rain", "It rained.", None, "One."),
            ("Quay", "He left.", None, "Two."), ("Rain", "It poured.", None, None)]  # fmt: skip
    data = sheet(rows, "C2:C5")
    found = read_data(data, replace(origin, path="a.xlsx"), columns=(
        {"comment": ["comment", "note"]}))  # fmt: skip
    assert [check.told(reading) for reading in found] == [
        [("One.", ["It rained."], "", ""), ("Twice.", ["It rained.", "It poured."], "", "")],
        [("Two.", ["He left."], "", "")],
    ]


def test_a_comment_that_is_merged_into_another_article_is_not_of_it(origin, check):
    rows = [("title", "passage", "comment"), ("Rain", "It rained.", "One."),
            ("Quay", "He left.", "Two."), ("Rain", "It poured.", None)]  # fmt: skip
    found = read_data(sheet(rows, "C3:C4"), replace(origin, path="a.xlsx"))
    assert [check.told(reading) for reading in found] == [
        [("One.", ["It rained."], "", "")], [("Two.", ["He left."], "", "")],
    ]  # fmt: skip


def test_a_merged_comment_on_passages_that_lie_apart_is_on_the_first(origin, check):
    rows = [("text", "passage", "comment"), ("It rained. It poured. He left.", "It rained.", "No."),
            (None, "He left.", None)]  # fmt: skip
    (reading,) = read_data(sheet(rows, "A2:A3", "C2:C3"), replace(origin, path="a.xlsx"))
    assert check.told(reading) == [("No.", ["It rained."], "", "")]


def test_merged_cells_count_once(origin):
    shown = [
        {"text": "x" * 100},
        *({"text": MergedCell("x" * 100), "comment": "y"} for _ in range(9)),
    ]
    assert read_table(shown, replace(origin, limits=Limits(unpacked_bytes=109)))
    with pytest.raises(InputError, match="row 10: found more than 108 characters"):
        read_table(shown, replace(origin, limits=Limits(unpacked_bytes=108)))


MERGED = [
    ("text", "passage", "comment", "commentator", "date"),
    ("It rained.\n\nIt snowed.\n\nIt froze.", "It rained.", "No.", "Ana", datetime(2024, 3, 4)),
    (None, None, "Never.", None, None),
    (None, "It snowed.", "It did.", "Bo", None),
    (None, None, None, None, None),  # all of it merged, so that the file has no cell of it
    (None, "It froze.", None, None, None),
    (None, None, "At last.", None, None),
]


def test_merged_cells_are_of_all_their_rows(origin, check):
    data = sheet(MERGED, "A2:A7", "B2:B3", "D2:D3", "C4:C6", "B4:B5", "E2:E7")
    (reading,) = read_data(data, replace(origin, path="a.xlsx"))
    check.reading(reading)
    assert check.told(reading) == [
        ("No.", ["It rained."], "Ana", ""), ("Never.", ["It rained."], "Ana", ""),
        ("It did.", ["It snowed.", "It froze."], "Bo", ""), ("At last.", [], "", ""),
    ]  # fmt: skip
    assert check.unplaced(reading) == ["At last."], "what is below a merged range is not of it"
    assert reading.about["date"] == "2024-03-04"


def test_a_merged_cell_fills_the_empty_ones_below_it_and_no_more():
    rows = [("a", "b"), ("x", 1), (None, None), ("y", None), ("", None), (None, None)]
    filled = list(_filled(rows, {2: [(0, 5), (1, 3), (7, 9)], 9: [(0, 12)]}))
    assert [number for number, _ in filled] == [1, 2, 3, 4, 5, 6]
    assert [cells for _, cells in filled] == [
        ["a", "b"],
        ["x", 1],
        ["x", "1"],
        ["y", None],
        ["x", None],
        [None, None],
    ]
    assert [isinstance(row[0], MergedCell) for _, row in filled] == [
        False,
        False,
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize("ref", ["A2", "A2:XFD1048576", "A:A", "2:3", "B3:A2", "x"])
def test_any_merged_range_is_read_or_refused(origin, check, make, ref):
    with zipfile.ZipFile(io.BytesIO(sheet(MERGED, "A2:A7"))) as pack:
        members = {name: pack.read(name) for name in pack.namelist()}
    name = "xl/worksheets/sheet1.xml"
    members[name] = members[name].replace(b'ref="A2:A7"', f'ref="{ref}"'.encode())
    assert ref.encode() in members[name]
    data = make.zipped(members)
    if not ref.startswith("A2"):
        with pytest.raises(InputError, match="found an Excel file that cannot be read"):
            read_data(data, replace(origin, path="a.xlsx"))
        return
    found = read_data(data, replace(origin, path="a.xlsx"))
    for reading in found:
        check.reading(reading)
    comments = [b.text for r in found for b in r.article.of_kind(Kind.COMMENTARY)]
    assert comments == ["Comment: No.", "Comment: It did.", "Comment: Never.", "Comment: At last."]


def test_semicolons_and_quoted_line_ends(origin, check):
    data = b'text;comment\n"One; two.\n\nThree four five.";"No, no."\n'
    (reading,) = read_data(data, replace(origin, path="a.csv"))
    assert [b.text for b in reading.article.blocks] == [
        "One; two.", "Three four five.", "Comment: No, no.",
    ]  # fmt: skip


def test_a_list_in_a_cell_is_no_fault(origin, check):
    data = json.dumps({"text": "It rained.", "comment": "It poured.", "tags": ["a", {"b": 1}]})
    (reading,) = read_data(data.encode(), replace(origin, path="a.jsonl"))
    assert [said for said, *_ in check.told(reading)] == ["It poured."]


cell = st.text(alphabet="abc dE.,;\"'\n\té", max_size=20)


@given(st.lists(st.tuples(cell, cell), min_size=1, max_size=6))
def test_nothing_is_lost_or_doubled(origin, check, rows):
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["passage", "comment"])
    writer.writerows(rows)
    lines = "".join(json.dumps({"passage": p, "comment": c}) + "\n" for p, c in rows)
    for name, data in (("a.csv", file.getvalue()), ("a.jsonl", lines)):
        found = check.unless_empty(read_data, data.encode(), replace(origin, path=name))
        if found is None:
            assert not "".join(p + c for p, c in rows).strip()
            continue
        (reading,) = found
        check.reading(reading)
        passages = [p.strip() for p, _ in rows if p.strip()]
        passages = list(dict.fromkeys(passages))  # a passage is one paragraph wherever it recurs
        said = [c for _, c in rows if c.strip()]
        parts = [b.text for b in reading.article.blocks if b.kind not in ("commentary", "citation")]
        notes = [b.text for b in reading.article.blocks if b.kind in ("commentary", "citation")]
        assert "".join("".join(parts).split()) == "".join("".join(passages).split())
        noted = sorted("".join(notes).replace("Comment:", ""))
        assert "".join(noted).split() == "".join(sorted("".join(said))).split()


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.csv", b"text,comment\na,b,c", "line 2: found 3 cells; expected 2"),
        ("a.csv", b'text,comment\n"a,b', "line 2: found a broken row"),
        ("a.csv", b"text,text\na,b", "found the column 'text' twice"),
        ("a.csv", b"text,comment\n", "no rows"),
        ("a.csv", b"a,b\nc,d", r"found the columns 'a', 'b'.*-p columns comment=NAME"),
        ("a.jsonl", b'{"text": "x"}\n[1]', "line 2: found no JSON object"),
        ("a.jsonl", b'{"text": "\\ud800"}', "half of a surrogate pair"),
        ("a.jsonl", b'{"text": "' + b"[" * 99 + b'"}\n' + b"[" * 99_999, "line 2"),
        ("a.parquet", b"PAR1" + b"x" * 50, "Parquet that cannot be read"),
        ("a.parquet", b"text", "found no Parquet file in it"),
        ("a.xlsx", b"PK\x03\x04" + b"x" * 50, "a damaged file"),
    ],
)
def test_unusable_table_gets_one_line(origin, name, data, says):
    with pytest.raises(InputError, match=says) as caught:
        read_data(data, replace(origin, path=name))
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


def test_limits(origin):
    rows = [{"text": "So.", "comment": "No."}] * 5
    with pytest.raises(InputError, match="at most 4 rows"):
        read_table(rows, replace(origin, limits=Limits(rows=4)))
    with pytest.raises(InputError, match="found 5 comments on one article; expected at most 3"):
        read_table(rows, replace(origin, limits=Limits(annotations=3)))


def noted(rows, notes, *others):
    """Build a sheet with notes by cell, and other sheets by their notes."""
    book = openpyxl.load_workbook(io.BytesIO(sheet(rows)))
    for cell, (text, author) in notes.items():
        book.active[cell].comment = Comment(text, author)
    for number, more in enumerate(others):
        other = book.create_sheet(f"other {number}")
        for cell, text in more.items():
            other[cell] = "words"
            other[cell].comment = Comment(text, "Eve")
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def excel(data):
    return read_data(data, Origin("a.xlsx", "a", left_out=Counter()))[0]


def test_notes_on_cells_of_every_role(check):
    rows = [("passage", "comment", "commentator"), ("It rained.", "No.", "Ann"),
            ("He left.", None, None)]  # fmt: skip
    notes = {"A1": ("Names.", "Eve"), "A3": ("Tom:\nDid he?", "Tom"), "B2": ("Why?", "Bo"),
             "C3": ("Who?", "Eve"), "A9": ("Nowhere.", "Eve"), "E2": ("No.", "Eve")}  # fmt: skip
    reading = excel(noted(rows, notes, {"A1": "one"}, {"B2": "two", "B3": "three"}))
    check.reading(reading)
    assert check.told(reading) == [
        ("No.", ["It rained."], "Ann", ""),
        ("Why?", ["It rained."], "Bo", "No."),
        ("Did he?", ["He left."], "Tom", ""),
        ("Who?", ["He left."], "Eve", ""),
        ("Nowhere.", [], "Eve", ""),
    ]
    assert dict(reading.article.left_out) == {
        "other sheets": 2, "notes of other sheets": 3, "notes on the names of columns": 1,
        "notes on cells of columns without a name": 1,
    }  # fmt: skip


def test_threaded_comments_of_excel(check, make):
    data = noted(
        [("passage",), ("It rained.",)], {"A2": ("[Threaded comment] Get Excel.", "tc={1}")}
    )
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        members = {name: pack.read(name) for name in pack.namelist()}
    rels = "xl/worksheets/_rels/sheet1.xml.rels"
    members[rels] = members[rels].replace(
        b"</Relationships>",
        b'<Relationship Id="t" Type="http://schemas.microsoft.com/office/2017/10/relationships/'
        b'threadedComment" Target="../threadedComments/threadedComment1.xml"/></Relationships>',
    )
    space = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    members["xl/threadedComments/threadedComment1.xml"] = (
        f'<ThreadedComments xmlns="{space}"><threadedComment ref="A2" personId="p1" id="1"><text>'
        'Did it?</text></threadedComment><threadedComment ref="A2" personId="p2" id="2" '
        'parentId="1"><text>It did.</text></threadedComment></ThreadedComments>'
    )
    members["xl/persons/person.xml"] = (
        f'<personList xmlns="{space}"><person displayName="Ana" id="p1"/>'
        '<person displayName="Bo" id="p2"/></personList>'
    )
    reading = excel(make.zipped(members))
    assert check.told(reading) == [
        ("Did it?", ["It rained."], "Ana", ""), ("It did.", ["It rained."], "Bo", "Did it?"),
    ]  # fmt: skip


@pytest.mark.parametrize("dimension", ["A1", "A1:C1", "A1:XFD1048576", "B2:B2"])
def test_the_size_that_a_sheet_declares_is_ignored(check, make, dimension):
    data = sheet([("passage", "comment"), ("It rained.", "No."), (None, None), ("He left.", "So?")])
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        members = {name: pack.read(name) for name in pack.namelist()}
    name = "xl/worksheets/sheet1.xml"
    told = members[name].replace(b'<dimension ref="A1:B4" />', b"")
    told = told.replace(b'<dimension ref="A1:B4"/>', b"")
    assert told != members[name]
    members[name] = told.replace(
        b"<sheetViews>", f'<dimension ref="{dimension}"/><sheetViews>'.encode()
    )
    assert [words for words, *_ in check.told(excel(make.zipped(members)))] == ["No.", "So?"]


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\npassage;comment\nIt rained.;No, it\n",
        '\ufeff"sep=;"\r\npassage;comment;;\r\nIt rained.;No, it; ;\r\n;;;\r\n',
        "SEP=|\npassage|comment\nIt rained.|No, it\n",
        "sep=\t\npassage\tcomment\nIt rained.\tNo, it\n",
    ],
)
def test_separator_that_excel_writes_first_and_empty_columns(check, text):
    (reading,) = read_data(text.encode(), Origin("a.csv", "a"))
    assert check.told(reading) == [("No, it", ["It rained."], "", "")]


def test_line_of_an_error_below_a_separator_line():
    with pytest.raises(InputError, match="line 3: found 3 cells"):
        read_data(b"sep=;\npassage;comment\na;b;c\n", Origin("a.csv", "a"))


@pytest.mark.parametrize("empty", ["nan", "NaN", "#N/A", "<NA>", "#REF!", "-nan", "NaT"])
def test_placeholders_for_empty_cells_are_no_comment(check, empty):
    text = f"passage,comment,commentator\nIt rained.,{empty},{empty}\nHe left.,None,Nan\n"
    (reading,) = read_data(text.encode(), Origin("a.csv", "a"))
    assert check.told(reading) == [("None", ["He left."], "Nan", "")]


EXPORT = """2026-01-03 09:00
The quay
https://a.example/quay
Group: Public
Total users: 2
Users: ana, bo
Total annotations: 3
Total replies: 1

"""


def test_text_export_of_hypothesis_with_all_that_it_may_hold(check):
    text = EXPORT + (
        'Annotation 1:\nCreated at: x\nAuthor: ana\nPage: 3\nType: Annotation\nQuote: "It rained.\n'
        'A lot."\nComment: > It rained.\n\nTwice: "no"\n\nAnd **again**.\nTags: a, b\n\n'
        'Annotation 2:\nCreated at: x\nAuthor: bo\nType: Highlight\nQuote: "He left."\nComment:\n\n'
        'Annotation 3:\nCreated at: x\nAuthor: bo\nType: Reply\nQuote: "It rained.\nA lot."\n'
        "Comment: So?\n\nAnnotation 4:\nCreated at: x\nAuthor: eve\nType: Page note\nComment: All "
        "of it.\n\nAnnotation 5:\nnothing\n"
    )
    (reading,) = read_data(text.encode(), Origin("a.txt", "a", left_out=Counter()))
    check.reading(reading)
    told = check.told(reading)
    assert [who for _, _, who, _ in told] == ["ana", "bo", "eve"]
    assert reading.anchors[1].reply_to == reading.anchors[0].block_id
    assert "".join(told[0][1]) == "It rained.A lot."
    assert check.unplaced(reading) == ["All of it."]
    assert reading.article.title == "The quay"
    assert "He left." in reading.article.raw
    assert [b.text for b in reading.article.of_kind(Kind.CITATION)] == ["It rained."]
    assert reading.article.left_out == (("annotations in another form", 1),)


def test_text_that_only_looks_like_an_export_stays_a_text():
    many = EXPORT + "Users: ana\n" * 60 + "It rained."  # each line in one way only
    assert len(read_data(many.encode(), Origin("a.txt", "a"))) == 1
    (reading,) = read_data((EXPORT + "The river rose.").encode(), Origin("a.txt", "a"))
    assert "Total users: 2" in reading.article.raw


def test_rows_sorted_by_who_comments_share_their_passages(origin, check):
    rows = "It rained.,No.,Ann\nIt snowed.,Yes.,Ann\nIt rained.,True.,Ole\nIt snowed.,Wrong.,Ole\n"
    data = f"passage,comment,commentator\n{rows}".encode()
    (reading,) = read_data(data, replace(origin, path="a.csv"))
    check.reading(reading)
    paragraphs = [b.text for b in reading.article.of_kind(Kind.PARAGRAPH)]
    assert paragraphs == ["It rained.", "It snowed."]
    assert [said for said, *_ in check.told(reading)] == ["No.", "True.", "Yes.", "Wrong."]


@pytest.mark.parametrize("parent", ["1", "1.0"])
def test_an_id_written_as_a_float_is_the_same_id(origin, check, parent):
    data = f"id,reply_to,passage,comment\n1,,It rained.,No.\n2,{parent},It rained.,It did.\n"
    (reading,) = read_data(data.encode(), replace(origin, path="a.csv"))
    first, second = commentaries(reading.article)
    assert second.reply_to == first.commentary_id


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("I see two problems:\nThe number has no source.\nThe board has a stake.", []),
        ('Wrong.\n"Four hundred" is pure invention.\nNobody believes it.', []),
        ('He said so:\n"It rained all day."\nSo it did.', ['"It rained all day."']),
        ("Wrong.\n> It rained all day.\nIt snowed.", ["> It rained all day."]),
    ],
)
def test_only_whole_lines_in_marks_are_cited_in_a_comment_that_stands_apart(origin, text, cited):
    data = json.dumps({"passage": "It rained.", "comment": text}).encode()
    (reading,) = read_data(data, replace(origin, path="a.jsonl"))
    assert [b.text for b in reading.article.of_kind(Kind.CITATION)] == cited
    own = [line for line in text.split("\n") if line not in cited]
    assert commentaries(reading.article)[0].text.split() == " ".join(own).split()
