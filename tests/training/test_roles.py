import json
import re
from collections import Counter
from pathlib import Path

import pytest

from training import roles, synthetic

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def news(tmp_path_factory):
    root = tmp_path_factory.mktemp("news")
    path = root / "stance/newsmtsc/train.jsonl"
    path.parent.mkdir(parents=True)
    told = [
        ("Maria Lopez", "Maria Lopez sued Tom Fry, who lied to her.", "favor"),
        ("Tom Fry", "Maria Lopez sued Tom Fry, who lied to her.", "against"),
        ("Tom", "Tom met Maria Lopez and Tom Fry.", "none"),
        ("Maria Lopez", "Tom met Maria Lopez and Tom Fry.", "none"),
        ("he", "Yesterday he left.", "none"),
    ]
    path.write_text(
        "".join(json.dumps({"target": t, "text": x, "label": y}) + "\n" for t, x, y in told)
    )
    return root


def test_each_sentence_comes_with_both_names_in_both_roles(news):
    rows = synthetic.make("stance/made_roles", news, count=400, seed=5)
    assert rows == synthetic.make("stance/made_roles", news, count=400, seed=5)
    assert len(rows) == 400
    for start in range(0, 400, 4):
        a, b, b_first, a_second = rows[start : start + 4]
        assert {a.first, b.first} == {b_first.first, a_second.first}
        assert a.first != b.first
        assert (a.shares, b.shares) == (b_first.shares, a_second.shares)
        assert a.second != b_first.second
        assert a.second == b.second


def test_no_name_has_a_leaning_of_its_own(news):
    rows = synthetic.make("stance/made_roles", news, count=4000, seed=5)
    lean, often = Counter(), Counter()
    for row in rows:
        lean[row.first] += row.shares[0] - row.shares[1]
        often[row.first] += 1
    whole = sum(lean.values()) / len(rows)
    common = [name for name, count in often.items() if count >= 60]
    assert len(common) > 10
    assert all(abs(lean[name] / often[name] - whole) < 0.35 for name in common)


def test_shares_add_up_and_texts_hold_the_name(news):
    for row in synthetic.make("stance/made_roles", news, count=800, seed=6):
        assert sum(row.shares) == pytest.approx(1)
        assert row.first in row.second
        assert not re.search(r"[{}|]", row.second)


def words_in_a_row(text, size=5):
    words = re.findall(r"[a-z{}']+", text.lower())
    return {" ".join(words[i : i + size]) for i in range(len(words) - size + 1)}


def test_frames_share_no_five_words_with_the_audit_or_the_seed():
    audit = (ROOT / "analysis/data/swap_audit.yaml").read_text("utf-8")
    seed = next((ROOT / "seeds").glob("*.txt")).read_text("utf-8")
    taken = words_in_a_row(audit) | words_in_a_row(seed)
    assert len(taken) > 500
    for frame, _, _ in roles.FRAMES:
        assert not words_in_a_row(frame) & taken, frame
    for options in roles.WORDS.values():
        assert not words_in_a_row(options.replace("|", " . ")) & taken


def test_names_that_change_places_take_the_labels_with_them(news):
    rows = synthetic.make("stance/made_turned", news, count=99, seed=1)
    assert [(row.first, row.label) for row in rows] == [
        ("Maria Lopez", "favor"),
        ("Tom Fry", "against"),
        ("Tom Fry", "favor"),
        ("Maria Lopez", "against"),
    ]
    assert rows[2].second == rows[3].second == "Tom Fry sued Maria Lopez, who lied to her."
