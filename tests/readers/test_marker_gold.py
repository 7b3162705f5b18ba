"""Comments and commentators on articles marked in many ways, and ordinary ones that look so."""

import json
from pathlib import Path

import pytest

from analysis.alignment.align import commentaries
from analysis.readers import read

GOLD = Path(__file__).parents[2] / "data" / "gold"
HALVES = ("blind", "own")
LEAST = 0.95


def folded(text):
    return " ".join(text.split())


def gold(half):
    lines = (GOLD / "markers" / half / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("half", HALVES)
def test_comments_are_found_with_their_names(half):
    right = wanted = 0
    for row in gold(half):
        article = read(GOLD / "markers" / half / row["file"], identify_language=False)
        assert article.title == row["title"], row["file"]
        found = [(folded(c.text), c.commentator) for c in commentaries(article)]
        assert len(found) <= len(row["comments"]), row["file"]
        for comment in row["comments"]:
            start, name = folded(comment["starts"]), comment["commentator"]
            right += any(text.startswith(start) and who == name for text, who in found)
            wanted += 1
    assert right >= LEAST * wanted, f"{right} of {wanted}"


@pytest.mark.parametrize("half", HALVES)
def test_the_card_counts_what_is_there(half):
    rows = [row for row in gold(half) if row["comments"]]
    assert len(rows) >= 30
    assert len({row["style"] for row in rows}) >= 15
    assert len(list((GOLD / "markers" / half / "plain").iterdir())) >= 30


@pytest.mark.parametrize("half", HALVES)
def test_ordinary_articles_have_no_commentary(half):
    for path in sorted((GOLD / "markers" / half / "plain").iterdir()):
        assert not commentaries(read(path, identify_language=False)), path.name


def test_the_voices_texts_have_no_commentary_but_what_is_marked():
    texts = [p for name in ("dev", "held-out") for p in (GOLD / "voices" / name).glob("*.txt")]
    plain = [p for p in texts if "comment:" not in p.read_text(encoding="utf-8").lower()]
    assert len(plain) > 5
    for path in plain:
        assert not commentaries(read(path, identify_language=False)), path.name
