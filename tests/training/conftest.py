"""Tiny corpora, a tiny encoder and its tokenizer, all made here."""

import json

import pytest

WORDS = "the a mayor bridge plan says tax rises falls 12 30 percent not is new old city".split()


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def sentence(number):
    subject = ["The mayor", "A council", "Our school", "Many readers", "The old bridge"][number % 5]
    return f"{subject} has a new plan that costs {10 + number} million for the city."


@pytest.fixture(scope="session")
def corpora(tmp_path_factory):
    root = tmp_path_factory.mktemp("corpora")
    replies = [
        {"passage": sentence(i), "comment": sentence(i + 1) + " " + sentence(i + 2), "label": label}
        for i in range(12)
        for label in ("agree", "disagree", "neutral")
    ]
    for name in ("perspectrum", "ibm_argq_30k", "healthver", "political_campaign", "rte"):
        write(root / "relation" / name / "train.jsonl", replies)
    write(root / "relation/subreddit_agreement/train.jsonl", replies)
    write(root / "relation/subreddit_agreement/dev.jsonl", replies[:6])
    stances = [
        {"text": f"{sentence(i)} {sentence(i + 3)}", "target": f"plan {i % 2}", "label": label}
        for i in range(8)
        for label in ("favor", "against", "none")
    ]
    for name in ("newsmtsc", "vast", "gwsd", "persent", "basil", "covid19"):
        write(root / "stance" / name / "train.jsonl", stances)
        write(root / "stance" / name / "dev.jsonl", stances[:3])
    loaded = [
        {
            "text": f"Item{i} over{i} street{i} and{i} hill{i} closed{i} for the day.",
            "label": ("biased", "unbiased")[i % 2],
        }
        for i in range(40)
    ]
    for name in ("babe", "wiki_npov"):
        write(root / "bias" / name / "all.jsonl", loaded)
    write(root / "bias/basil/train.jsonl", loaded)
    return root


@pytest.fixture(scope="session")
def tokenizer_path(tmp_path_factory):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    out = Tokenizer(models.WordPiece({w: i for i, w in enumerate(names)}, unk_token="[UNK]"))
    out.normalizer = normalizers.BertNormalizer()
    out.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    out.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    path = tmp_path_factory.mktemp("base") / "tokenizer.json"
    out.save(str(path))
    return path


@pytest.fixture(scope="session")
def tiny():
    return {
        "vocab_size": 1200,
        "hidden_size": 16,
        "num_attention_heads": 2,
        "intermediate_size": 24,
        "num_hidden_layers": 2,
        "max_position_embeddings": 64,
        "type_vocab_size": 2,
        "layer_norm_eps": 1e-12,
    }
