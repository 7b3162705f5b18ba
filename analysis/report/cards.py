"""A sentence's card: its scores, its cues, and the words that carry its clearest stance.

A button behind each sentence opens its card by HTML alone (the `popover` attribute), so the
keyboard, a tap and a click need no script; on paper, and where a browser has no popovers,
the cards stand below the article as notes.
"""

from bisect import bisect_left
from collections.abc import Iterable

import pandas as pd
from markupsafe import Markup

from analysis.html.display import name, number
from analysis.html.elements import EMPTY, element, isolated, join
from analysis.scoring.counts import CUES, LABELS, LOADED, text_ids
from analysis.scoring.explanation import Explanation, Explanations
from analysis.scoring.pipeline import Result
from analysis.text.loaded_language import charged_words
from analysis.types import Stance, Voice

JOINER = "\u2060"  # keeps the button on the line of the sentence's last word
COMMENT_ELSEWHERE = "Its stance is scored with the whole comment; see the first sentence."
TEASER = 140  # characters of a sentence that a card repeats where no word of it is marked


class Cards:
    """The cards of one article's sentences, by segment id."""

    def __init__(self, result: Result, why: Explanations):
        """Gather what is known of each scored sentence."""
        self.result = result
        self.numbers = {s: n for n, s in enumerate(result.segments.segment_id, 1)}
        own = result.requests.own_segments  # the first has the whole comment's stances
        self.first = {comment: parts[0].segment_id for comment, parts in own.items() if parts}
        shown_at = text_ids(result.stances).replace(self.first)
        self.stances = dict(iter(result.stances.groupby(shown_at, sort=False)))
        self.bias = result.bias.set_index("segment_id")
        self.why = {
            self.first.get(text_id, text_id): (target, e)
            for (text_id, target), e in why.stances.items()
        }
        self.spans = [
            (row.start, row.end, row.segment_id)
            for row in result.segments.sort_values("start").itertuples()
            if row.segment_id in self.bias.index or row.segment_id in self.stances
        ]

    def within(self, start: int, end: int) -> list[tuple[int, int, str]]:
        """Return the scored sentences that lie wholly in a span, in order, none over another."""
        spans, at = [], start
        for span in self.spans[bisect_left(self.spans, (start,)) :]:
            if span[0] >= end:
                break
            if at <= span[0] and span[1] <= end:
                spans.append(span)
                at = span[1]
        return spans

    def button(self, segment_id: str, inside: str = "") -> Markup:
        """Return what opens a sentence's card; filled where it takes a clear stance.

        `inside` is the class of a passage that goes on behind the sentence.
        """
        label = f"Scores of sentence {self.numbers[segment_id]}: {self.gist(segment_id)}"
        clear = "cp-mark cp-clear" if self.clear(segment_id) else "cp-mark"
        button = element(
            "button",
            type="button",
            class_=clear,
            popovertarget=f"score-{self.numbers[segment_id]}",
            aria_label=label,
        )
        classes = f"cp-after {inside}".rstrip()
        return element("span", JOINER, button, class_=classes, data_added=True)

    def gist(self, segment_id: str) -> str:
        """Return the clearest stance in words."""
        clear = self._counted(segment_id)
        if clear.empty:
            return "no clear stance"
        row = clear.loc[clear.score.abs().idxmax()]
        return f"{row.label} {name(row.target)}"

    def clear(self, segment_id: str) -> bool:
        """Tell whether a sentence takes a stance that is counted and not none."""
        return not self._counted(segment_id).empty

    def _counted(self, segment_id: str) -> pd.DataFrame:
        rows = self.stances.get(segment_id, self.result.stances.iloc[:0])
        return rows[~rows.abstained & (rows.label != Stance.NONE.value)]

    def all(self) -> Markup:
        """Return every card, with the heading that paper needs; nothing without sentences."""
        if not self.spans:
            return EMPTY
        head = element("h3", "Sentence by sentence", class_="cp-cards-head")
        about = element(
            "p",
            "Those that take a stance or are worded in a loaded way; the tables hold the others.",
            class_="cp-cards-head",
        )
        cards = [self.card(segment_id) for *_, segment_id in self.spans]
        return element("div", head, about, *cards, class_="cp-cards", lang="en", data_added=True)

    def card(self, segment_id: str) -> Markup:
        """Return the card of a sentence."""
        row = self.result.segments.iloc[self.numbers[segment_id] - 1]
        who = LABELS[Voice(row.voice)]
        if row.voice == Voice.QUOTED.value:
            who = join(["Quoted: ", isolated(name(row.speaker))]) if row.speaker else who
        n = self.numbers[segment_id]
        explained = self.why.get(segment_id)
        parts = [
            element("p", element("b", who), f" · sentence {n}", class_="cp-head"),
            self._said(row.text, explained),
            self._toward(segment_id),
            self._worded(segment_id),
        ]
        if explained is not None:
            target, explanation = explained
            carried = element("p", "What carries the stance toward ", isolated(name(target)), ":")
            parts.append(element("div", carried, explanation.listed(), class_="cp-carried"))
        plain = not (self.clear(segment_id) or self._loaded(segment_id))
        return element(
            "div",
            *parts,
            id=f"score-{n}",
            class_="cp-card cp-plain" if plain else "cp-card",
            popover="auto",
            role="group",
            aria_label=f"Scores of sentence {n}",
        )

    def _said(self, text: str, explained: tuple[str, Explanation] | None) -> Markup:
        if explained is not None:
            return element("p", explained[1].marked(), class_="cp-said", dir="auto")
        short = name(text, TEASER)
        return element("p", short, class_="cp-said cp-repeated", dir="auto")

    def _toward(self, segment_id: str) -> Markup:
        rows = self.stances.get(segment_id)
        if rows is None:
            in_comment = self._voice(segment_id) == Voice.COMMENTATOR.value
            none = COMMENT_ELSEWHERE if in_comment else "Mentions none of the targets."
            return element("p", none, class_="cp-quiet")
        sure = "" if rows.confidence.isna().all() else "(confidence)"
        whole = segment_id in self.first.values()
        heads = (f"Stance{' of the whole comment' if whole else ''} toward", "−1 to 1", "", sure)
        items = [element("li", *(element("span", h) for h in heads), class_="cp-quiet")]
        items += [element("li", Markup(" ").join(self._stance(row))) for row in rows.itertuples()]
        return element("ul", *items, class_="cp-stances")

    def _stance(self, row) -> Iterable[Markup]:
        label = "no stance" if row.label == Stance.NONE.value else row.label
        label = "abstained" if row.abstained else label
        sure = "" if pd.isna(row.confidence) else f" ({number(float(row.confidence))})"
        at = f"--at: {100 * (row.score + 1) / 2:.0f}%"
        topic = " (derived from the passage)" if row.derived else ""
        yield element("span", isolated(name(row.target, 30)), topic)
        yield element("i", class_="cp-scale", style=at, aria_hidden="true")
        yield element("b", number(row.score, signed=True))
        yield element("span", f"{label}{sure}", class_="cp-quiet" if row.abstained else None)

    def _worded(self, segment_id: str) -> Markup:
        if segment_id not in self.bias.index:
            return EMPTY
        score = float(self.bias.p_biased[segment_id])
        word = f"Loaded-language score {number(score)}"
        cues_by_kind = self._wording(segment_id)
        cues = Markup("; ").join(
            join([f"{kind.lower() if kind[0].isalpha() else kind}: ", isolated(", ".join(texts))])
            for kind, texts in cues_by_kind.items()
        )
        parts = [
            word,
            " (loaded)" if score >= LOADED else "",
            ". Cues: " if cues_by_kind else "; no cue",
        ]
        return element("p", *parts, cues, ".", class_="cp-worded")

    def _voice(self, segment_id: str) -> str:
        return self.result.segments.voice.iloc[self.numbers[segment_id] - 1]

    def _loaded(self, segment_id: str) -> bool:
        if segment_id not in self.bias.index:
            return False
        score = self.bias.p_biased[segment_id]
        return bool(score >= LOADED or charged_words(self.result.requests.cues[segment_id]))

    def _wording(self, segment_id: str) -> dict[str, list[str]]:
        """Return the cues in a sentence by the name of their kind."""
        by_kind: dict[str, list[str]] = {}
        for cue in self.result.requests.cues[segment_id]:
            by_kind.setdefault(CUES[cue.kind], []).append(name(cue.text, 40))
        return by_kind
