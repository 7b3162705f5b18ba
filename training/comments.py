"""Made rows, first kind: a turn of phrase around topical sentences, or a restatement."""

import re
from collections import defaultdict
from pathlib import Path

import numpy as np

from training import phrases
from training.data import Row, one_hot, read_source
from training.rewording import contrary, lowered, sentences, some

SOURCE = "relation/made_comments"
TOPICAL = ("stance/newsmtsc", "stance/vast", "stance/gwsd", "stance/persent", "stance/basil")
LOOSE = ("bias/basil", "bias/wiki_npov", "relation/rte")
ANSWERED = ("relation/perspectrum", "relation/ibm_argq_30k", "relation/healthver",
            "relation/political_campaign")  # fmt: skip


class CommentMaker:
    """Makes commentary rows from the corpora's sentences and the turns of phrase."""

    def __init__(self, corpora: Path, rng: np.random.Generator) -> None:
        """Read the sentences that passages and comments are made of."""
        self.rng = rng
        self.topics: dict[str, list[str]] = defaultdict(list)
        for source in TOPICAL:
            for row in read_source(corpora, source):
                topic = f"{source} {row.first.lower()}"
                self.topics[topic] += sentences(row.second)
        self.topics = {t: s for t, s in sorted(self.topics.items()) if len(set(s)) > 2}
        self.names = sorted(self.topics)
        sizes = np.sqrt([min(400, len(self.topics[name])) for name in self.names])
        self.shares = sizes / sizes.sum()
        self.loose: list[str] = []
        for source in LOOSE:
            self.loose += [s for row in read_source(corpora, source) for s in sentences(row.first)]
        self.answered = [row for source in ANSWERED for row in read_source(corpora, source)]

    def _pick(self, items):
        return items[int(self.rng.integers(len(items)))]

    def row(self) -> Row | None:
        """Return one row, or None where the drawn text does not lend itself to it."""
        way = self.rng.random()
        if way < 0.62:
            made = self._led()
        elif way < 0.82:
            made = self._restated()
        else:
            made = self._answered()
        return made and Row("relation", *made[:2], one_hot("relation", made[2]), SOURCE)

    def _lead(self, label: str, passage: str) -> str:
        """Return a turn of phrase for a label; it may hold `{c}`."""
        plain = self.rng.random() < 0.45
        if label == "neutral":
            lead = self._pick(phrases.NEUTRAL)
        elif plain:
            words = phrases.GOOD if label == "agree" else phrases.BAD
            grade, word = self._pick(phrases.GRADES), self._pick(words)
            graded = grade and not re.match(r"(an?|the|not|in|at|exactly|too|beside) ", word)
            lead = f"{{s}} is {grade} {word}." if graded else f"{{s}} is {word}."
            if self.rng.random() < 0.25:
                lead = lead[:-1] + self._pick([": {c}", ", as {c}", " because {c}", "; {c}"])
        else:
            lead = self._pick(phrases.AGREE if label == "agree" else phrases.DISAGREE)
        return lead.replace("{s}", self._subject(passage))

    def _subject(self, passage: str) -> str:
        """Return a name for what is answered, in some rows words quoted from it."""
        words = passage.split()
        if self.rng.random() > 0.2 or len(words) < 6:
            return self._pick(phrases.SUBJECTS)
        size = int(self.rng.integers(2, 9))
        start = int(self.rng.integers(max(1, len(words) - size)))
        quote = " ".join(words[start : start + size]).strip(".,;:\"'“”")
        return self._pick(['"{q}"', "'{q}'", 'This "{q}"', "“{q}”"]).replace("{q}", quote)

    def _led(self) -> tuple[str, str, str] | None:
        """A turn of phrase with sentences on the same topic."""
        topic = self.topics[self.names[self.rng.choice(len(self.names), p=self.shares)]]
        if self.rng.random() < 0.25:
            start = int(self.rng.integers(len(self.loose) - 8))
            topic = self.loose[start : start + 8]
        passage = self._passage(topic)
        label = str(self.rng.choice(["agree", "disagree", "neutral"], p=[0.43, 0.45, 0.12]))
        more = [self._pick(topic) for _ in range(int(self.rng.integers(0, 4)))]
        more = [text for text in more if text not in passage]
        return passage, self._joined(self._lead(label, passage), more), label

    def _joined(self, lead: str, more: list[str]) -> str:
        """Join a turn of phrase and sentences; the lead comes first in most rows."""
        if "{c}" in lead:
            clause = more.pop(0) if more else self._pick(self.loose)
            return " ".join([lead.replace("{c}", lowered(clause)), *more])
        place = min(len(more), int(self.rng.choice([0, 1, 2, 3], p=[0.7, 0.14, 0.08, 0.08])))
        return " ".join([*more[:place], lead, *more[place:]])

    def _passage(self, topic: list[str]) -> str:
        """Return a passage: a sentence, part of one, or two."""
        text = self._pick(topic)
        shape = self.rng.random()
        words = text.split()
        if shape < 0.15 and len(words) > 12:
            start = int(self.rng.integers(2, 6))
            return " ".join(words[start : start + int(self.rng.integers(7, 25))])
        return f"{text} {self._pick(topic)}" if shape > 0.8 else text

    def _restated(self) -> tuple[str, str, str] | None:
        """The passage's statement again, as it is or with one fact changed."""
        pool = self.loose if self.rng.random() < 0.4 else self.topics[self._pick(self.names)]
        passage = self._pick(pool)
        words = passage.split()
        if not 7 <= len(words) <= 40:
            return None
        cut = int(self.rng.integers(max(7, len(words) // 2), len(words) + 1))
        said = " ".join(words[:cut]).rstrip(",;:")
        said += "" if said[-1] in ".!?" else "."
        if self.rng.random() < 0.6:
            changed = contrary(said, self.rng)
            if changed is None:
                return None
            lead = self._pick(["", "", "Actually, ", "In fact, ", "No, ", "Not so: ", "Rather, "])
            return passage, lead + (lowered(changed) if lead else changed), "disagree"
        lead = self._pick(["", "", "Yes, ", "Indeed, ", "True: ", "It is so: ", "As we know, "])
        return passage, lead + (lowered(said) if lead else said), "agree"

    def _answered(self) -> tuple[str, str, str]:
        """A real argument or piece of evidence, led by a turn of phrase that fits its label."""
        row = self._pick(self.answered)
        comment = some(row.second, self.rng, 3)
        passage = some(row.first, self.rng, 2) if len(row.first) > 300 else row.first
        lead = self._lead(row.label, passage)
        return passage, self._joined(lead, [comment]), row.label
