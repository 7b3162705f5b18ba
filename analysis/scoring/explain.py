"""Which words a score depends on: those without which it would change.

Occlusion (Zeiler and Fergus 2014), for words leave-one-out (Li, Monroe and Jurafsky 2016):
each word is left out in turn and the scorer called again. It shows what the scorer reads,
not what the text means, and two words that say the same hide each other. A language model
gives its own quotations instead.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.scorers import Scorer, Texts, best_labels, load
from analysis.scorers.base import EXPLAINED_TEXTS
from analysis.scoring.compare import measured
from analysis.scoring.counts import strongest, text_ids
from analysis.scoring.explanation import Explanation, Explanations, Token
from analysis.scoring.pipeline import Result
from analysis.text.marks import WORD, Span
from analysis.types import Stance, Task, Voice

MAX_SENTENCES = 24  # sentences whose stance is explained at most; of more, each would get too few
SINGLE_BUDGET = 80  # texts that are scored for one explanation
MIN_TEXTS = 5  # texts below which one explanation would say next to nothing
SIDES = (Voice.AUTHOR, Voice.COMMENTATOR)

_READ = {Task.RELATION: 1, Task.STANCE: 0, Task.BIAS: 0}  # the text whose words are left out


def explain_relation(scorer: Scorer, passage: str, comment: str) -> Explanation:
    """Say which words of a comment carry its relation to its passage."""
    return explain_all(scorer, Task.RELATION, [(passage, comment)], budget=SINGLE_BUDGET)[0]


def explain_stance(scorer: Scorer, text: str, target: str) -> Explanation:
    """Say which words of a text carry its stance; the target's own name is never left out."""
    return explain_all(scorer, Task.STANCE, [(text, target)], budget=SINGLE_BUDGET)[0]


def explain_bias(scorer: Scorer, text: str) -> Explanation:
    """Say which words of a text carry whether it is worded in a biased way."""
    return explain_all(scorer, Task.BIAS, [(text,)], budget=SINGLE_BUDGET)[0]


def explain_all(
    scorer: Scorer, task: Task, rows: Sequence[Texts], *, budget: int = EXPLAINED_TEXTS
) -> list[Explanation]:
    """Explain many rows with one call of the scorer.

    Args:
        scorer: any scorer.
        task: which question; `_READ` says which of its texts is explained.
        rows: as `Scorer.predict` takes them.
        budget: texts that are scored at most, in all. A text of more words than its
            share is read in runs of words; rows that get no share are left out of the
            result, the last ones first. At least `MIN_TEXTS` are spent.
    """
    if hasattr(scorer, "quotes"):
        return _quotations(scorer, task, rows)
    spans = [_word_spans(task, row) for row in rows]
    plans, texts = [], []
    shares = _shares([1 + len(words) for words in spans], max(budget, MIN_TEXTS))
    for row, words, share in zip(rows, spans, shares, strict=False):
        runs = _runs(words, share - 1)
        plans.append((row, runs, len(texts)))
        texts += [row, *(_without(task, row, run) for run in runs)]
    probabilities = np.asarray(scorer.predict(task, texts), dtype=float)
    probabilities = probabilities.reshape(len(texts), len(task.labels))
    return [
        _explanation(task, row[_READ[task]], runs, probabilities[at : at + 1 + len(runs)])
        for row, runs, at in plans
    ]


def explanations(
    result: Result, scorer: str | Scorer | None = None, *, budget: int | None = None
) -> Explanations:
    """Explain what a report shows: each relation, and the clearest stance of a sentence.

    The clearest sentences of each side come first, then whoever takes a clear stance.

    Args:
        result: of `score` or `run`.
        scorer: the one that made it; by its name where none is given.
        budget: texts that are scored at most, in two calls of the scorer; by default what the
            scorer's `explained_texts` says.

    Raises:
        ScorerError: the scorer cannot be loaded.
    """
    scorer = result.scorer.name if scorer is None else scorer
    scorer = load(scorer) if isinstance(scorer, str) else scorer
    if scorer.info.explained_by == "nothing":
        return Explanations()
    budget = scorer.info.explained_texts if budget is None else budget
    answered = result.relations[~result.relations.abstained]
    pairs = list(zip(answered.passage, answered.commentary, strict=True))
    clearest = [row for voice in SIDES for row in _clearest(result.stances, voice)]
    first = {text_id for text_id, _ in clearest}
    clearest += [row for row in _clear(result.stances) if row[0] not in first]
    clearest = clearest[:MAX_SENTENCES]
    scored = {
        (request.segment_id or request.commentary_id, request.target.name): row
        for request, row in zip(
            result.requests.stances, result.requests.rows(Task.STANCE), strict=True
        )
    }
    # of a language model's stances, all of a text's must be given
    asked = list(scored) if hasattr(scorer, "quotes") else clearest
    rows = [scored[key] for key in asked]
    relations = explain_all(scorer, Task.RELATION, pairs, budget=budget // 3)
    stances = explain_all(scorer, Task.STANCE, rows, budget=budget - budget // 3)
    by_key = dict(zip(asked, stances, strict=False))
    return Explanations(
        dict(zip(answered.commentary_id, relations, strict=False)),
        {key: by_key[key] for key in clearest if key in by_key},
    )


def _quotations(scorer: Any, task: Task, rows: Sequence[Texts]) -> list[Explanation]:
    """Return the words that a language model quoted; all of a text's stances must be given."""
    found = []
    predicted = np.asarray(scorer.predict(task, rows), dtype=float)
    for row, p, span in zip(rows, predicted, scorer.quotes(task, rows), strict=True):
        text = row[_READ[task]]
        plain = _explanation(task, text, (), p[None, :])
        start, end = span or (0, 0)
        weight = -1.0 if task is Task.STANCE and plain.score < 0 else 1.0
        tokens = (Token(start, end, text[start:end], weight),) if span else ()
        found.append(replace(plain, tokens=tokens, quoted=True))
    return found


def _clearest(stances: pd.DataFrame, voice: Voice) -> Iterator[tuple[str, str]]:
    """Return the target of the strongest stance for each of a side's strongest segments."""
    for segment_id, rows in strongest(stances, voice):
        yield segment_id, str(rows.target[rows.score.abs().idxmax()])


def _clear(stances: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Return each text that takes a stance, with its clearest target, clearest first."""
    stances = measured(stances)
    taken = stances[~stances.abstained & (stances.label != Stance.NONE.value)]
    taken = taken.assign(text_id=text_ids(taken))
    strength = taken.score.abs().sort_values(ascending=False, kind="stable")
    ranked = taken.loc[strength.index].drop_duplicates("text_id")
    yield from zip(ranked.text_id, ranked.target, strict=True)


def _explanation(
    task: Task, text: str, runs: Sequence[Sequence[Span]], probabilities: np.ndarray
) -> Explanation:
    best = int(best_labels(probabilities[:1])[0])
    scores = probabilities[:, best]
    if task is Task.STANCE:
        favor, against = (task.labels.index(label) for label in ("favor", "against"))
        scores = probabilities[:, favor] - probabilities[:, against]
    tokens = tuple(
        Token(run[0][0], run[-1][1], text[run[0][0] : run[-1][1]], float(scores[0] - score))
        for run, score in zip(runs, scores[1:], strict=True)
    )
    return Explanation(task, task.labels[best], text, float(scores[0]), tokens)


def _word_spans(task: Task, row: Texts) -> list[Span]:
    """Return the words that may be left out, which excludes the target's own name."""
    text, target = row[_READ[task]], row[1] if task is Task.STANCE else ""
    kept = {_bare(match[0]) for match in WORD.finditer(target)}
    return [m.span() for m in WORD.finditer(text) if _bare(m[0]) not in kept]


def _bare(word: str) -> str:
    return re.sub("['’]s?$", "", word.casefold())


def _shares(wanted: Sequence[int], budget: int) -> list[int]:
    """Divide a budget so that what short texts leave unused goes to long ones."""
    wanted = wanted[: budget // MIN_TEXTS]
    shares = [0] * len(wanted)
    for done, i in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        shares[i] = min(wanted[i], (budget - sum(shares)) // (len(wanted) - done))
    return shares


def _runs(spans: Sequence[Span], most: int) -> list[Sequence[Span]]:
    """Join neighboring words into at most `most` runs of as many words each."""
    size = max(1, -(-len(spans) // max(most, 1)))
    return [spans[i : i + size] for i in range(0, len(spans), size)]


def _without(task: Task, row: Texts, run: Sequence[Span]) -> Texts:
    """Return a row without some words of the text that is explained, nor the space before each."""
    at, kept, done = _READ[task], [], 0
    text = row[at]
    for start, end in run:
        apart = text[:start].endswith(" ") and text[end : end + 1] in (" ", "")
        kept.append(text[done : max(done, start - apart)])
        done = end
    return (*row[:at], "".join([*kept, text[done:]]), *row[at + 1 :])
