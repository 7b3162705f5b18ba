"""How often paragraphs and sentences of two versions are paired correctly; the edits are known.

A YAML file holds an article and its republished versions, see `data/gold/versions/README.md`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.errors import InputError
from analysis.paths import DATA, resolve
from analysis.quality.alignment import annotated
from analysis.quality.cuts import evaluate_cuts
from analysis.scorers import load
from analysis.scoring.pipeline import score
from analysis.text.marks import Span, words
from analysis.types import Article, ChangeKind, Kind
from analysis.versions.changes import Op
from analysis.versions.pairing import align_paragraphs
from analysis.versions.wording import sentence_changes, word_runs
from analysis.yaml_files import YamlError, parse_yaml

GOLD = DATA / "gold" / "versions"
CARD = "data/gold/versions/README.md"
HALF = 0.5  # share of a paragraph's words that make it one with another
_SENTENCE = re.compile(r"=(\d+)\.(\d+)(?:> (.+))?", re.DOTALL)  # =3.1, or =3.1> in other words
_ADDED, _COMMENT = "+ ", "# "

Numbered = tuple[int, int]  # of a paragraph and of its sentence, from 0


@dataclass(frozen=True, slots=True)
class EditedPair:
    """An article and its republished version, with what was done to it.

    Attributes:
        name: of the version.
        written: `before` or `after` the program was last changed.
        original: the article.
        republished: its version, with comments.
        pairs: the numbers of the paragraphs that belong together, from 0, comments not counted.
        reworded: the spans of each reworded sentence in both raw texts.
    """

    name: str
    written: str
    original: Article = field(repr=False)
    republished: Article = field(repr=False)
    pairs: frozenset[tuple[int, int]]
    reworded: tuple[tuple[Span, Span], ...]


def read_pairs(folder: str | Path = GOLD) -> list[EditedPair]:
    """Read the pairs of every YAML file in a folder.

    Raises:
        InputError: there is none, or one is not of the form that the data card describes.
    """
    folder = resolve(folder)
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise InputError(f"{folder}: found no YAML file; expected pairs, see {CARD}")
    return [pair for path in paths for pair in _pairs_of(path)]


def _pairs_of(path: Path) -> Iterator[EditedPair]:
    try:
        data, _ = parse_yaml(path.read_text(encoding="utf-8"))
        sentences = [[str(sentence) for sentence in part] for part in data["text"]]
        original = _article(path.stem, data["title"], [" ".join(part) for part in sentences])
        for version in data["versions"]:
            yield _pair(version, original, sentences)
    except (OSError, YamlError, KeyError, TypeError, IndexError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be read ({error}); expected title, text and versions, see {CARD}"
        ) from None


def _article(name: str, title: str, paragraphs: Sequence[str]) -> Article:
    parts = [(Kind.COMMENTARY if _is_comment(p) else Kind.PARAGRAPH, p) for p in paragraphs]
    return annotated(name, [(Kind.TITLE, title), *parts])


def _is_comment(text: str) -> bool:
    return text.startswith(_COMMENT)


def _pair(version: dict[str, Any], original: Article, sentences: list[list[str]]) -> EditedPair:
    parts = [list(_sentences(part, sentences)) for part in version["text"]]
    texts = [" ".join(text for _, text, _ in part) for part in parts]
    republished = _article(version["name"], version["headline"], texts)
    paragraphs = [part for part, text in zip(parts, texts, strict=True) if not _is_comment(text)]
    mine, theirs = (article.of_kind(Kind.PARAGRAPH) for article in (original, republished))
    pairs, reworded = set(), []
    for number, part in enumerate(paragraphs):
        common: Counter[int] = Counter()
        for source, text, changed in part:
            if source is None:
                continue
            old = sentences[source[0]][source[1]]
            common[source[0]] += min(len(words(old)), len(words(text)))
            if changed:
                spans = _span(mine[source[0]], old), _span(theirs[number], text)
                reworded.append(spans)
        for other, shared in common.items():
            sizes = len(words(mine[other].text)), len(words(theirs[number].text))
            if shared >= HALF * min(sizes):
                pairs.add((other, number))
    return EditedPair(
        version["name"],
        version["written"],
        original,
        republished,
        frozenset(pairs),
        tuple(reworded),
    )


def _sentences(
    part: int | str | list[str], sentences: list[list[str]]
) -> Iterator[tuple[Numbered | None, str, bool]]:
    """Yield of a republished paragraph each sentence's source, text, and whether it was changed."""
    if isinstance(part, int):
        yield from (((part - 1, n), text, False) for n, text in enumerate(sentences[part - 1]))
        return
    for text in [part] if isinstance(part, str) else part:
        if found := _SENTENCE.fullmatch(text):
            at = int(found[1]) - 1, int(found[2]) - 1
            yield at, found[3] or sentences[at[0]][at[1]], found[3] is not None
        elif text.startswith((_ADDED, _COMMENT)):
            yield None, text.removeprefix(_ADDED), False
        else:
            raise ValueError(f"found {text[:40]!r}")


def _span(block, text: str) -> Span:
    start = block.start + block.text.index(text)
    return start, start + len(text)


def bench(folder: str | Path, scorer: str) -> dict[str, Any]:
    """Measure how edits are found, and, with a scorer, the test of what was left out.

    Returns:
        What `evaluate` returns, `scorer`, its `model`, and what `evaluate_cuts` returns of the
        pairs' originals.

    Raises:
        InputError: the pairs cannot be read.
        ScorerError: the scorer cannot be loaded.
    """
    pairs, loaded = read_pairs(folder), load(scorer)
    originals = {pair.original.article_id: pair.original for pair in pairs}
    results = [score(article, scorer=loaded) for article in originals.values()]
    return evaluate(pairs) | {"scorer": scorer, "model": loaded.info.model} | evaluate_cuts(results)


def evaluate(pairs: Sequence[EditedPair]) -> dict[str, Any]:
    """Measure how well the edits of pairs are found.

    Returns:
        `n`, pairs; of paragraphs that belong together `paragraph_precision`, `paragraph_recall` and
        `paragraph_f1`; of those left out and added the number and the share that was found and
        that is right (`left_out`, `left_out_recall`, `left_out_precision`, `added` and so on);
        `reworded`, sentences, `reworded_recall`, the share of them that was paired with its new
        wording and called reworded, and `reworded_words`, the mean share of their words that was
        replaced.
    """
    n: Counter[str] = Counter()
    changed = []
    for pair in pairs:
        n += _counts(pair)
        changed += [_replaced(pair, *spans) for spans in pair.reworded]
    precision, recall = n["hits"] / max(n["found"], 1), n["hits"] / max(n["gold"], 1)
    measures: dict[str, Any] = {
        "n": len(pairs),
        "paragraph_precision": precision,
        "paragraph_recall": recall,
        "paragraph_f1": 2 * precision * recall / max(precision + recall, 1e-12),
    }
    for kind in (ChangeKind.LEFT_OUT.value, ChangeKind.ADDED.value):
        measures[kind] = n[kind]
        measures[f"{kind}_recall"] = n[f"{kind} hits"] / max(n[kind], 1)
        measures[f"{kind}_precision"] = n[f"{kind} hits"] / max(n[f"{kind} found"], 1)
    return measures | {
        "reworded": n["reworded"],
        "reworded_recall": n["reworded hits"] / max(n["reworded"], 1),
        "reworded_words": sum(changed) / max(len(changed), 1),
    }


def _counts(pair: EditedPair) -> Counter[str]:
    changes = align_paragraphs(pair.original, pair.republished)
    numbers = [
        {b.block_id: i for i, b in enumerate(article.of_kind(Kind.PARAGRAPH))}
        for article in (pair.original, pair.republished)
    ]
    found = {
        (numbers[0][a], numbers[1][b]) for c in changes for a in c.original for b in c.republished
    }
    counts = Counter(gold=len(pair.pairs), found=len(found), hits=len(found & pair.pairs))
    for side, kind in enumerate((ChangeKind.LEFT_OUT, ChangeKind.ADDED)):
        gold, mine = (
            set(numbers[side].values()) - {each[side] for each in which}
            for which in (pair.pairs, found)
        )
        counts[kind.value] += len(gold)
        counts[f"{kind.value} found"] += len(mine)
        counts[f"{kind.value} hits"] += len(gold & mine)
    sentences = [
        (s.original_span, s.republished_span)
        for s in sentence_changes(pair.original, pair.republished, changes)
        if s.kind is ChangeKind.REWORDED
    ]
    counts["reworded"] = len(pair.reworded)
    counts["reworded hits"] = sum(
        any(_covers(old, a) and _covers(new, b) for a, b in sentences) for old, new in pair.reworded
    )
    return counts


def _covers(gold: Span, found: Span) -> bool:
    """Return whether a found span has at least half of the gold one."""
    shared = min(gold[1], found[1]) - max(gold[0], found[0])
    return shared >= HALF * (gold[1] - gold[0])


def _replaced(pair: EditedPair, old: Span, new: Span) -> float:
    """Return the share of a sentence's words that its new wording lacks."""
    text = pair.original.raw[slice(*old)]
    runs = word_runs(text, pair.republished.raw[slice(*new)])
    gone = sum(len(words(run.text)) for run in runs if run.op is Op.DELETE)
    return gone / max(len(words(text)), 1)
