"""Find a quotation in a text that may have changed since it was quoted."""

from bisect import bisect_left

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from analysis.readers.anchors import Origin, Span

MIN_SIMILARITY = 70  # of rapidfuzz's partial ratio; below it the passage is gone
MIN_SIMILARITY_SHORT = 80  # of a quotation of fewer than `LONG` characters
LONG = 20
SHARED = 4  # characters in a row that are no coincidence
CONTEXT = 64  # characters before and after that decide between places
MOST_PLACES = 200
SHORTEST = 8  # characters; a shorter quotation is found word for word or not at all

_FOLDED = str.maketrans("‘’‚‛“”„‟«»‐‑‒–—", '\'\'\'\'""""""-----')
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")


class QuoteFinder:
    """One text, folded once: case, quotation marks, dashes, white space, soft hyphens."""

    def __init__(self, text: str, origin: Origin) -> None:
        """Fold a text; `origin` has its name for messages, and the limits."""
        self.text = text
        self._origin = origin
        self._work = origin.limits.fuzzy_work
        self._folded, self._offsets = _folded(text)

    def quote(
        self, exact: str, *, prefix: str = "", suffix: str = "", hint: int | None = None
    ) -> Span | None:
        """Return the span of a quotation, None where nothing is like it.

        Of several places the one whose surroundings are likest is taken, then the
        nearest to `hint`.

        Raises:
            InputError: too many quotations are not in the text to search for each.
        """
        wanted = _folded(exact)[0].strip()
        if not wanted:
            return None
        near = None if hint is None else bisect_left(self._offsets, hint)
        places = self._places(wanted)
        if places:
            before, after = _folded(prefix)[0][-CONTEXT:], _folded(suffix)[0][:CONTEXT]
            return self._span(*min(places, key=lambda p: self._cost(p, before, after, near)))
        return self._fuzzy(wanted, near)

    def _places(self, wanted: str) -> list[Span]:
        self._spend(len(self._folded))
        places, start = [], self._folded.find(wanted)
        while start >= 0 and len(places) < MOST_PLACES:
            places.append((start, start + len(wanted)))
            start = self._folded.find(wanted, start + 1)
        return places

    def _cost(self, place: Span, before: str, after: str, near: int | None) -> tuple[float, int]:
        start, end = place
        similarity = 0.0
        if before:
            similarity += fuzz.ratio(before, self._folded[max(0, start - len(before)) : start])
        if after:
            similarity += fuzz.ratio(after, self._folded[end : end + len(after)])
        return -round(similarity), abs(start - near) if near is not None else start

    def _fuzzy(self, wanted: str, near: int | None) -> Span | None:
        if not SHORTEST <= len(wanted) <= len(self._folded):
            return None
        if near is not None:
            low = max(0, near - 2 * len(wanted) - 500)
            found = self._like(wanted, low, near + 3 * len(wanted) + 500)
            if found:
                return found
        return self._like(wanted, 0, len(self._folded))

    def _like(self, wanted: str, low: int, high: int) -> Span | None:
        searched = self._folded[low:high]
        if len(searched) < len(wanted):
            return None
        self._spend(len(wanted) * len(searched))
        least = MIN_SIMILARITY if len(wanted) >= LONG else MIN_SIMILARITY_SHORT
        found = fuzz.partial_ratio_alignment(wanted, searched, score_cutoff=least)
        if found is None or found.dest_start >= found.dest_end:
            return None
        return self._span(*self._fitted(wanted, low + found.dest_start, low + found.dest_end))

    def _spend(self, work: int) -> None:
        self._work -= work
        if self._work < 0:
            raise self._origin.error(
                "too many quotations that the text does not hold",
                "the text that was annotated, check that it is the right one",
            )

    def _fitted(self, wanted: str, start: int, end: int) -> Span:
        """Fit a window as long as the quotation to the words that the two share."""
        room = len(wanted) // 4 + 4
        low = max(0, start - room)
        same = [
            block
            for block in Levenshtein.opcodes(wanted, self._folded[low : end + room])
            if block.tag == "equal" and block.src_end - block.src_start >= SHARED
        ]
        if not same:
            return self._whole_words(start, end)
        return self._whole_words(low + same[0].dest_start, low + same[-1].dest_end)

    def _whole_words(self, start: int, end: int) -> Span:
        """Return a span that begins and ends where words do, by at most a letter or three."""
        text = self._folded
        for _ in range(3):
            if start > 0 and text[start - 1].isalnum() and text[start].isalnum():
                start -= 1
            if end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
                end += 1
        return start, end

    def _span(self, start: int, end: int) -> Span:
        while start < end and self._folded[start] == " ":
            start += 1
        while end > start and self._folded[end - 1] == " ":
            end -= 1
        return self._offsets[start], self._offsets[max(start, end - 1)] + 1


def _folded(text: str) -> tuple[str, list[int]]:
    """Return a text in one form, and the offset of each of its characters in the text."""
    kept, offsets, space = [], [], False
    for offset, char in enumerate(text.translate(_FOLDED)):
        if char in _INVISIBLE or (char.isspace() and space):
            continue
        space = char.isspace()
        low = char.lower()
        kept.append(" " if space else low if len(low) == 1 else char)
        offsets.append(offset)
    return "".join(kept), offsets
