import json

import pytest

from analysis.errors import InputError
from training import data
from training.config import read_config


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


@pytest.mark.parametrize("line", ["{", "[1]"])
def test_line_that_is_no_object_is_named(tmp_path, line):
    (tmp_path / "x.jsonl").write_text(line + "\n")
    with pytest.raises(InputError, match=r"x.jsonl:1: .*object"):
        data.read_rows(tmp_path / "x.jsonl", "bias", "bias/x")


def test_missing_file_names_the_options(tmp_path):
    with pytest.raises(InputError, match="check --corpora"):
        data.read_rows(tmp_path / "no.jsonl", "bias", "bias/x")


def test_block_without_a_field_is_named(tmp_path):
    (tmp_path / "x.jsonl").write_text('{"block": "w1"}\n')
    with pytest.raises(InputError, match=r"x.jsonl:1: block without 'passages'"):
        data.read_blocks(tmp_path / "x.jsonl", "relation")


def test_block_gives_every_pair_and_every_stance(marginalia):
    relation, stance = (data.read_blocks(marginalia / "train.jsonl", task)[0]
                        for task in ("relation", "stance"))  # fmt: skip
    assert [row.label for row in relation[:3]] == ["agree", "disagree", "neutral"]
    assert [row.label for row in relation[3:]] == ["disagree", "neutral", "agree"]
    assert len(stance) == 2 * (2 + 3)
    assert {row.first for row in stance} == {"the mayor", "the old bridge"}
    assert {row.group for row in relation + stance} == {"w0"}


@pytest.mark.parametrize(
    ("name", "thread", "place"),
    [
        ("4forums:7758:202917:0", "4forums:7758", "4forums"),
        ("cypherpunks:1994:e49162#1", "cypherpunks:1994:e49162", "cypherpunks"),
        ("fox/blog:posts/a.md#9", "fox/blog:posts/a.md", "fox"),
    ],
)
def test_thread_or_post_of_a_reply(name, thread, place):
    assert data.thread_of(name) == (thread, place)


@pytest.mark.parametrize("config", ["small", "base", "base-gpu"])
def test_no_training_run_opens_a_held_out_file(config, corpora, marginalia, monkeypatch):
    opened, original = [], data.read_records
    monkeypatch.setattr(data, "read_records", lambda path: opened.append(path) or original(path))
    path = data.Path(data.__file__).with_name(f"{config}.yaml")
    names = read_config(path).sources()
    here = [name for name in names
            if name.removesuffix(data.RENAMED).endswith("marginalia")
            or (corpora / name.removesuffix(data.RENAMED)).is_dir()]  # fmt: skip
    rows = [row for name in here for row in data.read_source(name, corpora, marginalia)]
    forbidden = {corpora / name / "dev.jsonl" for name in data.HELD_OUT}
    assert opened
    assert not (forbidden | {marginalia / "dev.jsonl"}) & set(opened)
    assert corpora / "stance/gwsd/dev.jsonl" in opened
    babe = data.read_rows(corpora / "bias/babe/all.jsonl", "bias", "bias/babe")
    fifth = {babe[number].first for number in data.babe_held_out(babe)}
    assert fifth
    assert not fifth & {row.first for row in rows}


def test_held_out_text_is_dropped_whatever_its_case():
    shares = data.one_hot("bias", "biased")
    rows = [data.Row("bias", text, "", shares, "s") for text in ("Big, bad news!", "Other")]
    held = data.Row("bias", "big bad NEWS", "", shares, "s")
    assert data.without(rows, {data.text_key(held)}) == rows[1:]


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
