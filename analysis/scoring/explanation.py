"""What an explanation is, and how a reader sees it: words with their weights."""

from dataclasses import dataclass, field

from markupsafe import Markup

from analysis.html.display import name, number
from analysis.html.elements import element, isolated, join
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


@dataclass(frozen=True, slots=True)
class Explanation:
    """Which words of a text carry a label.

    `score` is the label's probability, or the stance score, P(favor) − P(against).
    """

    task: Task
    label: str
    text: str = field(repr=False)
    score: float
    tokens: tuple[Token, ...] = field(repr=False)

    def pull(self, token: Token) -> float:
        """Return how far a token pulls the score its way; below 0 it holds it back."""
        against = self.task is Task.STANCE and self.score < 0
        return -token.weight if against else token.weight

    def top(self, most: int = TOP_WORDS) -> tuple[Token, ...]:
        """Return the tokens that carry the score most, the strongest first."""
        carrying = [token for token in self.tokens if self.pull(token) >= MIN_CHANGE]
        return tuple(sorted(carrying, key=lambda t: (-self.pull(t), t.start))[:most])

    def marked(self) -> Markup:
        """Return the text with the words marked that carry it or hold it back, in three steps."""
        most = max((abs(t.weight) for t in self.tokens), default=0.0)
        pieces, at = [], 0
        for token in self.tokens:
            if abs(token.weight) >= max(MIN_CHANGE, most / FAINT):
                pieces += [self.text[at : token.start], self._mark(token, most)]
                at = token.end
        return join([*pieces, self.text[at:]])

    def _mark(self, token: Token, most: float) -> Markup:
        side = "carries" if self.pull(token) > 0 else "holds"
        step = min(3, 1 + int(3 * abs(token.weight) / most))
        title = f"without it the score changes by {number(-token.weight, signed=True)}"
        return element("mark", token.text, class_=f"cp-{side} cp-step-{step}", title=title)

    def listed(self) -> Markup:
        """Return the words that carry the score, each with what leaving it out changes."""
        named = self.top()
        if not named:
            least = number(MIN_CHANGE)
            return element("p", f"No single word: leaving one out changes less than {least}.")
        what = "the stance score" if self.task is Task.STANCE else f"the score of “{self.label}”"
        items = (
            element("li", isolated(name(t.text)), " ", number(-t.weight, signed=True))
            for t in named
        )
        return join([element("p", f"Leaving it out changes {what} by"), element("ul", *items)])

    def details(self, summary: str) -> Markup:
        """Return `listed` folded away under a summary; it opens without a script."""
        folded = (element("summary", summary), element("div", self.listed()))
        return element("details", *folded, class_="cp-whys", data_added=True)

    def _repr_html_(self) -> str:
        head = f"{self.task.value}: {self.label}, score {number(self.score)}"
        parts = (element("p", head, class_="cp-head"), element("p", self.marked(), dir="auto"))
        return str(element("div", *parts, self.listed(), class_="cp cp-explanation"))


@dataclass(frozen=True, slots=True)
class Explanations:
    """A report's explanations: of relations by commentary, of stances by segment and target."""

    relations: dict[str, Explanation] = field(default_factory=dict)
    stances: dict[tuple[str, str], Explanation] = field(default_factory=dict)
