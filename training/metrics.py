"""Figures of a classifier: F1, accuracy, calibration error, coverage."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def class_f1(truth: Ints, guess: Ints, classes: int) -> Floats:
    """Return the F1 of each class, shape (classes,); 0 where a class has no true positive."""
    hits = np.array([np.sum((truth == c) & (guess == c)) for c in range(classes)], float)
    both = np.array([np.sum(truth == c) + np.sum(guess == c) for c in range(classes)], float)
    return np.divide(2 * hits, both, out=np.zeros(classes), where=both > 0)


def calibration_error(probabilities: Floats, truth: Ints, *, bins: int = 15) -> float:
    """Return the expected calibration error of the top label, in [0, 1].

    Bins of equal width over confidence (Guo et al. 2017); `probabilities` is (n, classes).
    """
    sure = probabilities.max(1)
    right = probabilities.argmax(1) == truth
    places = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(right[places == b].mean() - sure[places == b].mean()) * np.mean(places == b)
            for b in np.unique(places)]  # fmt: skip
    return float(sum(gaps))


def measure(probabilities: Floats, truth: Ints, labels: tuple[str, ...], threshold: float) -> dict:
    """Return all figures of one set; `threshold` is the confidence below which one abstains."""
    guess = probabilities.argmax(1)
    f1 = class_f1(truth, guess, len(labels))
    kept = probabilities.max(1) >= threshold
    return {
        "n": len(truth),
        "macro_f1": round(float(f1.mean()), 4),
        "f1": {name: round(float(value), 4) for name, value in zip(labels, f1, strict=True)},
        "accuracy": round(float(np.mean(guess == truth)), 4),
        "ece": round(calibration_error(probabilities, truth), 4),
        "coverage": round(float(kept.mean()), 4),
        "accuracy_kept": round(float(np.mean((guess == truth)[kept])), 4) if kept.any() else None,
    }
