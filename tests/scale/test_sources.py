import json

import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.scale import sources as module
from analysis.scale.sources import sources
from tests.corpora import rows, write_jsonl


def table(tmp_path, suffix, found):
    path = tmp_path / f"corpus{suffix}"
    frame = pd.DataFrame(found)
    if suffix == ".jsonl":
        return write_jsonl(path, found)
    if suffix == ".parquet":
        frame.to_parquet(path, row_group_size=5)
    else:
        frame.to_csv(path, index=False, sep="\t" if suffix == ".tsv" else ",")
    return path


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".tsv", ".parquet"])
def test_a_table_read_in_parts_is_the_table_read_whole(tmp_path, suffix):
    (source,) = sources([table(tmp_path, suffix, rows(13))])
    whole = list(source.rows())
    assert [dict(row.values) for row in whole] == rows(13)
    assert not any(row.error for row in whole)
    for size in (1, 4, 5, 13):
        parts, start, number = [], 0, 1
        for at in range(0, 13, size):
            chunk = whole[at : at + size]
            stop, number = chunk[-1].end, chunk[0].number
            parts += source.rows(start, stop, number)
            start = stop
        assert parts == whole


def test_each_bad_line_is_given_with_its_reason_and_the_rest_goes_on(tmp_path):
    path = tmp_path / "corpus.jsonl"
    good = json.dumps({"id": "a", "text": "Text."}).encode()
    path.write_bytes(
        b"\n".join([b"\xef\xbb\xbf" + good, b"", b'{"id": "b"', b"[1]", b'{"text": "\xff"}', good])
    )
    (source,) = sources([path])
    found = [(row.number, row.error) for row in source.rows()]
    assert found == [
        (1, ""),
        (3, "found no JSON object; expected one per line"),
        (4, "found no JSON object; expected one per line"),
        (5, "found bytes that are not UTF-8"),
        (6, ""),
    ]


def test_a_line_without_end_is_never_held_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_ROW_BYTES", 100)
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"text": "' + "x" * 1000 + '"}\n{"text": "short"}\n')
    (source,) = sources([path])
    long, short = source.rows()
    assert long.error.startswith("found a line of more than 100 bytes")
    assert len(long.raw) == 100
    assert (short.number, short.values["text"]) == (2, "short")


def test_a_cell_of_several_lines_is_one_row_and_lines_are_counted(tmp_path):
    path = tmp_path / "corpus.csv"
    path.write_text('id;text\n1;"one\n\ntwo; ""three"""\n2;four\n')
    (source,) = sources([path])
    found = [(row.number, row.values["text"]) for row in source.rows()]
    assert found == [(2, 'one\n\ntwo; "three"'), (5, "four")]


def test_a_mark_that_is_never_closed_costs_its_own_row(tmp_path):
    path = tmp_path / "corpus.csv"
    path.write_text('id,text\n1,one\n2,"open\n3,three\n4,four,more\n5,five\n')
    (source,) = sources([path])
    found = {row.number: row.error or row.values["text"] for row in source.rows()}
    assert found[2] == "one"
    assert found[3].startswith("found a broken row")
    assert found[4] == "three"
    assert found[5] == "found 3 cells; expected 2 as in the first line, quote cells with ','"
    assert found[6] == "five"


def test_columns_are_told_by_their_names_or_named(tmp_path):
    path = write_jsonl(tmp_path / "c.jsonl", [{"ID": 1, "Body": "usual", "Bericht": "named"}])
    (usual,), (named,) = (list(sources([path], c)[0].rows()) for c in ({}, {"text": "Bericht"}))
    assert usual.values == {"id": 1, "text": "usual"}
    assert named.values == {"id": 1, "text": "named"}


def test_a_folder_stands_for_its_tables(tmp_path):
    for name in ("b.jsonl", "a.jsonl", "_skipped.jsonl", ".hidden.jsonl", "notes.txt"):
        write_jsonl(tmp_path / name, rows(1))
    assert [source.name for source in sources([tmp_path])] == ["a.jsonl", "b.jsonl"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("c.jsonl", b"", "found an empty file"),
        ("c.xml", b"<a/>", "found a file called .xml"),
        ("c.csv", b"id,name\n1,x\n", "found no column for the text"),
        ("c.csv", b"text,text\n1,x\n", "found the column 'text' twice"),
        ("c.csv", "text\n1\n".encode("utf-16"), "found no UTF-8 text"),
        ("c.parquet", b"PAR1 but no more", "found Parquet that cannot be read"),
    ],
)
def test_an_unusable_table_is_one_clear_line(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=said) as caught:
        sources([tmp_path / name])
    assert "\n" not in str(caught.value)


def test_missing_inputs_are_named(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        sources([tmp_path / "none.jsonl"])
    with pytest.raises(InputError, match="found no table in it"):
        sources([tmp_path])
    path = write_jsonl(tmp_path / "c.jsonl", rows(1))
    with pytest.raises(InputError, match="found 'body'; expected one of id, path"):
        sources([path], {"body": "text"})
    frame = tmp_path / "c.csv"
    frame.write_text("text\nx")
    with pytest.raises(InputError, match="found no column 'Body'"):
        sources([frame], {"text": "Body"})
