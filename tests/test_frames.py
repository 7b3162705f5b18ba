import pandas as pd
import pandera.errors
import pytest

from analysis.frames import BIAS, SCHEMAS, conform, csv_text

ROW = {
    "article_id": "a", "segment_id": "s", "voice": "author", "p_biased": 0.5, "cues": "",
    "scorer": "x",
}  # fmt: skip


def test_every_column_says_what_it_means():
    for schema in SCHEMAS.values():
        assert all(column.description for column in schema.columns.values())


def test_rows_become_a_frame_in_the_schemas_order():
    frame = conform([dict(reversed(ROW.items()))], BIAS)
    assert list(frame.columns) == list(BIAS.columns)


@pytest.mark.parametrize("change", [{"p_biased": 1.5}, {"voice": "narrator"}])
def test_what_is_out_of_range_is_found_where_it_is_made(change):
    with pytest.raises(pandera.errors.SchemaError):
        conform([ROW | change], BIAS)


def test_no_rows_keep_their_types():
    for schema in SCHEMAS.values():
        assert list(conform([], schema).columns) == list(schema.columns)


def test_csv_runs_nothing_in_a_spreadsheet():
    frame = pd.DataFrame(
        {"text": ["=1+1", "@x", "-5 degrees", "plain", "+"], "n": [-1, 2, 3, 4, 5]}
    )
    lines = csv_text(frame).splitlines()
    assert lines[1:] == ["'=1+1,-1", "'@x,2", "'-5 degrees,3", "plain,4", "'+,5"]
    assert frame["text"][0] == "=1+1"
