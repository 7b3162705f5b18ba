import ctypes
import errno
import os

import pytest

from analysis import atomic
from analysis.atomic import replace_folder, write_atomically


@pytest.fixture
def folders(tmp_path):
    new, final, old = (tmp_path / name for name in ("new", "final", "old"))
    for folder in (new, final):
        folder.mkdir()
        (folder / "x").write_text(folder.name)
    return new, final, old


@pytest.mark.parametrize("exchange", [True, False])
def test_replaced_folder_is_kept_under_the_other_name(folders, monkeypatch, exchange):
    if not exchange:
        monkeypatch.setattr(atomic, "_renameat2", lambda: None)
    new, final, old = folders
    replace_folder(new, final, old)
    assert (final / "x").read_text() == "new"
    assert (old / "x").read_text() == "final"
    assert not new.exists()


def test_final_folder_is_always_there_where_names_can_be_exchanged(folders, monkeypatch):
    new, final, old = folders
    if not atomic._renameat2():
        pytest.skip("names cannot be exchanged here")
    monkeypatch.setattr(atomic.os, "replace", lambda one, other: moved.append((one, other)))
    moved = []
    replace_folder(new, final, old)
    assert (final / "x").read_text() == "new"
    assert moved == [(new, old)]


def test_failed_exchange_is_raised(folders, monkeypatch):
    monkeypatch.setattr(
        atomic, "_renameat2", lambda: lambda *_: ctypes.set_errno(errno.EACCES) or 1
    )
    new, final, old = folders
    with pytest.raises(PermissionError):
        replace_folder(new, final, old)
    assert (final / "x").read_text() == "final"


def test_new_folder_is_moved_where_there_is_none(folders, tmp_path):
    new, _, old = folders
    replace_folder(new, tmp_path / "other", old)
    assert (tmp_path / "other" / "x").read_text() == "new"
    assert not old.exists()


def test_failed_replacement_leaves_the_old_folder(folders, monkeypatch):
    monkeypatch.setattr(atomic, "_renameat2", lambda: None)
    new, final, old = folders
    (new / "x").unlink()
    new.rmdir()
    with pytest.raises(FileNotFoundError):
        replace_folder(new, final, old)
    assert (final / "x").read_text() == "final"
    assert not old.exists()


@pytest.mark.parametrize(
    ("content", "expected"), [("é\r\n", b"\xc3\xa9\r\n"), (b"\x00\n", b"\x00\n")]
)
def test_file_is_replaced_with_the_usual_permissions(tmp_path, content, expected):
    usual, path = tmp_path / "usual", tmp_path / "a.txt"
    usual.touch()
    path.write_text("old")
    write_atomically(path, content)
    assert path.read_bytes() == expected
    assert path.stat().st_mode == usual.stat().st_mode
    assert {p.name for p in tmp_path.iterdir()} == {"usual", "a.txt"}


def test_content_is_whole_when_it_is_synced(tmp_path, monkeypatch):
    sizes = []
    monkeypatch.setattr(atomic.os, "fsync", lambda number: sizes.append(os.stat(number).st_size))
    write_atomically(tmp_path / "a.txt", "new")
    assert sizes == [3]


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_failed_write_leaves_the_old_file_alone(tmp_path, monkeypatch, fails):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, fails, fail)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
