"""Which paragraph a comment speaks of, by its text alone: several signs, one weight each.

Some come from letters and words themselves, some from what each word means wherever it stands.
Where it is asked, three more come from what the word means where it stands (`encoder`).

Each sign is a figure for every pair of a comment and a paragraph; within an article a sign's
figures for one comment are centred and scaled, and their weighted sum is a log-odds: a
paragraph one higher than another is e times as likely the one that is answered. The weights
are a conditional logit's (McFadden 1974), fitted on articles whose reviewers said what they
answer (see `data/models/alignment/MODEL_CARD.md`).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np

from analysis.alignment import encoder
from analysis.text.marks import marks, words


class Sign(NamedTuple):
    """One sign: the usual spread of its figures within an article, and its weights."""

    spread: float
    weight: float | None  # among the signs that need no encoder, where it is one of them
    encoded: float  # among all


SIGNS: dict[str, Sign] = {
    "length": Sign(0.606, 0.51, 0.31),  # of the paragraph
    "first_sentence": Sign(0.0339, 0.51, 0.47),  # TF-IDF of letters with the comment's first one
    "sentences": Sign(0.0491, 0.69, 0.68),  # TF-IDF of words of the likest two sentences
    "quoted": Sign(0.0256, 0.35, 0.39),  # words in marks that the paragraph has
    "numbers": Sign(0.0972, 0.23, 0.18),  # that both have
    "answered": Sign(0.0559, 0.68, 0.40),  # how much of the paragraph's words the comment takes up
    "likest_words": Sign(11, 1.21, 0.48),  # how much the comment's likest words weigh
    "topic": Sign(0.146, 0.55, -0.09),  # cosine of what all their words mean
    "around": Sign(0.101, 0.17, 0.09),  # the mean topic of the two paragraphs beside it
    "meaning": Sign(0.136, None, 0.81),  # cosine of the encoder's mean states
    "rare_meaning": Sign(0.133, None, 0.68),  # so, less the article's; rare words weigh more
    "likest_states": Sign(11.7, None, 0.91),  # as likest_words, of states and not cubed
}

KEPT = 12  # words of a comment that speak most for a paragraph
TOKENS = 256  # of one text whose words are looked at by themselves; what is longer is cut
COMMON = 1990  # token numbers up to here are marks and letters; then words, the frequent first
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)\]]*\s+")
_NUMBER = re.compile(r"\d[\d.,]*\d|\d")


def log_odds(
    comments: Sequence[str], paragraphs: Sequence[str], *, encoded: bool = False
) -> np.ndarray:
    """Return how much each paragraph is the one that each comment answers.

    Args:
        comments: texts of comments.
        paragraphs: texts of an article's paragraphs, in their order.
        encoded: whether to ask the encoder too, which finds more and takes far longer.

    Returns:
        Shape (comments, paragraphs); only differences within a row mean something.

    Raises:
        InputError: the table of words or the encoder is missing or damaged.
    """
    return signs(comments, paragraphs, encoded=encoded) @ weights(encoded=encoded)


def names(*, encoded: bool = False) -> list[str]:
    """Return the names of the signs, in their order."""
    return [name for name, sign in SIGNS.items() if encoded or sign.weight is not None]


def weights(*, encoded: bool = False) -> np.ndarray:
    """Return the shipped weights, one a sign."""
    used = [SIGNS[name] for name in names(encoded=encoded)]
    return np.array([sign.encoded if encoded else sign.weight for sign in used], float)


def signs(
    comments: Sequence[str], paragraphs: Sequence[str], *, encoded: bool = False
) -> np.ndarray:
    """Return the signs of each pair, shape (comments, paragraphs, signs), centred and scaled.

    Raises:
        InputError: as `log_odds`.
    """
    wanted = names(encoded=encoded)
    if not comments or not paragraphs:
        return np.zeros((len(comments), len(paragraphs), len(wanted)))
    found = raw_signs(comments, paragraphs, encoded=encoded)
    return scaled(found, {name: SIGNS[name].spread for name in wanted})


def scaled(found: Mapping[str, np.ndarray], spreads: Mapping[str, float]) -> np.ndarray:
    """Return raw signs in the order of `spreads`, centred and scaled for each comment."""
    out = []
    for name, spread in spreads.items():
        centred = found[name] - found[name].mean(axis=1, keepdims=True)
        out.append(centred / (found[name].std(axis=1, keepdims=True) + spread))
    return np.stack(out, axis=-1)


def raw_signs(
    comments: Sequence[str], paragraphs: Sequence[str], *, encoded: bool = False
) -> dict[str, np.ndarray]:
    """Return the signs before they are scaled, each of shape (comments, paragraphs)."""
    found = _lexical(comments, paragraphs) | _by_words(comments, paragraphs)
    return found | _by_states(comments, paragraphs) if encoded else found


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
def _table() -> np.ndarray:
    """Return a direction of length 1 for each token.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        table = np.load(encoder.FOLDER / "words.npy", allow_pickle=False).astype(np.float32)
    except (OSError, ValueError) as error:
        raise encoder.damaged(error) from None
    return _unit(table)


def _by_words(comments: Sequence[str], paragraphs: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the signs that words of like meaning give, the rare ones weighing more."""
    table, coded = _table(), encoder.pieces([*paragraphs, *comments])
    tokens = [np.array(ids[:TOKENS] or [0]) for ids in coded]
    weighed = _weights(tokens)
    means = _unit(np.array([w @ table[t] for t, w in zip(tokens, weighed, strict=True)]))
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
    centred = _unit(means - middle)
    topic = centred[size:] @ centred[:size].T
    around = np.zeros_like(topic)
    around[:, 1:] += topic[:, :-1] / 2
    around[:, :-1] += topic[:, 1:] / 2
    return {"answered": answered, "likest_words": likest, "topic": topic, "around": around}


def _by_states(comments: Sequence[str], paragraphs: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the signs that the encoder gives."""
    size = len(paragraphs)
    found = encoder.states([*paragraphs, *comments])
    meant = _unit(np.array([state.mean(axis=0) for _, state in found]))
    tokens = [ids[1:-1] for ids, _ in found]  # without the marks at both ends
    lengths = [len(ids) for ids in tokens]
    every = np.concatenate([state[1:-1] for _, state in found])
    del found  # the states of a long article are much
    weighed, ends = _weights(tokens), np.cumsum(lengths)
    bounds = list(zip(ends - lengths, ends, strict=True))
    sums = [w @ every[start:end] for w, (start, end) in zip(weighed, bounds, strict=True)]
    rare = _unit(np.array(sums))
    rare = _unit(rare - rare.mean(axis=0))
    if len(every):
        every -= every.mean(axis=0)
    every /= np.maximum(np.linalg.norm(every, axis=1, keepdims=True), 1e-9)
    likest = np.zeros((len(comments), size))
    told = [number for number in range(size) if lengths[number]]
    if told:
        starts = np.array([bounds[number][0] for number in told])
        directions = every[: ends[size - 1]].T
        for i, (weight, (start, end)) in enumerate(zip(weighed[size:], bounds[size:], strict=True)):
            best = np.maximum.reduceat(every[start:end] @ directions, starts, axis=1)
            best = weight[:, None] * np.maximum(best, 0)
            likest[i, told] = np.sort(best, axis=0)[-KEPT:].sum(axis=0)
    return {
        "meaning": meant[size:] @ meant[:size].T,
        "rare_meaning": rare[size:] @ rare[:size].T,
        "likest_states": likest,
    }


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors, shape (…, width), at length 1; nothing but zeros stays so."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


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
