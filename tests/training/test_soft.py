# ruff: noqa: E402 (torch is optional; these tests are skipped where it is missing)
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from analysis.errors import InputError
from training import __main__ as command
from training import soft
from training.config import TrainConfig
from training.data import Row
from training.encode import PairEncoder, collate
from training.loop import loss_of
from training.model import Model

UNKNOWN, FAVOR = (0.0, 0.0, 0.0), (1.0, 0.0, 0.0)


def config(**changes):
    return TrainConfig(**({"phases": [], "smoothing": 0.0} | changes))


def loss(rows, tokenizer_path, logits, settings):
    batch = collate(PairEncoder(tokenizer_path, 16).encode_all(rows))
    stance = torch.tensor([logits] * len(rows), requires_grad=True)
    others = torch.zeros(len(rows), 3), torch.zeros(len(rows), 2)
    found = loss_of((others[0], stance, others[1]), batch, settings)
    found.backward()
    return found.item(), stance.grad[0]


def test_a_row_without_a_label_learns_from_the_teacher_alone(tokenizer_path):
    row = Row("stance", "plan", "tax rises", UNKNOWN, "s", (2.0, 0.0, -1.0))
    found, pull = loss([row], tokenizer_path, [2.0, 0.0, -1.0], config(smoothing=0.1))
    assert found == pytest.approx(0, abs=1e-6)
    assert pull.abs().max() < 1e-6
    found, pull = loss([row], tokenizer_path, [0.0, 0.0, 0.0], config(soft_temperature=1.0))
    shares = np.exp([2.0, 0.0, -1.0]) / np.exp([2.0, 0.0, -1.0]).sum()
    assert found == pytest.approx(np.sum(shares * np.log(3 * shares)), abs=1e-5)
    assert pull.tolist() == pytest.approx((1 / 3 - shares).tolist(), abs=1e-5)


def test_label_and_teacher_are_mixed_by_their_shares(tokenizer_path):
    row = Row("stance", "plan", "tax rises", FAVOR, "s", (0.0, 3.0, 0.0))
    plain = row._replace(taught=())
    unlabelled = row._replace(shares=UNKNOWN)
    settings = config(soft_share=0.25)
    both, label, teacher = (
        loss([each], tokenizer_path, [0.5, 0.0, 0.1], settings)[0]
        for each in (row, plain, unlabelled)
    )
    assert both == pytest.approx(0.75 * label + 0.25 * teacher, abs=1e-5)
    assert loss([plain, row], tokenizer_path, [0.5, 0.0, 0.1], settings)[0] == pytest.approx(
        (label + both) / 2, abs=1e-5
    )


def test_answers_do_not_depend_on_how_rows_are_batched(tiny, tokenizer_path):
    torch.manual_seed(0)
    model = Model(tiny).eval()
    encoder = PairEncoder(tokenizer_path, 16)
    rows = [
        Row("relation", "the plan", "tax " * (1 + i % 9), UNKNOWN, "s") for i in range(23)
    ]  # fmt: skip
    whole = soft.answering(model, encoder)(rows)
    one_by_one = soft.answering(model, encoder, tokens=1)(rows)
    assert whole.shape == (23, 3)
    assert np.abs(whole - one_by_one).max() < 0.02
    assert np.abs(whole[0] - whole[8]).max() > 1e-4


def test_only_named_sources_are_taught_and_no_row_is_asked_twice():
    rows = [
        Row(task, "a", text, FAVOR, source)
        for task, text, source in (
            ("stance", "x", "s"), ("stance", "y", "t"), ("stance", "x", "s"), ("relation", "z", "s")
        )
    ]  # fmt: skip
    asked = []

    def answer(these):
        asked.extend(these)
        return np.arange(len(these) * 3.0).reshape(-1, 3)

    found = soft.taught(rows, {"s"}, answer)
    assert [row.second for row in asked] == ["z", "x"]
    assert [row.taught for row in found] == [(0, 1, 2), (), (0, 1, 2), (0, 1, 2)]
    assert [row._replace(taught=()) for row in found] == rows


def test_answers_are_asked_for_once_a_model_and_set_of_rows(tmp_path):
    asked = []

    def answer(rows):
        asked.append(len(rows))
        return np.full((len(rows), 3), float(len(asked)))

    rows = [Row("stance", "a", text, FAVOR, "s") for text in "xyz"]
    once = soft.remembered(answer, tmp_path, "one")
    assert (once(rows) == once(rows)).all()
    assert (soft.remembered(answer, tmp_path, "one")(rows) == 1).all()
    assert (soft.remembered(answer, tmp_path, "two")(rows) == 2).all()
    more = [*rows[:2], Row("stance", "a", "new", FAVOR, "s")]
    assert once(more)[:, 0].tolist() == [1, 1, 3], "only what is new is asked"
    assert asked == [3, 3, 1]


@pytest.mark.parametrize(("by", "flag"), [("teacher", "--teacher"), ("start", "--init")])
def test_missing_teacher_names_the_option(tmp_path, by, flag):
    args = command.parser().parse_args(
        ["--corpora", "c", "--base", "b", "--out", "o", "--config", "distil.json"]
    )
    with pytest.raises(InputError, match=f"distil.json: soft labels by the {by}; give {flag}"):
        soft.answers_of(args, config(soft={"stance/vast": by}))
