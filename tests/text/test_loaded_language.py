import re
from dataclasses import replace

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.readers.plain_text import parse_plain_text
from analysis.text.cue_lexicon import CUES, CueKind
from analysis.text.loaded_language import CHARGED, Cue, charged_words, cues, format_cues, rates
from analysis.text.segment import segments

TABLE = yaml.safe_load(CUES.read_text(encoding="utf-8"))
GROUPS = TABLE["groups"]
PASSIVE, SCARE_QUOTES = CueKind.AGENTLESS_PASSIVE, CueKind.SCARE_QUOTES
QUESTION = CueKind.RHETORICAL_QUESTION
FRAMES = ("They met the {} yesterday.", "It was a {} move.", "They {} the man.", "It is {}.")


def article_of(text):
    return parse_plain_text(f"A title\n\n{text}", article_id="x")


def found(text):
    article = article_of(text)
    return [c for group in cues(article, segments(article)).values() for c in group]


def texts(text, kind):
    return [c.text for c in found(text) if c.kind is kind]


def listed(field):
    return [
        pytest.param(CueKind(group["kind"]), text, id=f"{group['kind']}: {text[:40]}")
        for group in GROUPS
        for text in group.get(field, ())
    ]


def framed(pair):
    return [[frame.format(word) for frame in FRAMES] for word in pair]


@pytest.fixture(scope="module")
def kinds_in():
    """Return a function from a text of the list to the kinds found in it; one parse for all."""
    texts = [text for field in ("examples", "counterexamples") for _, text in
             (param.values for param in listed(field))]  # fmt: skip
    texts += [text for pair in TABLE["mirrored"] for side in framed(pair) for text in side]
    article = article_of("\n\n".join(dict.fromkeys(texts)))
    parts, found = segments(article), {}
    by_segment = cues(article, parts)
    blocks = {block.block_id: block.text for block in article.blocks}
    for part in parts:
        kinds = {cue.kind for cue in by_segment[part.segment_id]}
        found.setdefault(blocks[part.block_id], set()).update(kinds)
    return found.__getitem__


@pytest.mark.parametrize(("kind", "text"), listed("examples"))
def test_example_of_the_list_is_found(kinds_in, kind, text):
    assert kind in kinds_in(text)


@pytest.mark.parametrize(("kind", "text"), listed("counterexamples"))
def test_counterexample_of_the_list_is_not(kinds_in, kind, text):
    assert kind not in kinds_in(text)


def test_every_kind_of_word_has_examples():
    assert all(group.get("examples") for group in GROUPS)
    assert {group["kind"] for group in GROUPS} < {kind.value for kind in CueKind}


def test_no_word_is_listed_twice():
    entries = [
        entry
        for group in GROUPS
        for entry in [*group.get("words", "").split(), *group.get("phrases", ())]
    ]
    assert sorted(entries) == sorted(set(entries))


@pytest.mark.parametrize("pair", TABLE["mirrored"], ids=" / ".join)
def test_labels_that_two_sides_use_for_each_other_count_alike(kinds_in, pair):
    one, other = ({k for text in side for k in kinds_in(text)} & CHARGED for side in framed(pair))
    assert one == other
    assert one & {CueKind.LABEL, CueKind.LOADED}


def test_attribution_is_told_by_how_much_it_commits():
    text = (
        "Officials said that the road was safe. Officials claimed that the road was safe. "
        "Officials admitted that the road was safe. Officials pointed out that the road was safe."
    )
    kinds = [(c.kind.removeprefix("attribution_"), c.text) for c in found(text)]
    assert kinds == [
        ("neutral", "said"),
        ("doubting", "claimed"),
        ("conceding", "admitted"),
        ("committing", "pointed out"),
    ]


@pytest.mark.parametrize(
    ("kind", "text", "cue"),
    [
        # a passive counts only without its agent
        (PASSIVE, "The homes were quickly seized.", ["were quickly seized"]),
        (PASSIVE, "Mistakes were made in the north.", ["were made"]),
        (PASSIVE, "The homes were seized by soldiers.", []),
        (PASSIVE, "The homes were seized and burned by soldiers.", []),
        (PASSIVE, "The firm is based in Paris.", []),
        (PASSIVE, "She was born in May.", []),
        (PASSIVE, "Russia would respect the rules that it's signed up to.", []),
        (PASSIVE, "Soldiers seized the homes.", []),
        # scare quotes quote nobody
        (SCARE_QUOTES, 'The "reform" of the law failed in parliament.', ['"reform"']),
        (SCARE_QUOTES, "The “peace plan” of the minister failed.", ["“peace plan”"]),
        (SCARE_QUOTES, 'The word "reform" has three vowels.', []),
        (SCARE_QUOTES, 'He called it "shameful" on Friday.', []),
        (SCARE_QUOTES, '"The road is closed and will stay closed," a spokesman said.', []),
        (SCARE_QUOTES, 'She read "Silent Spring" to the class.', []),
        # a question counts in running text
        (QUESTION, "It rained. Who would believe that? Nobody.", ["Who would believe that?"]),
        (QUESTION, '"Is the road closed?" a reporter asked.', []),
        (QUESTION, "Q: Is the road closed?", []),
        (QUESTION, "The road is closed.", []),
    ],
)
def test_cue_of_grammar_or_punctuation(kind, text, cue):
    assert texts(text, kind) == cue


def test_names_are_no_cues():
    assert found("Theresa May met Brutal Records in Savage, Minnesota.") == []


def test_longest_match_takes_its_words():
    assert format_cues(found("It was a war of aggression.")) == "loaded: war of aggression"
    assert texts("The so-called experts met.", CueKind.LABEL) == ["so-called"]


def test_seed_cues_stand_in_the_right_voice(seed):
    parts = segments(seed)
    by_voice = {}
    for part in parts:
        for cue in cues(seed, parts)[part.segment_id]:
            by_voice.setdefault(part.voice.value, set()).add((cue.kind.value, cue.text))
    assert ("label", "coup") in by_voice["commentator"]
    assert ("loaded", "wars of aggression") in by_voice["commentator"]
    assert ("attribution_neutral", "told") in by_voice["author"]
    assert not {kind for kind, _ in by_voice["author"]} & {"loaded", "scare_quotes"}


def test_credit_has_no_cues():
    article = parse_plain_text("A title\n© Brutal Horrible Photo\n\nIt rains.", article_id="x")
    assert not any(cues(article, segments(article)).values())


TEXT = st.lists(
    st.sampled_from(
        ["The brutal regime", "was seized", '"reform"', "“", "”", "he claimed it", "that",
         "so-called",
         "Why not?", "\n\n", "Comment:", "far-left", "it’s", "by", "may", ";", ",", ".", "…",
         "don’t want you", "\u00a0", "Ünal", "’", "very first", "very", "of course"]
    ),
    min_size=1, max_size=25,
)  # fmt: skip


@settings(max_examples=60)
@given(TEXT)
def test_spans_give_back_their_text_inside_their_segment(pieces):
    article = parse_plain_text("T\n\n" + " ".join(pieces), article_id="x")
    parts = segments(article)
    by_segment = cues(article, parts)
    assert list(by_segment) == [part.segment_id for part in parts]
    for part in parts:
        last = {}
        for cue in by_segment[part.segment_id]:
            assert article.raw[cue.start : cue.end] == cue.text
            assert part.start <= cue.start < cue.end <= part.end
            assert last.get(cue.kind, part.start) <= cue.start
            last[cue.kind] = cue.end
        column = format_cues(by_segment[part.segment_id])
        assert len(column.split("; ")) == max(1, len(by_segment[part.segment_id]))


def frame_of(*rows):
    return pd.DataFrame(rows, columns=["segment_id", "kind", "voice", "text"])


LABEL = Cue(0, 6, CueKind.LABEL, "Regime")


def test_rates_count_words_and_cues_of_each_voice():
    frame = frame_of(
        ("s0", "paragraph", "author", "one " * 150),
        ("s1", "commentary", "commentator", "two " * 50),
        ("s2", "credit", "author", "three " * 9),
    )
    table = rates(frame, {"s0": (LABEL, LABEL, replace(LABEL, text="coup")), "s1": ()})
    assert len(table) == 2 * len(CueKind)
    author = table[(table.voice == "author") & (table.kind == "label")].iloc[0]
    assert (author["count"], author.words, author.texts) == (3, 150, "regime; coup")
    assert author.rate == pytest.approx(2.0)
    # Garwood 1936: for a count of 3 the interval is 0.6187 to 8.7673
    assert author.low == pytest.approx(0.6187 / 1.5, abs=1e-3)
    assert author.high == pytest.approx(8.7673 / 1.5, abs=1e-3)


def test_none_found_is_not_none_used():
    frame = frame_of(("s0", "paragraph", "author", "one " * 100))
    row = rates(frame, {}).iloc[0]
    assert (row["count"], row.rate, row.low) == (0, 0, 0)
    assert row.high == pytest.approx(3.6889, abs=1e-3)  # Garwood 1936


@given(st.integers(0, 40), st.integers(1, 400), st.floats(0.5, 0.99))
def test_interval_holds_the_rate_and_widens_with_the_level(count, n, level):
    frame = frame_of(("s0", "paragraph", "author", "one " * n))
    low, high = (rates(frame, {"s0": (LABEL,) * count}, c).set_index("kind").loc["label"]
                 for c in (level, (1 + level) / 2))  # fmt: skip
    assert high.low <= low.low <= low.rate <= low.high <= high.high


def test_an_empty_frame_has_no_rates():
    assert rates(frame_of(), {}).empty


def test_column_parts_at_no_semicolon_of_the_text():
    cue = Cue(0, 9, CueKind.RHETORICAL_QUESTION, "Why;  so\nsoon?")
    assert format_cues([cue, LABEL]) == "rhetorical_question: Why, so soon?; label: Regime"
    assert charged_words([replace(LABEL, kind=CueKind.HEDGE), LABEL]) == ["Regime"]
    assert re.fullmatch("", format_cues([]))


@pytest.mark.parametrize(
    "text",
    [
        'The move was branded "a shameful farce" by the opposition leader.',
        'It was described as "reckless" by the mayor.',
        'It was called a "power grab" by Republicans.',
    ],
)
def test_words_in_marks_are_anothers_and_who_said_them_is_named(text):
    assert [c for c in found(text) if c.kind in CHARGED and c.kind is not SCARE_QUOTES] == []
    assert texts(text, PASSIVE) == []


def test_a_by_of_another_verb_or_of_a_day_names_nobody():
    assert texts("It was moved to a house built by Romans.", PASSIVE) == ["was moved"]
    assert texts("It was moved to the town by Friday.", PASSIVE) == ["was moved"]
