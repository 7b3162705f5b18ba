from training.data import Row, text_key, without
from training.renaming import rename


def row(first, second, task="relation"):
    return Row(task, first, second, (1.0, 0.0, 0.0), "relation/x")


def test_a_name_becomes_one_other_in_both_texts_and_all_forms():
    found = rename(row("Peru closed the port.", "Peru's port? Peruvians and Kenya knew."), seed=1)
    other = found.first.split()[0]
    assert other not in ("Peru", "Kenya")
    assert found.second.startswith(f"{other}'s port?")
    assert "Peru" not in found.second
    assert "Kenya" not in found.second.replace(other, "")
    assert found.shares == (1.0, 0.0, 0.0)


def test_two_names_never_become_one():
    for seed in range(20):
        found = rename(row("France and Spain met.", "Spain left France."), seed=seed)
        one, two = found.first.removesuffix(" met.").split(" and ")
        assert one != two
        assert found.second == f"{two} left {one}."


def test_people_keep_their_gender_and_family_names():
    found = rename(row("Nancy Pelosi spoke.", "What Pelosi said, she said."), seed=3)
    name = found.first.removesuffix(" spoke.")
    assert name != "Nancy Pelosi"
    assert name.endswith(found.second.split()[1])


def test_parties_and_firms_are_exchanged():
    found = rename(row("The Republicans praised Boeing.", "A Republican would."), seed=2)
    assert "Republican" not in found.first + found.second
    assert "Boeing" not in found.first


def test_a_row_without_names_has_no_copy():
    assert rename(row("The mayor spoke.", "She did."), seed=0) is None


def test_the_same_seed_gives_the_same_copy():
    one = row("Peru and Kenya met.", "")
    assert rename(one, seed=5) == rename(one, seed=5)
    assert len({rename(one, seed=seed).first for seed in range(9)}) > 3


def test_a_copy_is_held_out_with_its_original():
    original = row("Peru closed the port.", "Peru did well.")
    copy = rename(original, seed=1)
    assert "Peru" not in copy.second
    assert without([copy], {text_key(original)}) == []
