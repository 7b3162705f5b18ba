"""Which paragraph a comment speaks of, by its text alone: several signs, one weight each.

Each sign is a figure for every pair of a comment and a paragraph; within an article a sign's
figures for one comment are centred and scaled, and their weighted sum is a log-odds: a
paragraph one higher than another is e times as likely the one that is answered. The weights
are a conditional logit's (McFadden 1974), fitted on articles whose reviewers said what they
answer (see `data/models/alignment/MODEL_CARD.md`).
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from analysis.errors import InputError
from analysis.marks import marks, words
from analysis.paths import MODELS

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FOLDER = MODELS / "alignment"

# Sign -> its weight, and the usual spread of its figures within an article.
SIGNS: dict[str, tuple[float, float]] = {
    "length": (0.49, 0.61),  # of the paragraph
    "first_sentence": (0.53, 0.037),  # TF-IDF of letters with the comment's first sentence
    "sentences": (0.72, 0.051),  # TF-IDF of words of the likest two sentences
    "quoted": (0.42, 0.065),  # words in marks that the paragraph has
    "numbers": (0.26, 0.138),  # that both have
    "answered": (0.68, 0.058),  # how much of the paragraph's words the comment takes up
    "likest_words": (1.26, 12.1),  # how much the comment's likest words weigh
    "topic": (0.56, 0.149),  # cosine of what all their words mean
    "around": (0.14, 0.104),  # the mean topic of the two paragraphs beside it
}

KEPT = 12  # words of a comment that speak most for a paragraph
TOKENS = 256  # of one text; what is longer is cut
COMMON = 1990  # token numbers up to here are marks and letters; then words, the frequent first
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)\]]*\s+")
_NUMBER = re.compile(r"\d[\d.,]*\d|\d")


def log_odds(comments: Sequence[str], paragraphs: Sequence[str]) -> np.ndarray:
    """Return how much each paragraph is the one that each comment answers.

    Args:
        comments: texts of comments.
        paragraphs: texts of an article's paragraphs, in their order.

    Returns:
        Shape (comments, paragraphs); only differences within a row mean something.

    Raises:
        InputError: the table of words is missing or damaged.
    """
    return signs(comments, paragraphs) @ weights()


def weights() -> np.ndarray:
    """Return the shipped weights, one a sign."""
    return np.array([weight for weight, _ in SIGNS.values()])


def signs(comments: Sequence[str], paragraphs: Sequence[str]) -> np.ndarray:
    """Return the signs of each pair, shape (comments, paragraphs, signs), centred and scaled.

    Raises:
        InputError: as `log_odds`.
    """
    if not comments or not paragraphs:
        return np.zeros((len(comments), len(paragraphs), len(SIGNS)))
    found = raw_signs(comments, paragraphs)
    scaled = []
    for name, (_, spread) in SIGNS.items():
        centred = found[name] - found[name].mean(axis=1, keepdims=True)
        scaled.append(centred / (found[name].std(axis=1, keepdims=True) + spread))
    return np.stack(scaled, axis=-1)


def raw_signs(comments: Sequence[str], paragraphs: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the signs before they are scaled, each of shape (comments, paragraphs)."""
    return _lexical(comments, paragraphs) | _by_words(comments, paragraphs)


def _lexical(comments: Sequence[str], paragraphs: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the signs that letters and words themselves give."""
    shape = (len(comments), len(paragraphs))
    said = [_sentences(text) for text in comments]
    told = [_sentences(text) for text in paragraphs]
    texts = [*paragraphs, *comments]
    by_letter = _tfidf(texts, analyzer="char_wb", ngram_range=(3, 5))
    by_word = _tfidf(texts, ngram_range=(1, 1))
    firsts = [sentences[0] for sentences in said]
    pairs = by_word([*chain(*said)]) @ by_word([*chain(*told)]).T
    quotations = [_quotations(text) for text in comments]
    plain = [f" {' '.join(words(text.lower()))} " for text in paragraphs]
    numbers = [set(_NUMBER.findall(text)) for text in paragraphs]
    quoted, shared = np.zeros(shape), np.zeros(shape)
    for i, text in enumerate(comments):
        own = set(_NUMBER.findall(text))
        shared[i] = [len(own & other) for other in numbers]
        for quotation in quotations[i]:
            here = [f" {' '.join(quotation)} " in other for other in plain]
            quoted[i] = np.maximum(quoted[i], len(quotation) * np.array(here))
    return {
        "length": np.tile([np.log1p(len(words(text))) for text in paragraphs], (shape[0], 1)),
        "first_sentence": (by_letter(firsts) @ by_letter(paragraphs).T).toarray(),
        "sentences": _highest(pairs.toarray(), said, told),
        "quoted": np.log1p(quoted),
        "numbers": np.log1p(shared),
    }


def _tfidf(texts: Sequence[str], **named):
    """Return a function from texts to TF-IDF rows of length 1, with the weights of `texts`."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, **named)
    try:
        vectorizer.fit(texts)
    except ValueError:  # no word long enough
        return lambda asked: csr_matrix((len(asked), 1))
    return vectorizer.transform


def _sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE_END.split(text) if part.strip()] or [text]


def _quotations(text: str) -> list[list[str]]:
    spans = (text[start:end].lower() for start, end in marks(text))
    return [found for found in map(words, spans) if found]


def _highest(pairs: np.ndarray, rows: Sequence[list], columns: Sequence[list]) -> np.ndarray:
    """Return the highest figure between the parts of each row's and each column's text."""
    starts = [np.cumsum([0, *map(len, parts[:-1])]) for parts in (rows, columns)]
    return np.maximum.reduceat(np.maximum.reduceat(pairs, starts[0], 0), starts[1], 1)


@lru_cache(maxsize=1)
def _table() -> tuple["Tokenizer", np.ndarray]:
    """Return the tokenizer and a direction of length 1 for each of its tokens.

    Raises:
        InputError: a file is missing or damaged.
    """
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
        table = np.load(FOLDER / "words.npy", allow_pickle=False).astype(np.float32)
    except Exception as error:  # the library raises bare Exception
        raise InputError(
            f"{FOLDER}: cannot be read ({' '.join(str(error).split())[:80]}); expected the folder "
            "as it was published, get it again"
        ) from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer, table / np.linalg.norm(table, axis=1, keepdims=True)


def _by_words(comments: Sequence[str], paragraphs: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the signs that words of like meaning give, the rare ones weighing more."""
    tokenizer, table = _table()
    texts = [text.encode("utf-8", "replace").decode() for text in (*paragraphs, *comments)]
    coded = tokenizer.encode_batch(texts, add_special_tokens=False)
    tokens = [np.array(code.ids[:TOKENS] or [0]) for code in coded]
    weighed = _weights(tokens)
    means = np.array([_unit(w @ table[t]) for t, w in zip(tokens, weighed, strict=True)])
    size = len(paragraphs)
    starts = np.cumsum([0, *map(len, tokens[: size - 1])])
    directions, told = table[np.concatenate(tokens[:size])], np.concatenate(weighed[:size])
    answered, likest = (np.zeros((len(comments), size)) for _ in range(2))
    for i, (own, weight) in enumerate(zip(tokens[size:], weighed[size:], strict=True)):
        alike = np.maximum(table[own] @ directions.T, 0)
        taken = np.add.reduceat(alike.max(axis=0) * told, starts)
        answered[i] = taken / np.add.reduceat(told, starts)
        best = np.maximum.reduceat(alike, starts, axis=1)
        likest[i] = np.sort(weight[:, None] * best**3, axis=0)[-KEPT:].sum(axis=0)
    middle = means[:size].mean(axis=0)
    centred = [_unit(mean - middle) for mean in means]
    topic = np.array(centred[size:]) @ np.array(centred[:size]).T
    around = np.zeros_like(topic)
    around[:, 1:] += topic[:, :-1] / 2
    around[:, :-1] += topic[:, 1:] / 2
    return {"answered": answered, "likest_words": likest, "topic": topic, "around": around}


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)


def _weights(tokens: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return how much each token of each text counts: rare in the language and in the article.

    The vocabulary is in the order of frequency, as BERT's are.
    """
    among = Counter(token for text in tokens for token in set(text.tolist()))
    found = []
    for text in tokens:
        rare = np.log1p(np.maximum(text - COMMON, 0) / 142)
        here = np.log((1 + len(tokens)) / (1 + np.array([among[t] for t in text.tolist()])))
        found.append(np.maximum(rare, 0.05) * (0.2 + here))
    return found
