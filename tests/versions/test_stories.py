import pytest

from analysis.frames import STORIES
from analysis.params import report_params
from analysis.quality.alignment import annotated
from analysis.types import Kind
from analysis.versions.stories import compare_stories


def story(name, *paragraphs):
    return annotated(name, [(Kind.PARAGRAPH, p) for p in paragraphs])


@pytest.fixture(scope="module")
def result():
    one = story(
        "herald",
        "Velden will build a tram. The tram is a wonderful gift to the town.",
        "“The tram is good and safe,” said Mayor Ingrid Solheim.",
    )
    other = story(
        "courier",
        "The tram is a terrible waste of money. It ruins the harbour, and the tram is ugly.",
        "“This tram is a disaster,” said Peter Dahl. Ingrid Solheim declined to comment.",
    )
    params = report_params(article="courier", targets=["tram"], scorer="lexicon")
    return compare_stories(one, other, params)


def test_frames_have_the_schemas_columns(result):
    assert list(result.frames) == list(STORIES)
    for name, frame in result.frames.items():
        assert list(frame.columns) == list(STORIES[name].columns)
        assert set(frame["republished_id"]) == {"courier"}


def test_stances_stand_side_by_side_on_one_scale(result):
    table = result.stances_compared.set_index(["target", "voice"])
    author = table.loc[("tram", "author")]
    assert author.original_score > 0 > author.republished_score
    assert author.difference == pytest.approx(author.republished_score - author.original_score)
    assert table.index.tolist() == [("tram", "author"), ("tram", "quoted")]


def test_each_storys_words_are_shared_out(result):
    table = result.voices_compared
    for side in ("original", "republished"):
        assert table[f"{side}_share"].sum() == pytest.approx(1)
    assert set(table.speaker) == {"", "Ingrid Solheim", "Peter Dahl"}


def test_loaded_segments_are_counted_by_voice(result):
    table = result.language_compared
    assert list(table.voice) == ["author", "quoted"]
    assert (table.republished_loaded <= table.republished_segments).all()


def test_with_no_targets_given_both_are_scored_on_those_of_either():
    params = report_params(article="b", scorer="lexicon")
    one = story("a", "The tram is good. The tram runs. A tram costs money, and the tram is late.")
    other = story(
        "b", "The bridge is bad. The bridge fell. A bridge costs money, say the bridge men."
    )
    found = compare_stories(one, other, params)
    names = [{t.name for t in r.targets} for r in (found.original, found.republished)]
    assert names[0] == names[1]
    assert {"tram", "bridge"} <= names[0]
