import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.frames import COMPARISON, STANCES, conform
from analysis.scoring import compare
from analysis.scoring.compare import (
    _expanded_percentiles,
    across_articles,
    by_speaker,
    comparison_rows,
    divergence_interval,
    mean,
)


def stances(*rows):
    """Make a stances frame of (voice, target, score, confidence, abstained) rows."""
    return conform(
        [
            {
                "article_id": "a", "segment_id": f"s{i}", "voice": voice, "speaker": "",
                "target": target, "label": "none", "p_favor": max(score, 0.0),
                "p_against": max(-score, 0.0), "p_none": 1 - abs(score), "score": score,
                "commentary_id": "", "derived": False,
                "confidence": confidence, "abstained": abstained, "scorer": "x",
            }
            for i, (voice, target, score, confidence, abstained) in enumerate(rows)
        ],
        STANCES,
    )  # fmt: skip


NAN = float("nan")
ROWS = [
    ("author", "NATO", 0.5, NAN, False),
    ("author", "NATO", 0.3, NAN, False),
    ("author", "NATO", 0.3, NAN, False),
    ("author", "NATO", 0.1, NAN, False),
    ("commentator", "NATO", -0.5, NAN, False),
    ("commentator", "NATO", -0.6, NAN, False),
    ("commentator", "NATO", -0.6, NAN, False),
    ("commentator", "NATO", -0.7, NAN, False),
    ("quoted", "NATO", 1.0, NAN, False),
    ("cited", "NATO", 1.0, NAN, False),
    ("author", "Russia", 0.2, NAN, False),
]


def compared(rows, targets=("NATO",), **options):
    compared = comparison_rows(stances(*rows), targets, article_id="a", scorer="x", **options)
    return conform(compared, COMPARISON)


def test_quoted_and_cited_are_not_counted():
    (row,) = compared(ROWS).to_dict("records")
    assert row["author_score"] == pytest.approx(0.3)
    assert row["commentator_score"] == pytest.approx(-0.6)
    assert row["divergence"] == pytest.approx(-0.9)
    assert (row["author_n"], row["commentator_n"]) == (4, 4)
    assert row["ci_low"] <= row["divergence"] <= row["ci_high"]


def test_confidence_weighs():
    rows = [("author", "NATO", 1.0, 0.9, False), ("author", "NATO", 0.0, 0.3, False)]
    assert compared(rows)["author_score"][0] == pytest.approx(0.75)


UNSURE = [
    ("author", "NATO", 0.8, 0.9, False),
    ("author", "NATO", -0.4, 0.3, True),
    ("commentator", "NATO", -0.6, 0.6, False),
    ("commentator", "NATO", 0.2, 0.4, True),
    ("commentator", "NATO", 0.0, 0.4, True),
]


def test_an_abstained_segment_counts_by_its_confidence():
    (row,) = compared(UNSURE).to_dict("records")
    assert row["author_score"] == pytest.approx((0.72 - 0.12) / 1.2)
    assert row["commentator_score"] == pytest.approx((-0.36 + 0.08) / 1.4)
    assert row["divergence"] == pytest.approx(-0.7)
    assert (row["author_n"], row["commentator_n"]) == (2, 3)


def test_sides_of_which_all_is_abstained_have_a_score():
    (row,) = compared([r for r in UNSURE if r[-1]]).to_dict("records")
    assert (row["author_score"], row["author_n"]) == (pytest.approx(-0.4), 1)
    assert (row["commentator_score"], row["commentator_n"]) == (pytest.approx(0.1), 2)


@pytest.mark.parametrize("abstained", [True, False])
def test_a_label_withheld_moves_no_average_and_no_interval(abstained):
    rows = [*UNSURE, ("author", "NATO", 0.1, 0.5, False)]  # three a side, so an interval
    marked = [(*row[:-1], abstained) for row in rows]
    assert not compared(rows)["ci_low"].isna().any()
    pd.testing.assert_frame_equal(compared(marked), compared(rows))


def test_one_segment_gives_no_interval_and_none_no_score():
    row = compared(ROWS, ["Russia"]).iloc[0]
    assert row["author_score"] == pytest.approx(0.2)
    assert pd.isna(row["commentator_score"])
    assert pd.isna(row["divergence"])
    assert pd.isna(row["ci_low"])


def test_seed_decides_and_another_target_changes_nothing():
    one = compared(ROWS, seed=1)
    pd.testing.assert_frame_equal(one, compared(ROWS, seed=1))
    more = compared(ROWS, ["Russia", "NATO"], seed=1)
    assert more.iloc[1]["ci_low"] == one.iloc[0]["ci_low"]


def test_higher_level_is_wider():
    wide, narrow = (compared(ROWS, confidence_level=level).iloc[0] for level in (0.99, 0.6))
    assert wide["ci_high"] - wide["ci_low"] > narrow["ci_high"] - narrow["ci_low"]


@pytest.mark.parametrize("n", [4, 12])
@pytest.mark.parametrize("confidences", [[1.0], [0.4, 0.6, 0.8, 0.95], [0.35, 0.35, 0.95]])
def test_interval_covers_the_truth_about_as_often_as_it_says(n, confidences):
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(150):
        weights = rng.choice(confidences, (2, n))  # the surer, the further from 0
        scores = rng.normal(0.2, 0.3, (2, n)) * weights
        sides = np.stack([scores, weights], axis=-1)
        low, high = divergence_interval(*sides, 0.9, rng)
        hits += low <= 0 <= high
    assert 0.82 <= hits / 150 <= 0.98


@pytest.mark.parametrize(("n", "tail"), [(5, 0.00095), (10, 0.0086), (20, 0.0159)])
def test_tails_shrink_as_students_interval_widens(n, tail):
    """The tails of a 95% interval, as Hesterberg (2015) tabulates them."""
    ends = _expanded_percentiles(np.linspace(0, 1, 100_001), n, 0.95)
    assert ends == pytest.approx((tail, 1 - tail), abs=1e-4)


@pytest.mark.parametrize(("weight", "reaches"), [(0.0, 0.0), (1.0, 1.0)])
def test_interval_weighs_by_confidence_and_draws_every_value(weight, reaches):
    author = np.column_stack([np.zeros(4), np.ones(4)])
    commentator = np.array([[0.0, 1.0], [0.0, 1.0], [0.0, 1.0], [1.0, weight]])
    low, high = divergence_interval(author, commentator, 0.99, np.random.default_rng(0))
    assert (low, high) == (0, reaches)


def test_no_interval_of_a_side_with_fewer_than_three_values():
    many, few = (np.column_stack([np.zeros(n), np.ones(n)]) for n in (9, 2))
    for sides in ((many, few), (few, many)):
        assert np.isnan(divergence_interval(*sides, 0.95, np.random.default_rng(0))).all()


def test_no_interval_where_no_value_varies():
    author, comments = (np.column_stack([np.full(5, at), np.ones(5)]) for at in (0.0, -1.0))
    rng = np.random.default_rng(0)
    assert np.isnan(divergence_interval(author, comments, 0.95, rng)).all()
    comments[0, 0] = 0.0
    assert not np.isnan(divergence_interval(author, comments, 0.95, rng)).any()


def test_derived_stances_enter_no_mean():
    frame = stances(*ROWS)
    derived = stances(("commentator", "NATO", 1.0, NAN, False)).assign(derived=True)
    one, other = (
        pd.DataFrame(comparison_rows(rows, ["NATO"], article_id="a", scorer="x"))
        for rows in (frame, pd.concat([frame, derived], ignore_index=True))
    )
    pd.testing.assert_frame_equal(one, other)


def test_many_segments_are_resampled_in_bounded_memory(monkeypatch):
    rng, drawn = np.random.default_rng(0), []

    class Counting:
        def integers(self, *bounds, size):
            drawn.append(size)
            return rng.integers(*bounds, size=size)

    monkeypatch.setattr(compare, "CELLS", 100_000)
    many = np.column_stack([np.linspace(-1, 1, 3_000), np.ones(3_000)])
    low, high = divergence_interval(many, many, 0.95, Counting())
    assert -0.1 < low < 0 < high < 0.1
    assert max(map(np.prod, drawn)) <= compare.CELLS
    assert sum(times for times, _ in drawn) == 2 * compare.RESAMPLES


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0.01, 1)), min_size=1))
def test_mean_lies_within_its_scores(rows):
    scored = np.array(rows)
    assert scored[:, 0].min() - 1e-9 <= mean(scored) <= scored[:, 0].max() + 1e-9


def test_no_target_no_row():
    assert compared(ROWS, []).empty


def test_each_quoted_speaker_stands_by_themselves():
    frame = stances(
        ("author", "NATO", 0.5, NAN, False),
        ("quoted", "NATO", -1.0, 0.4, True),
        ("quoted", "NATO", 1.0, 0.9, False),
        ("quoted", "NATO", 0.0, 0.3, True),
        ("commentator", "Russia", 0.2, NAN, False),
    )
    frame.loc[1:3, "speaker"] = ["Weber", "Brandt", "Brandt"]
    rows = by_speaker(frame, ["Russia", "NATO"]).to_dict("records")
    assert [(r["target"], r["voice"], r["speaker"]) for r in rows] == [
        ("Russia", "commentator", ""),
        ("NATO", "author", ""),
        ("NATO", "quoted", "Brandt"),
        ("NATO", "quoted", "Weber"),
    ]
    told = [(r["score"], r["n"], r["abstained"]) for r in rows]
    assert told[2] == (pytest.approx(0.9 / 1.2), 2, 1)  # by confidence, labeled or not
    assert told[3] == (-1.0, 1, 1)
    assert np.isnan(rows[2]["ci_low"])


def articles(*lengths):
    """Make articles of which each has `n` segments a side and a divergence of its own."""
    frames = []
    for number, (n, divergence) in enumerate(lengths):
        rows = [("author", "NATO", 0.0, NAN, False)] * n
        frame = stances(*rows, *[("commentator", "NATO", divergence, NAN, False)] * n)
        frames.append(frame.assign(article_id=f"a{number}"))
    return pd.concat(frames, ignore_index=True)


def test_a_long_article_counts_as_one():
    (row,) = across_articles(articles((100, -1.0), (2, 0.5), (2, 0.5)), ["NATO"]).to_dict("records")
    assert row["articles"] == 3
    assert row["divergence"] == pytest.approx(0.0)
    assert row["ci_low"] == pytest.approx(-1.0)
    assert row["ci_high"] == pytest.approx(0.5)


def test_abstained_segments_count_in_the_mean_of_their_article():
    one = stances(
        ("author", "NATO", 0.5, 0.8, False),
        ("author", "NATO", -0.5, 0.4, True),
        ("commentator", "NATO", -1.0, 0.6, True),
    )
    two = stances(
        ("author", "NATO", 0.0, 0.9, False),
        ("commentator", "NATO", 0.5, 0.9, False),
        ("commentator", "NATO", -0.5, 0.3, True),
    )
    both = pd.concat([one, two.assign(article_id="b")], ignore_index=True)
    (row,) = across_articles(both, ["NATO"]).to_dict("records")
    assert row["articles"] == 2
    assert row["author_score"] == pytest.approx((1 / 6 + 0) / 2)
    assert row["commentator_score"] == pytest.approx((-1 + 0.25) / 2)
    assert row["divergence"] == pytest.approx((-7 / 6 + 1 / 4) / 2)


def test_articles_in_which_one_side_is_silent_do_not_count():
    frame = articles((2, -0.5), (2, -0.5))
    silent = frame[(frame.article_id == "a0") | (frame.voice == "author")]
    (row,) = across_articles(silent, ["NATO"]).to_dict("records")
    assert row["articles"] == 1
    assert np.isnan(row["ci_low"])
    assert across_articles(frame, ["Russia"])["articles"].tolist() == [0]
