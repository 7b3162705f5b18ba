"""What an explanation is, and how a reader sees it: words with their weights."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar, NamedTuple

from markupsafe import Markup

from analysis.html.page import macro
from analysis.types import Task

MIN_CHANGE = 0.02  # change of a score that is worth a mark
TOP_WORDS = 5  # words named
FAINT = 5  # a word that weighs less than one in so many of the heaviest is not marked


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or in a long text a run of words; `text` is the explained text's [start:end].

    `weight` is the score as it is minus the score without it: in [−1, 1] for a
    relation or a bias, in [−2, 2] for a stance.
    """

    start: int
    end: int
    text: str
    weight: float


class Mark(NamedTuple):
    """How a token is marked: `carries` or `holds`, in steps 1 to 3, and the change without it."""

    side: str
    step: int
    change: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Which words of a text carry a label.

    `score` is the label's probability, or the stance score, P(favor) − P(against). Where they
    are `quoted`, a language model named the words itself, and their weights say nothing.
    """

    task: Task
    label: str
    text: str = field(repr=False)
    score: float
    tokens: tuple[Token, ...] = field(repr=False)
    quoted: bool = False
    least: ClassVar[float] = MIN_CHANGE

    def pull(self, token: Token) -> float:
        """Return how much a token raises the score; negative values lower it."""
        against = self.task is Task.STANCE and self.score < 0
        return -token.weight if against else token.weight

    def top(self) -> tuple[Token, ...]:
        """Return the tokens that carry the score most, the strongest first."""
        carrying = [token for token in self.tokens if self.pull(token) >= MIN_CHANGE]
        return tuple(sorted(carrying, key=lambda t: (-self.pull(t), t.start))[:TOP_WORDS])

    def pieces(self) -> Iterator[tuple[str, Mark | None]]:
        """Yield the text in pieces, marking those that raise or lower the score."""
        most, at = max((abs(t.weight) for t in self.tokens), default=0.0), 0
        for token in self.tokens:
            if abs(token.weight) >= max(MIN_CHANGE, most / FAINT):
                side = "carries" if self.pull(token) > 0 else "holds"
                step = min(3, 1 + int(3 * abs(token.weight) / most))
                yield self.text[at : token.start], None
                yield token.text, Mark(side, step, -token.weight)
                at = token.end
        yield self.text[at:], None

    def marked(self) -> Markup:
        """Return the text with the words that raise or lower the score marked, in three steps."""
        return _macro("marked")(self)

    def listed(self) -> Markup:
        """Return the words that carry the score, each with what leaving it out changes."""
        return _macro("listed")(self)

    def _repr_html_(self) -> str:
        return str(_macro("whole")(self))


_macro = partial(macro, "explanation.html.j2")


@dataclass(frozen=True, slots=True)
class Explanations:
    """A report's explanations: of relations by commentary, of stances by segment and target."""

    relations: dict[str, Explanation] = field(default_factory=dict)
    stances: dict[tuple[str, str], Explanation] = field(default_factory=dict)
