import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.readers import read, read_all, read_with_anchors
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
def test_what_stands_once_over_many_rows_is_of_all_of_them(origin, check, names, above):
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


def test_what_is_merged_counts_once(origin):
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
    assert filled == [["a", "b"], ["x", 1], ["x", "1"], ["y", None], ["x", None], [None, None]]
    assert [isinstance(row[0], MergedCell) for row in filled] == [
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
        passages = [
            p for before, p in zip([None, *passages], passages, strict=False) if p != before
        ]
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
        ("a.csv", b"a,b\nc,d", "found the columns 'a', 'b'"),
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
