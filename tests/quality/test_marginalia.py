import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.quality import marginalia
from analysis.scorers import ScorerInfo
from analysis.scoring.pipeline import score
from analysis.types import Alignment, Kind, Task

TWO_BLOCKS = Path(__file__).with_name("two_blocks.jsonl")
BRIDGE, VALLEY = map(json.loads, TWO_BLOCKS.read_text(encoding="utf-8").splitlines())


class Reader:
    """Right everywhere but in what the desert says: against, and agreeing with the meeting."""

    info = ScorerInfo("reader", "1", "made for a test")

    def predict(self, task, rows):
        return np.array([self.probabilities(task, row) for row in rows])

    def probabilities(self, task, row):
        if task is Task.BIAS:
            return [0.5, 0.5]
        label = self.relation(*row) if task is Task.RELATION else self.stance(row[0])
        return [0.9 if label == name else 0.05 for name in task.labels]

    def stance(self, text):
        if "triumph" in text:
            return "favor"
        return "against" if "disgrace" in text or "desert" in text else "none"

    def relation(self, passage, comment):
        if "meeting" in passage:
            return "agree" if "desert" in comment else "neutral"
        if "flooded" in passage:
            return "disagree" if "desert" in comment else "neutral"
        return "agree" if self.stance(passage) == self.stance(comment) else "disagree"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "bench.jsonl"
    path.write_text(f"{json.dumps(BRIDGE)}\n\n{json.dumps(VALLEY)}\n", encoding="utf-8")
    return path


@pytest.fixture
def blocks(file):
    return marginalia.read_blocks(file)


@pytest.fixture
def found(blocks):
    return marginalia.evaluate(Reader(), blocks, marginalia.article_requests(blocks))


def test_relation_by_hand(found):
    relation = found["relation"]
    assert relation["n"] == 10
    assert relation["accuracy"] == pytest.approx(0.9)
    assert relation["confusion"]["neutral"] == {"agree": 1, "disagree": 0, "neutral": 2}
    assert relation["macro_f1"] == pytest.approx((6 / 7 + 1 + 4 / 5) / 3)
    assert relation["blocks_right"] == 0.5


def test_stance_by_hand(found):
    stance = found["stance"]
    assert {name: part["n"] for name, part in stance.items()} == {
        "all": 9, "passages": 4, "comments": 5,
    }  # fmt: skip
    assert stance["passages"]["macro_f1"] == 1
    assert stance["comments"]["macro_f1"] == pytest.approx((2 / 3 + 4 / 5 + 1) / 3)
    assert stance["all"]["confusion"]["favor"] == {"favor": 2, "against": 1, "none": 0}


def test_divergence_by_hand(found):
    # gold -4/3, 2/3, 1/2, 3/2; measured -17/15, 17/30, -17/40, 17/40
    divergence = found["divergence"]
    assert (divergence["n"], divergence["sign_n"], divergence["figure_n"]) == (4, 4, 4)
    assert divergence["sign_right"] == 0.75
    assert divergence["pearson"] == pytest.approx(0.8810, abs=1e-4)
    assert divergence["spearman"] == pytest.approx(0.8)
    assert (divergence["interval_n"], divergence["interval_coverage"]) == (2, 1.0)


def test_a_missing_figure_is_a_wrong_sign_and_a_small_gold_has_none():
    nan = float("nan")
    pairs = pd.DataFrame(
        [
            (1.0, 0.2, 0.1, 0.9),  # right; the interval misses
            (-0.5, -1e-12, -1.0, 1.0),  # no sign; the interval holds it
            (1.5, nan, nan, nan),
            (0.4, -0.3, nan, nan),  # too small a gold to ask for its sign
        ],
        columns=["gold", "divergence", "ci_low", "ci_high"],
    )
    found = marginalia.divergence_metrics(pairs)
    assert (found["n"], found["sign_n"], found["figure_n"]) == (4, 3, 3)
    assert found["sign_right"] == pytest.approx(1 / 3)
    assert (found["interval_n"], found["interval_coverage"]) == (2, 0.5)
    assert found["spearman"] == pytest.approx(0.5)
    found = marginalia.divergence_metrics(pairs[2:3])
    assert found["pearson"] is None
    assert found["interval_coverage"] is None
    assert found["sign_right"] == 0


def test_articles_hold_a_passage_and_every_comment_on_it(blocks):
    requests = marginalia.article_requests(blocks)
    assert [r.article.article_id for r in requests] == ["t1-A", "t1-B", "t2-A", "t2-B"]
    for one in requests:
        (passage,) = one.article.of_kind(Kind.PARAGRAPH)
        assert all(b.text == one.article.raw[b.start : b.end] for b in one.article.blocks)
        assert {p.text for _, p in one.commentaries} == {passage.text}
        assert {p.alignment for _, p in one.commentaries} == {Alignment.ANCHOR}
    assert [c.text for c, _ in requests[2].commentaries] == [c.text for c in blocks[1].comments]


def test_divergence_is_that_of_score(blocks):
    (one, *_) = marginalia.article_requests(blocks)
    comparison = score(one.article, ["Norwick"], scorer=Reader()).comparison
    assert comparison["divergence"].item() == pytest.approx(-17 / 15)


def test_baselines_stand_beside_the_scorer(file):
    measured = marginalia.bench(["lexicon"], file)
    assert list(measured) == ["lexicon", "majority"]
    majority = measured["majority"]
    assert majority["relation"]["accuracy"] == pytest.approx(0.4)
    assert majority["stance"]["all"]["accuracy"] == pytest.approx(4 / 9)
    assert majority["divergence"]["sign_right"] == 0
    assert majority["divergence"]["pearson"] is None


def test_baselines_are_fitted_to_the_train_blocks_beside_the_file_alone(file, monkeypatch):
    other = json.dumps(BRIDGE | {"block": "t3"}).replace("Norwick", "Southwick")
    train = file.with_name("train.jsonl")
    train.write_text(f"{other}\n")
    fitted = []
    for name in ("tfidf", "MajorityScorer"):
        made = getattr(marginalia, name)

        def kept(task, *given, made=made):
            fitted.append((task, *given))
            return made(task, *given)

        monkeypatch.setattr(marginalia, name, kept)
    measured = marginalia.bench(["lexicon"], file)
    assert list(measured) == ["lexicon", "majority", "tf-idf"]
    assert measured["tf-idf"]["relation"]["n"] == 10
    blocks = marginalia.read_blocks(train)
    relation = marginalia.relation_rows(blocks)
    stance = marginalia.stance_rows(blocks, "passages", "comments")
    assert sorted(fitted, key=str) == sorted(
        [
            (Task.RELATION, relation[1]),
            (Task.STANCE, stance[1]),
            (Task.RELATION, *relation),
            (Task.STANCE, *stance),
        ],
        key=str,
    )
    assert not set(relation[0]) & set(marginalia.relation_rows(marginalia.read_blocks(file))[0])
    assert "tf-idf" not in marginalia.bench(["lexicon"], train)


def test_rows_are_numbers_of_blocks(file, tmp_path):
    rows = tmp_path / "rows.json"
    rows.write_text('{"rows_from_0": [1]}')
    (only,) = marginalia.read_blocks(file, rows)
    assert only.block == "t2"
    rows.write_text('{"rows_from_0": [2]}')
    with pytest.raises(InputError, match="past the last of 2"):
        marginalia.read_blocks(file, rows)


def changed(*path, to):
    made = json.loads(json.dumps(VALLEY))
    place = made
    for step in path[:-1]:
        place = place[step]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return json.dumps(made)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "Invalid JSON"),
        ("[1]", "should be an object"),
        (changed("comments", 0, "relation", "A", to="maybe"), "relation.A: found 'maybe'"),
        (changed("passages", 1, "stance", "Velden", to="for"), "stance.Velden: found 'for'"),
        (
            changed("comments", 1, "relation", "B", to=None),
            "relation of '2' is to A; expected A, B",
        ),
        (changed("comments", 1, "relation", to=None), "comments.1.relation: Field required"),
        (changed("comments", 0, "stance", to={"Rome": "none"}), "is to Rome; expected Velden"),
        (changed("comments", 0, "stance", to={}), "the stance of '1' is to nothing"),
        (changed("targets", to=["Velden", "Velden"]), "a target twice"),
        (changed("passages", 1, "id", to="A"), "a passage twice"),
        (changed("comments", to=[]), "comments: "),
        (changed("passages", 0, "text", to=" "), "passages.0.text: "),
        (json.dumps(BRIDGE), "found block 't1' twice"),
    ],
)
def test_a_bad_line_is_named(file, line, message):
    with open(file, "a", encoding="utf-8") as out:
        out.write(line + "\n")
    with pytest.raises(InputError) as error:
        marginalia.read_blocks(file)
    assert f"{file}: line 4: " in str(error.value)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_the_shipped_files_share_no_block():
    dev = marginalia.read_blocks()
    train = marginalia.read_blocks(marginalia.DEV.with_name("train.jsonl"))
    assert (len(dev), len(train)) == (207, 989)
    assert not {b.block for b in dev} & {b.block for b in train}
    texts = [{t.text for b in part for t in (*b.passages, *b.comments)} for part in (dev, train)]
    assert not texts[0] & texts[1]
