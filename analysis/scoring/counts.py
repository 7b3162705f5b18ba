"""What the figures count: words by voice and speaker, loaded segments and cues by voice."""

from collections.abc import Iterable, Mapping

import pandas as pd

from analysis.scoring.compare import measured
from analysis.text.cue_lexicon import CueKind
from analysis.text.loaded_language import Cue, rates
from analysis.text.marks import words
from analysis.thresholds import LOADED
from analysis.types import Kind, Voice

TOP_SEGMENTS = 3  # sentences shown of each side

LABELS = {
    Voice.AUTHOR: "Author",
    Voice.QUOTED: "People quoted",
    Voice.COMMENTATOR: "Comments",
    Voice.CITED: "Cited in comments",
}

CUES = {
    CueKind.LOADED: "Loaded words",
    CueKind.LABEL: "Labels",
    CueKind.INTENSIFIER: "Intensifiers",
    CueKind.US_THEM: "Us and them",
    CueKind.SCARE_QUOTES: "Scare quotes",
    CueKind.RHETORICAL_QUESTION: "Questions",
    CueKind.AGENTLESS_PASSIVE: "Passive, no agent",
    CueKind.HEDGE: "Hedges",
    CueKind.FACTIVE: "Factive verbs",
    CueKind.ASSERTIVE: "Assertive verbs",
    CueKind.ATTRIBUTION_NEUTRAL: "“Said”, neutral",
    CueKind.ATTRIBUTION_DOUBTING: "“Claimed”, doubting",
    CueKind.ATTRIBUTION_CONCEDING: "“Admitted”, conceding",
    CueKind.ATTRIBUTION_COMMITTING: "“Pointed out”, vouching",
}


def words_by_speaker(
    segments: pd.DataFrame, most: int, names: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Count words by who speaks them; credits are nobody's speech.

    Args:
        segments: the frame `segments`.
        most: rows at most; the least heard of the people quoted share one.
        names: by a speaker's name the one to count under; see `speakers.merged_names`.

    Returns:
        Columns voice, speaker, label, words and share (of all words, in [0, 1]).
    """
    spoken = segments[segments.kind != Kind.CREDIT.value]
    spoken = spoken.assign(words=[len(words(text)) for text in spoken.text])
    quoted, commenting = (spoken.voice == v.value for v in (Voice.QUOTED, Voice.COMMENTATOR))
    merged = spoken.speaker.replace(names or {}).where(quoted, "")
    kept = merged.where(~commenting, spoken.speaker)
    counted = spoken.groupby([spoken.voice, kept.rename("speaker")]).words.sum().reset_index()
    order = {voice.value: i for i, voice in enumerate(Voice)}
    counted = counted.sort_values(
        ["voice", "words"], key=lambda c: c.map(order) if c.name == "voice" else -c, kind="stable"
    )
    counted = _folded(counted, most)
    labels = [_label(r.voice, r.speaker) for r in counted.itertuples()]
    share = counted.words / max(counted.words.sum(), 1)
    counted = counted.assign(label=labels, share=share)
    return counted[["voice", "speaker", "label", "words", "share"]].reset_index(drop=True)


def _folded(counted: pd.DataFrame, most: int) -> pd.DataFrame:
    """Merge the commentators with the fewest words into one row, and the people quoted likewise."""
    for voice, room in ((Voice.COMMENTATOR, most // 2), (Voice.QUOTED, most)):
        named = (counted.voice == voice.value) & (counted.speaker != "")
        if voice is Voice.QUOTED:
            room -= int((~named).sum())
        if named.sum() <= room:
            continue
        rest = counted.index[named][room - 1 :]
        other = {
            "voice": voice.value,
            "speaker": f"{len(rest)} others",
            "words": counted.words[rest].sum(),
        }
        at = list(counted.index).index(rest[0])
        kept = counted.drop(rest)
        parts = [kept[:at], pd.DataFrame([other]), kept[at:]]
        counted = pd.concat(parts, ignore_index=True)
    return counted


def _label(voice: str, speaker: str) -> str:
    if voice == Voice.QUOTED.value:
        return speaker or "Quoted, speaker not named"
    named = voice == Voice.COMMENTATOR.value and speaker
    return f"{speaker} (comments)" if named else LABELS[Voice(voice)]


def loaded_by_voice(bias: pd.DataFrame, confidence_level: float) -> pd.DataFrame:
    """Count the segments of each voice with a bias score of at least `LOADED`.

    Returns:
        Columns voice, label, segments, loaded, rate, and low and high of its Wilson
        interval (Wilson 1927), all three in [0, 1]; voices that say nothing are left out.
    """
    rows = []
    for voice, label in LABELS.items():
        scores = bias.loc[bias.voice == voice.value, "p_biased"]
        if scores.empty:
            continue
        n, k = len(scores), int((scores >= LOADED).sum())
        low, high = wilson(k, n, confidence_level)
        rows.append((voice.value, label, n, k, k / n, low, high))
    columns = ["voice", "label", "segments", "loaded", "rate", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def wilson(k: int, n: int, confidence_level: float) -> tuple[float, float]:
    """Return the Wilson interval of k of n (Wilson 1927), in [0, 1]."""
    from scipy.stats import binomtest  # takes a third of a second to import

    interval = binomtest(k, n).proportion_ci(confidence_level, method="wilson")
    return float(interval.low), float(interval.high)


def cue_rates(
    segments: pd.DataFrame, cues: Mapping[str, Iterable[Cue]], confidence_level: float
) -> pd.DataFrame:
    """Return how often each voice uses each kind of cue of loaded language.

    Args:
        segments: the frame `segments`.
        cues: by segment id, as `loaded_language.cues` gives them.
        confidence_level: of the rates' intervals, in (0, 1).

    Returns:
        The columns of `loaded_language.rates`, with label, the kind's name in the report.
    """
    table = rates(segments, cues, confidence_level)
    table.insert(2, "label", [CUES[CueKind(kind)] for kind in table.kind])
    return table


def strongest(
    stances: pd.DataFrame, voice: Voice, most: int = TOP_SEGMENTS
) -> list[tuple[str, pd.DataFrame]]:
    """Return a voice's sentences or whole comments with the largest absolute stance scores.

    Returns:
        Segment or commentary ids, the strongest first, each with its rows of the frame `stances`;
        abstained and derived rows and scores of 0 are left out.
    """
    stances = measured(stances)
    counted = (stances.score != 0) & ~stances.abstained
    of_voice = stances[(stances.voice == voice.value) & counted]
    ids = text_ids(of_voice)
    strength = of_voice.score.abs().groupby(ids).max()
    best = strength.sort_values(ascending=False, kind="stable").head(most).index
    return [(s, of_voice[ids == s]) for s in best]


def text_ids(stances: pd.DataFrame) -> pd.Series:
    """Return the id of each row's text: the segment's, of a whole comment the commentary's."""
    return stances.segment_id.where(stances.segment_id != "", stances.commentary_id)
