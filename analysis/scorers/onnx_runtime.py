"""Runs of an ONNX model: one thread each, as many at once as the process has cores.

And texts as its tokenizer takes them.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

THREADS = "COUNTERPOINT_THREADS"
Found = TypeVar("Found")


def open_session(data: bytes) -> "InferenceSession":
    """Open an ONNX file's bytes for runs of one thread each; errors are the library's own."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors reach the user as exceptions
    return onnxruntime.InferenceSession(
        data,
        options,
        providers=["CPUExecutionProvider"],
        # The fused kernel is slower than the two it replaces (ONNX Runtime 1.32).
        disabled_optimizers=["SkipLayerNormFusion"],
    )


def open_tokenizer(data: bytes) -> "Tokenizer":
    """Open a `tokenizer.json`, its own cutting and padding off; errors are the library's own."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_buffer(data)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def each(run: Callable[[int], Found], lengths: Sequence[int], workers: int) -> list[Found]:
    """Return `run(n)` of every number, the longest run first so that all cores end together."""
    order = sorted(range(len(lengths)), key=lambda n: -lengths[n])
    workers = min(workers, len(order))
    if workers < 2:
        found = list(map(run, order))
    else:
        with ThreadPoolExecutor(workers) as pool:
            found = list(pool.map(run, order))
    return [
        result for _, result in sorted(zip(order, found, strict=True), key=lambda pair: pair[0])
    ]


def threads() -> int:
    """Return how many runs go on at once: as `COUNTERPOINT_THREADS` says, else a core each."""
    told = os.environ.get(THREADS, "")
    return int(told) if told.isdecimal() and int(told) > 0 else cores()


def cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


def sound(text: str) -> str:
    """Replace lone surrogates, which no tokenizer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")
