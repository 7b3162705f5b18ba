"""ONNX sessions and tokenizers: single-threaded runs, as many at once as there are cores."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

THREADS = "COUNTERPOINT_THREADS"
Value = TypeVar("Value")


def open_session(data: bytes) -> "InferenceSession":
    """Open an ONNX file's bytes for single-threaded runs; errors are the library's own.

    Products in int8 are exact on every processor, so a text has the same scores everywhere, but
    for float rounding. On x86 without VNNI, ONNX Runtime's default is a faster kernel that adds
    in 16 bits and cuts sums off at the largest number.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors reach the user as exceptions
    options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(
        data,
        options,
        providers=["CPUExecutionProvider"],
        # The fused kernel is slower than the two it replaces (ONNX Runtime 1.32).
        disabled_optimizers=["SkipLayerNormFusion"],
    )


def open_tokenizer(data: bytes) -> "Tokenizer":
    """Open a `tokenizer.json` without its truncation and padding; errors are the library's own."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_buffer(data)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def token_ids(tokenizer: "Tokenizer", texts: Sequence[str]) -> list[list[int]]:
    """Return each text's token ids, without special tokens; lone surrogates become "?"."""
    valid = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
    return [coded.ids for coded in tokenizer.encode_batch(valid, add_special_tokens=False)]


def map_longest_first(
    run: Callable[[int], Value], lengths: Sequence[int], workers: int
) -> list[Value]:
    """Return `run(n)` for each number; the longest start first, so that cores end together."""
    order = sorted(range(len(lengths)), key=lambda n: -lengths[n])
    if min(workers, len(order)) < 2:
        results = {n: run(n) for n in order}
    else:
        with ThreadPoolExecutor(workers) as pool:
            results = dict(zip(order, pool.map(run, order), strict=True))
    return [results[n] for n in range(len(order))]


def threads() -> int:
    """Return the number of threads: `COUNTERPOINT_THREADS`, by default one for each core."""
    value = os.environ.get(THREADS, "")
    return int(value) if value.isdecimal() and int(value) > 0 else cores()


def cores() -> int:
    """Return the number of cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1
