"""Which passage of the article a commentary answers.

Where the file itself anchors a commentary (a Word comment, an annotation), there. Else
three signs, the surest first: words of the article that the commentary quotes
(matched fuzzily, since people retype), how much its text speaks of one of the
paragraphs before it (`likeness`), and where it stands. Where all comments stand together
behind the article, their place says nothing and their text decides among all paragraphs.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from rapidfuzz import fuzz

from analysis.likeness import log_odds
from analysis.marks import marks, words
from analysis.nlp import one_thread
from analysis.types import Alignment, Article, Block, Commentary, Kind, Passage, Segment

QUOTE_WORDS = 3  # fewer are a term, not a quotation
MOST_QUOTATIONS = 5  # the longest of a commentary
QUOTE_LIKENESS = 0.85  # of rapidfuzz's partial ratio; two typing errors in ten words pass
SIMILARITY = 0.10  # cosine under which likeness adds nothing to the position
OVERRULES = 4.0  # log-odds (55 to 1) from which a paragraph further up beats the one right above
MOST_PAIRS = 20_000  # of comments and paragraphs, past which
MOST_PARAGRAPHS = 1_000  # or past which only quotations and positions count
REACH = 12  # paragraphs looked back for likeness
GATHERED = 3  # comments behind the last paragraph from which their place says nothing

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
    sentences that hold the quoted words; likeness and position give a paragraph. Where
    the article has none, the passage is empty.
    """
    paragraphs = _answerable(article)
    comments = commentaries(article)
    if not comments or not paragraphs:
        return tuple(Passage(c.commentary_id, 0, 0, "", Alignment.POSITION, 0.0) for c in comments)
    texts = [comment.text for comment in comments], [block.text for block in paragraphs]
    folded = {block.block_id: _plain(block.text) for block in paragraphs}
    passages = [
        _by_anchor(article, comment)
        or _by_quotation(article, comment, paragraphs, folded, segments)
        for comment in comments
    ]
    undecided = [number for number, passage in enumerate(passages) if passage is None]
    if undecided:
        placed = not gathered(article)
        with one_thread():
            alike = similarities(*texts)[undecided]
            said = [texts[0][number] for number in undecided]
            odds = _odds(said, texts[1], encoded=not placed)
        for number, *rows in zip(undecided, alike, odds, strict=True):
            passages[number] = _by_likeness(article, comments[number], paragraphs, *rows, placed)
    return tuple(passage for passage in passages if passage is not None)


def _answerable(article: Article) -> tuple[Block, ...]:
    return article.of_kind(Kind.PARAGRAPH) or article.of_kind(Kind.TITLE, Kind.CAPTION)


def _odds(said: Sequence[str], texts: Sequence[str], *, encoded: bool) -> np.ndarray:
    """Return the log-odds of each paragraph; where there are too many pairs, none stands out."""
    if len(said) * len(texts) > MOST_PAIRS or len(texts) > MOST_PARAGRAPHS:
        return np.zeros((len(said), len(texts)))
    return log_odds(said, texts, encoded=encoded)


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


def gathered(article: Article) -> bool:
    """Tell whether the comments that the file does not anchor stand together behind the article.

    So they do in notes and in lists of reviews; a comment or two behind the last paragraph
    rather answer that one.
    """
    paragraphs = _answerable(article)
    anchored = {block.block_id for block in article.blocks if block.answers}
    free = [c for c in commentaries(article) if c.commentary_id not in anchored]
    return (
        len(paragraphs) > 1
        and len(free) >= GATHERED
        and all(comment.start > paragraphs[-1].start for comment in free)
    )


def _by_likeness(
    article: Article,
    comment: Commentary,
    paragraphs: Sequence[Block],
    similarity: np.ndarray,
    odds: np.ndarray,
    placed: bool,
) -> Passage:
    """Take the paragraph right above unless the text clearly speaks of one further up.

    Likeness has decided where it overrules the position, or points to the same
    paragraph; where it points elsewhere but not clearly, the position has. A comment that
    is not `placed` may speak of any paragraph, the likest. The score is the cosine of TF-IDF.
    """
    above = [i for i, block in enumerate(paragraphs) if block.start < comment.start]
    near = above[-1] if above else 0
    candidates = (above[-REACH:] if placed else above) or [0]
    likest = max(candidates, key=lambda i: (odds[i], i))
    overrules = OVERRULES if placed else 0.0
    best = likest if odds[likest] >= odds[near] + overrules else near
    score = float(similarity[best])
    by_likeness = best == likest and (best != near or score >= SIMILARITY)
    decided = Alignment.SIMILARITY if by_likeness else Alignment.POSITION
    block = paragraphs[best]
    return Passage(
        comment.commentary_id,
        block.start,
        block.end,
        article.raw[block.start : block.end],
        decided,
        score if decided is Alignment.SIMILARITY else 0.0,
    )
