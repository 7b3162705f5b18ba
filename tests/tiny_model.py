"""A model folder made on the spot: a bag of words with three heads, in the shipped form."""

import hashlib
import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from analysis.types import Task

WORDS = "nato russia us said lied good bad war talks the a did not no yes right wrong it".split()
MAX_LENGTH = 32


def tiny_tokenizer() -> Tokenizer:
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, *"0123456789"]
    vocabulary = {name: i for i, name in enumerate(names)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(
        ("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"])
    )
    return tokenizer


def tiny_onnx(seed: int = 0, *, width: int = 8) -> bytes:
    """Masked mean of word and segment embeddings, and a matrix a head."""
    rng = np.random.default_rng(seed)
    size = tiny_tokenizer().get_vocab_size()
    weights = {
        "words": rng.normal(size=(size, width)),
        "segments": rng.normal(size=(2, width)),
        **{f"w_{task}": rng.normal(size=(width, len(task.labels))) * 3 for task in Task},
    }
    node = helper.make_node
    nodes = [
        node("Gather", ["words", "input_ids"], ["x0"]),
        node("Gather", ["segments", "token_type_ids"], ["x1"]),
        node("Mul", ["x0", "x1"], ["x2"]),
        node("Cast", ["attention_mask"], ["m0"], to=TensorProto.FLOAT),
        node("Unsqueeze", ["m0", "axis2"], ["m1"]),
        node("Mul", ["x2", "m1"], ["x3"]),
        node("ReduceSum", ["x3", "axis1"], ["x4"], keepdims=0),
        node("ReduceSum", ["m1", "axis1"], ["m2"], keepdims=0),
        node("Div", ["x4", "m2"], ["x"]),
        *(node("MatMul", ["x", f"w_{task}"], [task.value]) for task in Task),
    ]
    initializers = [
        numpy_helper.from_array(v.astype(np.float32), name) for name, v in weights.items()
    ]
    initializers += [numpy_helper.from_array(np.array([i], np.int64), f"axis{i}") for i in (1, 2)]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "length"])
            for name in ("input_ids", "attention_mask", "token_type_ids")
        ],
        [
            helper.make_tensor_value_info(task.value, TensorProto.FLOAT, ["n", len(task.labels)])
            for task in Task
        ],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def tiny_config() -> dict:
    first = {"relation": "passage", "stance": "target", "bias": "text"}
    second = {"relation": "comment", "stance": "text", "bias": None}
    cut = {"relation": "longest_first", "stance": "only_second", "bias": "only_first"}
    return {
        "format": 1,
        "name": "tiny",
        "max_length": MAX_LENGTH,
        "tasks": {
            task.value: {
                "labels": list(task.labels),
                "first": first[task],
                "second": second[task],
                "truncation": cut[task],
                "temperature": 1.5,
                "bias": [0.25, -0.25, 0.0][: len(task.labels)],
                "threshold": 0.5,
            }
            for task in Task
        },
    }


def write_folder(folder, *, model=None, config=None):
    """Write a whole model folder with the sums of what it holds."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "model.onnx": tiny_onnx() if model is None else model,
        "tokenizer.json": tiny_tokenizer().to_str().encode(),
        "config.json": json.dumps(config or tiny_config()).encode(),
        "metrics.json": b'{"stance": {"macro_f1": 0.5}}',
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    sign(folder)
    return folder


def sign(folder):
    names = sorted(path.name for path in folder.iterdir() if path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in names]
    (folder / "SHA256SUMS").write_text("".join(lines))
