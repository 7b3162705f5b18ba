import importlib.util
import json

import numpy as np
import pytest

from analysis.errors import ScorerError
from analysis.scorers import Scorer, load
from analysis.scorers import hub as hub_module
from analysis.scorers.hub import HubScorer, token_batches
from analysis.scorers.label_mapping import is_nli, mapping_matrix, normalize
from analysis.types import Task

HAS_TORCH = importlib.util.find_spec("torch") is not None
NLI = ("contradiction", "entailment", "neutral")


# Labels: no torch needed.


@pytest.mark.parametrize(
    ("labels", "columns"),
    [
        (NLI, [1, 0, 2]),
        (("ENTAILMENT", "NEUTRAL", "CONTRADICTION"), [0, 2, 1]),
        (("Favor", "Against", "None"), [0, 1, 2]),
        (("in-favour", "opposed", "unrelated"), [0, 1, 2]),
        (("support", "deny", "query", "comment"), [0, 1, 2, 2]),
        (("agrees", "disagrees"), [0, 1]),
    ],
)
@pytest.mark.parametrize("task", [Task.RELATION, Task.STANCE])
def test_spellings_of_for_and_against(task, labels, columns):
    matrix = mapping_matrix(task, labels, {}, "m")
    assert matrix.argmax(axis=1).tolist() == columns
    assert matrix.sum(axis=1).tolist() == [1] * len(labels)


@pytest.mark.parametrize("labels", [("BIASED", "NEUTRAL"), ("Biased", "Non-biased")])
def test_spellings_of_bias(labels):
    assert mapping_matrix(Task.BIAS, labels, {}, "m").tolist() == [[1, 0], [0, 1]]


def test_the_override_wins():
    labels = ("LABEL_0", "LABEL_1", "LABEL_2")
    told = {"LABEL_0": "against", "label_1": "none", "LABEL_2": "Favor"}
    assert mapping_matrix(Task.STANCE, labels, told, "m").argmax(axis=1).tolist() == [1, 2, 0]


@pytest.mark.parametrize(
    ("task", "labels", "override", "says"),
    [
        (Task.STANCE, ("LABEL_0", "LABEL_1"), {}, "found labels LABEL_0, LABEL_1; expected"),
        (Task.STANCE, ("positive", "negative"), {}, "favor, against, none"),
        (Task.RELATION, ("entailment", "not_entailment"), {}, "agree, disagree, neutral"),
        (Task.BIAS, NLI, {}, "biased, unbiased"),
        (Task.STANCE, NLI, {"contra": "against"}, "mapping names contra; its labels are contrad"),
        (Task.STANCE, ("A", "B"), {"A": "favor", "B": "perhaps"}, "found labels A, B"),
        (Task.STANCE, ("A", "B"), {"A": "favor", "B": "none"}, "found labels A, B"),
    ],
)
def test_labels_that_cannot_be_mapped_are_listed(task, labels, override, says):
    with pytest.raises(ScorerError, match=r"^hub:m: ") as caught:
        mapping_matrix(task, labels, override, "hub:m")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_normalized_labels_and_nli():
    assert normalize(" Not-Enough  INFO ") == "not_enough_info"
    assert is_nli(NLI)
    assert not is_nli(("favor", "against"))


def test_batches_hold_every_row_once_within_the_budget():
    lengths = [5, 300, 7, 7, 2, 90, 5]
    batches = list(token_batches(lengths, tokens=20, rows=3))
    assert sorted(i for batch in batches for i in batch) == list(range(7))
    for batch in batches:
        widest = max(lengths[i] for i in batch)
        assert len(batch) == 1 or (len(batch) * widest <= 20 and len(batch) <= 3)


# Names.


def test_names():
    scorer = load("hub:some/model@v1?LABEL_0=favor&LABEL_1=against")
    assert (scorer.name, scorer.revision) == ("some/model", "v1")
    assert scorer.labels == {"LABEL_0": "favor", "LABEL_1": "against"}
    assert HubScorer.from_name("some/model").revision is None


def test_a_folder_may_have_an_at_sign(tmp_path):
    (tmp_path / "a@b").mkdir()
    assert HubScorer.from_name(str(tmp_path / "a@b")).revision is None


@pytest.mark.parametrize("name", ["@v1", "m?", "m?favor", "m?A="])
def test_a_name_that_is_none(name):
    with pytest.raises(ScorerError, match=r"^hub: found"):
        HubScorer.from_name(name)


@pytest.mark.parametrize("name", ["m", "o/m@main", "o/m?LABEL_0=agree&LABEL_1=dis%20agree"])
def test_a_scorer_is_named_as_it_was_asked_for(name, monkeypatch):
    monkeypatch.setattr(HubScorer, "_version", "1")
    monkeypatch.setattr(HubScorer, "_generative", False)
    assert HubScorer.from_name(name).info.name == f"hub:{name}"


def test_a_hypothesis_must_name_the_target():
    with pytest.raises(ScorerError, match=r"expected \{target\} in it"):
        HubScorer("m", hypothesis="It is good.")


def test_missing_torch_is_one_line_with_the_command(monkeypatch):
    def no_torch(name):
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", no_torch)
    scorer = HubScorer("some/model")
    for use in (lambda: scorer.predict(Task.STANCE, [("a", "b")]), lambda: scorer.info):
        with pytest.raises(ScorerError) as caught:
            use()
        assert "run pip install -e '.[hub]'" in str(caught.value)
        assert "torch" in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.skipif(HAS_TORCH, reason="torch is installed")
def test_missing_torch_for_real():
    with pytest.raises(ScorerError, match="no package torch"):
        HubScorer("some/model").predict(Task.BIAS, [("a",)])


# A tiny model of random weights, made here.


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    torch = pytest.importorskip("torch")
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("hub")
    config = BertConfig(
        vocab_size=64,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=40,
        num_labels=3,
        id2label=dict(enumerate(NLI)),
        label2id={name: i for i, name in enumerate(NLI)},
        initializer_range=1.0,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    words = (
        "[PAD] [UNK] [CLS] [SEP] [MASK] nato us lied good bad the author of this text is in favor"
    )
    (folder / "vocab.txt").write_text("\n".join([*words.split(), *"abcdefgh."]))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", "model_max_length": 40})
    )
    return folder


@pytest.fixture(scope="module")
def scorer(model_folder):
    return HubScorer(str(model_folder))


def directly(folder, first, second=None):
    """The model's own probabilities of one row, in the order of its labels."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    coded = tokenizer(first, second, return_tensors="pt", truncation=True, max_length=40)
    with torch.inference_mode():
        return model(**coded).logits.double().softmax(-1).numpy()[0]


@pytest.mark.torch
def test_relation_is_premise_and_hypothesis(scorer, model_folder):
    (line,) = scorer.predict(Task.RELATION, [("nato lied", "us good")])
    contradiction, entailment, neutral = directly(model_folder, "nato lied", "us good")
    np.testing.assert_allclose(line, [entailment, contradiction, neutral], atol=1e-6)


@pytest.mark.torch
def test_stance_is_asked_as_a_hypothesis(scorer, model_folder):
    (line,) = scorer.predict(Task.STANCE, [("nato lied", "us")])
    asked = "The author of this text is in favor of us."
    contradiction, entailment, neutral = directly(model_folder, "nato lied", asked)
    np.testing.assert_allclose(line, [entailment, contradiction, neutral], atol=1e-6)


@pytest.mark.torch
def test_order_length_and_repetition_change_nothing(scorer):
    rows = [("nato lied " * 500, "us"), ("", ""), ("good", "nato"), ("bad us", "us"), ("", "")]
    together = scorer.predict(Task.STANCE, rows)
    assert together.shape == (5, 3)
    assert np.allclose(together.sum(axis=1), 1)
    np.testing.assert_array_equal(together[1], together[4])
    alone = np.concatenate([scorer.predict(Task.STANCE, [row]) for row in rows])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert scorer.predict(Task.STANCE, []).shape == (0, 3)


@pytest.mark.torch
def test_info_of_a_folder(scorer, model_folder):
    info = scorer.info
    assert isinstance(scorer, Scorer)
    assert info.name == f"hub:{model_folder}"
    assert len(info.version) == 12
    assert not info.calibrated
    assert not info.thresholds


@pytest.mark.torch
def test_bias_of_an_nli_model_is_refused(scorer):
    with pytest.raises(ScorerError, match="found labels contradiction, entailment, neutral"):
        scorer.predict(Task.BIAS, [("nato",)])


@pytest.mark.torch
def test_the_override_gives_labels_their_meaning(model_folder):
    told = {"entailment": "biased", "contradiction": "unbiased", "neutral": "unbiased"}
    (line,) = HubScorer(str(model_folder), labels=told).predict(Task.BIAS, [("nato lied",)])
    contradiction, entailment, neutral = directly(model_folder, "nato lied")
    np.testing.assert_allclose(line, [entailment, contradiction + neutral], atol=1e-6)


@pytest.mark.torch
def test_the_environment_names_the_device(model_folder, monkeypatch):
    rows = [("nato lied", "us good"), ("bad", "us")]
    expected = HubScorer(str(model_folder)).predict(Task.RELATION, rows)
    monkeypatch.setenv("COUNTERPOINT_DEVICE", "cpu:0")
    named = HubScorer(str(model_folder)).predict(Task.RELATION, rows)
    np.testing.assert_array_equal(named, expected)
    monkeypatch.setenv("COUNTERPOINT_DEVICE", "abacus")
    with pytest.raises(ScorerError, match="COUNTERPOINT_DEVICE: found 'abacus'") as caught:
        HubScorer(str(model_folder)).predict(Task.RELATION, rows)
    assert "\n" not in str(caught.value)


@pytest.mark.torch
def test_a_folder_with_a_pickle_only_is_refused(model_folder, tmp_path):
    import shutil

    import torch

    folder = tmp_path / "pickled"
    shutil.copytree(model_folder, folder)
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(ScorerError, match="safetensors") as caught:
        HubScorer(str(folder)).predict(Task.STANCE, [("a", "b")])
    assert "\n" not in str(caught.value)


@pytest.mark.torch
def test_a_model_out_of_reach_is_one_line(monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ScorerError, match=r"^hub:nobody/nothing: cannot be loaded") as caught:
        _ = HubScorer("nobody/nothing").info
    assert "\n" not in str(caught.value)


def test_no_code_and_no_pickle_of_a_model_is_asked_for(monkeypatch):
    asked = []

    class Auto:
        @staticmethod
        def from_pretrained(name, **options):
            asked.append((name, options))
            raise OSError("not here\nat all")

    class Transformers:
        logging = type("logging", (), {"set_verbosity_error": staticmethod(lambda: None)})
        AutoModelForSequenceClassification = Auto

        class AutoConfig:
            @staticmethod
            def from_pretrained(name, **options):
                assert options["trust_remote_code"] is False
                return type("Config", (), {"architectures": ["BertForSequenceClassification"]})()

    packages = {"torch": type("torch", (), {"float32": "float32"}), "transformers": Transformers}
    monkeypatch.setattr(hub_module, "_package", packages.__getitem__)
    with pytest.raises(ScorerError, match="cannot be loaded \\(not here at all\\)"):
        HubScorer("some/model", "abc").predict(Task.STANCE, [("a", "b")])
    ((name, options),) = asked
    assert name == "some/model"
    assert options["trust_remote_code"] is False
    assert options["use_safetensors"] is True
    assert options["revision"] == "abc"
