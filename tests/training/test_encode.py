import numpy as np

from training.data import Row
from training.encode import PairEncoder, arrays, batches, shares


def row(task, first, second=""):
    return Row(task, first, second, (1.0, 0.0) if task == "bias" else (0.0, 1.0, 0.0), "x")


def test_rows_are_joined_and_cut_as_their_task_says(tokenizer_path):
    encoder = PairEncoder(tokenizer_path, 8, 0)
    long = "the plan says tax rises 12 percent"
    stance, bias = encoder.encode([row("stance", "new bridge", long), row("bias", long)])
    names = [encoder.tokenizer.id_to_token(number) for number in stance.ids]
    assert names[:4] == ["[CLS]", "new", "bridge", "[SEP]"]
    assert stance.segments.tolist() == [0, 0, 0, 0, 1, 1, 1, 0]
    assert len(stance.ids) == len(bias.ids) == 8
    assert not bias.segments.any()


def test_mask_is_the_tokenizers_own(tokenizer_path, tmp_path):
    assert PairEncoder(tokenizer_path, 8, 0).mask == 4
    other = tmp_path / "tokenizer.json"  # as MPNet's, which holds [MASK] as an ordinary piece
    text = tokenizer_path.read_text()
    other.write_text(text.replace('"mayor":7', '"<mask>":7').replace('"mayor": 7', '"<mask>": 7'))
    assert PairEncoder(other, 8, 0).mask == 7


def test_batches_hold_every_row_once_within_their_limits():
    lengths = np.random.default_rng(0).integers(4, 60, 500).tolist()
    found = batches(lengths, range(500), tokens=256, most=12, seed=1)
    assert sorted(n for batch in found for n in batch) == list(range(500))
    assert all(len(b) <= 12 for b in found)
    assert all(max(lengths[n] for n in b) * len(b) <= 256 for b in found)


def test_padding_is_masked_and_a_multiple_of_eight(tokenizer_path):
    encoder = PairEncoder(tokenizer_path, 32, 0)
    coded = encoder.encode([row("bias", "the tax"), row("bias", "the tax rises 12 percent new")])
    found = arrays(coded, padding=9)
    assert found["input_ids"].shape == (2, 8)
    assert found["attention_mask"].sum(1).tolist() == [4, 8]
    assert (found["input_ids"][0, 4:] == 9).all()


def test_shares_of_two_labels_leave_the_third_zero():
    assert shares([row("bias", "a"), row("stance", "a", "b")]).tolist() == [[1, 0, 0], [0, 1, 0]]
