"""Rows without a label of their own, for a student that learns from a teacher's answers.

`stance/news_unlabelled` asks sentences of the news sets about the names and pronouns in them;
`relation/replies_unlabelled` puts replies under passages of the same set that they did not answer.
All shares are 0: only a teacher can give such a row its label.
"""

import re
from collections import Counter
from pathlib import Path

import numpy as np

from training.data import Row, babe_held_out, key, read_rows, read_source
from training.rewording import SEED_SUBJECT, sentences

NEWS, REPLIES = "stance/news_unlabelled", "relation/replies_unlabelled"
SENTENCES = ("bias/basil", "bias/lim2020", "stance/basil", "stance/persent", "stance/newsmtsc",
             "stance/gwsd", "relation/rte")  # fmt: skip
REPLIED = ("relation/subreddit_agreement", "relation/reddit_trump")
SPAN = re.compile(  # capitalised words that do not begin a sentence
    r"(?<![.!?\"“'’(] )(?<!^)\b[A-Z][\w.&’'-]*\w(?: (?:of the |of )?[A-Z][\w.&’-]*\w)*"
)
# A name or pronoun is asked about at most so often; these words are never asked about.
MOST = 250
DULL = re.compile(
    r"(mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august"
    r"|september|october|november|december|the|in|no|yes|it.s|a|an|and|but|mr|mrs|ms|dr|if|when",
    re.I,
)
NOTHING = (0.0, 0.0, 0.0)


def news(corpora: Path, count: int, rng: np.random.Generator) -> list[Row]:
    """Return up to `count` rows: a news sentence and a name, phrase or pronoun that is in it.

    What newsmtsc labels as a target is one wherever it stands, as is any run of capitalised
    words inside a sentence. No held-out sentence is used, nor a pair that newsmtsc labels.
    """
    babe = read_source(corpora, "bias/babe")
    out_of_bounds = {key(babe[i].first) for i in babe_held_out(babe)}
    dev = corpora / "stance/newsmtsc/dev.jsonl"
    out_of_bounds |= {key(row.second) for row in read_rows(dev, "stance", "stance/newsmtsc")}
    texts = [row.first for row in babe]
    for source in SENTENCES:
        for row in read_source(corpora, source):
            texts += sentences(row.second if source.startswith("stance/") else row.first)
    labelled = read_source(corpora, "stance/newsmtsc")
    known = {row.first for row in labelled}
    taken = {(row.first, key(row.second)) for row in labelled}
    rows: dict[tuple[str, str], Row] = {}
    for text in dict.fromkeys(texts):
        if key(text) in out_of_bounds or SEED_SUBJECT.search(text):
            continue
        for target in _targets(text, known):
            if (target, key(text)) not in taken:
                rows[target, key(text)] = Row("stance", target, text, NOTHING, NEWS)
    kept = list(rows.values())
    out: list[Row] = []
    often: Counter[str] = Counter()
    for number in rng.permutation(len(kept)):
        target = kept[number].first.lower()
        often[target] += 1
        if often[target] <= MOST and len(out) < count:
            out.append(kept[number])
    return out


def _targets(text: str, known: set[str]) -> list[str]:
    """Return what a sentence may be asked about, longest spans only, each once."""
    spans = {match[0] for match in SPAN.finditer(text)}
    words = re.findall(r"[\w’'-]+", text)
    for size in (1, 2, 3):
        runs = (" ".join(words[i : i + size]) for i in range(len(words) - size + 1))
        spans |= {run for run in runs if run in known}
    longest = [s for s in sorted(spans) if not any(s != o and s in o.split() for o in spans)]
    return [span for span in longest if len(span) > 1 and not DULL.fullmatch(span)]


def replies(corpora: Path, count: int, rng: np.random.Generator) -> list[Row]:
    """Return up to `count` rows: a reply of one set under another passage of that set."""
    rows = []
    held_out = read_rows(corpora / REPLIED[0] / "dev.jsonl", "relation", REPLIED[0])
    seen = {key(row.second) for row in held_out} | {key(row.first) for row in held_out}
    for source in REPLIED:
        mine = [row for row in read_source(corpora, source) if key(row.second) not in seen]
        for row, other in zip(mine, rng.permutation(len(mine)), strict=True):
            passage = mine[other].first
            if passage != row.first and key(passage) not in seen:
                rows.append(Row("relation", passage, row.second, NOTHING, REPLIES))
    return [rows[i] for i in rng.permutation(len(rows))[:count]]
