import pandas as pd
import pytest

import analysis as cp
from analysis import tallies
from analysis.readers.plain import parse_plain


def test_words_are_counted_by_voice_and_speaker(seed_result):
    counted = tallies.words_by_speaker(seed_result.segments, most=12)
    assert counted.share.sum() == pytest.approx(1)
    assert counted.voice.iloc[0] == "author"
    assert "Jens Stoltenberg" in set(counted.speaker)
    everything = tallies.words_by_speaker(seed_result.segments, most=5)
    assert len(everything) == 5
    assert everything.words.sum() == counted.words.sum()
    assert everything.speaker.str.contains("others").sum() == 1


def test_wilson_interval_is_the_published_one():
    bias = pd.DataFrame({"voice": "author", "p_biased": [0.9] * 3 + [0.1] * 7})
    row = tallies.loaded_by_voice(bias, 0.95).iloc[0]
    assert (row.segments, row.loaded, row.rate) == (10, 3, 0.3)
    assert row.low == pytest.approx(0.1078, abs=1e-4)  # Wilson 1927, as in any table
    assert row.high == pytest.approx(0.6032, abs=1e-4)


def test_credits_are_nobodys_speech():
    article = parse_plain("A title\n© AP Photo\n\nThree words here.", article_id="a")
    counted = tallies.words_by_speaker(cp.score(article).segments, most=12)
    assert counted.words.sum() == 5
