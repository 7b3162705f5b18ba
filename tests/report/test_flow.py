from dataclasses import replace

import html5lib
import numpy as np
import pandas as pd
import pytest

import analysis as cp
from analysis.html.svg import PALETTE
from analysis.readers.plain_text import parse_plain_text
from analysis.report.flow import MAX_PANELS, flow

SVG = "{http://www.w3.org/2000/svg}"


def drawn(figure):
    tree = html5lib.parse(figure._repr_html_(), namespaceHTMLElements=False)
    pictures = tree.findall(".//div[@role='img']/span")
    return [["".join(t.itertext()) for t in p.iter(f"{SVG}text")] for p in pictures]


@pytest.fixture
def unsure(seed_result):
    """The seed's result with confidences, each third row abstained."""
    n = len(seed_result.stances)
    sure = np.where(np.arange(n) % 3, 0.9, 0.35)
    return replace(
        seed_result, stances=seed_result.stances.assign(confidence=sure, abstained=sure < 0.5)
    )


def test_table_holds_the_means_of_all_segments_by_confidence(unsure):
    stances, table = unsure.stances, flow(unsure).data
    assert table.segments.sum() == len(stances)
    assert table.abstained.sum() == stances.abstained.sum() > 0
    assert not table.score.isna().any()
    block_of = unsure.segments.set_index("segment_id").block_id
    row = table[(table.comment == 0) & (table.abstained > 0) & (table.segments > 1)].iloc[0]
    own = stances[
        (stances.target == row.target)
        & (stances.voice == row.voice)
        & (stances.segment_id.map(block_of) == row.block_id)
    ]
    assert row.segments == len(own)
    assert row.score == pytest.approx(np.average(own.score, weights=own.confidence))


def test_halves_in_words_are_weighed_by_confidence(unsure):
    figure = flow(unsure)
    block_of = unsure.segments.set_index("segment_id").block_id
    passage = figure.data[figure.data.comment == 0].set_index("block_id").passage.to_dict()
    author = unsure.stances[(unsure.stances.target == "NATO") & (unsure.stances.voice == "author")]
    half = [b for b, n in passage.items() if n <= len(blocks_of(unsure)) / 2]
    first = author[author.segment_id.map(block_of).isin(half)]
    assert first.abstained.any()
    value = f"{np.average(first.score, weights=first.confidence):.2f}".replace("-", "−")
    assert f"NATO: author {value} in the first half ({len(first)} sentences)" in figure.alt


def blocks_of(result):
    """The article's own blocks that are spoken in, as `flow` numbers them."""
    own = ~result.segments.kind.isin(["commentary", "citation"])
    return list(dict.fromkeys(result.segments[own].block_id))


def test_marks_are_hollow_where_nothing_has_a_label(seed_result):
    hollow = f"var(--cp-paper, {PALETTE['paper']})"
    assert hollow not in flow(seed_result)._repr_html_()
    none = seed_result.stances.assign(confidence=0.4, abstained=True)
    figure = flow(replace(seed_result, stances=none))
    assert hollow in figure._repr_html_()
    assert "Hollow" in figure.caption
    assert not figure.data.score.isna().any()


def test_comments_stand_at_the_passage_that_they_answer(seed_result):
    table = flow(seed_result).data
    said = table[table.comment > 0].drop_duplicates("comment").set_index("comment").sort_index()
    assert said.passage.is_monotonic_increasing
    assert set(said.relation) <= {"agree", "disagree", "neutral", "abstained"}
    block = seed_result.segments.query("text.str.contains('decide its own path')").block_id.iloc[0]
    spoken = dict.fromkeys(
        seed_result.segments[~seed_result.segments.kind.isin(["commentary", "citation"])].block_id
    )
    assert said.passage[1] == list(spoken).index(block) + 1
    own = table[table.comment == 0]
    assert set(own.voice) <= {"author", "quoted"}
    assert set(own.relation) == {""}


def test_each_target_with_two_passages_has_a_panel(seed_result):
    figure = flow(seed_result)
    (texts,) = drawn(figure)
    assert {"Author", "Comments", "NATO", "Russia", "first", "last", "passage"} <= set(texts)
    assert sum(t.name in texts for t in seed_result.targets) <= MAX_PANELS
    assert "disagrees" in texts
    assert "were not tested" in figure.caption


def test_words_say_each_half_of_the_author_and_each_comment(seed_result):
    figure = flow(seed_result)
    assert figure.alt.startswith("Stance through the article’s ")
    rows = figure.data[(figure.data.target == "NATO") & (figure.data.segments > 0)]
    comment = rows[rows.voice == "commentator"].iloc[0]
    value = f"{comment.score:.2f}".replace("-", "−")
    assert f"{value} in comment {comment.comment}" in figure.alt
    last = figure.data.passage.max()
    author = rows[(rows.voice == "author") & (rows.passage <= last / 2)]
    assert f"in the first half ({author.segments.sum()} sentences)" in figure.alt


def test_few_sentences_are_called_too_few_for_a_trend():
    text = "\n\n".join(["NATO talks.", "NATO is a brilliant friend.", "NATO again."])
    figure = flow(cp.score(parse_plain_text(f"A title\n\n{text}", article_id="x"), targets=["NATO"],
                           scorer="lexicon"))  # fmt: skip
    assert "too few for a trend" in figure.alt
    assert "no comment mentions it" in figure.alt


def test_an_article_without_a_stance_to_follow_is_not_drawn(own):
    rain = parse_plain_text("It rained all day.", article_id="rain")
    for article, told in (
        (rain, "No target"),
        (own("only_commentary"), "no article whose stance"),
    ):
        figure = flow(cp.score(article, scorer="lexicon"))
        assert figure.drawings == ()
        assert told in figure.alt


def test_hostile_targets_stay_text(seed_result):
    name = "<script>alert(1)</script>"
    stances = seed_result.stances.replace({"target": {"NATO": name}})
    targets = tuple(replace(t, name=name) if t.name == "NATO" else t for t in seed_result.targets)
    figure = flow(replace(seed_result, stances=stances, targets=targets))
    page = figure._repr_html_()
    assert "<script" not in page
    assert any(t.startswith("<script>") for t in drawn(figure)[0])


def test_data_are_saved_beside_the_picture(seed_result, tmp_path):
    figure = flow(seed_result)
    figure.save(tmp_path)
    saved = pd.read_csv(tmp_path / "figure-flow.csv")
    assert list(saved.columns) == list(figure.data.columns)
    assert len(saved) == len(figure.data) > 0
