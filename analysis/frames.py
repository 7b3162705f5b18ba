"""The tables' schemas: one place that says each column's meaning, unit and range.

Every frame that leaves the package has passed through `conform`, so that a missing or misspelled
column, or a value out of range, is an error where it was made and not in a report.
"""

import csv
import re
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pandera.pandas as pa

from analysis.types import Alignment, ChangeKind, Kind, Relation, Stance, Voice


def _text(description: str, **options) -> pa.Column:
    return pa.Column(str, description=description, **options)


def _one_of(enum, description: str, **options) -> pa.Column:
    return pa.Column(
        str, pa.Check.isin([m.value for m in enum]), description=description, **options
    )


def _number(description: str, low: float, high: float, **options) -> pa.Column:
    return pa.Column(float, pa.Check.in_range(low, high), description=description, **options)


def _share(description: str, **options) -> pa.Column:
    return _number(description, 0, 1, **options)


def _natural(description: str) -> pa.Column:
    return pa.Column(int, pa.Check.ge(0), description=description)


def _schema(name: str, columns: dict[str, pa.Column], **options) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(columns, name=name, strict=True, ordered=True, **options)


ARTICLE_ID = _text("slug of the article's file name")
SCORER = _text("name of the scorer that gave the figures")
CONFIDENCE = _share(
    "calibrated probability of the label; empty where the scorer is not calibrated", nullable=True
)
ABSTAINED = pa.Column(
    bool,
    description="whether confidence is below the scorer's threshold, so that label does not count",
)
SPEAKER = _text(
    "who is quoted, holds the reported wish, or comments, as the file names them; "
    "empty where not found"
)
VOICE = _one_of(Voice, "who speaks")

SEGMENTS = _schema(
    "segments",
    {
        "article_id": ARTICLE_ID,
        "segment_id": _text("unique in the article, in text order"),
        "block_id": _text("the block that contains it"),
        "kind": _one_of(Kind, "the block's kind"),
        "voice": VOICE,
        "speaker": SPEAKER,
        "cue": _text("the word that attributes the quotation or wish, such as said"),
        "start": _natural("first character in the raw text"),
        "end": _natural("one past the last character in the raw text"),
        "text": _text("raw[start:end]"),
    },
    unique=["article_id", "segment_id"],
)

RELATIONS = _schema(
    "relations",
    {
        "article_id": ARTICLE_ID,
        "commentary_id": _text("the commentary's first block"),
        "commentator": _text("who wrote it; empty where the file does not say"),
        "reply_to": _text("the commentary_id that it replies to; empty for one on the article"),
        "passage_start": _natural("first character of the passage; 0 where there is none"),
        "passage_end": _natural("one past its last character; 0 where there is none"),
        "passage": _text("raw[passage_start:passage_end]: of a reply, the comment answered"),
        "commentary": _text("the commentary without its marker and what it cites"),
        "label": _one_of(Relation, "how the commentary responds to the passage"),
        "p_agree": _share("probability of agree"),
        "p_disagree": _share("probability of disagree"),
        "p_neutral": _share("probability of neutral"),
        "confidence": CONFIDENCE,
        "abstained": ABSTAINED,
        "alignment": _one_of(Alignment, "what decided which passage it answers"),
        "alignment_score": _share(
            "1 by anchor and of a reply; similarity of the quotation; cosine of the texts, or the "
            "paragraph's probability where only the text decides; 0 by position"
        ),
        "scorer": SCORER,
    },
)

STANCES = _schema(
    "stances",
    {
        "article_id": ARTICLE_ID,
        "segment_id": _text("the sentence or quotation; empty for a whole comment"),
        "commentary_id": _text("the comment that holds it; empty for the article's own text"),
        "voice": VOICE,
        "speaker": SPEAKER,
        "target": _text("what the stance is toward"),
        "label": _one_of(Stance, "where the text stands"),
        "p_favor": _share("probability of favor"),
        "p_against": _share("probability of against"),
        "p_none": _share("probability of none"),
        "score": _number("stance score: p_favor - p_against", -1, 1),
        "confidence": CONFIDENCE,
        "abstained": ABSTAINED,
        "derived": pa.Column(
            bool,
            description="the target is not named; inferred from the comment's relation and passage",
        ),
        "scorer": SCORER,
    },
)

BIAS = _schema(
    "bias",
    {
        "article_id": ARTICLE_ID,
        "segment_id": _text("the segment"),
        "voice": VOICE,
        "p_biased": _share("bias score: probability that it is worded in a biased way"),
        "cues": _text("the cues of loaded language in it, as `kind: text`, separated by '; '"),
        "scorer": SCORER,
    },
)

COMPARISON = _schema(
    "comparison",
    {
        "article_id": ARTICLE_ID,
        "target": _text("what the stances are toward"),
        "author_score": _number("the author's mean stance score", -1, 1, nullable=True),
        "author_n": _natural("the author's segments that mention it"),
        "commentator_score": _number("the commentator's mean stance score", -1, 1, nullable=True),
        "commentator_n": _natural("the comments that mention it"),
        "divergence": _number("commentator_score - author_score", -2, 2, nullable=True),
        "ci_low": _number("low end of its bootstrap interval", -2, 2, nullable=True),
        "ci_high": _number("high end of its bootstrap interval", -2, 2, nullable=True),
        "scorer": SCORER,
    },
)

# Of a corpus, beside the five frames.
ARTICLES = _schema(
    "articles",
    {
        "article_id": _text("the row's id as a slug, unique in the corpus", unique=True),
        "title": _text("as the row or the text states it"),
        "outlet": _text("who published it; empty where not stated"),
        "date": _text("when it was published, as the row states it; empty where not stated"),
        "month": _text("of that date, as YYYY-MM; empty where the date is not ISO 8601"),
        "author": _text("who wrote it; empty where not stated"),
        "url": _text("where it was published; empty where not stated"),
        "language": _text("BCP 47 tag, und where it could not be identified"),
        "place": _text("the file and line or row that it comes from"),
        "sha256": _text("of the text's bytes, in hexadecimal"),
        "characters": _natural("of the raw text"),
        "commentaries": _natural("rows in relations"),
        "targets": _natural("rows in comparison"),
        "scorer": SCORER,
    },
)

REJECTED = _schema(
    "rejected",
    {
        "article_id": _text("the row's id as given; empty where it has none"),
        "place": _text("the file and line or row"),
        "reason": _text("why it was not scored, in one line"),
    },
)

# Of two versions of one article, and of two stories of one event.
PAIR = {
    "original_id": _text("article_id of the original, or of the first story"),
    "republished_id": _text("article_id of the republished text, or of the second story"),
}
CHANGE = _one_of(ChangeKind, "what happened to it")
MOVED = pa.Column(bool, description="whether its order, or the paragraph it is in, changed")
SIMILARITY = _share("twice the words in common and in order, by the words of both")
SPANS = {
    "original_start": _natural("first character in the original's raw text; 0 where it has none"),
    "original_end": _natural("one past the last character there; 0 where it has none"),
    "republished_start": _natural("first character in the republished raw text; 0 where none"),
    "republished_end": _natural("one past the last character there; 0 where it has none"),
}
WORDINGS = {
    "original": _text("the original wording; empty where added"),
    "republished": _text("the republished wording; empty where left out"),
}
P = _share(
    "share of random cuts of this size that do at least as much, two-sided; empty where not tested",
    nullable=True,
)
P_ADJUSTED = _share("p, adjusted for all tests of the pair (Holm)", nullable=True)

PARAGRAPH_CHANGES = _schema(
    "paragraph_changes",
    {
        **PAIR,
        "change_id": _text("unique in the pair, in the order of the republished text"),
        "kind": CHANGE,
        "moved": MOVED,
        "original_blocks": _text("block_id in the original; several are separated by spaces"),
        "republished_blocks": _text("block_id in the republished text; of several, the same"),
        **SPANS,
        **WORDINGS,
        "similarity": SIMILARITY,
    },
    unique=["change_id"],
)

SENTENCE_CHANGES = _schema(
    "sentence_changes",
    {
        **PAIR,
        "original_change": _text("change_id of the paragraph that held it; empty where added"),
        "republished_change": _text("change_id of the one that holds it; empty where left out"),
        "kind": CHANGE,
        "moved": MOVED,
        **SPANS,
        **WORDINGS,
        "deleted_words": _natural("words of the original that are gone"),
        "inserted_words": _natural("words of the republished text that are new"),
        "similarity": SIMILARITY,
    },
)

VOICES_CHANGED = _schema(
    "voices_changed",
    {
        **PAIR,
        "voice": _one_of(Voice, "who speaks: the author or someone quoted"),
        "speaker": _text("who is quoted, one name for all its forms; empty where not named"),
        "original_words": _natural("words in the original's paragraphs"),
        "kept": _natural("of these, the words that were republished"),
        "lost": _natural("of these, the words that were left out or replaced"),
        "gained": _natural("words of the republished paragraphs that the original lacks"),
        "republished_words": _natural("words in the republished paragraphs: kept and gained"),
    },
)

STANCE_CHANGED = _schema(
    "stance_changed",
    {
        **PAIR,
        "target": _text("what the stances are toward"),
        "left_out_score": _number("mean stance score in what was left out", -1, 1, nullable=True),
        "left_out_n": _natural("segments that were left out and mention it"),
        "kept_score": _number("mean stance score in what was kept", -1, 1, nullable=True),
        "kept_n": _natural("segments of the original that were kept and speak of it"),
        "difference": _number("left_out_score - kept_score", -2, 2, nullable=True),
        "removed": pa.Column(
            float,
            description="segments left out in favor less those against, by confidence: tested",
        ),
        "expected": pa.Column(
            float, nullable=True, description="the same of a random cut of this size, on average"
        ),
        "p": P,
        "p_adjusted": P_ADJUSTED,
        "added_score": _number("mean stance score in what was added", -1, 1, nullable=True),
        "added_n": _natural("segments that were added and speak of it"),
        "scorer": SCORER,
    },
)

LANGUAGE_CHANGED = _schema(
    "language_changed",
    {
        **PAIR,
        "kind": _one_of(
            ChangeKind, "of the segments: left_out, added, or reworded, in the new wording"
        ),
        "share": _share("share of these segments that are loaded", nullable=True),
        "n": _natural("segments"),
        "compared_share": _share(
            "the same of what was kept in that version; of reworded ones, of the old wording",
            nullable=True,
        ),
        "compared_n": _natural("segments"),
        "difference": _number("share - compared_share", -1, 1, nullable=True),
        "p": P,
        "p_adjusted": P_ADJUSTED,
        "scorer": SCORER,
    },
)

COMMENTS_ON_CHANGES = _schema(
    "comments_on_changes",
    {
        **PAIR,
        "commentary_id": _text("the comment, by its first block in the republished text"),
        "commentator": _text("who wrote it; empty where the file does not say"),
        "change_id": _text("the paragraph's; empty of the headline"),
        "kind": _one_of(
            ChangeKind,
            "of the sentence answered, or left_out of the paragraph answered",
        ),
        "moved": MOVED,
        **WORDINGS,
        "label": _one_of(Relation, "how the comment responds to its passage"),
        "abstained": ABSTAINED,
    },
)

_TWO_MEANS = {
    f"{side}_{name}": column
    for side, what in (("original", "first"), ("republished", "second"))
    for name, column in {
        "score": _number(f"the {what} story's mean stance score", -1, 1, nullable=True),
        "ci_low": _number("low end of its bootstrap interval", -1, 1, nullable=True),
        "ci_high": _number("high end of its bootstrap interval", -1, 1, nullable=True),
        "n": _natural("segments that speak of the target"),
    }.items()
}
STANCES_COMPARED = _schema(
    "stances_compared",
    {
        **PAIR,
        "target": _text("what the stances are toward"),
        "voice": _one_of(Voice, "who speaks: the author or the people quoted"),
        **_TWO_MEANS,
        "difference": _number("second - first", -2, 2, nullable=True),
        "ci_low": _number("low end of its bootstrap interval", -2, 2, nullable=True),
        "ci_high": _number("high end of its bootstrap interval", -2, 2, nullable=True),
        "scorer": SCORER,
    },
)

VOICES_COMPARED = _schema(
    "voices_compared",
    {
        **PAIR,
        "voice": VOICE,
        "speaker": _text("who is quoted, one name for all its forms; empty where not named"),
        "original_words": _natural("words in the first story"),
        "original_share": _share("share of the first story's words"),
        "republished_words": _natural("words in the second story"),
        "republished_share": _share("share of the second story's words"),
    },
)

_TWO_SHARES = {
    f"{side}_{name}": column
    for side, what in (("original", "first"), ("republished", "second"))
    for name, column in {
        "segments": _natural(f"the {what} story's segments in this voice"),
        "loaded": _natural("of these, with a bias score of at least 0.5"),
        "rate": _share("loaded by segments", nullable=True),
        "low": _share("low end of its Wilson interval", nullable=True),
        "high": _share("high end of its Wilson interval", nullable=True),
    }.items()
}
LANGUAGE_COMPARED = _schema(
    "language_compared", {**PAIR, "voice": VOICE, **_TWO_SHARES, "scorer": SCORER}
)


def _by_name(*schemas: pa.DataFrameSchema) -> dict[str, pa.DataFrameSchema]:
    return {schema.name: schema for schema in schemas}


SCHEMAS = _by_name(SEGMENTS, RELATIONS, STANCES, BIAS, COMPARISON)
CORPUS = SCHEMAS | _by_name(ARTICLES, REJECTED)
VERSIONS = _by_name(
    PARAGRAPH_CHANGES, SENTENCE_CHANGES, VOICES_CHANGED, STANCE_CHANGED, LANGUAGE_CHANGED,
    COMMENTS_ON_CHANGES,
)  # fmt: skip
STORIES = _by_name(STANCES_COMPARED, VOICES_COMPARED, LANGUAGE_COMPARED)


def conform(rows: list[dict] | pd.DataFrame, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Return rows as a frame with exactly the schema's columns, types and order.

    Raises:
        KeyError: the schema is none of this module's.
        pandera.errors.SchemaError: a value is out of range; that is a defect of ours.
    """
    columns = list(schema.columns)
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows, columns=columns)
    frame = frame.loc[:, columns].astype({name: str(c.dtype) for name, c in schema.columns.items()})
    return _VALUES[schema.name].validate(frame.reset_index(drop=True))


# Without the types, which `astype` has just given: pandera looks them up value by value.
_VALUES = {
    name: schema.update_columns({column: {"dtype": None} for column in schema.columns})
    for name, schema in (CORPUS | VERSIONS | STORIES).items()
}


# What a spreadsheet may take for the start of a formula: a sign, or a character that it turns into
# one (full-width, small, raised; the minus sign). Blanks, marks of no width and quotation marks may
# come before it, and what parts cells in another program's view.
_SIGNS = (
    r"=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207c\u207a\u207b\u208c\u208a\u208b"
    r"\ufb29\u2212"
)
_BEFORE = r"\s\x00-\x1f\x7f\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\",;|"
_SIGN = re.compile(rf"^[{_BEFORE}]*+(?=[{_SIGNS}])|(?<![{_BEFORE}])[{_BEFORE}]++(?=[{_SIGNS}])")
_PARTED = re.compile(r"[,;|\t\r\n]")


def csv_text(frame: pd.DataFrame) -> str:
    """Return a frame as CSV that a spreadsheet opens without running any of it.

    Every text is quoted. A sign that starts a formula gets an apostrophe before it (OWASP, CSV
    injection) where it starts the text, or follows a comma, semicolon, bar, tab or line end in
    it; so does a text that starts with a tab or a carriage return. Parquet keeps what was there.
    """
    safe = frame.rename(columns=lambda name: _without_formula(str(name)))
    for name in safe.select_dtypes(exclude=["number", "bool", "datetime"]):
        safe[name] = safe[name].astype(str).map(_without_formula, na_action="ignore")
    return safe.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC)


def _without_formula(text: str) -> str:
    def mark(found: re.Match[str]) -> str:
        starts = found.start() == 0 or _PARTED.search(found[0])
        return f"{found[0]}'" if starts else found[0]

    text = _SIGN.sub(mark, text)
    return f"'{text}" if text.startswith(("\t", "\r")) else text


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as `csv_text` gives it, with the same line ends on every system."""
    path.write_text(csv_text(frame), encoding="utf-8", newline="")


class Frames:
    """What has the frames of `schemas` as attributes of their names."""

    schemas: ClassVar[dict[str, pa.DataFrameSchema]]

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """The frames by name, in the order of this module, as plain DataFrames."""
        return {name: pd.DataFrame(getattr(self, name)) for name in self.schemas}

    def write(self, folder: str | Path) -> None:
        """Write each frame as CSV and Parquet into a folder, which is made where missing."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name, frame in self.frames.items():
            frame.to_parquet(folder / f"{name}.parquet", index=False)
            write_csv(frame, folder / f"{name}.csv")
