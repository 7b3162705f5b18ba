"""Fit the weights that find sentences which speak to a model, on sentences made and of Marginalia.

    python tools/fit_orders.py             # write the file into analysis/data/
    python tools/fit_orders.py --validate  # only print recall and false alarms

Orders are drawn from the parts in `tools/orders.yaml`, ordinary sentences and headlines as well;
others come whole, and clipped to a few words, from Marginalia's train set. Recall is that on kinds
of orders that a fold has not seen.
"""

import json
import sys
from pathlib import Path

import numpy as np
import yaml
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from analysis.paths import DATA, PACKAGE_DATA
from analysis.text.orders import LABEL, features, sentences

PARTS = Path(__file__).with_name("orders.yaml")
TRAIN = DATA / "marginalia" / "train.jsonl"
ORDINARY = ("plain", "ordinary", "headlines", "positions", "opinions")
SHORT, LONG = 2, 9  # words of a clipping
DRAWN, PLAIN, FOLDS, STRENGTH = 6000, 3000, 6, 1.0
ALARMS = 1 / 200  # of Marginalia's sentences that name a label, whole and clipped, at most
SMALLEST = 0.05  # weights below are left out


def main() -> None:
    """Read and draw the sentences, fit, and write or print."""
    rng = np.random.default_rng(0)
    parts = yaml.safe_load(PARTS.read_text("utf-8"))
    kinds = ("orders", "commands")
    made = [drawn(parts, kinds[n % 2], rng) for n in range(DRAWN)]
    made = [(text, order) for text, order in made if LABEL in features(text)]
    plain = [drawn(parts, kind, rng)[0] for kind in ORDINARY for _ in range(PLAIN)]
    found = ordinary()
    found += clippings(found, rng)
    texts = [text for text, _ in made] + plain + found
    truth = np.arange(len(texts)) < len(made)
    groups = np.concatenate([[order for _, order in made], rng.integers(99, size=(~truth).sum())])
    vectorizer = DictVectorizer()
    table = vectorizer.fit_transform([dict.fromkeys(features(text), 1.0) for text in texts])
    odds = np.zeros(len(texts))
    for fold in range(FOLDS):
        held = groups % FOLDS == fold
        odds[held] = fit(table[~held], truth[~held]).decision_function(table[held])
    naming = np.array([LABEL in features(text) for text in found])
    threshold = float(np.quantile(odds[-len(found) :][naming], 1 - ALARMS))
    print(f"{naming.sum()} of Marginalia's sentences name a label; {ALARMS:.2%} of them are above "
          f"{threshold:.2f}; recall {np.mean(odds[truth] > threshold):.3f}")  # fmt: skip
    if "--validate" in sys.argv:
        return
    model = fit(table, truth)
    names = vectorizer.get_feature_names_out()
    weights = {
        str(name): round(float(weight), 2)
        for name, weight in zip(names, model.coef_[0], strict=True)
        if abs(weight) >= SMALLEST
    }
    known = {"intercept": round(float(model.intercept_[0]), 2), "threshold": round(threshold, 2)}
    head = "# Log-odds that a sentence is an order to a model: written by tools/fit_orders.py.\n"
    text = yaml.safe_dump(known | {"weights": weights}, sort_keys=False, allow_unicode=True)
    (PACKAGE_DATA / "order_weights.yaml").write_text(head + text, encoding="utf-8")


def drawn(parts: dict, kind: str, rng: np.random.Generator) -> tuple[str, int]:
    """Draw a sentence of a kind from its parts; returns the number of its second part too."""
    numbers = [int(rng.integers(len(own))) for own in parts[kind]]
    chosen = [own[number] for own, number in zip(parts[kind], numbers, strict=True)]
    text = " ".join(filter(None, chosen[:-1])) + chosen[-1]
    text = text.replace("{label}", str(rng.choice(parts["labels"])))
    return " ".join(text.split()), numbers[1]


def ordinary() -> list[str]:
    """Return all sentences of Marginalia's train set."""
    blocks = map(json.loads, TRAIN.read_text("utf-8").splitlines())
    texts = [text["text"] for block in blocks for text in (*block["passages"], *block["comments"])]
    return [text[start:end] for text in texts for start, end in sentences(text)]


def clippings(texts: list[str], rng: np.random.Generator) -> list[str]:
    """Return a few words around each label in sentences: as short as headlines, and no orders."""
    clipped = []
    for words in map(str.split, texts):
        for place in (n for n, word in enumerate(words) if LABEL in features(word)):
            start = max(0, place - int(rng.integers(LONG)))
            clipped.append(" ".join(words[start : place + int(rng.integers(SHORT, LONG))]))
    return clipped


def fit(table, truth: np.ndarray) -> LogisticRegression:
    """Return a logistic regression in which both kinds weigh alike."""
    return LogisticRegression(C=STRENGTH, max_iter=2000, class_weight="balanced").fit(table, truth)


if __name__ == "__main__":
    main()
