"""Fit the weights that rank targets, and count the words of the background, on Marginalia's train.

    python tools/fit_topics.py             # write both files into analysis/data/
    python tools/fit_topics.py --validate  # only print the recall by five-fold cross-validation

No other data is read. Parsing 989 blocks takes some minutes.
"""

import json
import sys
from collections import Counter

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from analysis.paths import DATA, PACKAGE_DATA
from analysis.quality.marginalia import read_blocks
from analysis.quality.targets import as_article, is_named, top
from analysis.text import topics
from analysis.text.aliases import read_aliases
from analysis.text.nlp import parsed
from analysis.text.phrases import lemma

TRAIN = DATA / "marginalia" / "train.jsonl"
LEAST = 2  # blocks that have a word, for it to stand in the file
FOLDS, STRENGTH = 5, 0.05


def main() -> None:
    """Read the blocks, fit, and write or print."""
    blocks = read_blocks(TRAIN)
    write_background(blocks)
    rows, right, found = [], [], []
    for block in blocks:
        article = as_article(block)
        gathered = topics.gathered(article, read_aliases())
        rows.append(topics.features(article, gathered))
        right.append(np.array([named_by(topic, block.targets) for topic in gathered]))
        found.append([(t.name, t.head) for t in gathered])
    names = list(rows[0][0])
    tables = [np.array([[row[n] for n in names] for row in own]) for own in rows]
    recalls(tables, right, found)
    if "--validate" in sys.argv:
        return
    weights, intercept = fit(tables, right)
    known = {"intercept": intercept} | dict(zip(names, weights, strict=True))
    head = "# Log-odds that a phrase is a target: tools/fit_topics.py writes this file.\n"
    text = yaml.safe_dump({n: round(float(w), 4) for n, w in known.items()}, sort_keys=False)
    (PACKAGE_DATA / "topic_weights.yaml").write_text(head + text, encoding="utf-8")


def named_by(topic: topics.Topic, named: tuple[str, ...]) -> list[bool]:
    """Return for each named target whether a topic is that target."""
    return [is_named((topic.name, topic.head, topic.words), name) for name in named]


def write_background(blocks: list) -> None:
    """Count in how many blocks each lemma stands."""
    counts: Counter[str] = Counter()
    for block in blocks:
        docs = parsed(as_article(block)).values()
        counts.update({lemma(t) for own in docs for _, doc in own for t in doc if t.is_alpha})
    kept = {word: n for word, n in sorted(counts.items()) if n >= LEAST}
    text = json.dumps({"blocks": len(blocks), "counts": kept}, ensure_ascii=False, indent=0)
    (PACKAGE_DATA / "background.json").write_text(text + "\n", encoding="utf-8")


def fit(tables: list, right: list) -> tuple[np.ndarray, float]:
    """Return weights and intercept of a logistic regression, on the features' own scale."""
    table, truth = np.vstack(tables), np.concatenate([r.any(axis=1) for r in right])
    scaler = StandardScaler().fit(table)
    model = LogisticRegression(C=STRENGTH, max_iter=1000, class_weight="balanced")
    model.fit(scaler.transform(table), truth)
    weights = model.coef_[0] / scaler.scale_
    return weights, float(model.intercept_[0] - weights @ scaler.mean_)


def recalls(tables: list, right: list, found: list) -> None:
    """Print recall among the first three and six, each fold by weights of the others."""
    order = np.random.default_rng(0).permutation(len(tables))
    hits: dict[int, list] = {3: [], 6: []}
    for fold in np.array_split(order, FOLDS):
        others = np.setdiff1d(order, fold)
        weights, _ = fit([tables[i] for i in others], [right[i] for i in others])
        for i in fold:
            if not right[i].any():
                continue
            for most, kept in hits.items():
                chosen = top([head for _, head in found[i]], tables[i] @ weights, most)
                got = right[i][chosen].any(axis=0)
                kept.append((got.any(), got.sum() / right[i].any(axis=0).sum()))
    for most, kept in hits.items():
        print(most, len(kept), np.mean(kept, axis=0).round(3))


if __name__ == "__main__":
    main()
