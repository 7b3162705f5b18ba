# ruff: noqa: E402 (torch is optional; these tests are skipped where it is missing)
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from training import weights
from training.adapters import merge_adapters
from training.config import Phase, TrainConfig
from training.data import Row, read_source
from training.encode import PairEncoder
from training.loop import Trainer, draw, loss_of, parameter_groups, prepare
from training.model import Model

PHASE = Phase(name="one", rate=1e-3, seed=3, sources={"relation/rte": 1.5, "stance/vast": 0.5})
CONFIG = TrainConfig(
    name="tiny", base="minilm", phases=[PHASE], training_length=32, batch_tokens=256, save_every=3
)


@pytest.fixture(scope="module")
def sources(corpora, marginalia):
    return {name: read_source(name, corpora, marginalia) for name in PHASE.sources}


def trainer(tiny, tokenizer_path, folder, config=CONFIG):
    torch.manual_seed(0)
    model = Model(tiny)
    prepare(model, config)
    return Trainer(model, config, PairEncoder(tokenizer_path, 32, 0), folder)


def rows(count):
    return [Row("bias", str(i), "", (1.0, 0.0), "s") for i in range(count)]


def test_draw_goes_through_all_rows_before_any_repeats():
    found = draw({"s": rows(10)}, {"s": 1.5}, np.random.default_rng(0))
    counts = [sum(row.first == str(i) for row in found) for i in range(10)]
    assert len(found) == 15
    assert set(counts) == {1, 2}


def test_a_source_without_rows_gives_none():
    assert draw({"s": [], "t": rows(2)}, {"s": 1, "t": 0.1}, np.random.default_rng(0)) != []


def test_training_learns_and_a_cut_run_ends_alike(tiny, tokenizer_path, sources, tmp_path):
    whole = trainer(tiny, tokenizer_path, tmp_path / "whole")
    start = {name: tensor.clone() for name, tensor in whole.model.state_dict().items()}
    whole.run(PHASE, sources)
    ended = whole.model.state_dict()
    assert any(not torch.equal(start[name], ended[name]) for name in ended)

    cut = trainer(tiny, tokenizer_path, tmp_path / "cut")
    original, calls = cut._loss, []

    def fails_later(*args):
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return original(*args)

    cut._loss = fails_later
    with pytest.raises(KeyboardInterrupt):
        cut.run(PHASE, sources)
    assert cut.state_path.is_file()
    again = trainer(tiny, tokenizer_path, tmp_path / "cut")
    again.run(PHASE, sources)
    assert not again.state_path.is_file()
    for name, tensor in again.model.state_dict().items():
        assert torch.allclose(tensor, ended[name], atol=1e-6), name


def test_frozen_layers_and_embeddings_stay_as_they_are(tiny, tokenizer_path, sources, tmp_path):
    config = CONFIG.model_copy(update={"frozen_layers": 1})
    own = trainer(tiny, tokenizer_path, tmp_path, config)
    start = {name: tensor.clone() for name, tensor in own.model.state_dict().items()}
    own.run(PHASE, sources, steps=3)
    for name, tensor in own.model.encoder.state_dict().items():
        frozen = not name.startswith("layers.1.")
        assert torch.equal(tensor, start[f"encoder.{name}"]) is frozen, name


def test_a_steady_rate_falls_only_at_the_end(tiny, tokenizer_path, sources, tmp_path, monkeypatch):
    rates, step = [], torch.optim.AdamW.step

    def told(self, *args):
        rates.append(self.param_groups[0]["lr"] / self.param_groups[0]["scale"])
        return step(self, *args)

    monkeypatch.setattr(torch.optim.AdamW, "step", told)
    phase = PHASE.model_copy(update={"falling": 0.25, "epochs": 12})
    trainer(tiny, tokenizer_path, tmp_path).run(phase, sources, steps=40)
    assert len(rates) == 40
    assert rates[20:30] == [pytest.approx(phase.rate)] * 10
    assert rates[35] == pytest.approx(phase.rate / 2)
    assert rates[39] == pytest.approx(phase.rate / 10)


def test_a_finished_phase_is_read_and_not_trained_again(tiny, tokenizer_path, sources, tmp_path):
    first = trainer(tiny, tokenizer_path, tmp_path)
    first.run(PHASE, sources, steps=2)
    second = trainer(tiny, tokenizer_path, tmp_path)
    second._loss = None  # it would fail
    second.run(PHASE, sources)
    for name, tensor in second.model.state_dict().items():
        assert torch.equal(tensor, first.model.state_dict()[name].half().float())


def test_lower_layers_learn_more_slowly_and_heads_faster(tiny):
    groups = parameter_groups(Model(tiny), CONFIG)
    assert sorted({round(group["scale"], 3) for group in groups}) == [0.81, 0.9, 1.0, 3.0]
    assert {group["weight_decay"] for group in groups} == {0.0, 0.01}


def test_loss_by_hand():
    config = CONFIG.model_copy(update={"smoothing": 0.0, "taught_share": 0.5, "temperature": 1.0})
    logits = [torch.tensor([[0.0, 0.0, 0.0]]).repeat(3, 1)] * 2 + [torch.zeros(3, 2)]
    tasks = torch.tensor([0, 2, 1])
    labels = torch.tensor([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 0]])
    none = torch.full((3, 3), torch.nan)
    assert loss_of(logits, tasks, labels, none, config) == pytest.approx(
        (np.log(3) + np.log(2)) / 3, rel=1e-5
    )
    answers = none.clone()
    answers[2] = torch.tensor([5.0, 0.0, 0.0])
    odds = torch.softmax(answers[2], 0)
    gap = float((odds * (odds.log() + np.log(3))).sum())
    assert loss_of(logits, tasks, labels, answers, config) == pytest.approx(
        (np.log(3) + np.log(2) + gap) / 3, rel=1e-4
    )


def test_adapters_alone_learn_and_are_added_to_their_matrices(
    tiny, tokenizer_path, sources, tmp_path
):
    pytest.importorskip("peft")
    config = CONFIG.model_copy(update={"frozen_layers": 1, "adapter_rank": 2})
    own = trainer(tiny, tokenizer_path, tmp_path, config)
    start = {name: tensor.clone() for name, tensor in own.model.state_dict().items()}
    own.run(PHASE, sources, steps=3)
    ended = own.model.state_dict()
    changed = {name for name in ended if not torch.equal(start[name], ended[name])}
    adapters = {name for name in ended if "lora_" in name}
    assert {name.split(".")[2] for name in adapters} == {"1"}
    assert len(adapters) == 8  # two matrices for each of four
    assert adapters < changed < set(weights.learned(own.model))  # no row here is of `bias`
    assert {name.split(".")[0] for name in changed - adapters} == {"heads"}

    again = trainer(tiny, tokenizer_path, tmp_path, config)  # the base and what was learned
    again.run(PHASE, sources)
    inputs = torch.arange(12).view(2, 6), torch.ones(2, 6, dtype=int), torch.zeros(2, 6, dtype=int)
    with torch.no_grad():
        expected = again.model.eval()(*inputs)
        merge_adapters(again.model)
        found = again.model(*inputs)
    assert again.model.state_dict().keys() == Model(tiny).state_dict().keys()
    for one, other in zip(expected, found, strict=True):
        assert torch.allclose(one, other, atol=1e-5)
