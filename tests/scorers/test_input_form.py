"""Our input ids against the tokenizer's own, for tokenizers of BERT's and of MPNet's form."""

import json

import numpy as np
import onnx
import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from analysis.errors import ScorerError
from analysis.scorers.cache import ScoreCache
from analysis.scorers.embedded import EmbeddedScorer
from analysis.scorers.input_form import InputForm
from analysis.scorers.onnx_folder import ModelFolder
from analysis.scorers.windows import windows
from analysis.types import Task
from tests.tiny_model import MAX_LENGTH, WORDS, sign, tiny_config, tiny_onnx, write_folder

TEXTS = [("nato said", "no it lied"), ("us", "bad " * 9), ("the talks did", ""), ("", "war")]
LONG = " ".join(WORDS * 3)


def bert():
    tokenizer = word_level(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, "##x"], "[UNK]")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return tokenizer


def mpnet():
    tokenizer = word_level(["<s>", "<pad>", "</s>", "<unk>", *WORDS, "<mask>"], "<unk>")
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False
    )
    return tokenizer


def word_level(names, unknown):
    vocabulary = {name: number for number, name in enumerate(names)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=unknown))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


def shipped(name="embedded-small"):
    return ModelFolder(EmbeddedScorer(name=name).folder.path).tokenizer


def larger():
    return shipped("embedded")


def ids(tokenizer, text):
    return np.array(tokenizer.encode(text, add_special_tokens=False).ids, np.int64)


def assert_same(inputs, coded):
    assert inputs["input_ids"].tolist() == [coded.ids]
    assert inputs["token_type_ids"].tolist() == [coded.type_ids]
    assert inputs["attention_mask"].tolist() == [coded.attention_mask]
    assert all(array.dtype == np.int64 for array in inputs.values())


@pytest.fixture(params=[bert, mpnet, shipped, larger])
def tokenizer(request):
    return request.param()


def test_pairs_and_single_texts_are_joined_as_by_the_tokenizer(tokenizer):
    pair, single = InputForm.of(tokenizer, 2), InputForm.of(tokenizer, 1)
    for first, second in TEXTS:
        joined = pair.join([ids(tokenizer, first), ids(tokenizer, second)])
        assert_same(joined, tokenizer.encode(first, second))
        assert_same(single.join([ids(tokenizer, second)]), tokenizer.encode(second))
    assert pair.special == len(tokenizer.encode("", "").ids)
    assert single.special == len(tokenizer.encode("").ids)


@pytest.mark.parametrize(
    ("texts", "strategy", "whole"),
    [
        ((LONG,), "longest_first", None),
        (("us lied", LONG), "longest_first", None),
        ((LONG, "us lied"), "longest_first", None),
        (("nato russia", LONG), "only_second", 0),
    ],
)
def test_the_first_window_is_what_the_tokenizer_truncates_to(tokenizer, texts, strategy, whole):
    form = InputForm.of(tokenizer, len(texts))
    room = MAX_LENGTH - form.special
    found = list(windows([ids(tokenizer, text) for text in texts], room, whole))
    tokenizer.enable_truncation(MAX_LENGTH, strategy=strategy)
    assert len(found) > 1
    assert_same(form.join(found[0]), tokenizer.encode(*texts))
    assert all(form.join(window)["input_ids"].size <= MAX_LENGTH for window in found)


def mpnet_folder(folder):
    """A folder whose model has no token types, as MPNet's: they are a constant in its graph."""
    model = onnx.load_from_string(tiny_onnx())
    kept = [node for node in model.graph.input if node.name != "token_type_ids"]
    del model.graph.input[:]
    model.graph.input.extend(kept)
    zeros = onnx.helper.make_node("Sub", ["input_ids", "input_ids"], ["token_type_ids"])
    model.graph.node.insert(0, zeros)
    write_folder(folder, model=model.SerializeToString())
    (folder / "tokenizer.json").write_text(mpnet().to_str())
    sign(folder)
    return folder


def test_a_model_without_token_types_gets_the_tokenizers_ids(tmp_path):
    import onnxruntime

    folder = mpnet_folder(tmp_path / "mpnet")
    scorer = EmbeddedScorer(folder, cache=ScoreCache(None))
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"))
    head = tiny_config()["tasks"]["relation"]
    for passage, comment in (("nato said it", "no it lied"), ("us", "a bad war")):
        coded = mpnet().encode(passage, comment)
        feed = {"input_ids": [coded.ids], "attention_mask": [coded.attention_mask]}
        (logits,) = session.run(["relation"], {k: np.array(v) for k, v in feed.items()})[0]
        exp = np.exp(logits / head["temperature"] + head["bias"])
        (line,) = scorer.predict(Task.RELATION, [(passage, comment)])
        np.testing.assert_allclose(line, exp / exp.sum(), rtol=1e-5)


def test_a_tokenizer_that_adds_no_special_tokens_is_refused(own_folder):
    path = own_folder / "tokenizer.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"post_processor": None}))
    sign(own_folder)
    with pytest.raises(ScorerError, match="expected a post_processor") as caught:
        EmbeddedScorer(own_folder, cache=ScoreCache(None)).predict(Task.BIAS, [("the war",)])
    assert str(path) in str(caught.value)


def test_a_model_with_an_unknown_input_is_refused(own_folder):
    model = onnx.load_from_string(tiny_onnx())
    extra = onnx.helper.make_tensor_value_info("position_ids", onnx.TensorProto.INT64, ["n", "m"])
    model.graph.input.append(extra)
    (own_folder / "model.onnx").write_bytes(model.SerializeToString())
    sign(own_folder)
    with pytest.raises(ScorerError, match="found inputs attention_mask, input_ids, position_ids"):
        EmbeddedScorer(own_folder, cache=ScoreCache(None)).predict(Task.BIAS, [("the war",)])
