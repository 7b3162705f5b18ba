import pytest

from analysis.runs import atomic


@pytest.fixture
def folders(tmp_path):
    new, final, aside = (tmp_path / name for name in ("new", "final", "aside"))
    for folder in (new, final):
        folder.mkdir()
        (folder / "x").write_text(folder.name)
    return new, final, aside


@pytest.mark.parametrize("exchange", [True, False])
def test_the_new_folder_takes_the_place_and_the_old_one_goes_aside(folders, monkeypatch, exchange):
    if not exchange:
        monkeypatch.setattr(atomic, "_renameat2", lambda: None)
    new, final, aside = folders
    atomic.put(new, final, aside)
    assert (final / "x").read_text() == "new"
    assert (aside / "x").read_text() == "final"
    assert not new.exists()


def test_a_place_that_is_free_is_taken(folders, tmp_path):
    new, _, aside = folders
    atomic.put(new, tmp_path / "other", aside)
    assert (tmp_path / "other" / "x").read_text() == "new"
    assert not aside.exists()


def test_where_it_cannot_the_old_folder_stays(folders, monkeypatch):
    monkeypatch.setattr(atomic, "_renameat2", lambda: None)
    new, final, aside = folders
    (new / "x").unlink()
    new.rmdir()
    with pytest.raises(FileNotFoundError):
        atomic.put(new, final, aside)
    assert (final / "x").read_text() == "final"
    assert not aside.exists()
