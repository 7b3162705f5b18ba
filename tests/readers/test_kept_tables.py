import os

import pytest

from analysis.errors import InputError
from analysis.readers import files, read, read_all
from analysis.readers.kept_tables import VARIABLE, keep, kept_article, kept_ids
from analysis.readers.options import ReadOptions

FERRY = ReadOptions(article_id="long-ferry")


@pytest.fixture
def table(formats, tmp_path):
    path = tmp_path / "long.csv"
    path.write_bytes((formats / "long.csv").read_bytes())
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    path = tmp_path / "kept"
    path.mkdir()
    monkeypatch.setenv(VARIABLE, str(path))
    return path


@pytest.fixture
def reads(monkeypatch):
    """Return the list to which each reading of a whole file is added."""
    calls, real = [], files.read_data
    monkeypatch.setattr(files, "read_data", lambda *a, **k: calls.append(a) or real(*a, **k))
    return calls


def test_an_article_that_is_kept_is_the_one_that_would_be_read(table, folder, reads):
    wanted = read_all(table)
    assert keep(table, ReadOptions(), wanted) == ["long-bridge", "long-ferry"]
    assert kept_ids(table, FERRY) == ["long-bridge", "long-ferry"]
    reads.clear()
    assert read_all(table, FERRY) == wanted[1:]
    assert read(table, FERRY, identify_language=False).article_id == "long-ferry"
    assert not reads


def test_a_table_of_one_article_needs_no_id(formats, folder, reads):
    path = formats / "wide.tsv"
    found = read_all(path)
    keep(path, ReadOptions(), found)
    reads.clear()
    assert read_all(path) == found
    assert not reads


def test_a_table_with_other_options_or_content_is_read_anew(table, folder, reads):
    keep(table, ReadOptions(), read_all(table))
    reads.clear()
    for other in ({"markers": ("Reply:",)}, {"run_on": True}, {"columns": {"comment": "comment"}}):
        read_all(table, FERRY, **other)
    assert len(reads) == 3
    before = table.stat()
    table.write_bytes(table.read_bytes().replace(b"ferry", b"barge"))
    os.utime(table, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(InputError, match="expected 'long-ferry', name one of these"):
        read_all(table, FERRY)
    with pytest.raises(InputError, match="no such file"):
        read(table.with_name("other.csv"), FERRY)


def test_why_a_table_cannot_be_read_is_kept(table, folder, reads):
    keep(table, ReadOptions(), InputError("long.csv: too long"))
    with pytest.raises(InputError, match=r"long\.csv: too long"):
        read(table)
    assert not reads


def test_nothing_is_kept_where_the_environment_names_no_folder(table, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert kept_article(table, FERRY) is None
    assert read(table, FERRY).article_id == "long-ferry"
