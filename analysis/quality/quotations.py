"""How well quotations and their speakers are found, against rows that people labelled."""

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
MEASURES = ("precision", "recall", "f1")
HALF = 0.5  # share of a gold quotation's words that must be found for its speaker to be asked


@dataclass(frozen=True, slots=True)
class GoldQuotation:
    """One labelled quotation, in characters of its article's raw text."""

    start: int
    end: int
    type: str
    speaker: str
    speaker_full: str
    cue: str


@dataclass(frozen=True, slots=True)
class VoiceGold:
    """One article and what people found quoted in it."""

    article: Article = field(repr=False)
    quotations: tuple[GoldQuotation, ...]


def read_voice_gold(split: str) -> list[VoiceGold]:
    """Read the labelled articles of `dev`, `held-out` or `seed`.

    Raises:
        InputError: the rows cannot be read, or a span does not give back its text.
    """
    path = GOLD / f"{split}.jsonl"
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be read ({error}); expected JSON lines, see its README.md"
        ) from None
    folder = SEEDS if split == "seed" else GOLD / split
    by_article: dict[str, list[GoldQuotation]] = {}
    for row in rows:
        gold = GoldQuotation(**{name: row[name] for name in GoldQuotation.__slots__})
        by_article.setdefault(row["article"], []).append(gold)
    found = []
    for name, quoted in by_article.items():
        article = read(folder / f"{name}.txt")
        texts = {(r["start"], r["end"]): r["text"] for r in rows if r["article"] == name}
        if any(article.raw[start:end] != text for (start, end), text in texts.items()):
            raise InputError(f"{path}: article {name}: a span does not give back its text")
        found.append(VoiceGold(article, tuple(quoted)))
    return found


def voice_quality(golds: Sequence[VoiceGold]) -> pd.DataFrame:
    """Return how well quotations are found: a row for all, and one a type of quotation.

    Columns:
        type; gold and found, quotations; exact_precision, exact_recall, exact_f1, of
        spans equal but for marks and punctuation at their ends; overlap_precision,
        overlap_recall, overlap_f1, of words; speaker_accuracy, of the gold quotations of
        which at least half the words were found, the share with the right speaker.
        Precision is of all types together, as a found quotation's type is not asked.
    """
    tallies = {name: _Tally() for name in ("all", *TYPES)}
    for gold in golds:
        article_found = found_in(gold.article)
        for name, tally in tallies.items():
            wanted = [q for q in gold.quotations if name in ("all", q.type)]
            tally.add(gold.article.raw, wanted, gold.quotations, article_found)
    return pd.DataFrame([{"type": name} | tally.row() for name, tally in tallies.items()])


def found_in(article: Article) -> list[Quotation]:
    """Return the quotations found in an article's own paragraphs."""
    paragraphs = {block.block_id for block in article.of_kind(Kind.PARAGRAPH)}
    return [q for q in quotations(article) if q.block_id in paragraphs]


@dataclass
class _Tally:
    gold: int = 0
    found: int = 0
    exact: int = 0
    exact_any: int = 0
    gold_words: int = 0
    found_words: int = 0
    shared: int = 0
    shared_any: int = 0
    asked: int = 0
    right: int = 0

    def add(self, raw: str, wanted: Sequence, every: Sequence, found: Sequence[Quotation]) -> None:
        """Count one article; `every` are all its gold quotations, `wanted` those of a type."""
        spans = {_trimmed(raw, q.start, q.end) for q in found}
        self.gold += len(wanted)
        self.found += len(found)
        self.exact += sum(_trimmed(raw, q.start, q.end) in spans for q in wanted)
        self.exact_any += sum(_trimmed(raw, q.start, q.end) in spans for q in every)
        ours, theirs, all_theirs = (_word_starts(raw, qs) for qs in (found, wanted, every))
        self.gold_words += len(theirs)
        self.found_words += len(ours)
        self.shared += len(ours & theirs)
        self.shared_any += len(ours & all_theirs)
        for q in wanted:
            self._ask_speaker(raw, q, found)

    def _ask_speaker(self, raw: str, gold: GoldQuotation, found: Sequence[Quotation]) -> None:
        wanted = _word_starts(raw, [gold])
        best = max(found, key=lambda q: len(wanted & _word_starts(raw, [q])), default=None)
        if best is None or not wanted or not gold.speaker:
            return
        if len(_word_starts(raw, [best]) & wanted) >= HALF * len(wanted):
            self.asked += 1
            self.right += same_speaker(best.speaker, gold)

    def row(self) -> dict[str, float]:
        """Return the measures."""
        exact = _f1(self.exact_any, self.found, self.exact, self.gold)
        overlap = _f1(self.shared_any, self.found_words, self.shared, self.gold_words)
        return {
            "gold": self.gold,
            "found": self.found,
            **{f"exact_{name}": value for name, value in zip(MEASURES, exact, strict=True)},
            **{f"overlap_{name}": value for name, value in zip(MEASURES, overlap, strict=True)},
            "speaker_accuracy": self.right / max(self.asked, 1),
        }


def _f1(hits_found: int, found: int, hits_gold: int, gold: int) -> tuple[float, float, float]:
    precision, recall = hits_found / max(found, 1), hits_gold / max(gold, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-12)


def _trimmed(raw: str, start: int, end: int) -> tuple[int, int]:
    """Return a span without marks, punctuation and white space at its ends."""
    inner = list(re.finditer(r"\w", raw[start:end]))
    return (start + inner[0].start(), start + inner[-1].end()) if inner else (start, end)


def _word_starts(raw: str, spans: Sequence) -> set[int]:
    return {q.start + m.start() for q in spans for m in re.finditer(r"\w+", raw[q.start : q.end])}


def same_speaker(found: str, gold: GoldQuotation) -> bool:
    """Tell whether a found speaker is the labelled one.

    Articles and case do not count; one name may be the end of the other ("Brandt",
    "Ellen Brandt"), or its beginning without what hangs on ("the head of the union").
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
