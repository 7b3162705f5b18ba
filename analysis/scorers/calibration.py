"""Calibration of one task's logits: `p = softmax(logits / temperature + bias)`.

A temperature and a bias a class (vector scaling with one scale; Guo et al. 2017).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Calibration(NamedTuple):
    """A positive temperature and a bias a class; the biases add up to 0."""

    temperature: float
    bias: tuple[float, ...]

    def probabilities(self, logits: Floats) -> Floats:
        """Return calibrated probabilities, (n, classes), of logits of that shape."""
        return softmax(logits / self.temperature + np.array(self.bias), axis=1)


def fit(logits: Floats, truth: Ints, weights: Floats, *, prior: float = 0.05) -> Calibration:
    """Fit by weighted log-likelihood; `prior` pulls the biases softly to 0."""
    classes = logits.shape[1]

    def loss(parameters: Floats) -> float:
        bias = parameters[1:] - parameters[1:].mean()
        logs = log_softmax(logits * np.exp(-parameters[0]) + bias, axis=1)
        likely = np.average(logs[np.arange(len(truth)), truth], weights=weights)
        return -likely + prior * float(bias @ bias)

    best = minimize(loss, np.zeros(1 + classes), method="L-BFGS-B").x
    bias = best[1:] - best[1:].mean()
    return Calibration(round(float(np.exp(best[0])), 4), tuple(round(float(b), 4) for b in bias))


def folds(count: int, *, parts: int = 5, seed: int = 20261124) -> Iterator[tuple[Ints, Ints]]:
    """Yield the row numbers to fit on and to measure on, each row measured once."""
    part = np.random.default_rng(seed).permutation(count) % parts
    for number in range(parts):
        yield np.flatnonzero(part != number), np.flatnonzero(part == number)


def cross_fitted(logits: Floats, truth: Ints, weights: Floats, *, prior: float = 0.05) -> Floats:
    """Return probabilities of rows by calibrations fitted without their own part."""
    out = np.zeros_like(logits)
    for inside, outside in folds(len(truth)):
        fitted = fit(logits[inside], truth[inside], weights[inside], prior=prior)
        out[outside] = fitted.probabilities(logits[outside])
    return out
