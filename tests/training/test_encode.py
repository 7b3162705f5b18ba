from training.data import Row
from training.encode import PairEncoder, arrays


def test_target_is_never_cut(tokenizer_path):
    encoder = PairEncoder(tokenizer_path, 12)
    target, text = "the new city plan", "tax rises " * 20
    stance, relation = encoder.encode_all(
        [
            Row("stance", target, text, (1.0, 0.0, 0.0), "s"),
            Row("relation", text, text, (1.0, 0.0, 0.0), "s"),
        ]
    )
    assert len(stance.ids) == len(relation.ids) == 12
    assert stance.segments.count(0) == 4 + 2
    assert relation.segments.count(0) - 1 in (5, 6)


def test_bias_has_one_segment_and_order_is_kept(tokenizer_path):
    encoder = PairEncoder(tokenizer_path, 12)
    rows = [
        Row("bias", "the mayor", "", (1.0, 0.0), "s"),
        Row("relation", "a", "b", (0.0, 1.0, 0.0), "s"),
        Row("bias", "the bridge", "", (0.0, 1.0), "s"),
    ]
    encoded = encoder.encode_all(rows)
    assert [row.task for row in encoded] == [2, 0, 2]
    assert set(encoded[0].segments) == {0}
    batch = arrays(encoded)
    assert batch["input_ids"].shape == (3, 5)
    assert batch["attention_mask"].sum(1).tolist() == [4, 5, 4]
