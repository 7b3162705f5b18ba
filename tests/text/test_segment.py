from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.readers.plain_text import parse_plain_text
from analysis.text.nlp import WINDOW
from analysis.text.segment import attributions, segments
from analysis.types import Voice


def voices(text):
    article = parse_plain_text(text, article_id="x")
    return [(s.voice.value, s.speaker, s.cue, s.text) for s in segments(article)]


def assert_covers(article):
    """Every character of the bodies but white space lies in exactly one segment."""
    parts = segments(article)
    seen = []
    for part in parts:
        assert article.raw[part.start : part.end] == part.text
        seen += range(part.start, part.end)
    assert seen == sorted(set(seen))
    wanted = {i for b in article.blocks for i in range(*b.body) if not article.raw[i].isspace()}
    assert wanted <= set(seen)


def test_seed_is_covered(seed):
    assert_covers(seed)


TEXT = st.lists(
    st.sampled_from(
        ["The mayor", "said", '"', "“", "”", "'", "it rains.", "that", "He", "denied", "\n\n",
         "Comment:", "it's", "told us", ",", "no.", "…", "\u00a0", "Ünal", "’"]
    ),
    min_size=1, max_size=25,
)  # fmt: skip


@settings(max_examples=60)
@given(TEXT)
def test_any_text_is_covered(pieces):
    text = " ".join(pieces)
    if text.strip():
        assert_covers(parse_plain_text(text, article_id="x"))


def test_direct_quotation_is_the_speakers():
    assert voices('"The quay will be built by May," Ellen Brandt told reporters.') == [
        ("quoted", "Ellen Brandt", "told", '"The quay will be built by May,"'),
        ("author", "", "", "Ellen Brandt told reporters."),
    ]


def test_indirect_quotation_is_the_speakers():
    found = voices("Moscow says it expects answers this month.")
    assert found == [
        ("author", "", "", "Moscow says"),
        ("quoted", "Moscow", "says", "it expects answers this month."),
    ]


def test_mixed_quotation_is_one():
    found = voices(
        'The council, she insisted, meets. Brandt said the plan was "a gift to all" now.'
    )
    assert ("quoted", "Brandt", "said", 'the plan was "a gift to all" now.') in found


def test_pronoun_carries_the_speaker_on():
    found = voices('Brandt said the board had voted.\n\n"We will now begin to build," she said.')
    assert found[-2] == ("quoted", "Brandt", "said", '"We will now begin to build,"')


def test_scare_quotes_quote_nobody():
    assert {v for v, *_ in voices('The so-called "reform" of the law failed in parliament.')} == {
        "author"
    }


def test_quotations_in_a_commentary_are_cited():
    found = voices("It rains.\n\nComment: The 'right of every town to choose' was never given.")
    assert [v for v, *_ in found] == ["author", "commentator", "cited", "commentator"]


def test_citation_is_cited(seed):
    cited = [s for s in segments(seed) if s.block_id == "b0013"]
    assert {s.voice for s in cited} == {Voice.CITED}


def test_seed_quotations_have_their_speakers(seed):
    by_speaker = {}
    for part in segments(seed):
        if part.voice is Voice.QUOTED:
            by_speaker.setdefault(part.speaker.split()[-1], []).append(part.text)
    assert len(by_speaker["Stoltenberg"]) == 4
    assert {p.speaker for p in segments(seed) if "Stoltenberg" in p.speaker} == {"Jens Stoltenberg"}
    assert len(by_speaker["Macron"]) == 2
    assert by_speaker["Moscow"] == ["it expects answers to its security proposals this month."]


def test_long_block_is_parsed_in_windows():
    article = parse_plain_text("The mayor spoke again. " * 600, article_id="x")
    assert_covers(article)
    assert len(segments(article)) >= 600
    assert len(article.raw) > 2 * WINDOW


def test_a_segment_that_only_names_the_speaker_is_an_attribution():
    text = (
        "Moscow denies that it will attack its neighbor.\n\n“It was late,” Ellen Brandt said.\n\n"
        "The mayor, who had kept silent for weeks while the harbour emptied, said that it was late."
    )
    article = parse_plain_text(text, article_id="x")
    parts = segments(article)
    found = [p.text for p in parts if p.segment_id in attributions(parts)]
    assert found == ["Moscow denies that", "Ellen Brandt said."]
