"""A generative model scored by the likelihood of each label's text."""

import pytest

from analysis.errors import ScorerError
from analysis.scorers.hub import HubScorer
from analysis.types import Task

pytestmark = pytest.mark.torch
RELATIONS = [("The dam is safe.", "That is wrong."), ("It rained.", ""), ("A.", "word " * 4000)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make a model that finds the byte `d` likelier than all others, and so `disagree`."""
    torch = pytest.importorskip("torch")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    alphabet = ["<end>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    vocabulary = {word: number for number, word in enumerate(alphabet)}
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token=None))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    config = LlamaConfig(
        vocab_size=len(alphabet), hidden_size=8, intermediate_size=8, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=2048, bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for weights in model.parameters():
            weights.fill_(0.0)
        model.model.embed_tokens.weight.fill_(1.0)
        model.model.norm.weight.fill_(1.0)
        for letter in "disagre":
            model.lm_head.weight[vocabulary[letter]] = 2.0
    made = tmp_path_factory.mktemp("generative")
    model.save_pretrained(made)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>").save_pretrained(made)
    return made


def test_each_label_is_scored_by_its_likelihood(folder):
    scorer = HubScorer.from_name(str(folder))
    p = scorer.predict(Task.RELATION, RELATIONS)
    assert p.sum(axis=1) == pytest.approx(1)
    assert p[0].argmin() == 2  # `neutral` has letters that the model finds unlikely
    assert p[1].tolist() == [0, 0, 1]  # without a text there is nothing to ask
    stances = scorer.predict(Task.STANCE, [("NATO helps.", "NATO"), ("NATO helps.", "Russia")])
    assert stances.shape == (2, 3)
    assert scorer.predict(Task.STANCE, []).shape == (0, 3)


def test_it_is_no_confidence_and_gives_no_reasons(folder):
    info = HubScorer.from_name(str(folder)).info
    assert (info.explained_by, info.costly, info.calibrated) == ("nothing", True, frozenset())
    assert info.tasks == {Task.RELATION, Task.STANCE}
    with pytest.raises(ScorerError, match="cannot answer bias"):
        HubScorer.from_name(str(folder)).predict(Task.BIAS, [("A text.",)])
