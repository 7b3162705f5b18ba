from dataclasses import replace

import openpyxl
import pytest

from analysis import frames
from analysis.errors import InputError
from analysis.report.workbook import CUT, LONGEST, add_workbook, write_workbook

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
