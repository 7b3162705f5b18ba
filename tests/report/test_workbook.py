from dataclasses import replace

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

import analysis as cp
from analysis import frames
from analysis.errors import InputError
from analysis.report.workbook import CUT, LONGEST, WIDEST, add_workbook, write_workbook

FORMULA = '=HYPERLINK("http://example.org")'


@pytest.fixture
def opened(seed_result, tmp_path):
    relations = seed_result.relations.copy()
    relations["commentary"] = [FORMULA, "a\x00b\x1b", "x" * 40_000, "@SUM(1)"]
    seed_result = replace(seed_result, relations=relations)
    write_workbook(seed_result.frames, tmp_path / "t.xlsx")
    return openpyxl.load_workbook(tmp_path / "t.xlsx")


def test_a_sheet_a_frame_and_one_that_explains_the_columns(opened, seed_result):
    assert opened.sheetnames == ["columns", *frames.SCHEMAS]
    for name, frame in seed_result.frames.items():
        rows = list(opened[name].values)
        assert list(rows[0]) == list(frame.columns)
        assert len(rows) == len(frame) + 1
    explained = {(row[0], row[1]): row[2] for row in opened["columns"].iter_rows(2, values_only=1)}
    assert len(explained) == sum(len(f.columns) for f in seed_result.frames.values())
    assert "commentary responds" in explained["relations", "label"]


def test_no_text_is_a_formula_a_control_character_or_too_long(opened):
    head, *rows = opened["relations"].iter_rows()
    place = [cell.value for cell in head].index("commentary")
    cells = [row[place] for row in rows]
    assert [cell.data_type for cell in cells] == ["s"] * 4
    assert cells[0].value == FORMULA
    assert cells[1].value == "a\ufffdb\ufffd"
    assert cells[2].value == "x" * (LONGEST - len(CUT)) + CUT
    assert cells[3].value == "@SUM(1)"
    notes = [row for row in opened["columns"].iter_rows(2, values_only=True) if row[3]]
    assert [(row[0], row[1]) for row in notes] == [("relations", "commentary")]
    assert notes[0][3].startswith("1 of more than 32767")


def test_columns_are_as_wide_as_their_texts_within_bounds(opened):
    for sheet in opened:
        assert sheet.freeze_panes == "A2"
        assert sheet["A1"].font.bold
        assert all(2 < column.width <= 90 for column in sheet.column_dimensions.values())
    head = [cell.value for cell in opened["relations"][1]]
    wide = opened["relations"].column_dimensions[get_column_letter(head.index("commentary") + 1)]
    assert wide.width == WIDEST


def test_hostile_names_and_targets_are_texts(seed_result, tmp_path):
    hostile = "=cmd|' /C calc'!A0"
    relations = seed_result.relations.assign(commentator=hostile)
    stances = seed_result.stances.assign(target="+1\x07<b>", speaker="-2")
    write_workbook(
        replace(seed_result, relations=relations, stances=stances).frames, tmp_path / "t.xlsx"
    )
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    for sheet, column, text in (
        ("relations", "commentator", hostile),
        ("stances", "target", "+1\ufffd<b>"),
        ("stances", "speaker", "-2"),
    ):
        head, *rows = book[sheet].iter_rows()
        place = [cell.value for cell in head].index(column)
        assert {(row[place].data_type, row[place].value) for row in rows} == {("s", text)}


def test_numbers_stay_numbers(opened, seed_result):
    head, first, *_ = opened["comparison"].values
    row = dict(zip(head, first, strict=True))
    assert row["author_score"] == pytest.approx(seed_result.comparison.author_score.iloc[0])
    assert row["author_n"] == seed_result.comparison.author_n.iloc[0]


def test_a_folder_of_tables_gets_its_workbook_and_others_one_line(seed_result, tmp_path):
    with pytest.raises(InputError, match="found no tables"):
        add_workbook(tmp_path)
    seed_result.write(tmp_path)
    assert openpyxl.load_workbook(add_workbook(tmp_path)).sheetnames[0] == "columns"


def test_a_workbook_that_cannot_be_written_is_one_line(seed_result, tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        write_workbook(seed_result.frames, tmp_path / "missing" / "t.xlsx")
    assert not list(tmp_path.iterdir())


def test_a_text_without_comments_makes_a_workbook(own, tmp_path):
    result = cp.score(own("no_commentary"), scorer="lexicon")
    write_workbook(result.frames, tmp_path / "tables.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "tables.xlsx")["relations"]
    assert sheet.max_row == 1
