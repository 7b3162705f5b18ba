import os

import numpy as np

from analysis.readers.table_rows import TableRow
from analysis.scale import plan as module
from analysis.scale.plan import Seen, partitions, row_id
from analysis.scale.sources import sources
from tests.corpora import rows, write_jsonl


def planned(*paths, articles=4, settings="s"):
    return list(partitions(sources(paths), articles=articles, settings=settings))


def test_partitions_hold_every_row_once(tmp_path):
    paths = [write_jsonl(tmp_path / f"{n}.jsonl", rows(9)[:n]) for n in (9, 3)]
    found = planned(*paths)
    assert [p.number for p in found] == [0, 1, 2, 3]
    assert [len(list(p.rows())) for p in found] == [4, 4, 1, 3]
    assert [r.number for p in found[:3] for r in p.rows()] == list(range(1, 10))
    assert sum(p.size for p in found) == sum(path.stat().st_size for path in paths)


def test_long_rows_make_short_partitions(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PARTITION_BYTES", 1000)
    found = planned(write_jsonl(tmp_path / "c.jsonl", rows(9)), articles=9)
    assert len(found) > 4


def test_an_id_that_came_before_is_told_across_partitions_and_files(tmp_path):
    first = write_jsonl(tmp_path / "a.jsonl", rows(6))
    second = write_jsonl(tmp_path / "b.jsonl", [*rows(7)[5:], {"id": "x", "text": "x"}] * 2)
    found = planned(first, second)
    assert [set(p.repeated) for p in found] == [set(), set(), {1, 4}, {5, 6}]


def test_a_fingerprint_changes_with_what_decides_on_the_output(tmp_path):
    path = write_jsonl(tmp_path / "c.jsonl", rows(8))
    before = planned(path)
    assert [p.fingerprint for p in planned(path)] == [p.fingerprint for p in before]
    assert planned(path, settings="t")[0].fingerprint != before[0].fingerprint
    found = rows(8)
    found[5]["text"] += " More."
    after = planned(write_jsonl(path, found))
    same = [p.fingerprint == q.fingerprint for p, q in zip(before, after, strict=True)]
    assert same == [True, False]


def test_a_fingerprint_changes_with_a_file_that_is_referred_to(tmp_path):
    path = write_jsonl(tmp_path / "c.jsonl", [{"path": "one.txt"}])
    (tmp_path / "one.txt").write_text("Text.")
    before = planned(path)[0].fingerprint
    os.utime(tmp_path / "one.txt", ns=(1, 1))
    assert planned(path)[0].fingerprint != before


def test_ids_are_slugs_of_what_the_row_says(tmp_path):
    (source,) = sources([write_jsonl(tmp_path / "c.jsonl", rows(1))])

    def name(**values):
        return row_id(source, TableRow(3, 0, b"", values))

    assert name(id="Grain & gas", text="x") == "Grain-gas"
    assert name(id=7.0, text="x") == "7"
    assert name(id=None, text="x") == "c-3"
    assert name(path="sub/one.txt") == "one"
    assert name(path="sub/one.txt", id=5) == "5"


def test_seen_tells_what_a_set_tells():
    rng, seen, known = np.random.default_rng(0), Seen(), set()
    for size in rng.integers(0, 40, 200):
        hashes = rng.integers(0, 3000, size).astype(np.uint64)
        expected = []
        for value in hashes.tolist():
            expected.append(value in known)
            known.add(value)
        assert seen.add(hashes).tolist() == expected
