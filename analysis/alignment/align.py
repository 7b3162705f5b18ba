"""Which passage of the article a commentary answers.

Where the file itself anchors a commentary (a Word comment, an annotation), there. Else words
of the article that it quotes decide (matched fuzzily, since people retype), then what the
thread answers that it is a reply in, then how much its text speaks of one of the paragraphs
before it (`likeness`) and where it stands. Where the file gives a commentary no place, or many
stand together behind the article, their place says nothing and their text decides among all
paragraphs before them.
"""

from bisect import bisect
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

import numpy as np
from rapidfuzz import fuzz

from analysis.alignment.ranking import log_odds
from analysis.text.marks import marks, words
from analysis.text.nlp import one_thread
from analysis.types import Alignment, Article, Block, Commentary, Kind, Passage, Segment

QUOTE_WORDS = 3  # fewer are a term, not a quotation
MOST_QUOTATIONS = 5  # the longest of a commentary
QUOTE_LIKENESS = 0.85  # of rapidfuzz's partial ratio; two typing errors in ten words pass
SIMILARITY = 0.10  # cosine under which likeness adds nothing to the position
OVERRULES = 4.0  # log-odds (55 to 1) from which a paragraph further up beats the one right above
MOST_PAIRS = 20_000  # of comments and paragraphs, past which
MOST_PARAGRAPHS = 1_000  # or past which only quotations and positions count
REACH = 12  # paragraphs looked back for likeness
GATHERED = 3  # comments in one run behind the article from which their place says nothing,
MOST_APART = 0.25  # where at most this share of the comments stands elsewhere
MOST_BEHIND = 0.1  # and at most this share of the article's words behind the run
MOST_GATHERED_PAIRS = 200_000  # some four seconds
MOST_ENCODED = 200_000  # characters of comments and paragraphs past which no encoder is asked

_PLAIN = str.maketrans("‘’‚‛“”„‟«»‐‑‒–—\u00a0", '\'\'\'\'""""""----- ')


def commentaries(article: Article) -> tuple[Commentary, ...]:
    """Return the inline comments, each whole: with what runs on, without what it cites."""
    groups: list[list[Block]] = []
    for before, block in zip((None, *article.blocks), article.blocks, strict=False):
        if block.kind is Kind.COMMENTARY:
            goes_on = not block.lead and before is not None and before.kind in _COMMENTS
            if goes_on and groups:
                groups[-1].append(block)
            else:
                groups.append([block])
    return tuple(_commentary(article, group) for group in groups)


_COMMENTS = (Kind.COMMENTARY, Kind.CITATION)


def _commentary(article: Article, group: list[Block]) -> Commentary:
    start, end = group[0].body[0], max(group[0].body[0], group[-1].body[1])
    return Commentary(
        group[0].block_id, start, end, article.raw[start:end], tuple(b.block_id for b in group)
    )


def align(article: Article, segments: Sequence[Segment]) -> tuple[Passage, ...]:
    """Return for each commentary the passage that it answers, in order.

    An anchor gives its own span, or the longest of several. A quotation gives the
    sentences that hold the quoted words; likeness and position give a paragraph. A reply that
    has neither anchor nor quotation has the passage of its thread, with what decided that and
    its score. Where the article has no paragraph, the passage is empty.
    """
    paragraphs = _answerable(article)
    comments = commentaries(article)
    if not comments or not paragraphs:
        return tuple(Passage(c.commentary_id, 0, 0, "", Alignment.POSITION, 0.0) for c in comments)
    folded = {block.block_id: _plain(block.text) for block in paragraphs}
    names = [comment.commentary_id for comment in comments]
    found: dict[str, Passage] = {}
    for comment in comments:
        passage = _by_anchor(article, comment) or _by_quotation(
            article, comment, paragraphs, folded, segments
        )
        if passage:
            found[comment.commentary_id] = passage
    heads = _heads(article, set(names).difference(found))
    left = [c for c in comments if c.commentary_id not in found and c.commentary_id not in heads]
    anywhere, behind = unplaced(article), gathered(article)
    nowhere = [c for c in left if c.commentary_id in anywhere]
    last = [c for c in left if c.commentary_id in behind]
    beside = [c for c in left if c.commentary_id not in anywhere | behind]
    with one_thread():
        if beside:  # against the words of all comments
            rows = similarities([c.text for c in comments], [block.text for block in paragraphs])
            alike = dict(zip(names, rows, strict=True))
            found |= _by_likeness(article, beside, paragraphs, alike)
        if nowhere:
            found |= _by_text(article, nowhere, paragraphs)
        if last:
            above = [block for block in paragraphs if block.start < last[0].start]
            found |= _by_text(article, last, above)
    return tuple(replace(found[heads.get(name, name)], commentary_id=name) for name in names)


def _answerable(article: Article) -> tuple[Block, ...]:
    return article.of_kind(Kind.PARAGRAPH) or article.of_kind(Kind.TITLE, Kind.CAPTION)


def _heads(article: Article, undecided: Set[str]) -> dict[str, str]:
    """Return for each undecided reply the comment whose passage it shares, up its thread.

    It is the nearest one that is decided, else the thread's first.
    """
    names = {comment.commentary_id for comment in commentaries(article)}
    parents = {b.block_id: b.reply_to for b in article.blocks if b.reply_to in names}
    heads: dict[str, str] = {}
    for reply in (name for name in parents if name in undecided):  # in text order
        path: dict[str, None] = {}
        at = reply
        while at in undecided and at in parents and at not in heads and at not in path:
            path[at] = None
            at = parents[at]
        heads |= dict.fromkeys(path, heads.get(at, at))
    return {reply: head for reply, head in heads.items() if reply != head}


def _by_anchor(article: Article, comment: Commentary) -> Passage | None:
    """Take what the file says; of a span over several blocks, the longest block's part."""
    block = next(b for b in article.blocks if b.block_id == comment.commentary_id)
    if not block.answers:
        return None
    start, end = max(block.answers, key=lambda span: span[1] - span[0])
    text = article.raw[start:end]
    return Passage(comment.commentary_id, start, end, text, Alignment.ANCHOR, 1.0)


def _by_quotation(
    article: Article,
    comment: Commentary,
    paragraphs: Sequence[Block],
    folded: Mapping[str, str],
    segments: Sequence[Segment],
) -> Passage | None:
    """Find the quoted words in the article: the longest quotation, the nearest paragraph."""
    phrases = [comment.text[a:b].strip("\"'“”‘’„«»") for a, b in marks(comment.text)]
    for phrase in map(_plain, sorted(phrases, key=len, reverse=True)[:MOST_QUOTATIONS]):
        if len(words(phrase)) < QUOTE_WORDS:
            continue
        for block in _nearest_first(comment, paragraphs):
            found = fuzz.partial_ratio_alignment(
                phrase, folded[block.block_id], score_cutoff=100 * QUOTE_LIKENESS
            )
            if found and len(phrase) <= len(block.text):
                start, end = block.start + found.dest_start, block.start + found.dest_end
                start, end = _whole_sentences(segments, block, start, end)
                return Passage(
                    comment.commentary_id,
                    start,
                    end,
                    article.raw[start:end],
                    Alignment.QUOTE,
                    found.score / 100,
                )
    return None


def _plain(text: str) -> str:
    """Fold case and the forms of quotation marks and dashes, character by character."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text.translate(_PLAIN))


def _nearest_first(comment: Commentary, paragraphs: Sequence[Block]) -> list[Block]:
    """Order paragraphs by distance upward, then those further down."""
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


def similarities(said: Sequence[str], texts: Sequence[str]) -> np.ndarray:
    """Return TF-IDF cosines of comments and paragraphs, shape (comments, paragraphs), in [0, 1]."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics.pairwise import cosine_similarity

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    try:
        vectorizer.fit([*texts, *said])
    except ValueError:  # no word long enough on either side
        return np.zeros((len(said), len(texts)))
    return np.clip(cosine_similarity(vectorizer.transform(said), vectorizer.transform(texts)), 0, 1)


def unplaced(article: Article) -> frozenset[str]:
    """Return the comments that stand at the end as the file gives them no place, by their ids."""
    return frozenset(block.block_id for block in article.blocks if block.unplaced)


def gathered(article: Article) -> frozenset[str]:
    """Return the comments that stand together behind the article, by their ids.

    So they do in notes and in lists of reviews. Those that the file anchors or gives no place,
    and replies, are not looked at. A comment or two behind the last paragraph rather answer
    that one.
    """
    paragraphs = _answerable(article)
    told = {b.block_id for b in article.blocks if b.answers or b.reply_to or b.unplaced}
    free = [c for c in commentaries(article) if c.commentary_id not in told]
    if len(free) < GATHERED:
        return frozenset()
    starts = [block.start for block in paragraphs]
    above = [bisect(starts, comment.start) for comment in free]
    place, count = Counter(above).most_common(1)[0]
    if place < 2 or count < max(GATHERED, (1 - MOST_APART) * len(free)):
        return frozenset()
    sizes = [len(words(block.text)) for block in paragraphs]
    if sum(sizes[place:]) > MOST_BEHIND * sum(sizes):
        return frozenset()
    run = (c for c, here in zip(free, above, strict=True) if here == place)
    return frozenset(comment.commentary_id for comment in run)


def _by_likeness(
    article: Article,
    comments: Sequence[Commentary],
    paragraphs: Sequence[Block],
    alike: Mapping[str, np.ndarray],
) -> dict[str, Passage]:
    """Take the paragraph right above unless the text clearly speaks of one further up.

    Likeness has decided where it overrules the position, or points to the same
    paragraph; where it points elsewhere but not clearly, the position has. The score is
    the cosine in `alike`, by commentary a figure for each paragraph.
    """
    odds = _odds(comments, paragraphs, MOST_PAIRS)
    if odds is None:
        odds = np.zeros((len(comments), len(paragraphs)))
    found = {}
    for comment, row in zip(comments, odds, strict=True):
        above = [i for i, block in enumerate(paragraphs) if block.start < comment.start]
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
    """Take, for comments without a place, the paragraph that their text speaks of most.

    The score is how likely that one is among all, by the conditional logit of the weights. A
    comment without a word, and all where there is one paragraph or too many, are left to the
    last paragraph.
    """
    from scipy.special import softmax

    encoded = sum(len(each.text) for each in (*comments, *paragraphs)) <= MOST_ENCODED
    odds = _odds(comments, paragraphs, MOST_GATHERED_PAIRS, encoded=encoded)
    found = {}
    for number, comment in enumerate(comments):
        block, decided, score = paragraphs[-1], Alignment.POSITION, 0.0
        if odds is not None and words(comment.text):
            likely = softmax(odds[number])
            block, decided, score = paragraphs[likely.argmax()], Alignment.SIMILARITY, likely.max()
        found[comment.commentary_id] = _whole(article, comment, block, decided, score)
    return found


def _odds(
    comments: Sequence[Commentary], paragraphs: Sequence[Block], most: int, *, encoded: bool = False
) -> np.ndarray | None:
    """Return the log-odds of each paragraph, None where there is one or, by pairs, too many."""
    pairs = len(comments) * len(paragraphs)
    if not 1 < len(paragraphs) <= MOST_PARAGRAPHS or pairs > most:
        return None
    return log_odds([c.text for c in comments], [b.text for b in paragraphs], encoded=encoded)


def _whole(
    article: Article, comment: Commentary, block: Block, decided: Alignment, score: float
) -> Passage:
    score = float(score) if decided is Alignment.SIMILARITY else 0.0
    text = article.raw[block.start : block.end]
    return Passage(comment.commentary_id, block.start, block.end, text, decided, score)
