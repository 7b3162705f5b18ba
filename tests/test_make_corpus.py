import json
import subprocess
import sys

import pytest

from analysis.readers import read, read_all
from analysis.runs.sitefile import read_site, site_requests
from analysis.types import Kind


@pytest.fixture(scope="module")
def make_corpus(tool):
    return tool("make_corpus")


def test_an_article_is_the_same_however_many_are_made(make_corpus):
    few, many = list(make_corpus.articles(3, 5)), list(make_corpus.articles(9, 5))
    assert few == many[:3]
    assert many[0] != next(make_corpus.articles(1, 6))
    assert len({made["text"] for made in many}) == 9


def test_every_rule_can_be_said_and_leaves_no_symbol(make_corpus):
    texts = " ".join(made["text"] for made in make_corpus.articles(300))
    assert "#" not in texts
    used = {
        symbol
        for text in make_corpus.GRAMMAR.values()
        for symbol in make_corpus.SYMBOL.findall(text)
    }
    assert used <= set(make_corpus.GRAMMAR) | {"target", "Target"}
    assert " a a" not in texts
    for article in (" a " + vowel for vowel in "aeio"):
        assert article not in texts, "an adjective with a vowel needs another article before it"


def test_files_are_articles_with_commentary_and_the_site_file_finds_them(make_corpus, tmp_path):
    paths = make_corpus.write_folder(tmp_path, 12, seed=2)
    articles = [read(path) for path in paths]
    kinds = {block.kind for article in articles for block in article.blocks}
    assert {Kind.TITLE, Kind.PARAGRAPH, Kind.COMMENTARY} <= kinds
    requests = site_requests(read_site(tmp_path / "site.yaml"), tmp_path)
    assert {request.params.article for request in requests} == set(map(str, paths))
    assert {request.about["outlet"] for request in requests} <= set(make_corpus.OUTLETS)
    assert len({request.name for request in requests}) == 12


def test_lines_are_a_table_of_articles(make_corpus, tmp_path):
    path = tmp_path / "corpus.jsonl"
    subprocess.run([sys.executable, make_corpus.__file__, str(path), "--count", "5"], check=True)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines == list(make_corpus.articles(5))
    readings = read_all(path)
    assert len(readings) == 5
    assert dict(readings[0].about)["outlet"] == lines[0]["outlet"]
    comments = sum(text["text"].count("Comment: ") for text in lines)
    found = sum(len(r.article.of_kind(Kind.COMMENTARY)) for r in readings)
    assert found == comments > 0


def test_outlets_lean_and_one_of_them_turns(make_corpus):
    def favorable(outlet, target, half):
        kept = [
            made
            for made in make_corpus.articles(3000, 1)
            if made["outlet"] == outlet and (made["date"] > "2021-12-30") == half
        ]
        name = target[0].upper() + target[1:]
        told = [s for made in kept for s in made["text"].split("\n\n") if s[:8] != "Comment:"]
        good = sum(s.count(f"{name} kept its promises") for s in told)
        bad = sum(s.count(f"{name} broke its promises") for s in told)
        return good - bad

    assert (
        favorable("harbour-gazette", "NATO", False)
        > 0
        > favorable("northern-courier", "NATO", False)
    )
    turning = [favorable("valley-observer", "the United Nations", half) for half in (False, True)]
    assert turning[0] > 0 > turning[1]
