"""Ranks an article's paragraphs by how likely each is the one that a comment answers.

Lexical features come from characters and words, static ones from word vectors, and, on request,
contextual ones from `encoder`. Each is computed for every pair of comment and paragraph and
standardized within the comment; their weighted sum is a log-odds. The weights are those of a
conditional logit (McFadden 1974), fitted to articles with known anchors (see
`data/models/alignment/MODEL_CARD.md`).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np

from analysis.alignment import encoder
from analysis.text.marks import quoted_spans, words
from analysis.text.tfidf import by_letter, by_word


class Feature(NamedTuple):
    """A feature's usual spread within an article, and its weights."""

    spread: float
    weight: float | None  # without the encoder; None for features that need it
    encoded: float  # with the encoder


FEATURES: dict[str, Feature] = {
    "length": Feature(0.606, 0.51, 0.31),  # of the paragraph
    "first_sentence": Feature(0.0339, 0.51, 0.47),  # character TF-IDF with the comment's first
    "sentences": Feature(0.0491, 0.69, 0.68),  # word TF-IDF of the two closest sentences
    "quoted": Feature(0.0256, 0.35, 0.39),  # words in marks found in the paragraph
    "numbers": Feature(0.0972, 0.23, 0.18),  # in both
    "answered": Feature(0.0559, 0.68, 0.40),  # share of the paragraph's words taken up
    "likest_words": Feature(11, 1.21, 0.48),  # weight of the comment's closest words
    "topic": Feature(0.146, 0.55, -0.09),  # cosine of mean word vectors
    "around": Feature(0.101, 0.17, 0.09),  # mean topic of the adjacent paragraphs
    "meaning": Feature(0.136, None, 0.81),  # cosine of mean encoder states
    "rare_meaning": Feature(0.133, None, 0.68),  # the same, centered; rare words weigh more
    "likest_states": Feature(11.7, None, 0.91),  # as likest_words, with states, not cubed
}

KEPT = 12  # words of a comment that count for a paragraph
TOKENS = 256  # of one text; the rest is cut
COMMON = 1990  # ids up to here are punctuation and letters; words follow by frequency
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)\]]*\s+")
_NUMBER = re.compile(r"\d[\d.,]*\d|\d")


def log_odds(
    comments: Sequence[str], paragraphs: Sequence[str], *, encoded: bool = False
) -> np.ndarray:
    """Return the log-odds of each paragraph being the one that each comment answers.

    Args:
        comments: texts of comments.
        paragraphs: texts of an article's paragraphs, in order.
        encoded: whether to use the encoder too; more accurate and far slower.

    Returns:
        Shape (comments, paragraphs); only differences within a row are meaningful.

    Raises:
        InputError: the table of words or the encoder is missing or damaged.
    """
    return features(comments, paragraphs, encoded=encoded) @ weights(encoded=encoded)


def names(*, encoded: bool = False) -> list[str]:
    """Return the names of the features, in order."""
    return [name for name, feature in FEATURES.items() if encoded or feature.weight is not None]


def weights(*, encoded: bool = False) -> np.ndarray:
    """Return the shipped weights, shape (features,)."""
    used = [FEATURES[name] for name in names(encoded=encoded)]
    return np.array([feature.encoded if encoded else feature.weight for feature in used], float)


def features(
    comments: Sequence[str], paragraphs: Sequence[str], *, encoded: bool = False
) -> np.ndarray:
    """Return the standardized features, shape (comments, paragraphs, features).

    Raises:
        InputError: as `log_odds`.
    """
    wanted = names(encoded=encoded)
    if not comments or not paragraphs:
        return np.zeros((len(comments), len(paragraphs), len(wanted)))
    found = raw_features(comments, paragraphs, encoded=encoded)
    return standardized(found, {name: FEATURES[name].spread for name in wanted})


def standardized(found: Mapping[str, np.ndarray], spreads: Mapping[str, float]) -> np.ndarray:
    """Return raw features in the order of `spreads`, standardized within each comment."""
    out = []
    for name, spread in spreads.items():
        centered = found[name] - found[name].mean(axis=1, keepdims=True)
        out.append(centered / (found[name].std(axis=1, keepdims=True) + spread))
    return np.stack(out, axis=-1)


def raw_features(
    comments: Sequence[str], paragraphs: Sequence[str], *, encoded: bool = False
) -> dict[str, np.ndarray]:
    """Return the raw features by name, each of shape (comments, paragraphs)."""
    found = _lexical(comments, paragraphs) | _static(comments, paragraphs)
    return found | _contextual(comments, paragraphs) if encoded else found


def _lexical(comments: Sequence[str], paragraphs: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the lexical features."""
    shape = (len(comments), len(paragraphs))
    comment_sentences = [_sentences(text) for text in comments]
    paragraph_sentences = [_sentences(text) for text in paragraphs]
    texts = (*paragraphs, *comments)
    letters, letters_of = by_letter(texts)
    words_of = by_word(texts)
    firsts = letters_of([sentences[0] for sentences in comment_sentences])
    pairs = words_of([*chain(*comment_sentences)]) @ words_of([*chain(*paragraph_sentences)]).T
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
        "first_sentence": (firsts @ letters[: shape[1]].T).toarray(),
        "sentences": _highest(pairs.toarray(), comment_sentences, paragraph_sentences),
        "quoted": np.log1p(quoted),
        "numbers": np.log1p(shared),
    }


def _sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE_END.split(text) if part.strip()] or [text]


def _quotations(text: str) -> list[list[str]]:
    spans = (text[start:end].lower() for start, end in quoted_spans(text))
    return [found for found in map(words, spans) if found]


def _highest(pairs: np.ndarray, rows: Sequence[list], columns: Sequence[list]) -> np.ndarray:
    """Return the highest value over the sentence pairs of each row's and column's text."""
    starts = [np.cumsum([0, *map(len, parts[:-1])]) for parts in (rows, columns)]
    return np.maximum.reduceat(np.maximum.reduceat(pairs, starts[0], 0), starts[1], 1)


@lru_cache(maxsize=1)
def _table() -> np.ndarray:
    """Return the table of word vectors, shape (tokens, width), each of unit length.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        table = np.load(encoder.FOLDER / "words.npy", allow_pickle=False).astype(np.float32)
    except (OSError, ValueError) as error:
        raise encoder.damaged(error) from None
    return _unit(table)


def _static(comments: Sequence[str], paragraphs: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the static features: similarity of word vectors, rare words weighing more."""
    table, coded = _table(), encoder.pieces([*paragraphs, *comments])
    tokens = [np.array(ids[:TOKENS] or [0]) for ids in coded]
    weighed = _weights(tokens)
    means = _unit(np.array([w @ table[t] for t, w in zip(tokens, weighed, strict=True)]))
    size = len(paragraphs)
    starts = np.cumsum([0, *map(len, tokens[: size - 1])])
    vectors = table[np.concatenate(tokens[:size])]
    paragraph_weights = np.concatenate(weighed[:size])
    answered, likest = (np.zeros((len(comments), size)) for _ in range(2))
    for i, (own, weight) in enumerate(zip(tokens[size:], weighed[size:], strict=True)):
        alike = np.maximum(table[own] @ vectors.T, 0)
        taken = np.add.reduceat(alike.max(axis=0) * paragraph_weights, starts)
        answered[i] = taken / np.add.reduceat(paragraph_weights, starts)
        best = np.maximum.reduceat(alike, starts, axis=1)
        likest[i] = np.sort(weight[:, None] * best**3, axis=0)[-KEPT:].sum(axis=0)
    middle = means[:size].mean(axis=0)
    centered = _unit(means - middle)
    topic = centered[size:] @ centered[:size].T
    around = np.zeros_like(topic)
    around[:, 1:] += topic[:, :-1] / 2
    around[:, :-1] += topic[:, 1:] / 2
    return {"answered": answered, "likest_words": likest, "topic": topic, "around": around}


def _contextual(comments: Sequence[str], paragraphs: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the contextual features."""
    size = len(paragraphs)
    found = encoder.states([*paragraphs, *comments])
    meant = _unit(np.array([state.mean(axis=0) for _, state in found]))
    tokens = [ids[1:-1] for ids, _ in found]  # without [CLS] and [SEP]
    lengths = [len(ids) for ids in tokens]
    every = np.concatenate([state[1:-1] for _, state in found])
    del found  # a long article's states take much memory
    weighed, ends = _weights(tokens), np.cumsum(lengths)
    bounds = list(zip(ends - lengths, ends, strict=True))
    sums = [w @ every[start:end] for w, (start, end) in zip(weighed, bounds, strict=True)]
    rare = _unit(np.array(sums))
    rare = _unit(rare - rare.mean(axis=0))
    if len(every):
        every -= every.mean(axis=0)
    every /= np.maximum(np.linalg.norm(every, axis=1, keepdims=True), 1e-9)
    likest = np.zeros((len(comments), size))
    nonempty = [number for number in range(size) if lengths[number]]
    if nonempty:
        starts = np.array([bounds[number][0] for number in nonempty])
        directions = every[: ends[size - 1]].T
        for i, (weight, (start, end)) in enumerate(zip(weighed[size:], bounds[size:], strict=True)):
            best = np.maximum.reduceat(every[start:end] @ directions, starts, axis=1)
            best = weight[:, None] * np.maximum(best, 0)
            likest[i, nonempty] = np.sort(best, axis=0)[-KEPT:].sum(axis=0)
    return {
        "meaning": meant[size:] @ meant[:size].T,
        "rare_meaning": rare[size:] @ rare[:size].T,
        "likest_states": likest,
    }


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors, shape (…, width), scaled to unit length; zero vectors stay zero."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def _weights(tokens: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the weights of each text's tokens: higher where rare in the language and the article.

    BERT's vocabulary is ordered by frequency, so a token's id stands for its rank.
    """
    among = Counter(token for text in tokens for token in set(text.tolist()))
    found = []
    for text in tokens:
        rare = np.log1p(np.maximum(text - COMMON, 0) / 142)
        here = np.log((1 + len(tokens)) / (1 + np.array([among[t] for t in text.tolist()])))
        found.append(np.maximum(rare, 0.05) * (0.2 + here))
    return found
