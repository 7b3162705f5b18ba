import pandas as pd
import pytest

import analysis as cp
from analysis.readers.plain_text import parse_plain_text
from analysis.scoring import counts
from analysis.text.cue_lexicon import CueKind
from analysis.types import Voice


def test_words_are_counted_by_voice_and_speaker(seed_result):
    counted = counts.words_by_speaker(seed_result.segments, most=12)
    assert counted.share.sum() == pytest.approx(1)
    assert counted.voice.iloc[0] == "author"
    assert "Jens Stoltenberg" in set(counted.speaker)
    everything = counts.words_by_speaker(seed_result.segments, most=5)
    assert len(everything) == 5
    assert everything.words.sum() == counted.words.sum()
    assert everything.speaker.str.contains("others").sum() == 1


def test_wilson_interval_is_the_published_one():
    bias = pd.DataFrame({"voice": "author", "p_biased": [0.9] * 3 + [0.1] * 7})
    row = counts.loaded_by_voice(bias, 0.95).iloc[0]
    assert (row.segments, row.loaded, row.rate) == (10, 3, 0.3)
    assert row.low == pytest.approx(0.1078, abs=1e-4)  # Wilson 1927, as in any table
    assert row.high == pytest.approx(0.6032, abs=1e-4)


def test_credits_are_nobodys_speech():
    article = parse_plain_text("A title\n© AP Photo\n\nThree words here.", article_id="a")
    counted = counts.words_by_speaker(cp.score(article, scorer="embedded-small").segments, most=12)
    assert counted.words.sum() == 5


def test_strongest_segments_of_a_voice_come_first():
    stances = pd.DataFrame(
        [
            ("s0", "", "author", 0.2, False, False),
            ("s1", "", "author", -0.9, False, False),
            ("s1", "", "author", 0.1, False, False),
            ("s2", "", "author", 0.95, True, False),
            ("", "b3", "commentator", 0.8, False, False),
            ("", "b5", "commentator", 1.0, False, True),
            ("s4", "", "author", 0.0, False, False),
        ],
        columns=["segment_id", "commentary_id", "voice", "score", "abstained", "derived"],
    )
    assert [text_id for text_id, _ in counts.strongest(stances, Voice.COMMENTATOR)] == ["b3"]
    found = counts.strongest(stances, Voice.AUTHOR)
    assert [segment_id for segment_id, _ in found] == ["s1", "s0"]
    assert [len(rows) for _, rows in found] == [2, 1]
    assert len(counts.strongest(stances, Voice.AUTHOR, most=1)) == 1


def test_every_kind_of_cue_has_a_name_and_a_rate_for_each_voice(seed_result):
    table = seed_result.cue_rates
    assert set(counts.CUES) == set(CueKind)
    assert len(table) == 4 * len(CueKind)
    counted = counts.words_by_speaker(seed_result.segments, most=99).groupby("voice").words.sum()
    assert dict(table.groupby("voice").words.first()) == dict(counted)
    listed = seed_result.bias.cues[seed_result.bias.cues != ""].str.split("; ").map(len).sum()
    assert table["count"].sum() == listed


def test_aliases_of_a_speaker_share_a_row():
    text = "Moscow says that it waits. Russia said on Monday that it would not wait."
    result = cp.score(parse_plain_text(text, article_id="x"), scorer="lexicon")
    counted = counts.words_by_speaker(result.segments, 12, result.requests.speakers)
    assert counted[counted.voice == "quoted"].label.tolist() == ["Russia"]
    assert set(result.segments.speaker) - {""} == {"Moscow", "Russia"}
