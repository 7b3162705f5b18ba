import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.alignment.encoder import TOKENS, states

CLS, SEP = 101, 102


def test_a_word_means_what_its_sentence_makes_of_it():
    texts = ["She sat on the bank of the river.", "She took money from the bank.", "A lender."]
    (river_ids, river), (money_ids, money), (_, lender) = states(texts)
    bank = river_ids[5]
    assert bank in money_ids
    own = river[5], money[money_ids.tolist().index(bank)]
    unit = [vector / np.linalg.norm(vector) for vector in (*own, lender.mean(axis=0))]
    assert unit[0] @ unit[1] < 0.9, "not the same in both"
    assert unit[1] @ unit[2] > unit[0] @ unit[2], "money's is nearer to a lender"


@settings(max_examples=20)
@given(st.lists(st.text(alphabet="aé .“\ud800界\n", max_size=20), max_size=4))
def test_each_token_has_a_state_and_no_text_hangs_on_another(texts):
    found = states(texts)
    assert len(found) == len(texts)
    for text, (ids, state) in zip(texts, found, strict=True):
        assert (ids[0], ids[-1]) == (CLS, SEP)
        assert state.shape == (len(ids), 384)
        assert state == pytest.approx(states([text])[0][1], abs=1e-6)


def test_long_texts_are_cut():
    ((ids, state),) = states(["word " * 5000])
    assert len(ids) == len(state) == TOKENS
