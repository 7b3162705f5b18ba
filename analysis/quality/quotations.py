"""Accuracy of quotations and their speakers, against annotated articles."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from analysis.errors import InputError
from analysis.paths import DATA, SEEDS
from analysis.readers import read
from analysis.text.marks import words
from analysis.text.quotations import Quotation, quotations
from analysis.types import Article, Kind

GOLD = DATA / "gold" / "voices"
TYPES = ("direct", "indirect", "mixed")
HALF = 0.5  # share of a gold quotation's words that must be found to judge its speaker


@dataclass(frozen=True, slots=True)
class GoldQuotation:
    """One labeled quotation, in characters of its article's raw text."""

    start: int
    end: int
    type: str
    speaker: str
    speaker_full: str
    cue: str


@dataclass(frozen=True, slots=True)
class AnnotatedQuotations:
    """One article with its gold quotations."""

    article: Article = field(repr=False)
    quotations: tuple[GoldQuotation, ...]


def read_annotated(split: str) -> list[AnnotatedQuotations]:
    """Read the annotated articles of `dev`, `held-out` or `seed`.

    Raises:
        InputError: the rows cannot be read, or a span does not match its text.
    """
    path = GOLD / f"{split}.jsonl"
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be read ({error}); expected JSON lines, see its README.md"
        ) from None
    folder = SEEDS if split == "seed" else GOLD / split
    by_article: dict[str, list[dict]] = {}
    for row in rows:
        by_article.setdefault(row["article"], []).append(row)
    annotated = []
    for name, own in by_article.items():
        article = read(folder / f"{name}.txt")
        if any(article.raw[row["start"] : row["end"]] != row["text"] for row in own):
            raise InputError(f"{path}: article {name}: a span does not give back its text")
        fields = GoldQuotation.__slots__
        gold = tuple(GoldQuotation(**{field: row[field] for field in fields}) for row in own)
        annotated.append(AnnotatedQuotations(article, gold))
    return annotated


def quotation_accuracy(annotated: Sequence[AnnotatedQuotations]) -> pd.DataFrame:
    """Measure how well quotations are found: a row for all, and a row for each type.

    Returns:
        type; gold and found, numbers of quotations; exact_precision, exact_recall, exact_f1,
        of spans that are equal but for marks and punctuation at their ends;
        overlap_precision, overlap_recall, overlap_f1, of words; speaker_accuracy, the share
        with the right speaker among gold quotations of which at least half the words were
        found. Precision is over all types, since found quotations have none.
    """
    counts = []
    for each in annotated:
        found = found_in(each.article)
        for kind in ("all", *TYPES):
            gold = [q for q in each.quotations if kind in ("all", q.type)]
            counts.append({"type": kind} | _counts(each.article.raw, gold, found))
    n = pd.DataFrame(counts).groupby("type", sort=False).sum()
    table = n[["gold", "found"]]
    for measure, hits, gold, found in (
        ("exact", "exact", "gold", "found"),
        ("overlap", "shared_words", "gold_words", "found_words"),
    ):
        recall = n[hits] / n[gold].clip(lower=1)
        precision = (n[hits] / n[found].clip(lower=1))["all"]
        f1 = 2 * precision * recall / (precision + recall).clip(lower=1e-12)
        values = {"precision": precision, "recall": recall, "f1": f1}
        table = table.assign(**{f"{measure}_{name}": value for name, value in values.items()})
    return table.assign(speaker_accuracy=n["right"] / n["judged"].clip(lower=1)).reset_index()


def found_in(article: Article) -> list[Quotation]:
    """Return the quotations found in an article's own paragraphs."""
    paragraphs = {block.block_id for block in article.of_kind(Kind.PARAGRAPH)}
    return [q for q in quotations(article) if q.block_id in paragraphs and not q.wish]


def _counts(raw: str, gold: Sequence[GoldQuotation], found: Sequence[Quotation]) -> dict[str, int]:
    spans = {_trimmed(raw, q.start, q.end) for q in found}
    found_words, gold_words = _word_starts(raw, found), _word_starts(raw, gold)
    right = [_speaker_right(raw, q, found) for q in gold]
    return {
        "gold": len(gold),
        "found": len(found),
        "exact": sum(_trimmed(raw, q.start, q.end) in spans for q in gold),
        "gold_words": len(gold_words),
        "found_words": len(found_words),
        "shared_words": len(gold_words & found_words),
        "judged": len(right) - right.count(None),
        "right": right.count(True),
    }


def _speaker_right(raw: str, gold: GoldQuotation, found: Sequence[Quotation]) -> bool | None:
    """Tell whether the found quotation that overlaps most has the gold one's speaker.

    None where the gold one has no speaker, or less than half of it was found.
    """
    words = _word_starts(raw, [gold])
    shared = {q: len(words & _word_starts(raw, [q])) for q in found}
    best = max(shared, key=shared.get, default=None)
    if best is None or not words or not gold.speaker or shared[best] < HALF * len(words):
        return None
    return same_speaker(best.speaker, gold)


def _trimmed(raw: str, start: int, end: int) -> tuple[int, int]:
    """Return a span without marks, punctuation and white space at its ends."""
    inner = list(re.finditer(r"\w", raw[start:end]))
    return (start + inner[0].start(), start + inner[-1].end()) if inner else (start, end)


def _word_starts(raw: str, spans: Sequence) -> set[int]:
    return {q.start + m.start() for q in spans for m in re.finditer(r"\w+", raw[q.start : q.end])}


def same_speaker(found: str, gold: GoldQuotation) -> bool:
    """Tell whether a found speaker is the gold one.

    Articles and case are ignored; one name may be the end of the other ("Brandt", "Ellen
    Brandt"), or its beginning ("the head", "the head of the union").
    """
    mine = _name_words(found)
    for name in (gold.speaker, gold.speaker_full):
        theirs = _name_words(name)
        short, long = sorted((mine, theirs), key=len)
        if short and (long[-len(short) :] == short or long[: len(short)] == short):
            return True
    return False


def _name_words(name: str) -> list[str]:
    found = [w.lower().removesuffix("'s").removesuffix("’s") for w in words(name)]
    return [w for w in found if w not in ("the", "a", "an")]
