"""Calibration of one task's logits: `p = softmax(logits / temperature + bias)`.

One temperature and a bias for each class (vector scaling with one scale; Guo et al. 2017).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FOLDS, SEED = 5, 20261124  # of cross-fitting
LARGEST = 5.0  # size of the logarithm of a temperature, so that labels at random bound it
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def softmax(scores: Floats) -> Floats:
    """Return the softmax of each row; scipy's takes longer to import than a text to score."""
    exp = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exp / exp.sum(axis=1, keepdims=True)


class Calibration(NamedTuple):
    """A positive temperature and a bias for each class."""

    temperature: float
    bias: tuple[float, ...]

    def probabilities(self, logits: Floats) -> Floats:
        """Return calibrated probabilities, (n, classes), of logits of that shape."""
        return softmax(logits / self.temperature + np.array(self.bias))


def fit(logits: Floats, truth: Ints, weights: Floats, *, prior: float = 0.05) -> Calibration:
    """Fit by weighted log-likelihood; `prior` shrinks the biases, which sum to 0, toward 0."""
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    classes = logits.shape[1]

    def loss(parameters: Floats) -> float:
        bias = parameters[1:] - parameters[1:].mean()
        logs = log_softmax(logits * np.exp(-parameters[0]) + bias, axis=1)
        likelihood = np.average(logs[np.arange(len(truth)), truth], weights=weights)
        return -likelihood + prior * float(bias @ bias)

    bounds = [(-LARGEST, LARGEST), *[(None, None)] * classes]
    best = minimize(loss, np.zeros(1 + classes), method="L-BFGS-B", bounds=bounds).x
    bias = best[1:] - best[1:].mean()
    return Calibration(round(float(np.exp(best[0])), 4), tuple(round(float(b), 4) for b in bias))


def cross_fitted(logits: Floats, truth: Ints, weights: Floats) -> Floats:
    """Return probabilities of rows by calibrations fitted without their own fold."""
    fold = np.random.default_rng(SEED).permutation(len(truth)) % FOLDS
    out = np.zeros_like(logits)
    for number in range(FOLDS):
        inside, outside = fold != number, fold == number
        fitted = fit(logits[inside], truth[inside], weights[inside])
        out[outside] = fitted.probabilities(logits[outside])
    return out
