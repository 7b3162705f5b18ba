# ruff: noqa: E402 (torch is optional; these tests are skipped where it is missing)
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from analysis.errors import InputError
from training import loop
from training.checksums import digest
from training.config import Phase, TrainConfig
from training.data import Row
from training.encode import Encoded, PairEncoder, collate
from training.model import Model, from_base

ROWS = [
    row
    for i in range(24)
    for row in (
        Row("relation", "the plan", ("tax rises", "tax falls")[i % 2],
            ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))[i % 2], "s"),
        Row("bias", ("old city", "new city")[i % 2], "", ((1.0, 0.0), (0.0, 1.0))[i % 2], "s"),
    )
]  # fmt: skip


def config(**changes):
    fields = {"phases": [], "max_length": 16, "batch_tokens": 64, "bfloat16": False,
              "mask_share": 0.0, "dropout": 0.0, "average_decay": 0.8}  # fmt: skip
    return TrainConfig(**(fields | changes))


def test_batches_hold_each_row_once_within_the_limits():
    rows = [Encoded([1] * n, [0] * n, 0, (1.0,)) for n in [3, 30, 4, 29, 5, 6, 7, 28]]
    plan = loop.batches(rows, tokens=60, most=3, seed=(1,))
    assert sorted(i for batch in plan for i in batch) == list(range(8))
    for batch in plan:
        assert len(batch) <= 3
        assert len(batch) * max(len(rows[i].ids) for i in batch) <= 60


def test_training_learns_and_resumes_to_the_same_weights(tiny, tokenizer_path, tmp_path):
    encoder = PairEncoder(tokenizer_path, 16)
    phase = Phase(name="only", rows={}, rate_start=0.02, rate_end=0.005, warmup=2)

    def trainer(folder):
        torch.manual_seed(1)
        return loop.Trainer(Model(tiny, 0.0), config(), tmp_path / folder)

    whole = trainer("whole")
    whole.run_phase(phase, ROWS * 4, encoder)
    whole.average.eval()
    batch = collate(encoder.encode_all(ROWS))
    logits = whole.average(*(batch[n] for n in ("input_ids", "attention_mask", "token_type_ids")))
    relation = batch["task"] == 0
    right = logits[0].argmax(1)[relation] == batch["shares"].argmax(1)[relation]
    assert right.float().mean() > 0.9

    class Stop(Exception):
        pass

    broken = trainer("broken")
    update = broken._update

    def stop_at_ten(*args):
        if broken.step == 10:
            broken.save()
            raise Stop
        return update(*args)

    broken._update = stop_at_ten
    with pytest.raises(Stop):
        broken.run_phase(phase, ROWS * 4, encoder)
    resumed = trainer("broken")
    resumed.resume(tmp_path / "broken/last.pt")
    assert resumed.step == 10
    resumed.run_phase(phase, ROWS * 4, encoder)
    for ours, theirs in zip(whole.average.parameters(), resumed.average.parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-5)


def test_lower_layers_learn_more_slowly(tiny):
    scales = [group["scale"] for group in loop.parameter_groups(Model(tiny), config())]
    assert max(scales) == 3.0
    assert min(scales) == pytest.approx(0.9**2)


def test_only_words_of_the_last_text_are_masked():
    rows = [Encoded([2, 1100, 3, 1101, 3], [0, 0, 0, 1, 1], 0, (1.0, 0.0, 0.0))]
    batch = collate(rows)
    loop.mask_tokens(batch, 1.0, 4, np.random.default_rng(0))
    assert batch["input_ids"].tolist() == [[2, 1100, 3, 4, 3]]


def test_wrong_base_weights_are_refused(tiny, tmp_path):
    with pytest.raises(InputError, match="give --base"):
        from_base(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"x")
    with pytest.raises(InputError, match="SHA-256 is"):
        from_base(tmp_path)


def test_base_weights_give_the_states_of_bert(tiny, tmp_path):
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    bert = transformers.BertModel(transformers.BertConfig(**tiny), add_pooling_layer=False).eval()
    bert.save_pretrained(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(tiny))
    sha = digest(tmp_path / "model.safetensors")
    encoder = from_base(tmp_path, sha256=sha).encoder.eval()
    ids, mask = torch.randint(0, 1200, (2, 9)), torch.ones(2, 9, dtype=torch.long)
    mask[1, 5:] = 0
    with torch.no_grad():
        ours = encoder(ids, mask, torch.zeros_like(ids))
        theirs = bert(input_ids=ids, attention_mask=mask).last_hidden_state
    assert torch.allclose(ours[mask.bool()], theirs[mask.bool()], atol=1e-4)


def test_unknown_setting_is_an_error(tmp_path):
    path = tmp_path / "c.json"
    path.write_text('{"phases": [], "speed": 3}')
    with pytest.raises(ValueError, match="speed"):
        loop.read_config(path)
