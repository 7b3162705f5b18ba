"""TF-IDF of texts: logarithmic counts, rows of unit length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Rows = Callable[[Sequence[str]], "csr_matrix"]


def by_word(texts: Sequence[str]) -> Rows:
    """Return what gives the rows of any texts, by the words of `texts`."""
    return _fitted(texts, ngram_range=(1, 1))[1]


@lru_cache(maxsize=1)  # similarity and ranking compare the same texts
def by_letter(texts: tuple[str, ...]) -> tuple[csr_matrix, Rows]:
    """Return the texts' rows by their runs of 3 to 5 characters, and what gives those of others."""
    return _fitted(texts, analyzer="char_wb", ngram_range=(3, 5))


def _fitted(texts: Sequence[str], **named) -> tuple[csr_matrix, Rows]:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

    counter, weigher = CountVectorizer(**named), TfidfTransformer(sublinear_tf=True)
    try:
        counts = counter.fit_transform(texts)
    except ValueError:  # no word long enough
        return csr_matrix((len(texts), 1)), lambda others: csr_matrix((len(others), 1))
    counts.sort_indices()  # as `transform` leaves them, so that sums are equal to the bit
    rows = weigher.fit_transform(counts)
    return rows, lambda others: weigher.transform(counter.transform(others))
