"""Finds the passage that each comment answers.

A reply answers the comment that it replies to. For the others, in order of precedence: the anchor
in the file (a Word comment, an annotation); words of the article that the comment quotes, matched
fuzzily, since people retype; similarity to the paragraphs above (`ranking`) together with position.
Where the file gives a comment no position, or comments stand together after the article, position
says nothing and the text alone decides among all paragraphs before them.
"""

import re
from bisect import bisect
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from rapidfuzz import fuzz

from analysis.alignment.ranking import log_odds
from analysis.text.marks import quoted_spans, words
from analysis.text.nlp import single_threaded_blas
from analysis.text.tfidf import by_letter
from analysis.types import Alignment, Article, Block, Commentary, Kind, Passage, Segment

QUOTE_WORDS = 3  # fewer words are a term, not a quotation
MAX_QUOTATIONS = 5  # of a commentary, the longest
QUOTE_SIMILARITY = 0.85  # rapidfuzz's partial ratio; allows two typing errors in ten words
SIMILARITY = 0.10  # cosine below which similarity adds nothing to position
OVERRULES = 4.0  # log-odds (55 to 1) at which a paragraph further up beats the one right above
MAX_PAIRS = 20_000  # of comments and paragraphs; beyond,
MAX_PARAGRAPHS = 1_000  # or beyond these, only quotations and position count
REACH = 12  # paragraphs above a comment that are ranked
MIN_TRAILING = 3  # comments in one run after the article whose position says nothing,
MAX_ELSEWHERE = 0.25  # if at most this share of the comments stands elsewhere
MAX_BEHIND = 0.1  # and at most this share of the article's words follows the run
MAX_TRAILING_PAIRS = 200_000  # about four seconds
MAX_ENCODED = 200_000  # characters of comments and paragraphs; beyond, no encoder is used

# What may not differ in a quotation: numbers and negations.
_DECIDES = re.compile(r"\d+(?:[.,]\d+)*|\b(?:not?|never|none|nobody|nothing|without)\b|n't\b")
_PLAIN = str.maketrans("‘’‚‛“”„‟«»‐‑‒–—\u00a0", '\'\'\'\'""""""----- ')


def commentaries(article: Article) -> tuple[Commentary, ...]:
    """Return the inline comments, each with its continuation blocks and without citations.

    A reply stands below the comment that it replies to; what says otherwise is no reply.
    """
    groups: list[list[Block]] = []
    for before, block in zip((None, *article.blocks), article.blocks, strict=False):
        if block.kind is Kind.COMMENTARY:
            goes_on = not block.lead and before is not None and before.kind in _COMMENTS
            if goes_on and groups:
                groups[-1].append(block)
            else:
                groups.append([block])
    above: set[str] = set()
    found = []
    for comment in (_commentary(article, group) for group in groups):
        found.append(comment if comment.reply_to in above else replace(comment, reply_to=""))
        above.add(comment.commentary_id)
    return tuple(found)


_COMMENTS = (Kind.COMMENTARY, Kind.CITATION)


def _commentary(article: Article, group: list[Block]) -> Commentary:
    own = [block for block in group if block.body[0] < block.body[1]] or group[:1]
    start, end = own[0].body[0], max(own[0].body[0], own[-1].body[1])
    text, at = article.raw[slice(*own[0].body)], own[0].body[1]
    for block in own[1:]:  # what is cited between two of its blocks is not its own
        low, high = block.body
        between = article.raw[at:low]
        text += (between if between.isspace() else "\n") + article.raw[low:high]
        at = high
    return Commentary(
        group[0].block_id,
        start,
        end,
        text,
        tuple(b.block_id for b in group),
        group[0].commentator,
        group[0].reply_to,
    )


def align(article: Article, segments: Sequence[Segment]) -> tuple[Passage, ...]:
    """Return the passage that each commentary answers, in order.

    A reply answers the comment that it replies to. An anchor gives its span, or the longest of
    several; a quotation the sentences that hold the quoted words; similarity and position a
    paragraph, or the title for a comment above all paragraphs. Without paragraphs the passage is
    empty.
    """
    paragraphs = _answerable(article)
    every = commentaries(article)
    by_name = {comment.commentary_id: comment for comment in every}
    found = {c.commentary_id: _of_reply(c, by_name[c.reply_to]) for c in every if c.reply_to}
    comments = [c for c in every if not c.reply_to]
    if not paragraphs:
        found |= {c.commentary_id: _no_passage(c) for c in comments}
    elif comments:
        found |= _on_article(article, comments, paragraphs, segments)
    return tuple(found[comment.commentary_id] for comment in every)


def _of_reply(reply: Commentary, answered: Commentary) -> Passage:
    return Passage(
        reply.commentary_id, answered.start, answered.end, answered.text, Alignment.REPLY, 1.0
    )


def _no_passage(comment: Commentary) -> Passage:
    return Passage(comment.commentary_id, 0, 0, "", Alignment.POSITION, 0.0)


def _on_article(
    article: Article,
    comments: Sequence[Commentary],
    paragraphs: Sequence[Block],
    segments: Sequence[Segment],
) -> dict[str, Passage]:
    """Return by commentary the passage of the article that it answers."""
    quotable = (*article.of_kind(Kind.TITLE), *paragraphs)
    folded = {block.block_id: _plain(block.text) for block in quotable}
    blocks = {block.block_id: block for block in article.blocks}
    found: dict[str, Passage] = {}
    for comment in comments:
        passage = _by_anchor(article, blocks[comment.commentary_id]) or _by_quotation(
            article, comment, quotable, folded, segments
        )
        if passage:
            found[comment.commentary_id] = passage
    left = [c for c in comments if c.commentary_id not in found]
    anywhere, behind = unplaced(article), trailing_comments(article)
    nowhere = [c for c in left if c.commentary_id in anywhere]
    last = [c for c in left if c.commentary_id in behind]
    beside = [c for c in left if c.commentary_id not in anywhere | behind]
    with single_threaded_blas():
        if beside:  # TF-IDF weights come from all comments
            rows = similarities([c.text for c in comments], [block.text for block in paragraphs])
            names = (comment.commentary_id for comment in comments)
            alike = dict(zip(names, rows, strict=True))
            found |= _by_similarity(article, beside, paragraphs, alike)
        if nowhere:
            found |= _by_text(article, nowhere, paragraphs)
        if last:
            above = [block for block in paragraphs if block.start < last[0].start]
            found |= _by_text(article, last, above)
    return found


def _answerable(article: Article) -> tuple[Block, ...]:
    return article.of_kind(Kind.PARAGRAPH) or article.of_kind(Kind.TITLE, Kind.CAPTION)


def _by_anchor(article: Article, block: Block) -> Passage | None:
    """Return the span that a comment's first block is anchored to, the longest of several."""
    if not block.answers:
        return None
    start, end = max(block.answers, key=lambda span: span[1] - span[0])
    text = article.raw[start:end]
    return Passage(block.block_id, start, end, text, Alignment.ANCHOR, 1.0)


def _by_quotation(
    article: Article,
    comment: Commentary,
    paragraphs: Sequence[Block],
    folded: Mapping[str, str],
    segments: Sequence[Segment],
) -> Passage | None:
    """Return the sentences that the comment quotes: longest quotation, nearest paragraph."""
    said = article.raw[comment.start : comment.end]  # with what it cites
    phrases = [said[a:b].strip("\"'“”‘’„«»") for a, b in quoted_spans(said)]
    for phrase in map(_plain, sorted(phrases, key=len, reverse=True)[:MAX_QUOTATIONS]):
        if len(words(phrase)) < QUOTE_WORDS:
            continue
        nearest = [b for b in _nearest_first(comment, paragraphs) if len(phrase) <= len(b.text)]
        if found := _quoted_in(phrase, nearest, folded):
            block, start, end, score = found
            start, end = _whole_sentences(segments, block, block.start + start, block.start + end)
            text = article.raw[start:end]
            return Passage(comment.commentary_id, start, end, text, Alignment.QUOTE, score)
    return None


def _quoted_in(
    phrase: str, blocks: Sequence[Block], folded: Mapping[str, str]
) -> tuple[Block, int, int, float] | None:
    """Return the block that holds a phrase, its place in there, and the similarity.

    The first block that has it word for word; else the most similar place with the same numbers and
    negations.
    """
    for block in blocks:
        if (at := folded[block.block_id].find(phrase)) >= 0:
            return block, at, at + len(phrase), 1.0
    best = None
    for block in blocks:
        text = folded[block.block_id]
        found = fuzz.partial_ratio_alignment(phrase, text, score_cutoff=100 * QUOTE_SIMILARITY)
        if found and (best is None or found.score > 100 * best[3]):
            start, end = _whole_words(text, found.dest_start, found.dest_end)
            if Counter(_DECIDES.findall(phrase)) == Counter(_DECIDES.findall(text[start:end])):
                best = block, start, end, found.score / 100
    return best


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span that is made longer where it begins or ends within a word."""
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


def _plain(text: str) -> str:
    """Fold case, quotation marks and dashes; the length stays the same."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text.translate(_PLAIN))


def _nearest_first(comment: Commentary, paragraphs: Sequence[Block]) -> list[Block]:
    """Return the paragraphs above, nearest first, then those below."""
    above = [block for block in paragraphs if block.start < comment.start]
    below = [block for block in paragraphs if block.start > comment.start]
    return [*reversed(above), *below]


def _whole_sentences(
    segments: Sequence[Segment], block: Block, start: int, end: int
) -> tuple[int, int]:
    touched = [
        s for s in segments if s.block_id == block.block_id and s.start < end and start < s.end
    ]
    if not touched:
        return start, end
    return min(s.start for s in touched), max(s.end for s in touched)


def similarities(comments: Sequence[str], paragraphs: Sequence[str]) -> np.ndarray:
    """Return TF-IDF cosines of comments and paragraphs, shape (comments, paragraphs), in [0, 1]."""
    from sklearn.metrics.pairwise import cosine_similarity

    rows, _ = by_letter((*paragraphs, *comments))
    cosines = cosine_similarity(rows[len(paragraphs) :], rows[: len(paragraphs)])
    return np.clip(cosines, 0, 1)


def unplaced(article: Article) -> frozenset[str]:
    """Return the ids of the comments to which the file gives no position."""
    return frozenset(block.block_id for block in article.blocks if block.unplaced)


def trailing_comments(article: Article) -> frozenset[str]:
    """Return the ids of the comments that stand together after the article, like notes.

    Anchored and unplaced comments and replies are ignored. One or two comments after the last
    paragraph answer that paragraph.
    """
    paragraphs = _answerable(article)
    placed = {b.block_id for b in article.blocks if b.answers or b.reply_to or b.unplaced}
    free = [c for c in commentaries(article) if c.commentary_id not in placed]
    if len(free) < MIN_TRAILING:
        return frozenset()
    starts = [block.start for block in paragraphs]
    above = [bisect(starts, comment.start) for comment in free]
    place, count = Counter(above).most_common(1)[0]
    if place < 2 or count < max(MIN_TRAILING, (1 - MAX_ELSEWHERE) * len(free)):
        return frozenset()
    sizes = [len(words(block.text)) for block in paragraphs]
    if sum(sizes[place:]) > MAX_BEHIND * sum(sizes):
        return frozenset()
    run = (c for c, here in zip(free, above, strict=True) if here == place)
    return frozenset(comment.commentary_id for comment in run)


def _by_similarity(
    article: Article,
    comments: Sequence[Commentary],
    paragraphs: Sequence[Block],
    alike: Mapping[str, np.ndarray],
) -> dict[str, Passage]:
    """Return the paragraph right above, unless the text clearly answers one further up.

    A comment above all paragraphs answers the title, where there is one.
    The alignment is `similarity` where similarity overrules or confirms position, else `position`.
    The score is the cosine in `alike`: by commentary, one value for each paragraph.
    """
    odds = _odds(comments, paragraphs, MAX_PAIRS)
    if odds is None:
        odds = np.zeros((len(comments), len(paragraphs)))
    found, titles = {}, article.of_kind(Kind.TITLE)
    for comment, row in zip(comments, odds, strict=True):
        above = [i for i, block in enumerate(paragraphs) if block.start < comment.start]
        if not above and titles:
            found[comment.commentary_id] = _whole(
                article, comment, titles[0], Alignment.POSITION, 0.0
            )
            continue
        near = above[-1] if above else 0
        likest = max(above[-REACH:] or [0], key=lambda i: (row[i], i))
        best = likest if row[likest] >= row[near] + OVERRULES else near
        score = float(alike[comment.commentary_id][best])
        decided = Alignment.POSITION
        if best == likest and (best != near or score >= SIMILARITY):
            decided = Alignment.SIMILARITY
        found[comment.commentary_id] = _whole(article, comment, paragraphs[best], decided, score)
    return found


def _by_text(
    article: Article, comments: Sequence[Commentary], paragraphs: Sequence[Block]
) -> dict[str, Passage]:
    """Return the most likely paragraph for comments whose position is uninformative.

    The score is the probability under the conditional logit. A comment without words takes the
    last paragraph, and so do all comments where there is one paragraph or too many.
    """
    from scipy.special import softmax

    encoded = sum(len(each.text) for each in (*comments, *paragraphs)) <= MAX_ENCODED
    odds = _odds(comments, paragraphs, MAX_TRAILING_PAIRS, encoded=encoded)
    found = {}
    for number, comment in enumerate(comments):
        block, decided, score = paragraphs[-1], Alignment.POSITION, 0.0
        if odds is not None and words(comment.text):
            likely = softmax(odds[number])
            block, decided, score = paragraphs[likely.argmax()], Alignment.SIMILARITY, likely.max()
        found[comment.commentary_id] = _whole(article, comment, block, decided, score)
    return found


def _odds(
    comments: Sequence[Commentary],
    paragraphs: Sequence[Block],
    max_pairs: int,
    *,
    encoded: bool = False,
) -> np.ndarray | None:
    """Return the log-odds of each paragraph; None for one paragraph or too many pairs."""
    pairs = len(comments) * len(paragraphs)
    if not 1 < len(paragraphs) <= MAX_PARAGRAPHS or pairs > max_pairs:
        return None
    return log_odds([c.text for c in comments], [b.text for b in paragraphs], encoded=encoded)


def _whole(
    article: Article, comment: Commentary, block: Block, decided: Alignment, score: float
) -> Passage:
    score = float(score) if decided is Alignment.SIMILARITY else 0.0
    text = article.raw[block.start : block.end]
    return Passage(comment.commentary_id, block.start, block.end, text, decided, score)
