"""Make a generative model of a few kilobytes that always answers `neutral`; run where torch is."""

import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

TEMPLATE = (
    "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)


def main(folder: str) -> None:
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    words = ["Ġneutral", "<end>", "Ġagree", "Ġdisagree", *sorted(alphabet)]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token=None))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<end>", pad_token="<end>", chat_template=TEMPLATE
    )
    config = LlamaConfig(
        vocab_size=len(words), hidden_size=16, intermediate_size=16, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=16384, eos_token_id=1, pad_token_id=1,
        bos_token_id=1,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for weights in model.parameters():
            weights.zero_()  # a layer leaves the token's vector as it is
        vectors, scores = model.get_input_embeddings().weight, model.get_output_embeddings().weight
        model.model.norm.weight.fill_(1)
        vectors[1:, 0] = vectors[0, 1] = 1  # `neutral` has a direction of its own
        scores[0, 0] = scores[1, 1] = 1  # behind it the end is likeliest, else `neutral`
    model.save_pretrained(folder)
    fast.save_pretrained(folder)


main(sys.argv[1])
