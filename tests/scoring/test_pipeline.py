import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import analysis as cp
from analysis.frames import SCHEMAS
from analysis.params import report_params
from analysis.readers.plain_text import parse_plain_text
from analysis.report.views import as_object, as_text
from analysis.scorers import ScorerInfo
from analysis.types import Task


class Fixed:
    """A scorer that always gives the same row, calibrated, and keeps what it was asked."""

    def __init__(self, **rows):
        self.rows = rows
        self.asked = {}
        self.info = ScorerInfo(
            "fixed", "1", "for tests", frozenset(Task), {Task.STANCE: 0.5, Task.RELATION: 0.5}
        )

    def predict(self, task, rows):
        self.asked[task] = list(rows)
        row = self.rows.get(task.value, [1 / len(task.labels)] * len(task.labels))
        return np.tile(np.array(row, dtype=float), (len(rows), 1))


def test_frames_of_the_seed_are_the_designs(seed_result):
    for name, schema in SCHEMAS.items():
        frame = seed_result.frames[name]
        assert list(frame.columns) == list(schema.columns)
        schema.validate(frame)
        assert (frame["article_id"] == "000_9da5be969268c11d").all()


def test_seed_has_four_relations_and_one_comparison_a_target(seed, seed_result):
    relations = seed_result.relations
    assert len(relations) == 4
    for row in relations.itertuples():
        assert seed.raw[row.passage_start : row.passage_end] == row.passage
    assert relations["confidence"].isna().all()
    assert not relations["abstained"].any()
    assert list(seed_result.comparison["target"]) == [t.name for t in seed_result.targets]


def test_a_segment_is_scored_toward_what_it_speaks_of_with_its_own_word():
    article = cp.read("seeds/000_9da5be969268c11d.txt")
    scorer = Fixed()
    result = cp.score(article, targets=["United States"], scorer=scorer)
    texts = result.segments.set_index("segment_id")["text"].to_dict()
    texts |= result.relations.set_index("commentary_id")["commentary"].to_dict()
    assert len(result.stances) == len(scorer.asked[Task.STANCE]) > 3
    for row, (text, form) in zip(
        result.stances.itertuples(), scorer.asked[Task.STANCE], strict=True
    ):
        assert texts[row.segment_id or row.commentary_id] == text
        assert form in text or row.commentary_id
    assert {"US", "U.S."} <= {form for _, form in scorer.asked[Task.STANCE]}


def test_calibrated_scorer_has_confidence_and_abstains(own):
    article = own("comment_quotes_article")
    sure = cp.score(article, scorer=Fixed(relation=[0.2, 0.7, 0.1]), targets=["quay"])
    assert list(sure.relations["confidence"]) == [0.7]
    assert not sure.relations["abstained"].any()
    at_threshold = cp.score(article, scorer=Fixed(relation=[0.25, 0.5, 0.25]), targets=["quay"])
    assert not at_threshold.relations["abstained"].any()
    unsure = cp.score(article, scorer=Fixed(stance=[0.4, 0.35, 0.25]), targets=["quay"])
    assert len(unsure.stances) >= 2
    assert unsure.stances["abstained"].all()
    rows = unsure.comparison
    assert rows["author_n"].sum() > 0
    assert rows["author_score"].tolist() == pytest.approx([0.05])  # without a label, with a score


def test_uncalibrated_scorer_abstains_only_where_it_has_no_answer(own):
    scorer = Fixed(relation=[0.4, 0.35, 0.25])
    scorer.info = replace(scorer.info, calibrated=frozenset())
    article = own("comment_quotes_article")
    relations = cp.score(article, scorer=scorer, targets=["quay"]).relations
    assert relations["confidence"].isna().all()
    assert not relations["abstained"].any()
    scorer.rows = {"relation": [float("nan")] * 3}
    unanswered = cp.score(article, scorer=scorer, targets=["quay"])
    assert unanswered.relations["abstained"].all()


QUAY = (
    "Brandt opened the quay in Oslo.\n\nComment: She should be ashamed. It was late.\n\n"
    "Weber left Brandt alone.\n\nComment: Brandt stayed. He had to."
)


def test_comment_stance_is_scored_once_of_the_whole_comment():
    article = parse_plain_text(QUAY, article_id="x")
    scorer = Fixed()
    stances = cp.score(article, targets=["Brandt"], scorer=scorer).stances
    rows = stances[stances.voice == "commentator"]
    assert rows[["segment_id", "commentary_id", "derived"]].values.tolist() == [
        ["", "b0001", False],
        ["", "b0003", False],
    ]
    asked = [text for text, _ in scorer.asked[Task.STANCE]]
    assert "She should be ashamed. It was late." in asked  # named by the user, not by the comment
    assert "Brandt stayed. He had to." in asked
    assert "Brandt stayed." not in asked


def test_target_that_no_sentence_names_is_scored_of_the_whole_passage():
    article = parse_plain_text(QUAY, article_id="x")
    scorer = Fixed()
    result = cp.score(article, targets=["harbour fees"], scorer=scorer)
    author = result.stances[result.stances.voice == "author"]
    assert author.segment_id.tolist() == ["s0000", "s0003"]
    asked = [text for text, _ in scorer.asked[Task.STANCE]]
    assert asked[:2] == ["Brandt opened the quay in Oslo.", "Weber left Brandt alone."]


def test_passages_that_overlap_are_asked_once():
    said = "It rained hard all day.", "The old bridge was closed.", "It cleared up at night."
    quoted = [" ".join(said[:n]) for n in (1, 2, 3)]
    text = "\n\n".join([quoted[-1], *(f"Comment: “{words}” No." for words in quoted)])
    scorer = Fixed()
    article = parse_plain_text(text, article_id="x")
    result = cp.score(article, targets=["immigration"], scorer=scorer)
    assert result.relations.passage.tolist() == quoted
    assert (result.stances.voice == "author").sum() == 1
    assert (quoted[-1], "immigration") in scorer.asked[Task.STANCE]


def test_comment_that_names_no_target_derives_its_stance_from_relation_and_passage():
    text = (
        "NATO opened the quay. NATO left.\n\nComment: What a shame. It was late.\n\n"
        "Weber met NATO envoys.\n\nComment: NATO stayed away."
    )
    scorer = Fixed(relation=[0.2, 0.7, 0.1], stance=[0.5, 0.3, 0.2])
    result = cp.score(parse_plain_text(text, article_id="x"), scorer=scorer)
    derived = result.stances[result.stances.derived]
    assert derived[["segment_id", "commentary_id", "target"]].values.tolist() == [
        ["", "b0001", "NATO"]
    ]
    (row,) = derived.itertuples()
    assert row.p_favor == pytest.approx(0.2 * 0.5 + 0.7 * 0.3)
    assert row.p_against == pytest.approx(0.2 * 0.3 + 0.7 * 0.5)
    assert row.p_none == pytest.approx(1 - row.p_favor - row.p_against)
    assert row.label == "against"
    assert math.isnan(row.confidence)
    nato = result.comparison.query("target == 'NATO'").iloc[0]
    assert nato.commentator_n == 1  # a derived stance enters no mean
    assert nato.commentator_score == pytest.approx(0.2)


def test_no_commentary(own):
    result = cp.score(own("no_commentary"), targets=["council"], scorer="embedded-small")
    assert result.relations.empty
    assert result.comparison["commentator_n"].tolist() == [0]


def test_nothing_but_commentary(own):
    result = cp.score(own("only_commentary"), scorer="embedded-small")
    assert result.relations["abstained"].all()
    assert (result.segments["voice"] == "commentator").all()


def test_credit_is_not_scored(seed_result):
    credit = seed_result.segments.query("kind == 'credit'")["segment_id"]
    assert len(credit) == 1
    assert not seed_result.bias["segment_id"].isin(credit).any()


def test_object_is_json_and_loses_nothing(seed, seed_result):
    found = json.loads(json.dumps(as_object(seed_result), allow_nan=False))
    assert list(found) == ["article", "scorer", "model", *SCHEMAS]
    assert found["scorer"]["vouched"] is True
    assert found["article"]["id"] == "000_9da5be969268c11d"
    position = 0
    for block in found["article"]["blocks"]:
        assert not seed.raw[position : block["start"]].strip()
        assert seed.raw[block["start"] : block["end"]] == block["text"]
        position = block["end"]
    assert not seed.raw[position:].strip()
    for segment in found["segments"]:
        assert seed.raw[segment["start"] : segment["end"]] == segment["text"]
    assert found["relations"][0]["confidence"] is None
    p = [found["relations"][0][f"p_{label}"] for label in Task.RELATION.labels]
    assert sum(p) == pytest.approx(1)


def test_text_view_calls_an_abstained_relation_unclear(own):
    article = own("comment_quotes_article")
    sure, unsure = (
        as_text(cp.score(article, ["quay"], scorer=Fixed(relation=row)))
        for row in ([0.2, 0.7, 0.1], [0.4, 0.35, 0.25])
    )
    assert " disagree " in sure
    assert " unclear " in unsure
    assert " agree " not in unsure


def test_text_view_names_every_target(seed_result):
    text = as_text(seed_result)
    assert all(target.name in text for target in seed_result.targets)


def test_views_say_where_figures_are_not_validated(seed_result):
    german = replace(seed_result, article=replace(seed_result.article, language="de"))
    found = as_object(german)
    assert found["scorer"]["vouched"] is False
    assert found["scorer"]["languages"] == ["en"]
    assert found["article"]["language"] == "de"
    assert "language German: the figures are validated only in English" in as_text(german)
    assert "validated" not in as_text(seed_result)


def test_tables_are_written_and_come_back(tmp_path, seed_path):
    result = cp.run(
        report_params(article=str(seed_path), tables=str(tmp_path / "t"), targets="NATO")
    )
    assert sorted(p.name for p in (tmp_path / "t").iterdir()) == sorted(
        f"{name}.{ending}" for name in SCHEMAS for ending in ("csv", "parquet")
    )
    for name, frame in result.frames.items():
        pd.testing.assert_frame_equal(
            pd.read_parquet(tmp_path / "t" / f"{name}.parquet"), frame, check_dtype=False
        )


def test_two_runs_agree(seed, seed_result):
    again = cp.score(seed, scorer="lexicon")
    for name, frame in seed_result.frames.items():
        pd.testing.assert_frame_equal(frame, again.frames[name])
