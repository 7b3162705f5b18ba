import json

import pytest

from analysis.errors import InputError
from training import data


def test_foreign_label_is_shared_between_ours(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"passage": "A  b", "comment": "c", "label": "not_agree"}) + "\n")
    (row,) = data.read_rows(path, "relation", "relation/rte")
    assert row.shares == (0.0, 0.5, 0.5)
    assert row.first == "A b"


@pytest.mark.parametrize("line", ['{"text": "a", "label": "left"}', '{"label": "biased"}'])
def test_bad_row_names_line_and_labels(tmp_path, line):
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "a", "label": "biased"}\n' + line + "\n")
    with pytest.raises(InputError, match=r"x.jsonl:2: label .*expected text and biased, unbiased"):
        data.read_rows(path, "bias", "bias/x")


def test_missing_file_says_which_option(tmp_path):
    with pytest.raises(InputError, match="check --corpora"):
        data.read_rows(tmp_path / "no.jsonl", "bias", "bias/x")


def test_dev_is_read_only_where_not_held_out(corpora):
    assert len(data.read_source(corpora, "stance/vast")) == 24
    assert len(data.read_source(corpora, "stance/gwsd")) == 27


def test_held_out_text_is_dropped_whatever_its_case():
    shares = data.one_hot("bias", "biased")
    rows = [data.Row("bias", text, "", shares, "s") for text in ("Big, bad news!", "Other")]
    held = [data.Row("bias", "big bad NEWS", "", shares, "s")]
    assert data.without(rows, held) == rows[1:]


def test_near_identical_texts_share_a_group():
    texts = ["the mayor cut the tax", "rain in the north", "the mayor cut the big tax"]
    groups = data.groups_of_alike(texts)
    assert groups[0] == groups[2] != groups[1]


def test_held_out_part_never_splits_a_group():
    words = [f"alpha{i} beta{i} gamma{i} delta{i}" for i in range(40)]
    shares = data.one_hot("bias", "biased")
    rows = [data.Row("bias", text, "", shares, "s") for text in words + words]
    chosen = set(data.babe_held_out(rows))
    assert 0 < len(chosen) <= 16
    assert all((i in chosen) == (i + 40 in chosen) for i in range(40))


def test_take_goes_through_all_rows_before_any_repeats():
    rows = [data.Row("bias", str(i), "", (1.0, 0.0), "s") for i in range(10)]
    first = list(data.take(rows, 0, 6, seed=1))
    rest = list(data.take(rows, 6, 8, seed=1))
    assert sorted(row.first for row in first + rest[:4]) == sorted(row.first for row in rows)
    assert list(data.take(rows, 0, 14, seed=1)) == first + rest
