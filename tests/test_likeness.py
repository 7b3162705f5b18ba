import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import likeness
from analysis.errors import InputError
from analysis.likeness import SIGNS, log_odds, raw_signs, signs

PARAGRAPHS = [
    "The harbour quay will cost ninety million euros, the council said.",
    "Terns and gulls nest behind the old lighthouse in spring.",
    "The mayor promised that the school would get a new roof by 1998.",
    "Nurses at the clinic worked through the storm without a break.",
]


def test_each_sign_points_to_its_paragraph():
    found = raw_signs(
        ["He said “nest behind the old lighthouse”. It was closed in 1998."], PARAGRAPHS
    )
    assert list(found) == list(SIGNS)
    assert found["quoted"][0].argmax() == 1
    assert found["quoted"][0].max() == pytest.approx(np.log1p(5))
    assert found["numbers"][0].argmax() == 2
    assert found["first_sentence"][0].argmax() == 1


@pytest.mark.parametrize(
    ("comment", "answered"),
    [
        ("Ninety million was the first estimate; the quay costs twice that.", 0),
        ("These birds have not bred there for years.", 1),
        ("The pupils had buckets in their classrooms until 2005, for want of a roof.", 2),
        ("The hospital's doctors had gone home.", 3),
    ],
)
def test_words_of_like_meaning_find_the_paragraph(comment, answered):
    assert log_odds([comment], PARAGRAPHS)[0].argmax() == answered


def test_order_of_paragraphs_and_other_comments_of_the_row_do_not_matter():
    comments = ["The quay costs more.", "No bird nests there."]
    table = log_odds(comments, PARAGRAPHS)
    turned = log_odds(comments, PARAGRAPHS[::-1])[:, ::-1]
    assert table == pytest.approx(turned, abs=1e-4)


def test_paragraphs_that_say_the_same_are_as_likely():
    assert np.ptp(log_odds(["Rubbish."], ["It rained."] * 3)) == pytest.approx(0, abs=1e-4)
    assert log_odds(["Rubbish."], ["It rained."]) == pytest.approx(0)
    assert log_odds([], ["It rained."]).shape == (0, 1)


TEXT = st.text(alphabet="aé .1“”'?\ud800界\n", max_size=30)


@settings(deadline=None, max_examples=40)
@given(st.lists(TEXT, min_size=1, max_size=3), st.lists(TEXT, min_size=1, max_size=4))
def test_any_text_has_finite_signs(comments, paragraphs):
    found = signs(comments, paragraphs)
    assert found.shape == (len(comments), len(paragraphs), len(SIGNS))
    assert np.isfinite(found).all()


def test_damaged_table_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(likeness, "FOLDER", tmp_path)
    likeness._table.cache_clear()
    with pytest.raises(InputError, match="expected the folder as it was published") as caught:
        log_odds(["a"], ["b"])
    assert "\n" not in str(caught.value)
    monkeypatch.undo()
    likeness._table.cache_clear()
