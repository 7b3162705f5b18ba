import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.errors import InputError
from analysis.readers.table_rows import WHOLE, Part, csv_rows, json_rows, open_parquet, parquet_rows


def rows_of(text, part=WHOLE, **named):
    return list(csv_rows(io.BytesIO(text), "t.csv", part, **named))


def test_trailing_empty_cells_are_no_columns():
    (row,) = rows_of(b"id;text;;\n1;one;;;\n")
    assert row.values == {"id": "1", "text": "one"}
    (row,) = rows_of(b"id;text\n1;one;;two\n")
    assert row.error == "found 4 cells; expected 2 as in the first line, quote cells with ';'"


@pytest.mark.parametrize(("short_rows", "values"), [(True, {"id": "1"}), (False, {})])
def test_a_short_row_is_read_only_where_that_is_allowed(short_rows, values):
    (row,) = rows_of(b"id,text\n1\n", short_rows=short_rows)
    assert row.values == values
    assert bool(row.error) is not short_rows


def test_lone_carriage_returns_end_rows():
    text = b"id,text\r1,one\r2,two\r"
    whole = rows_of(text)
    assert [(row.number, row.end, row.values["text"]) for row in whole] == [
        (2, 14, "one"), (3, 20, "two"),
    ]  # fmt: skip
    assert rows_of(text, Part(start=14, number=3)) == whole[1:]


def test_a_header_may_take_several_lines():
    rows = rows_of(b'id,"text\nof it"\n1,one\n2,two\n')
    assert [(row.number, dict(row.values)) for row in rows] == [
        (3, {"id": "1", "text\nof it": "one"}), (4, {"id": "2", "text\nof it": "two"}),
    ]  # fmt: skip


def test_a_longer_line_is_skipped_and_the_next_row_read():
    for rows in (
        rows_of(b"id,text\n1," + b"x," * 200 + b"\n2,two\n", Part(max_row_bytes=100)),
        list(json_rows(io.BytesIO(b'{"x": "' + b"y" * 200 + b'"}\n{}\n'), Part(max_row_bytes=100))),
    ):
        assert "a line of more than 100 bytes" in rows[0].error
        assert len(rows[0].raw) == 100
        assert not rows[1].error


def test_a_header_with_an_open_quotation_mark_is_one_clear_line():
    with pytest.raises(InputError, match=r"t\.csv: line 1: found a broken row"):
        rows_of(b'id,"text\n1,one\n')


def test_parquet_rows_start_in_any_row_group(tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": range(20), "text": list("abcdefghijklmnopqrst")}), path,
                   row_group_size=6)  # fmt: skip
    file = open_parquet(str(path), "t")
    rows = list(parquet_rows(file, "t", Part(7, 13), columns=["id"]))
    assert [(row.number, row.values) for row in rows] == [(n + 1, {"id": n}) for n in range(7, 13)]
    assert [row.number for row in parquet_rows(file, "t", Part(20))] == []


def test_damaged_pages_of_a_parquet_file_are_one_clear_line(tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"text": ["words of a row " * 50] * 50}), path, use_dictionary=False)
    data = bytearray(path.read_bytes())
    data[4:40] = b"\xff" * 36
    file = open_parquet(bytes(data), "t")
    with pytest.raises(InputError, match="t: row 1: found Parquet that cannot be read"):
        list(parquet_rows(file, "t"))
