import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.alignment import encoder, ranking
from analysis.alignment.ranking import FEATURES, features, log_odds, names, raw_features, weights
from analysis.errors import InputError
from analysis.paths import MODELS

PARAGRAPHS = [
    "The harbour quay will cost ninety million euros, the council said.",
    "Terns and gulls nest behind the old lighthouse in spring.",
    "The mayor promised that the school would get a new roof by 1998.",
    "Nurses at the clinic worked through the storm without a break.",
]


def test_each_sign_points_to_its_paragraph():
    found = raw_features(
        ["He said “nest behind the old lighthouse”. It was closed in 1998."], PARAGRAPHS
    )
    assert list(found) == names()
    assert found["quoted"][0].argmax() == 1
    assert found["quoted"][0].max() == pytest.approx(np.log1p(5))
    assert found["numbers"][0].argmax() == 2
    assert found["first_sentence"][0].argmax() == 1


def test_each_of_the_encoder_s_signs_points_to_its_paragraph():
    found = raw_features(["Sea birds breed there no more."], PARAGRAPHS, encoded=True)
    assert list(found) == names(encoded=True) == list(FEATURES)
    for name in ("meaning", "rare_meaning", "likest_states"):
        assert found[name].shape == (1, 4)
        assert found[name][0].argmax() == 1, name


def test_weights_are_one_a_sign():
    assert len(weights()) == len(names()) == 9
    assert len(weights(encoded=True)) == len(names(encoded=True)) == 12
    assert (weights(encoded=True)[9:] > 0).all(), "all of the encoder's count"
    assert list(weights(encoded=True)) == [feature.encoded for feature in FEATURES.values()]
    assert list(weights()) == [FEATURES[name].weight for name in names()]


def test_a_meaning_shared_by_all_texts_does_not_count():
    found = raw_features(["The harbour is closed."], ["The quay is closed."], encoded=True)
    assert found["meaning"][0, 0] > 0.5
    assert found["rare_meaning"][0, 0] == pytest.approx(-1, abs=1e-4), "two, less their mean"


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize(
    ("comment", "answered"),
    [
        ("Ninety million was the first estimate; the quay costs twice that.", 0),
        ("These birds have not bred there for years.", 1),
        ("The pupils had buckets in their classrooms until 2005, for want of a roof.", 2),
        ("The hospital's doctors had gone home.", 3),
    ],
)
def test_words_of_like_meaning_find_the_paragraph(comment, answered, encoded):
    assert log_odds([comment], PARAGRAPHS, encoded=encoded)[0].argmax() == answered


@pytest.mark.parametrize("encoded", [False, True])
def test_order_of_paragraphs_and_other_comments_of_the_row_do_not_matter(encoded):
    comments = ["The quay costs more.", "No bird nests there."]
    table = log_odds(comments, PARAGRAPHS, encoded=encoded)
    turned = log_odds(comments, PARAGRAPHS[::-1], encoded=encoded)[:, ::-1]
    assert table == pytest.approx(turned, abs=1e-4)


@pytest.mark.parametrize("encoded", [False, True])
def test_paragraphs_that_say_the_same_are_as_likely(encoded):
    same = log_odds(["Rubbish."], ["It rained."] * 3, encoded=encoded)
    assert np.ptp(same) == pytest.approx(0, abs=1e-4)
    assert log_odds(["Rubbish."], ["It rained."], encoded=encoded) == pytest.approx(0)
    assert log_odds([], ["It rained."], encoded=encoded).shape == (0, 1)


TEXT = st.text(alphabet="aé .1“”'?\ud800界\n", max_size=30)


@settings(max_examples=40)
@given(
    st.lists(TEXT, min_size=1, max_size=3), st.lists(TEXT, min_size=1, max_size=4), st.booleans()
)
def test_any_text_has_finite_signs(comments, paragraphs, encoded):
    found = features(comments, paragraphs, encoded=encoded)
    assert found.shape == (len(comments), len(paragraphs), len(names(encoded=encoded)))
    assert np.isfinite(found).all()


@pytest.mark.parametrize("missing", ["words.npy", "tokenizer.json", "encoder.onnx"])
@pytest.mark.parametrize("content", [None, b"damaged", "another"])
def test_a_damaged_folder_is_one_line(tmp_path, monkeypatch, missing, content):
    opened = (ranking._table, encoder._tokenizer, encoder._session)
    for path in encoder.FOLDER.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / missing).unlink()
    if content == "another":  # sound, and another model's
        content = (MODELS / "counterpoint-small/model.onnx").read_bytes()
    if content:
        (tmp_path / missing).write_bytes(content)
    monkeypatch.setattr(encoder, "FOLDER", tmp_path)
    for cached in opened:
        cached.cache_clear()
    with pytest.raises(InputError, match="expected the folder as it was published") as caught:
        log_odds(["a"], ["b"], encoded=True)
    assert "\n" not in str(caught.value)
    for cached in opened:
        cached.cache_clear()
