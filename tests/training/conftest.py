"""Tiny corpora, a tiny encoder and its tokenizer, all made here."""

import json
import shutil

import pytest

WORDS = "the a mayor bridge plan says tax rises falls 12 30 percent not is new old city".split()
RELATIONS, STANCES = ("agree", "disagree", "neutral"), ("favor", "against", "none")


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def sentence(number):
    subject = ["The mayor", "A council", "Our school", "Many readers", "The old bridge"][number % 5]
    return f"{subject} has a new plan that costs {10 + number} million for the city."


def replies(count, start=0):
    return [
        {
            "passage": sentence(start + i),
            "comment": f"{sentence(start + i + 1)} That is number {start + i} {label}.",
            "label": label,
            "id": f"4forums:{start + i}:7:0" if i % 2 else f"blog/a:post-{start + i}.md#{i}",
        }
        for i in range(count)
        for label in RELATIONS
    ]


def stances(count, start=0):
    return [
        {
            "text": f"{sentence(start + i)} {sentence(start + i + 3)} Again {label} {start + i}.",
            "target": f"plan {i}",
            "label": label,
            "id": f"4forums:{start + i}:7:0",
        }
        for i in range(count)
        for label in STANCES
    ]


def block(number):
    """Return a block of Marginalia of two passages and three comments."""
    targets = ["the mayor", "the old bridge"]

    def text(name, words, shift):
        stance = {t: STANCES[(number + shift + i) % 3] for i, t in enumerate(targets)}
        return {"id": name, "text": f"{words} {number} of France.", "stance": stance}

    comments = [
        text(str(i), f"The city says {('new', 'old', 'not')[i]} 12", i)
        | {"relation": {"A": RELATIONS[(number + i) % 3], "B": RELATIONS[(number + i + 1) % 3]}}
        for i in range(3)
    ]
    passages = [text("A", "The tax rises 12", 0), text("B", "The tax falls 30", 1)]
    return {"block": f"w{number}", "targets": targets, "passages": passages, "comments": comments}


@pytest.fixture(scope="session")
def corpora(tmp_path_factory):
    root = tmp_path_factory.mktemp("corpora")
    for name in ("perspectrum", "rte", "reddit_trump"):
        write(root / "relation" / name / "train.jsonl", replies(6))
    write(root / "relation/perspectrum/dev.jsonl", replies(1, start=40))
    for name in ("replies", "subreddit_agreement"):
        write(root / "relation" / name / "train.jsonl", replies(8))
        write(root / "relation" / name / "dev.jsonl", replies(12, start=100))
    unlabeled = [{"passage": sentence(i), "comment": f"Who knows {i}?", "id": f"a:{i}"}
                  for i in range(5)]  # fmt: skip
    write(root / "relation/replies_unlabelled/all.jsonl", unlabeled)
    for name in ("replies", "newsmtsc", "vast"):
        write(root / "stance" / name / "train.jsonl", stances(8))
        write(root / "stance" / name / "dev.jsonl", stances(12, start=100))
    write(root / "stance/gwsd/train.jsonl", stances(4))
    write(root / "stance/gwsd/dev.jsonl", stances(1, start=50))
    loaded = [
        {
            "text": f"Item{i} over{i} street{i} and{i} hill{i} closed{i} for the day.",
            "label": ("biased", "unbiased")[i % 2],
        }
        for i in range(60)
    ]
    write(root / "bias/babe/all.jsonl", loaded)
    return root


@pytest.fixture(scope="session")
def marginalia(tmp_path_factory):
    root = tmp_path_factory.mktemp("marginalia")
    write(root / "train.jsonl", [block(i) for i in range(4)])
    write(root / "dev.jsonl", [block(i) for i in range(100, 112)])
    return root


@pytest.fixture(scope="session")
def articles(tmp_path_factory):
    root = tmp_path_factory.mktemp("articles")
    write(root / "dev-relations.jsonl", replies(2, start=200))
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
        "max_position_embeddings": 300,
        "type_vocab_size": 2,
        "layer_norm_eps": 1e-12,
        "pad_token_id": 0,
    }


MPNET = {"model_type": "mpnet", "pad_token_id": 0, "relative_attention_num_buckets": 8}


@pytest.fixture(scope="session")
def bases(tiny, tokenizer_path, tmp_path_factory):
    """Folders of a tiny MiniLM and a tiny MPNet with random weights, known by their sums."""
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    from training import bases as known
    from training.checksums import digest
    from training.model import Encoder

    patch, out = pytest.MonkeyPatch(), {}
    for name, more in (("minilm", {}), ("mpnet", MPNET)):
        folder, fields = tmp_path_factory.mktemp(name), tiny | more
        torch.manual_seed(len(out))
        save_file(as_published(Encoder(fields), name), folder / "model.safetensors")
        (folder / "config.json").write_text(json.dumps(fields))
        shutil.copy(tokenizer_path, folder / "tokenizer.json")
        base = known.BASES[name]._replace(sha256=digest(folder / "model.safetensors"))
        patch.setitem(known.BASES, name, base)
        out[name] = folder
    yield out
    patch.undo()


def as_published(encoder, name):
    """Return an encoder's tensors under the names that the base's own file gives them."""
    mpnet = name == "mpnet"
    words = {"words": "word", "positions": "position", "segments": "token_type"}
    inside = (
        {"out": "attention.attn.o", "norm1": "attention.LayerNorm"}
        if mpnet
        else {"out": "attention.output.dense", "norm1": "attention.output.LayerNorm"}
    ) | {"up": "intermediate.dense", "down": "output.dense", "norm2": "output.LayerNorm"}
    parts = [f"attn.{p}" for p in "qkv"] if mpnet else ["self.query", "self.key", "self.value"]
    out = {}
    for key, tensor in encoder.state_dict().items():
        first, *rest = key.split(".")
        if first in words:
            out[f"embeddings.{words[first]}_embeddings.weight"] = tensor
        elif first == "norm":
            out[f"embeddings.LayerNorm.{rest[0]}"] = tensor
        elif first == "distances":
            out["encoder.relative_attention_bias.weight"] = tensor
        elif rest[1] == "qkv":
            for part, piece in zip(parts, tensor.chunk(3), strict=True):
                out[f"encoder.layer.{rest[0]}.attention.{part}.{rest[2]}"] = piece.contiguous()
        else:
            out[f"encoder.layer.{rest[0]}.{inside[rest[1]]}.{rest[2]}"] = tensor
    return out
