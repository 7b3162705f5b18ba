import numpy as np
import pytest

from analysis.scorers import load
from analysis.scorers.base import Scorer
from analysis.scorers.lexicon import NEGATION, READ
from analysis.types import Task


@pytest.fixture(scope="module")
def lexicon():
    return load("lexicon")


def label(scorer, task, *row):
    return task.labels[scorer.predict(task, [row])[0].argmax()]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("This is correct, and well supported.", "agree"),
        ("This is not true: no evidence supports it.", "disagree"),
        ("Except that the contract was never signed.", "disagree"),
        ("The report was published in May.", "neutral"),
    ],
)
def test_cues_decide_the_relation(lexicon, comment, expected):
    assert label(lexicon, Task.RELATION, "The quay was paid for in 2019.", comment) == expected


def test_tone_around_the_target_decides_the_stance(lexicon):
    praise, blame = "Brandt is a brilliant, honest leader.", "Brandt is a corrupt, awful liar."
    assert label(lexicon, Task.STANCE, praise, "Brandt") == "favor"
    assert label(lexicon, Task.STANCE, blame, "Brandt") == "against"
    assert label(lexicon, Task.STANCE, "Brandt left at noon.", "Brandt") == "none"


def test_aliases_count_as_the_target(lexicon):
    text = "It was a day like any other in the town. " * 5 + "Moscow is a horrible, evil liar."
    assert label(lexicon, Task.STANCE, text, "Russia") == "against"


def test_strong_words_are_loaded(lexicon):
    p = lexicon.predict(
        Task.BIAS, [("A horrific, disgraceful betrayal!",), ("The vote is on Monday.",)]
    )
    assert p[0, 0] > 0.5 > p[1, 0]


@pytest.mark.parametrize("task", list(Task))
def test_rows_are_probabilities_and_order_is_kept(lexicon, task):
    rows = [(f"Text {i} is {'bad' if i % 2 else 'good'}.",) * len(task.fields) for i in range(7)]
    p = lexicon.predict(task, [*rows, ("",) * len(task.fields)])
    assert p.shape == (8, len(task.labels))
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_allclose(lexicon.predict(task, rows[::-1]), p[:7][::-1])
    assert lexicon.predict(task, []).shape == (0, len(task.labels))


def test_it_calls_nothing_a_confidence(lexicon):
    assert isinstance(lexicon, Scorer)
    assert lexicon.info.calibrated == frozenset()
    assert len(lexicon.info.version) == 12


def test_emojis_count_as_their_descriptions_in_what_is_read(lexicon, monkeypatch):
    read = []
    scores = lexicon._vader.polarity_scores
    monkeypatch.setattr(lexicon._vader, "polarity_scores", lambda t: read.append(t) or scores("x"))
    for text in ("😀" * 10_000, "a " * 10_000, "bad 😀"):
        lexicon.predict(Task.BIAS, [(text,)])
    assert len(read[0]) * len(lexicon._vader.emojis["😀"]) <= READ
    assert read[1:] == [("a " * 10_000)[:READ], "bad 😀"]


def test_a_negation_is_looked_for_near_its_cue_alone(lexicon, monkeypatch):
    looked = []

    class Spy:
        def search(self, text, start, end):
            looked.append(end - start)

    monkeypatch.setattr("analysis.scorers.lexicon._NEGATED", Spy())
    lexicon.predict(Task.RELATION, [("It rained.", "That is correct, I agree. " * 200)])
    assert len(looked) > 100
    assert max(looked) <= NEGATION
